//! The planted mistakes fit the sources: `.ci/mutations` plants them, one at a time, and runs the model.

use std::path::Path;

#[test]
fn every_planted_mistake_has_its_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = std::fs::read_to_string(root.join("tests/model/mutations.txt")).unwrap();
    let mutations: Vec<Vec<&str>> =
        list.split("\n= ").skip(1).map(|part| part.lines().filter(|line| !line.is_empty()).collect()).collect();
    assert!(mutations.len() >= 20, "{}", mutations.len());
    for mutation in mutations {
        let [name, file, old, new] = mutation[..] else { panic!("{mutation:?}") };
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        let old = old.strip_prefix("- ").unwrap();
        assert_ne!(Some(old), new.strip_prefix("+ "), "{name}");
        assert_eq!(text.matches(old).count(), 1, "{name}: `{old}` in {file}");
    }
}
