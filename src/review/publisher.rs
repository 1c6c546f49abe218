//! Who published the versions of a crate, as the registry's web API has it: `/api/v1/crates/NAME/versions`, and `/owners`.
//!
//! A version is published by a person's token, or by a workflow whose identity the registry checked (trusted publishing). Versions of
//! before this was recorded have neither.

use serde::Deserialize;
use std::collections::BTreeMap;

/// What is known of the publishers of a crate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// Its versions, as far as they were asked for.
    pub versions: BTreeMap<String, PublishedVersion>,
    /// The number of its owners, where that was asked for.
    pub owners: Option<usize>,
}

/// Who published a version, and who withdrew it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedVersion {
    /// Who published it.
    pub by: Publisher,
    /// The commit at which the workflow ran that published it.
    pub commit: Option<String>,
    /// The accounts that withdrew it, by their numbers.
    pub yanked_by: Vec<u64>,
}

/// Who published a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Publisher {
    /// An account, by its number, and its name.
    Account(u64, String),
    /// A workflow of this repository.
    Workflow(String),
    /// It is not recorded.
    Unknown,
}

#[derive(Deserialize)]
struct Versions {
    versions: Vec<Version>,
}

#[derive(Deserialize)]
struct Version {
    num: String,
    published_by: Option<Account>,
    trustpub_data: Option<Workflow>,
    #[serde(default)]
    audit_actions: Vec<Action>,
}

#[derive(Deserialize)]
struct Account {
    id: u64,
    login: String,
}

/// Of GitHub it has `repository`, of GitLab `project_path`.
#[derive(Deserialize)]
struct Workflow {
    #[serde(default)]
    provider: String,
    #[serde(alias = "project_path")]
    repository: Option<String>,
    sha: Option<String>,
}

#[derive(Deserialize)]
struct Action {
    action: String,
    user: Account,
}

#[derive(Deserialize)]
struct Owners {
    users: Vec<serde::de::IgnoredAny>,
}

/// Reads the answer about versions.
///
/// # Errors
/// When it is another one: why.
pub(crate) fn versions(body: &[u8]) -> Result<BTreeMap<String, PublishedVersion>, String> {
    let Versions { versions } = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let version = |version: Version| {
        let commit = version.trustpub_data.as_ref().and_then(|workflow| workflow.sha.clone());
        let by = match (version.trustpub_data, version.published_by) {
            (Some(Workflow { provider, repository, .. }), _) => {
                let repository = repository.unwrap_or_default().to_ascii_lowercase();
                Publisher::Workflow(format!("{provider}:{repository}"))
            }
            (None, Some(Account { id, login })) => Publisher::Account(id, login),
            (None, None) => Publisher::Unknown,
        };
        let yanks = version.audit_actions.into_iter().filter(|action| action.action == "yank");
        (version.num, PublishedVersion { by, commit, yanked_by: yanks.map(|action| action.user.id).collect() })
    };
    Ok(versions.into_iter().map(version).collect())
}

/// Reads the answer about owners: how many there are.
///
/// # Errors
/// When it is another one: why.
pub(crate) fn owners(body: &[u8]) -> Result<usize, String> {
    serde_json::from_slice(body).map(|Owners { users }| users.len()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn publishers_are_people_workflows_or_not_recorded() {
        let body = br#"{"versions":[
            {"num":"1.0.2","published_by":null,"trustpub_data":{"provider":"github","repository":"O/a","run_id":"1","sha":"x"},
             "audit_actions":[]},
            {"num":"1.0.1","published_by":{"id":7,"login":"ann","name":null},"trustpub_data":null,"yanked":true,
             "audit_actions":[{"action":"publish","user":{"id":7,"login":"ann"},"time":"x"},
                              {"action":"yank","user":{"id":8,"login":"ben"},"time":"x"}]},
            {"num":"1.0.0","published_by":null}],"meta":{"total":3}}"#;
        let found = versions(body).unwrap();
        assert_eq!(found["1.0.2"].by, Publisher::Workflow("github:o/a".into()));
        assert_eq!([&found["1.0.2"].commit, &found["1.0.1"].commit], [&Some("x".to_owned()), &None]);
        assert_eq!(
            (&found["1.0.1"].by, &found["1.0.1"].yanked_by[..]),
            (&Publisher::Account(7, "ann".into()), &[8][..])
        );
        assert_eq!(found["1.0.0"].by, Publisher::Unknown);
        assert!(versions(b"{\"errors\":[]}").is_err() && versions(b"<html>").is_err());
        assert_eq!(owners(br#"{"users":[{"id":1},{"id":2,"kind":"team"}]}"#), Ok(2));
        assert!(owners(b"{}").is_err());
    }
}
