//! How far a move is. It is read off the own nodes alone: nothing of it is kept on the page, so it goes
//! on after a reload, in another tab, or days later.

use client_core::view::{ConnectionView, Millis, NodeStep, NodeView};

/// Steps of a move, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The new node is told who we are and which mailboxes we have.
    Join,
    /// Contacts deliver to the new node; what the old one still holds is fetched.
    Empty,
    /// The old node is told that we are gone.
    Leave,
}

/// All steps.
pub const STEPS: [Step; 3] = [Step::Join, Step::Empty, Step::Leave];

/// A move that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The step that it is at.
    pub step: Step,
    /// The node that is left, where it is known already.
    pub from: Option<NodeView>,
    /// The node that is gone to.
    pub to: Option<NodeView>,
}

impl Move {
    /// The move that is under way, if there is one.
    pub fn under_way(nodes: &[NodeView]) -> Option<Self> {
        let at = |step: NodeStep| nodes.iter().find(|node| node.step == step);
        let active = at(NodeStep::Active);
        if let Some(joining) = at(NodeStep::Joining) {
            let mut others = nodes.iter().filter(|node| node.step == NodeStep::Active);
            let only = others.next().filter(|_| others.next().is_none());
            let from = at(NodeStep::Draining).or(only).cloned();
            return Some(Self {
                step: Step::Join,
                from,
                to: Some(joining.clone()),
            });
        }
        let left = |step: Step, from: &NodeView| Self {
            step,
            from: Some(from.clone()),
            to: active.cloned(),
        };
        at(NodeStep::Draining)
            .map(|from| left(Step::Empty, from))
            .or_else(|| at(NodeStep::Leaving).map(|from| left(Step::Leave, from)))
    }

    /// Until when mail may still be on its way to the node that is left.
    pub fn until(&self) -> Option<Millis> {
        self.from.as_ref().and_then(|from| from.remove_at)
    }

    /// Whether the node that is left does not answer: it may be gone for good, and then nobody has to wait for it.
    pub fn is_old_node_silent(&self) -> bool {
        self.step != Step::Join && self.from.as_ref().is_some_and(is_silent)
    }
}

/// Whether a node does not answer, or does not let us in.
pub fn is_silent(node: &NodeView) -> bool {
    matches!(
        node.connection,
        ConnectionView::Offline { .. } | ConnectionView::Refused { .. }
    )
}

/// Nodes that can be left: those that contacts deliver to.
pub fn can_be_left(nodes: &[NodeView]) -> Vec<&NodeView> {
    let active = |node: &&NodeView| node.step == NodeStep::Active;
    nodes.iter().filter(active).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(url: &str, step: NodeStep, connection: ConnectionView) -> NodeView {
        NodeView {
            node: url.into(),
            step,
            connection,
            retention: None,
            remove_at: (step == NodeStep::Draining).then_some(7),
            problem: None,
        }
    }

    fn online(url: &str, step: NodeStep) -> NodeView {
        node(url, step, ConnectionView::Online)
    }

    fn names(it: &Move) -> (Option<&str>, Option<&str>) {
        (
            it.from.as_ref().map(|node| node.node.as_str()),
            it.to.as_ref().map(|node| node.node.as_str()),
        )
    }

    #[test]
    fn who_stays_does_not_move() {
        assert_eq!(Move::under_way(&[]), None);
        let both = [online("a", NodeStep::Active), online("b", NodeStep::Active)];
        assert_eq!(Move::under_way(&both), None);
        assert_eq!(can_be_left(&both).len(), 2);
    }

    #[test]
    fn the_steps_of_a_move_follow_each_other() {
        let a = |step| online("a", step);
        let b = |step| online("b", step);
        let joining = [a(NodeStep::Active), b(NodeStep::Joining)];
        let emptying = [b(NodeStep::Active), a(NodeStep::Draining)];
        let leaving = [b(NodeStep::Active), a(NodeStep::Leaving)];
        for (nodes, step) in [
            (&joining, Step::Join),
            (&emptying, Step::Empty),
            (&leaving, Step::Leave),
        ] {
            let found = Move::under_way(nodes).unwrap();
            assert_eq!(found.step, step);
            assert_eq!(names(&found), (Some("a"), Some("b")));
        }
        assert_eq!(Move::under_way(&emptying).unwrap().until(), Some(7));
        assert_eq!(Move::under_way(&[b(NodeStep::Active)]), None);
    }

    #[test]
    fn with_two_nodes_it_is_not_guessed_which_is_left() {
        let nodes = [
            online("a", NodeStep::Active),
            online("b", NodeStep::Active),
            online("c", NodeStep::Joining),
        ];
        assert_eq!(names(&Move::under_way(&nodes).unwrap()), (None, Some("c")));
    }

    #[test]
    fn an_old_node_that_does_not_answer_is_noticed() {
        let gone = ConnectionView::Offline { retry_at: 1 };
        let nodes = [
            online("b", NodeStep::Active),
            node("a", NodeStep::Draining, gone.clone()),
        ];
        assert!(Move::under_way(&nodes).unwrap().is_old_node_silent());
        let early = [
            node("a", NodeStep::Active, gone),
            online("b", NodeStep::Joining),
        ];
        assert!(!Move::under_way(&early).unwrap().is_old_node_silent());
    }
}
