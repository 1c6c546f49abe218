use super::*;
use crate::config::Allowed;
use crate::finding::read::Read;
use crate::github::content::{Class, Content, Decisive};
use crate::github::facts::{Actor, BaseChange, Dismissal, Push, PushKind};
use crate::github::tree::Item;
use ReviewState::{Approved, ChangesRequested, Commented, Dismissed, Other, Pending};

pub(super) fn actor(login: &str) -> Actor {
    Actor { login: login.into(), bot: login.ends_with("[bot]") }
}

/// A content that is told from others by one word.
pub(super) fn content(word: &str) -> ContentId {
    let after = Some(Item { mode: Item::FILE, id: word.into() });
    let path = Decisive {
        path: "a.bst".into(),
        class: Class::Input,
        why: String::new(),
        elements: Vec::new(),
        before: None,
        after,
    };
    Content { branch: "main".into(), paths: 1, decisive: vec![path] }.id().unwrap()
}

fn review(login: &str, state: ReviewState, commit: &str, at: i64) -> Review {
    Review {
        id: format!("{login}{at}"),
        author: actor(login),
        state,
        commit: Some(CommitId::of(commit)),
        may_write: login != "guest",
        submitted_at: Some(Moment(at)),
        edited: false,
    }
}

fn dismissal(by: &str, review: &Review, previous: ReviewState) -> Dismissal {
    Dismissal { actor: actor(by), review: Some(review.id.clone()), previous, at: Moment(99), stale: false }
}

fn comment(login: &str, body: &str) -> Comment {
    Comment { author: actor(login), body: body.into(), ..Comment::default() }
}

fn pull(reviews: Vec<Review>) -> PullRequest {
    PullRequest {
        number: 7.into(),
        author: actor("author"),
        open: true,
        head_ref: "topic".into(),
        head_sha: CommitId::of("head"),
        head_repository: Some("o/r".into()),
        base_ref: "main".into(),
        reviews,
        timeline_complete: true,
        opinions_complete: true,
        ..PullRequest::default()
    }
}

/// The verdict on pull requests whose head has the content `now`, pushed by `pusher`.
fn judged(pulls: &[PullRequest], pushers: &Pushers, approvers: &Approvers) -> Hold {
    let reviewed = BTreeMap::from([
        (CommitId::of("same"), content("now")),
        (CommitId::of("old"), content("then")),
        (CommitId::of("head"), content("now")),
    ]);
    let writers = ["ann", "bob", "author", "pusher", "commander"].map(str::to_owned).into();
    let content = content("now");
    let (commits, viewer) = ([by_the_bot("pusher2")], actor("cargo2[bot]"));
    evaluate(&Facts {
        pulls,
        commits: &commits,
        viewer: &viewer,
        content: &content,
        reviewed: &reviewed,
        pushers,
        pushed: Some(Moment(50)),
        approvers,
        writers: &writers,
    })
}

/// A commit that the bot made for somebody.
fn by_the_bot(requested: &str) -> BranchCommit {
    BranchCommit {
        author: actor("cargo2[bot]"),
        author_known: true,
        committer: actor("web-flow"),
        verified: true,
        message: format!("regenerate\n\nRequested-by: @{requested}"),
        ..BranchCommit::default()
    }
}

fn pushed() -> Pushers {
    Pushers::Known(BTreeSet::from(["pusher".to_owned()]))
}

fn hold(pull: PullRequest) -> Hold {
    judged(&[pull], &pushed(), &Approvers::default())
}

fn held(reviews: Vec<Review>) -> Option<String> {
    why(hold(pull(reviews)))
}

fn why(hold: Hold) -> Option<String> {
    match hold {
        Hold::Held(why) => Some(why),
        Hold::Released(_) | Hold::Promoted(_) => None,
    }
}

fn released(names: &[&str]) -> Hold {
    Hold::Released(names.iter().map(|name| (*name).to_owned()).collect())
}

#[test]
fn an_approval_of_this_content_by_a_person_with_write_permission_releases() {
    assert_eq!(hold(pull(vec![review("ann", Approved, "head", 1)])), released(&["ann"]));
    assert_eq!(hold(pull(vec![review("ann", Approved, "same", 1)])), released(&["ann"]));
}

#[test]
fn no_other_approval_counts() {
    assert!(held(Vec::new()).unwrap().contains("needs approval"));
    for who in ["author", "Author", "robot[bot]", "guest", "", "pusher", "Pusher"] {
        assert!(held(vec![review(who, Approved, "head", 1)]).is_some(), "{who}");
    }
    assert!(held(vec![Review { commit: None, ..review("ann", Approved, "head", 1) }]).is_some());
    assert!(held(vec![review("ann", Approved, "unknown", 1)]).is_some());
    assert!(held(vec![review("ann", Approved, "old", 1)]).unwrap().contains("changed after it was approved by ann"));
}

#[test]
fn the_reason_says_what_is_wrong_with_an_approval() {
    assert!(held(vec![review("author", Approved, "head", 1)]).unwrap().contains("author approved it, but opened"));
    assert!(held(vec![review("pusher", Approved, "head", 1)]).unwrap().contains("pusher approved it, but pushed"));
}

#[test]
fn the_last_word_of_a_person_counts_and_a_comment_is_none() {
    let first = || review("ann", Approved, "head", 1);
    for state in [ChangesRequested, Other("doubted".into())] {
        assert!(held(vec![first(), review("ann", state, "head", 2)]).is_some());
    }
    for state in [Commented, Pending] {
        assert!(held(vec![first(), review("ann", state, "head", 2)]).is_none());
    }
    assert!(held(vec![review("ann", ChangesRequested, "head", 1), review("ann", Approved, "head", 2)]).is_none());
    assert!(held(vec![review("ann", ChangesRequested, "head", 2), review("ann", Approved, "head", 1)]).is_some());
}

#[test]
fn a_change_request_of_a_writer_holds_whatever_others_say() {
    assert!(held(vec![review("bob", ChangesRequested, "old", 1), review("ann", Approved, "head", 2)]).is_some());
    assert!(held(vec![review("guest", ChangesRequested, "head", 1), review("ann", Approved, "head", 2)]).is_none());
}

/// A change request of Bob that `by` dismissed, and an approval of Ann.
fn dismissed(by: &str, previous: ReviewState) -> PullRequest {
    let against = review("bob", Dismissed, "head", 1);
    let dismissals = vec![dismissal(by, &against, previous)];
    PullRequest { dismissals, ..pull(vec![against, review("ann", Approved, "head", 2)]) }
}

#[test]
fn only_somebody_who_may_approve_dismisses_a_change_request() {
    for by in ["ann", "bob"] {
        assert_eq!(why(hold(dismissed(by, ChangesRequested))), None, "{by}");
    }
    for by in ["author", "pusher", "robot[bot]", "stranger", ""] {
        let why = why(hold(dismissed(by, ChangesRequested))).unwrap();
        assert!(why.contains("changes are requested by bob"), "{by}: {why}");
        assert!(why_not_needed(by), "{by}");
    }
}

/// An approval may be dismissed by anybody.
fn why_not_needed(by: &str) -> bool {
    why(hold(dismissed(by, Approved))).is_none()
}

#[test]
fn a_dismissal_that_is_not_known_holds() {
    let pull = PullRequest { dismissals: Vec::new(), ..dismissed("ann", ChangesRequested) };
    assert!(why(hold(pull)).unwrap().contains("by whom is not known"));
    let short = PullRequest { timeline_complete: false, ..pull_of_ann() };
    assert!(why(hold(short)).unwrap().contains("timeline"));
    let hidden = PullRequest { opinions_complete: false, ..pull_of_ann() };
    assert!(why(hold(hidden)).unwrap().contains("reviews"));
}

fn pull_of_ann() -> PullRequest {
    pull(vec![review("ann", Approved, "head", 5)])
}

#[test]
fn an_approval_is_for_the_base_branch_that_it_was_given_for() {
    let moved = |at| {
        let change = BaseChange { actor: actor("bob"), at: Moment(at), from: "next".into(), to: "main".into() };
        PullRequest { base_changes: vec![change], ..pull_of_ann() }
    };
    assert_eq!(why(hold(moved(4))), None);
    for at in [5, 6] {
        assert!(why(hold(moved(at))).unwrap().contains("another base branch"));
    }
}

#[test]
fn who_has_the_bot_write_does_not_approve() {
    let reviews = vec![review("commander", Approved, "head", 1)];
    let commanded = PullRequest { comments: vec![comment("Commander", "/cargo2 regenerate")], ..pull(reviews.clone()) };
    assert!(why(hold(commanded)).unwrap().contains("had the bot write"));
    let unsaid = why(hold(pull(vec![review("Pusher2", Approved, "head", 1)])));
    assert!(unsaid.unwrap().contains("had the bot write"), "the comment is gone");
    let looked = PullRequest { comments: vec![comment("commander", "/cargo2 recheck")], ..pull(reviews) };
    assert_eq!(why(hold(looked)), None);
}

#[test]
fn where_pushers_are_not_known_two_people_have_to_approve() {
    let unknown = Pushers::Unknown("no activity".into());
    let of = |names: &[&str]| {
        let reviews = names.iter().map(|name| review(name, Approved, "head", 1)).collect();
        judged(&[pull(reviews)], &unknown, &Approvers::default())
    };
    assert!(why(of(&["ann"])).unwrap().contains("two people have to approve it, so far ann did"));
    assert_eq!(of(&["ann", "bob"]), released(&["ann", "bob"]));
}

#[test]
fn the_configuration_names_who_may_approve() {
    let only = Approvers { only: vec!["Bob".into()], ..Approvers::default() };
    let of = |who: &str| judged(&[pull(vec![review(who, Approved, "head", 1)])], &pushed(), &only);
    assert!(why(of("ann")).unwrap().contains("not among the approvers"));
    assert_eq!(of("bob"), released(&["bob"]));
}

fn commented(comment: Comment, approvers: &Approvers) -> Hold {
    judged(&[PullRequest { comments: vec![comment], ..pull(Vec::new()) }], &pushed(), approvers)
}

#[test]
fn a_comment_with_the_content_id_approves() {
    let id = content("now");
    let of = |login: &str, id: &str| {
        commented(comment(login, &format!("/cargo2 approve {id}\nthanks")), &Approvers::default())
    };
    assert_eq!(of("ann", id.short()), released(&["ann"]));
    assert_eq!(of("ann", id.as_str()), released(&["ann"]));
    for (login, id) in [
        ("ann", content("then").short()),
        ("ann", &id.as_str()[..31]),
        ("guest", id.short()),
        ("robot[bot]", id.short()),
        ("pusher", id.short()),
        ("author", id.short()),
    ] {
        assert!(why(of(login, id)).is_some(), "{login} {id}");
    }
    let edited = Comment { edited: true, ..comment("ann", &format!("/cargo2 approve {}", id.short())) };
    assert!(why(commented(edited, &Approvers::default())).unwrap().contains("was edited"));
}

#[test]
fn the_author_approves_by_a_comment_where_the_configuration_says_so() {
    let allow =
        Approvers { allow_author: Some(Allowed { reason: "small".into(), until: None }), ..Approvers::default() };
    let body = format!("/cargo2 approve {}", content("now").short());
    assert_eq!(commented(comment("author", &body), &allow), released(&["author"]));
    assert!(why(commented(comment("pusher", &body), &allow)).is_some());
    assert!(why(judged(&[pull(vec![review("author", Approved, "head", 1)])], &pushed(), &allow)).is_some());
}

#[test]
fn pull_requests_of_one_head_and_base_share_reviews_and_authors() {
    let second = |reviews| PullRequest { number: 8.into(), author: actor("ann"), ..pull(reviews) };
    let bobs = || review("bob", Approved, "head", 1);
    let both = |a, b| judged(&[pull(a), second(b)], &pushed(), &Approvers::default());
    assert_eq!(both(Vec::new(), vec![bobs()]), released(&["bob"]));
    assert!(why(both(vec![review("ann", Approved, "head", 1)], Vec::new())).is_some(), "she opened the other");
    assert!(why(both(vec![bobs()], vec![review("bob", ChangesRequested, "head", 2)])).is_some());
}

#[test]
fn commits_and_people_to_look_up_are_those_that_could_count() {
    let reviews = vec![
        review("ann", Approved, "a", 1),
        review("guest", Approved, "c", 1),
        review("robot[bot]", Approved, "d", 1),
        review("bob", ChangesRequested, "e", 1),
        review("bob", Approved, "head", 2),
    ];
    let against = review("bob", Dismissed, "e", 3);
    let pulls = [PullRequest {
        dismissals: vec![dismissal("Dan", &against, ChangesRequested)],
        comments: vec![comment("Cat", "/cargo2 approve 0123456789abcdef0123456789abcdef"), comment("eve", "hello")],
        ..pull(reviews)
    }];
    assert_eq!(reviewed_commits(&pulls), BTreeSet::from([CommitId::of("a")]));
    assert_eq!(people_to_look_up(&pulls, false), ["cat", "dan"].map(str::to_owned).into());
    let [one] = pulls;
    let pulls = [PullRequest { comments: vec![comment("Fay", "so\n/hold"), comment("eve", "hello")], ..one }];
    assert_eq!(people_to_look_up(&pulls, true), ["dan", "fay"].map(str::to_owned).into());
    assert_eq!(people_to_look_up(&pulls, false), ["dan".to_owned()].into());
}

fn push(by: &str, before: &str, after: &str) -> Push {
    let id = |name: &str| if name.is_empty() { CommitId::default() } else { CommitId::of(name) };
    Push { actor: actor(by), before: id(before), after: id(after), at: Moment(1), kind: PushKind::Push }
}

fn pushers_of(list: &[(&str, &str, &str)]) -> Result<Vec<String>, String> {
    let pushes = list.iter().map(|(by, before, after)| push(by, before, after)).collect();
    match pushers(
        &pull(Vec::new()),
        "o/r",
        Read::Known(pushes),
        &[&CommitId::of("base"), &CommitId::of("tip")],
        &BTreeSet::from([&CommitId::of("head")]),
    ) {
        Pushers::Known(logins) => Ok(logins.into_iter().collect()),
        Pushers::Unknown(why) => Err(why),
    }
}

#[test]
fn all_who_pushed_since_the_branch_left_its_base_are_pushers() {
    let names = |list: &[&str]| Ok(list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    assert_eq!(pushers_of(&[("Ann", "", "head")]), names(&["ann"]));
    assert_eq!(pushers_of(&[("ann", "x", "head"), ("bob", "base", "x"), ("old", "y", "base")]), names(&["ann", "bob"]));
    assert_eq!(pushers_of(&[("ann", "tip", "head"), ("old", "", "tip")]), names(&["ann"]));
    let again = [("robot[bot]", "base", "head"), ("x", "head", "base"), ("bob", "base", "head"), ("y", "", "base")];
    assert_eq!(pushers_of(&again), names(&["bob", "robot[bot]"]), "bob brought the commit first");
}

#[test]
fn activity_with_gaps_proves_nothing() {
    assert!(pushers_of(&[]).is_err());
    assert!(pushers_of(&[("ann", "", "other")]).is_err(), "the last push is missing");
    assert!(pushers_of(&[("ann", "x", "head"), ("bob", "", "y")]).is_err(), "one in between is missing");
    assert!(pushers_of(&[("ann", "x", "head")]).is_err(), "the beginning is missing");
    assert!(pushers_of(&[("", "", "head")]).is_err(), "a name is missing");
}

#[test]
fn of_a_fork_that_shows_no_activity_its_author_is_the_pusher() {
    let fork = PullRequest { head_repository: Some("f/r".into()), ..pull(Vec::new()) };
    let of =
        |pull: &PullRequest| pushers(pull, "o/r", Read::unreadable("404"), &[&CommitId::of("base")], &BTreeSet::new());
    assert_eq!(of(&fork), Pushers::Known(BTreeSet::from(["author".to_owned()])));
    assert!(matches!(of(&pull(Vec::new())), Pushers::Unknown(_)));
    let open = PullRequest { maintainers_may_push: true, ..fork };
    assert!(matches!(of(&open), Pushers::Unknown(_)), "a maintainer may have pushed to it");
}
