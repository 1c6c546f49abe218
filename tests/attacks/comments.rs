//! Comments that should approve, and do not.

use crate::scene::{BRANCH, Scene, TRACKER, bumped, text};
use crate::world::Rules;

#[test]
fn an_edited_comment_approves_nothing() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.run();
    let id = scene.id(number);
    let comment = scene.comment(number, "ann", "Thank you!");
    scene.edit_comment("bob", comment, &format!("/cargo2 approve {id}"));
    scene.run();
    scene.held(number);
    scene.say(number, "ann", &format!("/cargo2 approve {id}"));
    scene.run();
    scene.released(number);
}

#[test]
fn a_comment_with_another_id_approves_nothing() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.run();
    let id = scene.id(number);
    for other in ["000000000000", "", &id[..4], &id.replace(|c: char| c.is_ascii_digit(), "0"), &"f".repeat(64)] {
        scene.say(number, "ann", &format!("/cargo2 approve {other}"));
        scene.run();
        scene.held(number);
    }
}

#[test]
fn a_comment_approves_the_content_of_its_id_alone() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.run();
    scene.say(number, "ann", &format!("/cargo2 approve {}", scene.id(number)));
    scene.run();
    scene.released(number);
    scene.put(TRACKER, BRANCH, &bumped(2));
    scene.run();
    scene.held(number);
}

#[test]
fn a_comment_approves_the_content_for_its_base_branch_alone() {
    let scene = Scene::with(Rules { second: true, ..Rules::PLAIN });
    scene.put(TRACKER, BRANCH, &bumped(1));
    let number = scene.try_open("owner", BRANCH, "stable", TRACKER).unwrap();
    scene.run();
    let id = scene.id(number);
    scene.say(number, "ann", &format!("/cargo2 approve {id}"));
    scene.retarget("bob", number, "main").unwrap();
    scene.run();
    scene.held(number);
    assert_ne!(scene.id(number), id);
}

#[test]
fn a_comment_that_quotes_the_command_approves_nothing() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.run();
    let id = scene.id(number);
    for body in [
        format!("> /cargo2 approve {id}"),
        format!("Should I write\n/cargo2 approve {id}"),
        format!("```\n/cargo2 approve {id}\n```"),
    ] {
        scene.say(number, "ann", &body);
        scene.run();
        scene.held(number);
    }
}

#[test]
fn a_comment_on_another_pull_request_approves_nothing() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.run();
    let id = scene.id(number);
    let other = scene.pull_by("bob", "docs", &[text("README.md", "docs\n")]);
    scene.say(other, "ann", &format!("/cargo2 approve {id}"));
    scene.run();
    scene.held(number);
}

#[test]
fn kind_words_without_an_approval_are_none() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.review(number, "ann", "COMMENTED");
    scene.comment(number, "ann", "/lgtm\n/approve\nLGTM, approved");
    scene.label_by("ann", number, "approved");
    scene.label_by("ann", number, "lgtm");
    scene.run();
    scene.held(number);
}

#[test]
fn an_id_short_enough_to_collide_approves_nothing() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.run();
    // Whoever chooses both contents finds two with the same 12 digits among some millions.
    let id = scene.id(number);
    scene.say(number, "ann", &format!("/cargo2 approve {}", &id[..12]));
    scene.run();
    scene.held(number);
}

#[test]
fn a_comment_that_is_taken_back_approves_nothing() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.run();
    let comment = scene.say(number, "ann", &format!("/cargo2 approve {}", scene.id(number)));
    scene.run();
    scene.released(number);
    scene.delete_comment(comment);
    scene.run();
    scene.held(number);
}
