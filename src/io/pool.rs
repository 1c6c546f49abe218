//! A bounded pool of threads for requests that wait on others most of the time.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Does `work` for each item, at most `threads` at once. The results keep the order of the items; where `work` panicked there is
/// none. No thread is made for no item.
pub(super) fn each<T: Sync, R: Send>(items: &[T], threads: usize, work: impl Fn(&T) -> R + Sync) -> Vec<Option<R>> {
    let results: Vec<Mutex<Option<R>>> = items.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let one = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return };
            let result = work(item);
            *results[index].lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        }
    };
    thread::scope(|scope| {
        let started: Vec<_> = (0..threads.max(1).min(items.len())).map(|_| scope.spawn(one)).collect();
        for thread in started {
            // A panic was told by the hook; its item has no result.
            let _ = thread.join();
        }
    });
    results.into_iter().map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_their_order_and_no_more_threads_run_than_allowed() {
        let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let items: Vec<usize> = (0..50).collect();
        let results = each(&items, 4, |item| {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            thread::yield_now();
            running.fetch_sub(1, Ordering::SeqCst);
            item * 2
        });
        assert_eq!(results, items.iter().map(|item| Some(item * 2)).collect::<Vec<_>>());
        assert!((1..=4).contains(&most.into_inner()));
    }

    #[test]
    fn a_panic_costs_its_own_result_only() {
        let results = each(&[1, 2, 3], 3, |item| assert!(*item != 2));
        assert_eq!(results, [Some(()), None, Some(())]);
        assert_eq!(each(&[] as &[u8], 3, |_| ()), []);
    }
}
