//! Limits and failures that are waited for, by a clock that the tests pause: a service answers in place of the network.

use super::super::error::GitHubError;
use super::*;
use crate::github::ids::PullNumber;
use crate::github::plan::{Action, WriteComment};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use std::collections::VecDeque;
use tokio::time::Instant;
use tower::service_fn;

/// An answer: status, headers and body. None cuts the connection.
type Scripted = Option<(u16, &'static [(&'static str, &'static str)], &'static str)>;

const LIMIT: &[(&str, &str)] = &[("retry-after", "600")];
/// The commit of the branch.
const ABC: &str = "abc0000000000000000000000000000000000000";

const DONE: Scripted = Some((200, &[], r#"{"object":{"sha":"abc0000000000000000000000000000000000000"}}"#));

/// GitHub as a service that answers by a script, and the moments at which it got a request, in seconds from now.
fn scripted(script: Vec<Scripted>, budget: u64) -> (GitHub, Arc<Mutex<Vec<u64>>>) {
    let (begin, moments) = (Instant::now(), Arc::new(Mutex::new(Vec::new())));
    let (script, times) = (Arc::new(Mutex::new(VecDeque::from(script))), moments.clone());
    let exchange = service_fn(move |request: http::Request<Full<Bytes>>| {
        assert_eq!(request.uri().host(), Some("api.example"));
        times.lock().unwrap().push(begin.elapsed().as_secs());
        let next = script.lock().unwrap().pop_front().expect("one more request than the script has answers");
        async move {
            let (status, headers, body) = next.ok_or("connection reset")?;
            let answer = http::Response::builder().status(status);
            let answer = headers.iter().fold(answer, |answer, (name, value)| answer.header(*name, *value));
            Ok(answer.body(Full::new(Bytes::from(body)).map_err(|never| match never {}).boxed()).unwrap())
        }
    });
    let connection = Connection {
        api: "https://api.example".to_owned(),
        graphql: "https://api.example/graphql".to_owned(),
        repository: "o/r".to_owned(),
        budget: Duration::from_secs(budget),
        ..Connection::default()
    };
    (GitHub::over(connection, Exchange::new(exchange)).unwrap(), moments)
}

#[tokio::test(start_paused = true)]
async fn a_limit_is_waited_for_as_long_as_it_says() {
    let (github, moments) = scripted(vec![Some((429, LIMIT, "{}")), Some((403, LIMIT, "{}")), DONE], 1200);
    assert_eq!(github.branch("main").await.unwrap(), CommitId::parse(ABC).ok());
    assert_eq!(*moments.lock().unwrap(), [0, 600, 1200]);
}

#[tokio::test(start_paused = true)]
async fn a_limit_without_a_time_is_waited_for_a_minute_doubled() {
    let limit = || Some((429, &[][..], "{}"));
    let (github, moments) = scripted(vec![limit(), limit(), limit(), DONE], 60 + 120 + 240);
    assert_eq!(github.branch("main").await.unwrap(), CommitId::parse(ABC).ok());
    assert_eq!(*moments.lock().unwrap(), [0, 60, 180, 420]);
}

#[tokio::test(start_paused = true)]
async fn failures_are_outlasted_with_growing_waits_until_there_were_too_many() {
    let failed = Some((502, &[][..], "{}"));
    let (github, moments) = scripted(vec![None, failed, None, failed, failed, DONE], 60);
    let error = github.branch("main").await.unwrap_err();
    assert!(matches!(error, GitHubError::Rejected { status: 502, .. }), "{error}");
    assert_eq!(*moments.lock().unwrap(), [0, 0, 1, 3, 7], "after 0.5, 1, 2 and 4 seconds");
    assert_eq!(github.requests(), (5, 0));
}

#[tokio::test(start_paused = true)]
async fn writes_follow_each_other_slowly_and_none_is_sent_twice() {
    let mut script: Vec<Scripted> = vec![Some((201, &[], r#"{"id":7}"#)); 22];
    script.push(None);
    let (github, moments) = scripted(script, 600);
    let mut publisher = github.publisher();
    let comment = Action::Comment(WriteComment { number: PullNumber(1), id: None, body: "text".to_owned() });
    for _ in 0..22 {
        publisher.publish(&comment).await.unwrap();
    }
    let error = publisher.publish(&comment).await.unwrap_err();
    assert!(matches!(error, GitHubError::Unreachable { perhaps_done: true, .. }), "{error}");
    let moments = moments.lock().unwrap();
    assert_eq!((moments.len(), &moments[19..]), (23, [0, 1, 2, 3].as_slice()));
}
