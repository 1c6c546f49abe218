//! Commands of people, and tokens of other kinds.

use super::{BRANCH, Event, Scenario, TRACKER_BOT, by_anybody, everything, of_pull, pull, right};
use crate::fake_github::{Access, Handle, Token};
use crate::stage::{Bot, Stage};
use crate::world::{HOLD, payload_of_comment};

const PERSON: Bot = Bot { token: "pat", draft: false };
const UNCHECKED: Bot = Bot { token: "unchecked", draft: false };

pub const ALL: &[Scenario] = &[
    Scenario {
        done: Some(|fake| fake.head(BRANCH).is_some_and(|sha| right(fake, &sha))),
        ..Scenario::app("a command regenerates a block", |stage| {
            let number = pull(stage, "", 1, 0, "bob");
            said(stage, number, "ann", "/cargo2 regenerate")
        })
    },
    Scenario {
        done: Some(is_checked),
        ..Scenario::app("a command looks again", |stage| {
            let number = pull(stage, "", 1, 1, TRACKER_BOT);
            said(stage, number, "ann", "/cargo2 recheck")
        })
    },
    Scenario {
        done: Some(is_released),
        ..Scenario::app("a command approves", |stage| {
            let number = pull(stage, "", 1, 1, TRACKER_BOT);
            stage.run(&of_pull(number));
            let id = content_id(stage, number);
            said(stage, number, "ann", &format!("/cargo2 approve {id}"))
        })
    },
    Scenario::app("a stranger's command is not carried out", |stage| {
        let number = pull(stage, "", 1, 0, "bob");
        said(stage, number, "mallory", "/cargo2 regenerate")
    }),
    Scenario::app("a command that nobody knows is answered", |stage| {
        let number = pull(stage, "", 1, 0, "bob");
        said(stage, number, "ann", "/cargo2 dance")
    }),
    Scenario {
        bot: PERSON,
        ..Scenario::app("a person's token holds by statuses", |stage| {
            by_anybody(stage);
            pull(stage, "", 1, 1, TRACKER_BOT);
            everything()
        })
    },
    Scenario {
        bot: PERSON,
        ..Scenario::app("a person's token releases by statuses", |stage| {
            by_anybody(stage);
            let number = pull(stage, "", 1, 1, TRACKER_BOT);
            stage.run(&everything());
            stage.approve_now(number);
            of_pull(number)
        })
    },
    Scenario {
        bot: UNCHECKED,
        ..Scenario::app("a token without checks holds by statuses", |stage| {
            unchecked(stage);
            pull(stage, "", 1, 1, TRACKER_BOT);
            everything()
        })
    },
    Scenario {
        bot: UNCHECKED,
        ..Scenario::app("a token without checks releases by statuses", |stage| {
            unchecked(stage);
            let number = pull(stage, "", 1, 1, TRACKER_BOT);
            stage.run(&everything());
            stage.approve_now(number);
            of_pull(number)
        })
    },
];

/// An App that may not write check runs.
fn unchecked(fake: &Handle) {
    fake.token("unchecked", Token::app("cargo2", 4242).with("checks", Access::Read));
}

/// Somebody comments.
fn said(stage: &Stage, number: u64, who: &str, body: &str) -> Event {
    let id = stage.comment(number, who, body);
    ("issue_comment", payload_of_comment(number, id, who, body))
}

/// The id by which the bot's comment lets people approve. A bot that names none is given one that is no content's.
fn content_id(stage: &Stage, number: u64) -> String {
    let bodies: String = stage.comments(number).into_iter().map(|comment| comment.body).collect();
    let after = bodies.split("/cargo2 approve ").nth(1).unwrap_or_default();
    let id: String = after.chars().take_while(char::is_ascii_hexdigit).collect();
    if id.is_empty() { "0".repeat(32) } else { id }
}

fn is_checked(fake: &Handle) -> bool {
    fake.head(BRANCH).is_some_and(|sha| fake.checks(&sha).iter().any(|run| run.name == HOLD))
}

fn is_released(fake: &Handle) -> bool {
    let passes = |sha: &str| {
        fake.checks(sha).iter().any(|run| run.name == HOLD && run.conclusion.as_deref() == Some("success"))
            || fake.statuses(sha).iter().any(|status| status.context == HOLD && status.state == "success")
    };
    fake.head(BRANCH).is_some_and(|sha| passes(&sha))
}
