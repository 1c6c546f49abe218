use super::*;

fn with_source(path: &str) -> Tree {
    let rust = format!("sources:\n- kind: local\n  path: {path}\n- kind: cargo2\n");
    Tree::of(&[("project.conf", CONF), ("e/a.bst", &rust), ("README.md", "1")])
}

#[test]
fn a_link_and_its_target_are_inputs() {
    let before = with_source("lock").link("lock", "real/x").put("real/x", "1").put("other", "1");
    assert_holds(&before, &before.clone().put("real/x", "2"), &["real/x Input"]);
    assert_holds(&before, &before.clone().link("lock", "other"), &["lock Input", "other Input"]);
}

#[test]
fn an_input_below_a_linked_folder_draws_in_the_folder_it_leads_to() {
    let before = with_source("v/files").link("v", "real").put("real/files/x", "1").put("real/y", "1");
    assert_holds(&before, &before.clone().put("real/files/x", "2"), &["real/files/x Input"]);
    assert_holds(&before, &before.clone().put("real/y", "2"), &[]);
    assert_holds(&before, &before.clone().link("v", "gone"), &["v Input"]);
}

#[test]
fn links_to_links_are_followed() {
    let before = with_source("a").link("a", "b").link("b", "d/c").link("d/c", "../real").put("real", "1");
    for path in ["b", "d/c"] {
        assert_eq!(class_of(&before, &before.clone().link(path, "x"), path), Some(Class::Input), "{path}");
    }
    assert_holds(&before, &before.clone().put("real", "2"), &["real Input"]);
}

#[test]
fn a_link_below_an_input_folder_draws_in_what_it_leads_to() {
    let before = with_source("f").link("f/l", "../shared/x").put("shared/x", "1").put("f/y", "1");
    assert_holds(&before, &before.clone().put("shared/x", "2"), &["shared/x Input"]);
    let folder = with_source("f").link("f/l", "../shared").put("shared/sub/x", "1");
    assert_holds(&folder, &folder.clone().put("shared/sub/x", "2"), &["shared/sub/x Input"]);
}

#[test]
fn links_below_a_folder_that_lead_nowhere_bring_nothing() {
    let before = with_source("f").link("f/l", "/usr/lib").link("f/up", "../..").link("f/self", ".").link("f/o", "o");
    let before = before.link("f/root", "..");
    assert_holds(&before, &before.clone().put("README.md", "2"), &[]);
    let lost = before.link("f/lost", LOST);
    assert_holds(&lost, &lost.clone().put("README.md", "2"), &["f/lost Unknown"]);
}

#[test]
fn a_link_on_the_way_of_a_link_below_an_input_is_one_too() {
    let before = with_source("f").link("f/l", "../m").link("m", "shared").put("shared/x", "1").put("other/x", "1");
    assert_eq!(class_of(&before, &before.clone().link("m", "other"), "m"), Some(Class::Input));
}

#[test]
fn as_many_links_are_followed_as_linux_does() {
    let chain = |links: usize| {
        let last = with_source("l0").put(&format!("l{links}"), "1");
        (0..links).fold(last, |tree, at| tree.link(&format!("l{at}"), &format!("l{}", at + 1)))
    };
    assert_holds(&chain(40), &chain(40).put("README.md", "2"), &[]);
    assert_holds(&chain(40), &chain(40).put("l40", "2"), &["l40 Input"]);
    assert_holds(&chain(41), &chain(41).put("README.md", "2"), &["l40 Unknown"]);
}

#[test]
fn an_input_that_a_link_leads_out_of_the_repository_is_not_known() {
    for target in ["/etc/passwd", "../../x", "lock", ""] {
        let before = with_source("lock").link("lock", target);
        assert_holds(&before, &before.clone().put("README.md", "2"), &["lock Unknown"]);
    }
    let lost = with_source("lock").link("lock", LOST);
    assert_holds(&lost, &lost.clone().put("README.md", "2"), &["lock Unknown"]);
}

#[test]
fn elements_behind_a_linked_folder_are_rust_elements() {
    let rust = "sources:\n- kind: local\n  path: x\n- kind: cargo2\n";
    let before = Tree::of(&[("project.conf", CONF), ("else/a.bst", rust), ("x", "1"), ("e/b.bst", "kind: stack\n")])
        .link("e/l", "../else");
    assert_holds(&before, &before.clone().put("x", "2"), &["x Input"]);
    assert_holds(&before, &before.clone().put("else/a.bst", RUST), &["else/a.bst Input"]);
}
