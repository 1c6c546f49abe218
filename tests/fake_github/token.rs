//! Who sends a request, and what it may do.

use std::collections::BTreeMap;

/// What a token may do in one area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    None,
    Read,
    Write,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Workflow,
    App,
    User,
}

/// An account with permissions. The areas are those of GitHub's permission names.
#[derive(Clone, Debug)]
pub struct Token {
    pub(crate) kind: Kind,
    /// As REST shows it.
    pub(crate) login: String,
    /// Of the app; `github-actions` for the workflow token, empty for a user.
    pub(crate) app: String,
    pub(crate) app_id: u64,
    pub(crate) access: BTreeMap<&'static str, Access>,
}

const AREAS: [&str; 8] =
    ["administration", "checks", "contents", "issues", "metadata", "pull_requests", "statuses", "workflows"];

impl Token {
    fn new(kind: Kind, login: String, app: &str, app_id: u64) -> Self {
        Self { kind, login, app: app.into(), app_id, access: AREAS.map(|area| (area, Access::Write)).into() }
    }

    /// The workflow's own token with everything that it can be given: neither administration nor workflows.
    pub fn workflow() -> Self {
        let token = Self::new(Kind::Workflow, "github-actions[bot]".into(), "github-actions", 15368);
        token.without("administration").without("workflows")
    }

    /// An App's installation token, with all permissions but administration.
    pub fn app(slug: &str, id: u64) -> Self {
        Self::new(Kind::App, format!("{slug}[bot]"), slug, id).without("administration")
    }

    /// A person's token with all scopes: it cannot write check runs.
    pub fn user(login: &str) -> Self {
        Self::new(Kind::User, login.into(), "", 0)
    }

    /// The same token with this access to an area.
    #[must_use]
    pub fn with(mut self, area: &str, access: Access) -> Self {
        let area = AREAS.into_iter().find(|known| *known == area).expect("an area that is known");
        self.access.insert(area, access);
        self
    }

    #[must_use]
    pub fn without(self, area: &str) -> Self {
        self.with(area, Access::None)
    }

    /// The same token without any right to write.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        for access in self.access.values_mut() {
            *access = (*access).min(Access::Read);
        }
        self
    }

    pub(crate) fn may(&self, area: &str, wanted: Access) -> bool {
        self.access.get(area).is_some_and(|has| *has >= wanted)
    }
}
