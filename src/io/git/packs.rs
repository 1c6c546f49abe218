//! Packs from a server, indexed by libgit2 into a temporary repository.

use std::io::Write;
use std::sync::Arc;

use git2::{ErrorClass, Repository, RepositoryInitOptions};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::error::shown;
use super::scan::{PackLimits, PackScan, Refusal};
use super::session::Session;
use super::{GitError, GitLimits};
use crate::io::temporary::Temporary;

/// A bare repository for what a server sends; its folder goes when this goes.
pub(super) struct Packs {
    folder: Temporary,
}

/// Why a pack was not taken.
#[derive(Debug)]
pub(super) enum PackError {
    /// It is no whole and correct pack.
    Broken(String),
    /// A limit was reached, or the temporary repository cannot be used.
    Error(GitError),
}

/// The number of pieces of a pack that may wait for the indexer.
const PIECES: usize = 16;

/// Bytes of the head of a pack: a name, a version and the number of objects.
const HEAD: usize = 12;

/// The number of objects that a pack announces; 0 where it is too short to do so.
fn announced(pack: &[u8]) -> usize {
    let number = pack.get(8..HEAD).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
    number.map_or(0, |bytes| u32::from_be_bytes(bytes) as usize)
}

impl Packs {
    /// An empty repository.
    pub(super) fn new() -> Result<Self, GitError> {
        let folder = Temporary::new().map_err(|error| setup(&error.to_string()))?;
        let mut options = RepositoryInitOptions::new();
        options.bare(true).external_template(false);
        Repository::init_opts(folder.path(), &options).map_err(|error| setup(error.message()))?;
        Ok(Self { folder })
    }

    /// Starts to take a pack. Its pieces go into [`Incoming::piece`], on a thread of their own they are read.
    pub(super) fn incoming(self: &Arc<Self>, session: &Arc<Session>) -> Incoming {
        let (sender, receiver) = mpsc::channel(PIECES);
        let (packs, session) = (Arc::clone(self), Arc::clone(session));
        let indexer = tokio::task::spawn_blocking(move || {
            let mut receiver = receiver;
            let count = |done, total| session.count_objects(done, total);
            packs.index(|| receiver.blocking_recv(), count, &session.limits, &session.url)
        });
        Incoming { sender, indexer }
    }

    fn index(
        &self,
        mut next: impl FnMut() -> Option<Vec<u8>>,
        count: impl Fn(usize, usize) -> Result<(), GitError>,
        limits: &GitLimits,
        url: &str,
    ) -> Result<(), PackError> {
        let Some(mut piece) = next() else { return Ok(()) };
        // The indexer makes room for as many objects as a pack announces; that is bounded before it sees the number.
        while piece.len() < HEAD {
            let Some(more) = next() else { break };
            piece.extend_from_slice(&more);
        }
        count(0, announced(&piece)).map_err(PackError::Error)?;
        let failure = std::cell::RefCell::new(None);
        let repository = self.open().map_err(PackError::Error)?;
        let broken = |error: git2::Error| PackError::Broken(shown(error.message()));
        let odb = repository.odb().map_err(broken)?;
        let mut writer = odb.packwriter().map_err(broken)?;
        let outcome = {
            let counted = |progress: git2::Progress<'_>| {
                let counted = count(progress.indexed_objects(), progress.total_objects());
                counted.map_err(|error| failure.replace(Some(error))).is_ok()
            };
            writer.progress(counted);
            let limits = PackLimits { delta: limits.delta_bytes, unpacked: limits.unpacked_bytes };
            let mut scan = PackScan::new(limits);
            loop {
                if let Err(refusal) = scan.add(&piece) {
                    break Err(refused(refusal, url));
                }
                if writer.write_all(&piece).is_err() {
                    break Err(unwritten());
                }
                match next() {
                    Some(next) => piece = next,
                    None => break writer.commit().map(drop).map_err(failed),
                }
            }
        };
        drop(writer);
        failure.take().map_or(outcome, |error| Err(PackError::Error(error)))
    }

    /// The repository, to read what came.
    pub(super) fn open(&self) -> Result<Repository, GitError> {
        Repository::open_bare(self.folder.path()).map_err(|error| setup(error.message()))
    }
}

/// Takes a pack in pieces, of at most so many objects. Says whether it was whole and right, and its objects could be kept.
pub(crate) fn index_pack(pieces: &[&[u8]], objects: usize) -> bool {
    let mut pieces = pieces.iter().map(|piece| piece.to_vec()).filter(|piece| !piece.is_empty());
    let count = |_, total| if total > objects { Err(setup("too many objects")) } else { Ok(()) };
    Packs::new().is_ok_and(|packs| packs.index(|| pieces.next(), count, &GitLimits::default(), "").is_ok())
}

/// A pack that is being taken.
pub(super) struct Incoming {
    sender: mpsc::Sender<Vec<u8>>,
    indexer: JoinHandle<Result<(), PackError>>,
}

impl Incoming {
    /// Hands on a piece of the pack. False when the indexer has given up: [`Incoming::finish`] says why.
    pub(super) async fn piece(&self, piece: Vec<u8>) -> bool {
        piece.is_empty() || self.sender.send(piece).await.is_ok()
    }

    /// Waits until the pack is indexed.
    pub(super) async fn finish(self) -> Result<(), PackError> {
        drop(self.sender);
        let outcome = self.indexer.await;
        outcome.unwrap_or_else(|error| Err(PackError::Error(setup(&error.to_string()))))
    }
}

fn refused(refusal: Refusal, url: &str) -> PackError {
    match refusal {
        Refusal::Malformed => PackError::Broken("it is not of git's format".to_owned()),
        Refusal::Limit(what) => PackError::Error(GitError::Limit { url: url.to_owned(), what }),
    }
}

/// The reason why a piece could not be handed to the indexer, which forgets it on the way.
fn unwritten() -> PackError {
    failed(git2::Error::last_error(-1))
}

/// A failure of the indexer: the disk's, or the pack's.
#[allow(clippy::needless_pass_by_value)] // As `map_err` hands it over.
fn failed(error: git2::Error) -> PackError {
    match error.class() {
        ErrorClass::Os => PackError::Error(setup(error.message())),
        _ => PackError::Broken(shown(error.message())),
    }
}

fn setup(why: &str) -> GitError {
    GitError::Setup { why: format!("cannot use a temporary repository: {}", shown(why)) }
}
