//! Reads wanted paths out of a tar: one pass while the root is looked for, a second one only where the first could
//! not know the root in time, and one more for a wanted path that is a hard link.

use std::io::{Read, Seek, SeekFrom};

use super::base::{Chooser, Pattern};
use super::error::ArchiveError;
use super::source::Deadline;
use super::tar::{Entries, Kind, TarEntry};
use super::tree::{self, Found, Put, State, Tree, normalise};
use super::{ArchiveLimits, Member, stream};

/// The number of hard links that are followed one after the other.
const LINKS_MAX: usize = 8;

/// A file's content.
type Content = Vec<u8>;

/// The archive, to be read from its start again and again.
struct Tar<'a, R> {
    file: &'a mut R,
    limits: &'a ArchiveLimits,
    deadline: Deadline,
}

/// See [`super::read`].
pub(super) fn read<R: Read + Seek>(
    file: &mut R,
    pattern: Option<&Pattern>,
    wanted: &[Vec<u8>],
    limits: &ArchiveLimits,
    deadline: Deadline,
) -> Result<Vec<Member>, ArchiveError> {
    let mut tar = Tar { file, limits, deadline };
    let (root, tree) = match pattern {
        Some(pattern) => tar.search(pattern, wanted)?,
        None => (Root::whole(), tar.scan(&Root::whole(), wanted, u64::MAX)?),
    };
    wanted
        .iter()
        .map(|path| match tree.found(path)? {
            Found::Beyond { link, target } => tree::beyond(&link, target),
            Found::Here(state) => tar.member(&root, path, state),
        })
        .collect()
}

/// Which names are staged, and how they are cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Root {
    /// Ends with a slash; empty if everything is staged.
    prefix: Vec<u8>,
}

impl Root {
    fn whole() -> Self {
        Self { prefix: Vec::new() }
    }

    fn of(folder: &[u8]) -> Self {
        let mut prefix = folder.to_vec();
        if !prefix.is_empty() && !prefix.ends_with(b"/") {
            prefix.push(b'/');
        }
        Self { prefix }
    }

    /// The staged name, `None` for what lies outside. `_preextract_filter` takes one `./` off, then the prefix.
    fn cut<'n>(&self, name: &'n [u8]) -> Option<&'n [u8]> {
        if self.prefix.is_empty() {
            return Some(name);
        }
        without_dot(name).strip_prefix(self.prefix.as_slice())
    }

    /// A hard link's target: cut if it lies inside, as it is otherwise.
    fn cut_target<'n>(&self, target: &'n [u8]) -> &'n [u8] {
        if self.prefix.is_empty() {
            return target;
        }
        let target = without_dot(target);
        target.strip_prefix(self.prefix.as_slice()).unwrap_or(target)
    }
}

fn without_dot(name: &[u8]) -> &[u8] {
    name.strip_prefix(b"./").unwrap_or(name)
}

impl<R: Read + Seek> Tar<'_, R> {
    fn entries(&mut self) -> Result<Entries<impl Read>, ArchiveError> {
        self.file.seek(SeekFrom::Start(0))?;
        let unpacked = stream::open(&mut *self.file, self.limits, self.deadline)?;
        Ok(Entries::new(unpacked, self.limits))
    }

    /// Finds the root and stages what lies inside. While names go by, the first match so far is taken for the
    /// root; if it was the wrong one, the archive is read again.
    fn search(&mut self, pattern: &Pattern, wanted: &[Vec<u8>]) -> Result<(Root, Tree<Content>), ArchiveError> {
        let mut chooser = Chooser::new(pattern);
        let mut guess: Option<(Vec<u8>, u64)> = None;
        let mut staged = Ok(Tree::new(wanted));
        let mut entries = self.entries()?;
        while let Some(entry) = entries.next()? {
            chooser.see_tar(&entry.name, entry.kind == Kind::Folder);
            if let Some(folder) = chooser.tentative()
                && guess.as_ref().is_none_or(|(guess, _)| guess != folder)
            {
                guess = Some((folder.to_vec(), entry.index));
                staged = Ok(Tree::new(wanted));
            }
            // What is wrong below a wrong guess does not matter.
            if let (Some((folder, _)), Ok(tree)) = (&guess, &mut staged)
                && let Err(error) = stage(tree, &Root::of(folder), &entry, &mut entries)
            {
                staged = Err(error);
            }
        }
        entries.drain()?;
        let folder = chooser.choose()?;
        if folder.ends_with(b"/") {
            return Err(ArchiveError::unsafe_entry(&folder, "is the base-dir and has an empty component"));
        }
        let root = Root::of(&folder);
        // Everything counts if the whole archive is the root, so the guess must come with the first entry.
        let known = guess.is_some_and(|(guess, since)| guess == folder && (since == 0 || !guess.is_empty()));
        let tree = if known { staged? } else { self.scan(&root, wanted, u64::MAX)? };
        Ok((root, tree))
    }

    /// Stages what lies inside of a known root, up to the entry `end`.
    fn scan(&mut self, root: &Root, wanted: &[Vec<u8>], end: u64) -> Result<Tree<Content>, ArchiveError> {
        let mut tree = Tree::new(wanted);
        let mut entries = self.entries()?;
        while let Some(entry) = entries.next()? {
            if entry.index == end {
                return Ok(tree);
            }
            stage(&mut tree, root, &entry, &mut entries)?;
        }
        entries.drain()?;
        Ok(tree)
    }

    /// The answer for a wanted path. A hard link is the file that it names, as that was before the link: the
    /// staged one, or else (`makelink_with_filter`) the entry of that name outside of the root.
    fn member(&mut self, root: &Root, path: &[u8], state: State<Content>) -> Result<Member, ArchiveError> {
        let mut state = state;
        for _ in 0..LINKS_MAX {
            let (target, index) = match state {
                State::Absent => return Ok(Member::Absent),
                State::Folder => return Ok(Member::Folder),
                State::File(content) => return Ok(Member::File(content.unwrap_or_default())),
                State::Symlink(target) => {
                    return tree::link_text(path, target).map(Member::Symlink);
                }
                State::Hardlink { target, index } => (target, index),
            };
            state = self.target(root, path, target, index)?;
        }
        Err(ArchiveError::unsupported(path, "a chain of too many hard links"))
    }

    fn target(
        &mut self,
        root: &Root,
        path: &[u8],
        target: Vec<u8>,
        index: u64,
    ) -> Result<State<Content>, ArchiveError> {
        let wanted = [target];
        let staged = self.scan(root, &wanted, index)?.found(&wanted[0])?;
        let outside = matches!(staged, Found::Here(State::Absent)) && *root != Root::whole();
        let found = match outside {
            true => self.scan(&Root::whole(), &wanted, index)?.found(&wanted[0])?,
            false => staged,
        };
        match found {
            Found::Here(State::Hardlink { .. } | State::Symlink(_)) if outside => {
                Err(ArchiveError::unsupported(path, "a hard link to a link outside of the base-dir"))
            }
            Found::Here(State::Folder) => Err(ArchiveError::unsafe_entry(path, "is a hard link to a folder")),
            Found::Here(State::Absent) | Found::Beyond { .. } => {
                let what = "is a hard link to something that the archive does not hold before it";
                Err(ArchiveError::unsafe_entry(path, what))
            }
            Found::Here(state) => Ok(state),
        }
    }
}

/// Puts one entry into the tree, reading its content if it is wanted.
fn stage<R: Read>(
    tree: &mut Tree<Content>,
    root: &Root,
    entry: &TarEntry,
    entries: &mut Entries<R>,
) -> Result<(), ArchiveError> {
    let Some(name) = root.cut(&entry.name) else {
        return Ok(());
    };
    let Some(path) = normalise(name) else {
        return Err(ArchiveError::unsafe_entry(&entry.name, "has `..` in its path"));
    };
    if entry.kind != Kind::Folder && names_itself(name) {
        return Err(ArchiveError::unsafe_entry(&entry.name, "ends with `.` and is no folder"));
    }
    let put = match entry.kind {
        Kind::File => Put::File,
        Kind::Folder => Put::Folder,
        Kind::Symlink => Put::Symlink(&entry.link),
        Kind::Hardlink => Put::Hardlink(root.cut_target(&entry.link), entry.index),
        Kind::Device if tree.wants(&path) => {
            return Err(ArchiveError::unsupported(&entry.name, "it is a device or a pipe"));
        }
        // `_preextract_filter` skips them.
        Kind::Device => return Ok(()),
        Kind::Unknown(byte) => {
            let what = format!("BuildStream does not stage the type `{}`", byte.escape_ascii());
            return Err(ArchiveError::unsupported(&entry.name, what));
        }
    };
    tree.stage(&entry.name, &path, &put, &mut || {
        if entry.sparse {
            return Err(ArchiveError::unsupported(&entry.name, "it is a sparse file"));
        }
        if entry.size > 0 { entries.data() } else { Ok(Vec::new()) }
    })
}

/// Returns whether the last component is `.`: Python then finds a folder in the place of the file, and for a symbolic
/// link goes on as if nothing had happened.
fn names_itself(name: &[u8]) -> bool {
    let mut parts = name.rsplit(|byte| *byte == b'/');
    parts.find(|part| !part.is_empty()) == Some(b".")
}
