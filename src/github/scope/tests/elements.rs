use super::*;

#[test]
fn every_changed_element_file_is_read_wherever_it_is() {
    let before = Tree::of(&[("project.conf", CONF), ("README.md", "1")]);
    for path in [
        "a.bst",
        ".github/a.bst",
        ".hidden/.deep/a.bst",
        "docs/A.BST",
        "other/elements/a.bst",
        ".bst/staged-junctions/x/elements/a.bst",
    ] {
        assert_holds(&before, &before.clone().put(path, RUST), &[&format!("{path} Element")]);
        assert_holds(&before.clone().put(path, RUST), &before, &[&format!("{path} Element")]);
        assert_holds(&before, &before.clone().put(path, "kind: stack\n"), &[]);
    }
}

#[test]
fn every_way_to_write_a_source_holds() {
    let before = Tree::default().put("README.md", "1");
    for text in [
        "sources: [{\"kind\": \"c\\x61rgo2\"}]\n",
        "sources:\n- kind: >-\n    cargo2\n",
        "sources:\n- kind: |-\n    cargo\n",
        "\"sour\\u0063es\":\n- kind: cargo\n",
        "(?):\n- (a == \"b\"):\n    sources:\n      (>):\n      - kind: cargo2\n",
        "a: &x {kind: cargo2}\nsources: [*x]\n",
        "(@): unknown.yml\n",
        "(@): remote.bst:inc.yml\n",
        "sources: [\n",
        "\u{feff}sources:\n- kind: cargo2\n",
        "sources:\r\n- kind: cargo2\r\n",
        "%YAML 1.1\n---\nsources:\n- kind: cargo2\n",
    ] {
        assert_holds(&before, &before.clone().put("x/a.bst", text), &["x/a.bst Element"]);
    }
}

#[test]
fn an_element_of_a_project_is_read_with_its_includes() {
    let before = Tree::of(&[("project.conf", CONF), ("inc.yml", "a: b\n"), ("e/a.bst", "kind: stack\n")]);
    assert_holds(&before, &before.clone().put("e/a.bst", "(@): inc.yml\n"), &[]);
    assert_holds(&before, &before.clone().put("e/a.bst", "(@): gone.yml\n"), &[]);
    let junction = before.clone().put("e/a.bst", "(@): j.bst:inc.yml\n");
    assert_holds(&before, &junction, &["e/a.bst Input", "project.conf Input"]);
}

#[test]
fn a_source_that_no_element_includes_yet_holds() {
    let before = Tree::of(&[("project.conf", CONF), ("README.md", "1")]);
    for path in ["inc/a.yml", "a.YAML", "x.inc", "sub/other.conf", "x.refs"] {
        for text in ["sources:\n- kind: cargo2\n", "kind: 'cargo2'\n", "(>):\n- kind: cargo\n"] {
            let found = decided(&before, &before.clone().put(path, text));
            assert_eq!(classes(&found), [format!("{path} Element")]);
            assert_eq!(found[0].why, "it has a source of crates that no element includes yet");
        }
        assert_holds(&before, &before.clone().put(path, "name: x\n(@): y.yml\n"), &[]);
        assert_holds(&before, &before.clone().put(path, "a: &x b\nc: *x\n"), &[]);
    }
    assert_holds(&before, &before.clone().put(".github/a.yml", RUST), &[]);
    assert_holds(&before, &before.clone().put("a.txt", RUST), &[]);
}

#[test]
fn an_element_that_is_a_link_or_no_text_may_be_rust() {
    let before = Tree::default().put("README.md", "1");
    for target in ["../b.txt", "kind: stack"] {
        let found = decided(&before, &before.clone().link("x/a.bst", target));
        assert_eq!(found[0].why, "it may be a Rust element: it is a link");
        assert_eq!(classes(&found), ["x/a.bst Element"]);
    }
    assert_holds(&before, &before.clone().item("x/a.bst", Item::SUBMODULE, "1"), &["x/a.bst Element"]);
}

#[test]
fn a_mode_alone_makes_a_rust_element_hold() {
    let before = Tree::default().put("x/a.bst", RUST);
    assert_eq!(decided(&before, &before.clone().put("x/a.bst", "kind: stack\n"))[0].why, "it was a Rust element");
    assert_eq!(decided(&Tree::default().put("a", "1"), &before)[0].why, "it is a Rust element");
    assert_holds(&before, &before.clone().item("x/a.bst", 0o100_755, RUST), &["x/a.bst Element"]);
}
