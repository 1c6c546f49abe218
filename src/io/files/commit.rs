//! The project in a commit: the answers that a checkout of it gives.

use super::{MAX_DEPTH, MAX_FILE, MAX_FILES, TreeEntry, too_large};
use crate::io::commit::{Item, Listing, Objects};
use crate::io::history::{HistoryLimits, Versions};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How many links are followed on the way to one file: as many as Linux follows.
const MAX_LINKS: usize = 40;

/// How long a link's target may be, in bytes: as long as Linux takes.
const MAX_TARGET: usize = 4095;

const LEAVES: &str = "the path leaves the project";
const SUBMODULE: &str = "this stands in a submodule, which is not read";

/// The project in a commit.
pub(super) struct Commit {
    objects: Arc<dyn Objects>,
    listing: Listing,
    id: String,
    /// Where the project stands below the repository's root.
    folder: String,
}

/// What stands at the end of a path, all links followed.
enum Real<'a> {
    File(&'a Item),
    /// By its path from the repository's root.
    Folder(String),
    Submodule,
    Absent,
}

impl Commit {
    pub(super) fn new(objects: Arc<dyn Objects>, id: &str, folder: &str) -> Result<Self, String> {
        let listing = objects.tree(id)?;
        let clean = crate::bst::project::clean_path(folder);
        let clean = clean.ok_or_else(|| format!("the folder `{}` leaves the repository", folder.escape_debug()))?;
        if !listing.is_folder(&clean) {
            return Err(format!("the commit {id} has no folder `{}`", clean.escape_debug()));
        }
        Ok(Self { objects, listing, id: id.to_owned(), folder: clean })
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Whether the ids say that a path holds the same. False says nothing: links are not followed here.
    pub(super) fn same(&self, other: &Self, path: &str) -> bool {
        let full = |of: &Self| if of.folder.is_empty() { path.to_owned() } else { format!("{}/{path}", of.folder) };
        let (mine, theirs) = (full(self), full(other));
        match (mine.strip_suffix('/'), theirs.strip_suffix('/')) {
            (Some(a), Some(b)) => {
                let mut files = self.listing.below(a).peekable();
                files.peek().is_some() && files.eq(other.listing.below(b))
            }
            _ => match (self.listing.get(&mine), other.listing.get(&theirs)) {
                (Some(a), Some(b)) => a == b && a.mode != Item::LINK,
                _ => false,
            },
        }
    }

    pub(super) fn bytes(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        match self.real(path)? {
            Real::File(item) => self.blob(item).map(Some),
            Real::Folder(_) => Err("this is not a file".into()),
            Real::Submodule => Err(SUBMODULE.into()),
            Real::Absent => Ok(None),
        }
    }

    pub(super) fn entry(&self, path: &str) -> Result<TreeEntry, String> {
        let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
        if parts.contains(&"..") {
            return Err(LEAVES.into());
        }
        let mut at = self.folder.clone();
        for (index, part) in parts.iter().enumerate() {
            if *part == "." {
                continue;
            }
            push(&mut at, part);
            let last = index + 1 == parts.len();
            match self.listing.get(&at) {
                Some(item) if item.mode == Item::SUBMODULE => return Err(SUBMODULE.into()),
                Some(item) if item.mode == Item::LINK && last => return self.target(item).map(TreeEntry::Symlink),
                Some(item) if item.mode != Item::LINK && last => return self.blob(item).map(TreeEntry::File),
                Some(_) => return Ok(TreeEntry::Absent),
                None if !self.listing.is_folder(&at) => return Ok(TreeEntry::Absent),
                None => {}
            }
        }
        Ok(TreeEntry::Folder)
    }

    pub(super) fn exists(&self, path: &str) -> bool {
        matches!(self.real(path), Ok(Real::File(_)))
    }

    pub(super) fn names(&self, path: &str) -> Result<Vec<String>, String> {
        let folder = match self.real(path)? {
            Real::Folder(folder) => folder,
            Real::Submodule => return Ok(Vec::new()),
            Real::File(_) => return Err(format!("the folder `{path}` cannot be read: it is a file")),
            Real::Absent => return Err(format!("the folder `{path}` cannot be read: it does not exist")),
        };
        let first = |(below, _): (&str, &Item)| below.split('/').next().unwrap_or_default().to_owned();
        let names: BTreeSet<String> = self.listing.below(&folder).map(first).collect();
        Ok(names.into_iter().take(MAX_FILES).collect())
    }

    pub(super) fn elements(&self, folder: &str) -> anyhow::Result<Vec<String>> {
        let cannot = |why: &str| anyhow::anyhow!("the folder of the elements, `{folder}`, cannot be read: {why}");
        let real = match self.real(folder).map_err(|why| cannot(&why))? {
            Real::Folder(real) => real,
            Real::Submodule => return Ok(Vec::new()),
            Real::File(_) => return Err(cannot("it is a file")),
            Real::Absent => return Err(cannot("it does not exist")),
        };
        let mut found = Vec::new();
        for (below, item) in self.listing.below(&real) {
            let mut folders: Vec<&str> = below.split('/').collect();
            let name = folders.pop().unwrap_or_default();
            if folders.iter().any(|folder| super::is_cache(folder)) {
                continue;
            }
            anyhow::ensure!(folders.len() <= MAX_DEPTH, "folders nest deeper than {MAX_DEPTH} in {folder}");
            if name.ends_with(".bst") && item.mode != Item::SUBMODULE {
                found.push(if folder.is_empty() { below.to_owned() } else { format!("{folder}/{below}") });
            }
            anyhow::ensure!(found.len() <= MAX_FILES, "more than {MAX_FILES} files below the element path");
        }
        found.sort();
        Ok(found)
    }

    pub(super) fn earlier(&self, paths: &[String], limits: HistoryLimits) -> Result<Option<Versions>, String> {
        match self.objects.local() {
            Some(local) => Versions::of_commit(local, &self.id, &self.folder, paths, limits).map(Some),
            None => Ok(None),
        }
    }

    /// Follows a path as a file system does, inside the project only.
    fn real(&self, path: &str) -> Result<Real<'_>, String> {
        if path.starts_with('/') {
            return Err(LEAVES.into());
        }
        let mut at = self.folder.clone();
        let mut left: Vec<String> = path.rsplit('/').map(str::to_owned).collect();
        let mut links = 0;
        while let Some(part) = left.pop() {
            match part.as_str() {
                "" | "." => continue,
                ".." if at.is_empty() => return Err(LEAVES.into()),
                ".." => at.truncate(at.rfind('/').unwrap_or_default()),
                part => push(&mut at, part),
            }
            let item = match self.listing.get(&at) {
                None if self.listing.is_folder(&at) => continue,
                None => return Ok(Real::Absent),
                Some(item) => item,
            };
            match item.mode {
                Item::LINK => {
                    links += 1;
                    let target = self.target(item)?;
                    if links > MAX_LINKS {
                        return Err("the file is reached through too many links".into());
                    }
                    if target.starts_with('/') {
                        return Err(LEAVES.into());
                    }
                    at.truncate(at.rfind('/').unwrap_or_default());
                    left.extend(target.rsplit('/').map(str::to_owned));
                }
                Item::SUBMODULE if self.inside(&at) => return Ok(Real::Submodule),
                // Below a file there is nothing, also not itself.
                _ if !left.is_empty() => return Ok(Real::Absent),
                _ if self.inside(&at) => return Ok(Real::File(item)),
                _ => return Err(LEAVES.into()),
            }
        }
        if self.inside(&at) { Ok(Real::Folder(at)) } else { Err(LEAVES.into()) }
    }

    /// Whether a path from the repository's root is the project folder or below it.
    fn inside(&self, path: &str) -> bool {
        let rest = path.strip_prefix(&self.folder);
        self.folder.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    fn target(&self, item: &Item) -> Result<String, String> {
        let bytes = self.objects.blob(&item.id)?;
        if bytes.is_empty() || bytes.len() > MAX_TARGET || bytes.contains(&0) {
            return Err("the link cannot be read: no checkout can have it".into());
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn blob(&self, item: &Item) -> Result<Vec<u8>, String> {
        let bytes = self.objects.blob(&item.id)?;
        if bytes.len() as u64 > MAX_FILE { Err(too_large()) } else { Ok(bytes) }
    }
}

impl std::fmt::Debug for Commit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Commit").field("id", &self.id).field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// Goes one step down.
fn push(path: &mut String, part: &str) {
    if !path.is_empty() {
        path.push('/');
    }
    path.push_str(part);
}
