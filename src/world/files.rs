//! The checkout: read inside its folder only, written atomically and only when something changes.

use crate::text::SourceText;
use std::collections::HashMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// How large a file of the project may be, in bytes.
const MAX_FILE: u64 = 32 << 20;

/// How many files a project may have below its element path.
const MAX_FILES: usize = 200_000;

/// How deep its folders may nest.
const MAX_DEPTH: usize = 64;

/// What temporary files of ours are called. They are in the way only after a kill.
const TEMPORARY: &str = ".cargo2-bot-";

/// A file, or why there is none to read.
pub type Text = Result<Option<Arc<SourceText>>, String>;

/// What stands at a path of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A file's bytes.
    File(Vec<u8>),
    /// A link and its target.
    Symlink(String),
    /// A folder.
    Folder,
    /// Nothing.
    Absent,
}

/// The files of a project.
#[derive(Debug)]
pub struct Files {
    root: PathBuf,
    texts: Mutex<HashMap<String, Text>>,
}

impl Files {
    /// The project in `root`.
    ///
    /// # Errors
    /// When the folder does not exist.
    pub fn new(root: &Path) -> std::io::Result<Self> {
        Ok(Self { root: root.canonicalize()?, texts: Mutex::default() })
    }

    /// The project's folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The text of a file, by its path below the project folder. Read once.
    ///
    /// # Errors
    /// When the file is outside the project, too large, or not UTF-8.
    pub fn text(&self, path: &str) -> Text {
        if let Some(text) = self.texts.lock().ok().and_then(|texts| texts.get(path).cloned()) {
            return text;
        }
        let text = self.read_text(path);
        if let Ok(mut texts) = self.texts.lock() {
            texts.insert(path.to_owned(), text.clone());
        }
        text
    }

    fn read_text(&self, path: &str) -> Text {
        let Some(bytes) = self.bytes(path)? else {
            return Ok(None);
        };
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(Arc::new(SourceText::new(path, text)))),
            Err(e) => {
                let at = e.utf8_error().valid_up_to();
                let line = e.as_bytes()[..at].iter().filter(|b| **b == b'\n').count() + 1;
                Err(format!("the file is not UTF-8: line {line} holds the byte 0x{:02x}", e.as_bytes()[at]))
            }
        }
    }

    /// The bytes of a file inside the project. Links are followed as long as they stay inside.
    ///
    /// # Errors
    /// When the file is outside the project, too large, or cannot be read.
    pub fn bytes(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
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

    /// What stands at a path, links not followed. Folders on the way must be real ones.
    ///
    /// # Errors
    /// As [`Files::bytes`].
    pub fn entry(&self, path: &str) -> Result<Entry, String> {
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
                    return Ok(Entry::Absent);
                }
                Err(e) => return Err(format!("the file cannot be read: {e}")),
            };
            let last = index + 1 == parts.len();
            if meta.is_symlink() {
                let target = std::fs::read_link(&at).map_err(|e| format!("the link cannot be read: {e}"))?;
                return Ok(if last { Entry::Symlink(target.to_string_lossy().into_owned()) } else { Entry::Absent });
            }
            if last && meta.is_file() {
                return read_bounded(&at).map(Entry::File);
            }
            if !meta.is_dir() {
                return Ok(Entry::Absent);
            }
        }
        Ok(Entry::Folder)
    }

    /// Whether a file stands at a path of the project.
    #[must_use]
    pub fn exists(&self, path: &str) -> bool {
        self.root.join(path).is_file()
    }

    /// The names in a folder of the project, sorted.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn names(&self, path: &str) -> Result<Vec<String>, String> {
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

    /// Every `.bst` file below a folder of the project, sorted. Hidden folders, such as BuildStream's caches, and links are left out.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn elements(&self, folder: &str) -> anyhow::Result<Vec<String>> {
        let mut found = Vec::new();
        let mut open = vec![(folder.to_owned(), 0)];
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
                if kind.is_dir() && !name.starts_with('.') {
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

    /// Replaces a file's text, if it still is what was read. The file is whole at every moment.
    ///
    /// # Errors
    /// When the file changed since it was read, or cannot be written. It is as it was then.
    pub fn replace(&self, old: &SourceText, new: &SourceText) -> anyhow::Result<()> {
        if old.text == new.text {
            return Ok(());
        }
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
        if let Ok(mut texts) = self.texts.lock() {
            texts.remove(&*old.path);
        }
        Ok(())
    }
}

impl Files {
    /// Writes a new file, with the folders on the way. One that exists is never replaced.
    ///
    /// # Errors
    /// When the file exists, the path leaves the project, or it cannot be written.
    pub fn create(&self, new: &SourceText) -> anyhow::Result<()> {
        let path = crate::project::clean_path(&new.path).filter(|path| !path.is_empty());
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
        if let Ok(mut texts) = self.texts.lock() {
            texts.remove(&*new.path);
        }
        Ok(())
    }
}

/// Reads a file of bounded size.
pub(super) fn read_bounded(path: &Path) -> Result<Vec<u8>, String> {
    let file = std::fs::File::open(path).map_err(|e| format!("the file cannot be read: {e}"))?;
    let meta = file.metadata().map_err(|e| format!("the file cannot be read: {e}"))?;
    if !meta.is_file() {
        return Err("this is not a file".into());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len().min(MAX_FILE)).unwrap_or_default());
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(|e| format!("the file cannot be read: {e}"))?;
    if bytes.len() as u64 > MAX_FILE { Err(format!("the file has more than {MAX_FILE} bytes")) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A project with these files.
    #[allow(clippy::disallowed_methods, reason = "tests make their own files")]
    fn project(files: &[(&str, &str)]) -> (tempfile::TempDir, Files) {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join("p").join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let files = Files::new(&dir.path().join("p")).unwrap();
        (dir, files)
    }

    #[test]
    fn caches_in_the_checkout_and_links_are_not_elements() {
        let (dir, files) =
            project(&[("e/b.bst", ""), ("e/a/c.bst", ""), ("e/.bst/staged-junctions/x.bst", ""), ("e/d.txt", "")]);
        symlink(dir.path().join("p/e/a"), dir.path().join("p/e/linked")).unwrap();
        assert_eq!(files.elements("e").unwrap(), ["e/a/c.bst", "e/b.bst"]);
    }

    #[test]
    fn nothing_outside_the_project_is_read() {
        let (dir, files) = project(&[("a", "in")]);
        std::fs::copy(dir.path().join("p/a"), dir.path().join("secret")).unwrap();
        symlink("../secret", dir.path().join("p/link")).unwrap();
        symlink("a", dir.path().join("p/fine")).unwrap();
        assert_eq!(files.bytes("link").unwrap_err(), "the path leaves the project");
        assert_eq!(files.bytes("../secret").unwrap_err(), "the path leaves the project");
        assert_eq!(files.bytes("fine").unwrap().unwrap(), b"in");
        assert_eq!(files.entry("fine").unwrap(), Entry::Symlink("a".into()));
        assert_eq!(files.entry("e/../../secret").unwrap_err(), "the path leaves the project");
        assert_eq!(files.bytes("gone").unwrap(), None);
    }

    #[test]
    fn what_is_not_utf_8_is_told_with_its_line() {
        let (dir, files) = project(&[("a", "")]);
        std::fs::File::create(dir.path().join("p/a")).unwrap().write_all(b"one\ntw\xff").unwrap();
        assert_eq!(files.text("a").unwrap_err(), "the file is not UTF-8: line 2 holds the byte 0xff");
    }

    #[test]
    fn a_file_that_changed_meanwhile_is_left_alone() {
        let (dir, files) = project(&[("a", "one")]);
        let old = files.text("a").unwrap().unwrap();
        std::fs::File::create(dir.path().join("p/a")).unwrap().write_all(b"human").unwrap();
        assert!(files.replace(&old, &SourceText::new("a", "two")).unwrap_err().to_string().contains("changed while"));
        assert_eq!(std::fs::read_to_string(dir.path().join("p/a")).unwrap(), "human");
    }

    #[test]
    fn a_file_keeps_its_mode_and_leaves_no_other_behind() {
        use std::os::unix::fs::PermissionsExt;
        let (dir, files) = project(&[("a", "one")]);
        let path = dir.path().join("p/a");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let old = files.text("a").unwrap().unwrap();
        files.replace(&old, &SourceText::new("a", "two")).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(std::fs::read_dir(dir.path().join("p")).unwrap().count(), 1);
    }
}
