//! `%{variables}` in commands: what is known is replaced, what is not stays as it is written.

use crate::bst::project::Project;
use crate::bst::project::compose::Gap;
use crate::bst::project::options::Options;
use crate::bst::project::variables;
use crate::yaml::Node;
use std::collections::BTreeMap;

/// The maximum length of an expanded text, in bytes.
const MAX_TEXT: usize = 64 << 10;

/// The depth to which variables may be nested.
const MAX_DEPTH: usize = 24;

/// The number of variables that are replaced in one text.
const MAX_COUNT: usize = 10_000;

/// The folders of BuildStream's own defaults. They count only where no file of a junction could say otherwise.
const DEFAULTS: &[(&str, &str)] = &[
    ("prefix", "/usr"),
    ("exec_prefix", "%{prefix}"),
    ("bindir", "%{exec_prefix}/bin"),
    ("sbindir", "%{exec_prefix}/sbin"),
    ("libexecdir", "%{exec_prefix}/libexec"),
    ("datadir", "%{prefix}/share"),
    ("sysconfdir", "/etc"),
    ("sharedstatedir", "/com"),
    ("localstatedir", "/var"),
    ("lib", "lib"),
    ("libdir", "%{prefix}/%{lib}"),
    ("debugdir", "%{libdir}/debug"),
    ("includedir", "%{prefix}/include"),
    ("docdir", "%{datadir}/doc"),
    ("infodir", "%{datadir}/info"),
    ("mandir", "%{datadir}/man"),
];

/// The variables that an element sees, as far as the project's own files say.
#[derive(Clone, Debug, Default)]
pub struct Names {
    values: BTreeMap<String, String>,
}

impl Names {
    /// The variables of an element.
    #[must_use]
    pub fn of(element: &str, own: Option<&Node>, project: &Project, options: &Options, gaps: &[Gap]) -> Self {
        let mut names = Self::default();
        let elsewhere = |gap: &Gap| !matches!(gap, Gap::Condition { .. });
        if !project.gaps.iter().chain(gaps).any(elsewhere) {
            DEFAULTS.iter().for_each(|(name, value)| names.set(name, value));
        }
        for (name, value) in options.variables() {
            if let Some(value) = value {
                names.set(name, &value);
            }
        }
        for node in [project.variables.as_ref(), own].into_iter().flatten() {
            for (name, value) in node.as_map().unwrap_or_default() {
                if let (Some(name), Some(value)) = (name.as_str(), value.as_str()) {
                    names.set(name, value);
                }
            }
        }
        names.set("project-name", &project.name);
        names.set("element-name", element.trim_end_matches(".bst"));
        // Paths are given relative to it.
        names.values.remove("install-root");
        names
    }

    fn set(&mut self, name: &str, value: &str) {
        self.values.insert(name.to_owned(), value.to_owned());
    }

    /// A text with every known variable replaced, those in variables too.
    #[must_use]
    pub fn expand(&self, text: &str) -> String {
        self.known(text, 0, &mut 0)
    }

    fn known(&self, text: &str, depth: usize, count: &mut usize) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((from, to)) = find(rest) {
            out.push_str(&rest[..from]);
            match self.values.get(&rest[from + 2..to - 1]) {
                Some(value) if depth < MAX_DEPTH && *count < MAX_COUNT && out.len() + value.len() <= MAX_TEXT => {
                    *count += 1;
                    out.push_str(&self.known(value, depth + 1, count));
                }
                _ => out.push_str(&rest[from..to]),
            }
            rest = &rest[to..];
            if out.len() > MAX_TEXT {
                break;
            }
        }
        out.push_str(rest);
        out
    }
}

/// Returns the bytes of the first `%{name}`.
#[must_use]
pub(crate) fn find(text: &str) -> Option<(usize, usize)> {
    variables::find(text).map(|(from, bracket)| (from, bracket + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_stays_and_loops_end() {
        let mut names = Names::default();
        names.set("a", "x%{b}/%{c}");
        names.set("b", "y");
        names.set("loop", "%{loop}%{loop}");
        assert_eq!(names.expand("%{a} %{install-root}%{ %{}"), "xy/%{c} %{install-root}%{ %{}");
        assert!(names.expand("%{loop}").len() < 2 * MAX_TEXT + 100);
        for depth in 0..23 {
            names.set(&format!("n{depth}"), &format!("%{{n{0}}}%{{n{0}}}", depth + 1));
        }
        names.set("n23", "");
        assert!(names.expand("%{n0}").len() < 2 * MAX_TEXT);
    }
}
