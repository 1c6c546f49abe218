//! What happens to a repository: steps that people, bots and GitHub take, each within what GitHub lets them do.

use crate::edit::Edit;
use crate::fake_github::{Handle, Pull, Pushed};
use crate::world::{GUARDED, HOLD, Rules};

/// Branches that are not guarded. The first one is the tracker's, the last one that of the bot for what it tracks itself.
const BRANCHES: [&str; 4] = ["auto/track-tool", "one", "two", "cargo2-bot/track"];

/// Who acts. The last one may only read.
const PEOPLE: [&str; 4] = ["tracker[bot]", "ann", "bob", "mallory"];

/// A step. Numbers choose among what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Push {
        branch: u8,
        who: u8,
        author: u8,
        edit: Edit,
    },
    Amend {
        branch: u8,
        who: u8,
    },
    /// Pushes an earlier head of the branch by force.
    Back {
        branch: u8,
        who: u8,
        to: u8,
    },
    /// The tracker makes its branch anew from the base.
    Fresh {
        branch: u8,
        edit: Edit,
    },
    MergeBase {
        branch: u8,
        who: u8,
    },
    EvilMerge {
        branch: u8,
        who: u8,
        edit: Edit,
    },
    /// Puts a branch where another one is.
    Share {
        branch: u8,
        other: u8,
        who: u8,
    },
    Open {
        branch: u8,
        base: u8,
        who: u8,
    },
    Fork {
        edit: Edit,
    },
    Close {
        pull: u8,
    },
    Reopen {
        pull: u8,
    },
    Retarget {
        pull: u8,
        base: u8,
    },
    Delete {
        branch: u8,
    },
    Review {
        pull: u8,
        who: u8,
        verdict: u8,
        older: bool,
    },
    Dismiss {
        pull: u8,
        who: u8,
    },
    Command {
        pull: u8,
        who: u8,
    },
    Permission {
        who: u8,
        level: u8,
    },
    /// Somebody whom no rule binds pushes to a guarded branch.
    Base {
        branch: u8,
        edit: Edit,
    },
    AutoMerge {
        pull: u8,
    },
    Enqueue {
        pull: u8,
    },
    Dequeue {
        pull: u8,
    },
    /// GitHub merges what it may.
    Settle,
    /// An automation pushes the head of a pull request to a guarded branch.
    Ticket {
        pull: u8,
        branch: u8,
    },
    /// A pull request that takes the tree of the second branch to the first.
    Promote,
    /// An app that no rule binds merges the first branch into the second, and may change something by that.
    Sync {
        evil: Option<Edit>,
    },
    /// An automation merges a pull request, where the rules let it.
    Merge {
        pull: u8,
        method: u8,
    },
    /// Somebody says a word of Prow.
    Words {
        pull: u8,
        who: u8,
        words: u8,
    },
    /// A label of Prow is set or taken away.
    Label {
        pull: u8,
        label: u8,
        on: bool,
    },
    /// A comment that approves, by the content's id.
    ApproveBy {
        pull: u8,
        who: u8,
    },
    /// The list of files stays as it is now, whatever is pushed; or is right again.
    StaleFiles {
        pull: u8,
        on: bool,
    },
    /// A job of a workflow is called as the hold is.
    Job {
        pull: u8,
    },
    Draft {
        pull: u8,
        on: bool,
    },
}

/// Does it, as far as GitHub lets it be done. What is refused has not happened.
pub fn perform(action: Action, fake: &Handle, rules: Rules) {
    let branch = |n: u8| BRANCHES[usize::from(n) % BRANCHES.len()];
    let who = |n: u8| PEOPLE[usize::from(n) % PEOPLE.len()];
    let base = |n: u8| ["main", "stable", BRANCHES[1]][usize::from(n) % 3];
    let pull = |n: u8| chosen(fake, n).map(|pull| pull.number);
    match action {
        Action::Push { branch: b, who: w, author, edit } => {
            push(fake, edit, &Pushed { branch: branch(b), author: who(author), pusher: who(w), ..Pushed::default() });
        }
        Action::Amend { branch: b, who: w } if fake.head(branch(b)).is_some() => {
            let amend = Pushed { branch: branch(b), author: who(w), pusher: who(w), amend: true, ..Pushed::default() };
            let _ = fake.push(&amend);
        }
        Action::Back { branch: b, who: w, to } => back(fake, branch(b), who(w), to),
        Action::Fresh { branch: b, edit } => fresh(fake, branch(b), edit),
        Action::MergeBase { branch: b, who: w } => drop(fake.push_merge(who(w), branch(b), "main", &[])),
        Action::EvilMerge { branch: b, who: w, edit } => {
            let files = edit.files();
            let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_deref())).collect();
            drop(fake.push_merge(who(w), branch(b), "main", &files));
        }
        Action::Share { branch: b, other, who: w } => {
            if let Some(sha) = fake.head(branch(other)) {
                let _ = fake.push_sha(who(w), branch(b), &sha);
            }
        }
        Action::Open { branch: b, base: to, who: w } if branch(b) != base(to) => {
            fake.try_open("owner", branch(b), base(to), who(w));
        }
        Action::Fork { edit } => {
            push(
                fake,
                edit,
                &Pushed { owner: "mallory", branch: "fork", author: "mallory", pusher: "mallory", ..Pushed::default() },
            );
            fake.try_open("mallory", "fork", "main", "mallory");
        }
        Action::Review { pull: p, who: w, verdict, older } => {
            if let Some(pull) = chosen(fake, p) {
                review(fake, &pull, who(w), verdict, older);
            }
        }
        Action::Permission { who: w, level } => {
            fake.permission(PEOPLE[1 + usize::from(w) % 3], ["read", "write", "none"][usize::from(level) % 3]);
        }
        Action::Base { branch: b, edit } => {
            let files = edit.files();
            let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_deref())).collect();
            fake.commit(GUARDED[usize::from(b) % 2], &files, "owner");
        }
        Action::Delete { branch: b } => drop(fake.delete("ann", branch(b))),
        Action::Settle => drop(fake.settle()),
        Action::Promote => promote(fake),
        Action::Sync { evil } => {
            fake.bypass("sync[bot]");
            let files = evil.map(Edit::files).unwrap_or_default();
            let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_deref())).collect();
            drop(fake.push_merge("sync[bot]", "stable", "main", &files));
        }
        _ => on_pull(action, fake, rules, pull, who, base),
    }
}

/// The steps that are about one open pull request.
#[allow(clippy::too_many_lines, reason = "one line or two for each action")]
fn on_pull(
    action: Action,
    fake: &Handle,
    rules: Rules,
    pull: impl Fn(u8) -> Option<u64>,
    who: impl Fn(u8) -> &'static str,
    base: impl Fn(u8) -> &'static str,
) {
    match action {
        Action::Close { pull: p } => drop(pull(p).map(|number| fake.close(number))),
        Action::Reopen { pull: p } => {
            let closed: Vec<u64> = fake.pulls().iter().filter(|p| !p.open && !p.merged).map(|p| p.number).collect();
            drop(closed.get(usize::from(p) % closed.len().max(1)).map(|number| fake.reopen(*number)));
        }
        Action::Retarget { pull: p, base: to } => drop(pull(p).map(|number| fake.retarget("ann", number, base(to)))),
        Action::Dismiss { pull: p, who: w } => {
            let Some(number) = pull(p) else { return };
            let last = fake.inspect(|state| {
                let mut of = state.reviews.iter().filter(|r| r.pull == number && r.state != "DISMISSED");
                of.next_back().map(|r| r.id)
            });
            drop(last.map(|id| fake.dismiss_by(who(w), id)));
        }
        Action::Command { pull: p, who: w } => {
            let _ = pull(p).map(|number| fake.comment(number, who(w), "/cargo2 regenerate"));
        }
        Action::ApproveBy { pull: p, who: w } => {
            let Some(number) = pull(p) else { return };
            // The id is the one that the bot's last comment shows, and so is the content, whatever the head is now.
            let shown = fake.comments(number).into_iter().rev().find(|c| c.author == rules.bot());
            let id = |text: &str| {
                let rest = text.split("/cargo2 approve ").nth(1)?;
                rest.split(|c: char| !c.is_ascii_alphanumeric()).next().map(str::to_owned)
            };
            let shown = shown.and_then(|comment| Some((id(&comment.body)?, comment)));
            let named = shown.as_ref().map_or("0000000", |(id, _)| id);
            let said = fake.comment(number, who(w), &format!("/cargo2 approve {named}"));
            if let Some((_, comment)) = shown {
                fake.wrote_after(said, &comment);
            }
        }
        Action::Merge { pull: p, method } => {
            let method = ["merge", "squash", "rebase"][usize::from(method) % 3];
            let _ = pull(p).map(|number| fake.ask_merge("tracker[bot]", number, method));
        }
        Action::Words { pull: p, who: w, words } => {
            let said =
                ["/lgtm\n/approve", "/lgtm", "/approve", "/hold", "/unhold", "/lgtm cancel", "> /lgtm\n> /approve"];
            let _ = pull(p).map(|number| fake.comment(number, who(w), said[usize::from(words) % said.len()]));
        }
        Action::Label { pull: p, label, on } => {
            let label = ["lgtm", "approved", "do-not-merge/hold"][usize::from(label) % 3];
            let set = if on { Handle::label_by } else { Handle::unlabel_by };
            let _ = pull(p).map(|number| set(fake, "prow[bot]", number, label));
        }
        Action::AutoMerge { pull: p } => drop(pull(p).map(|number| fake.auto_merge(number, true))),
        Action::Enqueue { pull: p } => drop(pull(p).map(|number| fake.enqueue("ann", number))),
        Action::Dequeue { pull: p } => drop(pull(p).map(|number| fake.dequeue("ann", number))),
        Action::Ticket { pull: p, branch } => {
            if let Some(number) = pull(p) {
                let _ = fake.push_sha("tracker[bot]", GUARDED[usize::from(branch) % 2], &fake.pull(number).head_sha);
            }
        }
        Action::StaleFiles { pull: p, on } => {
            if let Some(number) = pull(p) {
                let head = fake.pull(number).head_sha;
                fake.keep_files_of(number, on.then_some(head.as_str()));
            }
        }
        // With the workflow's token anybody who pushes can do that: it is not promised there.
        Action::Job { pull: p } if rules.app => {
            if let Some(number) = pull(p) {
                fake.check_run(&fake.pull(number).head_sha, "github-actions", HOLD, Some("success"));
            }
        }
        Action::Draft { pull: p, on } => drop(pull(p).map(|number| fake.set_draft(number, on))),
        _ => {}
    }
}

/// One of the open pull requests.
pub fn chosen(fake: &Handle, n: u8) -> Option<Pull> {
    let open: Vec<Pull> = fake.pulls().into_iter().filter(|p| p.open).collect();
    open.get(usize::from(n) % open.len().max(1)).cloned()
}

fn push(fake: &Handle, edit: Edit, pushed: &Pushed<'_>) {
    let files = edit.files();
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_deref())).collect();
    let _ = fake.push(&Pushed { files: &files, ..pushed.clone() });
}

/// An earlier head of the branch comes back by force.
fn back(fake: &Handle, branch: &str, who: &str, to: u8) {
    let heads = fake.inspect(|state| {
        let of = state.activity.iter().filter(|a| a.branch == branch && !a.after.starts_with("000000"));
        of.map(|a| a.after.clone()).collect::<Vec<_>>()
    });
    if let Some(sha) = heads.len().checked_sub(2 + usize::from(to)).map(|at| &heads[at]) {
        let _ = fake.push_sha(who, branch, sha);
    }
}

/// A new commit on the tip of the base takes the place of the branch.
fn fresh(fake: &Handle, branch: &str, edit: Edit) {
    let files = edit.files();
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_deref())).collect();
    let made = fake.inspect_mut(|state| {
        let tip = state.tip(&state.owner, "main").unwrap_or_default();
        let tree = state.tree_after(&tip, &files).ok()?;
        Some(state.write_commit(tree, &[tip], "tracker[bot]", "tracker[bot]", "update"))
    });
    if let Some(sha) = made {
        let _ = fake.push_sha("tracker[bot]", branch, &sha);
    }
}

/// One commit on the first branch with the tree of the second, and its pull request.
fn promote(fake: &Handle) {
    let made = fake.inspect_mut(|state| {
        let (main, second) = (state.tip(&state.owner, "main")?, state.tip(&state.owner, "stable")?);
        let tree = state.tree_of(&second)?;
        Some(state.write_commit(tree, &[main], "tracker[bot]", "tracker[bot]", "promote"))
    });
    if let Some(sha) = made {
        let _ = fake.push_sha("tracker[bot]", "auto/promote", &sha);
        fake.try_open("owner", "auto/promote", "main", "tracker[bot]");
    }
}

/// People review the head, or the head before it. An author's own approval is refused.
fn review(fake: &Handle, pull: &Pull, who: &str, verdict: u8, older: bool) {
    let verdict =
        ["APPROVED", "APPROVED", "APPROVED", "APPROVED", "APPROVED", "CHANGES_REQUESTED", "COMMENTED", "APPROVED"]
            [usize::from(verdict) % 8];
    if who == pull.author && verdict != "COMMENTED" {
        return;
    }
    let owner = pull.head_owner.clone().unwrap_or_default();
    let before = fake.inspect(|state| {
        let mut of = state.activity.iter().filter(|a| a.owner == owner && a.branch == pull.head_ref);
        of.next_back().map(|a| a.before.clone()).filter(|sha| state.commit_of(sha).is_some())
    });
    let commit = before.filter(|_| older).unwrap_or_else(|| pull.head_sha.clone());
    fake.review_of(pull.number, who, verdict, &commit);
}
