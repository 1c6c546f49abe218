//! The ways in which people, scripts and bots leave a block wrong.
//!
//! Works on text, and on nothing but the text: no parser of the bot has a say in what is expected of the bot.

use std::{collections::BTreeSet, ops::Range};

/// How a block becomes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Damage {
    /// The `ref` key is gone, as in a source that was never tracked.
    Absent,
    /// `ref: []`, the placeholder that some generators write.
    Empty,
    /// Every third crate is missing.
    Gaps,
    /// All there, last one first.
    Reversed,
    /// Other checksums and commits.
    OtherContent,
    /// Other versions, as before a move of the git ref.
    OtherVersions,
    /// The form of before git crates: no `kind:`, and the first crate is missing.
    OldForm,
    /// Everything twice.
    Doubled,
    /// Crates that the lock does not have.
    Foreign,
}

/// All of them.
pub(crate) const ALL: [Damage; 9] = [
    Damage::Absent,
    Damage::Empty,
    Damage::Gaps,
    Damage::Reversed,
    Damage::OtherContent,
    Damage::OtherVersions,
    Damage::OldForm,
    Damage::Doubled,
    Damage::Foreign,
];

/// Where a block stands: the line of its `ref` key, and the lines of its entries.
struct Place {
    head: usize,
    items: Range<usize>,
    /// White space before the dash of an entry.
    indent: String,
}

/// One crate: its lines, without the indent.
type Entry = Vec<String>;

impl Damage {
    /// The text with all its blocks damaged. Blocks that this damage would make into another task stay: a crate with
    /// `provenance` must be current somewhere, a `ref` that is not the last key cannot come back to its place, and a
    /// block in the old form comes back in the new one.
    pub(crate) fn apply(self, text: &str) -> String {
        let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
        for place in places(&lines).into_iter().rev() {
            let entries = entries(&lines, &place);
            if entries.iter().any(|entry| !entry[0].starts_with("- kind: ")) {
                continue;
            }
            match self {
                Self::Absent | Self::Empty if !kept_names(&entries).is_empty() => {}
                Self::Absent if !is_last_key(&lines, &place) => {}
                Self::Absent => drop(lines.drain(place.head..place.items.end)),
                Self::Empty => {
                    lines[place.head].push_str(" []");
                    lines.drain(place.items.clone());
                }
                _ => {
                    let wrong = self.entries(entries);
                    let wrong = wrong.iter().flatten().map(|line| format!("{}{line}", place.indent));
                    lines.splice(place.items.clone(), wrong);
                }
            }
        }
        lines.join("\n")
    }

    fn entries(self, mut entries: Vec<Entry>) -> Vec<Entry> {
        let kept = kept_names(&entries);
        let free = |entry: &Entry| !name(entry).is_some_and(|name| kept.contains(&name));
        match self {
            Self::Gaps => {
                let mut index = 0;
                entries.retain(|entry| {
                    index += 1;
                    index % 3 != 1 || !free(entry)
                });
            }
            Self::Reversed => entries.reverse(),
            Self::OtherContent => {
                for entry in entries.iter_mut().step_by(2) {
                    replace_value(entry, "sha", &"0".repeat(64));
                    replace_value(entry, "commit", &"0".repeat(40));
                }
            }
            Self::OtherVersions => {
                for entry in entries.iter_mut().step_by(2) {
                    replace_value(entry, "version", "0.0.0");
                }
            }
            Self::OldForm => {
                if let Some(first) = entries.iter().position(free) {
                    entries.remove(first);
                }
                entries.iter_mut().for_each(drop_kind);
            }
            Self::Doubled => {
                let again = entries.clone();
                entries.extend(again);
            }
            Self::Foreign => {
                let foreign = ["- kind: registry", "  name: aaa", "  version: 9.9.9", "  sha: none"];
                entries.insert(0, foreign.map(str::to_owned).to_vec());
            }
            Self::Absent | Self::Empty => {}
        }
        entries
    }
}

/// The entries of all blocks of a text, without their indent.
pub(crate) fn blocks(text: &str) -> Vec<Vec<Entry>> {
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    places(&lines).iter().map(|place| entries(&lines, place)).collect()
}

/// The lines of a text that belong to no block: neither entries nor the `ref` key above them.
pub(crate) fn without_blocks(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    for place in places(&lines).into_iter().rev() {
        lines.drain(place.head..place.items.end);
    }
    lines
}

fn places(lines: &[String]) -> Vec<Place> {
    let mut places = Vec::new();
    for (head, line) in lines.iter().enumerate() {
        let key = line.trim_start_matches([' ', '-']);
        let Some(first) = lines.get(head + 1) else {
            break;
        };
        let Some(dash) = first.find("- ").filter(|dash| first[..*dash].trim().is_empty()) else {
            continue;
        };
        if key.trim_end() != "ref:" || dash < line.len() - key.len() {
            continue;
        }
        let indent = first[..dash].to_owned();
        let own = |line: &&String| line.starts_with(&format!("{indent}- ")) || line.starts_with(&format!("{indent}  "));
        let end = head + 1 + lines[head + 1..].iter().take_while(own).count();
        places.push(Place { head, items: head + 1..end, indent });
    }
    places
}

fn entries(lines: &[String], place: &Place) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in &lines[place.items.clone()] {
        let line = line[place.indent.len()..].to_owned();
        match entries.last_mut() {
            Some(entry) if !line.starts_with("- ") => entry.push(line),
            _ => entries.push(vec![line]),
        }
    }
    entries
}

/// Whether a `ref` key that is added would come to this place.
fn is_last_key(lines: &[String], place: &Place) -> bool {
    let first_key = lines[place.head].trim_start().starts_with("- ");
    // BuildStream adds the key below the comments that follow the source, which the bot does not.
    let above = place.head.checked_sub(1).map_or("", |above| lines[above].trim_start());
    let commented = above.is_empty() || above.starts_with('#');
    let more = |line: &String| line.starts_with(&place.indent) && !line[place.indent.len()..].starts_with(' ');
    // Without an indent this is an include that holds nothing but the block.
    !first_key && !commented && !place.indent.is_empty() && !lines.get(place.items.end).is_some_and(more)
}

fn value<'a>(entry: &'a Entry, key: &str) -> Option<&'a str> {
    entry.iter().find_map(|line| line.get(2..)?.strip_prefix(key)?.strip_prefix(": "))
}

fn name(entry: &Entry) -> Option<String> {
    value(entry, "name").map(str::to_owned)
}

fn kept_names(entries: &[Entry]) -> BTreeSet<String> {
    let annotated = |entry: &&Entry| entry.iter().any(|line| line == "  provenance:");
    entries.iter().filter(annotated).filter_map(name).collect()
}

fn replace_value(entry: &mut Entry, key: &str, value: &str) {
    for line in entry {
        if line.get(2..).is_some_and(|line| line.starts_with(&format!("{key}: "))) {
            *line = format!("{}{key}: {value}", &line[..2]);
        }
    }
}

fn drop_kind(entry: &mut Entry) {
    if entry[0] == "- kind: registry" && entry.len() > 1 {
        entry.remove(0);
        entry[0].replace_range(..2, "- ");
    }
}
