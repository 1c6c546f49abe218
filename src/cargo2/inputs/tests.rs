use super::*;
use crate::bst::project;
use crate::finding::read::Read;
use crate::text::SourceText;
use std::sync::Arc;

/// The inputs of a project with these files.
fn inputs(conf: &str, files: &[(&str, &str)]) -> RustInputs {
    let conf = format!("name: p\nelement-path: e\n{conf}");
    let read = |path: &str| match path {
        "project.conf" => Read::Known(Arc::new(SourceText::new(path, conf.as_str()))),
        "bad" => Read::unreadable("no"),
        _ => match files.iter().find(|(p, _)| *p == path) {
            Some((_, text)) => Read::Known(Arc::new(SourceText::new(path, *text))),
            None => Read::Absent,
        },
    };
    let project = project::read(&read, &[]).unwrap();
    let elements: Vec<Element> =
        files.iter().filter_map(|(path, _)| Element::parse(&project, ((*path).to_owned(), read(path)))).collect();
    RustInputs::new(&project, &elements, &read)
}

fn shown(inputs: &Inputs) -> Vec<String> {
    inputs.paths.iter().map(|(path, role)| format!("{path} {role:?}")).collect()
}

fn of(conf: &str, element: &str, files: &[(&str, &str)]) -> Vec<String> {
    let all: Vec<(&str, &str)> = [&[("e/a.bst", element)][..], files].concat();
    inputs(conf, &all).elements.get("a.bst").map(shown).unwrap_or_default()
}

const RUST: &str = "sources:\n- kind: cargo2\n";

#[test]
fn an_element_is_rust_under_any_condition() {
    let never = "(?):\n- o == \"x\":\n    sources:\n      (>):\n      - kind: cargo2\n";
    let other = "sources:\n- (?):\n  - o:\n      kind: 'cargo'\n";
    for text in [never, other, RUST] {
        assert_eq!(of("", text, &[]), ["e/a.bst Own"], "{text}");
    }
    assert!(inputs("", &[("e/a.bst", "kind: cargo\n")]).elements.is_empty());
}

#[test]
fn the_inputs_of_all_branches_count() {
    let element = "\
(?):
- a: {(@): inc/a.yml, variables: {where: one}}
- b: {(@): [inc/b.yml], variables: {where: two}}
sources:
- kind: local
  path: '%{where}/x'
- kind: patch
  (?):
  - c: {path: p/c.patch}
- kind: cargo2
";
    let found = of("", element, &[("inc/a.yml", "(?):\n- z: {x: {(@): ./inc//deep.yml}}\n")]);
    let expected = ["e/a.bst Own", "inc/a.yml Include", "inc/b.yml Include", "inc/deep.yml Include"];
    for path in expected {
        assert!(found.contains(&path.to_owned()), "{path}: {found:?}");
    }
    for path in ["one/x Source", "one/x/ Source", "two/x/ Source", "p/c.patch Source"] {
        assert!(found.contains(&path.to_owned()), "{path}: {found:?}");
    }
}

#[test]
fn every_text_of_a_source_of_an_unknown_kind_may_be_a_path() {
    let found = of("", "sources:\n- kind: own\n  files: [{a: data/x}]\n- kind: cargo2\n  ref: data/y\n", &[]);
    assert_eq!(found, ["data/x Source", "data/x/ Source", "e/a.bst Own"]);
}

#[test]
fn dependencies_are_no_inputs() {
    let element = format!("{RUST}depends:\n- b.bst\nbuild-depends:\n- j.bst:c.bst\n");
    assert_eq!(of("", &element, &[("e/b.bst", "kind: stack\n")]), ["e/a.bst Own"]);
}

#[test]
fn a_junction_that_something_is_included_from_is_an_input() {
    let junction = "\
kind: junction
(@): inc/j.yml
sources:
- kind: git_repo
  url: x:y
- kind: patch_queue
  path: p/q
config:
  overrides:
    k.bst: own-k.bst
    lib.bst: lib.bst
";
    let element = format!("(@): j.bst:inc/x.yml\n{RUST}");
    let files = [
        ("e/j.bst", junction),
        ("e/own-k.bst", "kind: link\nconfig:\n  target: last.bst\n"),
        ("e/last.bst", "kind: junction\nsources:\n- kind: local\n  path: sub\n"),
        ("e/lib.bst", "kind: stack\n"),
    ];
    assert_eq!(
        of("", &element, &files),
        [
            "e/a.bst Own",
            "e/j.bst Junction",
            "e/last.bst Junction",
            "e/own-k.bst Junction",
            "inc/j.yml Junction",
            "p/q Junction",
            "p/q/ Junction",
            "sub Junction",
            "sub/ Junction"
        ]
    );
    assert_eq!(of("", &element, &[]), ["e/a.bst Own", "e/j.bst Junction"]);
    assert_eq!(of("", &element.replace("j.bst:", "':").replace(".yml", ".yml'"), &[]), ["e/a.bst Own"]);
}

#[test]
fn the_project_settings_with_includes_plugins_and_refs_are_inputs_of_all() {
    let conf = "\
(@): inc/conf.yml
plugins:
- origin: local
  path: plug
  sources: [own]
- (?):
  - o: {origin: junction, junction: tools.bst, elements: [x]}
variables:
  (@): fdsdk.bst:inc/arch.yml
";
    let found = inputs(conf, &[("inc/conf.yml", "(?):\n- o: {(@): inc/more.yml}\n"), ("e/a.bst", RUST)]);
    assert_eq!(
        shown(&found.project),
        [
            ".bst/workspaces.yml Refs",
            "e/fdsdk.bst Junction",
            "e/tools.bst Junction",
            "inc/conf.yml Project",
            "inc/more.yml Project",
            "junction.refs Refs",
            "plug Plugin",
            "plug/ Plugin",
            "project.conf Project",
            "project.refs Refs"
        ]
    );
}

#[test]
fn a_path_of_which_a_variable_is_not_known_is_the_folder_before_it() {
    assert!(of("", "sources:\n- kind: local\n  path: f/%{no}/x\n- kind: cargo2\n", &[]).contains(&"f/ Source".into()));
}

#[test]
fn a_variable_that_a_junction_may_set_is_not_known() {
    let element = "(@): j.bst:x.yml\nvariables: {v: one}\nsources:\n- kind: local\n  path: f/%{v}\n- kind: cargo2\n";
    assert_eq!(of("", element, &[])[..4], ["e/a.bst Own", "e/j.bst Junction", "f/ Source", "f/one Source"]);
}

#[test]
fn all_values_of_an_option_count_in_paths() {
    let conf = "options:\n  o: {type: enum, variable: v, values: [one, two], default: one}\n";
    let found = of(conf, "sources:\n- kind: local\n  path: f/%{v}\n- kind: cargo2\n", &[]);
    assert_eq!(&found[1..], ["f/one Source", "f/one/ Source", "f/two Source", "f/two/ Source"]);
}

#[test]
fn what_could_not_be_read_is_a_value_where_it_matters() {
    let unread = |element: &str| {
        let found = inputs("", &[("e/a.bst", element)]);
        found.elements.get("a.bst").map(|inputs| inputs.unread.keys().cloned().collect::<Vec<_>>())
    };
    assert_eq!(unread("(@): bad\n"), Some(vec!["bad".to_owned()]));
    assert_eq!(unread("sources:\n- (@): bad\n"), Some(vec!["bad".to_owned()]));
    assert_eq!(unread("variables:\n  (@): bad\n"), None);
    assert_eq!(unread("sources: [\n"), Some(vec!["e/a.bst".to_owned()]));
    assert_eq!(unread("a: &x y\nb: *x\n"), Some(vec!["e/a.bst".to_owned()]));
    assert_eq!(unread("(@): gone.yml\n"), None);
    assert_eq!(unread("kind: stack\n"), None);
}

#[test]
fn a_project_in_a_folder_hangs_on_the_junction_to_it() {
    let junction = "kind: junction\n(@): inc/j.yml\nsources:\n- kind: local\n  path: sub\n";
    let found = inputs("", &[("e/j.bst", junction)]);
    assert!(found.elements.is_empty());
    assert!(found.junctions[0].folders.contains("sub/"));
    assert_eq!(shown(&found.junctions[0].inputs)[..2], ["e/j.bst Own", "inc/j.yml Include"]);
}

#[test]
fn includes_that_go_up_keep_their_path() {
    assert!(of("", &format!("(@): ../common/x.yml\n{RUST}"), &[]).contains(&"../common/x.yml Include".into()));
}

#[test]
fn includes_in_a_circle_end() {
    let files = [("x", "(@): y\n"), ("y", "(@): x\n")];
    assert_eq!(of("", &format!("(@): x\n{RUST}"), &files), ["e/a.bst Own", "x Include", "y Include"]);
}
