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
    /// The old node is left. It is told so, which nobody has to wait for.
    Leave,
}

/// All steps.
pub const STEPS: [Step; 3] = [Step::Join, Step::Empty, Step::Leave];

/// What has become of a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Moved,
    /// The new node did not want us, or the person gave it up; the node's code, if there is one.
    Refused(Option<String>),
}

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
        at(NodeStep::Draining).map(|from| Self {
            step: Step::Empty,
            from: Some(from.clone()),
            to: active.cloned(),
        })
    }

    /// What has become of this move, when none is under way any more.
    pub fn outcome(&self, nodes: &[NodeView]) -> Outcome {
        let is_left = |node: &&NodeView| {
            let target = self.to.as_ref().map(|to| &to.node);
            node.step == NodeStep::Leaving && target == Some(&node.node)
        };
        match nodes.iter().find(is_left) {
            Some(node) if self.step == Step::Join => Outcome::Refused(node.problem.clone()),
            _ if self.step == Step::Join && self.has_not_come(nodes) => Outcome::Refused(None),
            _ => Outcome::Moved,
        }
    }

    fn has_not_come(&self, nodes: &[NodeView]) -> bool {
        let target = self.to.as_ref().map(|to| &to.node);
        !nodes.iter().any(|node| Some(&node.node) == target)
    }

    /// Until when mail may still be on its way to the node that is left.
    pub fn until(&self) -> Option<Millis> {
        self.from.as_ref().and_then(|from| from.remove_at)
    }

    /// Whether the node that is left does not answer: it may be gone for good, and then nobody has to wait for it.
    pub fn is_old_node_silent(&self) -> bool {
        self.step == Step::Empty && self.from.as_ref().is_some_and(is_silent)
    }
}

/// Whether a node does not answer, or does not let us in.
pub fn is_silent(node: &NodeView) -> bool {
    matches!(
        node.connection,
        ConnectionView::Offline { .. } | ConnectionView::Refused { .. }
    )
}

/// The node in use that is closed down first, if one is, and when.
pub fn closing(nodes: &[NodeView]) -> Option<(&NodeView, Millis)> {
    can_be_left(nodes)
        .into_iter()
        .filter_map(|node| Some(node).zip(node.closing_at))
        .min_by_key(|(_, at)| *at)
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
            closing_at: None,
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
        for (nodes, step) in [(&joining, Step::Join), (&emptying, Step::Empty)] {
            let found = Move::under_way(nodes).unwrap();
            assert_eq!(found.step, step);
            assert_eq!(names(&found), (Some("a"), Some("b")));
        }
        assert_eq!(Move::under_way(&emptying).unwrap().until(), Some(7));
        let moves = Move::under_way(&emptying).unwrap();
        for nodes in [&leaving[..], &[b(NodeStep::Active)]] {
            assert_eq!(Move::under_way(nodes), None);
            assert_eq!(moves.outcome(nodes), Outcome::Moved);
        }
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
    fn a_new_node_that_does_not_want_us_is_no_move() {
        let a = online("a", NodeStep::Active);
        let moves = Move::under_way(&[a.clone(), online("b", NodeStep::Joining)]).unwrap();
        let mut refused = online("b", NodeStep::Leaving);
        refused.problem = Some("registration_closed".into());
        let code = Some("registration_closed".to_owned());
        assert_eq!(moves.outcome(&[a.clone(), refused]), Outcome::Refused(code));
        assert_eq!(
            moves.outcome(core::slice::from_ref(&a)),
            Outcome::Refused(None)
        );
        assert_eq!(
            moves.outcome(&[a, online("b", NodeStep::Active)]),
            Outcome::Moved
        );
    }

    #[test]
    fn of_the_nodes_in_use_the_one_that_is_closed_first_is_told() {
        let closes = |url, step, at| NodeView {
            closing_at: at,
            ..online(url, step)
        };
        let nodes = [
            closes("a", NodeStep::Active, Some(9)),
            closes("b", NodeStep::Active, Some(7)),
            closes("c", NodeStep::Draining, Some(5)),
            closes("d", NodeStep::Active, None),
        ];
        let found = closing(&nodes).map(|(node, at)| (node.node.as_str(), at));
        assert_eq!(found, Some(("b", 7)));
        assert_eq!(closing(&nodes[2..]), None);
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
