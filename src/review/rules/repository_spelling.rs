//! Another spelling of the same repository. The findings are made where repositories are compared: `repository_changed`.

use crate::finding::{Rule, Severity};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-repository-spelling",
    severity: Severity::Notice,
    means: "The repository of a crate from git is written in another way than before: the host in capitals, a slash or `.git` at the end, another scheme, a user, the form for ssh, an alias; or as a mirror that project.conf named before the change. It is the same repository.",
    remedy: "Nothing has to be done. BuildStream fetches from exactly what is written, so the new text has to lead there, too.",
};
