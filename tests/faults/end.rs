//! What runs left, without what differs from time to time: two ways to the same end leave the same.

use std::collections::{BTreeMap, BTreeSet};

use crate::fake_github::{Handle, Pull};

/// What is there when the bot is done.
#[derive(Clone, Debug, Default)]
pub struct End {
    lines: Vec<String>,
    /// The summaries of check runs. A token that may write none leaves none: what both ends have must be the same.
    summaries: BTreeMap<String, String>,
    /// Who was asked for a review. While it was not known what a pull request touches, more people may have been.
    asked: BTreeMap<String, BTreeSet<String>>,
}

impl End {
    pub fn of(fake: &Handle) -> Self {
        let mut end = Self::default();
        let pulls = fake.pulls();
        for (at, pull) in pulls.iter().enumerate() {
            let earlier = pulls[..at].iter().filter(|other| other.head_ref == pull.head_ref).count();
            end.pull(fake, pull, &format!("{} ({earlier})", pull.head_ref));
        }
        for name in fake.branches().into_iter().filter(|name| !name.starts_with("gh-readonly-queue/")) {
            let head = fake.head(&name).unwrap_or_default();
            end.lines.push(format!("{name}: {} {:?}", tree(fake, &head), message(fake, &head)));
        }
        let queued: Vec<_> = fake.inspect(|state| state.queues.values().flatten().cloned().collect());
        for entry in queued {
            end.lines.push(format!("the group of #{}", entry.pull));
            end.checks(fake, &format!("group {}", entry.pull), &entry.head);
        }
        end.lines.sort();
        end
    }

    /// A pull request, by its branch: which of two is opened first depends on what fails.
    fn pull(&mut self, fake: &Handle, pull: &Pull, place: &str) {
        let Pull { number, open, merged, draft, auto_merge, queued, title, body, .. } = pull;
        self.lines.push(format!(
            "{place} {title:?} open {open} merged {merged} draft {draft} auto-merge {auto_merge} queued {queued} into {} labels {:?} \
             \n{}",
            pull.base_ref,
            pull.labels,
            without_ids(body)
        ));
        self.asked.insert(place.to_owned(), pull.asked_users.iter().chain(&pull.asked_teams).cloned().collect());
        for comment in fake.comments(*number) {
            // One that is closed is looked at no more: what is said of it is as old as it was then.
            if !open && comment.body.starts_with("<!-- cargo2-bot") {
                continue;
            }
            let reactions = fake.reactions(comment.id);
            let lines = comment.body.lines().filter(|line| !line.starts_with("<!-- cargo2-bot requested: "));
            let body = lines.collect::<Vec<_>>().join("\n");
            let body = without_ids(&body).replace(&format!("pull/{number}/"), "pull/#/");
            self.lines.push(format!("{place} {}: {body} {reactions:?}", comment.author));
        }
        if *open {
            self.checks(fake, place, &pull.head_sha);
        }
    }

    /// All that the checks at a commit say, whether as runs or as statuses: a token that may write no runs writes statuses, and
    /// where both are there they have to agree.
    fn checks(&mut self, fake: &Handle, place: &str, sha: &str) {
        let mut all: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
        let cut = |text: &str| without_ids(text).chars().take(100).collect::<String>();
        let mut newest: BTreeMap<String, (String, String)> = BTreeMap::new();
        for run in fake.checks(sha) {
            self.summaries.insert(format!("{place} {}", run.name), without_ids(&run.summary.unwrap_or_default()));
            newest.insert(run.name, (run.conclusion.unwrap_or_default(), cut(&run.title.unwrap_or_default())));
        }
        let statuses = fake.statuses(sha).into_iter().map(|status| {
            let state = if status.state == "pending" { "action_required".to_owned() } else { status.state };
            (status.context, (state, cut(&status.description.unwrap_or_default())))
        });
        for (name, says) in newest.into_iter().chain(statuses) {
            all.entry(name).or_default().insert(says);
        }
        self.lines.push(format!("{place} {all:?}"));
    }

    /// What is there in one of the two ends alone. None where there is nothing.
    pub fn differs(&self, other: &Self) -> Option<String> {
        let only = |one: &[String], two: &[String], sign: &str| {
            let lines = one.iter().filter(|line| !two.contains(line));
            lines.map(|line| format!("{sign} {line}")).collect::<Vec<_>>()
        };
        let mut all = only(&self.lines, &other.lines, "+");
        all.extend(only(&other.lines, &self.lines, "-"));
        for (place, summary) in &self.summaries {
            if let Some(wanted) = other.summaries.get(place).filter(|wanted| *wanted != summary) {
                all.extend([format!("+ {place}: {summary}"), format!("- {place}: {wanted}")]);
            }
        }
        for (place, wanted) in &other.asked {
            let missing = wanted.iter().filter(|who| !self.asked.get(place).is_some_and(|asked| asked.contains(*who)));
            all.extend(missing.map(|who| format!("- {place} asks {who}")));
        }
        (!all.is_empty() || self.lines.len() != other.lines.len()).then(|| all.join("\n"))
    }
}

/// The tree that merging a commit into the default branch would make: a branch may hold the base's newer commits or not.
fn tree(fake: &Handle, sha: &str) -> String {
    let merged = fake.inspect(|state| {
        let tip = state.tip(&state.owner, &state.default_branch)?;
        state.merged_tree(&tip, sha).or_else(|| state.tree_of(sha))
    });
    merged.map(|id| id.to_string()).unwrap_or_default()
}

fn message(fake: &Handle, sha: &str) -> String {
    fake.inspect(|state| state.commit_of(sha).map(|commit| commit.message().unwrap_or_default().to_owned()))
        .unwrap_or_default()
}

/// A text with its long hex numbers taken out: commits have other ids each time.
pub fn without_ids(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let plain = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let id = plain.len() >= 7 && plain.chars().all(|c| c.is_ascii_hexdigit());
        out.push_str(if id { "#" } else { word });
    }
    out
}
