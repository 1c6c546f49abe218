//! Values behind locks that are never held over input or output.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks `mutex`; what a panicking thread left behind is as good as any other value here.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
