//! What happens in a sequence: people act, networks and machines fail, nodes lie.

use rand_core::Rng;

/// One thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// A person writes to another.
    Send {
        /// Who.
        from: usize,
        /// To whom.
        to: usize,
    },
    /// A person reads everything that came and says so.
    Read {
        /// Who.
        who: usize,
    },
    /// Time enough for some of what is under way to arrive.
    Deliver,
    /// The next requests are lost on their way.
    DropRequest,
    /// The next requests arrive, and their answers are lost.
    DropReply,
    /// Somebody who has seen an envelope delivers it again, under its own id and under another.
    Replay {
        /// Which of those seen.
        which: u64,
    },
    /// The next requests take so long that later ones overtake them.
    Reorder,
    /// A live connection breaks, with everything that is on it.
    Break {
        /// Whose.
        who: usize,
    },
    /// Two nodes cannot reach each other.
    Partition {
        /// One.
        one: usize,
        /// The other.
        other: usize,
    },
    /// A person loses the network.
    Offline {
        /// Who.
        who: usize,
    },
    /// All networks work again.
    Heal,
    /// A node falls over and starts again with its disk.
    CrashNode {
        /// Which.
        node: usize,
    },
    /// A client falls over and starts again with its disk.
    CrashClient {
        /// Whose.
        who: usize,
    },
    /// Time passes.
    Advance {
        /// How much, in minutes.
        minutes: u64,
    },
    /// A person moves to another node.
    Move {
        /// Who.
        who: usize,
        /// Where to.
        to: usize,
    },
    /// A person replaces their keys.
    Rotate {
        /// Who.
        who: usize,
    },
    /// Somebody puts an older state of a person's records to a node, and a forged one.
    Rollback {
        /// Whose records.
        who: usize,
        /// At which node.
        node: usize,
    },
    /// Somebody leaves rubbish in a mailbox that was seen.
    Rubbish {
        /// Which of the envelopes seen shows the mailbox.
        which: u64,
    },
}

impl Operation {
    /// Its name, for figures.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Send { .. } => "send",
            Self::Read { .. } => "read",
            Self::Deliver => "deliver",
            Self::DropRequest => "drop request",
            Self::DropReply => "drop reply",
            Self::Replay { .. } => "replay",
            Self::Reorder => "re-order",
            Self::Break { .. } => "break connection",
            Self::Partition { .. } => "partition",
            Self::Offline { .. } => "offline",
            Self::Heal => "heal",
            Self::CrashNode { .. } => "crash node",
            Self::CrashClient { .. } => "crash client",
            Self::Advance { .. } => "advance clock",
            Self::Move { .. } => "move",
            Self::Rotate { .. } => "rotate",
            Self::Rollback { .. } => "rollback",
            Self::Rubbish { .. } => "rubbish",
        }
    }

    /// One at random.
    fn any(rng: &mut impl Rng, people: usize, nodes: usize) -> Self {
        let who = below(rng, people);
        let other = (who + 1 + below(rng, people - 1)) % people;
        let node = below(rng, nodes);
        let second = (node + 1 + below(rng, nodes - 1)) % nodes;
        match below(rng, 100) {
            0..25 => Self::Send {
                from: who,
                to: other,
            },
            25..29 => Self::Read { who },
            29..54 => Self::Deliver,
            54..58 => Self::DropRequest,
            58..62 => Self::DropReply,
            62..65 => Self::Replay {
                which: rng.next_u64(),
            },
            65..68 => Self::Reorder,
            68..71 => Self::Break { who },
            71..74 => Self::Partition {
                one: node,
                other: second,
            },
            74..77 => Self::Offline { who },
            77..83 => Self::Heal,
            83..86 => Self::CrashNode { node },
            86..90 => Self::CrashClient { who },
            90..94 => Self::Advance {
                minutes: [1, 5, 30, 120, 720, 3 * 1_440][below(rng, 6)],
            },
            94..96 => Self::Move { who, to: node },
            96 => Self::Rotate { who },
            97 | 98 => Self::Rollback { who, node },
            _ => Self::Rubbish {
                which: rng.next_u64(),
            },
        }
    }
}

/// As many operations as wanted.
pub fn generate(
    rng: &mut impl Rng,
    count: usize,
    people: usize,
    nodes: usize,
    kinds: Kinds,
) -> Vec<Operation> {
    let mut operations = Vec::with_capacity(count);
    while operations.len() < count {
        let operation = Operation::any(rng, people, nodes);
        if kinds.contain(&operation) {
            operations.push(operation);
        }
    }
    operations
}

/// Which operations a run has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kinds {
    /// All of them.
    All,
    /// Nobody changes nodes or keys.
    Settled,
    /// Nobody changes keys.
    Moving,
}

impl Kinds {
    fn contain(self, operation: &Operation) -> bool {
        match operation {
            Operation::Rotate { .. } => self == Self::All,
            Operation::Move { .. } => self != Self::Settled,
            _ => true,
        }
    }
}

fn below(rng: &mut impl Rng, bound: usize) -> usize {
    usize::try_from(rng.next_u64() % bound as u64).unwrap_or(0)
}
