//! What the API shows of things: JSON with every field that GitHub's description of the API requires.

mod code;
mod things;

use serde_json::{Map, Value, json};

use super::serve::Call;
use super::state::State;

/// A stable id for a login.
pub(crate) fn user_id(login: &str) -> u64 {
    login.bytes().fold(7, |sum, byte| (sum * 31 + u64::from(byte)) % 90_000_000) + 1000
}

/// A time, as the API writes it.
pub(crate) fn time(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Days since 1 March of the year 0, in eras of 400 years.
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

/// Turns the state into bodies, with addresses as the client reached them.
pub(crate) struct Bodies<'a> {
    pub state: &'a State,
    root: &'a str,
}

impl<'a> Bodies<'a> {
    pub fn new(state: &'a State, call: &'a Call) -> Self {
        Self { state, root: &call.root }
    }

    /// The address of the API as the client reached it.
    pub fn root(&self) -> &str {
        self.root
    }

    /// An address of the API below the repository.
    pub fn api(&self, path: &str) -> String {
        format!("{}/repos/{}{path}", self.root, self.state.full_name())
    }

    /// An address of the web pages below the repository.
    pub fn html(&self, path: &str) -> String {
        format!("https://github.com/{}{path}", self.state.full_name())
    }

    pub fn user(&self, login: &str) -> Value {
        let id = user_id(login);
        let api = format!("{}/users/{}", self.root, login.replace('[', "%5B").replace(']', "%5D"));
        let mut user = Map::new();
        for part in ["followers", "organizations", "received_events", "repos", "subscriptions"] {
            user.insert(format!("{part}_url"), json!(format!("{api}/{part}")));
        }
        for (part, path) in [
            ("events", "events{/privacy}"),
            ("following", "following{/other_user}"),
            ("gists", "gists{/gist_id}"),
            ("starred", "starred{/owner}{/repo}"),
        ] {
            user.insert(format!("{part}_url"), json!(format!("{api}/{path}")));
        }
        let page = match login.strip_suffix("[bot]") {
            Some(app) => format!("https://github.com/apps/{app}"),
            None => format!("https://github.com/{login}"),
        };
        let kind = if login.ends_with("[bot]") { "Bot" } else { "User" };
        let rest = json!({
            "login": login, "id": id, "node_id": format!("U_{id}"), "gravatar_id": "", "site_admin": false, "url": api,
            "avatar_url": format!("https://avatars.githubusercontent.com/u/{id}?v=4"), "html_url": page, "type": kind,
        });
        merged(user, rest)
    }

    /// The repository, or a fork of it.
    pub fn repository(&self, owner: &str) -> Value {
        let state = self.state;
        let full = format!("{owner}/{}", state.name);
        let api = format!("{}/repos/{full}", self.root);
        let mut body = Map::new();
        for part in [
            "contributors",
            "deployments",
            "downloads",
            "events",
            "forks",
            "hooks",
            "languages",
            "merges",
            "stargazers",
            "subscribers",
            "subscription",
            "tags",
            "teams",
        ] {
            body.insert(format!("{part}_url"), json!(format!("{api}/{part}")));
        }
        for (part, path) in TEMPLATES {
            body.insert(format!("{part}_url"), json!(format!("{api}/{path}")));
        }
        for part in ["forks", "open_issues", "watchers", "forks_count", "open_issues_count", "watchers_count", "size"] {
            body.insert(part.into(), json!(0));
        }
        for part in ["stargazers_count", "network_count", "subscribers_count"] {
            body.insert(part.into(), json!(0));
        }
        for part in ["has_issues", "has_projects", "has_wiki", "has_downloads"] {
            body.insert(part.into(), json!(true));
        }
        for part in ["private", "archived", "disabled", "has_pages", "has_discussions"] {
            body.insert(part.into(), json!(false));
        }
        for part in ["description", "homepage", "language", "mirror_url", "license"] {
            body.insert(part.into(), Value::Null);
        }
        for part in ["pushed_at", "created_at", "updated_at"] {
            body.insert(part.into(), json!(time(1_790_000_000)));
        }
        let page = format!("https://github.com/{full}");
        let rest = json!({
            "id": user_id(&full), "node_id": self.repository_id(), "name": state.name, "full_name": full, "url": api,
            "owner": self.user(owner), "html_url": page, "svn_url": page, "clone_url": format!("{page}.git"),
            "git_url": format!("git://github.com/{full}.git"), "ssh_url": format!("git@github.com:{full}.git"),
            "default_branch": state.default_branch, "fork": owner != state.owner, "visibility": "public",
        });
        merged(body, rest)
    }

    pub fn repository_id(&self) -> String {
        format!("R_{}", user_id(&self.state.full_name()))
    }

    /// How an author stands to the repository.
    pub fn association(&self, login: &str) -> &'static str {
        match login {
            _ if login == self.state.owner => "OWNER",
            _ if self.state.may_push(login) => "COLLABORATOR",
            _ => "NONE",
        }
    }
}

const TEMPLATES: [(&str, &str); 23] = [
    ("archive", "{archive_format}{/ref}"),
    ("assignees", "assignees{/user}"),
    ("blobs", "git/blobs{/sha}"),
    ("branches", "branches{/branch}"),
    ("collaborators", "collaborators{/collaborator}"),
    ("comments", "comments{/number}"),
    ("commits", "commits{/sha}"),
    ("compare", "compare/{base}...{head}"),
    ("contents", "contents/{+path}"),
    ("git_commits", "git/commits{/sha}"),
    ("git_refs", "git/refs{/sha}"),
    ("git_tags", "git/tags{/sha}"),
    ("issue_comment", "issues/comments{/number}"),
    ("issue_events", "issues/events{/number}"),
    ("issues", "issues{/number}"),
    ("keys", "keys{/key_id}"),
    ("labels", "labels{/name}"),
    ("milestones", "milestones{/number}"),
    ("notifications", "notifications{?since,all,participating}"),
    ("pulls", "pulls{/number}"),
    ("releases", "releases{/id}"),
    ("statuses", "statuses/{sha}"),
    ("trees", "git/trees{/sha}"),
];

/// Both objects in one.
pub(crate) fn merged(mut one: Map<String, Value>, two: Value) -> Value {
    if let Value::Object(two) = two {
        one.extend(two);
    }
    Value::Object(one)
}
