//! Includes, conditions and list directives: one tree from several files, as BuildStream composes it.

use super::clean_path;
use super::options::Options;
use crate::finding::read::Read;
use crate::text::{Location, SourceText};
use crate::yaml::{self, Form, Node, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Gives the text of a file of the project by its path below the project folder.
pub(crate) type ReadFile<'a> = dyn Fn(&str) -> Read<Arc<SourceText>> + Sync + 'a;

/// The maximum number of files that one file may include, all levels together.
const MAX_INCLUDES: usize = 500;

/// The maximum nesting depth of includes.
const MAX_NESTING: usize = 16;

/// Something that keeps a file from being known in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// The included file is in a junction's project.
    Junction {
        /// What was included.
        include: String,
        /// Where that is said.
        location: Location,
    },
    /// The included file is missing or cannot be read.
    Unreadable {
        /// Why.
        message: String,
        /// Where it is included, or where it is wrong.
        location: Location,
    },
    /// A condition cannot be evaluated.
    Condition {
        /// Why.
        message: String,
        /// The place of the condition.
        location: Location,
    },
}

/// A file with all that it includes.
#[derive(Clone, Debug)]
pub(crate) struct Composed {
    /// The tree.
    pub root: Node,
    /// The gaps in it.
    pub gaps: Vec<Gap>,
    /// Whether a condition was met, so that another architecture could give another tree.
    pub conditional: bool,
    /// The files that it includes at any depth, by their paths below the project folder; those that are missing too.
    pub included: BTreeSet<String>,
}

/// Composes a file. `options` decides the conditions.
#[must_use]
pub(crate) fn compose(root: &Node, options: &Options, read: &ReadFile<'_>) -> Composed {
    let mut composer = Composer {
        options,
        read,
        gaps: Vec::new(),
        stack: vec![root.file.path.to_string()],
        included: 0,
        files: BTreeSet::new(),
        conditional: false,
    };
    let root = composer.node(root);
    Composed { root, gaps: composer.gaps, conditional: composer.conditional, included: composer.files }
}

struct Composer<'a> {
    options: &'a Options,
    read: &'a ReadFile<'a>,
    gaps: Vec<Gap>,
    stack: Vec<String>,
    included: usize,
    files: BTreeSet<String>,
    conditional: bool,
}

impl Composer<'_> {
    /// Conditions first, then includes, then the children: BuildStream's order.
    fn node(&mut self, node: &Node) -> Node {
        match &node.value {
            Value::Map(pairs, form) => {
                let plain = !pairs.iter().any(|(k, _)| matches!(k.as_str(), Some("(?)" | "(@)" | "(!)")));
                let mut out = if plain { node.clone() } else { self.directives(node, *form) };
                if let Value::Map(pairs, _) = &mut out.value {
                    for (_, value) in pairs {
                        if needs_composing(value) {
                            *value = self.node(value);
                        }
                    }
                }
                out
            }
            Value::List(items, form) if needs_composing(node) => {
                let items = items.iter().map(|item| self.node(item)).collect();
                Node { value: Value::List(items, *form), span: node.span, file: node.file.clone() }
            }
            _ => node.clone(),
        }
    }

    /// A mapping with `(?)` or `(@)`.
    fn directives(&mut self, node: &Node, form: Form) -> Node {
        let pairs = node.as_map().unwrap_or_default();
        let own = pairs.iter().filter(|(k, _)| !matches!(k.as_str(), Some("(?)" | "(@)" | "(!)"))).cloned().collect();
        let mut out = Node { value: Value::Map(own, form), span: node.span, file: node.file.clone() };
        if let Some(conditions) = node.get("(?)") {
            self.conditional = true;
            for over in self.chosen(conditions) {
                // The content of a condition may have conditions of its own.
                let over = self.node(&over);
                out = over_mapping(out, &over);
            }
        }
        let includes: Vec<Node> = match node.get("(@)") {
            Some(one) if one.as_str().is_some() => vec![one.clone()],
            Some(list) => list.as_list().unwrap_or_default().to_vec(),
            None => Vec::new(),
        };
        for include in includes.iter().rev() {
            if let Some(base) = self.include(include) {
                let mut merged = over_mapping(base, &out);
                merged.span = node.span;
                merged.file = node.file.clone();
                out = merged;
            }
        }
        out
    }

    /// The values of the conditions that hold.
    fn chosen(&mut self, conditions: &Node) -> Vec<Node> {
        let mut chosen = Vec::new();
        for item in conditions.as_list().unwrap_or_default() {
            for (condition, value) in item.as_map().unwrap_or_default() {
                match self.options.holds(condition.as_str().unwrap_or_default()) {
                    Ok(true) => chosen.push(value.clone()),
                    Ok(false) => {}
                    Err(why) => {
                        let (message, location) = (why.to_string(), condition.location());
                        self.gaps.push(Gap::Condition { message, location });
                    }
                }
            }
        }
        chosen
    }

    /// The tree of an included file.
    fn include(&mut self, include: &Node) -> Option<Node> {
        let path = include.as_str().unwrap_or_default().to_owned();
        let location = include.location();
        if path.contains(':') {
            self.gaps.push(Gap::Junction { include: path, location });
            return None;
        }
        self.included += 1;
        let text = if self.stack.contains(&path) {
            Read::unreadable(format!("`{}` includes itself", path.escape_debug()))
        } else if self.included > MAX_INCLUDES || self.stack.len() > MAX_NESTING {
            Read::unreadable("too many files are included")
        } else {
            self.files.insert(clean_path(&path).unwrap_or_else(|| path.clone()));
            (self.read)(&path)
        };
        let message = match text {
            Read::Known(text) => match yaml::parse(&text) {
                Ok(tree) => {
                    self.stack.push(path);
                    let tree = self.node(&tree);
                    self.stack.pop();
                    return Some(tree);
                }
                Err(e) => {
                    self.gaps.push(Gap::Unreadable { message: e.message, location: e.location });
                    return None;
                }
            },
            Read::Absent => format!("the included file `{}` does not exist", path.escape_debug()),
            Read::Unreadable(why) => why.into(),
        };
        self.gaps.push(Gap::Unreadable { message, location });
        None
    }
}

/// Whether a node has a directive anywhere in it.
fn needs_composing(node: &Node) -> bool {
    match &node.value {
        Value::Map(pairs, _) => {
            pairs.iter().any(|(k, v)| matches!(k.as_str(), Some("(?)" | "(@)" | "(!)")) || needs_composing(v))
        }
        Value::List(items, _) => items.iter().any(needs_composing),
        _ => false,
    }
}

/// `over` on top of `base`: mappings are merged, all else is replaced, list directives are applied.
#[must_use]
pub(crate) fn over_mapping(base: Node, over: &Node) -> Node {
    let (Value::Map(mut pairs, form), Some(overs)) = (base.value, over.as_map()) else {
        return over.clone();
    };
    for (key, value) in overs {
        match pairs.iter_mut().find(|(k, _)| k.as_str() == key.as_str()) {
            Some((_, below)) => {
                let taken = std::mem::replace(below, value.clone());
                *below = over_value(taken, value);
            }
            None => pairs.push((key.clone(), value.clone())),
        }
    }
    Node { value: Value::Map(pairs, form), span: over.span, file: over.file.clone() }
}

/// The value of one key over another.
fn over_value(base: Node, over: &Node) -> Node {
    let directive =
        |node: &Node| node.as_map().is_some_and(|p| !p.is_empty() && p.iter().all(|(k, _)| is_list_directive(k)));
    match (&base.value, &over.value) {
        (Value::List(items, form), Value::Map(..)) if directive(over) => {
            let part = |key: &str| over.get(key).and_then(Node::as_list).unwrap_or_default().iter().cloned();
            let own = if over.get("(=)").is_some() { part("(=)").collect() } else { items.clone() };
            let items = part("(<)").chain(own).chain(part("(>)")).collect();
            Node { value: Value::List(items, *form), span: over.span, file: over.file.clone() }
        }
        (Value::Map(..), Value::Map(..)) if directive(&base) && directive(over) => merge_directives(&base, over),
        (Value::Map(..), Value::Map(..)) => over_mapping(base, over),
        _ => over.clone(),
    }
}

/// Two sets of list directives without a list yet.
fn merge_directives(base: &Node, over: &Node) -> Node {
    if over.get("(=)").is_some() {
        return over.clone();
    }
    let list = |node: &Node, key: &str| node.get(key).and_then(Node::as_list).unwrap_or_default().to_vec();
    let mut pairs = Vec::new();
    for (key, items) in [
        ("(=)", list(base, "(=)")),
        ("(<)", [list(over, "(<)"), list(base, "(<)")].concat()),
        ("(>)", [list(base, "(>)"), list(over, "(>)")].concat()),
    ] {
        if let Some((name, _)) = over.pair(key).or_else(|| base.pair(key)) {
            let value = Node { value: Value::List(items, Form::Block), span: over.span, file: over.file.clone() };
            pairs.push((name.clone(), value));
        }
    }
    Node { value: Value::Map(pairs, Form::Block), span: over.span, file: over.file.clone() }
}

fn is_list_directive(key: &Node) -> bool {
    matches!(key.as_str(), Some("(>)" | "(<)" | "(=)"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    /// Composes `main` with the other files and shows the tree in one line.
    fn composed(main: &str, files: &[(&str, &str)]) -> String {
        let files: HashMap<&str, &str> = files.iter().copied().collect();
        let read = |path: &str| match files.get(path) {
            Some(text) => Read::Known(Arc::new(SourceText::new(path, *text))),
            None => Read::Absent,
        };
        let root = yaml::parse(&Arc::new(SourceText::new("main", main))).unwrap();
        let out = compose(&root, &Options::default(), &read);
        let gaps: Vec<String> = out
            .gaps
            .iter()
            .map(|gap| match gap {
                Gap::Junction { include, location } => format!("{location} junction {include}"),
                Gap::Unreadable { message, location } | Gap::Condition { message, location } => {
                    format!("{location} {message}")
                }
            })
            .collect();
        format!("{}{}", show(&out.root), gaps.iter().map(|g| format!(" !{g}")).collect::<String>())
    }

    fn show(node: &Node) -> String {
        match &node.value {
            Value::Scalar(text, _) => text.to_string(),
            Value::List(items, _) => {
                format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(" "))
            }
            Value::Map(pairs, _) => format!(
                "{{{}}}",
                pairs.iter().map(|(k, v)| format!("{}:{}", show(k), show(v))).collect::<Vec<_>>().join(" ")
            ),
            Value::Lifted(_) => "…".into(),
        }
    }

    #[test]
    fn what_includes_wins_over_what_is_included_and_later_includes_over_earlier() {
        let files = [("a", "x: a\ny: a\nm:\n  p: a\n"), ("b", "y: b\nz: b\n")];
        assert_eq!(composed("(@): [a, b]\nz: own\nm:\n  q: own\n", &files), "{x:a y:b m:{p:a q:own} z:own}");
    }

    #[test]
    fn lists_are_replaced_unless_a_directive_adds_to_them() {
        let files = [("a", "l: [1, 2]\n")];
        assert_eq!(composed("(@): a\nl: [3]\n", &files), "{l:[3]}");
        assert_eq!(composed("(@): a\nl:\n  (>): [3]\n  (<): [0]\n", &files), "{l:[0 1 2 3]}");
        assert_eq!(composed("(@): a\nl:\n  (=): []\n", &files), "{l:[]}");
    }

    #[test]
    fn includes_nest_at_any_depth_and_never_for_ever() {
        let files = [("a", "x:\n  (@): b\n"), ("b", "y: 1\n"), ("loop", "(@): loop2\n"), ("loop2", "(@): loop\n")];
        assert_eq!(composed("s:\n- (@): a\n", &files), "{s:[{x:{y:1}}]}");
        assert_eq!(composed("(@): loop\n", &files), "{} !loop2:1:6 `loop` includes itself");
    }

    #[test]
    fn what_is_missing_is_said_with_its_place() {
        assert_eq!(
            composed("(@): [j.bst:x.yml, no.yml]\na: 1\n", &[]),
            "{a:1} !main:1:20 the included file `no.yml` does not exist !main:1:7 junction j.bst:x.yml"
        );
        assert_eq!(
            composed("(@): bad\n", &[("bad", "a: 1\na: 2\n")]),
            "{} !bad:2:1 the key `a` is defined twice in this mapping"
        );
        assert_eq!(composed("(?):\n- zap: {x: 1}\n", &[]), "{} !main:2:3 `zap` is not an option of the project");
    }
}
