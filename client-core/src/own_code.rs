//! Codes that this client itself gives as a reason, where else the code of a node would stand.
//!
//! They hold a character that no code of a node may hold, so nobody takes one for the other: not the page, which says
//! who refused, and not a node that would like to speak for the client.

/// A node answered what no node should answer.
pub const NODE_MISBEHAVES: &str = "own-node-misbehaves";
/// At the node's address is another node.
pub const WRONG_NODE: &str = "own-wrong-node";
/// It is the only node that contacts deliver to.
pub const LAST_NODE: &str = "own-last-node";
/// What it is about is not here any more.
pub const NOT_FOUND: &str = "own-not-found";
/// The contact's state does not allow it.
pub const WRONG_STATE: &str = "own-wrong-state";
/// The contact's node has an address that is none.
pub const BAD_NODE: &str = "own-bad-node";
/// Their node wants postage and does not say how much.
pub const NO_POSTAGE: &str = "own-no-postage";
/// A defect in this program.
pub const INTERNAL: &str = "own-internal";

/// Every code.
pub const ALL: &[&str] = &[
    NODE_MISBEHAVES,
    WRONG_NODE,
    LAST_NODE,
    NOT_FOUND,
    WRONG_STATE,
    BAD_NODE,
    NO_POSTAGE,
    INTERNAL,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::is_code;

    #[test]
    fn no_node_can_speak_for_the_client() {
        for code in ALL {
            assert!(code.starts_with("own-") && !is_code(code), "{code}");
        }
    }
}
