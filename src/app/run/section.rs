//! The report on one pull request: the evidence, and what decides beside it.

use super::facts::PullFacts;
use super::{Bot, ReviewSection};
use crate::github::approval::Hold;
use crate::github::base::is_own;
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
        let content = facts.content();
        let mut notes = Vec::new();
        match &facts.update {
            BlockUpdate::Commit(_) => {
                notes.push("The crate list did not match Cargo.lock; a commit on this branch updates it.".into());
            }
            BlockUpdate::Left(why) => {
                notes.push(format!("The crate list does not match Cargo.lock and was not updated: {why}."));
            }
            BlockUpdate::Nothing => {}
        }
        if let Hold::Promoted(promotion) = hold {
            notes.extend(promotion.lines());
        }
        notes.extend(self.left_to(pull, &reviewed.touched));
        let frame = Frame {
            hold: Some(match hold {
                Hold::Held(why) => {
                    render::Hold::Held { why: why.clone(), approve: content.id().map(|id| id.short().to_string()) }
                }
                Hold::Released(by) => render::Hold::Released { by: by.clone() },
                Hold::Promoted(promotion) => render::Hold::Promoted { what: promotion.to_string() },
            }),
            reasons: reasons(content),
            bundle: facts.bundle.clone(),
            notes,
            looked: looked(content),
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

    /// Says that the bot tracks these elements itself and waits for this pull request of another bot.
    fn left_to(&self, pull: &PullRequest, touched: &[String]) -> Option<String> {
        let reader = &self.reader;
        let other = pull.author.bot && !is_own(pull, &reader.request.repository, &reader.overview.viewer);
        let workspace = reader.states.opened().filter(|_| other)?;
        let tracked: Vec<&String> = touched.iter().filter(|name| workspace.config.tracks(name)).collect();
        let names: Vec<String> = tracked.iter().map(|name| format!("`{}`", name.escape_debug())).collect();
        let waits = "while this pull request is open, they are left to it";
        (!names.is_empty()).then(|| format!("cargo2-bot tracks {} itself (`track: true`); {waits}.", names.join(", ")))
    }

    pub(super) fn links(&self, head: &CommitId) -> render::Links {
        render::Links {
            server: Some(self.reader.request.server.clone()),
            repository: Some(self.reader.request.repository.clone()),
            head: Some(head.to_string()),
            crate_page: self.reader.states.crate_page(),
            crate_diff: render::CRATE_DIFF.to_owned(),
            docs: render::DOCS.to_owned(),
            prefix: self.reader.states.prefix().trim_end_matches('/').to_owned(),
        }
    }
}

/// What decides about the hold beside inputs of Rust elements, a sentence each.
fn reasons(content: &Content) -> Vec<String> {
    let others: Vec<&Decisive> = content.decisive.iter().filter(|path| !is_input(path)).collect();
    let line = |path: &&Decisive| match path.path.as_str() {
        "" => format!("It is held, because something is not known: {}", path.why),
        name => format!("`{}` needs a person's approval ({}): {}", name.escape_debug(), path.class, path.why),
    };
    let mut lines: Vec<String> = others.iter().take(SHOWN).map(line).collect();
    lines.extend(more(others.len()).map(|more| format!("{more} more paths need it")));
    lines
}

/// How many paths were looked at, and which of them are inputs of Rust elements.
fn looked(content: &Content) -> Vec<String> {
    let changed = content.paths;
    let inputs: Vec<&Decisive> = content.decisive.iter().filter(|path| is_input(path)).collect();
    let mut lines = vec![format!("{changed} {} changed, {} harmless", plural(changed), content.harmless_paths())];
    let names = inputs.iter().take(SHOWN).map(|path| format!("`{}`: {}", path.path.escape_debug(), path.why));
    lines.extend(names);
    lines.extend(more(inputs.len()).map(|more| format!("{more} more inputs of Rust elements")));
    lines
}

const fn is_input(path: &Decisive) -> bool {
    matches!(path.class, Class::Input | Class::Element)
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
    fn what_decides_beside_rust_comes_first_and_inputs_are_listed() {
        let decisive = vec![
            path("a.bst", Class::Input, "the file of a.bst"),
            path("w.yml", Class::Merges, "it may write contents"),
        ];
        let content = Content { branch: "main".into(), paths: 3, decisive };
        insta::assert_snapshot!(reasons(&content).join("\n"), @"`w.yml` needs a person's approval (file that decides what merges): it may write contents");
        insta::assert_snapshot!(looked(&content).join("\n"), @r"
        3 paths changed, 3 harmless
        `a.bst`: the file of a.bst
        ");
    }
}
