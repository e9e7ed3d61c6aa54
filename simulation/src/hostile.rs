//! What hostile nodes and bystanders do: they replay, forge, roll back, and lie about what they hold.

use shared_crypto::bundle::Bundle;
use zechat_node::in_process::{HttpRequest, Method};

use crate::sequence::{NODES, Sequence, Violation, check};

impl Sequence {
    pub(crate) async fn replay(&mut self, which: u64) -> Result<(), Violation> {
        let Some(seen) = pick(&self.world.seen, which) else {
            return Ok(());
        };
        for message in [seen.message, self.world.message_id()] {
            let path = format!("/v1/mailboxes/{}/messages/{message}", seen.mailbox);
            self.put(seen.node, path, seen.envelope.clone()).await;
        }
        Ok(())
    }

    pub(crate) async fn rubbish(&mut self, which: u64) -> Result<(), Violation> {
        let Some(seen) = pick(&self.world.seen, which) else {
            return Ok(());
        };
        let mut envelope = seen.envelope;
        let middle = envelope.len() / 2;
        envelope[middle] ^= 1;
        let message = self.world.message_id();
        let path = format!("/v1/mailboxes/{}/messages/{message}", seen.mailbox);
        self.put(seen.node, path, envelope).await;
        Ok(())
    }

    async fn put(&mut self, node: usize, path: String, body: Vec<u8>) -> Option<u16> {
        let request = HttpRequest {
            method: Method::PUT,
            path,
            headers: Vec::new(),
            body: body.into(),
        };
        let node = self.world.nodes[node].running.as_ref()?;
        Some(node.http(request).await.0)
    }

    /// What a node serves of somebody: the number of the newest record and the bundle.
    pub(crate) async fn served(
        &self,
        who: usize,
        node: usize,
    ) -> Result<Option<(u64, Vec<u8>)>, Violation> {
        let (Some(identity), Some(node)) = (
            self.world.people[who].identity,
            self.world.nodes[node].running.as_ref(),
        ) else {
            return Ok(None);
        };
        let request = HttpRequest {
            method: Method::GET,
            path: format!("/v1/identities/{identity}"),
            headers: Vec::new(),
            body: <_>::default(),
        };
        let (status, body) = node.http(request).await;
        if status != 200 {
            return Ok(None);
        }
        let (chain, _) = Bundle::verify(&body)
            .map_err(|error| Violation(format!("a node serves what does not verify: {error}")))?;
        Ok(Some((chain.number(), body.to_vec())))
    }

    pub(crate) async fn note_records(&mut self, who: usize) -> Result<(), Violation> {
        for node in 0..NODES {
            if let Some((number, bundle)) = self.served(who, node).await? {
                let history = self.history.entry(who).or_default();
                if history.last().is_none_or(|(last, _)| *last < number) {
                    history.push((number, bundle));
                }
            }
        }
        Ok(())
    }

    pub(crate) async fn roll_back(&mut self, who: usize, node: usize) -> Result<(), Violation> {
        self.note_records(who).await?;
        let Some(identity) = self.world.people[who].identity else {
            return Ok(());
        };
        let before = self.served(who, node).await?;
        let path = format!("/v1/identities/{identity}");
        let history = self.history.get(&who).cloned().unwrap_or_default();
        for (_, bundle) in history.iter().take(history.len().saturating_sub(1)) {
            self.put(node, path.clone(), bundle.clone()).await;
        }
        if let Some((_, newest)) = history.last() {
            let mut forged = newest.clone();
            let at = forged.len() / 3;
            forged[at] ^= 1;
            // A node may say that it has these records already: what counts is what it serves, which has to verify.
            self.put(node, path.clone(), forged.clone()).await;
            let served = self.served(who, node).await?;
            check(served.is_none_or(|(_, bundle)| bundle != forged), || {
                "a forged bundle was stored".to_owned()
            })?;
        }
        let after = self.served(who, node).await?;
        let number = |served: &Option<(u64, Vec<u8>)>| served.as_ref().map(|(number, _)| *number);
        check(number(&after) >= number(&before), || {
            format!(
                "node {node} went back on {who}: {:?} to {:?}",
                number(&before),
                number(&after)
            )
        })?;
        self.figures.checks += 2;
        Ok(())
    }

    /// From now on the node answers with the oldest records of somebody.
    pub(crate) async fn serve_old(&mut self, node: usize, who: usize) -> Result<(), Violation> {
        self.note_records(who).await?;
        let oldest = self.history.get(&who).and_then(|history| history.first());
        if let (Some(identity), Some((_, bundle))) = (self.world.people[who].identity, oldest) {
            self.world.nodes[node].lies.records = Some((identity, bundle.clone()));
        }
        Ok(())
    }

    /// From now on the node answers with the newest records of somebody and one more that does not verify.
    pub(crate) async fn serve_forged(&mut self, node: usize, who: usize) -> Result<(), Violation> {
        self.note_records(who).await?;
        let newest = self.history.get(&who).and_then(|history| history.last());
        if let (Some(identity), Some((_, bundle))) = (self.world.people[who].identity, newest) {
            let mut bundle = Bundle::parse(bundle).expect("what a node served");
            let mut forged = bundle.records.last().expect("a chain").clone();
            let middle = forged.0.len() / 2;
            forged.0[middle] ^= 1;
            bundle.records.push(forged);
            self.world.nodes[node].lies.records = Some((identity, bundle.to_bytes()));
        }
        Ok(())
    }
}

fn pick<T: Clone>(list: &[T], which: u64) -> Option<T> {
    let index = which.checked_rem(list.len() as u64)?;
    list.get(usize::try_from(index).ok()?).cloned()
}
