//! Where the token goes.

use super::super::error::GitHubError;
use super::*;

#[tokio::test]
async fn the_token_is_not_sent_to_another_host() {
    let other = Server::start(vec![branch_at("evil")]);
    // The same machine under another name, and another port.
    for location in [format!("{}/x", other.root), other.root.replace("http://", "//"), "https://127.0.0.1/x".to_owned()]
    {
        let redirect = answer("301 Moved Permanently", &format!("Location: {location}\r\n"), "");
        let server = Server::start(vec![redirect, branch_at("abc")]);
        let error = server.connect().branch("main").await.unwrap_err();
        assert!(error.to_string().contains("another host"), "{error}");
        assert_eq!(server.seen().len(), 1);
    }
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn the_token_is_in_no_text() {
    let echo = format!(r#"{{"message":"bad {TOKEN}","errors":["and {TOKEN}"]}}"#);
    let server = Server::start(vec![
        answer("422 Unprocessable", "", &echo),
        answer("403 Forbidden", "", &echo),
        answer("301 Moved", &format!("Location: https://elsewhere/{TOKEN}\r\n"), ""),
        ok(&format!(r#"{{"object":"{TOKEN}"}}"#)),
    ]);
    let github = server.connect();
    for _ in 0..4 {
        let error = github.branch("main").await.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(!text.contains(TOKEN), "{text}");
    }
    let proxy = Some(format!("http://me:{TOKEN}@127.0.0.1:1"));
    let connection = Connection { token: Token::new(TOKEN), proxy, ..Connection::default() };
    let texts = format!("{github:?} {:?} {connection:?} {connection:#?}", github.publisher());
    assert!(!texts.contains(TOKEN), "{texts}");
}

#[tokio::test]
async fn without_a_token_none_is_sent() {
    let server = Server::start(vec![branch_at("abc")]);
    let connection = Connection {
        api: server.root.clone(),
        graphql: format!("{}/graphql", server.root),
        token: Token::new(" \n"),
        repository: "o/r".to_owned(),
        budget: Duration::ZERO,
        ..Connection::default()
    };
    GitHub::connect(connection).unwrap().branch("main").await.unwrap();
    assert!(!server.seen()[0].contains("authorization"));
}

#[tokio::test]
async fn what_cannot_be_right_is_refused_before_anything_is_sent() {
    let good = Connection {
        api: "https://api.example".to_owned(),
        graphql: "https://api.example/graphql".to_owned(),
        token: None,
        repository: "o/r".to_owned(),
        budget: Duration::ZERO,
        ..Connection::default()
    };
    let bad = [
        Connection { api: "file:///etc".to_owned(), ..good.clone() },
        Connection { api: "https://u:p@api.example".to_owned(), ..good.clone() },
        Connection { graphql: "graphql".to_owned(), ..good.clone() },
        Connection { repository: "o".to_owned(), ..good.clone() },
        Connection { repository: "o/..".to_owned(), ..good.clone() },
        Connection { repository: "o/r/x".to_owned(), ..good.clone() },
        Connection { repository: "o/r?x".to_owned(), ..good.clone() },
        Connection { token: Token::new("a\nb"), ..good.clone() },
        Connection { proxy: Some("socks5://u:p@127.0.0.1:1".to_owned()), ..good.clone() },
    ];
    for connection in bad {
        let error = GitHub::connect(connection).unwrap_err();
        assert!(matches!(error, GitHubError::Setup { .. }), "{error}");
        assert!(!error.to_string().contains("u:p"), "{error}");
    }
    assert!(GitHub::connect(good).is_ok());
}

#[tokio::test]
async fn the_api_is_reached_through_the_proxy_and_the_proxy_gets_no_token() {
    let proxy = Server::start(vec![answer("403 Forbidden", "", ""), answer("403 Forbidden", "", "")]);
    let connection = Connection {
        api: "https://api.example".to_owned(),
        graphql: "https://api.example/graphql".to_owned(),
        token: Token::new(TOKEN),
        repository: "o/r".to_owned(),
        budget: Duration::ZERO,
        unpaced: true,
        proxy: Some(proxy.root.clone()),
        no_proxy: vec!["elsewhere.example".to_owned()],
    };
    let error = GitHub::connect(connection).unwrap().branch("main").await.unwrap_err();
    assert!(matches!(error, GitHubError::Unreachable { perhaps_done: false, .. }), "{error}");
    let seen = proxy.seen();
    assert!(seen[0].starts_with("connect api.example:443 http/1.1"), "{seen:?}");
    assert!(!seen[0].contains("authorization"), "{seen:?}");
}

#[tokio::test]
async fn a_host_that_is_reached_without_the_proxy_is() {
    let (proxy, server) = (Server::start(Vec::new()), Server::start(vec![branch_at("abc")]));
    let connection = Connection {
        api: server.root.clone(),
        graphql: format!("{}/graphql", server.root),
        repository: "o/r".to_owned(),
        proxy: Some(proxy.root.clone()),
        no_proxy: vec!["127.0.0.1".to_owned()],
        ..Connection::default()
    };
    let github = GitHub::connect(connection).unwrap();
    assert_eq!(github.branch("main").await.unwrap(), Some(CommitId::of("abc")));
    assert!(proxy.seen().is_empty());
}
