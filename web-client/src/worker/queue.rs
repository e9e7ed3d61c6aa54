//! What waits for the engine: everybody adds to it, one task takes from it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// A queue of one thread; clones are the same queue.
pub struct Queue<T> {
    shared: Rc<RefCell<Shared<T>>>,
}

struct Shared<T> {
    waiting: VecDeque<T>,
    taker: Option<Waker>,
}

impl<T> Queue<T> {
    /// An empty queue.
    pub fn new() -> Self {
        Self {
            shared: Rc::new(RefCell::new(Shared {
                waiting: VecDeque::new(),
                taker: None,
            })),
        }
    }

    /// Adds to the end.
    pub fn push(&self, item: T) {
        let taker = {
            let mut shared = self.shared.borrow_mut();
            shared.waiting.push_back(item);
            shared.taker.take()
        };
        if let Some(taker) = taker {
            taker.wake();
        }
    }

    /// Takes from the front; waits for something to be there.
    pub async fn take(&self) -> T {
        poll_fn(|context| {
            let mut shared = self.shared.borrow_mut();
            match shared.waiting.pop_front() {
                Some(item) => Poll::Ready(item),
                None => {
                    shared.taker = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Clone for Queue<T> {
    fn clone(&self) -> Self {
        Self {
            shared: Rc::clone(&self.shared),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::Context;

    use super::*;

    #[test]
    fn things_come_out_in_the_order_they_went_in() {
        let queue = Queue::new();
        let mut context = Context::from_waker(Waker::noop());
        let mut first = pin!(queue.take());
        assert_eq!(first.as_mut().poll(&mut context), Poll::Pending);
        queue.clone().push(1);
        queue.push(2);
        assert_eq!(first.as_mut().poll(&mut context), Poll::Ready(1));
        assert_eq!(pin!(queue.take()).poll(&mut context), Poll::Ready(2));
    }
}
