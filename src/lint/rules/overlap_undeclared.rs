//! Two elements that install the same path.

use crate::finding::{Finding, Rule, Severity};
use crate::lint::installs::{self, Path};
use crate::lint::{Context, Subject};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The image would not be put together.
pub(crate) static RULE: Rule = Rule {
    id: "overlap-undeclared",
    severity: Severity::Warning,
    means: "Two elements of the project that are used together install the same path, and the one that comes on top does not list it in its `overlap-whitelist`. Where overlaps are fatal the image cannot be put together.",
    remedy: "List the path under `public: bst: overlap-whitelist:` of the element that is meant to win, or install it once only.",
};

/// The number of elements across which one path is compared.
const MAX_SAME: usize = 16;

/// The number of overlaps of one project that are reported.
const MAX_ALL: usize = 1000;

/// The maximum length of a path that is compared, in bytes: Linux' own limit.
const MAX_PATH: usize = 4096;

pub(crate) fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut by_path: BTreeMap<&str, Vec<(&Subject, &Path)>> = BTreeMap::new();
    for subject in context.subjects {
        let mut seen = BTreeSet::new();
        for path in subject.installs.paths.iter().filter(|path| path.sure && seen.insert(&path.text)) {
            by_path.entry(&path.text).or_default().push((subject, path));
        }
    }
    let graph = Graph::new(context);
    let mut findings = Vec::new();
    for (text, owners) in by_path {
        for (at, one) in owners.iter().enumerate().take(MAX_SAME) {
            for other in owners.iter().skip(at + 1).take(MAX_SAME) {
                if findings.len() < MAX_ALL && (one.0.rust || other.0.rust) {
                    findings.extend(pair(text, *one, *other, &graph));
                }
            }
        }
    }
    findings
}

/// Checks one path of two elements.
fn pair<'a>(
    text: &str,
    one: (&'a Subject, &'a Path),
    other: (&'a Subject, &'a Path),
    graph: &Graph<'a>,
) -> Option<Finding> {
    let (below, above, certain) = if graph.reaches(&one.0.name, &other.0.name) {
        (other, one, true)
    } else if graph.reaches(&other.0.name, &one.0.name) {
        (one, other, true)
    } else if graph.together(&one.0.name, &other.0.name) {
        (one, other, false)
    } else {
        // Nothing says that both are ever used together.
        return None;
    };
    let listed = may_overlap(above.0, text) || (!certain && may_overlap(below.0, text));
    let note = |owner: (&Subject, &Path)| {
        format!("{} installs it at {}", owner.0.name, owner.0.scripts[owner.1.script].location(owner.1.span))
    };
    (!listed).then(|| {
        let message = format!("`{}` is installed by `{}` too", text.escape_debug(), below.0.name.escape_debug());
        let place = above.0.scripts[above.1.script].location(above.1.span);
        Finding::new(&RULE, message).at(place).of(&above.0.name).note(note(below))
    })
}

/// Returns whether an element's whitelist lists a path, or could.
fn may_overlap(subject: &Subject, path: &str) -> bool {
    !subject.whitelist_known()
        || subject
            .whitelist()
            .iter()
            .filter_map(|node| node.as_str())
            .any(|entry| may_match(&subject.names.expand(entry), path))
}

/// Returns whether an entry of a whitelist matches a path, or could match it. `*` stays in its folder, `**` does not.
pub(crate) fn may_match(entry: &str, path: &str) -> bool {
    if !installs::is_known(entry) || !installs::is_known(path) {
        return entry.contains('*') || installs::may_be_same(entry, path);
    }
    // Nobody writes such a path; it makes no claim.
    entry.len() > MAX_PATH || path.len() > MAX_PATH || glob(entry.as_bytes(), path.as_bytes())
}

/// A match of `*`, `**` and `?`. Brackets are taken as they are: `/usr/bin/[` is a program.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    // One row of a table: which beginnings of the text the pattern so far matches.
    let mut row = vec![false; text.len() + 1];
    row[0] = true;
    let mut at = 0;
    while at < pattern.len() {
        let deep = pattern[at..].starts_with(b"**");
        let mut next = vec![false; text.len() + 1];
        if pattern[at] == b'*' {
            for end in 0..=text.len() {
                next[end] = row[end] || (end > 0 && next[end - 1] && (deep || text[end - 1] != b'/'));
            }
        } else {
            for end in 1..=text.len() {
                let same = pattern[at] == text[end - 1] || (pattern[at] == b'?' && text[end - 1] != b'/');
                next[end] = row[end - 1] && same;
            }
        }
        row = next;
        at += if deep { 2 } else { 1 };
    }
    row[text.len()]
}

/// The elements that are used together: dependencies at run time.
struct Graph<'a> {
    edges: HashMap<&'a str, Vec<&'a str>>,
    /// A look-up is repeated.
    known: RefCell<HashMap<&'a str, BTreeSet<&'a str>>>,
    shipped: BTreeSet<&'a str>,
}

impl<'a> Graph<'a> {
    fn new(context: &Context<'a>) -> Self {
        let mut edges: HashMap<&str, Vec<&str>> = HashMap::new();
        for subject in context.subjects {
            let local = subject.dependencies.iter().filter(|d| d.runtime && d.junction.is_none());
            edges.insert(&subject.name, local.map(|d| d.name.as_str()).collect());
        }
        let mut graph = Self { edges, known: RefCell::default(), shipped: BTreeSet::new() };
        graph.shipped = context.stack.map(|stack| graph.from(stack)).unwrap_or_default();
        graph
    }

    /// Returns the elements that an element needs at run time.
    fn from(&self, name: &'a str) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        let mut open = vec![name];
        while let Some(name) = open.pop() {
            if found.insert(name) {
                open.extend(self.edges.get(name).into_iter().flatten());
            }
        }
        found
    }

    fn reaches(&self, from: &'a str, to: &str) -> bool {
        self.known.borrow_mut().entry(from).or_insert_with(|| self.from(from)).contains(to)
    }

    fn together(&self, one: &str, other: &str) -> bool {
        self.shipped.contains(one) && self.shipped.contains(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::rules::testing::{Project, messages};

    fn element(path: &str, more: &str) -> String {
        format!(
            "kind: manual\nsources:\n- kind: cargo2\nconfig:\n  install-commands:\n  - install -Dm755 x \"%{{install-root}}{path}\"\n{more}"
        )
    }

    fn lint(files: &[(&str, &str)]) -> Vec<String> {
        messages("overlap-undeclared", &Project::new(files).lint())
    }

    #[test]
    fn the_element_on_top_must_list_the_path() {
        let below = element("/usr/bin/x", "");
        let above = element("%{bindir}/x", "depends: [a.bst]\n");
        assert_eq!(
            lint(&[("a.bst", &below), ("b.bst", &above)]),
            ["b.bst 6:5 `/usr/bin/x` is installed by `a.bst` too"]
        );
        let listed =
            element("%{bindir}/x", "depends: [a.bst]\npublic:\n  bst:\n    overlap-whitelist: ['%{bindir}/*']\n");
        assert!(lint(&[("a.bst", &below), ("b.bst", &listed)]).is_empty());
        let wrong = element("/usr/bin/x", "public:\n  bst:\n    overlap-whitelist: [/usr/bin/x]\n");
        assert_eq!(lint(&[("a.bst", &wrong), ("b.bst", &above)]).len(), 1);
    }

    #[test]
    fn in_one_stack_either_list_will_do() {
        let plain = element("/usr/bin/x", "");
        let listed = element("/usr/bin/x", "public:\n  bst:\n    overlap-whitelist: [/usr/bin/x]\n");
        let stack = ("bluefin/deps.bst", "kind: stack\ndepends: [a.bst, b.bst]\n");
        assert_eq!(lint(&[stack, ("a.bst", &plain), ("b.bst", &plain)]).len(), 1);
        assert!(lint(&[stack, ("a.bst", &plain), ("b.bst", &listed)]).is_empty());
    }

    #[test]
    fn elements_that_are_not_used_together_may_install_the_same() {
        let plain = element("/usr/bin/x", "");
        assert!(lint(&[("a.bst", &plain), ("b.bst", &plain)]).is_empty());
        let build = element("/usr/bin/x", "build-depends: [a.bst]\n");
        assert!(lint(&[("a.bst", &plain), ("b.bst", &build)]).is_empty());
    }

    #[test]
    fn what_may_not_be_installed_at_all_makes_no_claim() {
        let below = element("/usr/bin/x", "");
        let maybe = "kind: manual\nsources:\n- kind: cargo2\ndepends: [a.bst]\nconfig:\n  install-commands:\n  - if true; then install -Dm755 x \"%{install-root}/usr/bin/x\"; fi\n";
        assert!(lint(&[("a.bst", &below), ("b.bst", maybe)]).is_empty());
    }

    #[test]
    fn stars_stay_in_their_folder_and_brackets_are_themselves() {
        for (pattern, path, is) in [
            ("/usr/bin/*", "/usr/bin/x", true),
            ("/usr/*", "/usr/bin/x", false),
            ("/usr/**", "/usr/bin/x", true),
            ("/usr/bin/[", "/usr/bin/[", true),
            ("/usr/bin/?", "/usr/bin/xy", false),
            ("%{x}/a", "/usr/bin/a", true),
            ("%{x}/a", "/usr/bin/b", false),
        ] {
            assert_eq!(may_match(pattern, path), is, "{pattern} {path}");
        }
    }
}
