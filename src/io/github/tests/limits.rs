//! The reactions to answers.

use super::super::limits::*;
use http::HeaderMap;
use std::time::Duration;
use tokio::time::Instant;

fn reply(status: u16, headers: &[(&'static str, &str)], body: &str) -> Reply {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, value.parse().unwrap());
    }
    Reply { status, headers: map, body: body.as_bytes().to_vec() }
}

fn seconds(reply: &Reply, attempts: u32) -> u64 {
    wait(reply, attempts, 1000).as_secs()
}

#[test]
fn retry_after_wins_then_the_reset_then_a_minute_doubled() {
    let both = [("retry-after", "7"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1050")];
    assert_eq!(seconds(&reply(403, &both, ""), 0), 7);
    assert_eq!(seconds(&reply(403, &both[1..], ""), 0), 51);
    assert_eq!(seconds(&reply(429, &[("x-ratelimit-remaining", "5"), ("x-ratelimit-reset", "1050")], ""), 0), 60);
    assert_eq!(seconds(&reply(429, &[], ""), 2), 240);
}

#[test]
fn a_reset_in_the_past_is_not_waited_for() {
    let past = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "3")];
    assert_eq!(seconds(&reply(403, &past, ""), 0), 1);
    let odd = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "18446744073709551615")];
    assert!(seconds(&reply(403, &odd, ""), 0) > 1 << 60);
}

#[test]
fn a_missing_permission_is_no_limit() {
    let forbidden = reply(403, &[("x-ratelimit-remaining", "4000")], "Resource not accessible by integration");
    assert_eq!(classify_reply(&forbidden, RetryPolicy::Read, 0, 0), Verdict::Take);
}

#[test]
fn words_in_the_data_of_graphql_are_no_limit_and_no_failure() {
    let titles = r#"{"data":{"title":"RATE_LIMITED Something went wrong while executing your query"}}"#;
    assert_eq!(classify_reply(&reply(200, &[], titles), RetryPolicy::Read, 0, 0), Verdict::Take);
    let failed = r#"{"data":null,"errors":[{"message":"Something went wrong while executing your query. Odd."}]}"#;
    assert_eq!(
        classify_reply(&reply(200, &[], failed), RetryPolicy::Read, 0, 0),
        Verdict::Retry(Duration::from_millis(500))
    );
    assert_eq!(classify_reply(&reply(200, &[], failed), RetryPolicy::Once, 0, 0), Verdict::Take);
}

#[test]
fn failures_and_limits_end() {
    assert_eq!(classify_reply(&reply(500, &[], ""), RetryPolicy::Read, RETRIES, 0), Verdict::Take);
    assert_eq!(classify_reply(&reply(429, &[], ""), RetryPolicy::Once, WAITS, 0), Verdict::Take);
}

#[test]
fn twenty_writes_go_at_once_and_the_others_one_a_second() {
    let start = Instant::now();
    let mut pace = Pace::default();
    assert!((0..20).all(|_| pace.next(start).is_zero()));
    assert_eq!(pace.next(start), Duration::from_secs(1));
    assert_eq!(pace.next(start + Duration::from_secs(1)), Duration::from_secs(1));
    assert_eq!(pace.next(start + Duration::from_millis(2400)), Duration::from_millis(600));
    assert!(pace.next(start + Duration::from_secs(60)).is_zero());
}
