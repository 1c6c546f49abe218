//! The adapter against a GitHub with state: what it reads is what is there, and what it writes is there afterwards.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "fake_github/mod.rs"]
mod fake_github;
#[path = "github_adapter/history.rs"]
mod history;
#[path = "github_adapter/live.rs"]
mod live;
#[path = "github_adapter/reading.rs"]
mod reading;
#[path = "github_adapter/writing.rs"]
mod writing;

use cargo2_bot::io::github::{Connection, GitHub, Token};
use fake_github::Fake;
use std::time::Duration;

fn connect(fake: &Fake, token: &str) -> GitHub {
    GitHub::connect(connection(fake, token)).unwrap()
}

fn connection(fake: &Fake, token: &str) -> Connection {
    Connection {
        api: fake.api_url(),
        graphql: fake.graphql_url(),
        token: Token::new(token),
        repository: "owner/name".to_owned(),
        budget: Duration::from_secs(20),
        ..Connection::default()
    }
}

/// A repository with one pull request from the branch `track`, which changes `a.bst`.
fn with_pull() -> (Fake, u64) {
    let fake = Fake::new();
    fake.commit("main", &[("a.bst", Some("a: 1\n"))], "owner");
    fake.commit("track", &[("a.bst", Some("a: 2\n"))], "tracker");
    let number = fake.open_pull("track", "main", "tracker", "Track a");
    (fake, number)
}
