//! What matches what, how that is known, and what was looked at: a line for each element.

use super::display_budget::DisplayBudget;
use super::words::{count, is_gone, listed, short, version};
use super::{Frame, Links, known, links};
use crate::report::Status;
use crate::report::markdown::{code, fold, link, list, text};
use crate::review::looked::Look;
use crate::review::verdict::Tally;
use crate::review::{Attention, ChangeKind, CrateChange, ElementReview, Pin, Review, SourceMove};

/// The number of elements that have a line of their own before what has to be looked at.
const ELEMENTS: usize = 3;

/// The proof of each element.
pub(super) fn lines(review: &Review, frame: &Frame) -> Vec<String> {
    let mut out = if review.elements.len() > ELEMENTS { vec![summary(review)] } else { each(review, frame) };
    if review.elements.iter().any(|e| !e.changes.is_empty()) {
        out.push(looked(review));
    }
    out
}

/// The proof of each element where there are too many for the first lines, folded.
pub(super) fn folded(review: &Review, frame: &Frame, room: DisplayBudget) -> String {
    if review.elements.len() <= ELEMENTS || room.extras == 0 {
        return String::new();
    }
    let mut lines = each(review, frame);
    let hidden = lines.len().saturating_sub(room.extras);
    lines.truncate(room.extras);
    if hidden > 0 {
        lines.push(format!("{} left out here", count(hidden, "more element")));
    }
    fold(&format!("{} and what they match", count(review.elements.len(), "element")), &list(&lines))
}

fn each(review: &Review, frame: &Frame) -> Vec<String> {
    let many = review.elements.len() > 1;
    let flagged = flagged(review);
    let line = |element: &ElementReview| {
        let name = if many { format!("{}: ", named(element, &frame.links)) } else { String::new() };
        let counts = if is_gone(element) { String::new() } else { format!(" {}", counts(element, &flagged)) };
        format!("{name}{}{}.{counts}", matches(element, &frame.links, many), moves(element))
    };
    review.elements.iter().map(line).collect()
}

/// How many lists match, and which do not.
fn summary(review: &Review) -> String {
    let (gone, there): (Vec<&ElementReview>, Vec<&ElementReview>) = review.elements.iter().partition(|e| is_gone(e));
    let of = |status: &[Status]| -> Vec<&str> {
        there.iter().filter(|e| status.contains(&e.status)).map(|e| e.element.as_str()).collect()
    };
    let names = |names: &[&str]| text(&listed(names, 4));
    let matching = of(&[Status::Right, Status::Regenerated]).len();
    let mut parts = vec![format!("{matching} of {} match their `Cargo.lock`", count(there.len(), "crate list"))];
    for (status, what) in [
        (Status::Drifted, "do not match it"),
        (Status::Unverified, "are not verified"),
        (Status::Exempt, "are not compared, by configuration"),
    ] {
        let some = of(&[status]);
        if !some.is_empty() {
            parts.push(format!("**{} {what}**: {}", some.len(), names(&some)));
        }
    }
    if !gone.is_empty() {
        parts.push(format!(
            "**{} are gone**: {}",
            gone.len(),
            names(&gone.iter().map(|e| e.element.as_str()).collect::<Vec<_>>())
        ));
    }
    format!("{}.", parts.join("; "))
}

/// The element, linked to its crate list.
pub(super) fn named(element: &ElementReview, to: &Links) -> String {
    let label = code(&element.element);
    match links::file(to, &element.file, element.line).filter(|_| element.line > 0) {
        Some(href) => link(&label, &href),
        None => label,
    }
}

/// Says whether the list matches which lock.
fn matches(element: &ElementReview, to: &Links, many: bool) -> String {
    let list = if many { "the crate list" } else { "The crate list" };
    let subject = match links::file(to, &element.file, element.line).filter(|_| !many && element.line > 0) {
        Some(href) => link(list, &href),
        None => list.to_owned(),
    };
    let lock = match element.sources.iter().rev().find_map(|moved| Some((commit(moved)?, moved))) {
        Some(((pin, commit), moved)) => {
            let proof = moved.proof.commit.as_ref().map(|proof| format!(", which {}", text(&proof.to_string())));
            format!("`Cargo.lock` at {}{}", at(pin, commit), proof.unwrap_or_default())
        }
        None => "`Cargo.lock`".to_owned(),
    };
    match element.status {
        _ if is_gone(element) => format!("{subject} is gone"),
        Status::Right => format!("{subject} matches {lock}"),
        Status::Regenerated => format!("{subject} was regenerated and matches {lock}"),
        Status::Drifted => format!("{subject} **does not match** {lock}"),
        Status::Unverified => format!("{subject} is **not verified**"),
        Status::Exempt => format!("{subject} is **not compared**, by configuration"),
    }
}

/// The pin of the new side and its commit.
fn commit(moved: &SourceMove) -> Option<(&Pin, &str)> {
    let pin = moved.new.as_ref()?;
    Some((pin, pin.commit.as_deref()?))
}

fn at(pin: &Pin, commit: &str) -> String {
    let label = code(&short(commit));
    links::commit_page(&pin.url, commit).map_or(label.clone(), |href| link(&label, &href))
}

/// Where the sources came from and what proves their refs.
fn moves(element: &ElementReview) -> String {
    let mut out = String::new();
    for moved in element.sources.iter().take(4) {
        out.push_str(&match (&moved.old, &moved.new) {
            (Some(old), Some(new)) => {
                let arrow = format!("{} → {}", code(&version(old)), code(&version(new)));
                let arrow = links::pins(old, new).map_or(arrow.clone(), |href| link(&arrow, &href));
                let place = if old.home() == new.home() {
                    code(&new.url)
                } else {
                    format!("**another place**, {} → {}", code(&old.url), code(&new.url))
                };
                let track = super::words::track(old, new).map(|t| format!(", **{}**", text(&t))).unwrap_or_default();
                format!("; {arrow} of {place}{track}")
            }
            (None, Some(new)) => format!("; **new source** {} at {}", code(&new.url), code(&version(new))),
            (Some(old), None) => format!("; **source gone** {}", code(&old.url)),
            (None, None) => String::new(),
        });
    }
    if element.sources.len() > 4 {
        out.push_str(&format!("; {}", count(element.sources.len() - 4, "more source")));
    }
    out
}

/// `407 crates: 3 updated, none new, none flagged`.
fn counts(element: &ElementReview, flagged: &[String]) -> String {
    let of = |test: fn(&CrateChange) -> bool| element.changes.iter().filter(|c| test(c)).count();
    let (added, removed) = (of(|c| c.kind == ChangeKind::Added), of(|c| c.kind == ChangeKind::Removed));
    let changed = element.changes.len() - added - removed;
    let elsewhere = of(|c| c.kind == ChangeKind::Added && c.attention == Attention::Elsewhere);
    let new = match (added, elsewhere) {
        (0, _) => "none new".to_owned(),
        (n, 0) => format!("{n} new"),
        (n, e) if n == e => format!("{n} new for other platforms only"),
        (n, e) => format!("{n} new ({e} of them for other platforms only)"),
    };
    let gone = if removed > 0 { format!(", {removed} removed") } else { String::new() };
    let named = element.changes.iter().filter(|c| flagged.contains(&c.name)).count();
    let flagged = if named == 0 { "none flagged".to_owned() } else { format!("{named} flagged") };
    format!("{}: {changed} changed, {new}{gone}, {flagged}.", count(element.crates.1, "crate"))
}

fn flagged(review: &Review) -> Vec<String> {
    let tally = Tally::of(review);
    tally.wrong.into_iter().chain(tally.doubtful).collect()
}

/// Says which evidence was looked at, and which was not.
fn looked(review: &Review) -> String {
    let (mut done, mut open) = (Vec::new(), Vec::new());
    for (name, look) in review.looked.all() {
        match look {
            Look::Done => done.push(name.to_owned()),
            Look::NotNeeded => {}
            Look::NotRequested(why) => open.push(format!("{name} ({})", text(why))),
            Look::Failed(why) => open.push(format!("**{name}** ({})", text(why))),
        }
    }
    let ages = review.looked.ages_unknown;
    if ages > 0 {
        open.push(format!("the age of {}, for which the index has no time", count(ages, "crate")));
    }
    let done = if done.is_empty() {
        "Looked at: the lists alone".to_owned()
    } else {
        format!("Looked at: {}", done.join(", "))
    };
    let fixed = known::fixed(review);
    let fixed = match fixed.len() {
        0 => String::new(),
        1 => format!(" **Fixes 1 advisory** ({}).", text(&listed(&fixed, 3))),
        n => format!(" **Fixes {n} advisories** ({}).", text(&listed(&fixed, 3))),
    };
    if open.is_empty() {
        format!("{done}.{fixed}")
    } else {
        format!("{done}; not looked at: {}.{fixed}", open.join(", "))
    }
}
