//! The ways in which requests fail.

use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};

use crate::fake_github::{Fault, Handle, Seen};

/// How many requests a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// One.
    Once,
    /// That request, however often it is sent in the run.
    Always,
    /// That request and every later one: the run is over, as when it is killed, or GitHub is down.
    Onward,
}

/// A way in which requests fail.
pub struct Kind {
    pub name: String,
    pub fault: Fault,
    pub reach: Reach,
    /// Whether the real program waits half a minute or longer for it: then a sample leaves it out.
    pub slow: bool,
}

/// What makes two requests the same: method and address, the operation and its variables, the check that is written.
type Key = (String, String, Option<String>, Value, Value);

fn key(seen: &Seen) -> Key {
    let body = &seen.body;
    let name = if body["name"].is_null() { body["context"].clone() } else { body["name"].clone() };
    (seen.method.clone(), seen.path.clone(), seen.operation.clone(), body["variables"].clone(), name)
}

impl Kind {
    /// Lets request number `at` fail in this way.
    pub fn strike(&self, fake: &Handle, at: usize) {
        let struck: Mutex<Option<Key>> = Mutex::new(None);
        let always = move |seen: &Seen| {
            let mut struck = struck.lock().unwrap();
            if seen.number == at {
                *struck = Some(key(seen));
            }
            struck.as_ref() == Some(&key(seen))
        };
        match self.reach {
            Reach::Once => fake.fail(1, move |seen| seen.number == at, self.fault.clone()),
            Reach::Always => fake.fail(usize::MAX, always, self.fault.clone()),
            Reach::Onward => fake.fail(usize::MAX, move |seen| seen.number >= at, self.fault.clone()),
        }
    }
}

/// A time long after every test.
const RESET: u64 = 4_102_444_800;

fn denied() -> Fault {
    Fault::Answer { status: 403, body: json!({ "message": "Resource not accessible by integration" }) }
}

fn graph_error(kind: &str, message: &str) -> Fault {
    Fault::Answer { status: 200, body: json!({ "data": null, "errors": [{ "type": kind, "message": message }] }) }
}

fn primary() -> Fault {
    Fault::Primary { status: 403, reset: RESET }
}

fn limit(retry_after: Option<u64>) -> Fault {
    Fault::Secondary { status: 429, retry_after }
}

/// What strikes one request, beside statuses.
fn once() -> Vec<(&'static str, Fault)> {
    let timeout = "Something went wrong while executing your query. This may be the result of a timeout.";
    vec![
        ("reset before", Fault::ResetBefore),
        ("reset after", Fault::ResetAfter),
        ("truncated", Fault::Truncated),
        ("malformed", Fault::Text("{\"data\":")),
        ("empty", Fault::Text("")),
        ("empty before", Fault::TextBefore("")),
        ("{}", Fault::Text("{}")),
        ("{} before", Fault::TextBefore("{}")),
        ("null", Fault::Text("null")),
        ("data null", Fault::TextBefore("{\"data\":null}")),
        ("[] before", Fault::TextBefore("[]")),
        ("primary limit", primary()),
        ("secondary limit", limit(Some(3600))),
        ("short limit", limit(Some(1))),
        ("graphql limit", Fault::GraphqlLimit { reset: RESET }),
        ("graphql timeout", graph_error("", timeout)),
        ("graphql denied", graph_error("FORBIDDEN", "Resource not accessible by integration")),
        ("denied", denied()),
        ("slow", Fault::Slow(Duration::from_millis(20))),
    ]
}

/// All ways.
pub fn all() -> Vec<Kind> {
    let mut all = Vec::new();
    let mut add = |name: &str, fault: Fault, reach: Reach, slow: bool| {
        let end = match reach {
            Reach::Once => "",
            Reach::Always => ", always",
            Reach::Onward => ", from here on",
        };
        all.push(Kind { name: format!("{name}{end}"), fault, reach, slow });
    };
    for status in [401, 403, 404, 409, 422, 500, 502] {
        add(&format!("{status} before"), Fault::Status(status), Reach::Once, false);
        add(&format!("{status} after"), Fault::StatusAfter(status), Reach::Once, false);
    }
    for (name, fault) in once() {
        add(name, fault, Reach::Once, false);
    }
    // Without a time the program waits a minute, and longer each time.
    add("limit without a time", limit(None), Reach::Once, true);
    add("stall before", Fault::Stall { carried_out: false }, Reach::Once, true);
    add("stall after", Fault::Stall { carried_out: true }, Reach::Once, true);
    for (name, fault) in [
        ("403 before", Fault::Status(403)),
        ("404 before", Fault::Status(404)),
        ("422 before", Fault::Status(422)),
        ("502 before", Fault::Status(502)),
        ("502 after", Fault::StatusAfter(502)),
        ("reset before", Fault::ResetBefore),
        ("reset after", Fault::ResetAfter),
        ("malformed", Fault::Text("{\"data\":")),
        ("{} before", Fault::TextBefore("{}")),
        ("denied", denied()),
    ] {
        add(name, fault, Reach::Always, false);
    }
    add("stall before", Fault::Stall { carried_out: false }, Reach::Always, true);
    for (name, fault) in [
        ("401 before", Fault::Status(401)),
        ("502 before", Fault::Status(502)),
        ("reset before", Fault::ResetBefore),
        ("primary limit", primary()),
    ] {
        add(name, fault, Reach::Onward, false);
    }
    all
}
