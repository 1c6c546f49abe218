//! The report on one pull request: the evidence, and what decides beside it.

use super::facts::PullFacts;
use super::{Bot, ReviewSection};
use crate::github::approval::Hold;
use crate::github::content::{Class, Content, Decisive};
use crate::github::decide::BlockUpdate;
use crate::github::facts::PullRequest;
use crate::github::ids::CommitId;
use crate::review::checklist::{self, quoted};
use crate::review::render::{self, Frame};

/// The most paths of a kind that a report names.
const SHOWN: usize = 8;

impl Bot {
    /// Returns its report, for the comment and the summary.
    pub(super) fn section(&self, pull: &PullRequest, facts: &PullFacts, hold: &Hold) -> ReviewSection {
        let reviewed = facts.reviewed.clone().unwrap_or_default();
        let mut review = reviewed.review;
        review.checklist = checklist::points(
            &reviewed.report,
            &pull.checks,
            (&self.reader.request.validate, &self.reader.request.build),
        );
        let names = quoted(&reviewed.touched);
        review.reproduce = vec![
            format!("git fetch origin pull/{}/head && git checkout FETCH_HEAD", pull.number),
            format!("cargo2-bot regenerate --check {names}"),
            format!("cargo2-bot review --base {}", quoted(&[format!("origin/{}", pull.base_ref)])),
        ];
        let mut notes = decisive_notes(facts.content());
        match &facts.update {
            BlockUpdate::Commit(_) => {
                notes.push("The crate list did not match Cargo.lock; a commit on this branch updates it.".into());
            }
            BlockUpdate::Left(why) => {
                notes.push(format!("The crate list does not match Cargo.lock and was not updated: {why}."));
            }
            BlockUpdate::Nothing => {}
        }
        let frame = Frame {
            hold: Some(match hold {
                Hold::Held(why) => render::Hold::Held { why: why.clone() },
                Hold::Released(by) => render::Hold::Released { by: by.clone() },
            }),
            notes,
            links: self.links(&pull.head_sha),
            patches: Vec::new(),
        };
        ReviewSection {
            heading: format!("#{} {}", pull.number, pull.title),
            findings: review.findings.clone(),
            review,
            frame,
        }
    }

    pub(super) fn links(&self, head: &CommitId) -> render::Links {
        render::Links {
            server: Some(self.reader.request.server.clone()),
            repository: Some(self.reader.request.repository.clone()),
            head: Some(head.to_string()),
            crate_page: self.reader.states.crate_page(),
            crate_diff: render::CRATE_DIFF.to_owned(),
            prefix: self.reader.states.prefix().trim_end_matches('/').to_owned(),
        }
    }
}

/// What decides about the hold, beside the evidence: inputs of Rust elements in one line, everything else in one of its own.
fn decisive_notes(content: &Content) -> Vec<String> {
    let (inputs, others): (Vec<&Decisive>, Vec<&Decisive>) =
        content.decisive.iter().partition(|path| matches!(path.class, Class::Input | Class::Element));
    let line = |path: &&Decisive| match path.path.as_str() {
        "" => format!("It is held, because something is not known: {}.", path.why),
        name => format!("`{}` needs a person's approval ({}): {}.", name.escape_debug(), path.class, path.why),
    };
    let mut notes: Vec<String> = others.iter().take(SHOWN).map(line).collect();
    notes.extend(more(others.len()).map(|more| format!("{more} more paths need it.")));
    let changed = content.paths;
    let mut counts = format!("{changed} {} changed, {} harmless", plural(changed), content.harmless_paths());
    if !inputs.is_empty() {
        let names: Vec<String> =
            inputs.iter().take(SHOWN).map(|path| format!("`{}` ({})", path.path.escape_debug(), path.why)).collect();
        let more = more(inputs.len()).map(|more| format!(" and {more} more")).unwrap_or_default();
        counts.push_str(&format!("; approval is needed for {}{more}", names.join(", ")));
    }
    counts.push('.');
    if let Some(id) = content.id() {
        counts.push_str(&format!(" A review approves this content, or the comment `/cargo2 approve {}`.", id.short()));
    }
    notes.push(counts);
    notes
}

/// How many are not shown.
fn more(count: usize) -> Option<usize> {
    count.checked_sub(SHOWN).filter(|more| *more > 0)
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "path" } else { "paths" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(name: &str, class: Class, why: &str) -> Decisive {
        let (path, why) = (name.to_owned(), why.to_owned());
        Decisive { path, class, why, elements: Vec::new(), before: None, after: None }
    }

    #[test]
    fn inputs_are_one_line_and_others_have_their_own() {
        let decisive = vec![
            path("a.bst", Class::Input, "the file of a.bst"),
            path("w.yml", Class::Merges, "it may write contents"),
        ];
        let notes = decisive_notes(&Content { branch: "main".into(), paths: 3, decisive });
        insta::assert_snapshot!(notes.join("\n").split(" A review").next().unwrap(), @r"
        `w.yml` needs a person's approval (file that decides what merges): it may write contents.
        3 paths changed, 3 harmless; approval is needed for `a.bst` (the file of a.bst).
        ");
    }
}
