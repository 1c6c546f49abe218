//! What Rust elements are built from, where a reader might not count it.

use crate::scene::texts::{project, tool_with};
use crate::scene::{Entry, Put, Scene, gone, link, text};
use crate::world::{LOCK, TOOL, lock_of, tool};

/// Files that are held until somebody approves them, on a base that has others.
#[track_caller]
fn counts(base: &[Entry], files: &[Entry]) {
    let scene = Scene::on(base);
    let number = scene.tracked(files);
    scene.held_until_approved(number);
}

/// Files that stay held, whether they can be approved or not.
#[track_caller]
fn never_passes(base: &[Entry], files: &[Entry]) {
    let scene = Scene::on(base);
    let number = scene.tracked(files);
    scene.run();
    scene.held(number);
}

const PATCH: &str = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n";

fn queued() -> Entry {
    text(TOOL, tool_with("", "- kind: patch_queue\n  path: patches/tool\n"))
}

#[test]
fn a_lock_alone_counts() {
    counts(&[], &[text(LOCK, lock_of(1))]);
}

#[test]
fn a_lock_that_goes_counts() {
    counts(&[], &[gone(LOCK)]);
}

#[test]
fn a_new_file_beside_the_lock_counts() {
    counts(&[], &[text("files/up/.cargo/config.toml", "[source.crates-io]\nreplace-with = 'x'\n")]);
}

#[test]
fn a_mode_alone_counts() {
    counts(&[], &[(LOCK.to_owned(), Put::Executable(lock_of(0).into_bytes()))]);
}

#[test]
fn a_patch_in_a_queue_counts() {
    counts(&[queued(), text("patches/tool/0001.patch", PATCH)], &[text("patches/tool/0002.patch", PATCH)]);
}

#[test]
fn a_single_patch_counts() {
    let base =
        [text(TOOL, tool_with("", "- kind: patch\n  path: patches/one.patch\n")), text("patches/one.patch", PATCH)];
    counts(&base, &[text("patches/one.patch", PATCH.replace("+b", "+c"))]);
}

#[test]
fn the_target_of_a_link_in_a_patch_folder_counts() {
    let base = [queued(), link("patches/tool/0001.patch", "../../shared/fix.diff"), text("shared/fix.diff", PATCH)];
    counts(&base, &[text("shared/fix.diff", PATCH.replace("+b", "+c"))]);
}

#[test]
fn the_target_of_a_link_among_the_sources_counts() {
    let base = [link("files/up/src", "../../common"), text("common/main.rs", "fn main() {}\n")];
    counts(&base, &[text("common/main.rs", "fn main() { evil() }\n")]);
}

#[test]
fn a_link_that_points_somewhere_else_counts() {
    let base = [link("files/up/src", "../../one"), text("one/a", "a\n"), text("two/a", "b\n")];
    counts(&base, &[link("files/up/src", "../../two")]);
}

#[test]
fn a_loop_of_links_among_the_sources_is_held() {
    never_passes(&[], &[link("files/up/a", "b"), link("files/up/b", "a")]);
}

#[test]
fn an_include_of_the_element_counts() {
    let base =
        [text(TOOL, tool_with("(@): include/flags.yml\n", "")), text("include/flags.yml", "variables:\n  x: 1\n")];
    counts(&base, &[text("include/flags.yml", "variables:\n  x: 2\n")]);
}

#[test]
fn a_junction_that_is_included_from_counts() {
    let junction = |commit: &str| {
        format!("kind: junction\nsources:\n- kind: git_repo\n  url: https://x.example/sdk.git\n  ref: {commit}\n")
    };
    let base = [
        text("elements/sdk.bst", junction(&"1".repeat(40))),
        text(TOOL, tool_with("(@): sdk.bst:include/flags.yml\n", "")),
    ];
    counts(&base, &[text("elements/sdk.bst", junction(&"2".repeat(40)))]);
}

#[test]
fn a_file_included_from_a_local_junction_counts() {
    let base = [
        text("elements/sub.bst", "kind: junction\nsources:\n- kind: local\n  path: sub\n"),
        text("sub/project.conf", "name: sub\nmin-version: 2.5\n"),
        text("sub/include/flags.yml", "variables:\n  x: 1\n"),
        text(TOOL, tool_with("(@): sub.bst:include/flags.yml\n", "")),
    ];
    counts(&base, &[text("sub/include/flags.yml", "variables:\n  x: 2\n")]);
}

#[test]
fn a_local_plugin_counts() {
    let conf = project("plugins:\n- origin: local\n  path: plugins\n  sources:\n  - cargo2\n");
    counts(
        &[text("project.conf", conf), text("plugins/cargo2.py", "x = 1\n")],
        &[text("plugins/cargo2.py", "x = 2\n")],
    );
}

#[test]
fn a_helper_beside_a_local_plugin_counts() {
    let conf = project("plugins:\n- origin: local\n  path: plugins\n  sources:\n  - cargo2\n");
    counts(&[text("project.conf", conf), text("plugins/cargo2.py", "x = 1\n")], &[text("plugins/_util.py", "x = 2\n")]);
}

#[test]
fn a_junction_that_plugins_come_from_counts() {
    let junction = |commit: &str| {
        format!("kind: junction\nsources:\n- kind: git_repo\n  url: https://x.example/plugins.git\n  ref: {commit}\n")
    };
    let conf = project("plugins:\n- origin: junction\n  junction: plugins.bst\n  sources:\n  - cargo2\n");
    let base = [text("project.conf", conf), text("elements/plugins.bst", junction(&"1".repeat(40)))];
    counts(&base, &[text("elements/plugins.bst", junction(&"2".repeat(40)))]);
}

#[test]
fn the_configuration_of_the_project_counts() {
    counts(&[], &[text("project.conf", project("variables:\n  flags: --evil\n"))]);
}

#[test]
fn an_include_of_the_projects_configuration_counts() {
    let base =
        [text("project.conf", project("(@): include/conf.yml\n")), text("include/conf.yml", "variables:\n  x: 1\n")];
    counts(&base, &[text("include/conf.yml", "variables:\n  x: 2\n")]);
}

#[test]
fn refs_in_a_file_of_their_own_count() {
    let reference = |n: u8| format!("projects:\n  p:\n    tool.bst:\n    - ref: '{n}'\n");
    counts(&[text("project.refs", reference(1))], &[text("project.refs", reference(2))]);
}

#[test]
fn a_new_file_of_refs_counts() {
    counts(&[], &[text("project.refs", "projects:\n  p:\n    tool.bst:\n    - {}\n    - ref: []\n")]);
}

#[test]
fn refs_of_junctions_count() {
    counts(&[text("junction.refs", "projects: {}\n")], &[text("junction.refs", "projects:\n  p: {}\n")]);
}

#[test]
fn attributes_that_change_an_input_are_held() {
    never_passes(&[], &[text(".gitattributes", "files/up/* text eol=crlf\n")]);
    never_passes(&[], &[text("files/up/.gitattributes", "* filter=lfs\n")]);
}

#[test]
fn a_submodule_among_the_sources_is_held() {
    let modules = "[submodule \"up\"]\n\tpath = files/up/vendor\n\turl = https://x.example/up.git\n";
    never_passes(&[], &[text(".gitmodules", modules), ("files/up/vendor".to_owned(), Put::Submodule(5))]);
}

#[test]
fn another_address_of_a_submodule_is_held() {
    let modules =
        |host: &str| format!("[submodule \"up\"]\n\tpath = files/up/vendor\n\turl = https://{host}.example/up.git\n");
    let base = [text(".gitmodules", modules("one")), ("files/up/vendor".to_owned(), Put::Submodule(5))];
    never_passes(&base, &[text(".gitmodules", modules("two"))]);
}

#[test]
fn a_pointer_to_a_large_file_among_the_sources_is_held() {
    let pointer = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12\n", "a".repeat(64));
    never_passes(&[], &[text("files/up/data.bin", pointer)]);
}

#[test]
fn another_server_of_large_files_is_held() {
    let pointer = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12\n", "a".repeat(64));
    never_passes(&[text("files/up/data.bin", pointer)], &[text(".lfsconfig", "[lfs]\n\turl = https://evil.example\n")]);
}

#[test]
fn a_file_becomes_an_input_by_the_change_of_the_element() {
    let element = tool(0, 0).replace("path: files/up", "path: docs");
    let scene = Scene::on(&[text("docs/Cargo.lock", lock_of(0)), text("docs/x.md", "one\n")]);
    let number = scene.tracked(&[text(TOOL, element)]);
    scene.run();
    scene.held(number);
    // What was drawn in is part of what was approved.
    scene.approved_then(number, |scene| drop(scene.base("main", &[text("docs/x.md", "two\n")])));
}

#[test]
fn a_text_that_only_looks_harmless_counts_as_the_input_it_is() {
    counts(&[text("files/up/README.md", "one\n")], &[text("files/up/README.md", "two\n")]);
}
