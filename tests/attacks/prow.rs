//! Prow's words and labels where they should approve nothing, and its holds where they should hold.

use crate::fake_github::Fault;
use crate::scene::{BRANCH, Scene, TRACKER, bumped, text};
use crate::world::{Rules, lock_of};

const CONFIG: &str = ".github/cargo2-bot.yml";
const PROW: &str = "prow-bot[bot]";
const BOTH: &str = "/lgtm\n/approve";

/// A repository whose people use Prow, and the tracker's bump.
fn prow() -> (Scene, u64) {
    let scene = Scene::on(&[text(CONFIG, "approvers: {prow: true}\n")]);
    let number = scene.bump();
    scene.run();
    scene.held(number);
    (scene, number)
}

/// Prow's bot sets its labels.
fn labelled(scene: &Scene, number: u64) {
    scene.label_by(PROW, number, "lgtm");
    scene.label_by(PROW, number, "approved");
}

/// The same, where Ann said what it takes.
fn approved() -> (Scene, u64) {
    let (scene, number) = prow();
    scene.comment(number, "ann", BOTH);
    labelled(&scene, number);
    scene.run();
    scene.released(number);
    (scene, number)
}

#[track_caller]
fn held(scene: &Scene, number: u64) {
    scene.run();
    scene.held(number);
}

/// Asserts that it is held, and released as soon as Ann says what it takes.
#[track_caller]
fn held_until_said(scene: &Scene, number: u64) {
    held(scene, number);
    scene.comment(number, "ann", BOTH);
    scene.run();
    scene.released(number);
}

/// Asserts that one person's comment, with the labels, approves nothing.
#[track_caller]
fn say_too_little(who: &str, body: &str) {
    let (scene, number) = prow();
    scene.comment(number, who, body);
    labelled(&scene, number);
    held_until_said(&scene, number);
}

#[test]
fn labels_without_words_approve_nothing() {
    for who in [PROW, "ann", "github-actions[bot]"] {
        let (scene, number) = prow();
        scene.label_by(who, number, "lgtm");
        scene.label_by(who, number, "approved");
        held_until_said(&scene, number);
    }
}

#[test]
fn words_without_labels_approve_nothing() {
    for label in ["", "lgtm", "approved"] {
        let (scene, number) = prow();
        scene.comment(number, "ann", BOTH);
        if !label.is_empty() {
            scene.label_by(PROW, number, label);
        }
        held(&scene, number);
        labelled(&scene, number);
        scene.run();
        scene.released(number);
    }
}

#[test]
fn one_word_without_the_other_approves_nothing() {
    for word in ["/lgtm", "/approve"] {
        say_too_little("ann", word);
    }
}

#[test]
fn two_people_may_say_one_word_each() {
    let (scene, number) = prow();
    scene.comment(number, "ann", "/lgtm");
    scene.comment(number, "bob", "/approve");
    labelled(&scene, number);
    scene.run();
    scene.released(number);
    assert_eq!(scene.holds(&scene.sha(number))[0].title.as_deref(), Some("approved by ann, bob"));
}

#[test]
fn an_edited_comment_says_nothing() {
    let (scene, number) = prow();
    let comment = scene.comment(number, "ann", "Thank you!");
    scene.edit_comment("bob", comment, BOTH);
    labelled(&scene, number);
    held_until_said(&scene, number);
}

#[test]
fn a_comment_that_was_edited_after_it_released_says_nothing_any_more() {
    let (scene, number) = approved();
    let comment = scene.comments(number).into_iter().find(|comment| comment.body == BOTH).unwrap().id;
    scene.edit_comment("ann", comment, "/lgtm\n/approve\nas I said");
    held_until_said(&scene, number);
}

#[test]
fn words_from_before_the_last_push_say_nothing() {
    let (scene, number) = approved();
    scene.put(TRACKER, BRANCH, &bumped(2));
    held_until_said(&scene, number);
}

#[test]
fn words_from_before_an_amended_commit_say_nothing() {
    let (scene, number) = approved();
    scene.start_over(TRACKER, BRANCH, &bumped(2));
    held_until_said(&scene, number);
}

#[test]
fn pushing_back_what_words_were_about_does_not_revive_them() {
    let (scene, number) = approved();
    let first = scene.sha(number);
    scene.put(TRACKER, BRANCH, &bumped(2));
    scene.run();
    scene.push_sha(TRACKER, BRANCH, &first).unwrap();
    held_until_said(&scene, number);
}

#[test]
fn the_words_of_the_author_and_of_who_pushed_say_nothing() {
    let scene = Scene::on(&[text(CONFIG, "approvers: {prow: true}\n")]);
    let number = scene.pull_by("bob", BRANCH, &bumped(1));
    scene.comment(number, "bob", BOTH);
    labelled(&scene, number);
    held_until_said(&scene, number);
    // Ann pushes, too, and says it again.
    scene.put("ann", BRANCH, &bumped(2));
    scene.comment(number, "ann", BOTH);
    held(&scene, number);
}

#[test]
fn one_of_the_words_by_the_author_is_none() {
    let scene = Scene::on(&[text(CONFIG, "approvers: {prow: true}\n")]);
    let number = scene.pull_by("bob", BRANCH, &bumped(1));
    scene.comment(number, "bob", "/approve");
    scene.comment(number, "ann", "/lgtm");
    labelled(&scene, number);
    held(&scene, number);
}

#[test]
fn the_words_of_who_has_the_bot_write_say_nothing() {
    let scene = Scene::on(&[text(CONFIG, "approvers: {prow: true}\n")]);
    let number = scene.tracked(&[text(crate::world::LOCK, lock_of(1))]);
    scene.say(number, "ann", "/cargo2 regenerate");
    scene.comment(number, "ann", BOTH);
    labelled(&scene, number);
    held(&scene, number);
    scene.comment(number, "bob", BOTH);
    scene.run();
    scene.released(number);
}

#[test]
fn the_words_of_a_reader_and_of_a_bot_say_nothing() {
    for who in ["mallory", PROW, "someone"] {
        say_too_little(who, BOTH);
    }
}

#[test]
fn who_lost_the_permission_said_nothing() {
    let (scene, number) = approved();
    scene.permission("ann", "read");
    held(&scene, number);
}

#[test]
fn words_in_quotes_code_and_hidden_places_say_nothing() {
    for body in [
        "> /lgtm\n> /approve",
        "> so\n/lgtm\n/approve",
        "Should I write\n/lgtm\n/approve\n?",
        "```\n/lgtm\n/approve\n```",
        "~~~\n/lgtm\n/approve",
        "    /lgtm\n    /approve",
        "<!--\n/lgtm\n/approve\n-->",
        "<details>\n/lgtm\n/approve\n</details>",
        "- x\n/lgtm\n/approve",
        "/lgtm /approve",
        "/lgtm, /approve",
        "/lgtmx\n/approved",
    ] {
        say_too_little("ann", body);
    }
}

#[test]
fn a_deleted_comment_says_nothing_any_more() {
    let (scene, number) = approved();
    let comment = scene.comments(number).into_iter().find(|comment| comment.body == BOTH).unwrap().id;
    scene.delete_comment(comment);
    held_until_said(&scene, number);
}

#[test]
fn words_that_are_taken_back_say_nothing() {
    for (who, words) in [
        ("ann", "/lgtm cancel"),
        ("bob", "/lgtm cancel"),
        ("ann", "/approve cancel"),
        ("bob", "No.\n/remove-lgtm"),
        ("ann", "/remove-approve"),
    ] {
        let (scene, number) = approved();
        scene.comment(number, who, words);
        held_until_said(&scene, number);
    }
}

#[test]
fn an_outsider_takes_back_the_words_of_nobody() {
    let (scene, number) = approved();
    scene.comment(number, "mallory", "/lgtm cancel\n/approve cancel\n/hold");
    scene.run();
    scene.released(number);
}

#[test]
fn a_hold_holds_what_was_approved() {
    for label in ["do-not-merge/hold", "hold"] {
        let (scene, number) = approved();
        scene.label_by(PROW, number, label);
        held(&scene, number);
        scene.approve(number, "ann");
        held(&scene, number);
        scene.unlabel_by(PROW, number, label);
        scene.run();
        scene.released(number);
    }
    let (scene, number) = approved();
    scene.comment(number, "bob", "Let us wait.\n/hold");
    held(&scene, number);
    for (who, words) in [("mallory", "/unhold"), ("ann", "> /unhold"), (PROW, "/unhold")] {
        scene.comment(number, who, words);
        held(&scene, number);
    }
    scene.comment(number, "ann", "/hold cancel");
    scene.run();
    scene.released(number);
}

#[test]
fn an_edited_comment_takes_no_hold_away() {
    let (scene, number) = approved();
    scene.comment(number, "bob", "/hold");
    let comment = scene.comment(number, "ann", "I see.");
    scene.edit_comment("ann", comment, "/unhold");
    held(&scene, number);
}

#[test]
fn a_hold_holds_a_promotion_too() {
    use crate::scene::guarded::VOUCHED;
    let scene = Scene::with(VOUCHED);
    for branch in ["main", "stable"] {
        scene.base(branch, &[text(CONFIG, "branches: [stable]\napprovers: {prow: true}\n")]);
    }
    scene.merged_into("stable", &bumped(1), "squash");
    let number = scene.promote_to("main", "stable");
    scene.label_by(PROW, number, "do-not-merge/hold");
    held(&scene, number);
}

#[test]
fn words_are_for_the_base_branch_that_they_were_said_of() {
    let scene = Scene::with(Rules { second: true, ..Rules::PLAIN });
    scene.base("main", &[text(CONFIG, "branches: [stable]\napprovers: {prow: true}\n")]);
    scene.base("stable", &[text(CONFIG, "branches: [stable]\napprovers: {prow: true}\n")]);
    scene.put(TRACKER, BRANCH, &bumped(1));
    let number = scene.try_open("owner", BRANCH, "stable", TRACKER).unwrap();
    scene.comment(number, "ann", BOTH);
    labelled(&scene, number);
    scene.run();
    scene.retarget("bob", number, "main").unwrap();
    held_until_said(&scene, number);
}

#[test]
fn words_on_another_pull_request_say_nothing() {
    let (scene, number) = prow();
    let other = scene.pull_by("bob", "docs", &[text("README.md", "docs\n")]);
    scene.comment(other, "ann", BOTH);
    labelled(&scene, other);
    labelled(&scene, number);
    held_until_said(&scene, number);
}

#[test]
fn words_say_nothing_while_the_last_push_is_not_known() {
    let (scene, number) = prow();
    scene.comment(number, "ann", BOTH);
    labelled(&scene, number);
    scene.fail(100, |seen| seen.path.contains("/activity"), Fault::Status(403));
    scene.try_run();
    scene.held(number);
    // Two people may approve it all the same.
    scene.approve(number, "ann");
    scene.approve(number, "bob");
    scene.try_run();
    scene.released(number);
}

#[test]
fn a_pull_request_does_not_let_prow_in_by_itself() {
    let scene = Scene::new();
    let mut files = bumped(1);
    files.push(text(CONFIG, "approvers: {prow: true}\n"));
    let number = scene.tracked(&files);
    scene.comment(number, "ann", BOTH);
    labelled(&scene, number);
    held(&scene, number);
}

#[test]
fn only_the_people_whom_the_configuration_names_say_it() {
    let scene = Scene::on(&[text(CONFIG, "approvers: {prow: true, only: [bob]}\n")]);
    let number = scene.bump();
    scene.comment(number, "ann", BOTH);
    labelled(&scene, number);
    held(&scene, number);
    scene.comment(number, "bob", BOTH);
    scene.run();
    scene.released(number);
}

#[test]
fn words_that_go_away_before_success_is_written_release_nothing() {
    type Happens = fn(&crate::fake_github::Handle, u64, u64);
    let happens: [Happens; 5] = [
        |fake, _, comment| fake.delete_comment(comment),
        |fake, _, comment| fake.edit_comment("ann", comment, BOTH),
        |fake, number, _| fake.unlabel_by("bob", number, "lgtm"),
        |fake, number, _| fake.label_by("bob", number, "do-not-merge/hold"),
        |fake, number, _| {
            fake.comment(number, "bob", "/lgtm cancel");
        },
    ];
    for happens in happens {
        let (scene, number) = prow();
        let comment = scene.comment(number, "ann", BOTH);
        labelled(&scene, number);
        scene.before_success(move |fake| happens(fake, number, comment));
        scene.run();
        scene.held(number);
    }
}
