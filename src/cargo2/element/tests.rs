use super::*;
use crate::bst::source::Content;
use crate::finding::read::Read;
use std::collections::HashMap;

const SHA: &str = "0123456789abcdef0123456789abcdef01234567";

/// Reads an element of a project with further files.
fn found(conf: &str, element: &str, files: &[(&str, &str)]) -> Found {
    let files: HashMap<&str, &str> = files.iter().copied().collect();
    let reader = |path: &str| match files.get(path) {
        Some(text) => Read::Known(Arc::new(SourceText::new(path, *text))),
        None => Read::Absent,
    };
    let conf = Arc::new(SourceText::new(
        "project.conf",
        format!("name: p\nelement-path: elements\naliases: {{x: 'https://x/'}}\n{conf}"),
    ));
    let project = crate::bst::project::parse(&conf, &reader, &[]).unwrap();
    let file = Arc::new(SourceText::new("elements/a.bst", element.replace("SHA", SHA)));
    read("a.bst", &file, &project, &reader)
}

fn messages(found: &Found) -> Vec<String> {
    found.findings.iter().map(|f| format!("{} {}: {}", f.location.as_ref().unwrap(), f.rule.id, f.message)).collect()
}

const GIT: &str = "- kind: git_repo\n  url: x:a.git\n  ref: SHA\n";

#[test]
fn a_comment_or_an_element_kind_is_not_a_source() {
    let found = found("", "kind: cargo\n# - kind: cargo2\nsources:\n- kind: git_repo\n  url: x:a\n  ref: SHA\n", &[]);
    assert!(found.crate_lists.is_empty() && found.findings.is_empty());
}

#[test]
fn the_lock_is_looked_for_below_the_source_and_its_directory() {
    let plan = |keys: &str| {
        found("", &format!("sources:\n{GIT}- kind: cargo2\n{keys}"), &[]).crate_lists[0].plan.clone().unwrap().path
    };
    assert_eq!(plan(""), "Cargo.lock");
    assert_eq!(plan("  cargo-lock: rust/Cargo.lock\n"), "rust/Cargo.lock");
    assert_eq!(plan("  directory: cli\n"), "cli/Cargo.lock");
}

#[test]
fn each_source_sees_the_layers_before_it() {
    let element = format!(
        "sources:\n{GIT}- kind: cargo2\n- kind: local\n  path: files/x\n- kind: cargo2\n  cargo-lock: b/Cargo.lock\n"
    );
    let found = found("", &element, &[]);
    let layers: Vec<usize> = found.crate_lists.iter().map(|s| s.plan.as_ref().unwrap().layers.len()).collect();
    assert_eq!(layers, [1, 3]);
    assert_eq!(found.crate_lists[1].plan.as_ref().unwrap().layers[1].content, Content::Crates);
}

#[test]
fn a_block_in_an_include_belongs_to_that_file() {
    let include = format!("sources:\n{}- kind: cargo2\n  ref: []\n", GIT.replace("SHA", SHA));
    let found = found("", "kind: make\n(@): include/a.inc\n", &[("include/a.inc", &include)]);
    assert_eq!(&*found.crate_lists[0].source.file.path, "include/a.inc");
    assert!(found.findings.is_empty());
}

#[test]
fn the_mirrors_of_the_element_stand_over_those_of_the_project() {
    let conf =
        "sources:\n  cargo2:\n    config:\n      git-mirrors:\n        https://a/: 'a:'\n        https://b/: 'b:'\n";
    let found = found(conf, &format!("sources:\n{GIT}- kind: cargo2\n  git-mirrors:\n    https://b/: 'own:'\n"), &[]);
    let mirrors = [("https://a/", "a:"), ("https://b/", "own:")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(found.crate_lists[0].config.git_mirrors, mirrors);
}

#[test]
fn sources_that_cannot_be_evaluated_count_only_where_they_could_stage_the_lock() {
    let found = |directory: &str| {
        found("", &format!("sources:\n{GIT}- kind: pypi\n{directory}- kind: cargo2\n"), &[]).crate_lists[0].plan.clone()
    };
    assert!(found("").unwrap_err().message.contains("`pypi`"));
    assert!(found("  directory: other\n").is_ok());
}

#[test]
fn conditions_on_the_architecture_must_agree() {
    let conf = "options:\n  arch:\n    type: arch\n    values: [x86_64, aarch64]\n";
    let element = |then: &str| {
        format!(
            "sources:\n- kind: git_repo\n  url: x:a.git\n  (?):\n  - arch == \"aarch64\":\n      {then}\n  ref: SHA\n- kind: cargo2\n"
        )
    };
    assert_eq!(found(conf, &element("provenance: {}"), &[]).crate_lists.len(), 1);
    let differs = found(conf, &element("url: x:b.git"), &[]);
    assert_eq!(
        messages(&differs),
        [
            "elements/a.bst cannot-evaluate: the crate lists or the sources before them differ between aarch64 and x86_64"
        ]
    );
}

#[test]
fn what_includes_cannot_give_is_a_finding_where_it_matters() {
    let junction = "(@): j.bst:include/x.yml\n";
    assert!(found("", &format!("{junction}sources:\n- kind: local\n  path: x\n"), &[]).findings.is_empty());
    let rust = found("", &format!("{junction}sources:\n{GIT}- kind: cargo2\n"), &[]);
    assert_eq!(
        messages(&rust),
        ["elements/a.bst:1:6 include-in-junction: `j.bst:include/x.yml` is in a junction, which is not read"]
    );
    let added = found("", &format!("{junction}sources:\n  (>):\n  - kind: cargo2\n"), &[]);
    assert!(messages(&added)[0].contains("cannot-evaluate: `sources` is not a list"), "{:?}", messages(&added));
}

#[test]
fn one_source_per_crate_is_its_own_layout() {
    let sha = "ab".repeat(32);
    let one = |name: &str| format!("- kind: cargo2\n  url: \"x:crates/{name}/{name}-1.0.0.crate\"\n  ref: {sha}\n");
    let crate_list = &found("", &format!("sources:\n{GIT}{}{}", one("a"), one("b-c")), &[]).crate_lists[0];
    assert_eq!(
        (crate_list.layout, crate_list.base.as_str(), crate_list.current().unwrap().entries.len()),
        (Layout::PerCrate, "x:crates/", 2)
    );
    let mixed = found("", &format!("sources:\n{GIT}{}- kind: cargo2\n  ref: []\n", one("a")), &[]);
    assert!(messages(&mixed)[0].contains("layout-mixed"));
}

#[test]
fn an_element_that_is_not_yaml_is_a_finding_with_its_place() {
    let broken = found("", "sources:\n- kind: cargo2\n  url: crates:\n    x: y\n", &[]);
    assert!(messages(&broken)[0].starts_with("elements/a.bst:3:"), "{:?}", messages(&broken));
}
