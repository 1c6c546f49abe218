//! What is compared with what.

use super::checkout::{Checkout, TOOL, registry, review, tool};
use super::support::index::Published;
use super::support::{Run, sha};

fn verdict(run: &Run) -> &str {
    run.stdout.lines().next().unwrap_or_default()
}

/// A checkout on the branch `bump`: `main` is at 1.0.0, then goes on to 1.0.1; the branch has 1.1.0 and then 1.2.0.
fn branched() -> Checkout {
    let versions = ["1.0.0", "1.0.1", "1.1.0", "1.2.0"].map(|version| registry("a", version));
    let checkout = Checkout::new(&versions[..1]);
    checkout.publish(&versions);
    checkout.branch("bump");
    for version in &versions[2..] {
        checkout.bump(std::slice::from_ref(version));
        checkout.commit();
    }
    checkout.go("main");
    checkout.bump(&versions[1..2]);
    checkout.commit();
    checkout.go("bump");
    checkout
}

#[test]
fn a_branch_is_compared_with_where_it_left_the_main_one() {
    let run = branched().review(&["--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let change = &report["elements"][0]["changes"][0];
    assert_eq!((&change["before"]["version"], &change["after"]["version"]), (&"1.0.0".into(), &"1.2.0".into()));
}

#[test]
fn base_and_head_are_what_they_name() {
    let checkout = branched();
    let moved = |args: &[&str]| {
        let run = checkout.review(&[&["--format", "json"], args].concat());
        assert_eq!(run.code, Some(0), "{run:?}");
        let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let version = |side: &str| report["elements"][0]["changes"][0][side]["version"].as_str().map(str::to_owned);
        (version("before").unwrap_or_default(), version("after").unwrap_or_default())
    };
    let versions = |before: &str, after: &str| (before.to_owned(), after.to_owned());
    assert_eq!(moved(&["--head", "bump~1"]), versions("1.0.0", "1.1.0"));
    assert_eq!(moved(&["--base", "bump~1"]), versions("1.1.0", "1.2.0"));
    assert_eq!(moved(&["--base", "main~1", "--head", "main"]), versions("1.0.0", "1.0.1"));
    assert_eq!(moved(&["--base", "HEAD"]), versions("", ""));
    // The files of the checkout count where no head is named, and not where one is.
    checkout.bump(&[registry("a", "1.0.1")]);
    assert_eq!(moved(&["--base", "HEAD"]), versions("1.2.0", "1.0.1"));
    assert_eq!(moved(&["--base", "bump~1", "--head", "bump"]), versions("1.1.0", "1.2.0"));
}

#[test]
fn the_report_says_how_to_see_it_again() {
    let checkout = branched();
    let [first, again] = [0, 1].map(|_| checkout.review(&["--head", "HEAD"]));
    let line = first.stdout.lines().find(|line| line.contains("cargo2-bot review --base")).unwrap().trim().to_owned();
    let args: Vec<&str> = line.split(' ').skip(2).collect();
    assert!(args.contains(&"bluefin/tool.bst"), "{line}");
    assert_eq!(checkout.review(&args).stdout.lines().next(), first.stdout.lines().next());
    assert_eq!(first.stdout, again.stdout);
}

#[test]
fn a_project_in_a_sub_folder_is_found_at_both_ends() {
    let checkout = Checkout::below("os/image", &[registry("a", "1.0.0")]);
    checkout.publish(&[registry("a", "1.0.0"), registry("a", "1.0.1")]);
    checkout.bump(&[registry("a", "1.0.1")]);
    let routine = |run: &Run| verdict(run).starts_with("Routine update of `bluefin/tool.bst`: ") && run.code == Some(0);
    let run = checkout.review(&[]);
    assert!(routine(&run), "{run:?}");
    checkout.commit();
    let run = checkout.review(&["--base", "HEAD~1", "--head", "HEAD"]);
    assert!(routine(&run), "{run:?}");
    // From elsewhere, by its folder.
    let folder = checkout.path();
    let root = folder.parent().and_then(std::path::Path::parent).unwrap();
    let run = review(root, &checkout.index.url(), &["--project", "os/image", "--base", "HEAD~1"]);
    assert!(routine(&run), "{run:?}");
}

#[test]
fn only_the_elements_that_are_named_are_reviewed() {
    let checkout = Checkout::bumped(&[registry("a", "1.0.0")], &[registry("a", "1.0.1")]);
    assert!(checkout.review(&["bluefin/tool.bst"]).stdout.contains("1 crate moved"));
    assert!(checkout.review(&["elements/bluefin/tool.bst"]).stdout.contains("1 crate moved"), "a path is a name, too");
    assert_eq!(checkout.index.asked(), ["/1/a", "/1/a"]);
}

#[test]
fn a_name_that_is_no_rust_element_is_an_error() {
    let checkout = Checkout::bumped(&[registry("a", "1.0.0")], &[registry("a", "1.0.1")]);
    for name in ["bluefin/deps.bst", "bluefin/tol.bst"] {
        let run = checkout.review(&[name]);
        assert_eq!(run.code, Some(3), "{run:?}");
        assert!(run.stdout.contains(&format!("`{name}` is not a Rust element of this project")), "{run:?}");
    }
    assert_eq!(checkout.index.asked(), [""; 0]);
    // One that is gone was one.
    checkout.remove(TOOL);
    assert_eq!(checkout.review(&["bluefin/tool.bst"]).code, checkout.review(&[]).code);
}

#[test]
fn a_folder_without_a_repository_is_bad_usage() {
    let checkout = Checkout::new(&[registry("a", "1.0.0")]);
    #[allow(clippy::disallowed_methods, reason = "tests make their own files")]
    std::fs::remove_dir_all(checkout.path().join(".git")).unwrap();
    let run = checkout.review(&[]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("no git repository"), "{run:?}");
}

#[test]
fn a_revision_that_is_not_there_is_bad_usage() {
    let checkout = Checkout::new(&[registry("a", "1.0.0")]);
    for args in [["--base", "nowhere"], ["--head", "nowhere"], ["--base", "main:elements"]] {
        let run = checkout.review(&args);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.stderr.contains(&format!("`{}` names no commit", args[1])), "{run:?}");
    }
}

#[test]
fn without_a_main_branch_the_base_has_to_be_named() {
    let checkout = Checkout::new(&[registry("a", "1.0.0")]);
    checkout.branch("other");
    let repository = git2::Repository::open(checkout.path()).unwrap();
    repository.find_branch("main", git2::BranchType::Local).unwrap().delete().unwrap();
    let run = checkout.review(&[]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("--base REV"), "{run:?}");
    assert_eq!(checkout.review(&["--base", "other"]).code, Some(0));
}

#[test]
fn a_repository_without_a_commit_is_bad_usage() {
    let dir = tempfile::tempdir().unwrap();
    git2::Repository::init(dir.path()).unwrap();
    let run = review(dir.path(), "http://127.0.0.1:9/", &[]);
    assert_eq!(run.code, Some(2), "{run:?}");
}

#[test]
fn an_element_that_the_base_cannot_read_is_all_new() {
    let checkout = Checkout::new(&[registry("a", "1.0.0")]);
    checkout.publish(&[registry("a", "1.0.0")]);
    checkout.write(TOOL, "kind: [\n");
    checkout.commit();
    checkout.bump(&[registry("a", "1.0.0")]);
    let run = checkout.review(&[]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(verdict(&run).contains("1 new crate"), "{run:?}");
}

#[test]
fn an_age_is_that_of_the_bump_and_a_day_can_be_named_to_judge_on() {
    let checkout = Checkout::new(&[registry("a", "1.0.0")]);
    checkout.publish(&[registry("a", "1.0.0")]);
    // The commits of these tests are of 2023-11-14.
    let checksum = sha("a", "1.0.1");
    let release = Published { time: "2023-11-13T20:00:00Z", ..Published::long_ago("1.0.1", &checksum) };
    checkout.index.publish_version("a", &release);
    checkout.branch("bump");
    checkout.bump(&[registry("a", "1.0.1")]);
    checkout.commit();
    let said = |args: &[&str]| checkout.review(&[&["--format", "json"], args].concat()).stdout;
    let (early, late) = (said(&["--as-of", "2023-11-15"]), said(&["--as-of", "2023-11-16"]));
    for part in ["was published on 2023-11-13, a day before the bump", "this warning ends on 2023-11-16"] {
        assert!(early.contains(part), "{part}: {early}");
    }
    assert!(!late.contains("release-young") && !said(&[]).contains("release-young"), "{late}");
    // What is not committed is from now on.
    checkout.write(TOOL, &format!("# not committed\n{}", tool(&[registry("a", "1.0.1")])));
    assert!(said(&["--as-of", "2023-11-15"]).contains("was published on 2023-11-13, 2 days ago"));
    assert_eq!(checkout.review(&["--as-of", "soon"]).code, Some(2));
}
