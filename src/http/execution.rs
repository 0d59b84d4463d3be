//! An execution that comes to its end, even when nobody waits for its answer any more.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// The execution panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panicked;

/// Runs where it is awaited, which spares the request a task of its own; dropped half-way it goes on as a task: whoever hangs up
/// cancels nothing.
pub struct Execution<F>
where
    F: Future<Output: Send> + Send + 'static,
{
    going_on: Option<Pin<Box<F>>>,
    tasks: TaskTracker,
    _counted: TaskTrackerToken,
}

impl<F> Execution<F>
where
    F: Future<Output: Send> + Send + 'static,
{
    /// Of this future; `tasks` waits for it wherever it runs.
    pub fn new(tasks: &TaskTracker, future: F) -> Self {
        Self { going_on: Some(Box::pin(future)), tasks: tasks.clone(), _counted: tasks.token() }
    }
}

impl<F> Future for Execution<F>
where
    F: Future<Output: Send> + Send + 'static,
{
    type Output = Result<F::Output, Panicked>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(future) = self.going_on.as_mut() else { return Poll::Ready(Err(Panicked)) };
        let answer = match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(output)) => Ok(output),
            Err(_) => Err(Panicked),
        };
        self.going_on = None;
        Poll::Ready(answer)
    }
}

impl<F> Drop for Execution<F>
where
    F: Future<Output: Send> + Send + 'static,
{
    fn drop(&mut self) {
        // Without a runtime the process is ending, and so is everything it executes.
        if let (Some(rest), Ok(runtime)) = (self.going_on.take(), Handle::try_current()) {
            runtime.spawn(self.tasks.track_future(rest));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn an_execution_that_is_dropped_half_way_comes_to_its_end() {
        let tasks = TaskTracker::new();
        let (go_on, wait) = oneshot::channel::<()>();
        let (done, end) = oneshot::channel();
        let mut execution = Execution::new(&tasks, async move {
            wait.await.unwrap();
            done.send("done").unwrap();
        });
        assert!(futures_util::poll!(&mut execution).is_pending());
        drop(execution);
        assert_eq!(tasks.len(), 1, "it is still waited for");
        go_on.send(()).unwrap();
        assert_eq!(end.await, Ok("done"));
        tasks.close();
        tasks.wait().await;
    }

    #[tokio::test]
    async fn a_panic_is_told_and_ends_it() {
        let tasks = TaskTracker::new();
        assert_eq!(Execution::new(&tasks, async { 7 }).await, Ok(7));
        let told = Execution::new(&tasks, async { assert_eq!(1, 2, "deliberate") }).await;
        assert_eq!(told, Err(Panicked));
        assert!(tasks.is_empty());
    }
}
