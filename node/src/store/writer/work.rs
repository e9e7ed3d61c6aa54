//! Commands, and what the writer makes of them: work that is answered when it is committed.

use crate::store::batch::Batch;
use crate::store::many::Needs;
use crate::store::{AccountId, StoreError};

/// When a command is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// In the next transaction, after everything that was asked before.
    Ordered,
    /// In the next transaction, before what can wait: it does not depend on that.
    Quick,
    /// Some time later.
    Patient,
}

/// A command of the writer. It may be applied again, so it has no effect but on its batch.
pub trait Apply: Send + 'static {
    /// What it answers.
    type Output: Send + 'static;

    /// When it is done. Most do not come often, and may depend on what was asked before.
    const URGENCY: Urgency = Urgency::Ordered;

    /// How much work it is, compared with storing one envelope.
    fn weight(&self) -> usize {
        1
    }

    /// Whose it is, if nothing that it reads or changes is of another account: then it does not have to wait
    /// for what patient commands of others do, nor they for it.
    fn account(&self) -> Option<AccountId> {
        None
    }

    /// Names what it will look for, so that the database can be asked once for all commands.
    fn needs(&self, _needs: &mut Needs) {}

    /// Does it inside the batch's transaction. A refusal by a rule is a value and has changed
    /// nothing; an error undoes the whole batch.
    ///
    /// # Errors
    /// [`StoreError`] from a statement.
    fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Output, StoreError>;
}

pub(in crate::store) type Reply<T> = Box<dyn FnOnce(Result<T, StoreError>) + Send>;

/// A command with its reply, whatever their types.
pub(in crate::store) trait Work: Send {
    fn urgency(&self) -> Urgency;
    fn weight(&self) -> usize;
    fn account(&self) -> Option<AccountId>;
    fn needs(&self, needs: &mut Needs);
    fn apply(&mut self, batch: &mut Batch<'_>) -> Result<(), StoreError>;
    fn succeed(self: Box<Self>);
    fn fail(self: Box<Self>, error: StoreError);
}

struct Job<C: Apply> {
    command: C,
    output: Option<C::Output>,
    reply: Reply<C::Output>,
}

impl<C: Apply> Work for Job<C> {
    fn urgency(&self) -> Urgency {
        C::URGENCY
    }

    fn weight(&self) -> usize {
        self.command.weight().max(1)
    }

    fn account(&self) -> Option<AccountId> {
        self.command.account()
    }

    fn needs(&self, needs: &mut Needs) {
        self.command.needs(needs);
    }

    fn apply(&mut self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        self.output = Some(self.command.apply(batch)?);
        Ok(())
    }

    fn succeed(self: Box<Self>) {
        (self.reply)(self.output.ok_or(StoreError::Stopped));
    }

    fn fail(self: Box<Self>, error: StoreError) {
        (self.reply)(Err(error));
    }
}

pub(in crate::store) fn job<C: Apply>(command: C, reply: Reply<C::Output>) -> Box<dyn Work> {
    Box::new(Job {
        command,
        output: None,
        reply,
    })
}
