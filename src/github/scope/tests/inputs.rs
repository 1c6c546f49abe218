use super::*;

#[test]
fn every_input_of_a_rust_element_holds() {
    let before = repository();
    for (path, text) in [
        ("project.conf", "name: q\nelement-path: e\n"),
        ("project.refs", "1"),
        ("junction.refs", "1"),
        (".bst/workspaces.yml", "1"),
        ("inc/conf.yml", "a: c\n"),
        ("inc/a.yml", "a: c\n"),
        ("inc/deep.yml", "a: c\n"),
        ("e/a.bst", RUST),
        ("e/j.bst", "kind: junction\n"),
        ("files/a/sub/x", "2"),
        ("files/a/new", "2"),
        ("p/1.patch", "2"),
        ("jp/1.patch", "2"),
        ("plug/x.py", "2"),
        ("plug/new.yaml", "2"),
    ] {
        assert_eq!(class_of(&before, &before.clone().put(path, text), path), Some(Class::Input), "{path}");
    }
}

#[test]
fn what_no_rust_element_is_built_from_is_harmless() {
    let before = repository();
    for (path, text) in
        [("README.md", "2"), ("files/b/x", "2"), ("e/other.bst", "kind: stack\n# c\n"), ("inc/no.yml", "a: b\n")]
    {
        assert_holds(&before, &before.clone().put(path, text), &[]);
    }
    assert_holds(&before, &before.clone().without("e/other.bst"), &[]);
    assert_holds(&before, &before, &[]);
}

#[test]
fn an_input_that_is_deleted_or_changes_only_its_mode_holds() {
    let before = repository();
    assert_holds(&before, &before.clone().without("files/a/sub/x"), &["files/a/sub/x Input"]);
    let executable = before.clone().item("files/a/sub/x", 0o100_755, "1");
    assert_holds(&before, &executable, &["files/a/sub/x Input"]);
    assert_eq!(class_of(&before, &before.clone().without("e/a.bst"), "e/a.bst"), Some(Class::Input));
}

#[test]
fn both_names_of_a_renamed_input_hold() {
    let before = repository();
    let after = before.clone().without("files/a/sub/x").put("files/a/sub/y", "1");
    assert_holds(&before, &after, &["files/a/sub/x Input", "files/a/sub/y Input"]);
    let away = before.clone().without("files/a/sub/x").put("docs/x", "1");
    assert_holds(&before, &away, &["files/a/sub/x Input"]);
}

#[test]
fn a_path_in_other_letters_is_the_same_path() {
    let before = repository();
    assert_holds(&before, &before.clone().put("Files/A/x", "2"), &["Files/A/x Input"]);
    assert_holds(&before, &before.clone().put("INC/A.yml", "2"), &["INC/A.yml Input"]);
}

#[test]
fn the_reason_names_the_role_and_the_elements() {
    let before = repository();
    let found = decided(&before, &before.clone().put("inc/deep.yml", "2"));
    assert_eq!((found[0].why.as_str(), found[0].elements.as_slice()), ("include of a.bst", &["a.bst".to_owned()][..]));
    let found = decided(&before, &before.clone().put("jp/0.patch", "2"));
    assert_eq!(found[0].why, "junction that is read by a.bst");
}

#[test]
fn an_input_of_several_elements_names_them_and_has_its_strictest_role() {
    let rust = "(@): inc/x.yml\nsources:\n- kind: cargo2\n";
    let local = "sources:\n- kind: local\n  path: inc/x.yml\n- kind: cargo2\n";
    let first = Tree::of(&[("project.conf", CONF), ("inc/x.yml", "a: b\n"), ("e/a.bst", local), ("e/b.bst", rust)]);
    let why = |before: &Tree| {
        let found = decided(before, &before.clone().put("inc/x.yml", "a: c\n"));
        (found[0].why.clone(), found[0].elements.join(" "))
    };
    assert_eq!(why(&first), ("include of a.bst, b.bst".to_owned(), "a.bst b.bst".to_owned()));
    let more = first.put("e/c.bst", rust).put("e/d.bst", rust);
    assert_eq!(
        why(&more),
        ("include of a.bst, b.bst, c.bst and 1 more".to_owned(), "a.bst b.bst c.bst d.bst".to_owned())
    );
}

#[test]
fn inputs_of_either_state_count() {
    let before = repository();
    let rust = "sources:\n- kind: cargo2\n";
    let after = before.clone().put("e/a.bst", rust).put("p/1.patch", "2");
    assert_holds(&before, &after, &["e/a.bst Input", "p/1.patch Input"]);
    let stack = before.clone().put("e/a.bst", "kind: stack\n").put("inc/deep.yml", "x: y\n");
    assert_holds(&before, &stack, &["e/a.bst Input", "inc/deep.yml Input"]);
}

#[test]
fn a_path_that_becomes_an_input_is_listed_though_it_is_unchanged() {
    let before = repository();
    let other = "sources:\n- kind: local\n  path: files/b\n- kind: cargo2\n";
    let found = decided(&before, &before.clone().put("e/other.bst", other));
    assert_eq!(classes(&found), ["e/other.bst Input", "files/b/x Input"]);
    assert_eq!(
        (found[1].before.clone(), &found[1].why),
        (found[1].after.clone(), &"it becomes the local source of other.bst".to_owned())
    );
}

#[test]
fn the_first_rust_element_draws_in_its_project() {
    let before = Tree::of(&[("project.conf", CONF), ("e/a.bst", "kind: stack\n"), ("README.md", "1")]);
    assert_holds(&before, &before.clone().put("e/b.bst", RUST), &["e/b.bst Input", "project.conf Input"]);
}

#[test]
fn an_include_makes_an_element_a_rust_element() {
    let before = Tree::of(&[("project.conf", CONF), ("e/a.bst", "(@): inc.yml\n"), ("inc.yml", "a: b\n")]);
    let after = before.clone().put("inc.yml", "(?):\n- o:\n    sources: [{kind: 'cargo2'}]\n");
    assert_holds(&before, &after, &["e/a.bst Input", "inc.yml Input", "project.conf Input"]);
}

#[test]
fn dependencies_are_no_inputs() {
    let rust = format!("{RUST}depends: [b.bst]\n");
    let before = Tree::of(&[("project.conf", CONF), ("e/a.bst", &rust), ("e/b.bst", "kind: stack\n")]);
    assert_holds(&before, &before.clone().put("e/b.bst", "kind: import\n"), &[]);
}

#[test]
fn a_project_in_a_folder_has_its_inputs_there() {
    let rust = "sources:\n- kind: local\n  path: x\n- kind: cargo2\n";
    let before = Tree::of(&[("sub/project.conf", CONF), ("sub/e/a.bst", rust), ("sub/x", "1"), ("x", "1")]);
    assert_holds(&before, &before.clone().put("sub/x", "2").put("x", "2"), &["sub/x Input"]);
    let up = before.clone().put("sub/e/a.bst", &format!("(@): ../common.yml\n{RUST}")).put("common.yml", "a: b\n");
    assert_holds(&up, &up.clone().put("common.yml", "a: c\n"), &["common.yml Input"]);
}

#[test]
fn the_junction_to_a_local_project_decides_about_its_rust_elements() {
    let junction = "kind: junction\nsources:\n- kind: local\n  path: sub\nconfig:\n  options: {o: a}\n";
    let before =
        Tree::of(&[("project.conf", CONF), ("e/j.bst", junction), ("sub/project.conf", CONF), ("sub/e/a.bst", RUST)]);
    let after = before.clone().put("e/j.bst", &junction.replace("o: a", "o: b")).put("junction.refs", "1");
    assert_holds(&before, &after, &["e/j.bst Input", "junction.refs Input"]);
}

#[test]
fn elements_in_hidden_folders_have_inputs_too() {
    let rust = "sources:\n- kind: local\n  path: x\n- kind: cargo2\n";
    for (conf, path) in [
        ("name: p\nelement-path: .\n", ".github/a.bst"),
        (CONF, "e/.hidden/a.bst"),
        (CONF, "e/.bst/a.bst"),
        ("name: p\n", ".bst/a.bst"),
    ] {
        let before = Tree::of(&[("project.conf", conf), (path, rust), ("x", "1")]);
        assert_holds(&before, &before.clone().put("x", "2"), &["x Input"]);
    }
}
