//! The project in a commit: the answers that a checkout of it gives.

use super::{MAX_DEPTH, MAX_FILES, TreeEntry};
use crate::finding::read::{Read, Unreadable};
use crate::github::tree::{Item, Listing};
use crate::io::bounded::{MAX_FILE, too_large};
use crate::io::commit::Objects;
use crate::io::history::{HistoryLimits, Versions};
use crate::workflows::WORKFLOWS;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The number of links that are followed on the way to one file: as many as Linux follows.
const MAX_LINKS: usize = 40;

/// The maximum length of a link's target, in bytes: as long as Linux takes.
const MAX_TARGET: usize = 4095;

const LEAVES: &str = "the path leaves the project";
const SUBMODULE: &str = "this is in a submodule, which is not read";

/// The project in a commit.
pub(super) struct Commit {
    objects: Arc<dyn Objects>,
    listing: Listing,
    id: String,
    /// The folder of the project below the repository's root.
    folder: String,
}

/// The entry at the end of a path, all links followed.
enum Real<'a> {
    File(&'a Item),
    /// By its path from the repository's root.
    Folder(String),
    Submodule,
    Absent,
}

impl Commit {
    pub(super) fn new(objects: Arc<dyn Objects>, id: &str, folder: &str) -> Result<Self, Unreadable> {
        let listing = objects.tree(id)?;
        Self::of(objects, listing, id, folder)
    }

    /// The project in files that are those of the commit `id`, or what a merge of it would make.
    pub(super) fn of(objects: Arc<dyn Objects>, listing: Listing, id: &str, folder: &str) -> Result<Self, Unreadable> {
        let clean = crate::bst::project::clean_path(folder);
        let clean = clean
            .ok_or_else(|| Unreadable::new(format!("the folder `{}` leaves the repository", folder.escape_debug())))?;
        if !listing.is_folder(&clean) {
            return Err(Unreadable::new(format!("the commit {id} has no folder `{}`", clean.escape_debug())));
        }
        Ok(Self { objects, listing, id: id.to_owned(), folder: clean })
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Returns whether the ids say that a path holds the same. False says nothing: links are not followed here.
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

    /// The way from the project's folder to the repository's root: empty, or `../` for each step.
    pub(super) fn up(&self) -> String {
        "../".repeat(self.folder.split('/').filter(|part| !part.is_empty()).count())
    }

    pub(super) fn bytes(&self, path: &str) -> Read<Vec<u8>> {
        let bytes = match self.real(path) {
            Ok(Real::File(item)) => self.blob(item),
            Ok(Real::Folder(_)) => Err(Unreadable::new("this is not a file")),
            Ok(Real::Submodule) => Err(Unreadable::new(SUBMODULE)),
            Ok(Real::Absent) => return Read::Absent,
            Err(why) => Err(why),
        };
        match bytes {
            Ok(bytes) => Read::Known(bytes),
            Err(why) => Read::Unreadable(why),
        }
    }

    pub(super) fn entry(&self, path: &str) -> Result<TreeEntry, Unreadable> {
        let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
        if parts.contains(&"..") {
            return Err(Unreadable::new(LEAVES));
        }
        let mut at = self.folder.clone();
        for (index, part) in parts.iter().enumerate() {
            if *part == "." {
                continue;
            }
            push(&mut at, part);
            let last = index + 1 == parts.len();
            match self.listing.get(&at) {
                Some(item) if item.mode == Item::SUBMODULE => return Err(Unreadable::new(SUBMODULE)),
                Some(item) if item.mode == Item::LINK && last => return self.target(item).map(TreeEntry::Symlink),
                Some(item) if item.mode != Item::LINK && last => return self.blob(item).map(TreeEntry::File),
                Some(_) => return Ok(TreeEntry::Absent),
                None if !self.listing.is_folder(&at) => return Ok(TreeEntry::Absent),
                None => {}
            }
        }
        Ok(TreeEntry::Folder)
    }

    pub(super) fn exists(&self, path: &str) -> Result<bool, Unreadable> {
        match self.real(path) {
            Ok(real) => Ok(matches!(real, Real::File(_))),
            // As in a checkout: what leads out of the project is not one of its files.
            Err(why) if why == Unreadable::new(LEAVES) => Ok(false),
            Err(why) => Err(why),
        }
    }

    pub(super) fn names(&self, path: &str) -> Read<Vec<String>> {
        let folder = match self.real(path) {
            Ok(Real::Folder(folder)) => folder,
            Ok(Real::Submodule) => return Read::Known(Vec::new()),
            Ok(Real::File(_)) => return Read::unreadable(format!("the folder `{path}` cannot be read: it is a file")),
            Ok(Real::Absent) => return Read::Absent,
            Err(why) => return Read::Unreadable(why),
        };
        let first = |(below, _): (&str, &Item)| below.split('/').next().unwrap_or_default().to_owned();
        let names: BTreeSet<String> = self.listing.below(&folder).map(first).collect();
        if names.len() > MAX_FILES {
            return Read::unreadable(format!("the folder `{path}` has more than {MAX_FILES} entries"));
        }
        Read::Known(names.into_iter().collect())
    }

    pub(super) fn elements(&self, folder: &str) -> Result<Vec<String>, Unreadable> {
        let cannot =
            |why: &str| Unreadable::new(format!("the folder of the elements, `{folder}`, cannot be read: {why}"));
        let real = match self.real(folder).map_err(|why| cannot(&why.to_string()))? {
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
            if folders.len() > MAX_DEPTH {
                return Err(Unreadable::new(format!("folders nest deeper than {MAX_DEPTH} in {folder}")));
            }
            if name.ends_with(".bst") && item.mode != Item::SUBMODULE {
                found.push(if folder.is_empty() { below.to_owned() } else { format!("{folder}/{below}") });
            }
            if found.len() > MAX_FILES {
                return Err(Unreadable::new(format!("more than {MAX_FILES} files below the element path")));
            }
        }
        found.sort();
        Ok(found)
    }

    pub(super) fn earlier(&self, paths: &[String], limits: HistoryLimits) -> Result<Option<Versions>, Unreadable> {
        match self.objects.local() {
            Some(local) => Versions::of_commit(local, &self.id, &self.folder, paths, limits).map(Some),
            None => Ok(None),
        }
    }

    /// Follows a path as a file system does, inside the project only.
    fn real(&self, path: &str) -> Result<Real<'_>, Unreadable> {
        if path.starts_with('/') {
            return Err(Unreadable::new(LEAVES));
        }
        let mut at = self.folder.clone();
        let mut left: Vec<String> = path.rsplit('/').map(str::to_owned).collect();
        let mut links = 0;
        while let Some(part) = left.pop() {
            match part.as_str() {
                "" | "." => continue,
                ".." if at.is_empty() => return Err(Unreadable::new(LEAVES)),
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
                        return Err(Unreadable::new("the file is reached through too many links"));
                    }
                    if target.starts_with('/') {
                        return Err(Unreadable::new(LEAVES));
                    }
                    at.truncate(at.rfind('/').unwrap_or_default());
                    left.extend(target.rsplit('/').map(str::to_owned));
                }
                Item::SUBMODULE if self.inside(&at) => return Ok(Real::Submodule),
                // Below a file there is nothing, also not itself.
                _ if !left.is_empty() => return Ok(Real::Absent),
                _ if self.inside(&at) => return Ok(Real::File(item)),
                _ => return Err(Unreadable::new(LEAVES)),
            }
        }
        if self.inside(&at) { Ok(Real::Folder(at)) } else { Err(Unreadable::new(LEAVES)) }
    }

    /// Returns whether a path from the repository's root is the project folder or below it, or one of the repository's
    /// workflows.
    fn inside(&self, path: &str) -> bool {
        if path == WORKFLOWS.trim_end_matches('/') || path.starts_with(WORKFLOWS) {
            return true;
        }
        let rest = path.strip_prefix(&self.folder);
        self.folder.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    fn target(&self, item: &Item) -> Result<String, Unreadable> {
        let bytes = self.objects.blob(&item.id)?;
        if bytes.is_empty() || bytes.len() > MAX_TARGET || bytes.contains(&0) {
            return Err(Unreadable::new("the link cannot be read: no checkout can have it"));
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn blob(&self, item: &Item) -> Result<Vec<u8>, Unreadable> {
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
