//! The part of the staged tree that the wanted paths depend on, built entry by entry in the archive's order.
//!
//! Python opens a file for writing and follows whatever is there, so an entry can change another path than its own:
//! through a symbolic link, or through a hard link. Archives made of a real tree never do that; one that does is
//! refused. For that the places of all links are kept, 8 bytes each (16 for a hard link).

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use super::Member;
use super::error::ArchiveError;

/// The state of one place of the tree. `T` is the type of a file's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State<T> {
    Absent,
    Folder,
    /// The content is kept for wanted paths only.
    File(Option<T>),
    Symlink(Vec<u8>),
    /// The same file as `target`, as that was before the entry `index`.
    Hardlink {
        target: Vec<u8>,
        index: u64,
    },
}

/// The effect of an entry on the tree.
pub(super) enum Put<'a> {
    File,
    Folder,
    Symlink(&'a [u8]),
    /// With the target's staged path, not yet normalised, and the entry's index.
    Hardlink(&'a [u8], u64),
}

#[derive(Debug)]
struct Node<T> {
    wanted: bool,
    state: State<T>,
}

/// The wanted paths and the folders on the way to them.
#[derive(Debug)]
pub(super) struct Tree<T> {
    nodes: BTreeMap<Vec<u8>, Node<T>>,
    symlinks: HashSet<u64>,
    hardlinks: HashSet<u64>,
    hasher: RandomState,
}

/// The path without empty and `.` components; `None` if it has a `..`.
pub(super) fn normalise(path: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(path.len());
    for part in path.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".") {
        if part == b".." {
            return None;
        }
        if !out.is_empty() {
            out.push(b'/');
        }
        out.extend_from_slice(part);
    }
    Some(out)
}

/// The folders on the way to a normalised path, without the root, the outermost first.
fn ancestors(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| &path[..at])
}

impl<T> Tree<T> {
    /// An empty tree; `wanted` are normalised.
    pub(super) fn new(wanted: &[Vec<u8>]) -> Self {
        let mut nodes = BTreeMap::new();
        for path in wanted.iter().filter(|path| !path.is_empty()) {
            for folder in ancestors(path) {
                nodes.entry(folder.to_vec()).or_insert(Node { wanted: false, state: State::Absent });
            }
            nodes.insert(path.clone(), Node { wanted: true, state: State::Absent });
        }
        // A wanted path can be on the way to another one.
        for path in wanted {
            if let Some(node) = nodes.get_mut(path) {
                node.wanted = true;
            }
        }
        let (symlinks, hardlinks) = (HashSet::new(), HashSet::new());
        Self { nodes, symlinks, hardlinks, hasher: RandomState::new() }
    }

    /// Returns whether the place is one of the wanted paths.
    pub(super) fn wants(&self, path: &[u8]) -> bool {
        self.nodes.get(path).is_some_and(|node| node.wanted)
    }

    /// Stages one entry. `path` is normalised; `name` is the entry's name for messages; `content` is read
    /// only if the entry is a file at a wanted path.
    pub(super) fn stage(
        &mut self,
        name: &[u8],
        path: &[u8],
        put: &Put<'_>,
        content: &mut dyn FnMut() -> Result<T, ArchiveError>,
    ) -> Result<(), ArchiveError> {
        if path.is_empty() {
            return match put {
                Put::Folder => Ok(()),
                _ => Err(ArchiveError::unsafe_entry(name, "takes the place of the root")),
            };
        }
        self.check_links(name, path)?;
        for folder in ancestors(path) {
            if let Some(node) = self.nodes.get_mut(folder) {
                node.state = below(name, &node.state)?;
            }
        }
        let state = match put {
            Put::Folder => State::Folder,
            // The system refuses it, and Python goes on as if it had not been there.
            Put::Symlink(b"") => {
                return Err(ArchiveError::unsafe_entry(name, "is a link to nothing"));
            }
            Put::Symlink(target) => {
                self.symlinks.insert(self.hasher.hash_one(path));
                State::Symlink(target.to_vec())
            }
            Put::Hardlink(target, index) => self.hardlink(name, path, target, *index)?,
            Put::File if self.wants(path) => State::File(Some(content()?)),
            Put::File => State::File(None),
        };
        let Some(node) = self.nodes.get_mut(path) else {
            return Ok(());
        };
        match (&node.state, &state) {
            (State::Absent, _) | (State::Folder, State::Folder) => {}
            (State::Folder, _) => {
                return Err(ArchiveError::unsafe_entry(name, "takes the place of a folder"));
            }
            (_, State::Folder) => {
                return Err(ArchiveError::unsafe_entry(name, "is a folder in the place of a file"));
            }
            _ => {}
        }
        node.state = state;
        Ok(())
    }

    fn check_links(&self, name: &[u8], path: &[u8]) -> Result<(), ArchiveError> {
        if self.symlinks.is_empty() && self.hardlinks.is_empty() {
            return Ok(());
        }
        if self.beyond_symlink(path) {
            return Err(ArchiveError::unsafe_entry(name, "lies beyond a symbolic link of the archive"));
        }
        let place = self.hasher.hash_one(path);
        if self.symlinks.contains(&place) {
            return Err(ArchiveError::unsafe_entry(name, "overwrites a symbolic link"));
        }
        if self.hardlinks.contains(&place) {
            return Err(ArchiveError::unsafe_entry(name, "overwrites a file with several names"));
        }
        Ok(())
    }

    fn beyond_symlink(&self, path: &[u8]) -> bool {
        !self.symlinks.is_empty() && ancestors(path).any(|folder| self.symlinks.contains(&self.hasher.hash_one(folder)))
    }

    /// `data_filter` refuses absolute targets and those that leave the tree.
    fn hardlink(&mut self, name: &[u8], path: &[u8], target: &[u8], index: u64) -> Result<State<T>, ArchiveError> {
        let inside = (!target.starts_with(b"/")).then(|| normalise(target)).flatten();
        let Some(target) = inside.filter(|target| !target.is_empty()) else {
            return Err(ArchiveError::unsafe_entry(name, "is a hard link that leaves the tree"));
        };
        if self.beyond_symlink(&target) {
            return Err(ArchiveError::unsafe_entry(name, "is a hard link through a symbolic link"));
        }
        let (from, to) = (self.hasher.hash_one(path), self.hasher.hash_one(target.as_slice()));
        if self.symlinks.contains(&to) {
            // Another name of a symbolic link is a symbolic link.
            self.symlinks.insert(from);
        }
        self.hardlinks.extend([from, to]);
        Ok(State::Hardlink { target, index })
    }

    /// Returns the member at a wanted path, after the last entry, or the link that is in the way. A path may be asked
    /// for again, and be on the way to another one.
    pub(super) fn found(&self, path: &[u8]) -> Result<Found<T>, ArchiveError>
    where
        T: Clone,
    {
        if path.is_empty() {
            return Ok(Found::Here(State::Folder));
        }
        for folder in ancestors(path) {
            match self.nodes.get(folder).map(|node| &node.state) {
                Some(State::Symlink(target)) => {
                    return Ok(Found::Beyond { link: folder.to_vec(), target: target.clone() });
                }
                Some(State::Hardlink { .. }) => {
                    return Err(ArchiveError::unsupported(folder, "a hard link on the way to a wanted path"));
                }
                _ => {}
            }
        }
        let state = self.nodes.get(path).map(|node| node.state.clone());
        Ok(Found::Here(state.unwrap_or(State::Absent)))
    }
}

/// The answer of [`Tree::found`].
#[derive(Debug)]
pub(super) enum Found<T> {
    Here(State<T>),
    Beyond { link: Vec<u8>, target: Vec<u8> },
}

/// Returns the new state of a folder on the way when something is staged below it.
fn below<T>(name: &[u8], state: &State<T>) -> Result<State<T>, ArchiveError> {
    match state {
        State::Absent | State::Folder => Ok(State::Folder),
        State::File(_) | State::Symlink(_) | State::Hardlink { .. } => {
            Err(ArchiveError::unsafe_entry(name, "lies below a file"))
        }
    }
}

/// The link's target as text; only then can it be followed.
pub(super) fn link_text(link: &[u8], target: Vec<u8>) -> Result<String, ArchiveError> {
    String::from_utf8(target).map_err(|_| ArchiveError::unsupported(link, "a link whose target is not UTF-8"))
}

/// The link in the way as an answer.
pub(super) fn beyond(link: &[u8], target: Vec<u8>) -> Result<Member, ArchiveError> {
    let target = link_text(link, target)?;
    let link = String::from_utf8_lossy(link).into_owned();
    Ok(Member::Beyond { link, target })
}
