//! Rust elements where a reader might not look.

use crate::scene::texts::{project, spelled};
use crate::scene::{Entry, Put, Scene, gone, link, text};
use crate::world::{TOOL, tool};

fn rust() -> String {
    spelled("kind: cargo2")
}

/// Files that are held until somebody approves them, on a base that has others.
#[track_caller]
fn seen(base: &[Entry], files: &[Entry]) {
    let scene = Scene::on(base);
    let number = scene.tracked(files);
    scene.held_until_approved(number);
}

#[test]
fn an_element_in_a_hidden_folder_is_seen() {
    seen(&[], &[text("elements/.hidden/new.bst", rust())]);
}

#[test]
fn an_element_in_a_hidden_folder_of_the_root_is_seen() {
    seen(&[], &[text(".cache/new.bst", rust())]);
}

#[test]
fn an_element_among_the_workflows_is_seen() {
    seen(
        &[text("project.conf", project("").replace("element-path: elements", "element-path: ."))],
        &[text(".github/new.bst", rust())],
    );
}

#[test]
fn an_element_outside_of_the_element_path_is_seen() {
    seen(&[], &[text("misc/new.bst", rust())]);
}

#[test]
fn an_element_behind_a_new_link_to_a_folder_is_seen() {
    seen(&[], &[link("elements/more", "../parts"), text("parts/new.bst", rust())]);
}

#[test]
fn an_element_behind_a_link_that_was_there_is_seen() {
    seen(&[link("elements/more", "../parts"), text("parts/README", "parts\n")], &[text("parts/new.bst", rust())]);
}

#[test]
fn a_link_that_makes_a_text_an_element_is_seen() {
    seen(&[text("docs/sample.txt", rust())], &[link("elements/new.bst", "../docs/sample.txt")]);
}

#[test]
fn a_text_that_is_an_element_by_a_link_is_an_input() {
    let base = [text("docs/sample.txt", rust()), link("elements/new.bst", "../docs/sample.txt")];
    seen(&base, &[text("docs/sample.txt", tool(1, 1))]);
}

#[test]
fn a_link_that_points_out_of_the_repository_is_held() {
    let scene = Scene::new();
    let number = scene.tracked(&[link("elements/new.bst", "../../../etc/element.bst")]);
    scene.run();
    scene.held(number);
}

#[test]
fn an_element_of_a_local_junction_is_seen() {
    let junction = "kind: junction\nsources:\n- kind: local\n  path: sub\n";
    let base = [
        text("elements/sub.bst", junction),
        text("sub/project.conf", "name: sub\nmin-version: 2.5\nelement-path: parts\n"),
        text("sub/parts/plain.bst", "kind: manual\n"),
    ];
    seen(&base, &[text("sub/parts/new.bst", rust())]);
}

#[test]
fn an_element_of_a_project_that_no_junction_names_is_seen() {
    let base = [
        text("other/project.conf", "name: other\nmin-version: 2.5\nelement-path: elements\n"),
        text("other/elements/plain.bst", "kind: manual\n"),
    ];
    seen(&base, &[text("other/elements/new.bst", rust())]);
}

#[test]
fn a_project_that_comes_with_its_element_is_seen() {
    let conf = text("other/project.conf", "name: other\nmin-version: 2.5\nelement-path: .\n");
    seen(&[], &[conf, text("other/new.bst", rust())]);
}

#[test]
fn an_element_whose_name_differs_in_case_alone_is_seen() {
    seen(&[], &[gone(TOOL), text("elements/Tool.bst", tool(0, 0))]);
}

#[test]
fn an_element_under_a_strange_name_is_seen() {
    for name in ["elements/a b\"c.bst", "elements/\u{202e}tsb.bst", "elements/-x.bst", "elements/ä.bst"] {
        seen(&[], &[text(name, rust())]);
    }
}

#[test]
fn an_element_that_moves_is_seen() {
    seen(&[], &[gone(TOOL), text("elements/deep/er/moved.bst", tool(0, 0))]);
}

#[test]
fn an_element_that_goes_is_seen() {
    seen(&[], &[gone(TOOL)]);
}

#[test]
fn another_element_path_is_seen() {
    let conf = project("").replace("element-path: elements", "element-path: parts");
    seen(&[text("parts/new.txt", "nothing\n")], &[text("project.conf", conf)]);
}

#[test]
fn a_rust_element_among_many_harmless_files_is_seen() {
    let mut files: Vec<Entry> = (0..400).map(|n| text(&format!("docs/{n:03}.md"), format!("page {n}\n"))).collect();
    files.push(text("elements/zzz.bst", rust()));
    seen(&[], &files);
}

#[test]
fn an_element_whose_text_is_kept_elsewhere_is_held() {
    let pointer = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12\n", "a".repeat(64));
    let scene = Scene::new();
    let number = scene.tracked(&[text("elements/new.bst", pointer)]);
    scene.run();
    scene.held(number);
}

#[test]
fn a_submodule_of_elements_that_moves_is_held() {
    let path = "elements/vendor";
    let modules = "[submodule \"v\"]\n\tpath = elements/vendor\n\turl = https://x.example/v.git\n";
    let scene = Scene::on(&[text(".gitmodules", modules), (path.into(), Put::Submodule(4))]);
    let number = scene.tracked(&[(path.into(), Put::Submodule(5))]);
    scene.run();
    scene.held(number);
}

#[test]
fn an_element_path_that_is_a_link_is_followed() {
    let conf = project("").replace("element-path: elements", "element-path: els");
    let base = [text("project.conf", conf), link("els", "parts"), text("parts/plain.bst", "kind: manual\n")];
    seen(&base, &[text("parts/new.bst", rust())]);
}
