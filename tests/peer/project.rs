//! A BuildStream project in a temporary folder.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

/// What every project of these tests needs; `{aliases}` and what a test adds follow.
const PROJECT_CONF: &str = "\
name: oracle
min-version: '2.4'
element-path: elements
plugins:
- origin: pip
  package-name: buildstream-plugins-community
  sources:
  - cargo2
  - gen_cargo_lock
  - git_module
  - git_repo
  - git_tag
  - patch_queue
  - zip
- origin: pip
  package-name: buildstream-plugins
  sources:
  - patch
";

/// All files of a project: content by path below its root.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Files that are a project once they are written somewhere.
#[derive(Clone, Default)]
pub(crate) struct Project {
    pub(crate) files: Files,
}

impl Project {
    /// `aliases` are `NAME: URL` pairs; `more` is the rest of `project.conf`.
    pub(crate) fn new(aliases: &[(&str, &str)], more: &str) -> Self {
        let mut conf = format!("{PROJECT_CONF}aliases:\n");
        for (name, url) in aliases {
            conf.push_str(&format!("  {name}: {url}\n"));
        }
        conf.push_str(more);
        let mut project = Self::default();
        project.put("project.conf", conf);
        project
    }

    pub(crate) fn put(&mut self, path: &str, content: impl Into<Vec<u8>>) {
        self.files.insert(path.to_owned(), content.into());
    }

    /// Names of the elements, as BuildStream takes them on its command line.
    pub(crate) fn elements(&self) -> Vec<String> {
        self.files
            .keys()
            .filter_map(|path| path.strip_prefix("elements/"))
            .filter(|path| path.ends_with(".bst"))
            .map(str::to_owned)
            .collect()
    }

    /// Writes all files into a new folder.
    pub(crate) fn write(&self) -> TempDir {
        let root = TempDir::new().unwrap();
        for (path, content) in &self.files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        root
    }
}

/// Reads a project back, without what BuildStream and git keep beside it.
pub(crate) fn read(root: &Path) -> Files {
    let mut files = Files::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            let name = path.to_str().unwrap().to_owned();
            if name == ".bst" || name == ".git" {
                continue;
            }
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else {
                files.insert(name, fs::read(entry.path()).unwrap());
            }
        }
    }
    files
}
