//! The dependencies of an element, in all the forms in which BuildStream takes it.

use crate::yaml::{Node, Value};

/// One dependency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The element, by its name in its own project.
    pub name: String,
    /// The junction through which it is reached. None for an element of this project.
    pub junction: Option<String>,
    /// Whether it is there when the element is built.
    pub build: bool,
    /// Whether it is there when the element is used.
    pub runtime: bool,
}

/// Reads the dependencies of a composed element.
#[must_use]
pub(crate) fn read(root: &Node) -> Vec<Dependency> {
    let mut out = Vec::new();
    for (key, build, runtime) in
        [("depends", true, true), ("build-depends", true, false), ("runtime-depends", false, true)]
    {
        let Some(list) = root.get(key) else { continue };
        let items: Vec<&Node> = match &list.value {
            Value::List(items, _) => items.iter().collect(),
            Value::Map(pairs, _) => pairs.iter().flat_map(|(_, part)| part.as_list().unwrap_or_default()).collect(),
            _ => Vec::new(),
        };
        for item in items {
            one(item, build, runtime, &mut out);
        }
    }
    out
}

/// One entry: a name, or a mapping with `filename` (a name or a list), `junction` and `type`.
fn one(item: &Node, mut build: bool, mut runtime: bool, out: &mut Vec<Dependency>) {
    match item.get_str("type") {
        Some("build") => runtime = false,
        Some("runtime") => build = false,
        _ => {}
    }
    let mut add = |text: &str, junction: Option<&str>| {
        let (through, name) = text.rsplit_once(':').map_or((None, text), |(through, name)| (Some(through), name));
        let junction = junction.or(through).map(str::to_owned);
        out.push(Dependency { name: name.to_owned(), junction, build, runtime });
    };
    let junction = item.get_str("junction");
    match item.get("filename").or(item.as_str().map(|_| item)) {
        Some(node) if node.as_str().is_some() => add(node.as_str().unwrap_or_default(), junction),
        Some(node) => node.as_list().unwrap_or_default().iter().filter_map(Node::as_str).for_each(|n| add(n, junction)),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SourceText;
    use std::sync::Arc;

    fn shown(text: &str) -> Vec<String> {
        let root = crate::yaml::parse(&Arc::new(SourceText::new("a.bst", text))).unwrap();
        let one = |d: Dependency| {
            let when = match (d.build, d.runtime) {
                (true, true) => "all",
                (true, false) => "build",
                _ => "runtime",
            };
            format!("{when} {}|{}", d.junction.unwrap_or_default(), d.name)
        };
        read(&root).into_iter().map(one).collect()
    }

    #[test]
    fn all_forms_of_a_dependency_are_read() {
        let text = "build-depends:\n- j.bst:a.bst\n- filename: [b.bst, c.bst]\n  junction: k.bst\nruntime-depends: [d.bst]\ndepends:\n- e.bst\n- filename: f.bst\n  type: build\n- filename: j.bst:k.bst:g.bst\n  type: runtime\n";
        assert_eq!(
            shown(text),
            [
                "all |e.bst",
                "build |f.bst",
                "runtime j.bst:k.bst|g.bst",
                "build j.bst|a.bst",
                "build k.bst|b.bst",
                "build k.bst|c.bst",
                "runtime |d.bst"
            ]
        );
        assert_eq!(shown("depends:\n  (>):\n  - a.bst\n"), ["all |a.bst"]);
        assert!(shown("depends: a\nbuild-depends:\n- [x]\n- {junction: y}\n").is_empty());
    }
}
