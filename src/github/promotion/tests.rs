use super::*;
use crate::github::checks::{CheckOutput, Outcome, Written};
use crate::github::facts::{Actor, CheckRun, CommitStatus, Marked};
use crate::github::ids::CheckRunId;
use crate::github::plan::{Action, At};

fn item(id: &str) -> Option<Item> {
    (!id.is_empty()).then(|| Item { mode: Item::FILE, id: id.to_owned() })
}

fn path(name: &str, before: &str, after: &str) -> Decisive {
    let (path, before, after) = (name.to_owned(), item(before), item(after));
    Decisive { path, class: Class::Input, why: String::new(), elements: Vec::new(), before, after }
}

/// A line of first parents, newest first; each commit with the entries of the paths.
fn line(steps: &[(&str, &[&str])]) -> Vec<Step> {
    let parents = steps.iter().skip(1).map(|(name, _)| Some(CommitId::of(name))).chain([None]);
    let step = |((name, entries), parent): (&(&str, &[&str]), Option<CommitId>)| Step {
        commit: CommitId::of(name),
        tree: format!("tree of {name}"),
        parent,
        entries: entries.iter().map(|id| item(id)).collect(),
    };
    steps.iter().zip(parents).map(step).collect()
}

fn came_by(decisive: &[Decisive], line: &[Step], source: usize) -> Result<Vec<CommitId>, String> {
    origins(decisive, line, source).map(|all| all.into_iter().map(|origin| origin.commit).collect())
}

#[test]
fn each_change_since_the_base_had_its_state_is_found() {
    let testing = line(&[("d", &["3", "x"]), ("c", &["2", "x"]), ("b", &["2", "x"]), ("a", &["1", ""])]);
    let both = [path("a.bst", "1", "3"), path("b.bst", "", "x")];
    assert_eq!(came_by(&both, &testing, 0).unwrap(), ["d", "b"].map(CommitId::of));
    let first = origins(&both, &testing, 0).unwrap();
    assert_eq!(first[0].changes, [("a.bst".to_owned(), item("2"), item("3"))]);
    assert_eq!((first[1].changes.len(), &first[1].parent), (2, &CommitId::of("a")));
    assert!(goes_back(&both, &testing, 0) && !goes_back(&both, &testing[..3], 0));
}

#[test]
fn an_earlier_state_is_promoted_while_its_branch_goes_on() {
    let testing = line(&[("c", &["3"]), ("b", &["2"]), ("a", &["1"])]);
    assert_eq!(came_by(&[path("a.bst", "1", "2")], &testing, 1).unwrap(), [CommitId::of("b")]);
}

#[test]
fn what_does_not_fit_is_no_promotion() {
    let testing = line(&[("c", &["1"]), ("b", &["2"]), ("a", &["1"])]);
    let why = |decisive: Decisive, source| came_by(&[decisive], &testing, source).unwrap_err();
    assert!(why(path("a.bst", "1", "2"), 1).contains("was taken back there since"));
    assert!(why(path("a.bst", "1", "9"), 1).contains("is another one there"));
    assert!(why(path("a.bst", "0", "1"), 0).contains("none of its last 3 commits"));
    assert!(why(path("a.bst", "1", "2"), 7).contains("no such commit"));
    // Another mode is another entry.
    let executable = Some(Item { mode: Item::EXECUTABLE, id: "2".into() });
    assert!(why(Decisive { after: executable, ..path("a.bst", "1", "2") }, 1).contains("is another one there"));
}

#[test]
fn an_input_that_stays_as_it_is_came_by_nobody() {
    let testing = line(&[("b", &["2", "x"]), ("a", &["1", "x"])]);
    let drawn_in = [path("a.bst", "1", "2"), path("patch", "x", "x")];
    assert_eq!(came_by(&drawn_in, &testing, 0).unwrap(), [CommitId::of("b")]);
    assert!(came_by(&[path("patch", "y", "y")], &testing, 0).is_err());
}

#[test]
fn too_many_merges_are_not_looked_at() {
    let names: Vec<String> = (0..=MAX_ORIGINS + 1).map(|n| n.to_string()).rev().collect();
    let each: Vec<[&str; 1]> = names.iter().map(|name| [name.as_str()]).collect();
    let steps: Vec<(&str, &[&str])> = names.iter().zip(&each).map(|(name, id)| (name.as_str(), &id[..])).collect();
    assert!(came_by(&[path("a", "0", &names[0])], &line(&steps), 0).is_err());
    assert!(came_by(&[path("a", "1", &names[0])], &line(&steps), 0).is_ok());
}

#[test]
fn rebased_commits_are_one_step_and_what_is_amid_them_is_none() {
    let steps =
        line(&[("e", &["3", "x"]), ("d", &["3", "x"]), ("c", &["2", "x"]), ("b", &["2", ""]), ("a", &["1", ""])]);
    let both = [path("a.bst", "1", "3"), path("b.bst", "", "x")];
    let mut joined = steps.clone();
    join(&mut joined, 1, 3);
    assert_eq!(
        joined.iter().map(|step| &step.commit).collect::<Vec<_>>(),
        ["e", "d", "a"].map(CommitId::of).iter().collect::<Vec<_>>()
    );
    let origins = origins(&both, &joined, 0).unwrap();
    let changes = [("a.bst".to_owned(), item("1"), item("3")), ("b.bst".to_owned(), None, item("x"))];
    assert_eq!((&origins[0].commit, &origins[0].parent), (&CommitId::of("d"), &CommitId::of("a")));
    assert_eq!((origins.len(), &origins[0].changes[..]), (1, &changes[..]));
    // A state that was only there amid them is not where anything came from.
    assert!(came_by(&[path("a.bst", "2", "3"), path("b.bst", "x", "x")], &steps, 0).is_ok());
    assert!(came_by(&[path("a.bst", "2", "3"), path("b.bst", "x", "x")], &joined, 0).is_err());
    let mut short = steps[..4].to_vec();
    join(&mut short, 1, 3);
    assert_eq!(short.len(), 4, "what was before them is not known");
}

#[test]
fn a_commit_of_two_pull_requests_or_of_another_branch_belongs_to_none() {
    let pull = merged(Vec::new());
    let other = MergedPull { base_ref: "main".into(), ..pull.clone() };
    let at = |pulls: &[MergedPull]| merged_at("testing", pulls).cloned();
    assert_eq!(at(&[pull.clone(), other.clone()]), Some(CommitId::of("m")));
    assert_eq!((at(&[pull.clone(), pull]), at(&[other]), at(&[])), (None, None, None));
}

fn run(outcome: Outcome, content: Option<&str>) -> CheckRun {
    let viewer = Actor { login: "cargo2[bot]".into(), bot: true };
    let (title, summary, content) = ("t".into(), "s".into(), content.map(str::to_owned));
    let said = CheckOutput { name: HOLD, outcome, title, summary, annotations: Vec::new(), content };
    let written = Written { viewer, ..Written::default() };
    let actions = said.actions(&At::Sha(CommitId::of("head")), &written);
    let [Action::Check(check)] = &actions[..] else { panic!() };
    check.as_run(CheckRunId(1), "cargo2".into())
}

fn merged(checks: Vec<CheckRun>) -> MergedPull {
    let head = Marked { commit: CommitId::of("head"), checks, statuses: Vec::new(), said_at: None };
    let (number, base_ref) = (PullNumber(7), "testing".to_owned());
    MergedPull { number, base_ref, merge_commit: Some(CommitId::of("m")), head, complete: true }
}

fn answer(pulls: &[MergedPull]) -> Result<String, String> {
    released(&CommitId::of("m"), "testing", "cargo2", pulls).map(|(_, content)| content.to_owned())
}

#[test]
fn a_release_is_a_success_of_the_app_that_names_the_content() {
    let good = merged(vec![run(Outcome::Success, Some("0af"))]);
    assert_eq!(answer(std::slice::from_ref(&good)).unwrap(), "0af");
    let held = run(Outcome::ActionRequired, Some("0af"));
    let others = [
        merged(Vec::new()),
        merged(vec![held.clone()]),
        merged(vec![run(Outcome::Success, None)]),
        merged(vec![CheckRun { app: "other".into(), ..run(Outcome::Success, Some("0af")) }]),
        merged(vec![CheckRun { id: CheckRunId(0), ..held }, run(Outcome::Success, Some("0af"))]),
        MergedPull { base_ref: "main".into(), ..good.clone() },
        MergedPull { merge_commit: None, ..good.clone() },
        MergedPull { complete: false, ..good.clone() },
    ];
    for other in others {
        assert!(answer(std::slice::from_ref(&other)).is_err(), "{other:?}");
    }
    assert!(answer(&[good.clone(), good.clone()]).is_err(), "two pull requests");
    let (context, creator) = (HOLD.to_owned(), Actor::default());
    let status = CommitStatus { context, state: StatusState::Pending, description: String::new(), creator };
    let head = Marked { statuses: vec![status], ..good.head.clone() };
    assert!(answer(&[MergedPull { head, ..good }]).is_err());
}

#[test]
fn a_promotion_says_what_it_brings_and_where_that_was_approved() {
    let paths = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let approved = [(1610, ["a.bst"]), (1622, ["b.bst"]), (1630, ["w.yml"])];
    let approved: BTreeMap<_, _> = approved.iter().map(|(n, names)| (PullNumber(*n), paths(names))).collect();
    let rust = approved.keys().copied().collect();
    let all = Promotion { branch: "testing".into(), approved, rust };
    assert_eq!(all.to_string(), "promotes 3 Rust updates from `testing`, approved in #1610, #1622, #1630");
    let some = Promotion { rust: BTreeSet::from([PullNumber(1610)]), ..all };
    let shown = some.to_string();
    assert_eq!(
        shown,
        "promotes 1 Rust update and 2 changes of what merges from `testing`, approved in #1610, #1622, #1630"
    );
    assert_eq!(some.lines()[0], "Approved in #1610: `a.bst`");
}
