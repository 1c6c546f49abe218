//! The fake GitHub of the tests, judged by itself and by GitHub's published schemas.
#![allow(missing_docs, clippy::unwrap_used, clippy::disallowed_methods)]

#[path = "fake_github_tests/client.rs"]
mod client;
#[path = "fake_github/mod.rs"]
mod github;

use client::Client;
use github::Fake;
use serde_json::json;

#[test]
fn a_pull_request_lives_and_dies_with_its_branch() {
    let fake = Fake::new();
    let client = Client::new(&fake, "workflow");
    let first = fake.commit("bump", &[("a.bst", Some("kind: cargo2\n"))], "tracker[bot]");
    let number = fake.open_pull("bump", "main", "tracker[bot]", "Bump a");
    let pull = client.get(&format!("/pulls/{number}"));
    assert_eq!((pull.status, &pull.body["head"]["sha"]), (200, &json!(first)));
    let second = fake.commit("bump", &[("b.bst", Some("kind: cargo2\n"))], "human");
    let files = client.get(&format!("/pulls/{number}/files"));
    assert_eq!(files.texts("filename"), ["a.bst", "b.bst"]);
    assert_eq!(client.get(&format!("/commits/{second}/check-runs")).body["total_count"], 0);
    fake.reset("bump", "main");
    assert_eq!(client.get(&format!("/pulls/{number}")).body["state"], "closed");
    assert_eq!(fake.unknown(), Vec::<String>::new());
}
