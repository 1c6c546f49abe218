//! The file that an element's sources stage at one path: the layers looked through from the last to the first, nothing
//! run.

mod git;
mod patches;

use crate::bst::project::clean_path;
use crate::bst::source::{Archive, Content, Download, Layer};
use crate::cargo2::element::{LockPlan, below};
use crate::cargo2::verify::LockFile;
use crate::finding::read::Unreadable;
use crate::finding::rules;
use crate::finding::{Finding, Rule};
use crate::io;
use crate::io::archive::{self, ArchiveLimits, Member};
use crate::io::downloads::{DownloadError, Downloads};
use crate::io::files::{self, Files};
use crate::io::git::GitUpstreams;
use crate::io::http::{HttpClient, HttpError};
use base64::Engine as _;
use std::collections::HashMap;
use std::io::Read as _;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

pub(crate) use git::pin_of;

/// The number of links that are followed on the way to one file.
const MAX_LINKS: usize = 32;

/// The maximum size of one downloaded file, in bytes.
const MAX_DOWNLOAD: u64 = 1 << 30;

/// The maximum size of a lock that is a download of its own, in bytes.
const MAX_REMOTE: u64 = 64 << 20;

/// A member of an archive, which is read once; whoever else wants it waits for that.
type Unpacked = Arc<OnceCell<Member>>;

/// The places that layers read from, and what was read from archives in this run.
pub(crate) struct Stage {
    git: GitUpstreams,
    downloads: Downloads,
    http: HttpClient,
    unpacked: Mutex<HashMap<(Archive, String), Unpacked>>,
}

/// The entry at a path of the staged tree.
#[derive(Clone, Debug)]
enum StagedEntry {
    File(Vec<u8>, String),
    Symlink(String),
    Folder,
    Absent,
}

/// The reason why it is unknown.
type Problem = Box<Finding>;

fn problem(rule: &'static Rule, message: impl Into<String>) -> Problem {
    Box::new(Finding::new(rule, message))
}

impl Stage {
    /// Reads upstreams through these adapters.
    #[must_use]
    pub(crate) fn new(git: GitUpstreams, downloads: Downloads, http: HttpClient) -> Self {
        Self { git, downloads, http, unpacked: Mutex::default() }
    }

    /// The upstream repositories.
    #[must_use]
    pub(crate) fn git(&self) -> &GitUpstreams {
        &self.git
    }

    /// Takes note of locks that will be requested, and of the manifests beside them.
    pub(crate) fn announce<'a>(&self, plans: impl Iterator<Item = &'a LockPlan>) {
        let mut files = Vec::new();
        for plan in plans {
            let manifest =
                plan.path.rsplit_once('/').map_or("Cargo.toml".to_owned(), |(at, _)| format!("{at}/Cargo.toml"));
            for layer in &plan.layers {
                let Content::Git(git) = &layer.content else { continue };
                let paths = [&plan.path, &manifest].into_iter().filter_map(|path| below(path, &layer.directory));
                files.push((pin_of(git), paths.map(str::to_owned).collect()));
            }
        }
        self.git.announce(&files);
    }

    /// The lock that a crate list is made from.
    ///
    /// # Errors
    /// A finding that says why there is none: missing, unavailable or unknown.
    pub(crate) async fn lock(&self, files: &Files, plan: &LockPlan) -> Result<LockFile, Problem> {
        match self.file(files, &plan.layers, &plan.path).await? {
            Some((bytes, origin)) => Ok(LockFile { bytes, origin }),
            None => Err(missing(plan)),
        }
    }

    /// A file of the staged tree, links inside it followed: its bytes, and where they come from.
    ///
    /// # Errors
    /// A finding that says why it is unknown.
    pub(crate) async fn file(
        &self,
        files: &Files,
        layers: &[Layer],
        path: &str,
    ) -> Result<Option<(Vec<u8>, String)>, Problem> {
        let tree = Tree { stage: self, files };
        let mut at = path.to_owned();
        for _ in 0..MAX_LINKS {
            let (link, rest, target) = match tree.entry(layers, &at).await? {
                StagedEntry::File(bytes, origin) => return Ok(Some((bytes, origin))),
                StagedEntry::Folder => return Ok(None),
                StagedEntry::Symlink(target) => (at.clone(), String::new(), target),
                StagedEntry::Absent => match tree.link_on_the_way(layers, &at).await? {
                    Some(found) => found,
                    None => return Ok(None),
                },
            };
            at = followed(&link, &target, &rest)?;
        }
        Err(problem(&rules::LOCK_MISSING, format!("`{}` is reached through too many links", path.escape_debug())))
    }

    /// A downloaded file, checked against its sha256 through the handle that is then read.
    async fn download(&self, file: &Download, limit: u64) -> Result<std::fs::File, Problem> {
        self.downloads.open(&self.http, &file.url, &file.sha256, limit).await.map_err(|e| {
            let rule = match e {
                DownloadError::Mismatch { .. } => &rules::DOWNLOAD_MISMATCH,
                DownloadError::TooLarge { .. } => &rules::ARCHIVE_REFUSED,
                DownloadError::Fetch { error: HttpError::HostTime { .. }, .. } => &rules::NOT_IN_TIME,
                _ => &rules::LOCK_UNAVAILABLE,
            };
            problem(rule, e.to_string())
        })
    }
}

/// Runs work that blocks or computes on a thread of its own.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let done = io::blocking::run(work).await;
    done.map_err(|e| problem(&rules::CANNOT_EVALUATE, format!("the bot itself failed: {e}")))
}

/// The staged tree of one element.
#[derive(Clone, Copy)]
struct Tree<'a> {
    stage: &'a Stage,
    files: &'a Files,
}

impl Tree<'_> {
    /// A folder on the way to `path` that is a link: where it is, what is left of the path, where it leads.
    async fn link_on_the_way(self, layers: &[Layer], path: &str) -> Result<Option<(String, String, String)>, Problem> {
        for (at, _) in path.match_indices('/') {
            if let StagedEntry::Symlink(target) = self.entry(layers, &path[..at]).await? {
                return Ok(Some((path[..at].to_owned(), path[at + 1..].to_owned(), target)));
            }
        }
        Ok(None)
    }

    /// The last layer that has something at `path` counts.
    async fn entry(self, layers: &[Layer], path: &str) -> Result<StagedEntry, Problem> {
        for (index, layer) in layers.iter().enumerate().rev() {
            let Some(inside) = below(path, &layer.directory) else { continue };
            let entry = match &layer.content {
                Content::Git(git) => git::entry(&self.stage.git, git, inside).await?,
                Content::Local(local) => self.local(local, inside)?,
                Content::Remote(file, name) if inside == name => self.remote(file).await?,
                Content::Archive(archive) => self.archive(archive, inside).await?,
                Content::GeneratedLock(text) if inside == "Cargo.lock" => generated(text)?,
                Content::Patch(..) | Content::PatchQueue(_) => {
                    // Patches look at the layers below them, among which may be patches.
                    let patched = Box::pin(self.patched(&layers[..index], layer, inside));
                    match patched.await? {
                        Some(entry) => return Ok(entry),
                        None => StagedEntry::Absent,
                    }
                }
                Content::Remote(..) | Content::GeneratedLock(_) | Content::Crates => StagedEntry::Absent,
            };
            if !matches!(entry, StagedEntry::Absent) {
                return Ok(entry);
            }
        }
        Ok(StagedEntry::Absent)
    }

    /// A path of a local source: a folder's content, or one file under its own name.
    fn local(self, local: &str, path: &str) -> Result<StagedEntry, Problem> {
        let name = local.rsplit('/').next().unwrap_or(local);
        let failed = |e: Unreadable| {
            problem(&rules::LOCK_UNAVAILABLE, format!("the local source `{}`: {e}", local.escape_debug()))
        };
        let full = match self.files.entry(local).map_err(failed)? {
            files::TreeEntry::Absent => {
                let message = format!("the local source `{}` does not exist", local.escape_debug());
                return Err(problem(&rules::LOCK_UNAVAILABLE, message));
            }
            files::TreeEntry::Folder => format!("{local}/{path}"),
            _ if path == name => local.to_owned(),
            _ => return Ok(StagedEntry::Absent),
        };
        Ok(match self.files.entry(&full).map_err(failed)? {
            files::TreeEntry::File(bytes) => StagedEntry::File(bytes, format!("{full} of this project")),
            files::TreeEntry::Symlink(target) => StagedEntry::Symlink(target),
            files::TreeEntry::Folder => StagedEntry::Folder,
            files::TreeEntry::Absent => StagedEntry::Absent,
        })
    }

    /// A downloaded file that is staged as it is.
    async fn remote(self, file: &Download) -> Result<StagedEntry, Problem> {
        let opened = self.stage.download(file, MAX_REMOTE).await?;
        let read = blocking(move || {
            let mut bytes = Vec::new();
            opened.take(MAX_REMOTE).read_to_end(&mut bytes).map(|_| bytes)
        });
        let bytes = read.await?.map_err(|e| {
            problem(
                &rules::LOCK_UNAVAILABLE,
                format!("the download of {} cannot be read: {e}", file.url.escape_debug()),
            )
        })?;
        Ok(StagedEntry::File(bytes, file.url.clone()))
    }

    /// A path of an archive, read once in a run.
    async fn archive(self, archive: &Archive, path: &str) -> Result<StagedEntry, Problem> {
        let cell = {
            let mut known = self.stage.unpacked.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry((archive.clone(), path.to_owned())).or_default())
        };
        let member = cell.get_or_try_init(|| self.unpack(archive, path)).await?;
        Ok(match member {
            Member::File(bytes) => StagedEntry::File(bytes.clone(), format!("{path} of {}", archive.file.url)),
            Member::Symlink(target) => StagedEntry::Symlink(target.clone()),
            Member::Folder => StagedEntry::Folder,
            Member::Absent | Member::Beyond { .. } => StagedEntry::Absent,
        })
    }

    async fn unpack(self, archive: &Archive, path: &str) -> Result<Member, Problem> {
        if archive.zip {
            let message = format!(
                "what the `zip` source {} stages cannot be evaluated: such archives are not read",
                archive.file.url.escape_debug()
            );
            let help = "hand the lock in with `--lock ELEMENT=PATH`";
            return Err(Box::new(Finding::new(&rules::CANNOT_EVALUATE, message).help(help)));
        }
        let file = self.stage.download(&archive.file, MAX_DOWNLOAD).await?;
        let (base_dir, path) = (archive.base_dir.clone(), path.to_owned());
        let read = blocking(move || archive::read(file, base_dir.as_deref(), &[&path], &ArchiveLimits::default()));
        let mut members = read.await?.map_err(|e| {
            problem(&rules::ARCHIVE_REFUSED, format!("the archive {}: {e}", archive.file.url.escape_debug()))
        })?;
        Ok(members.pop().unwrap_or(Member::Absent))
    }
}

/// The generated lock of a `gen_cargo_lock` source.
fn generated(text: &str) -> Result<StagedEntry, Problem> {
    let compact: String = text.split_whitespace().collect();
    match base64::engine::general_purpose::STANDARD.decode(compact) {
        Ok(bytes) => Ok(StagedEntry::File(bytes, "the generated lock in the element".into())),
        Err(e) => Err(problem(&rules::LOCK_UNREADABLE, format!("the generated lock is not base64: {e}"))),
    }
}

/// Returns where a link leads.
fn followed(link: &str, target: &str, rest: &str) -> Result<String, Problem> {
    let folder = link.rsplit_once('/').map_or("", |(folder, _)| folder);
    let joined = format!("{folder}/{target}/{rest}");
    let path = if target.starts_with('/') { None } else { clean_path(joined.trim_start_matches('/')) };
    path.ok_or_else(|| {
        problem(&rules::LOCK_MISSING, format!("the link `{}` leaves the staged tree", link.escape_debug()))
    })
}

fn missing(plan: &LockPlan) -> Problem {
    let message = format!("the sources stage no file `{}`", plan.path.escape_debug());
    let mut finding = Finding::new(&rules::LOCK_MISSING, message);
    if plan.layers.iter().all(|l| l.content == Content::Crates) {
        finding = finding.note("no source comes before the cargo2 source");
    }
    let help =
        "set `cargo-lock:` to the path of the lock below the staged sources, or hand it in with `--lock ELEMENT=PATH`";
    Box::new(finding.help(help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_followed_inside_the_tree_only() {
        assert_eq!(followed("a/b", "../c", "Cargo.lock").unwrap(), "c/Cargo.lock");
        assert_eq!(followed("Cargo.lock", "rust/Cargo.lock", "").unwrap(), "rust/Cargo.lock");
        assert!(followed("a", "../../x", "").is_err());
        assert!(followed("a", "/etc/passwd", "").is_err());
    }
}
