//! Live connections at the same time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use shared_crypto::problem::ProblemCode;

use super::address::ClientAddress;
use crate::service::Refusal;

/// After how many seconds a client may try again.
const RETRY_AFTER_S: u32 = 30;

/// Counts live connections, in all and for each address.
pub struct Connections {
    open: Arc<Mutex<Open>>,
    most: usize,
    most_per_address: usize,
}

#[derive(Default)]
struct Open {
    all: usize,
    addresses: HashMap<ClientAddress, usize>,
}

/// A place among the live connections; free again when this is dropped.
pub struct Held {
    open: Arc<Mutex<Open>>,
    address: Option<ClientAddress>,
}

impl Connections {
    /// With these caps; 0 is none.
    pub fn new(most: usize, most_per_address: usize) -> Self {
        Self {
            open: Arc::default(),
            most,
            most_per_address,
        }
    }

    /// Takes a place.
    ///
    /// # Errors
    /// [`Refusal`] with `too_many_connections`.
    pub fn hold(&self, address: Option<ClientAddress>) -> Result<Held, Refusal> {
        let full =
            |rule| Err(Refusal::from(ProblemCode::TooManyConnections).by(rule, RETRY_AFTER_S));
        let mut open = lock(&self.open);
        if self.most != 0 && open.all >= self.most {
            return full("connections");
        }
        if let Some(address) = address {
            let of_address = open.addresses.entry(address).or_default();
            if self.most_per_address != 0 && *of_address >= self.most_per_address {
                return full("connections_per_address");
            }
            *of_address = of_address.saturating_add(1);
        }
        open.all = open.all.saturating_add(1);
        drop(open);
        Ok(Held {
            open: Arc::clone(&self.open),
            address,
        })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        lock(&self.open).all
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut open = lock(&self.open);
        open.all = open.all.saturating_sub(1);
        if let Some(address) = self.address
            && let Some(of_address) = open.addresses.get_mut(&address)
        {
            *of_address = of_address.saturating_sub(1);
            if *of_address == 0 {
                open.addresses.remove(&address);
            }
        }
    }
}

fn lock(open: &Mutex<Open>) -> MutexGuard<'_, Open> {
    open.lock().unwrap_or_else(|poison| poison.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_given_back() {
        let connections = Connections::new(3, 2);
        let here = ClientAddress::of("203.0.113.1".parse().unwrap());
        let first = connections.hold(here).unwrap();
        let second = connections.hold(here).unwrap();
        let rule = |refused: Result<Held, Refusal>| refused.err().and_then(|refusal| refusal.rule);
        assert_eq!(
            rule(connections.hold(here)),
            Some("connections_per_address")
        );
        let third = connections.hold(None).unwrap();
        assert_eq!(rule(connections.hold(None)), Some("connections"));
        drop((first, third));
        assert_eq!(connections.count(), 1);
        drop((connections.hold(here).unwrap(), second));
        assert_eq!(connections.count(), 0);
        assert!(lock(&connections.open).addresses.is_empty());
    }
}
