//! Rust elements that a reader might not see, by how they are written.

use crate::scene::texts::{indented, project, sources, spelled};
use crate::scene::{Entry, Put, Scene, text};

/// A new element in the usual place that is held until somebody approves it.
#[track_caller]
fn seen(element: impl Into<String>) {
    let scene = Scene::new();
    let number = scene.tracked(&[text("elements/new.bst", element)]);
    scene.held_until_approved(number);
}

/// A new element that stays held, whether it can be approved or not.
#[track_caller]
fn never_passes(file: Entry) {
    let scene = Scene::new();
    let number = scene.tracked(&[file]);
    scene.run();
    scene.held(number);
}

#[test]
fn a_new_element_in_the_plain_spelling_is_seen() {
    seen(spelled("kind: cargo2"));
}

#[test]
fn a_source_of_the_older_kind_is_seen() {
    seen(spelled("kind: cargo"));
}

#[test]
fn a_kind_in_single_quotes_is_seen() {
    seen(spelled("kind: 'cargo2'"));
}

#[test]
fn a_kind_with_hex_escapes_is_seen() {
    seen(spelled("kind: \"c\\x61rgo2\""));
}

#[test]
fn a_kind_with_unicode_escapes_is_seen() {
    seen(spelled("kind: \"\\u0063\\U00000061rgo2\""));
}

#[test]
fn a_kind_that_is_folded_over_two_lines_is_seen() {
    seen(spelled("kind: \"car\\\n    go2\""));
}

#[test]
fn a_kind_in_a_literal_block_is_seen() {
    seen(spelled("kind: |-\n    cargo2"));
}

#[test]
fn a_kind_in_a_folded_block_is_seen() {
    seen(spelled("kind: >-\n    cargo2"));
}

#[test]
fn a_kind_with_a_tag_is_seen() {
    never_passes(text("elements/new.bst", spelled("kind: !!str cargo2")));
}

#[test]
fn a_key_with_escapes_is_seen() {
    seen(spelled("\"k\\x69nd\": cargo2"));
}

#[test]
fn a_key_of_the_sources_with_escapes_is_seen() {
    seen(spelled("kind: cargo2").replace("sources:", "\"s\\x6furces\":"));
}

#[test]
fn a_source_in_flow_style_is_seen() {
    seen("kind: manual\nsources: [{kind: local, path: files/up}, {url: 'crates:crates', kind: cargo2, ref: []}]\n");
}

#[test]
fn an_explicit_key_is_seen() {
    seen(spelled("? kind\n  : cargo2"));
}

#[test]
fn a_kind_by_an_alias_is_seen() {
    never_passes(text(
        "elements/new.bst",
        format!("kind: manual\npublic:\n  x: &k cargo2\n{}", sources().replace("kind: cargo2", "kind: *k")),
    ));
}

#[test]
fn sources_by_a_merge_key_are_seen() {
    let element = format!("kind: manual\npublic: &p\n{}<<: *p\n", indented(2));
    never_passes(text("elements/new.bst", element));
}

#[test]
fn a_second_document_is_seen() {
    never_passes(text("elements/new.bst", format!("kind: manual\n---\n{}", spelled("kind: cargo2"))));
}

#[test]
fn a_key_that_is_there_twice_is_seen() {
    never_passes(text("elements/new.bst", format!("sources: []\n{}", spelled("kind: cargo2"))));
}

#[test]
fn an_element_behind_a_byte_order_mark_is_seen() {
    never_passes(text("elements/new.bst", format!("\u{feff}{}", spelled("kind: cargo2"))));
}

#[test]
fn an_element_in_another_encoding_is_seen() {
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend(spelled("kind: cargo2").encode_utf16().flat_map(u16::to_le_bytes));
    never_passes(("elements/new.bst".to_owned(), Put::Bytes(bytes)));
}

#[test]
fn an_element_that_is_not_text_is_held() {
    never_passes(("elements/new.bst".to_owned(), Put::Bytes(b"kind: manual\n# \xff\n".to_vec())));
}

#[test]
fn an_element_that_is_not_yaml_is_held() {
    never_passes(text("elements/new.bst", "kind: manual\nsources: [\n"));
}

#[test]
fn an_element_too_large_to_read_is_held() {
    let filler = format!("# {}\n", "x".repeat(76)).repeat(40_000);
    never_passes(text("elements/new.bst", format!("{filler}{}", spelled("kind: cargo2"))));
}

#[test]
fn sources_that_are_appended_are_seen() {
    for directive in ["(>)", "(<)", "(=)"] {
        let body = indented(2).replacen("sources:", &format!("{directive}:"), 1);
        seen(format!("kind: manual\nsources:\n{body}"));
    }
}

#[test]
fn sources_for_another_architecture_are_seen() {
    seen(format!("kind: manual\n(?):\n- target_arch == \"riscv64\":\n{}", indented(4)));
}

#[test]
fn sources_under_an_option_that_is_off_are_seen() {
    let option = "options:\n  rusty:\n    type: bool\n    description: Rust\n    default: false\n";
    let scene = Scene::on(&[text("project.conf", project(option))]);
    let number = scene.tracked(&[text("elements/new.bst", format!("kind: manual\n(?):\n- rusty:\n{}", indented(4)))]);
    scene.held_until_approved(number);
}

#[test]
fn sources_in_nested_conditions_are_seen() {
    let inner = indented(8);
    seen(format!(
        "kind: manual\n(?):\n- target_arch == \"x86_64\":\n    (?):\n    - build_arch == \"x86_64\":\n{inner}"
    ));
}

#[test]
fn sources_of_an_include_are_seen() {
    let scene = Scene::new();
    let files = [text("include/up.yml", sources()), text("elements/new.bst", "kind: manual\n(@): include/up.yml\n")];
    let number = scene.tracked(&files);
    scene.held_until_approved(number);
}

#[test]
fn sources_of_an_include_of_an_include_are_seen() {
    let scene = Scene::on(&[text("include/two.yml", sources()), text("include/one.yml", "(@): [include/two.yml]\n")]);
    let number = scene.tracked(&[text("elements/new.bst", "kind: manual\n(@):\n- include/one.yml\n")]);
    scene.held_until_approved(number);
}

#[test]
fn an_element_becomes_rust_by_its_include_alone() {
    let scene = Scene::on(&[
        text("include/up.yml", "variables: {}\n"),
        text("elements/plain.bst", "kind: manual\n(@): include/up.yml\n"),
    ]);
    let number = scene.tracked(&[text("include/up.yml", sources())]);
    scene.held_until_approved(number);
}

#[test]
fn an_include_with_rust_sources_that_nothing_includes_yet_is_held() {
    let scene = Scene::new();
    let number = scene.tracked(&[text("include/later.yml", sources())]);
    scene.held_until_approved(number);
}

#[test]
fn an_include_that_comes_later_is_held() {
    let scene = Scene::on(&[text("elements/new.bst", "kind: manual\n(@): include/later.txt\n")]);
    let number = scene.tracked(&[text("include/later.txt", "sources:\n- kind: cargo2\n")]);
    scene.run();
    scene.held(number);
}

#[test]
fn an_element_that_stops_being_rust_is_held() {
    let scene = Scene::new();
    let number = scene.tracked(&[text("elements/tool.bst", "kind: manual\n")]);
    scene.held_until_approved(number);
}

#[test]
fn an_include_that_is_not_read_is_no_absence() {
    let scene = Scene::on(&[
        ("vendor".to_owned(), Put::Submodule(4)),
        ("include/bytes.yml".to_owned(), Put::Bytes(b"x: \xff\n".to_vec())),
        crate::scene::link("include/out.yml", "../../outside.yml"),
    ]);
    for (n, include) in ["vendor/up.yml", "include/bytes.yml", "include/out.yml"].iter().enumerate() {
        let files = [text(&format!("elements/new{n}.bst"), format!("kind: manual\n(@): {include}\n"))];
        let number = scene.pull_by("bob", &format!("new{n}"), &files);
        scene.run();
        scene.held(number);
    }
}

#[test]
fn an_element_becomes_rust_by_an_include_of_any_name() {
    let scene = Scene::on(&[
        text("shared/up.txt", "variables: {}\n"),
        crate::scene::link("include/up.yml", "../shared/up.txt"),
        text("elements/plain.bst", "kind: manual\n(@): include/up.yml\n"),
        text("elements/other.bst", "kind: manual\n(@): include/other.txt\n"),
        text("include/other.txt", "variables: {}\n"),
    ]);
    for path in ["shared/up.txt", "include/other.txt"] {
        let number = scene.pull_by("bob", path, &[text(path, sources())]);
        scene.held_until_approved(number);
    }
}

#[test]
fn an_element_becomes_rust_by_an_include_of_a_local_junction() {
    let scene = Scene::on(&[
        text("elements/sub.bst", "kind: junction\nsources:\n- kind: local\n  path: sub\n"),
        text("sub/project.conf", "name: sub\nmin-version: 2.5\n"),
        text("sub/include/up.txt", "variables: {}\n"),
        text("elements/plain.bst", "kind: manual\n(@): sub.bst:include/up.txt\n"),
    ]);
    let number = scene.tracked(&[text("sub/include/up.txt", sources())]);
    scene.held_until_approved(number);
}
