use super::*;

#[test]
fn a_project_that_cannot_be_read_is_not_known() {
    let before = Tree::of(&[("sub/project.conf", "name: [\n"), ("README.md", "1")]);
    assert_holds(&before, &before.clone().put("README.md", "2"), &["sub/project.conf Unknown"]);
}

#[test]
fn an_unread_include_of_what_may_be_rust_is_not_known() {
    let before =
        Tree::of(&[("project.conf", CONF), ("e/a.bst", "(@): inc.yml\n"), ("inc.yml", LOST), ("README.md", "1")]);
    let found = decided(&before, &before.clone().put("README.md", "2"));
    assert_eq!(classes(&found), ["inc.yml Unknown"]);
    assert_eq!(found[0].elements, ["a.bst"]);
    let harmless = before.clone().put("e/a.bst", "kind: stack\nvariables: {(@): inc.yml}\n");
    assert_holds(&harmless, &harmless.clone().put("README.md", "2"), &[]);
}

#[test]
fn an_element_that_cannot_be_read_is_not_known() {
    for text in [LOST, "sources: [\n", "a: &x 1\nb: *x\n"] {
        let before = Tree::of(&[("project.conf", CONF), ("e/a.bst", text), ("README.md", "1")]);
        assert_holds(&before, &before.clone().put("README.md", "2"), &["e/a.bst Unknown"]);
    }
}

#[test]
fn a_change_that_repairs_an_element_can_be_approved() {
    let before = Tree::of(&[("project.conf", CONF), ("e/a.bst", "sources: [\n"), ("e/b.bst", RUST)]);
    assert_holds(&before, &before.clone().put("e/a.bst", RUST), &["e/a.bst Input"]);
    assert_holds(&before, &before.clone().put("e/a.bst", "kind: stack\n"), &["e/a.bst Input"]);
}

#[test]
fn an_include_from_a_remote_junction_is_known() {
    let before =
        Tree::of(&[("project.conf", CONF), ("e/a.bst", &format!("(@): j.bst:x.yml\n{RUST}")), ("README.md", "1")]);
    assert_holds(&before, &before.clone().put("README.md", "2"), &[]);
    assert_holds(&before, &before.clone().put("e/j.bst", "kind: junction\n"), &["e/j.bst Input"]);
}

#[test]
fn what_git_makes_of_an_input_is_not_known() {
    let before = repository();
    for path in [".gitattributes", ".gitmodules", ".lfsconfig", "files/.gitattributes", "files/a/sub/.gitattributes"] {
        assert_eq!(class_of(&before, &before.clone().put(path, "2"), path), Some(Class::Unknown), "{path}");
    }
    assert_holds(&before, &before.clone().put("docs/.gitattributes", "2"), &[]);
    let none = Tree::of(&[("project.conf", CONF)]);
    assert_holds(&none, &none.clone().put(".gitattributes", "2"), &[]);
}

#[test]
fn submodules_and_lfs_pointers_among_inputs_are_not_known() {
    let before = repository();
    let module = before.clone().item("files/a/m", Item::SUBMODULE, "1");
    assert_holds(&before, &module, &["files/a/m Unknown"]);
    assert_holds(&module, &before, &["files/a/m Unknown"]);
    let pointer = before.clone().put("files/a/x", "version https://git-lfs.github.com/spec/v1\noid sha256:1\n");
    assert_holds(&before, &pointer, &["files/a/x Unknown"]);
    let above = before.clone().without("files/a/sub/x").without("files/b/x");
    let above = above.item("files", Item::SUBMODULE, "1");
    assert_eq!(class_of(&before, &above, "files"), Some(Class::Unknown));
}

#[test]
fn a_changed_blob_that_cannot_be_read_is_not_known() {
    let before = repository();
    assert_holds(&before, &before.clone().put("files/a/big", LOST), &["files/a/big Unknown"]);
    assert_holds(&before, &before.clone().put("x/a.bst", LOST), &["x/a.bst Unknown"]);
    assert_holds(&before, &before.clone().put("x/a.yml", LOST), &["x/a.yml Unknown"]);
    assert_holds(&before, &before.clone().put("x/a.png", LOST), &[]);
}

#[test]
fn what_both_branches_changed_is_not_known() {
    let base = repository();
    for path in ["files/a/sub/x", "inc/a.yml", "x/a.bst", "e/other.bst"] {
        let (tip, head) = (base.clone().put(path, "x: 2\n"), base.clone().put(path, "x: 3\n"));
        let found = merged(&base, &tip, &head);
        assert_eq!(classes(&found), [format!("{path} Unknown")]);
        assert_eq!(found[0].why, "both branches changed it: update the branch");
    }
    let (tip, head) = (base.clone().put("x/b.bst", RUST), base.clone().put("x/b.bst", &format!("{RUST}# 2\n")));
    assert_eq!(classes(&merged(&base, &tip, &head)), ["x/b.bst Unknown"]);
    let (tip, head) = (base.clone().put("README.md", "2"), base.clone().put("README.md", "3"));
    assert_eq!(merged(&base, &tip, &head), []);
}

#[test]
fn a_submodule_in_the_place_of_former_inputs_is_not_known() {
    let stack = repository().without("files/a/sub/x").without("files/b/x").put("e/a.bst", "kind: stack\n");
    let found = decided(&repository(), &stack.clone().item("files", Item::SUBMODULE, "1"));
    let files = found.iter().find(|found| found.path == "files").unwrap();
    assert_eq!((files.class, &*files.why), (Class::Unknown, "inputs of Rust elements are below this submodule"));
    assert_eq!(class_of(&repository(), &stack.put("files", "1"), "files"), None);
}

#[test]
fn a_path_that_leaves_the_repository_is_none_of_it() {
    let rooted = super::super::paths::rooted;
    assert_eq!(["..", "../x", "a/../../x"].map(|path| rooted("", path)), [None, None, None]);
    assert_eq!(
        ["..", "../x", "../x/"].map(|path| rooted("a", path)),
        ["", "x", "x/"].map(|path| Some(path.to_owned()))
    );
}

#[test]
fn an_include_is_read_through_links_and_never_out_of_a_submodule() {
    let rust = "sources:\n- kind: cargo2\n";
    let before =
        Tree::of(&[("project.conf", CONF), ("e/a.bst", "(@): inc/l.yml\n"), ("real.yml", rust), ("README.md", "1")]);
    let linked = before.clone().link("inc/l.yml", "../real.yml");
    assert_holds(&linked, &linked.clone().put("README.md", "2"), &[]);
    assert_holds(&linked, &linked.clone().put("real.yml", "sources: []\n"), &["real.yml Input"]);
    let module = before.item("inc", Item::SUBMODULE, "1");
    assert_holds(&module, &module.clone().put("README.md", "2"), &["inc/l.yml Unknown"]);
}
