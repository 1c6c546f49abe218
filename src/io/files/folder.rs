//! A working folder: read inside it only, written atomically.

use super::write::{self, Places};
use super::{MAX_DEPTH, MAX_FILES, TreeEntry};
use crate::finding::read::{Read, Unreadable};
use crate::io::bounded::read_bounded;
use crate::text::SourceText;
use crate::workflows::WORKFLOWS;
use std::path::{Path, PathBuf};

/// The message on a path that leads out of the project.
const LEAVES: &str = "the path leaves the project";

/// The project in a folder.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    /// The folder of the repository around it; the project's own where there is none.
    repository: PathBuf,
}

fn is_absence(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
}

fn unread(error: &std::io::Error) -> Unreadable {
    Unreadable::new(format!("the file cannot be read: {error}"))
}

impl Folder {
    pub(super) fn new(root: &Path) -> std::io::Result<Self> {
        let root = root.canonicalize()?;
        let repository = root.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&root).to_owned();
        Ok(Self { root, repository })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The way from the project's folder to the repository's: empty, or `../` for each step.
    pub(super) fn up(&self) -> String {
        let steps = self.root.strip_prefix(&self.repository).map_or(0, |below| below.components().count());
        "../".repeat(steps)
    }

    /// Returns whether a real path may be read and written: it is in the project, or one of the repository's workflows.
    fn inside(&self, real: &Path) -> bool {
        real.starts_with(&self.root) || real.starts_with(self.repository.join(WORKFLOWS))
    }

    pub(super) fn bytes(&self, path: &str) -> Read<Vec<u8>> {
        match self.root.join(path).canonicalize() {
            Err(e) if is_absence(&e) => Read::Absent,
            Err(e) => Read::Unreadable(unread(&e)),
            Ok(real) if !self.inside(&real) => Read::unreadable(LEAVES),
            Ok(real) => match read_bounded(&real) {
                Ok(bytes) => Read::Known(bytes),
                Err(why) => Read::Unreadable(why),
            },
        }
    }

    pub(super) fn entry(&self, path: &str) -> Result<TreeEntry, Unreadable> {
        let mut at = self.root.clone();
        let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
        if parts.contains(&"..") {
            return Err(Unreadable::new(LEAVES));
        }
        for (index, part) in parts.iter().enumerate() {
            at.push(part);
            let meta = match at.symlink_metadata() {
                Ok(meta) => meta,
                Err(e) if is_absence(&e) => return Ok(TreeEntry::Absent),
                Err(e) => return Err(unread(&e)),
            };
            let last = index + 1 == parts.len();
            if meta.is_symlink() {
                let target =
                    std::fs::read_link(&at).map_err(|e| Unreadable::new(format!("the link cannot be read: {e}")))?;
                return Ok(if last {
                    TreeEntry::Symlink(target.to_string_lossy().into_owned())
                } else {
                    TreeEntry::Absent
                });
            }
            if last && meta.is_file() {
                return read_bounded(&at).map(TreeEntry::File);
            }
            if !meta.is_dir() {
                return Ok(TreeEntry::Absent);
            }
        }
        Ok(TreeEntry::Folder)
    }

    pub(super) fn exists(&self, path: &str) -> Result<bool, Unreadable> {
        match self.root.join(path).canonicalize() {
            Ok(real) => Ok(self.inside(&real) && real.is_file()),
            Err(e) if is_absence(&e) => Ok(false),
            Err(e) => Err(unread(&e)),
        }
    }

    pub(super) fn names(&self, path: &str) -> Read<Vec<String>> {
        let unread = |e: &std::io::Error| Read::unreadable(format!("the folder `{path}` cannot be read: {e}"));
        let real = match self.root.join(path).canonicalize() {
            Ok(real) => real,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Read::Absent,
            Err(e) => return unread(&e),
        };
        if !self.inside(&real) {
            return Read::unreadable(LEAVES);
        }
        let mut names = Vec::new();
        let entries = match std::fs::read_dir(&real) {
            Ok(entries) => entries,
            Err(e) => return unread(&e),
        };
        for entry in entries {
            match entry {
                Ok(entry) => names.push(entry.file_name().to_string_lossy().into_owned()),
                Err(e) => return unread(&e),
            }
            if names.len() > MAX_FILES {
                return Read::unreadable(format!("the folder `{path}` has more than {MAX_FILES} entries"));
            }
        }
        names.sort();
        Read::Known(names)
    }

    pub(super) fn elements(&self, folder: &str) -> Result<Vec<String>, Unreadable> {
        let mut found = Vec::new();
        let mut open = vec![(folder.to_owned(), 0)];
        match self.root.join(folder).canonicalize() {
            Ok(start) if !start.starts_with(&self.root) => return Err(Unreadable::new(LEAVES)),
            // A start that does not exist is reported below.
            Ok(_) | Err(_) => {}
        }
        while let Some((folder, depth)) = open.pop() {
            if depth > MAX_DEPTH {
                return Err(Unreadable::new(format!("folders nest deeper than {MAX_DEPTH} in {folder}")));
            }
            let cannot = |e: std::io::Error| {
                Unreadable::new(format!("the folder of the elements, `{folder}`, cannot be read: {e}"))
            };
            for entry in std::fs::read_dir(self.root.join(&folder)).map_err(cannot)? {
                let entry = entry.map_err(cannot)?;
                let name = entry.file_name().to_string_lossy().into_owned();
                let kind = entry.file_type().map_err(cannot)?;
                let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
                if kind.is_dir() && !super::is_cache(&name) {
                    open.push((path, depth + 1));
                } else if name.ends_with(".bst") && !kind.is_dir() {
                    found.push(path);
                }
            }
            if found.len() + open.len() > MAX_FILES {
                return Err(Unreadable::new(format!("more than {MAX_FILES} files below the element path")));
            }
        }
        found.sort();
        Ok(found)
    }

    pub(super) fn replace(&self, old: &SourceText, new: &SourceText) -> anyhow::Result<()> {
        let path = self.root.join(&*old.path).canonicalize()?;
        anyhow::ensure!(self.inside(&path), LEAVES);
        let permissions = std::fs::metadata(&path)?.permissions();
        let change = write::Change { path: &path, old: old.text.as_bytes(), new: new.text.as_bytes(), permissions };
        write::replace(&change, &Places::of(&path, Some(&self.repository)))
    }

    pub(super) fn create(&self, new: &SourceText) -> anyhow::Result<()> {
        let path = crate::bst::project::clean_path(&new.path).filter(|path| !path.is_empty());
        let path = self.root.join(path.ok_or_else(|| anyhow::anyhow!(LEAVES))?);
        let folder = path.parent().unwrap_or(&self.root);
        std::fs::create_dir_all(folder)?;
        anyhow::ensure!(folder.canonicalize()?.starts_with(&self.root), LEAVES);
        let written = write::create(&path, new.text.as_bytes(), &Places::of(&path, Some(&self.repository)));
        written.map_err(|e| anyhow::anyhow!("`{}` cannot be written: {e}", new.path))
    }
}
