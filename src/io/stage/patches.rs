//! The effect of the patches among the sources on a file.

use super::{Problem, StagedEntry, Tree, blocking, problem};
use crate::bst::patch::{self, ApplyError, Dialect, Effect, PatchError, PatchLimits};
use crate::bst::source::{Content, Layer};
use crate::finding::Finding;
use crate::finding::rules;
use crate::io::files;
use crate::text::Location;
use std::collections::HashMap;
use std::sync::Arc;

/// A file's bytes and where they come from; none where there is no file.
type File = Option<(Vec<u8>, String)>;

/// Files before all patches, as far as they are read, by their paths in the patched folder.
type Unpatched = HashMap<String, File>;

/// Files behind so many patches.
type Known = HashMap<(usize, String), File>;

/// The patches of one layer, in the order in which they are applied.
struct Patches<'a> {
    tree: Tree<'a>,
    below: &'a [Layer],
    directory: &'a str,
    texts: Arc<Vec<(String, Vec<u8>)>>,
    dialect: Dialect,
}

impl Tree<'_> {
    /// Applies a layer of patches to the path `inside` it. None where no patch touches it.
    pub(super) async fn patched(
        self,
        below: &[Layer],
        layer: &Layer,
        inside: &str,
    ) -> Result<Option<StagedEntry>, Problem> {
        let (texts, dialect) = match &layer.content {
            Content::Patch(path, strip) => (vec![self.patch(path)?], Dialect::GnuPatch { strip: *strip }),
            Content::PatchQueue(folder) => (self.queue(folder)?, Dialect::GitApply),
            _ => return Ok(None),
        };
        let patches = Patches { tree: self, below, directory: &layer.directory, texts: Arc::new(texts), dialect };
        patches.effect(inside).await
    }

    fn patch(self, path: &str) -> Result<(String, Vec<u8>), Problem> {
        let problem_of =
            |why: &str| problem(&rules::PATCH_FAILED, format!("the patch `{}` {why}", path.escape_debug()));
        match self.files.entry(path) {
            Ok(files::TreeEntry::File(bytes)) => Ok((path.to_owned(), bytes)),
            Ok(files::TreeEntry::Absent) => Err(problem_of("does not exist")),
            Ok(_) => Err(problem_of("is not a file")),
            Err(e) => Err(problem_of(&format!("cannot be read: {e}"))),
        }
    }

    fn queue(self, folder: &str) -> Result<Vec<(String, Vec<u8>)>, Problem> {
        let missing = format!("the folder `{}` of patches does not exist", folder.escape_debug());
        let names = self.files.names(folder).required(missing).map_err(|e| problem(&rules::PATCH_FAILED, e))?;
        patch::queue_order(names).iter().map(|name| self.patch(&format!("{folder}/{name}"))).collect()
    }
}

impl Patches<'_> {
    async fn effect(&self, inside: &str) -> Result<Option<StagedEntry>, Problem> {
        let before = match self.tree.entry(self.below, &self.full(inside)).await? {
            StagedEntry::File(bytes, origin) => Some((bytes, origin)),
            StagedEntry::Absent => None,
            // Links and folders are not patched.
            StagedEntry::Symlink(_) | StagedEntry::Folder => return Ok(None),
        };
        let mut unpatched = Unpatched::from([(inside.to_owned(), before.clone())]);
        // Patches are applied on a thread of their own, which cannot wait for an upstream: a file that it lacks is read here,
        // and then it begins again.
        let after = loop {
            let (texts, dialect, path) = (Arc::clone(&self.texts), self.dialect, inside.to_owned());
            let work = blocking(move || {
                let outcome = Application { texts: &texts, dialect, unpatched: &unpatched }.file(&path);
                (outcome, unpatched)
            });
            let (outcome, read) = work.await?;
            unpatched = read;
            match outcome {
                Ok(after) => break after,
                Err(Stop::Problem(problem)) => return Err(problem),
                Err(Stop::Unread(path)) => {
                    let file = self.unpatched(&path).await?;
                    unpatched.insert(path, file);
                }
            }
        };
        Ok(match after {
            after if after == before => None,
            Some((bytes, origin)) => Some(StagedEntry::File(bytes, origin)),
            None => Some(StagedEntry::Absent),
        })
    }

    async fn unpatched(&self, inside: &str) -> Result<File, Problem> {
        match self.tree.entry(self.below, &self.full(inside)).await? {
            StagedEntry::File(bytes, origin) => Ok(Some((bytes, origin))),
            StagedEntry::Absent => Ok(None),
            StagedEntry::Symlink(_) | StagedEntry::Folder => {
                let message = format!("a patch touches `{}`, which is not a file", inside.escape_debug());
                Err(problem(&rules::PATCH_FAILED, message))
            }
        }
    }

    fn full(&self, inside: &str) -> String {
        if self.directory.is_empty() { inside.to_owned() } else { format!("{}/{inside}", self.directory) }
    }
}

/// Why an application ended.
enum Stop {
    Problem(Problem),
    /// This file is needed and was not read yet.
    Unread(String),
}

/// Patches that are applied to files that were read before.
struct Application<'a> {
    texts: &'a [(String, Vec<u8>)],
    dialect: Dialect,
    unpatched: &'a Unpatched,
}

impl Application<'_> {
    /// The file behind all patches.
    fn file(&self, inside: &str) -> Result<File, Stop> {
        self.after(self.texts.len(), inside, &mut Known::new())
    }

    /// A file behind the first `count` patches.
    fn after(&self, count: usize, inside: &str, known: &mut Known) -> Result<File, Stop> {
        let Some(last) = count.checked_sub(1) else {
            return self.unpatched.get(inside).cloned().ok_or_else(|| Stop::Unread(inside.to_owned()));
        };
        let key = (count, inside.to_owned());
        if let Some(file) = known.get(&key) {
            return Ok(file.clone());
        }
        let (name, text) = &self.texts[last];
        let file = match self.apply(last, name, text, inside, known)? {
            Effect::Untouched => self.after(last, inside, known)?,
            Effect::Becomes(bytes) => Some((bytes, format!("{inside} as {name} makes it"))),
            Effect::Deleted => None,
        };
        known.insert(key, file.clone());
        Ok(file)
    }

    fn apply(&self, count: usize, name: &str, text: &[u8], inside: &str, known: &mut Known) -> Result<Effect, Stop> {
        let failed = |e: &PatchError| Stop::Problem(failed(name, text, e));
        let parsed = patch::parse(text, self.dialect, &PatchLimits::default()).map_err(|e| failed(&e))?;
        let mut before = |path: &str| self.after(count, path, known).map(|file| file.map(|(bytes, _)| bytes));
        parsed.apply_to(inside, &mut before).map_err(|e| match e {
            ApplyError::Patch(e) => failed(&e),
            ApplyError::Read(stop) => stop,
        })
    }
}

/// A patch that does not apply, with its hunk and the place of it.
fn failed(name: &str, text: &[u8], error: &PatchError) -> Problem {
    let finding = Finding::new(&rules::PATCH_FAILED, format!("the patch `{}`: {error}", name.escape_debug()));
    let text = String::from_utf8_lossy(text);
    let line = error.line().unwrap_or_default();
    let mut finding = match text.lines().nth((line as usize).wrapping_sub(1)) {
        Some(shown) => {
            let excerpt: String = shown.chars().take(200).collect();
            let mark = crate::text::Span::new(0, excerpt.len());
            finding.at(Location { path: name.into(), line: line as usize, column: 1, excerpt, mark })
        }
        None => finding.at(Location::file(name)),
    };
    if let PatchError::Failed { hunk, .. } = error {
        finding.notes.extend(hunk.lines().take(20).map(str::to_owned));
    }
    Box::new(finding)
}
