//! One fetch: its limits, what was received so far, and why it failed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::advertisement::Advertisement;
use super::daemon::pkt_length;
use super::{GitError, GitLimits, Place};
use crate::io::http::{HttpClient, HttpError};

/// How far a fetch is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitProgress {
    /// The repository.
    pub url: String,
    /// Bytes that its server sent.
    pub received_bytes: u64,
    /// Objects that were read and hashed.
    pub objects_done: usize,
    /// Objects that the server announced; 0 as long as it did not.
    pub objects_total: usize,
}

/// Who is told of progress.
pub(super) type Listener = Arc<dyn Fn(&GitProgress) + Send + Sync>;

/// Everything that the attempts of one fetch share.
pub(super) struct Session {
    pub(super) url: String,
    pub(super) place: Place,
    pub(super) http: HttpClient,
    pub(super) limits: GitLimits,
    pub(super) deadline: Instant,
    /// What the server said in the latest connection.
    pub(super) advertised: Mutex<Advertisement>,
    received: AtomicU64,
    failure: Mutex<Option<GitError>>,
    refusal: Mutex<Option<String>>,
    listener: Option<Listener>,
    objects: Mutex<Reported>,
}

#[derive(Default)]
struct Reported {
    done: usize,
    total: usize,
    last: Option<Instant>,
}

/// Progress is told at most so often.
const REPORT_EVERY: Duration = Duration::from_millis(200);

impl Session {
    pub(super) fn new(
        url: &str,
        place: Place,
        http: HttpClient,
        limits: GitLimits,
        listener: Option<Listener>,
    ) -> Self {
        Self {
            url: url.to_owned(),
            place,
            http,
            deadline: Instant::now() + limits.fetch_time,
            limits,
            advertised: Mutex::default(),
            received: AtomicU64::new(0),
            failure: Mutex::default(),
            refusal: Mutex::default(),
            listener,
            objects: Mutex::default(),
        }
    }

    /// How many bytes the server may still send.
    pub(super) fn bytes_left(&self) -> u64 {
        self.limits.fetch_bytes.saturating_sub(self.received.load(Ordering::Relaxed))
    }

    /// Notes that `bytes` were received; an error past the limit.
    pub(super) fn count(&self, bytes: usize) -> Result<(), GitError> {
        let total = self.received.fetch_add(bytes as u64, Ordering::Relaxed) + bytes as u64;
        if total > self.limits.fetch_bytes {
            return Err(self.too_many_bytes());
        }
        self.report(false);
        Ok(())
    }

    /// Notes how many objects of the pack were read; an error past a limit.
    pub(super) fn count_objects(&self, done: usize, total: usize) -> Result<(), GitError> {
        if total > self.limits.pack_objects {
            let what = format!("the server sent a pack of {total} objects, more than {}", self.limits.pack_objects);
            return Err(GitError::Limit { url: self.url.clone(), what });
        }
        if Instant::now() >= self.deadline {
            return Err(self.out_of_time());
        }
        let mut objects = lock(&self.objects);
        (objects.done, objects.total) = (done, total);
        drop(objects);
        self.report(false);
        Ok(())
    }

    /// Tells the listener how far it is, unless it was told just now. The last report of a fetch is always made.
    pub(super) fn report(&self, last: bool) {
        let Some(listener) = &self.listener else {
            return;
        };
        let mut objects = lock(&self.objects);
        if !last && objects.last.is_some_and(|then| then.elapsed() < REPORT_EVERY) {
            return;
        }
        objects.last = Some(Instant::now());
        let progress = GitProgress {
            url: self.url.clone(),
            received_bytes: self.received.load(Ordering::Relaxed),
            objects_done: objects.done,
            objects_total: objects.total,
        };
        drop(objects);
        listener(&progress);
    }

    /// Keeps the first failure, since libgit2 hands back its text only; returns that text.
    pub(super) fn fail(&self, error: GitError) -> String {
        // git2 hands the text on to C, where a NUL would end it.
        let text = error.to_string().replace('\0', " ");
        lock(&self.failure).get_or_insert(error);
        text
    }

    /// The failure that ended the latest connection, if it was one of ours.
    pub(super) fn take_failure(&self) -> Option<GitError> {
        lock(&self.failure).take()
    }

    /// Looks at how an answer begins. If the server gives a reason for refusing, it is kept: libgit2 drops it.
    pub(super) fn hear(&self, answer: &[u8]) {
        let Some(line) = answer.split_at_checked(4).and_then(|(head, body)| {
            let length = pkt_length(head)?.checked_sub(4)?;
            body.get(..length.min(body.len()))
        }) else {
            return;
        };
        if let Some(reason) = line.strip_prefix(b"ERR ") {
            *lock(&self.refusal) = Some(String::from_utf8_lossy(reason).trim_end().to_owned());
        }
    }

    /// The reason that the server gave in the latest connection.
    pub(super) fn take_refusal(&self) -> Option<String> {
        lock(&self.refusal).take()
    }

    /// The client counts one answer; what the user set is the limit of the whole fetch.
    pub(super) fn name_limit(&self, error: HttpError) -> GitError {
        match error {
            HttpError::TooLarge { .. } => self.too_many_bytes(),
            error => GitError::Http(error),
        }
    }

    fn too_many_bytes(&self) -> GitError {
        let what = format!("the server sent more than {} bytes", self.limits.fetch_bytes);
        GitError::Limit { url: self.url.clone(), what }
    }

    pub(super) fn out_of_time(&self) -> GitError {
        let what = format!("it took longer than {} seconds", self.limits.fetch_time.as_secs_f32());
        GitError::Limit { url: self.url.clone(), what }
    }
}

/// Locks `mutex`; what a panicking thread left behind is as good as any other value here.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
