//! Scripts: held where a changed line could do what only a held workflow may do, or where they cannot be read.

use super::words;
use crate::github::tree::Item;
use crate::shell::{self, Call, Part, Script, Simple, Word};
use crate::workflows::merging::commands::actions;
use crate::workflows::script::walk;
use crate::workflows::values::{AbstractValue, Tri};
use std::collections::{BTreeMap, HashMap};

/// The maximum size of a script, in bytes.
pub(super) const MAX_SCRIPT: usize = 1 << 20;

/// The ends of the names of scripts.
const ENDS: [&str; 27] = [
    "sh", "bash", "zsh", "ksh", "dash", "fish", "nu", "py", "js", "mjs", "cjs", "ts", "mts", "rb", "pl", "pm", "lua",
    "just", "mk", "make", "ps1", "bat", "cmd", "awk", "groovy", "tcl", "php",
];

/// The names of scripts without such an end, in lower case.
const NAMES: [&str; 11] = [
    "justfile",
    ".justfile",
    "makefile",
    "gnumakefile",
    "rakefile",
    "taskfile.yml",
    "taskfile.yaml",
    "mise.toml",
    ".mise.toml",
    "package.json",
    "jenkinsfile",
];

/// The ends of names whose content no interpreter is given by itself. It is not even read unless something names it.
const DATA: [&str; 37] = [
    "bst", "md", "txt", "rst", "adoc", "json", "json5", "yaml", "yml", "toml", "lock", "conf", "ini", "cfg", "inc",
    "patch", "diff", "xml", "html", "css", "svg", "png", "jpg", "jpeg", "gif", "webp", "ico", "pdf", "ttf", "otf",
    "woff", "woff2", "service", "refs", "desktop", "pem", "asc",
];

/// The ends of names of pictures and fonts, which are no text.
const PICTURES: [&str; 11] = ["png", "jpg", "jpeg", "gif", "webp", "ico", "pdf", "ttf", "otf", "woff", "woff2"];

fn end_of(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default()
}

/// Returns whether an entry is a script by its name or mode.
pub(super) fn is_script(path: &str, item: &Item) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let executable = item.mode & 0o170_000 == 0o100_000 && item.mode & 0o111 != 0;
    executable || ENDS.contains(&end_of(path).as_str()) || NAMES.contains(&name.as_str())
}

/// Returns whether the name says that no interpreter is given it.
pub(super) fn is_data(path: &str) -> bool {
    DATA.contains(&end_of(path).as_str())
}

/// Returns whether it is an element: BuildStream runs it, without network and token.
pub(super) fn is_element(path: &str) -> bool {
    end_of(path) == "bst"
}

/// Returns whether it is no text by its name.
pub(super) fn is_picture(path: &str) -> bool {
    PICTURES.contains(&end_of(path).as_str())
}

/// Returns whether it is a shell's script by its name.
pub(super) fn is_shell(path: &str) -> bool {
    matches!(end_of(path).as_str(), "sh" | "bash" | "zsh" | "ksh" | "dash")
}

/// Returns whether a text is a script by its first line.
pub(super) fn has_interpreter(text: &str) -> bool {
    text.starts_with("#!")
}

/// How a script is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Language {
    Shell,
    /// By words; its comments begin with this.
    Other(&'static str),
}

fn language(path: &str, text: &str) -> Language {
    let first = text.lines().next().filter(|line| line.starts_with("#!")).unwrap_or_default();
    let program = first.split(['/', ' ']).map(str::trim).rfind(|word| !word.is_empty() && !word.starts_with('-'));
    let shells = ["sh", "bash", "dash", "ksh", "zsh", "ash"];
    match end_of(path).as_str() {
        _ if is_shell(path) => Language::Shell,
        "js" | "mjs" | "cjs" | "ts" | "mts" | "php" | "groovy" => Language::Other("//"),
        "py" | "rb" | "pl" | "just" | "mk" | "make" | "nu" | "fish" => Language::Other("#"),
        "lua" => Language::Other("--"),
        _ if program.is_some_and(|program| shells.contains(&program)) => Language::Shell,
        _ if !first.is_empty() => Language::Other("#"),
        _ if NAMES.contains(&path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase().as_str()) => {
            Language::Other("#")
        }
        // Not known: all lines count.
        _ => Language::Other("\u{0}"),
    }
}

/// Returns what a changed line of a script could do. A text that is missing has no lines.
pub(super) fn change(path: &str, before: Option<&str>, after: Option<&str>) -> Option<String> {
    let [first, second] = [before, after].map(|text| found(path, text.unwrap_or_default()));
    let differs = |(key, count): (&Found, &usize), other: &Counts| (other.get(key) != Some(count)).then(|| key.clone());
    let new = second.iter().find_map(|pair| differs(pair, &first)).map(|found| ("", found));
    let gone = || first.iter().find_map(|pair| differs(pair, &second)).map(|found| ("no longer ", found));
    new.or_else(gone).map(|(no, found)| {
        let line: String = found.text.chars().take(120).collect();
        format!("a changed line can {no}{}: `{}`", found.why, line.escape_debug())
    })
}

/// What a line or command could do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    why: &'static str,
    text: String,
}

/// How often each is in a text.
type Counts = BTreeMap<Found, usize>;

fn found(path: &str, text: &str) -> Counts {
    let mut counts = Counts::new();
    let mut add = |why: &'static str, text: &str| *counts.entry(Found { why, text: text.to_owned() }).or_default() += 1;
    match language(path, text) {
        Language::Shell => match of_shell(text) {
            Some(all) => all.iter().for_each(|(why, text)| add(why, text)),
            None => of_lines(text, text, "#", &mut add),
        },
        Language::Other(comment) => of_lines(text, text, comment, &mut add),
    }
    counts
}

/// What the lines of a part of a text could do, by their words.
fn of_lines(whole: &str, part: &str, comment: &str, add: &mut dyn FnMut(&'static str, &str)) {
    // A line that goes on is one line.
    let joined = part.replace("\\\r\n", " ").replace("\\\n", " ");
    for line in joined.lines().map(str::trim).filter(|line| !line.starts_with(comment)) {
        let to_run = || words::downloads_to_run(line, whole).then_some("run what it downloads");
        if let Some(why) = words::of_line(line).or_else(to_run) {
            add(why, &line.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
}

/// What the commands of a shell's text could do. None where it is not understood as a whole.
fn of_shell(text: &str) -> Option<Vec<(&'static str, String)>> {
    let read = shell::read(text);
    if !read.is_complete() {
        return None;
    }
    let mut reader = Reader::default();
    let effects =
        walk(text, HashMap::new(), &|_| AbstractValue::Free, &mut |command, _, _: Tri| reader.command(command));
    if !effects.complete {
        return None;
    }
    // Texts that other programs get: they may be scripts.
    for span in &read.documents {
        let body = text.get(span.start..span.end)?;
        of_lines(text, body, "#", &mut |why, line| reader.found.push((why, line.to_owned())));
    }
    Some(reader.found)
}

/// Goes through the commands of a text.
#[derive(Default)]
struct Reader {
    found: Vec<(&'static str, String)>,
    /// Whether the pipe so far brings a download.
    downloading: bool,
    /// The names of files that were downloaded, and the command that did.
    saved: Vec<(String, String)>,
}

/// Programs that are given another file to run, or to make runnable.
const RUNNERS: [&str; 17] = [
    "sh", "bash", "dash", "zsh", ".", "source", "chmod", "install", "python", "python3", "perl", "node", "ruby",
    "deno", "bun", "tar", "unzip",
];

const RUNS_DOWNLOAD: &str = "run what it downloads";

/// What a line could do beside running a download, which is looked at call by call.
fn besides_downloads(line: &str) -> Option<&'static str> {
    words::of_line(line).filter(|why| *why != RUNS_DOWNLOAD)
}

/// What a program could do with an argument that is a script of its own: `git submodule foreach '…'`.
fn given(call: &Call<'_>) -> Option<&'static str> {
    call.args.iter().find_map(|word| {
        let text = word.source();
        text.contains(char::is_whitespace).then(|| text.lines().find_map(words::of_line)).flatten()
    })
}

impl Reader {
    fn command(&mut self, command: &Simple) {
        let text = command.words.iter().map(Word::source).collect::<Vec<_>>().join(" ");
        self.downloading &= command.join == shell::Join::Pipe;
        if actions(command).iter().any(|(action, _)| action.merges()) {
            self.found.push(("merge or push", text.clone()));
        }
        let calls = command.calls();
        // A program that is only known at run time: `"$GIT" push`.
        if calls.is_empty()
            && let Some(why) = besides_downloads(&text)
        {
            self.found.push((why, text.clone()));
        }
        for call in calls {
            if let Some(why) = self.call(&call, command) {
                self.found.push((why, text.clone()));
            }
        }
    }

    fn call(&mut self, call: &Call<'_>, command: &Simple) -> Option<&'static str> {
        let sources: Vec<String> = call.args.iter().map(Word::source).collect();
        let words: Vec<&str> = sources.iter().map(String::as_str).collect();
        let program = call.program.rsplit('/').next().unwrap_or_default();
        if let Some(why) = self.runs(call, program, command) {
            return Some(why);
        }
        match program {
            "git" | "jj" | "hub" if words.iter().any(|word| matches!(*word, "push" | "send-pack")) => Some("push"),
            "git" | "jj" | "hub" => given(call),
            "gh" => (call.open || !words::gh_reads(&words)).then_some("call GitHub's API"),
            "curl" | "wget" | "xh" | "http" | "https" | "aria2c" => {
                self.downloading = true;
                self.save(call, command);
                besides_downloads(&words.join(" "))
            }
            "echo" | "printf" | ":" | "test" | "[" => None,
            // Other programs may run what they are given: `retry 3 git push`.
            _ => given(call).or_else(|| besides_downloads(&format!("{program} {}", words.join(" ")))),
        }
    }

    /// Returns whether a call runs what is only known at run time: a download, or what another program made.
    fn runs(&self, call: &Call<'_>, program: &str, command: &Simple) -> Option<&'static str> {
        const UNKNOWN: &str = "run a text that is only known at run time";
        let fetches = |text: &str| ["curl", "wget", "aria2c"].iter().any(|name| text.contains(name));
        let opaque = |word: &Word| word.parts.iter().any(|part| matches!(part, Part::Opaque { .. }));
        match call.script() {
            Some(Script::Text(inner, _)) if !matches!(program, "trap" | "alias") => {
                let substituted =
                    call.args.iter().any(|word| word.parts.iter().any(|part| !matches!(part, Part::Text(_))));
                if substituted && fetches(&inner) {
                    return Some(RUNS_DOWNLOAD);
                }
                return (substituted && program == "eval").then_some(UNKNOWN);
            }
            Some(Script::File(word)) if opaque(word) && fetches(&word.source()) => return Some(RUNS_DOWNLOAD),
            Some(Script::Input) if self.downloading => return Some(RUNS_DOWNLOAD),
            Some(Script::Input) if command.join == shell::Join::Pipe => return Some(UNKNOWN),
            _ => {}
        }
        let unpacks =
            matches!(program, "tar" | "unzip" | "tee" | "install" | "python" | "python3" | "perl" | "node" | "ruby");
        let to_programs = call.args.iter().any(|word| word.source().contains("/bin"));
        let interprets = !matches!(program, "tar" | "unzip" | "tee" | "install")
            && call.args.iter().all(|word| word.head().starts_with('-') && !words::runs_other_text(word.head()));
        if self.downloading && unpacks && (interprets || to_programs) {
            return Some(RUNS_DOWNLOAD);
        }
        let given = RUNNERS.contains(&program);
        let last = |text: &str| text.rsplit('/').next().unwrap_or_default().to_owned();
        let runs = |name: &String| {
            *name == last(&call.program) || (given && call.args.iter().any(|word| last(&word.source()) == *name))
        };
        self.saved.iter().any(|(name, _)| runs(name)).then_some(RUNS_DOWNLOAD)
    }

    /// Takes note of the file that a download is saved in.
    fn save(&mut self, call: &Call<'_>, command: &Simple) {
        let sources: Vec<String> = call.args.iter().map(Word::source).collect();
        let mut names: Vec<String> = command.redirects.iter().filter(|r| r.writes).map(|r| r.target.source()).collect();
        for (at, word) in sources.iter().enumerate() {
            let short = word.starts_with('-') && !word.starts_with("--") && word.ends_with(['o', 'O']);
            if short || matches!(word.as_str(), "--output" | "--output-document") {
                names.extend(sources.get(at + 1).cloned());
            }
            names.extend(word.split_once("--output=").map(|(_, name)| name.to_owned()));
            names.extend(word.split_once("--output-document=").map(|(_, name)| name.to_owned()));
            if word.contains("://") {
                names.push(word.clone());
            }
        }
        let line = sources.join(" ");
        let last = |name: String| name.rsplit('/').next().unwrap_or_default().to_owned();
        let names = names.into_iter().map(last).filter(|name| !name.is_empty() && name != "null" && name != "-");
        self.saved.extend(names.map(|name| (name, line.clone())));
    }
}
