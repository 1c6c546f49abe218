//! Earlier versions of files of the project: the git history of the checkout or of a commit, as far as it is there.

use crate::finding::read::Unreadable;
use crate::io::commit::LocalObjects;
use crate::text::SourceText;
use git2::{ErrorCode, ObjectType, Oid, Repository};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// The limits of a look into the history.
#[derive(Clone, Copy, Debug)]
pub struct HistoryLimits {
    /// The number of commits.
    pub commits: usize,
    /// The number of versions.
    pub versions: usize,
    /// The maximum size of a file, in bytes. A larger one counts as absent.
    pub file: usize,
}

impl Default for HistoryLimits {
    fn default() -> Self {
        Self { commits: 2_000, versions: 50, file: 32 << 20 }
    }
}

/// Some files as they were in one commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The newest commit in which they were like this: 40 lower-case hex digits.
    pub commit: String,
    /// Their texts, by path below the project folder. What was absent, too large, no file or not UTF-8 is left out.
    pub files: HashMap<String, Arc<SourceText>>,
}

/// The distinct versions of some files, newest first, read while they are requested.
///
/// It starts with a commit and follows first parents. It ends where the first file does not exist, at a limit, and where objects
/// are missing or damaged: in a shallow clone that is its boundary.
pub struct Versions {
    repository: Repository,
    paths: Vec<(String, String)>,
    next: Option<Oid>,
    last: Option<Vec<Option<Oid>>>,
    limits: HistoryLimits,
}

impl Versions {
    /// The versions of files of the project in the folder `root`, from HEAD on. None without a git checkout around it.
    ///
    /// # Errors
    /// When there is a repository that cannot be opened.
    pub fn of_checkout(root: &Path, paths: &[String], limits: HistoryLimits) -> Result<Option<Self>, Unreadable> {
        let Some(local) = LocalObjects::around(root)? else { return Ok(None) };
        let Ok(folder) = local.prefix_of(root) else { return Ok(None) };
        let repository = local.again()?;
        // A repository without a commit has no earlier version.
        let next = repository.head().ok().and_then(|head| head.target());
        Ok(Some(Self::from(repository, next, &folder, paths, limits)))
    }

    /// The versions of files of the project in `folder` below the repository's root, from a commit on. Empty where the
    /// repository does not have the commit.
    ///
    /// # Errors
    /// When the repository cannot be opened.
    pub fn of_commit(
        local: &LocalObjects,
        commit: &str,
        folder: &str,
        paths: &[String],
        limits: HistoryLimits,
    ) -> Result<Self, Unreadable> {
        Ok(Self::from(local.again()?, Oid::from_str(commit).ok(), folder, paths, limits))
    }

    fn from(repository: Repository, next: Option<Oid>, folder: &str, paths: &[String], limits: HistoryLimits) -> Self {
        let full = |path: &String| if folder.is_empty() { path.clone() } else { format!("{folder}/{path}") };
        let paths = paths.iter().map(|path| (path.clone(), full(path))).collect();
        Self { repository, paths, next, last: None, limits }
    }

    /// The blobs of the files in a commit, and the commit's first parent.
    fn look(&self, id: Oid) -> Result<(Vec<Option<Oid>>, Option<Oid>), git2::Error> {
        let commit = self.repository.find_commit(id)?;
        let tree = commit.tree()?;
        let blob = |path: &str| match tree.get_path(Path::new(path)) {
            // A link is not followed: it counts as absent.
            Ok(entry) if entry.kind() == Some(ObjectType::Blob) && entry.filemode() != 0o120_000 => {
                Ok(Some(entry.id()))
            }
            Ok(_) => Ok(None),
            Err(e) if e.code() == ErrorCode::NotFound => Ok(None),
            Err(e) => Err(e),
        };
        let blobs = self.paths.iter().map(|(_, full)| blob(full)).collect::<Result<_, _>>()?;
        Ok((blobs, commit.parent_id(0).ok()))
    }

    fn texts(&self, blobs: &[Option<Oid>]) -> Result<HashMap<String, Arc<SourceText>>, git2::Error> {
        let odb = self.repository.odb()?;
        let mut files = HashMap::new();
        for ((path, _), id) in self.paths.iter().zip(blobs) {
            let Some(id) = id else { continue };
            if odb.read_header(*id)?.0 > self.limits.file {
                continue;
            }
            if let Ok(text) = std::str::from_utf8(self.repository.find_blob(*id)?.content()) {
                files.insert(path.clone(), Arc::new(SourceText::new(path, text)));
            }
        }
        Ok(files)
    }
}

impl Iterator for Versions {
    type Item = Version;

    fn next(&mut self) -> Option<Version> {
        while let Some(id) = self.next.take() {
            if self.limits.commits == 0 || self.limits.versions == 0 {
                return None;
            }
            self.limits.commits -= 1;
            let (blobs, parent) = self.look(id).ok()?;
            blobs.first().copied().flatten()?;
            if self.last.as_ref() != Some(&blobs) {
                let files = self.texts(&blobs).ok()?;
                self.limits.versions -= 1;
                (self.last, self.next) = (Some(blobs), parent);
                return Some(Version { commit: id.to_string(), files });
            }
            self.next = parent;
        }
        None
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "tests make their own files")]
mod tests {
    use super::*;

    /// Commits these files, and nothing else, on top of HEAD.
    fn commit(repository: &Repository, files: &[(&str, &str)]) -> Oid {
        let mut index = repository.index().unwrap();
        index.clear().unwrap();
        for (path, text) in files {
            let full = repository.workdir().unwrap().join(path);
            std::fs::create_dir_all(full.parent().unwrap()).unwrap();
            std::fs::write(full, text).unwrap();
            index.add_path(Path::new(path)).unwrap();
        }
        let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
        let who = git2::Signature::now("a", "a@example.org").unwrap();
        let parent = repository.head().ok().map(|head| head.peel_to_commit().unwrap());
        repository.commit(Some("HEAD"), &who, &who, "c", &tree, &parent.iter().collect::<Vec<_>>()).unwrap()
    }

    fn repository() -> (tempfile::TempDir, Repository) {
        let dir = tempfile::tempdir().unwrap();
        let repository = Repository::init(dir.path()).unwrap();
        (dir, repository)
    }

    fn texts(root: &Path, paths: &[&str], limits: HistoryLimits) -> Vec<(String, Vec<String>)> {
        let paths: Vec<String> = paths.iter().map(|p| (*p).to_owned()).collect();
        let one = |v: Version| {
            let texts = paths.iter().map(|p| v.files.get(p).map_or_else(|| "-".to_owned(), |t| t.text.to_string()));
            (v.commit, texts.collect())
        };
        Versions::of_checkout(root, &paths, limits).unwrap().unwrap().map(one).collect()
    }

    fn only(versions: &[(String, Vec<String>)]) -> Vec<String> {
        versions.iter().map(|(_, texts)| texts.join(" ")).collect()
    }

    #[test]
    fn equal_neighbours_are_one_version_named_by_its_newest_commit() {
        let (dir, repository) = repository();
        let one = commit(&repository, &[("p/a", "1")]);
        commit(&repository, &[("p/a", "2")]);
        let two = commit(&repository, &[("p/a", "2"), ("other", "x")]);
        let found = texts(&dir.path().join("p"), &["a"], HistoryLimits::default());
        assert_eq!(found, [(two.to_string(), vec!["2".to_owned()]), (one.to_string(), vec!["1".to_owned()])]);
    }

    #[test]
    fn files_that_belong_together_are_read_at_the_same_commit() {
        let (dir, repository) = repository();
        commit(&repository, &[("a", "1")]);
        commit(&repository, &[("a", "1"), ("i/b", "1")]);
        commit(&repository, &[("a", "2"), ("i/b", "2")]);
        let found = texts(dir.path(), &["a", "i/b"], HistoryLimits::default());
        assert_eq!(only(&found), ["2 2", "1 1", "1 -"]);
    }

    #[test]
    fn the_history_ends_where_the_file_did_not_exist_and_at_each_limit() {
        let (dir, repository) = repository();
        commit(&repository, &[("a", "old life")]);
        commit(&repository, &[("b", "")]);
        for text in ["1", "2", "333"] {
            commit(&repository, &[("a", text)]);
        }
        let with = |limits| only(&texts(dir.path(), &["a"], limits));
        let all = HistoryLimits::default();
        assert_eq!(with(all), ["333", "2", "1"]);
        assert_eq!(with(HistoryLimits { versions: 2, ..all }), ["333", "2"]);
        assert_eq!(with(HistoryLimits { commits: 1, ..all }), ["333"]);
        assert_eq!(with(HistoryLimits { file: 2, ..all }), ["-", "2", "1"]);
    }

    #[test]
    fn a_parent_that_is_not_there_ends_the_history() {
        let (dir, repository) = repository();
        let first = commit(&repository, &[("a", "1")]).to_string();
        commit(&repository, &[("a", "2")]);
        std::fs::remove_file(dir.path().join(".git/objects").join(&first[..2]).join(&first[2..])).unwrap();
        assert_eq!(only(&texts(dir.path(), &["a"], HistoryLimits::default())), ["2"]);
    }

    #[test]
    fn without_a_repository_or_a_commit_nothing_was_before() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Versions::of_checkout(dir.path(), &["a".to_owned()], HistoryLimits::default()).unwrap().is_none());
        let (dir, _repository) = repository();
        assert!(texts(dir.path(), &["a"], HistoryLimits::default()).is_empty());
    }
}
