//! Where in the application a person is, and how the address says so.
//!
//! The node serves the page at `/` and at `/i`. Places within it are told by the fragment, which no
//! server sees. On `/i` the fragment is a contact link's code; it leaves the address bar as soon as
//! the one it belongs to was written to.

use client_core::view::ContactNumber;

use crate::platform::location::Address;

/// A place in the application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// The list of conversations.
    Home,
    /// One conversation, or what comes before it: preview and first message.
    Conversation(ContactNumber),
    /// The own link, and a field for somebody else's.
    NewContact,
    /// Strangers who wait.
    Requests,
    /// Settings.
    Settings,
    /// The own nodes.
    Nodes,
    /// Moving to another node.
    Move,
    /// Recovery phrase and the copy on the nodes.
    Recovery,
    /// Taking the identity back from who has a copy.
    TakeBack,
    /// Files to keep.
    Backup,
    /// The lock.
    Lock,
    /// Bringing an identity into a browser that has none.
    Restore,
    /// A contact link was opened; the whole address is the link.
    Invite(String),
}

impl Route {
    /// Reads an address. What is not known leads home.
    pub fn parse(address: &Address) -> Self {
        if address.path == "/i"
            && !address.fragment.is_empty()
            && !address.fragment.starts_with('/')
        {
            return Self::Invite(address.href.clone());
        }
        match address.fragment.trim_start_matches('/').split_once('/') {
            Some(("c", number)) => number.parse().map_or(Self::Home, Self::Conversation),
            Some(_) => Self::Home,
            None => match address.fragment.trim_start_matches('/') {
                "new" => Self::NewContact,
                "requests" => Self::Requests,
                "settings" => Self::Settings,
                "nodes" => Self::Nodes,
                "move" => Self::Move,
                "recovery" => Self::Recovery,
                "take-back" => Self::TakeBack,
                "backup" => Self::Backup,
                "lock" => Self::Lock,
                "restore" => Self::Restore,
                _ => Self::Home,
            },
        }
    }

    /// The address of this place.
    pub fn address(&self) -> String {
        match self {
            Self::Home => "/".to_owned(),
            Self::Conversation(number) => format!("/#/c/{number}"),
            Self::NewContact => "/#/new".to_owned(),
            Self::Requests => "/#/requests".to_owned(),
            Self::Settings => "/#/settings".to_owned(),
            Self::Nodes => "/#/nodes".to_owned(),
            Self::Move => "/#/move".to_owned(),
            Self::Recovery => "/#/recovery".to_owned(),
            Self::TakeBack => "/#/take-back".to_owned(),
            Self::Backup => "/#/backup".to_owned(),
            Self::Lock => "/#/lock".to_owned(),
            Self::Restore => "/#/restore".to_owned(),
            Self::Invite(link) => link.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &str, fragment: &str) -> Route {
        let href = format!("https://node.example{path}#{fragment}");
        Route::parse(&Address {
            path: path.into(),
            fragment: fragment.into(),
            href,
        })
    }

    #[test]
    fn every_place_has_an_address_that_leads_back_to_it() {
        for route in [
            Route::Home,
            Route::Conversation(7),
            Route::NewContact,
            Route::Requests,
            Route::Settings,
            Route::Nodes,
            Route::Move,
            Route::Recovery,
            Route::TakeBack,
            Route::Backup,
            Route::Lock,
            Route::Restore,
        ] {
            let address = route.address();
            let (path, fragment) = address.split_once('#').unwrap_or((&address, ""));
            assert_eq!(at(path, fragment), route);
        }
    }

    #[test]
    fn a_contact_link_is_kept_whole() {
        assert_eq!(
            at("/i", "AQID"),
            Route::Invite("https://node.example/i#AQID".into())
        );
        assert_eq!(at("/i", ""), Route::Home);
        assert_eq!(at("/i", "/c/3"), Route::Conversation(3));
    }

    #[test]
    fn what_is_not_known_leads_home() {
        for fragment in ["/c/", "/c/-1", "/c/99999999999", "/c/3/4", "/x", "x/y"] {
            assert_eq!(at("/", fragment), Route::Home, "{fragment}");
        }
    }
}
