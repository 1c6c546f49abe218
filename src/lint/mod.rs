//! The element rules: what is wrong with how a Rust element is built, as far as its own text and the project's say.
//!
//! Everything here is pure: composed elements in, findings out. What cannot be read is not guessed: then a rule makes
//! no claim. The rules are in [`rules`], one file each; this module holds what they look at.

pub(crate) mod cargo;
pub(crate) mod depends;
pub(crate) mod fix;
pub(crate) mod installs;
pub(crate) mod names;
pub mod rules;
pub(crate) mod script;
pub(crate) mod through;

use crate::bst::project::Project;
use crate::bst::project::compose::{self, Gap, ReadFile};
use crate::finding::read::Unreadable;
use crate::finding::{self, Finding};
use crate::text::{Location, SourceText, Span};
use crate::yaml::{Node, Value};
use depends::Dependency;
use installs::Installs;
use names::Names;
use script::Script;
use std::sync::Arc;

/// The stack that is looked for where none is configured.
pub const DEFAULT_STACK: &str = "bluefin/deps.bst";

/// The maximum number of findings of one rule that an element may have. More would help nobody, and each has its cost.
pub(crate) const MAX_TOLD: usize = 100;

/// The number of fixes of one rule that an element gets in one run: each is read again.
pub(crate) const MAX_FIXES: usize = 20;

/// One element as the rules see it.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The name that BuildStream uses.
    pub name: String,
    /// Its file.
    pub file: Arc<SourceText>,
    /// The composed element. For a project with conditions: as the first architecture sees it.
    pub root: Node,
    /// Its kind; empty where none is known.
    pub kind: String,
    /// Whether it builds with cargo: it has a cargo or cargo2 source, is of the kind `cargo`, or calls cargo.
    pub rust: bool,
    /// Its commands.
    pub scripts: Vec<Script>,
    /// The `…-commands` keys that replace what its kind would run.
    pub replaced: Vec<String>,
    /// Its dependencies.
    pub dependencies: Vec<Dependency>,
    /// Whether all of its dependencies are known.
    pub dependencies_known: bool,
    /// Whether nothing of it is missing: no include of a junction, no condition that is unknown.
    pub complete: bool,
    /// The variables that it sees.
    pub names: Names,
    /// The paths that its commands install.
    pub installs: Installs,
}

/// The input of the rules.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// The project's name, for the snippet of a user configuration.
    pub project: &'a str,
    /// Every element of the project; those that are not Rust too, since stacks and overlaps need them.
    pub subjects: &'a [Subject],
    /// The stack that what is shipped must be reachable from. None makes no claim. See [`default_stack`].
    pub stack: Option<&'a str>,
    /// Further elements that are built for themselves: what they reach counts as reached.
    pub targets: &'a [&'a str],
    /// Upstream manifests, where they are known.
    pub manifests: &'a [Manifest],
}

/// The root manifest of an element's upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The element.
    pub element: String,
    /// The text of the `Cargo.toml` next to the lock: the root of the workspace, whose profiles are the ones that count.
    /// Else why it cannot be read.
    pub root: Result<String, Unreadable>,
}

/// Runs all element rules. The findings are sorted and reported once.
#[must_use]
pub fn lint(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for subject in context.subjects {
        for check in rules::CHECKS {
            findings.extend(check(context, subject).into_iter().map(|finding| finding.of(&subject.name)));
        }
    }
    findings.extend(rules::PROJECT_CHECKS.iter().flat_map(|check| check(context)));
    finding::sort_and_dedup(&mut findings);
    findings
}

/// The stack that counts where none is configured: [`DEFAULT_STACK`], if the project has it.
#[must_use]
pub fn default_stack(subjects: &[Subject]) -> Option<&'static str> {
    subjects.iter().any(|subject| subject.name == DEFAULT_STACK).then_some(DEFAULT_STACK)
}

/// Reads a parsed element.
#[must_use]
pub fn subject(name: &str, root: &Node, project: &Project, read: &ReadFile<'_>) -> Subject {
    let file = &root.file;
    let project = project.variants.first().map_or(project, |(_, project)| project);
    let options = if project.variants.is_empty() {
        project.options.for_each_arch().into_iter().next().map_or_else(|| project.options.clone(), |(_, o)| o)
    } else {
        project.options.clone()
    };
    let composed = compose::compose(root, &options, read);
    let names = Names::of(name, composed.root.get("variables"), project, &options, &composed.gaps);
    let (scripts, replaced) = script::scripts(&composed.root, &names);
    let kind = composed.root.get_str("kind").unwrap_or_default().to_owned();
    let installs = installs::read(&scripts, &replaced, &kind);
    let mut subject = Subject {
        name: name.to_owned(),
        file: file.clone(),
        dependencies: depends::read(&composed.root),
        dependencies_known: composed.gaps.iter().all(|gap| beside_dependencies(gap, root)),
        complete: composed.gaps.is_empty(),
        root: composed.root,
        kind,
        rust: false,
        scripts,
        replaced,
        names,
        installs,
    };
    subject.rust = subject.kind == "cargo" || subject.has_crates() || cargo::calls(&subject).next().is_some();
    subject
}

/// Returns whether what a gap leaves out cannot be a dependency: it is below a key that holds none.
fn beside_dependencies(gap: &Gap, root: &Node) -> bool {
    let (Gap::Junction { location, .. } | Gap::Unreadable { location, .. } | Gap::Condition { location, .. }) = gap;
    let inside = |key: &str| {
        root.get(key).is_some_and(|node| {
            let (from, to) = (root.file.locate(node.span), root.file.locate(Span::new(node.span.end, node.span.end)));
            location.path == root.file.path && (from.line..=to.line).contains(&location.line)
        })
    };
    ["variables", "environment", "environment-nocache", "config", "public", "sources", "sandbox"]
        .iter()
        .any(|k| inside(k))
}

impl Subject {
    /// Its sources.
    #[must_use]
    pub fn sources(&self) -> &[Node] {
        self.root.get("sources").and_then(Node::as_list).unwrap_or_default()
    }

    /// Returns whether one of its sources is a crate list of either plugin.
    #[must_use]
    pub fn has_crates(&self) -> bool {
        self.sources().iter().any(|source| matches!(source.get_str("kind"), Some("cargo2" | "cargo")))
    }

    /// The place to report the element as a whole: its `kind:`, else its file.
    #[must_use]
    pub fn place(&self) -> Location {
        match self.root.pair("kind") {
            Some((key, value)) if value.file.path == self.file.path => {
                self.file.locate(Span::new(key.span.start, value.span.end.max(key.span.end)))
            }
            _ => Location::file(&self.file.path),
        }
    }

    /// The paths that it may overlap, as they are written.
    #[must_use]
    pub fn whitelist(&self) -> &[Node] {
        let list = self.root.get("public").and_then(|n| n.get("bst")).and_then(|n| n.get("overlap-whitelist"));
        list.and_then(Node::as_list).unwrap_or_default()
    }

    /// Returns whether its whitelist is known in full.
    #[must_use]
    pub fn whitelist_known(&self) -> bool {
        let list = self.root.get("public").and_then(|n| n.get("bst")).and_then(|n| n.get("overlap-whitelist"));
        self.complete && list.is_none_or(|node| matches!(node.value, Value::List(..)))
    }

    /// Returns whether its commands were read without a gap, and none of them comes from its kind.
    #[must_use]
    pub fn commands_known(&self) -> bool {
        let own = match self.kind.as_str() {
            "manual" | "import" | "stack" => true,
            "make" => ["build-commands", "install-commands"].iter().all(|key| self.replaced.iter().any(|k| k == key)),
            _ => false,
        };
        own && self.complete && self.scripts.iter().all(|script| script.shell.unread.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::Project;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_command_text_is_too_odd(
            words in prop::collection::vec(
                prop::sample::select(vec![
                    "install", "-Dm755", "-t", "-t\"$x\"", "\"%{install-root}/a\"", "%{install-root}", "%{x}", "ln", "-s", "cp", "-r",
                    "mkdir", "rm", "--target-directory=", "--target-directory", "mv", "cargo", "build", "install", "--", "+x",
                    "--config", "$(date)", "`hostname`", "${RANDOM}", "for", "in", "do", "done", "case", "esac", "x)", ";;", "if",
                    "fi", ";", "&&", "|", ">", "<<EOF", "EOF", "\\", "'", "\"", "(", ")", "{", "}", "pip", "-m", "=", "ä", "-ä",
                    "systemctl", "enable", "find", "-exec", "sh", "-c", "'cargo fetch'", "export", "A=1", "A+=2", "\n", "timeout",
                ]),
                0..25,
            ),
        ) {
            let lines = words.join(" ").replace('\n', "\n    ");
            let text = format!("kind: manual\nsources:\n- kind: cargo2\nconfig:\n  install-commands:\n  - |\n    :\n    {lines}\n");
            for finding in Project::new(&[("x.bst", &text)]).lint() {
                let place = finding.location.unwrap();
                prop_assert!(place.line > 0 && !finding.message.contains('\n'));
                // What a fix writes must still be the same element otherwise; that is checked where it is made.
                prop_assert!(finding.fix.is_none_or(|fix| fix.edits.iter().all(|e| e.span.end <= text.len())));
            }
        }
    }
}
