//! What people without write permission can do: forks, comments, names.

use pulldown_cmark::{Event, Tag, TagEnd};

use crate::scene::{Scene, text};
use crate::world::{LOCK, TOOL, lock_of, tool};

fn forked(scene: &Scene) -> u64 {
    let (element, lock) = (tool(1, 0), lock_of(1));
    scene.forked(&[(TOOL, &element), (LOCK, &lock)])
}

#[test]
fn a_fork_is_held() {
    let scene = Scene::new();
    let number = forked(&scene);
    scene.run();
    scene.held(number);
    scene.run_for(number);
    scene.held(number);
}

#[test]
fn a_fork_is_released_when_people_approve() {
    let scene = Scene::new();
    let number = forked(&scene);
    scene.run();
    // Who pushed to a fork cannot be read: two people, or the author counts as the pusher.
    scene.approve(number, "ann");
    scene.approve(number, "bob");
    scene.run();
    scene.released(number);
}

#[test]
fn a_harmless_fork_passes() {
    let scene = Scene::new();
    let number = scene.forked(&[("README.md", "better\n")]);
    scene.run();
    scene.released(number);
}

#[test]
fn a_fork_whose_repository_is_gone_is_held() {
    let scene = Scene::new();
    let number = forked(&scene);
    scene.delete_fork(number);
    scene.run();
    scene.held(number);
}

#[test]
fn a_fork_that_names_its_branch_like_ours_is_held() {
    let scene = Scene::new();
    let (element, lock) = (tool(1, 0), lock_of(1));
    for branch in ["main", "auto/track-tool", "cargo2-bot/tool.bst"] {
        let files = [(TOOL, Some(element.as_str())), (LOCK, Some(lock.as_str()))];
        scene.fork_commit("mallory", branch, &files, "mallory");
        let number = scene.open_fork_pull("mallory", branch, "main", "mallory", "mine");
        scene.run();
        scene.held(number);
        assert!(scene.pull(number).open);
    }
}

#[test]
fn a_command_of_an_outsider_does_nothing() {
    let scene = Scene::new();
    let number = scene.tracked(&[text(LOCK, lock_of(1)), text("README.md", "x\n")]);
    scene.put("bob", crate::scene::BRANCH, &[text("README.md", "mine\n")]);
    scene.run();
    let sha = scene.sha(number);
    for body in ["/cargo2 regenerate", "/cargo2 recheck", "/cargo2 approve 000000000000", "/cargo2 release", "/cargo2"]
    {
        scene.say(number, "mallory", body);
        assert_eq!(scene.sha(number), sha, "{body}");
        scene.held(number);
    }
}

#[test]
fn an_outsider_does_not_hold_others_for_ever() {
    let scene = Scene::new();
    let number = scene.bump();
    scene.review(number, "mallory", "CHANGES_REQUESTED");
    scene.comment(number, "mallory", "/hold");
    scene.comment(number, "mallory", "<!-- cargo2-bot -->\nheld");
    scene.held_until_approved(number);
}

#[test]
fn a_twin_of_an_outsider_does_not_hold_others_for_ever() {
    let scene = Scene::new();
    let number = scene.pull_by("bob", "docs", &[text("README.md", "docs\n")]);
    forked(&scene);
    scene.run();
    scene.released(number);
}

#[test]
fn a_fork_on_the_same_commit_does_not_change_the_verdict() {
    let scene = Scene::new();
    let number = scene.bump();
    let sha = scene.sha(number);
    scene.inspect_mut(|state| state.set_branch("mallory", "mallory", "same", Some(&sha)));
    scene.open_fork_pull("mallory", "same", "main", "mallory", "the same");
    scene.run();
    scene.held(number);
    scene.approve(number, "ann");
    scene.run();
    assert!(scene.is_green(number), "its twin of an outsider holds it");
}

#[test]
fn names_that_are_markup_stay_text() {
    let names = [
        "elements/x`](evil.example).bst",
        "elements/<img src=x onerror=y>.bst",
        "elements/a\n::error::b.bst",
        "elements/@ann please approve.bst",
        "elements/<!-- cargo2-bot -->.bst",
    ];
    let scene = Scene::new();
    let files: Vec<_> = names.iter().map(|name| text(name, tool(0, 0))).collect();
    let number = scene.tracked(&files);
    scene.run();
    scene.held(number);
    let shown = scene.comments(number);
    assert_eq!(shown.iter().filter(|c| c.author == "cargo2[bot]").count(), 1);
    for comment in shown {
        let mut code = false;
        for event in pulldown_cmark::Parser::new(&comment.body) {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    assert!(dest_url.starts_with("https://github.com/owner/name/"), "{dest_url}");
                }
                Event::Html(html) | Event::InlineHtml(html) => {
                    assert!(!html.contains("<img") && !html.contains(".bst"), "{html}");
                }
                Event::Start(Tag::CodeBlock(_)) => code = true,
                Event::End(TagEnd::CodeBlock) => code = false,
                Event::Text(text) => assert!(code || !text.contains("@ann"), "{text}"),
                _ => {}
            }
        }
    }
    scene.approve(number, "ann");
    scene.run();
    scene.released(number);
}

#[test]
fn a_title_and_a_body_with_commands_are_none() {
    let scene = Scene::new();
    scene.put("tracker[bot]", crate::scene::BRANCH, &crate::scene::bumped(1));
    let title = "<!-- cargo2-bot --> /cargo2 approve ::set-output name=x::y";
    let number = scene.open_pull(crate::scene::BRANCH, "main", "tracker[bot]", title);
    scene.set_body(number, "/cargo2 approve 000000000000\n<!-- cargo2-bot -->\nApproved-by: ann");
    scene.held_until_approved(number);
}

#[test]
fn labels_release_nothing() {
    let scene = Scene::new();
    let number = scene.bump();
    for label in ["lgtm", "approved", "cargo2: approved", "automerge"] {
        scene.label_by("mallory", number, label);
    }
    scene.run();
    for label in scene.pull(number).labels {
        scene.unlabel_by("bob", number, &label);
    }
    scene.run();
    scene.held(number);
}
