//! A case: what is fed, what must happen, and whether it did.

use crate::lab::{Ended, Lab};

/// What must happen. Each text is a part of what is said.
pub enum Must {
    /// A finding of this rule, with this text, exit code 3, and no file changes.
    Find(&'static str, &'static str),
    /// The command is refused before it begins: exit code 2, this text on standard error, and no file changes.
    Refuse(&'static str),
    /// The run fails: exit code 1, this text on standard error, and no file changes.
    Fail(&'static str),
    /// All is well in spite of what is fed: exit code 0, and this text on standard output.
    Pass(&'static str),
    /// The pull request is held, and this text is in what people read.
    Hold(&'static str),
    /// The pull request is released, and this text is in what people read.
    Release(&'static str),
    /// Nothing is sent that changes anything on GitHub, exit code 0, and this text on standard output.
    Ignore(&'static str),
}

/// A table of cases: a test for each, and their names.
macro_rules! cases {
    ($($name:ident: $fed:literal => $must:expr, $feed:expr;)*) => {
        /// The name of each case, and what it feeds.
        pub const CASES: &[(&str, &str)] = &[$((concat!(module_path!(), "::", stringify!($name)), $fed)),*];

        $(
            #[test]
            fn $name() {
                let feed: fn(&$crate::lab::Lab) -> $crate::lab::Ended = $feed;
                $crate::case::holds($fed, &$must, feed);
            }
        )*
    };
}

/// Feeds it, and asserts that what must happen is what happens.
#[track_caller]
pub fn holds(fed: &str, must: &Must, feed: fn(&Lab) -> Ended) {
    let lab = Lab::new();
    let ended = feed(&lab);
    lab.no_secret_is_out(&ended);
    let shown = || {
        format!(
            "{fed}\ncode {:?}\n{}\n{}\n{:?}",
            (ended.code, ended.held),
            cut(&ended.out),
            cut(&ended.err),
            ended.changed
        )
    };
    let unchanged = ended.changed.is_empty();
    let right = match must {
        Must::Find(rule, text) => {
            let said = ended.out.contains(&format!("error[{rule}]: ")) && ended.out.contains(text);
            said && ended.code == Some(3) && unchanged
        }
        Must::Refuse(text) => ended.code == Some(2) && ended.err.contains(text) && unchanged,
        Must::Fail(text) => ended.code == Some(1) && ended.err.contains(text) && unchanged,
        Must::Pass(text) => ended.code == Some(0) && ended.out.contains(text),
        Must::Hold(text) => ended.held == Some(true) && ended.out.contains(text),
        Must::Release(text) => ended.held == Some(false) && ended.out.contains(text),
        Must::Ignore(text) => ended.code == Some(0) && ended.writes.is_empty() && ended.out.contains(text),
    };
    assert!(right, "{}", shown());
    assert!(!ended.err.contains("panicked at"), "{}", shown());
}

/// The beginning of a text, for messages of failed tests.
fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(3000)]
}
