//! One fetch: its limits, and what was received so far.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::body::Bytes;

use super::error::shown;
use super::hosts::Host;
use super::locked::lock;
use super::{GitError, GitLimits};
use tokio::time::Instant;

use crate::io::http::{HttpClient, HttpError, Request, Stream};

/// The progress of a fetch.
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

/// Who hears of progress.
pub(super) type Listener = Arc<dyn Fn(&GitProgress) + Send + Sync>;

/// Everything that the requests of one fetch share.
pub(super) struct Session {
    pub(super) url: String,
    pub(super) limits: GitLimits,
    pub(super) host: Arc<Host>,
    http: HttpClient,
    deadline: Instant,
    received: AtomicU64,
    listener: Option<Listener>,
    objects: Mutex<Reported>,
}

#[derive(Default)]
struct Reported {
    /// Of the packs before the current one.
    before: usize,
    done: usize,
    total: usize,
    last: Option<Instant>,
}

/// Progress is reported at most so often.
const REPORT_EVERY: Duration = Duration::from_millis(200);

impl Session {
    pub(super) fn new(
        url: &str,
        http: HttpClient,
        limits: GitLimits,
        host: Arc<Host>,
        listener: Option<Listener>,
    ) -> Self {
        Self {
            url: url.to_owned(),
            http,
            host,
            deadline: Instant::now() + limits.fetch_time,
            limits,
            received: AtomicU64::new(0),
            listener,
            objects: Mutex::default(),
        }
    }

    /// Sends a GET, or a POST of `body`, and hands back the answer to be read in pieces. The answer must be of the kind
    /// `application/x-git-upload-pack-ANSWER`.
    pub(super) async fn open<'a>(
        &'a self,
        url: &str,
        body: Option<&[u8]>,
        answer: &str,
    ) -> Result<Incoming<'a>, GitError> {
        let kind = format!("application/x-git-upload-pack-{answer}");
        let place = self.host.place().await;
        let request = Request {
            accept: Some(&kind),
            headers: &[("git-protocol", "version=2")],
            body: body.map(|body| ("application/x-git-upload-pack-request", body)),
            deadline: Some(self.deadline),
            ..Request::get(url, self.bytes_left())
        };
        let stream = self.http.open(&request).await.map_err(|error| self.name_limit(error))?;
        expect_type(url, stream.head.content_type.as_deref(), &kind)?;
        Ok(Incoming { session: self, stream, most: u64::MAX, came: 0, _place: place })
    }

    /// Returns how many bytes the server may still send.
    fn bytes_left(&self) -> u64 {
        self.limits.fetch_bytes.saturating_sub(self.received.load(Ordering::Relaxed))
    }

    /// Notes that `bytes` were received; an error past the limit.
    fn count(&self, bytes: usize) -> Result<(), GitError> {
        let total = self.received.fetch_add(bytes as u64, Ordering::Relaxed) + bytes as u64;
        if total > self.limits.fetch_bytes {
            return Err(self.too_many_bytes());
        }
        if Instant::now() >= self.deadline {
            return Err(self.out_of_time());
        }
        self.report(false);
        Ok(())
    }

    /// Notes how many objects of the current pack were read; an error past a limit.
    pub(super) fn count_objects(&self, done: usize, total: usize) -> Result<(), GitError> {
        let mut objects = lock(&self.objects);
        let all = objects.before + total;
        if all > self.limits.pack_objects {
            let what = format!("the server sent {all} objects, more than {}", self.limits.pack_objects);
            return Err(GitError::Limit { url: self.url.clone(), what });
        }
        if Instant::now() >= self.deadline {
            return Err(self.out_of_time());
        }
        (objects.done, objects.total) = (objects.before + done, all);
        drop(objects);
        self.report(false);
        Ok(())
    }

    /// Notes that the current pack is over.
    pub(super) fn end_pack(&self) {
        let mut objects = lock(&self.objects);
        objects.before = objects.total;
        objects.done = objects.total;
    }

    /// Reports how far it is, unless that was reported just now. The last report of a fetch is always made.
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

    /// The client counts one answer; what the user set is the limit of the whole fetch.
    fn name_limit(&self, error: HttpError) -> GitError {
        match error {
            HttpError::TooLarge { .. } => self.too_many_bytes(),
            error => GitError::Http(error),
        }
    }

    fn too_many_bytes(&self) -> GitError {
        let what = format!("the server sent more than {} bytes", self.limits.fetch_bytes);
        GitError::Limit { url: self.url.clone(), what }
    }

    fn out_of_time(&self) -> GitError {
        let what = format!("it took longer than {} seconds", self.limits.fetch_time.as_secs_f32());
        GitError::Limit { url: self.url.clone(), what }
    }
}

/// An answer that is being read.
pub(super) struct Incoming<'a> {
    session: &'a Session,
    stream: Stream,
    /// Bytes that it may have, and has so far.
    most: u64,
    came: u64,
    _place: Option<tokio::sync::OwnedSemaphorePermit>,
}

impl Incoming<'_> {
    /// The URL that answered, after redirects.
    pub(super) fn url(&self) -> &str {
        &self.stream.head.url
    }

    /// Bounds the answer: it is kept in memory.
    pub(super) fn at_most(mut self, bytes: u64) -> Self {
        self.most = bytes;
        self
    }

    /// The next piece; `None` at the end.
    pub(super) async fn piece(&mut self) -> Result<Option<Bytes>, GitError> {
        let piece = self.stream.chunk().await.map_err(|error| self.session.name_limit(error))?;
        if let Some(piece) = &piece {
            self.session.count(piece.len())?;
            self.came += piece.len() as u64;
            if self.came > self.most {
                let what = format!("the list of its branches and tags has more than {} bytes", self.most);
                return Err(GitError::Limit { url: self.session.url.clone(), what });
            }
        }
        Ok(piece)
    }
}

/// A server that answers with something else is no git server, or one that only serves plain files.
fn expect_type(url: &str, actual: Option<&str>, expected: &str) -> Result<(), GitError> {
    let plain = actual.map(|kind| kind.split(';').next().unwrap_or(kind).trim());
    if plain == Some(expected) {
        return Ok(());
    }
    let why = format!("its content type is {}", shown(plain.unwrap_or("not given")));
    Err(GitError::Protocol { url: url.to_owned(), why })
}
