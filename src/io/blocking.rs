//! The one way between code that awaits and code that blocks.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::task::{Context, Poll, Waker};

use tokio::runtime::Handle;
use tokio::task;

/// Runs work that blocks (decompression, parsing of large files, git, writes) where it keeps nobody waiting.
///
/// Work that has begun goes on to its end even if nobody waits for it any more.
///
/// # Errors
/// [`Panicked`] when the work panics.
pub(crate) async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Panicked> {
    task::spawn_blocking(work).await.map_err(|_| Panicked)
}

/// Returns the number of jobs that can compute at the same time. More threads than that cost memory and save no time.
pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Waits for `future` in code that blocks: inside [`run`], or on a worker of a runtime that has several. What is there at
/// once wakes no other thread.
///
/// # Panics
/// Where it has to wait: outside of a runtime, and on the only thread of one.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    // Asked once more below, with a waker, if it is not ready.
    if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        return value;
    }
    task::block_in_place(|| Handle::current().block_on(future))
}

/// Locks a mutex that may be held for long, in code that blocks, as [`wait`] does.
///
/// # Panics
/// On the only thread of a runtime, when the mutex is held.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    match mutex.try_lock() {
        Ok(guard) => guard,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => task::block_in_place(|| mutex.lock().unwrap_or_else(PoisonError::into_inner)),
    }
}

/// Work that panicked; the message is on standard error already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panicked;

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bot itself failed; see its log")
    }
}

impl std::error::Error for Panicked {}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn blocking_work_may_wait_for_a_future_and_a_panic_is_an_error() {
        let sum = run(|| {
            wait(async {
                task::yield_now().await;
                1
            }) + 1
        })
        .await;
        assert_eq!(sum, Ok(2));
        assert_eq!(run(|| -> u8 { panic!("on purpose") }).await, Err(Panicked));
    }
}
