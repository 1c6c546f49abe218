//! What a run would say of a change of the local repository, before anybody approves anything: for tests and measurements. The
//! paths are classified by what a run classifies them by; GitHub is not asked, and nothing is fetched.

use super::state::States;
use crate::github::content::{Class, Decisive};
use crate::github::guard::PinMove;
use crate::github::ids::CommitId;
use crate::io::Setup;
use crate::io::commit::{Layered, LocalObjects};
use std::sync::Arc;

/// Classifies changes between commits of a local repository.
pub struct Classifier {
    objects: Arc<LocalObjects>,
    states: States,
}

/// A change, classified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The number of paths that it changes.
    pub paths: usize,
    /// The paths that hold it, sorted.
    pub held: Vec<HeldPath>,
    /// The pins of paths that change nothing else, sorted. A run asks each pin's repository for a proof.
    pub to_be_proven: Vec<Pin>,
}

/// A pin that moves.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pin {
    /// The file that it is in, from the repository's root.
    pub path: String,
    /// `owner/name`.
    pub repository: String,
    /// The ref before.
    pub from: String,
    /// The commit after.
    pub to: String,
}

/// A path that holds a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldPath {
    /// The path, from the repository's root.
    pub path: String,
    /// What it decides.
    pub decides: Decides,
    /// Why, in words for the reviewer.
    pub why: String,
    /// The Rust elements that it concerns, where they are known.
    pub elements: Vec<String>,
}

/// What a path decides, the strictest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decides {
    /// That is not known.
    Unknown,
    /// What a Rust element is built from.
    Input,
    /// What may be a Rust element.
    Element,
    /// What merges.
    Merges,
}

impl From<Class> for Decides {
    fn from(class: Class) -> Self {
        match class {
            Class::Unknown => Self::Unknown,
            Class::Input => Self::Input,
            Class::Element => Self::Element,
            Class::Merges => Self::Merges,
        }
    }
}

impl From<Decisive> for HeldPath {
    fn from(path: Decisive) -> Self {
        Self { path: path.path, decides: path.class.into(), why: path.why, elements: path.elements }
    }
}

impl Classifier {
    /// Classifies changes of this repository. `folder` is that of the project, below the repository's root; empty for the root.
    #[must_use]
    pub fn new(objects: LocalObjects, setup: Setup, folder: &str) -> Self {
        let objects = Arc::new(objects);
        let layered = Arc::new(Layered::new(Some(objects.clone()), objects.clone()));
        Self { objects, states: States::new(layered, Setup { offline: true, ..setup }, Arc::new(|_| ()), folder) }
    }

    /// Classifies what merging `head` into a branch with the tip `tip` changes, under the tip's configuration. The inner error
    /// is the reason why the merge cannot be computed: a run holds that as not known.
    ///
    /// # Errors
    /// When a commit cannot be read, the tip's configuration is wrong, or the bot itself fails.
    pub async fn classify(&self, tip: &str, head: &str) -> anyhow::Result<Result<Change, String>> {
        let [sha, commit] = [tip, head].map(|id| {
            CommitId::parse(id).map_err(|_| anyhow::anyhow!("`{}` is not the id of a commit", id.escape_debug()))
        });
        let (sha, commit) = (sha?, commit?);
        let then = match self.objects.merge_base(tip, head).map_err(anyhow::Error::msg)? {
            Some(then) => CommitId::parse(&then).map_err(|_| anyhow::anyhow!("git names no commit"))?,
            None => return Ok(Err("there is no merge base".into())),
        };
        let base = self.states.base(tip, || async { Ok(sha) }).await?;
        // Each tip is a branch of its own here; they are too large to be kept.
        self.states.forget_base(tip);
        let classified = match self.states.classified(&base, &then, &commit).await? {
            Ok(classified) => classified,
            Err(why) => return Ok(Err(why)),
        };
        let mut held: Vec<HeldPath> = classified.decisive.into_iter().map(HeldPath::from).collect();
        held.sort_by(|a, b| a.path.cmp(&b.path));
        let pin = |path: &str, step: PinMove| {
            let PinMove { repository, from, to } = step;
            Pin { path: path.to_owned(), repository, from, to }
        };
        let pins = classified.pins.into_iter();
        let mut to_be_proven: Vec<Pin> =
            pins.flat_map(|(change, moves)| moves.into_iter().map(move |step| pin(&change.path, step))).collect();
        to_be_proven.sort();
        Ok(Ok(Change { paths: classified.merged.changes.len(), held, to_be_proven }))
    }
}
