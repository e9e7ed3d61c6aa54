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
    /// A person's clock is set wrong, or right again.
    SetClock {
        /// Whose.
        who: usize,
        /// By how many minutes.
        minutes: i64,
    },
    /// A person loses their device, and restores from the vault, or takes the identity back if there is none.
    LoseDevice {
        /// Who.
        who: usize,
    },
    /// A person's device is stolen with everything on it and goes on; they take the identity back with the phrase alone.
    Recover {
        /// Who.
        who: usize,
        /// Whether the thief replaces the keys first.
        forks: bool,
    },
    /// A node loses its disk and starts again with nothing but its keys.
    LoseDisk {
        /// Which.
        node: usize,
    },
    /// A node is gone for ever.
    KillNode {
        /// Which.
        node: usize,
    },
    /// A node takes its people's next mail and does not push it.
    Withhold {
        /// Which.
        node: usize,
    },
    /// A node pushes its people's next mail twice.
    PushTwice {
        /// Which.
        node: usize,
    },
    /// A node says of the next submission that it has arrived, and throws it away.
    Swallow {
        /// Which.
        node: usize,
    },
    /// A node serves the oldest records of a person that it ever had.
    ServeOld {
        /// Which.
        node: usize,
        /// Whose.
        who: usize,
    },
    /// A node serves the newest records of a person and one more that it forged.
    ServeForged {
        /// Which.
        node: usize,
        /// Whose.
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
            Self::SetClock { .. } => "set a device's clock",
            Self::LoseDevice { .. } => "lose a device",
            Self::Recover { .. } => "recover from a theft",
            Self::LoseDisk { .. } => "lose a node's disk",
            Self::KillNode { .. } => "kill a node",
            Self::Withhold { .. } => "hostile: withhold",
            Self::PushTwice { .. } => "hostile: push twice",
            Self::Swallow { .. } => "hostile: swallow",
            Self::ServeOld { .. } => "hostile: serve old records",
            Self::ServeForged { .. } => "hostile: serve forged records",
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
        match below(rng, 1_000) {
            0..160 => Self::Send {
                from: who,
                to: other,
            },
            160..200 => Self::Read { who },
            200..480 => Self::Deliver,
            480..525 => Self::DropRequest,
            525..570 => Self::DropReply,
            570..600 => Self::Replay {
                which: rng.next_u64(),
            },
            600..635 => Self::Reorder,
            635..665 => Self::Break { who },
            665..695 => Self::Partition {
                one: node,
                other: second,
            },
            695..725 => Self::Offline { who },
            725..800 => Self::Heal,
            800..828 => Self::CrashNode { node },
            828..866 => Self::CrashClient { who },
            866..902 => Self::Advance {
                minutes: [1, 5, 30, 120, 720, 3 * 1_440][below(rng, 6)],
            },
            902..920 => Self::Move { who, to: node },
            920..928 => Self::Rotate { who },
            928..944 => Self::Rollback { who, node },
            944..954 => Self::Rubbish {
                which: rng.next_u64(),
            },
            954..966 => Self::SetClock {
                who,
                minutes: [0, -4, 4, 0, -90, 90][below(rng, 6)],
            },
            966..972 => Self::LoseDevice { who },
            972..975 => Self::Recover {
                who,
                forks: below(rng, 2) == 0,
            },
            975..978 => Self::LoseDisk { node },
            978..980 => Self::KillNode { node },
            980..985 => Self::Withhold { node },
            985..991 => Self::PushTwice { node },
            991..994 => Self::Swallow { node },
            994..997 => Self::ServeOld { node, who },
            _ => Self::ServeForged { node, who },
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kinds {
    /// Networks and machines fail, and nobody changes nodes or keys.
    Settled,
    /// People change nodes as well.
    Moving,
    /// And keys.
    Rotating,
    /// And nodes lie, and clocks are wrong.
    Hostile,
    /// And devices, disks and nodes are lost.
    Losing,
    /// And devices are stolen: all of them.
    All,
}

impl Kinds {
    fn contain(self, operation: &Operation) -> bool {
        let least = match operation {
            Operation::Move { .. } => Self::Moving,
            Operation::Rotate { .. } => Self::Rotating,
            Operation::SetClock { .. }
            | Operation::Withhold { .. }
            | Operation::PushTwice { .. }
            | Operation::Swallow { .. }
            | Operation::ServeOld { .. }
            | Operation::ServeForged { .. } => Self::Hostile,
            Operation::LoseDevice { .. }
            | Operation::LoseDisk { .. }
            | Operation::KillNode { .. } => Self::Losing,
            Operation::Recover { .. } => Self::All,
            _ => Self::Settled,
        };
        self >= least
    }
}

fn below(rng: &mut impl Rng, bound: usize) -> usize {
    usize::try_from(rng.next_u64() % bound as u64).unwrap_or(0)
}
