//! A BuildStream project in a temporary folder.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::upstream::Upstreams;

/// What every project of these tests needs; aliases and what a test adds follow.
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
  - git
  - patch
";

const ALIASES: [(&str, &str); 5] = [
    ("crates", "https://static.crates.io/"),
    ("github", "https://github.com/"),
    ("gitlab", "https://gitlab.com/"),
    ("deep", "https://deep.example.org/"),
    ("own", "https://own.example.org/"),
];

/// All files of a project: content by path below its root.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Files that are a project once they are written somewhere.
#[derive(Clone, Default)]
pub(crate) struct Project {
    pub(crate) files: Files,
}

impl Project {
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
        self.write_to(root.path());
        root
    }

    /// Writes all files below `root`.
    pub(crate) fn write_to(&self, root: &Path) {
        for (path, content) in &self.files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
    }
}

/// The usual element around one upstream, never tracked before.
pub(crate) fn simple(upstream: &str) -> String {
    format!(
        "kind: manual\n\nsources:\n- kind: git_repo\n  url: up:{upstream}.git\n  track: v1.1.0\n  ref: @{upstream}@\n- kind: cargo2\n"
    )
}

/// A project whose alias `up` names the upstreams. `more` is what `project.conf` ends with: further aliases first.
pub(crate) fn project(upstreams: &Upstreams, more: &str) -> Project {
    let mut conf = format!("{PROJECT_CONF}aliases:\n  up: {}\n", upstreams.url());
    for (name, url) in ALIASES {
        conf.push_str(&format!("  {name}: {url}\n"));
    }
    conf.push_str(more);
    let mut project = Project::default();
    project.put("project.conf", conf);
    project
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
