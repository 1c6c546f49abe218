#![no_main]
//! No payload of an event makes the bot panic, and no other comment gives a command.

use libfuzzer_sys::fuzz_target;

const EVENTS: [&str; 8] = [
    "workflow_run",
    "pull_request",
    "pull_request_target",
    "pull_request_review",
    "issue_comment",
    "merge_group",
    "push",
    "workflow_dispatch",
];

fuzz_target!(|input: (u8, &str)| {
    let (choice, payload) = input;
    cargo2_bot::fuzzing::event(EVENTS[usize::from(choice) % EVENTS.len()], payload);
});
