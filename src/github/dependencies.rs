//! The crates of verified crate lists, as a snapshot for GitHub's dependency graph. All of them or none: a snapshot that lacks some would
//! withdraw the alerts about them.

use crate::cargo2::block::{BlockEntry, Origin};
use crate::encode;
use crate::github::ids::CommitId;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The name under which a newer snapshot takes the place of an older one.
const CORRELATOR: &str = "cargo2-bot";

/// The crates by the file that lists them, from the repository's root.
pub(crate) type Crates = BTreeMap<String, Vec<BlockEntry>>;

/// The commit and the branch that a snapshot is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'a> {
    /// The commit.
    pub sha: &'a CommitId,
    /// The branch.
    pub branch: &'a str,
    /// The folder of the project below the repository's root: a repository may have several.
    pub folder: &'a str,
    /// The run of the workflow, where one is known.
    pub job: &'a str,
}

/// The snapshot, but for the time at which it is sent.
#[must_use]
pub(crate) fn snapshot(crates: &Crates, at: At<'_>) -> Value {
    let manifest = |(file, entries): (&String, &Vec<BlockEntry>)| {
        let resolved: Map<String, Value> = entries.iter().map(dependency).collect();
        (file.clone(), json!({ "name": file, "file": { "source_location": file }, "resolved": resolved }))
    };
    let manifests: Map<String, Value> = crates.iter().map(manifest).collect();
    let correlator = if at.folder.is_empty() { CORRELATOR.to_owned() } else { format!("{CORRELATOR} {}", at.folder) };
    json!({
        "version": 0,
        "sha": at.sha.as_str(),
        "ref": format!("refs/heads/{}", at.branch),
        "job": { "id": at.job, "correlator": correlator },
        "detector": {
            "name": "cargo2-bot", "version": env!("CARGO_PKG_VERSION"), "url": env!("CARGO_PKG_REPOSITORY"),
        },
        "manifests": manifests,
    })
}

/// A crate with its package URL. Which of them the program names itself is not known: its lock does not say.
fn dependency(entry: &BlockEntry) -> (String, Value) {
    let value = encode::url_path;
    let mut purl = format!("pkg:cargo/{}@{}", value(&entry.name), value(&entry.version).replace('+', "%2B"));
    if let Origin::Git { commit, repo, .. } = &entry.from {
        purl.push_str(&format!("?vcs_url={}", url(&format!("git+{repo}@{commit}"))));
    }
    let scope = json!({ "package_url": purl, "scope": "runtime" });
    (purl, scope)
}

/// A text as the value of a qualifier.
fn url(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_crate_has_a_package_url() {
        let entry = |name: &str, version: &str, from| BlockEntry { name: name.into(), version: version.into(), from };
        let registry = || Origin::Registry { sha: "0".into() };
        let git = Origin::Git { commit: "c0".into(), repo: "https://g.example/o/r".into(), query: Vec::new() };
        let entries =
            vec![entry("a", "1.0.0+x-1", registry()), entry("b", "0.2.0", git), entry("a", "2.0.0", registry())];
        let crates = Crates::from([("elements/t.bst".to_owned(), entries)]);
        let sha = CommitId::default();
        let made = snapshot(&crates, At { sha: &sha, branch: "main", folder: "sub", job: "7" });
        let resolved = made["manifests"]["elements/t.bst"]["resolved"].as_object().unwrap();
        let urls: Vec<&str> = resolved.values().map(|of| of["package_url"].as_str().unwrap()).collect();
        assert_eq!(
            urls,
            [
                "pkg:cargo/a@1.0.0%2Bx-1",
                "pkg:cargo/a@2.0.0",
                "pkg:cargo/b@0.2.0?vcs_url=git%2Bhttps%3A%2F%2Fg%2Eexample%2Fo%2Fr%40c0"
            ]
        );
        assert_eq!(
            (made["ref"].as_str(), made["job"]["correlator"].as_str()),
            (Some("refs/heads/main"), Some("cargo2-bot sub"))
        );
    }
}
