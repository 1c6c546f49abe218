//! The first proof: two versions of a workflow or action that differ in nothing but comments, names of steps and pins.

use crate::shell;
use crate::yaml::{Node, Style, Value};

/// An action or reusable workflow that moves from one ref to a full commit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PinMove {
    /// The repository: `owner/name`.
    pub repository: String,
    /// The ref before: a commit, tag or branch.
    pub from: String,
    /// The commit after: 40 lower-case hex digits.
    pub to: String,
}

/// Where a node is in a workflow or action.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Jobs,
    Job,
    Runs,
    Steps,
    Step,
    Run,
    Uses,
    Other,
}

impl Place {
    fn child(self, key: &str) -> Self {
        match (self, key) {
            (Self::Root, "jobs") => Self::Jobs,
            (Self::Root, "runs") => Self::Runs,
            (Self::Jobs, _) => Self::Job,
            (Self::Job | Self::Runs, "steps") => Self::Steps,
            (Self::Job | Self::Step, "uses") => Self::Uses,
            (Self::Step, "run") => Self::Run,
            _ => Self::Other,
        }
    }
}

/// Returns the pins that move between two versions, or where else they differ: a path of keys.
pub(super) fn pins(before: &Node, after: &Node) -> Result<Vec<PinMove>, String> {
    let unix = has_unix_shells(before) && has_unix_shells(after);
    let mut comparison = Comparison { path: Vec::new(), moves: Vec::new(), unix, shell: unix };
    comparison.node(Place::Root, before, after)?;
    comparison.moves.sort();
    comparison.moves.dedup();
    Ok(comparison.moves)
}

struct Comparison {
    path: Vec<String>,
    moves: Vec<PinMove>,
    /// Whether a shell reads the scripts that do not name another reader.
    unix: bool,
    /// Whether a shell reads the script of the current step.
    shell: bool,
}

impl Comparison {
    fn differ<T>(&self) -> Result<T, String> {
        Err(if self.path.is_empty() { "its root".to_owned() } else { format!("`{}`", self.path.join(".")) })
    }

    fn node(&mut self, place: Place, before: &Node, after: &Node) -> Result<(), String> {
        match (&before.value, &after.value) {
            (Value::Scalar(a, first), Value::Scalar(b, second)) => match place {
                _ if a == b && is_typed(*first) == is_typed(*second) => Ok(()),
                Place::Uses => self.uses(a, b),
                Place::Run if self.shell && without_comments(a).is_some_and(|a| Some(a) == without_comments(b)) => {
                    Ok(())
                }
                _ => self.differ(),
            },
            (Value::List(a, _), Value::List(b, _)) if a.len() == b.len() => {
                let item = if place == Place::Steps { Place::Step } else { Place::Other };
                for (at, (a, b)) in a.iter().zip(b).enumerate() {
                    self.within(at.to_string(), item, a, b)?;
                }
                Ok(())
            }
            (Value::Map(a, _), Value::Map(b, _)) => self.map(place, a, b),
            _ => self.differ(),
        }
    }

    fn map(&mut self, place: Place, before: &[(Node, Node)], after: &[(Node, Node)]) -> Result<(), String> {
        let counts = |(key, _): &&(Node, Node)| place != Place::Step || key.as_str() != Some("name");
        let [before, after] = [before, after].map(|pairs| pairs.iter().filter(counts).collect::<Vec<_>>());
        if place == Place::Step {
            let shell =
                before.iter().find(|(key, _)| key.as_str() == Some("shell")).and_then(|(_, value)| value.as_str());
            self.shell = self.unix && matches!(shell, None | Some("bash" | "sh"));
        }
        let missing = after.iter().find(|(key, _)| !before.iter().any(|(other, _)| other.same_value(key)));
        if let Some((key, _)) = missing.filter(|_| before.len() <= after.len()) {
            self.path.push(key.as_str().unwrap_or("?").to_owned());
            return self.differ();
        }
        if before.len() != after.len() {
            return self.differ();
        }
        for ((key, a), (other, b)) in before.into_iter().zip(after) {
            let (Some(name), true) = (key.as_str(), key.same_value(other)) else { return self.differ() };
            self.within(name.to_owned(), place.child(name), a, b)?;
        }
        Ok(())
    }

    fn within(&mut self, name: String, place: Place, before: &Node, after: &Node) -> Result<(), String> {
        self.path.push(name);
        self.node(place, before, after)?;
        self.path.pop();
        Ok(())
    }

    /// A pin that moves.
    fn uses(&mut self, before: &str, after: &str) -> Result<(), String> {
        let (Some((path, from)), Some((other, to))) = (before.split_once('@'), after.split_once('@')) else {
            return self.differ();
        };
        let Some(repository) = repository(path).filter(|_| path == other) else { return self.differ() };
        if !is_commit(to) {
            return Err(format!("`{}`, whose new ref is not a full commit", self.path.join(".")));
        }
        self.moves.push(PinMove { repository, from: from.to_owned(), to: to.to_owned() });
        Ok(())
    }
}

/// Returns whether a scalar could be a number, a truth value or nothing, by its style.
pub(super) fn is_typed(style: Style) -> bool {
    matches!(style, Style::Plain | Style::Empty)
}

/// The repository of `owner/name` or `owner/name/path`. None for local actions, containers and what is not understood.
fn repository(path: &str) -> Option<String> {
    let mut parts = path.split('/');
    let (owner, name) = (parts.next()?, parts.next()?);
    let plain = |part: &str| {
        let sign = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        !part.is_empty() && !part.starts_with('.') && part.chars().all(sign)
    };
    (plain(owner) && plain(name) && parts.all(|part| !part.is_empty() && part != ".."))
        .then(|| format!("{owner}/{name}"))
}

/// Returns whether a ref is a full commit.
fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Returns whether scripts are read by a Unix shell unless a step says otherwise.
fn has_unix_shells(root: &Node) -> bool {
    let jobs = root.get("jobs").and_then(Node::as_map).unwrap_or_default().iter().map(|(_, job)| job);
    let default = |node: &Node| node.get("defaults")?.get("run")?.get("shell").cloned();
    let mut others =
        jobs.chain([root]).filter_map(default).filter(|shell| !matches!(shell.as_str(), Some("bash" | "sh")));
    others.next().is_none() && !root.file.text.to_ascii_lowercase().contains("windows")
}

/// A script without its comments. None where the reader of shell does not understand all of it.
fn without_comments(script: &str) -> Option<String> {
    let shell = shell::read(script);
    if !shell.is_complete() {
        return None;
    }
    let mut out = script.to_owned();
    let mut gaps = shell.gaps.clone();
    gaps.sort_by_key(|gap| gap.start);
    gaps.dedup_by_key(|gap| gap.start);
    for gap in gaps.iter().rev() {
        let text = script.get(gap.start..gap.end)?;
        let document = shell.documents.iter().any(|document| document.start == gap.start);
        // GitHub fills expressions in before the shell reads comments: one of several lines ends a comment. `#!` chooses the
        // program.
        if !text.starts_with('#') || document || text.starts_with("#!") || text.contains("${{") {
            continue;
        }
        let before = script[..gap.start].trim_end_matches([' ', '\t']);
        let whole_line = before.is_empty() || before.ends_with('\n');
        // The line before goes on with this comment, and with the next line when it is gone.
        if before.ends_with("\\\n") || before.ends_with("\\\r\n") {
            return None;
        }
        let newline = usize::from(whole_line && script[gap.end..].starts_with('\n'));
        out.replace_range(before.len()..gap.end + newline, "");
    }
    out.truncate(out.trim_end_matches('\n').len());
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SourceText;
    use crate::yaml::parse_whole;
    use std::sync::Arc;

    const OLD: &str = "1111111111111111111111111111111111111111";
    const NEW: &str = "2222222222222222222222222222222222222222";

    fn compared(before: &str, after: &str) -> Result<Vec<PinMove>, String> {
        let [before, after] =
            [before, after].map(|text| parse_whole(&Arc::new(SourceText::new("w.yml", text))).unwrap());
        pins(&before, &after)
    }

    fn workflow(step: &str) -> String {
        format!(
            "name: a\non: push\njobs:\n  j:\n    runs-on: x\n    steps:\n    - {}\n",
            step.replace('\n', "\n      ")
        )
    }

    #[test]
    fn comments_and_names_of_steps_are_no_difference() {
        let before = workflow("name: a\nrun: make # one");
        let after = format!("# new\n{}", workflow("run: make # two"));
        assert_eq!(compared(&before, &after), Ok(Vec::new()));
        let script = |text: &str| workflow(&format!("run: |\n  {text}"));
        assert_eq!(compared(&script("# a\n  make"), &script("make # b")), Ok(Vec::new()));
    }

    #[test]
    fn a_comment_that_github_fills_in_or_that_no_shell_reads_is_a_difference() {
        let script = |text: &str| workflow(&format!("run: |\n  {text}"));
        assert!(compared(&script("make"), &script("# ${{ github.event.issue.title }}\n  make")).is_err());
        assert!(compared(&script("#!/bin/sh\n  make"), &script("make")).is_err());
        assert!(compared(&script("cat <<E\n  # a\n  E"), &script("cat <<E\n  # b\n  E")).is_err());
        assert!(compared(&script("echo '\n  # a'"), &script("echo '\n  # b'")).is_err());
        assert!(compared(&script("push \\\n  # a\n  main"), &script("push \\\n  main")).is_err(), "the line goes on");
        assert!(compared(&script("cat <<E\n  a\n  E"), &script("cat <<E\n\n  a\n  E")).is_err());
        for other in ["defaults: {run: {shell: python}}\n", "# windows-latest\n"] {
            let [before, after] = ["make # a", "make # b"].map(|text| format!("{other}{}", script(text)));
            assert!(compared(&before, &after).is_err(), "{other}");
        }
        let python = |text: &str| workflow(&format!("shell: python\nrun: |\n  {text}"));
        assert!(compared(&python("x = 1 # a"), &python("x = 1 # b")).is_err());
    }

    #[test]
    fn names_of_workflows_and_jobs_and_schedules_are_differences() {
        let text = |name: &str, cron: &str, job: &str| {
            format!("name: {name}\non:\n  schedule:\n  - cron: '{cron}'\njobs:\n  j:\n    name: {job}\n    steps: []\n")
        };
        let base = text("a", "0 6 * * *", "b");
        for (other, place) in [
            (text("x", "0 6 * * *", "b"), "`name`"),
            (text("a", "0 7 * * *", "b"), "`on.schedule.0.cron`"),
            (text("a", "0 6 * * *", "x"), "`jobs.j.name`"),
        ] {
            assert_eq!(compared(&base, &other), Err(place.to_owned()));
        }
    }

    #[test]
    fn a_pin_moves_to_a_full_commit_of_the_same_path() {
        let uses = |text: &str| workflow(&format!("uses: {text}"));
        let moved = |before: &str, after: &str| compared(&uses(before), &uses(after));
        let from = |from: &str| Ok(vec![PinMove { repository: "o/r".into(), from: from.into(), to: NEW.into() }]);
        assert_eq!(moved(&format!("o/r@{OLD} # v1"), &format!("o/r@{NEW} # v2")), from(OLD));
        assert_eq!(moved("o/r/sub/dir@v1", &format!("o/r/sub/dir@{NEW}")), from("v1"));
        for (before, after) in [
            (format!("o/r@{OLD}"), format!("o/s@{NEW}")),
            (format!("o/r@{OLD}"), format!("O/r@{NEW}")),
            (format!("o/r@{OLD}"), format!("o/r/sub@{NEW}")),
            (format!("o/r@{OLD}"), "o/r@v2".to_owned()),
            (format!("o/r@{OLD}"), format!("o/r@{}", &NEW[..39])),
            (format!("o/r@{OLD}"), format!("o/r@{NEW}@x")),
            (format!("docker://o/r@sha256:{OLD}"), format!("docker://o/r@sha256:{NEW}")),
            (format!("docker://r@{OLD}"), format!("docker://r@{NEW}")),
            ("./a".to_owned(), "./b".to_owned()),
            (format!("./a@{OLD}"), format!("./a@{NEW}")),
            (format!("o/../r@{OLD}"), format!("o/../r@{NEW}")),
        ] {
            assert!(moved(&before, &after).is_err(), "{before} {after}");
        }
    }

    #[test]
    fn reusable_workflows_and_steps_of_actions_have_pins_and_other_keys_have_none() {
        let job = |commit: &str| format!("jobs:\n  j:\n    uses: o/r/.github/workflows/x.yml@{commit}\n");
        assert_eq!(compared(&job(OLD), &job(NEW)).unwrap().len(), 1);
        let action = |commit: &str| format!("runs:\n  using: composite\n  steps:\n  - uses: o/r@{commit}\n");
        assert_eq!(compared(&action(OLD), &action(NEW)).unwrap().len(), 1);
        let with = |commit: &str| workflow(&format!("uses: o/r@{OLD}\nwith: {{uses: o/r@{commit}}}"));
        assert!(compared(&with(OLD), &with(NEW)).is_err());
        let root = |commit: &str| format!("uses: o/r@{commit}\njobs: {{}}\n");
        assert!(compared(&root(OLD), &root(NEW)).is_err());
    }

    #[test]
    fn keys_steps_and_types_that_change_are_differences() {
        let base = workflow("run: a");
        for other in [
            workflow("run: b"),
            workflow("run: a\nif: b"),
            workflow("run: a\nenv: {A: b}"),
            format!("{base}    - run: a\n"),
            workflow("uses: a"),
            workflow("name: a"),
        ] {
            assert!(compared(&base, &other).is_err() && compared(&other, &base).is_err(), "{other}");
        }
        assert!(compared(&workflow("run: a\nif: true"), &workflow("run: a\nif: 'true'")).is_err());
        let with = |name: &str| workflow(&format!("uses: ./a\nwith: {{name: {name}}}"));
        assert!(compared(&with("a"), &with("b")).is_err());
    }
}
