//! Is the process alive, and can it serve?

use std::time::Duration;

use actix_web::HttpResponse;
use shared_crypto::problem::ProblemCode;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::Shared;
use super::problem::Problem;
use crate::service::App;
use crate::store::Store;

/// How long an answer of the database holds: anybody may ask, as often as they like.
const HOLDS: Duration = Duration::from_secs(1);

/// Whether the database answered when it was last asked.
#[derive(Debug, Default)]
pub struct Readiness(Mutex<Option<(Instant, bool)>>);

impl Readiness {
    /// Asks it, unless that was just done. Whoever comes meanwhile waits for the same answer.
    async fn of(&self, store: &Store) -> bool {
        let mut last = self.0.lock().await;
        if let Some((at, is_ready)) = *last
            && at.elapsed() < HOLDS
        {
            return is_ready;
        }
        let is_ready = store.check().await.is_ok();
        *last = Some((Instant::now(), is_ready));
        is_ready
    }
}

pub(super) async fn live() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

pub(super) async fn ready(app: Shared) -> Result<HttpResponse, Problem> {
    match unready(&app).await {
        None => Ok(HttpResponse::NoContent().finish()),
        Some(words) => Err(Problem::new(ProblemCode::Unavailable, words)),
    }
}

/// Why the node cannot serve now. One without room for new mail serves what it has, and says so itself to whoever
/// brings more: taken out of a balancer it could not even be emptied.
pub(super) async fn unready(app: &App) -> Option<&'static str> {
    if *app.draining.borrow() {
        return Some("The node is going down.");
    }
    (!app.readiness.of(&app.store).await).then_some("The database does not answer.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::MockClock;
    use crate::store::Disk;
    use crate::store::tests::Fixture;

    #[tokio::test]
    async fn many_who_ask_cost_the_database_one_question_a_second() {
        let disk = Disk::new().unwrap();
        let clock = std::sync::Arc::new(MockClock::new(1));
        let store = Store::on_disk(disk, Fixture::limits(), clock, Box::new(|_| ()));
        let readiness = Readiness::default();
        assert!(readiness.of(&store).await);
        drop(store.take_disk());
        // As if it had been asked a minute ahead: what is known holds, however slow the machine is.
        let later = Instant::now() + 60 * HOLDS;
        *readiness.0.lock().await = Some((later, true));
        assert!(readiness.of(&store).await, "nobody has asked it again");
        let long_ago = Instant::now().checked_sub(HOLDS).unwrap();
        *readiness.0.lock().await = Some((long_ago, true));
        assert!(!readiness.of(&store).await);
    }
}
