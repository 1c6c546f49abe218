//! A working folder: read inside it only, written atomically.

use super::{MAX_DEPTH, MAX_FILES, TreeEntry, read_bounded};
use crate::text::SourceText;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What temporary files of ours are called. They are in the way only after a kill.
const TEMPORARY: &str = ".cargo2-bot-";

/// The project in a folder.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(super) fn new(root: &Path) -> std::io::Result<Self> {
        Ok(Self { root: root.canonicalize()? })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn bytes(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        let full = self.root.join(path);
        let real = match full.canonicalize() {
            Ok(real) => real,
            Err(e) if matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(e) => return Err(format!("the file cannot be read: {e}")),
        };
        if !real.starts_with(&self.root) {
            return Err("the path leaves the project".into());
        }
        read_bounded(&real).map(Some)
    }

    pub(super) fn entry(&self, path: &str) -> Result<TreeEntry, String> {
        let mut at = self.root.clone();
        let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
        if parts.contains(&"..") {
            return Err("the path leaves the project".into());
        }
        for (index, part) in parts.iter().enumerate() {
            at.push(part);
            let meta = match at.symlink_metadata() {
                Ok(meta) => meta,
                Err(e) if matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
                    return Ok(TreeEntry::Absent);
                }
                Err(e) => return Err(format!("the file cannot be read: {e}")),
            };
            let last = index + 1 == parts.len();
            if meta.is_symlink() {
                let target = std::fs::read_link(&at).map_err(|e| format!("the link cannot be read: {e}"))?;
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

    pub(super) fn exists(&self, path: &str) -> bool {
        let real = self.root.join(path).canonicalize();
        real.is_ok_and(|real| real.starts_with(&self.root) && real.is_file())
    }

    pub(super) fn names(&self, path: &str) -> Result<Vec<String>, String> {
        let full = self.root.join(path);
        let real = full.canonicalize().map_err(|e| format!("the folder `{path}` cannot be read: {e}"))?;
        if !real.starts_with(&self.root) {
            return Err("the path leaves the project".into());
        }
        let entries = std::fs::read_dir(&real).map_err(|e| format!("the folder `{path}` cannot be read: {e}"))?;
        let mut names: Vec<String> =
            entries.take(MAX_FILES).flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        Ok(names)
    }

    pub(super) fn elements(&self, folder: &str) -> anyhow::Result<Vec<String>> {
        let mut found = Vec::new();
        let mut open = vec![(folder.to_owned(), 0)];
        // A start that does not exist is told below.
        let start = self.root.join(folder).canonicalize();
        anyhow::ensure!(start.map_or(true, |start| start.starts_with(&self.root)), "the path leaves the project");
        while let Some((folder, depth)) = open.pop() {
            anyhow::ensure!(depth <= MAX_DEPTH, "folders nest deeper than {MAX_DEPTH} in {folder}");
            let entries = std::fs::read_dir(self.root.join(&folder));
            let entries =
                entries.map_err(|e| anyhow::anyhow!("the folder of the elements, `{folder}`, cannot be read: {e}"))?;
            for entry in entries.flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                let Ok(kind) = entry.file_type() else {
                    continue;
                };
                let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
                if kind.is_dir() && !super::is_cache(&name) {
                    open.push((path, depth + 1));
                } else if name.ends_with(".bst") && !kind.is_dir() {
                    found.push(path);
                }
            }
            anyhow::ensure!(
                found.len() + open.len() <= MAX_FILES,
                "more than {MAX_FILES} files below the element path"
            );
        }
        found.sort();
        Ok(found)
    }

    pub(super) fn replace(&self, old: &SourceText, new: &SourceText) -> anyhow::Result<()> {
        let path = self.root.join(&*old.path).canonicalize()?;
        anyhow::ensure!(path.starts_with(&self.root), "the path leaves the project");
        let now = std::fs::read(&path)?;
        anyhow::ensure!(now == old.text.as_bytes(), "the file changed while it was looked at; run again");
        let meta = std::fs::metadata(&path)?;
        let folder = path.parent().unwrap_or(&self.root);
        let mut file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder)?;
        file.write_all(new.text.as_bytes())?;
        file.as_file().set_permissions(meta.permissions())?;
        file.as_file().sync_all()?;
        file.persist(&path)?;
        Ok(())
    }

    pub(super) fn create(&self, new: &SourceText) -> anyhow::Result<()> {
        let path = crate::bst::project::clean_path(&new.path).filter(|path| !path.is_empty());
        let path = self.root.join(path.ok_or_else(|| anyhow::anyhow!("the path leaves the project"))?);
        let folder = path.parent().unwrap_or(&self.root);
        std::fs::create_dir_all(folder)?;
        anyhow::ensure!(folder.canonicalize()?.starts_with(&self.root), "the path leaves the project");
        let mut file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder)?;
        file.write_all(new.text.as_bytes())?;
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        file.as_file().set_permissions(permissions)?;
        file.as_file().sync_all()?;
        file.persist_noclobber(&path).map_err(|e| anyhow::anyhow!("`{}` cannot be written: {}", new.path, e.error))?;
        Ok(())
    }
}
