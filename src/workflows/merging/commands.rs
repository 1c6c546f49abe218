//! Which commands merge a pull request, and which run something that is not read here.

use crate::shell::{Call, Part, Script, Simple, Word, read};
use crate::workflows::script::walk;
use crate::workflows::values::{AbstractValue, Tri};
use std::collections::HashMap;

/// The effect of a command of a workflow, as far as it concerns merging.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// It merges a pull request, or enables its auto-merge.
    Merge,
    /// It pushes to a branch that pull requests merge into.
    Push,
    /// It runs a script: a file, as far as its name is known.
    Script(String),
    /// It runs a recipe of `just`, `make` and the like.
    Recipe(String),
    /// It runs what is only known at run time.
    Unknown,
}

impl Action {
    /// Returns whether it changes the base branch.
    #[must_use]
    pub fn merges(&self) -> bool {
        matches!(self, Self::Merge | Self::Push)
    }
}

/// An action, and whether it surely happens when the command runs.
type Found = (Action, bool);

const MUTATIONS: [&str; 3] = ["enablePullRequestAutoMerge", "mergePullRequest", "enqueuePullRequest"];

/// The branches that pull requests merge into.
const BASES: [&str; 6] = ["main", "master", "trunk", "develop", "testing", "stable"];

/// The nesting depth to which texts in arguments are read.
const MAX_DEPTH: usize = 3;

/// Returns the effects of a command. Its known variables must be replaced.
#[must_use]
pub(crate) fn actions(command: &Simple) -> Vec<Found> {
    inspect(command, 0)
}

/// Returns whether a text speaks of merging: for texts that are not read as commands.
#[must_use]
pub(crate) fn mentions_merge(text: &str) -> bool {
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    text.contains("/merge")
        || MUTATIONS.iter().any(|name| text.contains(name))
        || words.windows(2).any(|pair| pair == ["pr", "merge"])
}

fn inspect(command: &Simple, depth: usize) -> Vec<Found> {
    let calls = command.calls();
    if calls.is_empty() && !command.words.is_empty() {
        // The program is not known: what it gets may still say what it does.
        let suspect = gh(&command.words[1..], false).or_else(|| in_arguments(&command.words[1..], depth));
        return vec![suspect.map_or((Action::Unknown, true), |(action, _)| (action, false))];
    }
    calls.iter().filter_map(|call| of_call(call, command, depth)).collect()
}

fn of_call(call: &Call<'_>, command: &Simple, depth: usize) -> Option<Found> {
    match call.script() {
        Some(Script::File(file)) => return Some((Action::Script(file.source()), true)),
        Some(Script::Input) if !command.has_input() => return Some((Action::Unknown, true)),
        Some(_) => return None,
        None => {}
    }
    let program = call.program.rsplit('/').next().unwrap_or_default();
    match program {
        "gh" => gh(call.args, call.open),
        "git" => push(call.args),
        "curl" | "wget" | "http" | "https" | "xh" => request(call.args),
        // What `find` runs is a call of its own.
        "echo" | "printf" | "cat" | ":" | "find" => None,
        "just" | "make" | "task" | "npm" | "yarn" | "pnpm" => {
            let recipe = operands(call.args, &[]).flatten().collect::<Vec<_>>().join(" ");
            Some((Action::Recipe(format!("{program} {recipe}").trim_end().to_owned()), true))
        }
        "python" | "python3" | "node" | "ruby" | "perl" | "deno" if call.args.iter().any(is_file) => {
            call.args.iter().find(|word| is_file(word)).map(|file| (Action::Script(file.source()), true))
        }
        _ => in_arguments(call.args, depth)
            .or_else(|| call.program.contains('/').then(|| (Action::Script(call.program.clone()), true))),
    }
}

/// Returns whether a word could be a script's file.
fn is_file(word: &Word) -> bool {
    let text = word.source();
    !text.starts_with('-') && !text.contains(char::is_whitespace) && text.contains(['.', '/'])
}

/// Returns the effect of the arguments that another program may run: the rest of them as a command, or one of them as a
/// text.
fn in_arguments(args: &[Word], depth: usize) -> Option<Found> {
    let rest = args.iter().enumerate().find_map(|(at, word)| match word.text()?.as_str() {
        "gh" => gh(&args[at + 1..], false),
        "git" => push(&args[at + 1..]),
        "curl" => request(&args[at + 1..]),
        _ => None,
    });
    let text = |word: &Word| in_text(&word.source(), depth);
    let merges = rest.or_else(|| args.iter().find_map(text)).filter(|(action, _)| action.merges());
    merges.map(|(action, _)| (action, false))
}

/// Returns the effect of a text that is run as commands.
fn in_text(text: &str, depth: usize) -> Option<Found> {
    // What `gh $VERB` and `curl "$URL"` do is known only at run time.
    let speaks = ["merge", "Merge", "push"].iter().any(|word| text.contains(word))
        || text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| matches!(word, "gh" | "curl"));
    let suspect = speaks && text.contains(char::is_whitespace);
    if !suspect || depth >= MAX_DEPTH {
        return (suspect && mentions_merge(text)).then_some((Action::Merge, false));
    }
    let mut found = None;
    let mut visit = |command: &Simple, _: &str, _: Tri| {
        found = found.take().or_else(|| inspect(command, depth + 1).into_iter().find(|(action, _)| action.merges()));
    };
    let effects = walk(text, HashMap::new(), &|_| AbstractValue::Free, &mut visit);
    let unread = !effects.complete && mentions_merge(text);
    found.or_else(|| unread.then_some((Action::Merge, false)))
}

/// The words that are neither options nor the values of these options; None for those that are not known.
fn operands<'a>(args: &'a [Word], valued: &'a [&str]) -> impl Iterator<Item = Option<String>> + 'a {
    let mut value = false;
    args.iter().filter_map(move |word| {
        let option = word.head().starts_with('-');
        let taken = std::mem::replace(&mut value, option && word.text().is_some_and(|t| valued.contains(&t.as_str())));
        (!taken && !option).then(|| word.text())
    })
}

/// `open`: more arguments come at run time.
fn gh(args: &[Word], open: bool) -> Option<Found> {
    let words: Vec<Option<String>> = operands(args, &["-R", "--repo", "--hostname"]).collect();
    let word = |at: usize| words.get(at).map(Option::as_deref);
    let perhaps = Some((Action::Merge, false));
    match (word(0), word(1)) {
        (None, _) | (Some(Some("pr")), None) => perhaps.filter(|_| open),
        (Some(None), _) | (Some(Some("pr")), Some(None)) => perhaps,
        (Some(Some("pr")), Some(Some("merge"))) => {
            let disables = args.iter().any(|word| word.head() == "--disable-auto");
            (!disables).then_some((Action::Merge, true))
        }
        (Some(Some("api")), _) => request(args),
        (Some(Some("alias")), _) => {
            let texts = words.iter().skip(3).flatten();
            let merges =
                |text: &String| read(&format!("gh {text}")).commands.iter().any(|c| gh(&c.words[1..], true).is_some());
            perhaps.filter(|_| texts.into_iter().any(merges))
        }
        _ => None,
    }
}

/// A request to GitHub's API.
fn request(args: &[Word]) -> Option<Found> {
    let texts: Vec<String> = args.iter().map(Word::source).collect();
    if texts.iter().any(|text| MUTATIONS.iter().any(|name| text.contains(name))) {
        return Some((Action::Merge, true));
    }
    let method = method(args);
    let reads = matches!(method.as_deref(), Some("GET" | "HEAD"));
    let endpoint = |text: &String| {
        let path = text.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        path.ends_with("/merge") || path.ends_with("/merges") || (method.is_some() && path.contains("/git/refs/heads/"))
    };
    // A document, or an endpoint that is written to, that is only known at run time.
    let unknown = args.iter().any(|word| {
        let query = word.head().strip_prefix("query=").is_some_and(|text| text.is_empty() || text.starts_with('@'));
        let part = |part: &Part| !matches!(part, Part::Text(_));
        let pulls =
            word.parts.last().is_some_and(part) && (word.head().is_empty() || word.source().contains("/pulls/"));
        query || (pulls && matches!(method.as_deref(), Some("PUT" | "")))
    });
    let sure = method.as_deref() == Some("PUT");
    match texts.iter().any(endpoint) {
        _ if reads => None,
        true => Some((Action::Merge, sure)),
        false => unknown.then_some((Action::Merge, false)),
    }
}

/// The method of a request; empty when it is not known.
fn method(args: &[Word]) -> Option<String> {
    const OPTIONS: [&str; 3] = ["--method", "--request", "-X"];
    args.iter().enumerate().find_map(|(at, word)| {
        let text = word.text().unwrap_or_else(|| word.head().to_owned());
        let rest = OPTIONS.iter().find_map(|option| text.strip_prefix(option))?;
        if rest.is_empty() && word.parts.len() == 1 {
            return Some(args.get(at + 1)?.text().unwrap_or_default().to_ascii_uppercase());
        }
        Some(rest.trim_start_matches('=').to_ascii_uppercase())
    })
}

/// `git push` to a branch that pull requests merge into.
fn push(args: &[Word]) -> Option<Found> {
    let global = ["-C", "-c", "--git-dir", "--work-tree", "--namespace"];
    let command = operands(args, &global).next()?;
    let Some("push") = command.as_deref() else {
        return command.is_none().then_some((Action::Unknown, true));
    };
    let at = args.iter().position(|word| word.text().as_deref() == Some("push"))?;
    let args = &args[at + 1..];
    if args.iter().any(|word| matches!(word.head(), "--all" | "--mirror" | "--branches")) {
        return Some((Action::Push, false));
    }
    let options = ["-o", "--push-option", "--receive-pack", "--exec", "--repo"];
    let refspecs: Vec<&Word> = args.iter().filter(|word| !word.head().starts_with('-')).skip(1).collect();
    let known = operands(args, &options).skip(1).all(|text| text.is_some_and(|text| !text.ends_with("HEAD")));
    for refspec in &refspecs {
        let text = refspec.source();
        let branch = text.rsplit(':').next().unwrap_or_default().trim_start_matches('+');
        let branch = branch.strip_prefix("refs/heads/").unwrap_or(branch);
        if BASES.contains(&branch) {
            return Some((Action::Push, true));
        }
        if ["default_branch", "base_ref", "base.ref"].iter().any(|name| branch.contains(name)) {
            return Some((Action::Push, false));
        }
    }
    (refspecs.is_empty() || !known).then_some((Action::Unknown, true))
}
