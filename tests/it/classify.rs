//! Changes of a local repository, classified as a run classifies them.

use cargo2_bot::app::run::{Change, Classifier, Decides};
use cargo2_bot::io::Setup;
use cargo2_bot::io::commit::LocalObjects;
use git2::{Repository, Signature, Time};

const CONF: (&str, &str) = ("project.conf", "name: p\nelement-path: elements\n(@): include/own.yml\n");
const RUST: (&str, &str) = ("elements/a.bst", "kind: manual\nsources:\n- kind: cargo2\n");

type Files<'a> = &'a [(&'a str, &'a str)];

/// What merging one state into another changes, in a project below the repository's root.
async fn classify(before: Files<'_>, after: Files<'_>) -> Change {
    let folder = tempfile::tempdir().unwrap();
    let repository = Repository::init(folder.path()).unwrap();
    let who = Signature::new("Test", "test@example.com", &Time::new(1_700_000_000, 0)).unwrap();
    let commit = |files: Files<'_>, parent: Option<git2::Oid>| {
        let mut update = git2::build::TreeUpdateBuilder::new();
        for (path, text) in files {
            update.upsert(
                path.strip_prefix("../").map_or_else(|| format!("sub/{path}"), str::to_owned),
                repository.blob(text.as_bytes()).unwrap(),
                git2::FileMode::Blob,
            );
        }
        update.upsert("README.md", repository.blob(b"x").unwrap(), git2::FileMode::Blob);
        update.upsert("sub/README.md", repository.blob(b"x").unwrap(), git2::FileMode::Blob);
        let empty = repository.find_tree(repository.treebuilder(None).unwrap().write().unwrap()).unwrap();
        let tree = repository.find_tree(update.create_updated(&repository, &empty).unwrap()).unwrap();
        let parent = parent.map(|id| repository.find_commit(id).unwrap());
        repository.commit(None, &who, &who, "a commit", &tree, &parent.iter().collect::<Vec<_>>()).unwrap()
    };
    let tip = commit(before, None);
    let head = commit(after, Some(tip));
    let objects = LocalObjects::around(folder.path()).unwrap().unwrap();
    let classifier = Classifier::new(objects, Setup { jobs: 1, ..Setup::default() }, "sub");
    classifier.classify(&tip.to_string(), &head.to_string()).await.unwrap().unwrap()
}

fn held(change: &Change) -> Vec<(&str, Decides)> {
    change.held.iter().map(|path| (path.path.as_str(), path.decides)).collect()
}

#[tokio::test]
async fn a_folder_without_a_project_is_known_to_have_none() {
    assert_eq!(held(&classify(&[], &[("docs/a.md", "x")]).await), []);
    assert_eq!(held(&classify(&[], &[RUST]).await), [("sub/elements/a.bst", Decides::Element)]);
}

#[tokio::test]
async fn a_project_that_comes_or_goes_is_an_input() {
    let both = [("sub/elements/a.bst", Decides::Input), ("sub/project.conf", Decides::Input)];
    assert_eq!(held(&classify(&[], &[CONF, RUST]).await), both);
    assert_eq!(held(&classify(&[CONF, RUST], &[]).await), both);
    assert_eq!(held(&classify(&[RUST], &[CONF, RUST]).await), both);
    assert_eq!(held(&classify(&[CONF, RUST], &[RUST]).await), [("sub/project.conf", Decides::Input)]);
}

#[tokio::test]
async fn an_include_that_is_missing_is_an_input_and_not_unknown() {
    assert_eq!(held(&classify(&[CONF, RUST], &[CONF, RUST, ("other", "x")]).await), []);
    let with = [CONF, RUST, ("include/own.yml", "variables: {}\n")];
    let own = [("sub/include/own.yml", Decides::Input)];
    assert_eq!(held(&classify(&[CONF, RUST], &with).await), own);
    assert_eq!(held(&classify(&with, &[CONF, RUST]).await), own);
}

#[tokio::test]
async fn pins_are_left_to_be_proven() {
    let flow = |commit: &str| {
        format!("on: push\njobs:\n  j:\n    runs-on: x\n    steps:\n    - uses: o/r@{}\n", commit.repeat(40))
    };
    let (before, after) = (flow("1"), flow("2"));
    let path = "../.github/workflows/w.yml";
    let change = classify(&[(path, &before)], &[(path, &after)]).await;
    assert_eq!(held(&change), []);
    let [pin] = change.to_be_proven.as_slice() else { panic!("{change:?}") };
    assert_eq!((pin.path.as_str(), pin.repository.as_str()), (".github/workflows/w.yml", "o/r"));
    assert_eq!((&pin.from, &pin.to), (&"1".repeat(40), &"2".repeat(40)));
}
