//! Prow's commands in comments. Pure.
//!
//! Prow reads a command on any line. What releases has to be clear to everybody who reads the comment, so it is read at its
//! beginning alone, where no quote, block of code or list can be around it; what holds is read anywhere.

/// The labels by which Prow holds a pull request.
pub(crate) const HOLDING: [&str; 2] = ["do-not-merge/hold", "hold"];

/// The labels that Prow sets for its two approvals.
pub(crate) const LGTM: &str = "lgtm";
/// See [`LGTM`].
pub(crate) const APPROVED: &str = "approved";

/// A command that is about approvals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// `/lgtm`.
    Lgtm,
    /// `/lgtm cancel`, `/remove-lgtm`.
    LgtmCancel,
    /// `/approve`.
    Approve,
    /// `/approve cancel`, `/remove-approve`.
    ApproveCancel,
    /// `/hold`.
    Hold,
    /// `/unhold`, `/hold cancel`, `/remove-hold`.
    Unhold,
}

/// The commands at the beginning of a comment: each is a line of its own, and before it are only lines with commands.
#[must_use]
pub(crate) fn leading(body: &str) -> Vec<Word> {
    let lines = body.lines().map(str::trim_end).filter(|line| !line.is_empty());
    lines.take_while(|line| line.starts_with('/')).filter_map(word).collect()
}

/// The commands at the beginning of any line of a comment, whatever is around it.
#[must_use]
pub(crate) fn anywhere(body: &str) -> Vec<Word> {
    body.lines().filter_map(word).collect()
}

/// The command on a line.
fn word(line: &str) -> Option<Word> {
    let line = line.to_ascii_lowercase();
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    match words[..] {
        ["/lgtm"] | ["/lgtm", "no-issue"] => Some(Word::Lgtm),
        ["/lgtm", "cancel", ..] | ["/remove-lgtm", ..] => Some(Word::LgtmCancel),
        ["/approve"] | ["/approve", "no-issue"] => Some(Word::Approve),
        ["/approve", "cancel", ..] | ["/remove-approve", ..] => Some(Word::ApproveCancel),
        ["/unhold" | "/remove-hold", ..] | ["/hold", "cancel", ..] => Some(Word::Unhold),
        ["/hold", ..] => Some(Word::Hold),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_releases_is_at_the_beginning_and_alone_on_its_line() {
        assert_eq!(leading("/lgtm\r\n/approve no-issue\r\n\r\nThank you!\r\n/hold"), [Word::Lgtm, Word::Approve]);
        assert_eq!(leading("/retest\n\n/LGTM  \n"), [Word::Lgtm]);
        for none in [
            "/lgtm!",
            "/lgtmx",
            "/lgtm thanks",
            "Nice\n/lgtm",
            "> /lgtm",
            " /lgtm",
            "    /lgtm",
            "```\n/lgtm\n```",
            "<!--\n/lgtm\n-->",
            "- x\n/lgtm",
            "",
            "lgtm",
        ] {
            assert_eq!(leading(none), [], "{none}");
        }
    }

    #[test]
    fn what_holds_is_found_wherever_it_is() {
        for hold in ["/hold", "Wait!\n/hold", "/hold until Monday", "```\n/HOLD\n```", "/lgtm\n /hold"] {
            assert!(anywhere(hold).contains(&Word::Hold), "{hold}");
        }
        assert_eq!(anywhere("so\n/lgtm cancel\n/remove-approve"), [Word::LgtmCancel, Word::ApproveCancel]);
        assert_eq!(leading("/unhold\n/hold cancel\n/remove-hold"), [Word::Unhold; 3]);
        for none in ["hold the door", "> /hold", "please /hold"] {
            assert_eq!(anywhere(none), [], "{none}");
        }
    }
}
