//! What happened to a pull request and its branches, as it was.

use super::{Fake, connect, with_pull};
use crate::fake_github::{Access, Fault, Pushed, Token};
use cargo2_bot::finding::read::Read;
use cargo2_bot::github::ids::{Moment, ReviewState};
use serde_json::json;

#[tokio::test]
async fn times_edits_dismissals_and_changes_of_the_base_are_read() {
    let (fake, number) = with_pull();
    fake.permission("ann", "write");
    fake.permission("bob", "write");
    fake.commit("next", &[("n", Some("n"))], "owner");
    let comment = fake.comment(number, "ann", "/cargo2 approve 123");
    fake.comment(number, "ann", "thanks");
    fake.edit_comment("bob", comment, "/cargo2 approve 456");
    let dismissed = fake.review(number, "ann", "APPROVED");
    let edited = fake.review(number, "bob", "CHANGES_REQUESTED");
    fake.edit_review(edited, "never mind");
    fake.dismiss_by("bob", dismissed).unwrap();
    fake.retarget("bob", number, "next").unwrap();
    let pull = connect(&fake, "workflow").pull(number.into()).await.unwrap().pulls.remove(0);
    let edits: Vec<bool> = pull.comments.iter().map(|c| c.edited).collect();
    assert_eq!(edits, [true, false], "whoever edited it");
    assert!(pull.comments[0].created_at < pull.comments[1].created_at);
    let reviews: Vec<_> = pull.reviews.iter().map(|r| (r.id.clone(), r.state.clone(), r.edited)).collect();
    let id = |review: u64| format!("PRR_{review}");
    let wanted = [(id(dismissed), ReviewState::Dismissed, false), (id(edited), ReviewState::ChangesRequested, true)];
    assert_eq!(reviews, wanted);
    let submitted = fake.inspect(|state| state.reviews[0].submitted);
    assert_eq!(pull.reviews[0].submitted_at, Some(Moment(i64::try_from(submitted).unwrap())));
    let [dismissal] = pull.dismissals.as_slice() else { panic!("{:?}", pull.dismissals) };
    assert_eq!((dismissal.actor.login.as_str(), dismissal.review.clone()), ("bob", Some(id(dismissed))));
    assert_eq!((dismissal.previous.clone(), dismissal.stale), (ReviewState::Approved, false));
    assert!(Some(dismissal.at) > pull.reviews[0].submitted_at);
    let [change] = pull.base_changes.as_slice() else { panic!("{:?}", pull.base_changes) };
    assert_eq!((&*change.actor.login, &*change.from, &*change.to), ("bob", "main", "next"));
    assert!(change.at > dismissal.at && pull.timeline_complete && pull.opinions_complete);
    assert_eq!(fake.requests().len(), 1, "one request for all of it");
}

#[tokio::test]
async fn a_review_that_a_push_made_stale_and_a_base_that_github_changed_are_told_apart() {
    let fake = Fake::new();
    fake.permission("ann", "write");
    fake.rule_pull_request("main", 1, true, false);
    fake.commit("below", &[("a", Some("1"))], "ann");
    let below = fake.open_pull("below", "main", "ann", "Below");
    fake.commit("above", &[("b", Some("1"))], "ann");
    let above = fake.open_pull("above", "below", "ann", "Above");
    fake.permission("bob", "write");
    fake.review(below, "bob", "APPROVED");
    fake.commit("below", &[("a", Some("2"))], "ann");
    let github = connect(&fake, "workflow");
    let pull = github.pull(below.into()).await.unwrap().pulls.remove(0);
    assert_eq!(pull.dismissals.iter().map(|d| d.stale).collect::<Vec<_>>(), [true]);
    fake.review(below, "bob", "APPROVED");
    fake.ask_merge("bob", below, "merge").unwrap();
    fake.delete_branch("below");
    let pull = github.pull(above.into()).await.unwrap().pulls.remove(0);
    let changes: Vec<_> = pull.base_changes.iter().map(|c| (&*c.from, &*c.to)).collect();
    assert_eq!((changes, &*pull.base_ref), (vec![("below", "main")], "main"));
}

#[tokio::test]
async fn all_pages_of_a_timeline_are_read() {
    let (fake, number) = with_pull();
    fake.permission("ann", "write");
    fake.commit("next", &[("n", Some("n"))], "owner");
    for base in ["next", "main", "next", "main", "next"] {
        fake.retarget("ann", number, base).unwrap();
    }
    fake.page_size(2);
    let pull = connect(&fake, "workflow").pull(number.into()).await.unwrap().pulls.remove(0);
    let bases: Vec<&str> = pull.base_changes.iter().map(|c| c.to.as_str()).collect();
    assert_eq!((bases, pull.timeline_complete), (vec!["next", "main", "next", "main", "next"], true));
}

/// The logins of those who pushed.
macro_rules! pushers {
    ($pushes:expr) => {
        match &$pushes {
            Read::Known(pushes) => pushes.iter().map(|push| push.actor.login.clone()).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        }
    };
}

#[tokio::test]
async fn who_pushed_is_read_page_by_page_and_not_taken_from_the_commits() {
    let fake = Fake::new();
    for login in ["ann", "bob", "cy"] {
        fake.permission(login, "write");
        let files = [(login, Some("x"))];
        let push = Pushed { branch: "a/b&c", files: &files, author: "innocent", pusher: login, ..Pushed::default() };
        fake.push(&push).unwrap();
    }
    fake.commit("other", &[("y", Some("y"))], "else");
    fake.page_size(1);
    let github = connect(&fake, "workflow");
    let pushes = github.pushes("owner/name", "a/b&c").await;
    assert_eq!(pushers!(pushes), ["cy", "bob", "ann"]);
    assert_eq!(github.requests(), (3, 0));
    let Read::Known(pushes) = pushes else { panic!() };
    assert_eq!(Some(pushes[0].after.to_string()), fake.head("a/b&c"));
    assert_eq!((&pushes[0].before, &pushes[1].before), (&pushes[1].after, &pushes[2].after));
    assert_eq!(pushes[2].before.as_str(), "0".repeat(40), "the branch was made");
    let since = github.pushes_since("owner/name", "a/b&c", Some(pushes[0].at)).await;
    assert_eq!(pushers!(since), ["cy", "bob"], "down to the first one before");
}

#[tokio::test]
async fn pushes_that_cannot_be_read_in_full_are_not_known() {
    let (fake, _) = with_pull();
    fake.fork_commit("stranger", "patch", &[("x", Some("x"))], "stranger");
    let github = connect(&fake, "workflow");
    for repository in ["stranger/name", "stranger/../x", "name", ""] {
        assert!(matches!(github.pushes(repository, "patch").await, Read::Unreadable(_)), "{repository}");
    }
    fake.show_fork_activity();
    assert_eq!(pushers!(github.pushes("stranger/name", "patch").await), ["stranger"]);
    fake.token("weak", Token::workflow().with("contents", Access::None));
    assert!(matches!(connect(&fake, "weak").pushes("owner/name", "track").await, Read::Unreadable(_)));
    for n in 0..11 {
        fake.commit("long", &[("n", Some(&n.to_string()))], "ann");
    }
    fake.page_size(1);
    assert!(matches!(github.pushes("owner/name", "long").await, Read::Unreadable(_)), "more pages than are read");
    fake.page_size(100);
    let odd = json!([{ "before": "main", "after": "x", "ref": "refs/heads/track", "timestamp": "soon", "activity_type": "push" }]);
    fake.fail(1, |_| true, Fault::Answer { status: 200, body: odd });
    assert!(matches!(github.pushes("owner/name", "track").await, Read::Unreadable(_)));
}

#[tokio::test]
async fn only_what_github_signed_for_the_account_is_its_own_commit() {
    let (fake, _) = with_pull();
    fake.permission("ann", "write");
    let push = |author: &str, committer: &str, name: &str, signed: bool| {
        let files = [(name, Some("x"))];
        let pushed = Pushed { branch: "track", files: &files, author, committer, pusher: "ann", ..Pushed::default() };
        let sha = fake.push(&pushed).unwrap();
        if signed {
            fake.inspect_mut(|state| state.signed.insert(sha.clone()));
        }
        sha
    };
    let own = [push("cargo2[bot]", "web-flow", "a", true), push("cargo2[bot]", "cargo2[bot]", "b", true)];
    push("cargo2[bot]", "web-flow", "c", false);
    push("cargo2[bot]", "ann", "d", true);
    push("ann", "web-flow", "e", true);
    let github = connect(&fake, "app");
    let viewer = github.pulls().await.unwrap().viewer;
    let comparison = github.compare("main", "track").await.unwrap();
    let signed: Vec<String> =
        comparison.commits.iter().filter(|c| c.signed_for(&viewer)).map(|c| c.sha.to_string()).collect();
    assert_eq!((signed, comparison.ahead), (own.to_vec(), 6));
}

#[tokio::test]
async fn a_long_comparison_is_read_to_its_end_or_is_not_complete() {
    let (fake, _) = with_pull();
    for n in 0..29 {
        fake.commit("track", &[("n", Some(&n.to_string()))], "ann");
    }
    let github = connect(&fake, "workflow");
    fake.page_size(2);
    let all = github.compare("main", "track").await.unwrap();
    assert_eq!((all.commits.len(), all.ahead, all.complete), (30, 30, true));
    fake.page_size(1);
    let cut = github.compare("main", "track").await.unwrap();
    assert_eq!((cut.commits.len(), cut.ahead, cut.complete), (25, 30, false));
    fake.page_size(10);
    let second = fake.requests().len() + 2;
    fake.before_request(second, |fake| drop(fake.commit("track", &[("late", Some("x"))], "ann")));
    let moved = github.compare("main", "track").await.unwrap();
    assert!(!moved.complete, "the branch moved between two pages");
}
