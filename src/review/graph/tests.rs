use super::*;
use crate::review::evidence::{IndexDependency, IndexVersion};

const LOCK: &str = r#"
version = 4
[[package]]
name = "root"
version = "0.1.0"
dependencies = ["console", "net", "only-win 1.0.0"]
[[package]]
name = "console"
version = "1.0.0"
source = "registry+https://r.example/"
dependencies = ["win 2.0.0 (registry+https://r.example/)"]
[[package]]
name = "net"
version = "1.0.0"
source = "registry+https://r.example/"
dependencies = ["win 1.0.0"]
[[package]]
name = "only-win"
version = "1.0.0"
source = "registry+https://r.example/"
dependencies = ["win-deep"]
[[package]]
name = "win"
version = "1.0.0"
source = "registry+https://r.example/"
[[package]]
name = "win"
version = "2.0.0"
source = "registry+https://r.example/"
[[package]]
name = "win-deep"
version = "1.0.0"
source = "registry+https://r.example/"
[[package]]
name = "stray"
version = "1.0.0"
source = "registry+https://r.example/"
"#;

const MANIFEST: &str = r#"
[package]
name = "root"
[dependencies]
console = "1"
net = { version = "1" }
[target.'cfg(windows)'.dependencies]
ow = { package = "only-win", version = "1" }
"#;

/// An index in which `name` 1.0.0 needs `win` on `target`.
fn index(name: &str, target: Option<&str>) -> BTreeMap<String, Result<IndexCrate, Unreadable>> {
    let dependency = |target: Option<&str>| IndexDependency {
        name: "win".into(),
        kind: DependencyKind::Normal,
        optional: false,
        target: target.map(Into::into),
    };
    let version =
        IndexVersion { version: "1.0.0".into(), dependencies: vec![dependency(target)], ..IndexVersion::default() };
    [(name.to_owned(), Ok(IndexCrate { versions: vec![version] }))].into()
}

fn elsewhere(manifest: &str, index: &BTreeMap<String, Result<IndexCrate, Unreadable>>) -> Vec<String> {
    let graph = Graph::read(LOCK).unwrap();
    graph.elsewhere(&Manifest::read(manifest), index).iter().map(|(n, v)| format!("{n} {v}")).collect()
}

#[test]
fn parents_are_listed_by_name() {
    let graph = Graph::read(LOCK).unwrap();
    assert_eq!(graph.brought_by("win", "1.0.0"), ["net"]);
    assert_eq!(graph.brought_by("win", "2.0.0"), ["console"]);
    assert_eq!(graph.brought_by("console", "1.0.0"), ["root"]);
    assert_eq!(graph.brought_by("stray", "1.0.0"), [""; 0]);
    assert_eq!(graph.brought_by("gone", "1.0.0"), [""; 0]);
}

#[test]
fn of_many_parents_the_first_are_listed() {
    let root = |n: u32| format!("[[package]]\nname = \"p{n}\"\nversion = \"1.0.0\"\ndependencies = [\"a\"]\n");
    let lock: String = (0..8).map(root).chain(["[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n".into()]).collect();
    assert_eq!(Graph::read(&lock).unwrap().brought_by("a", "1.0.0"), ["p0", "p1", "p2", "p3", "p4", "3 more"]);
}

#[test]
fn a_crate_is_elsewhere_only_if_every_way_to_it_is() {
    assert_eq!(elsewhere("", &BTreeMap::new()), [""; 0]);
    assert_eq!(elsewhere(MANIFEST, &BTreeMap::new()), ["only-win 1.0.0", "win-deep 1.0.0"]);
    let windows = index("console", Some("cfg(windows)"));
    assert_eq!(elsewhere("", &windows), ["win 2.0.0"]);
    assert_eq!(elsewhere("", &index("console", Some("cfg(unix)"))), [""; 0]);
    assert_eq!(elsewhere("", &index("console", None)), [""; 0]);
    let both = MANIFEST.replace("[dependencies]\n", "[dependencies]\nonly-win = \"1\"\n");
    assert_eq!(elsewhere(&both, &BTreeMap::new()), [""; 0]);
}

#[test]
fn names_that_the_workspace_gives_are_followed() {
    let manifest = "[package]\nname = \"root\"\n[dependencies]\nx.workspace = true\n[target.'cfg(windows)'.dependencies]\nonly-win = \"1\"\n[workspace.dependencies]\nx = { package = \"only-win\" }\n";
    assert_eq!(elsewhere(manifest, &BTreeMap::new()), [""; 0]);
}

#[test]
fn a_damaged_lock_has_no_graph() {
    for text in ["", "x", "package = 1", "[[package]]\nname = 1"] {
        let graph = Graph::read(text);
        assert!(graph.is_err() || graph.unwrap().packages.is_empty());
    }
    assert_eq!(Graph::read(b"ab\xff").unwrap_err(), GraphError::NotUtf8(2));
}
