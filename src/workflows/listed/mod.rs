//! The elements that a tracker's scripts name: in arrays, loops and here-documents, and in the files of data that they read. Texts stay
//! texts, nothing is evaluated: what is named there is *listed*, which says neither that it is tracked nor what merges it.

use super::WORKFLOWS;
use super::job::Tracks;
use super::reader::Workflow;
use super::tracking::{self, tracks};
use super::words::{self, Target};
use crate::bst::project::clean_path;
use crate::finding::read::Read;
use crate::shell::{self, Call, Script};
use crate::text::{Location, SourceText, Span};
use crate::yaml::Node;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Reads a file by its path from the repository's root.
pub type ReadScript<'a> = dyn Fn(&str) -> Read<Arc<SourceText>> + 'a;

/// The number of files that are read for the lists of one tracker.
const MAX_FILES: usize = 50;

/// The number of paths that are looked up for them.
const MAX_PATHS: usize = 2_000;

/// The ends of the names of scripts, and of files that hold lists.
const ENDS: [&str; 23] = [
    "sh", "bash", "zsh", "py", "js", "mjs", "cjs", "ts", "rb", "pl", "nu", "json", "jsonc", "yaml", "yml", "toml",
    "txt", "list", "lst", "csv", "conf", "ini", "env",
];

/// Words before a list of what is left out.
const OMITS: [&str; 4] = ["exclu", "skip", "except", "ignore"];

/// What the scripts of trackers name.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    /// Where each element is named first.
    pub elements: BTreeMap<String, Location>,
    /// The files that are there and not read, with the reason.
    pub unread: BTreeMap<String, String>,
    /// Whether a text looks for elements or composes their names.
    open: bool,
    /// What the commands of scripts track by themselves.
    pub tracks: Tracks,
}

impl Lists {
    /// Returns whether there are lists, and nothing but lists: an element that is not in them is in nothing that was read.
    #[must_use]
    pub fn are_whole(&self) -> bool {
        !self.elements.is_empty() && !self.open && self.unread.is_empty() && self.tracks != Tracks::All
    }

    /// Reads what the steps of workflows name and call.
    #[must_use]
    pub(super) fn read<'w>(
        workflows: impl IntoIterator<Item = &'w Workflow>,
        element_path: &str,
        read: &ReadScript<'_>,
    ) -> Self {
        let mut reader =
            Reader { read, element_path, lists: Self::default(), left_out: BTreeSet::new(), files: Files::default() };
        for workflow in workflows {
            let steps = workflow.jobs.iter().filter_map(|job| job.node.get("steps")?.as_list()).flatten();
            steps.filter_map(|step| step.get("run")).for_each(|run| reader.step(run));
        }
        reader.scripts();
        let Reader { mut lists, left_out, .. } = reader;
        lists.elements.retain(|name, _| !left_out.contains(name));
        lists
    }
}

/// The files that are still to be read.
#[derive(Default)]
struct Files {
    next: VecDeque<Wanted>,
    seen: BTreeSet<Wanted>,
}

/// A file, or a recipe of one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Wanted {
    path: String,
    recipe: Option<String>,
}

impl Files {
    fn want(&mut self, path: Option<String>, recipe: Option<&str>) {
        // Workflows are read as workflows.
        let Some(path) = path.filter(|path| !path.is_empty() && !path.starts_with(WORKFLOWS)) else { return };
        let wanted = Wanted { path, recipe: recipe.map(str::to_owned) };
        if self.seen.len() < MAX_PATHS && self.seen.insert(wanted.clone()) {
            self.next.push_back(wanted);
        }
    }

    /// Takes note of the files that a text names. `folder` is the one of that text, with a slash at its end.
    fn named(&mut self, text: &str, folder: &str) {
        for word in text.lines().flat_map(|line| tracking::words(without_comment(line))) {
            let word = word.rsplit('=').next().unwrap_or_default();
            // A variable before it is a folder: mostly the root, or that of the text.
            let path = match word.rsplit_once('$') {
                Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
                None => word,
            };
            let path = path.trim_start_matches('/');
            if path.rsplit_once('.').is_some_and(|(stem, end)| !stem.is_empty() && ENDS.contains(&end)) {
                self.want(clean_path(path), None);
                self.want(clean_path(&format!("{folder}{path}")), None);
            }
        }
        for command in &shell::read(text).commands {
            command.calls().iter().for_each(|call| self.called(call));
        }
    }

    fn called(&mut self, call: &Call<'_>) {
        if call.program.contains('/') {
            self.want(clean_path(&call.program), None);
        }
        if let Some(Script::File(word)) = call.script() {
            self.want(word.text().and_then(|path| clean_path(&path)), None);
        }
        let recipe = call.args.iter().filter_map(shell::Word::text).find(|word| !word.starts_with('-'));
        if let ("just", Some(recipe)) = (call.program.as_str(), recipe) {
            for path in ["Justfile", "justfile", ".justfile"] {
                self.want(Some(path.to_owned()), Some(&recipe));
            }
        }
    }
}

struct Reader<'r> {
    read: &'r ReadScript<'r>,
    element_path: &'r str,
    lists: Lists,
    left_out: BTreeSet<String>,
    files: Files,
}

impl Reader<'_> {
    /// Reads a step. What its commands name is the job's; its here-documents are lists.
    fn step(&mut self, run: &Node) {
        let text = run.as_str().unwrap_or_default();
        let raw = words::raw(run);
        for span in shell::read(text).documents {
            let place = |written: &str, _| {
                let at = run.span.start + raw.find(written).unwrap_or_default();
                run.file.locate(Span::new(at, at + 1))
            };
            self.text(text.get(span.start..span.end).unwrap_or_default(), &place);
        }
        self.files.named(text, "");
    }

    /// Reads the files that are named, and those that they name.
    fn scripts(&mut self) {
        let mut count = 0;
        while let Some(Wanted { path, recipe }) = self.files.next.pop_front() {
            let file = match (self.read)(&path) {
                Read::Known(file) => file,
                Read::Absent => continue,
                Read::Unreadable(why) => {
                    self.lists.unread.insert(path, why.to_string());
                    continue;
                }
            };
            let part = match &recipe {
                Some(name) => body_of(&file.text, name),
                None => Some(Span::new(0, file.text.len())),
            };
            let Some(part) = part else { continue };
            count += 1;
            if count > MAX_FILES || self.files.seen.len() >= MAX_PATHS {
                self.lists.unread.insert(path, format!("more than {MAX_FILES} files are not read for lists"));
                return;
            }
            let text = file.text.get(part.start..part.end).unwrap_or_default();
            self.text(text, &|_, at| file.locate(Span::new(part.start + at, part.start + at + 1)));
            let folder = path.rfind('/').map_or("", |at| &path[..=at]);
            self.files.named(text, folder);
        }
    }

    /// Reads the names in a text. `place` knows where something is: as it is written, and at which byte.
    fn text(&mut self, text: &str, place: &dyn Fn(&str, usize) -> Location) {
        // What ends a list of what is left out; a dash for one that goes on while lines begin with it.
        let mut ends: Option<char> = None;
        let mut from = 0;
        for line in text.split_inclusive('\n') {
            let code = without_comment(line);
            let goes_on = |end: &char| code.trim_start().chars().next().is_none_or(|c| (c == *end) == (*end == '-'));
            ends = ends.filter(goes_on);
            let lower = code.to_ascii_lowercase();
            let omits = |text: &str| OMITS.iter().any(|word| text.contains(word));
            for word in tracking::words(code).filter(|word| word.contains(".bst")) {
                let word = word.rsplit('=').next().unwrap_or_default();
                let at = code.find(word).unwrap_or_default();
                match words::target(word, self.element_path) {
                    Target::Element(name) if name.starts_with('.') || name.contains("/.") => self.lists.open = true,
                    Target::Element(name) if ends.is_some() || omits(&lower[..at]) => {
                        self.left_out.insert(name);
                    }
                    Target::Element(name) => {
                        self.lists.elements.entry(name).or_insert_with(|| place(word, from + at));
                    }
                    Target::Folder(_) => {}
                    Target::Pattern(_) | Target::Dynamic => self.lists.open = true,
                }
            }
            self.lists.tracks = self.lists.tracks.max(tracks(code));
            if ends.is_none() && omits(&lower) {
                let opens = |(open, _): &&(char, char)| code.trim_end().ends_with(*open);
                ends = [('(', ')'), ('[', ']'), ('{', '}'), (':', '-')].iter().find(opens).map(|(_, end)| *end);
            }
            from += line.len();
        }
    }
}

/// A line without the comment that ends it.
fn without_comment(line: &str) -> &str {
    let begins = |sign: &&str| {
        let mut found = line.match_indices(*sign).map(|(at, _)| at);
        found.find(|at| line[..*at].chars().next_back().is_none_or(char::is_whitespace))
    };
    ["#", "//"].iter().filter_map(begins).min().map_or(line, |at| &line[..at])
}

/// The lines of a recipe of a justfile.
fn body_of(text: &str, name: &str) -> Option<Span> {
    let is_head = |line: &str| {
        let rest = line.trim_start_matches('@').strip_prefix(name);
        rest.is_some_and(|rest| rest.starts_with([':', ' ']) && rest.contains(':') && !rest.contains(":="))
    };
    let mut begin = None;
    let mut from = 0;
    for line in text.split_inclusive('\n') {
        let inside = line.starts_with([' ', '\t']) || line.trim().is_empty();
        match begin {
            None if is_head(line) => begin = Some(from),
            Some(begin) if !inside => return Some(Span::new(begin, from)),
            _ => {}
        }
        from += line.len();
    }
    begin.map(|begin| Span::new(begin, from))
}

#[cfg(test)]
mod tests;
