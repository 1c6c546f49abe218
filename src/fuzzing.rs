//! Properties of parts that are not public otherwise, for the fuzz targets: a function for each, which panics where its
//! property does not hold.

use crate::config;
use crate::finding::Finding;
use crate::github::event::{self, Command, Event, Started};
use crate::github::owners;
use crate::io::git;
use crate::report::{Report, github, human, json, sarif};
use crate::review::{advisory, index_line};
use crate::text::{SourceText, Span};
use crate::workflows::expressions;
use crate::workflows::values::AbstractValue;
use crate::{registry, shell};
use std::collections::HashSet;

/// A shell text is read the same each time, and every place that is named lies in it.
pub fn shell(text: &str) {
    let read = shell::read(text);
    assert_eq!(format!("{read:?}"), format!("{:?}", shell::read(text)));
    let inside = |span: &Span| assert!(text.get(span.start..span.end).is_some(), "{span:?} of {text:?}");
    read.documents.iter().chain(&read.gaps).for_each(inside);
    for command in &read.commands {
        command.words.iter().for_each(|word| inside(&word.span));
        assert!(command.documents.iter().all(|number| *number < read.documents.len()), "{command:?}");
    }
}

/// An expression has the same value each time, and a text without expressions is itself.
pub fn expression(text: &str) {
    for lookup in [None, Some(AbstractValue::Text("a".into())), Some(AbstractValue::Unclear)] {
        let lookup = |_: &str| lookup.clone();
        assert_eq!(expressions::evaluate(text, &lookup), expressions::evaluate(text, &lookup));
        let value = expressions::interpolate(text, &lookup);
        assert!(text.contains("${{") || value == AbstractValue::Text(text.to_owned()), "{value:?} of {text:?}");
    }
}

/// An event is read the same each time, and only a comment that begins with the bot's name gives a command.
pub fn event(name: &str, payload: &str) {
    let started = Started { name, payload, git_ref: "refs/heads/main", relay: ".github/workflows/relay.yml" };
    let read = event::read(&started);
    assert_eq!(read, event::read(&started));
    if let Ok(read) = &read {
        let _ = event::scope(read, None, &event::default_branch(payload));
        assert!(!matches!(read, Event::Command { .. }) || payload.contains("cargo2"), "{read:?}");
    }
    let command = event::command(payload);
    assert!(command.is_none() || payload.starts_with("/cargo2"), "{command:?} of {payload:?}");
    if let Some(Command::Approve(id)) = command {
        assert!(id.len() >= 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    }
}

/// Owners are words, and more paths have no fewer of them.
pub fn owners(text: &str, paths: &[String]) {
    let all = owners::of(text, paths);
    let words = all.users.iter().chain(&all.teams);
    words.for_each(|word| assert!(!word.is_empty() && !word.contains(char::is_whitespace), "{word:?}"));
    assert!(all.users.iter().all(|user| !user.contains(['@', '/'])), "{all:?}");
    let first = owners::of(text, &paths[..paths.len().min(1)]);
    assert!(first.users.iter().all(|user| all.users.contains(user)), "{first:?} {all:?}");
}

/// A configuration is refused, or is read the same when it is written again.
pub fn configuration(text: &str) {
    let rules = registry::all();
    let parse = |text: &str| config::parse(&SourceText::new(".github/cargo2-bot.yml", text), &rules);
    let read = parse(text);
    assert_eq!(read, parse(text));
    // What is written as JSON is YAML as well.
    if let Ok(Ok(again)) = read.as_ref().map(serde_json::to_string) {
        assert_eq!(read, parse(&again), "{again}");
    }
}

/// What an index says is refused, or has every version once, each with a checksum.
pub fn index(name: &str, body: &[u8]) {
    let read = index_line::parse(name, body);
    assert_eq!(format!("{read:?}"), format!("{:?}", index_line::parse(name, body)));
    let Ok(read) = read else { return };
    let versions: HashSet<&str> = read.versions.iter().map(|version| version.version.as_str()).collect();
    assert_eq!(versions.len(), read.versions.len());
    assert!(!versions.is_empty() && read.versions.iter().all(|version| version.checksum.len() == 64));
}

/// An advisory is refused, or is the one that was asked for.
pub fn advisory(krate: &str, id: &str, text: &str) {
    if let Ok(read) = advisory::parse(krate, id, text) {
        assert_eq!((read.id.as_str(), read.krate.as_str()), (id, krate));
        assert!(!read.title.is_empty());
    }
}

/// A pack is taken or refused, whatever its pieces, and never beyond a number of objects.
pub fn pack(bytes: &[u8], cut: usize) {
    const OBJECTS: usize = 64;
    let (first, second) = bytes.split_at(cut.min(bytes.len()));
    let whole = git::index_pack(&[bytes], OBJECTS);
    assert_eq!(whole, git::index_pack(&[first, second], OBJECTS), "pieces make a difference");
}

/// Findings are shown in every form: nothing moves the cursor, each is one command for the runner, and documents are JSON.
pub fn report(findings: Vec<Finding>) {
    let report = Report { findings, ..Report::default() };
    let text = human::report(&report, false);
    let moves =
        |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    assert!(!text.contains(moves), "{text:?}");
    let commanding = |line: &str| line.trim_start().starts_with("::") || line.contains("##[");
    assert!(!text.lines().any(commanding), "{text}");
    let commands = github::report(&report);
    assert_eq!(commands.lines().count(), report.findings.len(), "{commands}");
    assert!(commands.lines().all(|line| line.starts_with("::") && !line.contains('\r')), "{commands}");
    for document in [json::report(&report), sarif::report(&report, &registry::all())] {
        assert!(serde_json::from_str::<serde_json::Value>(&document).is_ok(), "{document}");
    }
    assert_eq!(text, human::report(&report, false));
}
