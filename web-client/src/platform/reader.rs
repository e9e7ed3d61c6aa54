//! The program that finds codes in pictures, where the browser does not do it itself. It is loaded the first time it is
//! needed, and lives as long as the one who holds it.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use web_sys::ImageData;

use super::scan::Refused;
use super::worker::{self, Handle};

/// Address of the script that starts it.
const SCRIPT: &str = "/qr-worker.js";

/// What a picture says, or null; the first message says only that it is there.
type Answers = UnboundedReceiver<Option<String>>;

/// A running reader, which reads one picture after the other.
pub(super) struct Reader {
    worker: Handle,
    answers: Answers,
}

impl Reader {
    /// Loads it.
    pub(super) async fn start() -> Result<Self, Refused> {
        let (sender, mut answers) = unbounded();
        let sender: Rc<RefCell<Option<UnboundedSender<_>>>> = Rc::new(RefCell::new(Some(sender)));
        let heard = sender.clone();
        let mut worker = worker::spawn(SCRIPT, "qr-reader", move |_| {
            // Nobody waits for somebody who is gone.
            sender.take();
        })
        .map_err(|_| Refused::Reader)?;
        worker.hear(move |data| {
            if let Some(sender) = heard.borrow().as_ref() {
                let _ = sender.unbounded_send(data.as_string());
            }
        });
        answers.recv().await.map_err(|_| Refused::Reader)?;
        Ok(Self { worker, answers })
    }

    /// What the code in a picture says, if there is one.
    pub(super) async fn read(&mut self, image: &ImageData) -> Result<Option<String>, Refused> {
        self.worker.post(image).map_err(|_| Refused::Reader)?;
        self.answers.recv().await.map_err(|_| Refused::Reader)
    }
}
