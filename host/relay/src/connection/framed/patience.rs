//! How long a server may take to let a player in, and the player's client to answer what the server asks.

use std::cell::Cell;
use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};

/// How long a server may take to let a player in: as long as vanilla clients wait. What the client takes to answer is not the
/// server's time.
const BOARDING: Duration = Duration::from_secs(30);

/// How long a client may take to answer all of a server's questions: some read in a modpack first.
const ANSWERS: Duration = Duration::from_secs(20);

/// How long a server is waited for, and a client that it asks something.
pub(super) struct Patience {
    until: Cell<Instant>,
    /// What is left for the client's answers.
    answers: Cell<Duration>,
}

impl Patience {
    pub(super) fn new() -> Self {
        Self {
            until: Cell::new(Instant::now() + BOARDING),
            answers: Cell::new(ANSWERS),
        }
    }

    /// What comes of a server in its time, which stands still while its client is asked.
    pub(super) async fn with<T>(&self, server: impl Future<Output = T>) -> Option<T> {
        let mut server = pin!(server);
        loop {
            match timeout_at(self.until.get(), &mut server).await {
                Ok(done) => return Some(done),
                Err(_) if self.until.get() > Instant::now() => {}
                Err(_) => return None,
            }
        }
    }

    /// What comes of a client in the time that is left for its answers.
    pub(super) async fn with_client<T>(&self, client: impl Future<Output = T>) -> Option<T> {
        let (began, left) = (Instant::now(), self.answers.get());
        self.until.set(self.until.get() + left);
        let done = timeout(left, client).await.ok();
        let unused = left.saturating_sub(began.elapsed());
        self.until.set(self.until.get() - unused);
        self.answers.set(unused);
        done
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_server_has_its_time_and_no_more() {
        let patience = Patience::new();
        let began = Instant::now();
        assert_eq!(patience.with(pending::<()>()).await, None);
        assert_eq!(began.elapsed().as_secs(), BOARDING.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_client_takes_is_not_the_server_s_time() {
        let patience = Patience::new();
        let second = Duration::from_secs(1);
        let answered = patience.with(async {
            sleep(BOARDING - second).await;
            patience.with_client(sleep(ANSWERS - second)).await?;
            sleep(second / 2).await;
            // What is left for the client.
            assert_eq!(patience.with_client(sleep(2 * second)).await, None);
            sleep(second / 4).await;
            Some(())
        });
        assert_eq!(answered.await, Some(Some(())));
        assert_eq!(patience.with(sleep(second)).await, None, "the server's time is up");
    }
}
