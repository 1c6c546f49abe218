//! The settings of the hold: who may approve, which branches are guarded, what else holds or is exempt.

use super::{Date, Error, Pattern};
use crate::text::Location;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The people whose approvals count. Only the default branch's configuration decides this.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Approvers {
    /// Only these people, by their logins. Empty: everybody with write permission.
    pub only: Vec<String>,
    /// The author of a pull request may approve it with `/cargo2 approve ID`.
    pub allow_author: Option<Allowed>,
    /// Prow's commands count: `/lgtm` and `/approve` by these people, written after the last push, together with the labels `lgtm` and
    /// `approved`; `/hold` and its label hold.
    pub prow: bool,
}

impl Approvers {
    /// Returns whether someone is among the people whose approvals count, write permission left aside. Logins are the same
    /// in capitals.
    #[must_use]
    pub fn admits(&self, login: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|own| own.eq_ignore_ascii_case(login))
    }
}

/// Something that is allowed although it weakens the hold.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    /// The reason.
    pub reason: String,
    /// The last day on which this applies.
    #[serde(default)]
    pub until: Option<Date>,
}

/// Paths that hold a pull request, or that do not hold it although they could decide what merges.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct GuardRule {
    /// The paths, from the repository's root. The last rule that matches a path decides.
    pub path: Pattern,
    /// Whether a change of them holds the pull request. `false` never applies to CODEOWNERS, to this configuration and to
    /// workflows that name cargo2-bot, and never to Rust elements.
    pub hold: bool,
    /// The reason.
    pub reason: String,
    /// The last day on which this applies.
    #[serde(default)]
    pub until: Option<Date>,
}

/// Checks what the types cannot express.
pub(super) fn check(branches: &[String], approvers: &Approvers, place: &dyn Fn(&str) -> Location) -> Result<(), Error> {
    let bad = |name: &&String| {
        let sign = |c: char| c.is_whitespace() || c.is_control() || "*?[\\~^:".contains(c);
        name.is_empty() || name.starts_with("refs/") || name.starts_with('/') || name.contains(sign)
    };
    if let Some(name) = branches.iter().find(bad) {
        let message = format!("`{}` is not the name of a branch; patterns are not read here", name.escape_debug());
        return Err(Error { message, location: place(name) });
    }
    let login = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    if let Some(name) = approvers.only.iter().find(|name| !login(name)) {
        let message = format!("`{}` is not the login of a person", name.escape_debug());
        return Err(Error { message, location: place(name) });
    }
    Ok(())
}
