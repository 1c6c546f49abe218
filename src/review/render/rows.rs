//! The crates: a row for each that has to be looked at, git crates of one repository in one, and folds for the rest.

use super::display_budget::DisplayBudget;
use super::words::{self, count, listed};
use super::{Frame, links, scripts};
use crate::cargo2::block::Origin;
use crate::finding::{Finding, Severity};
use crate::report::markdown::{Href, code, fold, ident, link, list, table, text};
use crate::review::fact::Fact;
use crate::review::rules::build_script;
use crate::review::{Attention, ChangeKind, CrateChange, Review, distinct};
use std::collections::BTreeMap;

/// The number of rows that are not folded.
const OPEN: usize = 12;

/// Changes that are one for a reader: of one crate in several elements, or of the crates of one repository.
struct Row<'a> {
    changes: Vec<(&'a CrateChange, &'a str)>,
}

/// What makes changes one row.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    /// A repository, before and after, and its commits.
    Repository([Option<&'a str>; 2], [Option<&'a str>; 2]),
    /// A crate and its versions, before and after.
    Crate(&'a str, [Option<&'a str>; 2]),
}

fn key(change: &CrateChange) -> Key<'_> {
    let sides = [change.before.as_ref(), change.after.as_ref()];
    let git = sides.map(|side| match side.map(|entry| &entry.from) {
        Some(Origin::Git { repo, commit, .. }) => Some((repo.as_str(), commit.as_str())),
        Some(Origin::Registry { .. }) | None => None,
    });
    if git == [None, None] || matches!(change.kind, ChangeKind::ToGit | ChangeKind::ToRegistry) {
        return Key::Crate(&change.name, sides.map(|side| side.map(|entry| entry.version.as_str())));
    }
    Key::Repository(git.map(|git| git.map(|git| git.0)), git.map(|git| git.map(|git| git.1)))
}

impl<'a> Row<'a> {
    fn first(&self) -> &'a CrateChange {
        self.changes[0].0
    }

    fn attention(&self) -> Attention {
        self.changes.iter().map(|(change, _)| change.attention).min().unwrap_or(Attention::Low)
    }

    fn names(&self) -> Vec<String> {
        distinct(self.changes.iter().map(|(change, _)| change.name.as_str()))
    }

    /// Whether it is about a repository of more than one crate.
    fn repository(&self) -> Option<&'a str> {
        let change = self.first();
        match change.after.as_ref().or(change.before.as_ref()).map(|entry| &entry.from) {
            Some(Origin::Git { repo, .. }) if matches!(key(change), Key::Repository(..)) => Some(repo),
            _ => None,
        }
    }
}

/// All rows, what needs attention first, then git repositories, then by name.
fn rows(review: &Review) -> Vec<Row<'_>> {
    let mut by_key: BTreeMap<Key<'_>, Row<'_>> = BTreeMap::new();
    for element in &review.elements {
        for change in &element.changes {
            let row = by_key.entry(key(change)).or_insert_with(|| Row { changes: Vec::new() });
            row.changes.push((change, &element.element));
        }
    }
    let mut rows: Vec<Row<'_>> = by_key.into_values().collect();
    rows.sort_by_key(|row| (row.attention(), row.repository().is_none(), kind(row.first()), row.first().name.clone()));
    rows
}

/// New crates come before others.
fn kind(change: &CrateChange) -> bool {
    change.kind != ChangeKind::Added
}

/// The table and the folds.
pub(super) fn all(review: &Review, frame: &Frame, room: DisplayBudget) -> String {
    let all = rows(review);
    let (look, rest): (Vec<&Row<'_>>, Vec<&Row<'_>>) = all.iter().partition(|row| row.attention() <= Attention::Medium);
    let (gone, routine): (Vec<&Row<'_>>, Vec<&Row<'_>>) =
        rest.into_iter().partition(|row| row.changes.iter().all(|(c, _)| c.kind == ChangeKind::Removed));
    let mut left = room.rows;
    let mut out = String::new();
    let mut take = |rows: &[&Row<'_>], most: usize| -> usize {
        let shown = rows.len().min(most).min(left);
        left -= shown;
        shown
    };
    let open = take(&look, OPEN);
    let folded = take(&look[open..], usize::MAX);
    let (routine_shown, gone_shown) = (take(&routine, usize::MAX), take(&gone, usize::MAX));
    if open > 0 {
        out.push_str(&tabled(&look[..open], review, frame));
        out.push('\n');
    }
    if folded > 0 {
        let title = format!("{} to look at", count(look.len() - open, "more crate"));
        out.push_str(&fold(
            &title,
            &(tabled(&look[open..open + folded], review, frame) + &left_out(look.len() - open - folded)),
        ));
    }
    let (scripts, differences) = scripts::of_routine(review, frame, room);
    let folds = [
        (&routine, routine_shown, title(&routine, scripts), differences),
        (&gone, gone_shown, removed(&gone), String::new()),
    ];
    for (rows, shown, what, more) in folds {
        if shown > 0 {
            let lines: Vec<String> = rows[..shown].iter().map(|row| line(row, review, frame)).collect();
            let more = if more.is_empty() { more } else { format!("\n{more}") };
            out.push_str(&fold(&what, &(list(&lines) + &left_out(rows.len() - shown) + &more)));
        } else if !rows.is_empty() {
            out.push_str(&format!("\n{what}, left out here: `cargo2-bot review --format json` has all.\n"));
        }
    }
    if open + folded < look.len() && folded == 0 {
        out.push_str(&left_out(look.len() - open));
    }
    out
}

fn left_out(n: usize) -> String {
    if n == 0 {
        String::new()
    } else {
        format!("\n{} left out here: `cargo2-bot review --format json` has all.\n", count(n, "more crate"))
    }
}

fn title(rows: &[&Row<'_>], scripts: usize) -> String {
    let others = rows.iter().filter(|row| row.attention() == Attention::Elsewhere).count();
    let what = count(rows.len(), "routine update");
    let what = match others {
        0 => what,
        n if n == rows.len() => format!("{what}, for other platforms only"),
        n => format!("{what}, {n} of them for other platforms only"),
    };
    if scripts == 0 { what } else { format!("{what}, {} changed", count(scripts, "build script")) }
}

fn removed(rows: &[&Row<'_>]) -> String {
    format!("{} removed", count(rows.len(), "crate"))
}

fn tabled(rows: &[&Row<'_>], review: &Review, frame: &Frame) -> String {
    let rows: Vec<Vec<String>> = rows.iter().map(|row| cells(row, review, frame)).collect();
    table(&["crate", "change", "why look", "used by"], &rows)
}

/// What notices say of the crates of a row, without the names and what is among its facts.
fn notices(row: &Row<'_>, review: &Review) -> Vec<String> {
    let names = row.names();
    let about =
        |f: &&Finding| f.severity == Severity::Notice && f.krate.as_ref().is_some_and(|name| names.contains(name));
    let fact = |f: &&Finding| f.rule.id == build_script::RULE.id;
    let short = |f: &Finding| {
        let rest = f.message.strip_prefix('`').and_then(|rest| rest.split_once("` "));
        rest.map_or_else(|| f.message.clone(), |(_, rest)| rest.to_owned())
    };
    let all: Vec<String> = review.findings.iter().filter(|f| about(f) && !fact(f)).map(short).collect();
    distinct(all.iter().map(String::as_str))
}

fn cells(row: &Row<'_>, review: &Review, frame: &Frame) -> Vec<String> {
    let change = row.first();
    let moved = text(&words::change(change));
    let moved = links::change(&frame.links, change).map_or(moved.clone(), |href| link(&moved, &href));
    let declared = declared(change);
    let facts = distinct(
        row.changes
            .iter()
            .flat_map(|(c, _)| &c.facts)
            .filter(|fact| declared.is_none() || !matches!(fact, Fact::MadeFrom(..)))
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .iter()
            .map(String::as_str),
    );
    let mut used: Vec<String> = distinct(row.changes.iter().flat_map(|(c, _)| &c.brought_by).map(String::as_str));
    used.retain(|name| !row.names().contains(name));
    let mut used = text(&listed(&used, 3));
    if review.elements.len() > 1 {
        let elements = distinct(row.changes.iter().map(|(_, element)| *element));
        used = format!("{used}{}in {}", if used.is_empty() { "" } else { ", " }, text(&listed(&elements, 2)));
    }
    let facts = [notices(row, review), facts].concat();
    let mut known = text(&words::known(&facts, row.attention()));
    known.extend(declared.map(|href| format!(", {}", link("commits as declared by the uploader", &href))));
    vec![label(row, frame), moved, known.trim_start_matches(", ").to_owned(), used]
}

/// The commits between the one that the version before was made from and that of the new one, as their uploaders say.
fn declared(change: &CrateChange) -> Option<Href> {
    change.facts.iter().find_map(|fact| match fact {
        Fact::MadeFrom(Some(repository), Some(old), new) => links::compare(repository, old, new),
        _ => None,
    })
}

/// The crate, or the repository and how many crates of it.
fn label(row: &Row<'_>, frame: &Frame) -> String {
    let names = row.names();
    let crates = || if names.len() == 1 { code(&ident(&names[0])) } else { count(names.len(), "crate") };
    if let Some(repository) = row.repository() {
        let name = repository.trim_end_matches('/').trim_end_matches(".git").rsplit('/').next().unwrap_or(repository);
        let name = code(&ident(name));
        let name = links::repository(repository).map_or(name.clone(), |href| link(&name, &href));
        return format!("{name} ({})", crates());
    }
    let name = code(&ident(&names[0]));
    let page = row.first().after.as_ref().and_then(|entry| links::page(&frame.links, entry));
    page.map_or(name.clone(), |href| link(&name, &href))
}

/// A routine change in a line.
fn line(row: &Row<'_>, review: &Review, frame: &Frame) -> String {
    let change = row.first();
    let moved = text(&words::change(change));
    let moved = links::change(&frame.links, change).map_or(moved.clone(), |href| link(&moved, &href));
    let elsewhere = if row.attention() == Attention::Elsewhere { ", for other platforms only" } else { "" };
    let told = change
        .facts
        .iter()
        .filter(|fact| matches!(fact, Fact::Fixes(_) | Fact::Lines(..) | Fact::BuildScriptWithoutNews));
    let told = told.map(ToString::to_string).chain(notices(row, review));
    let told: String = told.map(|fact| format!(", {}", text(&fact))).collect();
    format!("{} {moved}{elsewhere}{told}", label(row, frame))
}
