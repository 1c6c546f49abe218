//! Reads a report as a renderer would, and refuses whatever is not ours.

use cargo2_bot::report::markdown::visible;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// The hosts that a report may link.
const HOSTS: [&str; 6] =
    ["github.com", "redirect.github.com", "crates.example", "diff.example", "docs.example", "gitlab.gnome.org"];

/// The only HTML of a report.
const TAGS: [&str; 5] = ["<!-- cargo2-bot -->", "<details>", "</details>", "<summary>", "</summary>"];

/// Everything that GitHub's reader knows.
fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM
        | Options::ENABLE_MATH
}

/// The kinds of the blocks of a report, in order. Panics where something in it is not ours.
pub(crate) fn read(markdown: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let (mut text, mut html) = (String::new(), String::new());
    let mut folds = 0_i32;
    for event in Parser::new_ext(markdown, options()) {
        match event {
            Event::Text(piece) => text.push_str(&piece),
            Event::Start(Tag::CodeBlock(kind)) => {
                words(&std::mem::take(&mut text));
                assert!(matches!(&kind, CodeBlockKind::Fenced(l) if ["sh", "diff"].contains(&&**l)), "{kind:?}");
                blocks.push("code".into());
            }
            Event::End(TagEnd::CodeBlock) => text.clear(),
            // A code span is opaque; a space keeps what stands at its sides apart, as the tags do.
            Event::Code(_) | Event::SoftBreak => text.push('\n'),
            Event::Html(piece) => html.push_str(&piece),
            Event::End(TagEnd::HtmlBlock) => folds += markup(&std::mem::take(&mut html)),
            Event::Start(Tag::Link { dest_url, title, .. }) => {
                let host = dest_url.strip_prefix("https://").and_then(|rest| rest.split('/').next());
                assert!(host.is_some_and(|h| HOSTS.contains(&h)) && title.is_empty(), "link to {dest_url}");
            }
            Event::End(TagEnd::Link | TagEnd::Strong) | Event::Start(Tag::Strong) | Event::TaskListMarker(_) => {}
            Event::Start(tag) if ours(&tag) => {
                words(&std::mem::take(&mut text));
                blocks.push(format!("{tag:?}"));
            }
            Event::End(_) => words(&std::mem::take(&mut text)),
            other => panic!("{other:?} in\n{markdown}"),
        }
    }
    assert_eq!(folds, 0, "a fold is not closed in\n{markdown}");
    lines(markdown);
    blocks
}

/// The kinds of blocks that a report is made of.
fn ours(tag: &Tag<'_>) -> bool {
    let text =
        matches!(tag, Tag::Paragraph | Tag::Heading { .. } | Tag::Item | Tag::List(None | Some(1)) | Tag::HtmlBlock);
    let table = matches!(tag, Tag::Table(_) | Tag::TableHead | Tag::TableRow | Tag::TableCell);
    text || table || matches!(tag, Tag::BlockQuote(Some(_)))
}

/// What holds for each line: nothing hides, and no row of a table is broken.
fn lines(markdown: &str) {
    let mut fence: Option<String> = None;
    for line in markdown.lines() {
        assert_eq!(visible(&line.replace('\t', " ")), line.replace('\t', " "), "something hides");
        let ticks = line.chars().take_while(|c| *c == '`').count();
        match &fence {
            Some(open) if line == open => fence = None,
            None if ticks >= 3 => fence = Some("`".repeat(ticks)),
            None if line.starts_with('|') => assert_eq!(line.matches('|').count(), 5, "{line}"),
            _ => {}
        }
    }
}

/// Our own tags, and how many folds they open less those that they close.
fn markup(html: &str) -> i32 {
    let mut rest = html.to_owned();
    let folds = |tag: &str| i32::try_from(html.matches(tag).count()).unwrap();
    while let Some(from) = rest.find("<code>") {
        let to = from + rest[from..].find("</code>").expect("closed");
        assert!(!rest[from + 6..to].contains(['<', '>', '"']), "{html}");
        rest.replace_range(from..to + 7, "\n");
    }
    for tag in TAGS {
        rest = rest.replace(tag, "\n");
    }
    words(&rest);
    folds("<details>") - folds("</details>")
}

/// Text that GitHub reads once more: it must hold nothing that it would link, ping, or draw.
fn words(text: &str) {
    let ours = "❌✅👀❔⛔−";
    for c in text.chars() {
        assert!(!"@#<>*_~[]|\\$&{}^=`/".contains(c), "{c:?} in {text:?}");
        assert!(
            c.is_alphanumeric() || c.is_whitespace() || ours.contains(c) || ".,;:!?()'\"’…→—–·×≤≥≠%+-".contains(c),
            "{c:?} in {text:?}"
        );
    }
    for word in text.split_whitespace() {
        let lower = word.to_ascii_lowercase();
        let colons = word.trim_end_matches([':', ')', ',', '.', ';', '!', '?', '\'', '"', '…']);
        assert!(!lower.contains("www.") || !lower.trim_start_matches(['(', '"', '\'']).starts_with("www."), "{word:?}");
        assert!(!lower.contains("http") && !colons.contains(':'), "{word:?}");
        let parts: Vec<&str> = word.split(|c: char| !c.is_alphanumeric()).collect();
        let hex = |p: &&str| p.len() >= 7 && p.chars().all(|c| c.is_ascii_hexdigit());
        assert!(!parts.iter().any(hex), "a commit: {word:?}");
        let issue =
            |p: &[&str]| p[0].ends_with(|c: char| c.is_alphabetic()) && p[1].starts_with(|c: char| c.is_ascii_digit());
        assert!(
            !word.contains('-') || !word.to_uppercase().starts_with("GH-") || !parts.windows(2).any(issue),
            "{word:?}"
        );
    }
}

#[test]
fn the_reader_sees_what_is_not_ours() {
    for bad in [
        "hello @octocat",
        "see #12",
        "[x](https://evil.example/)",
        "![x](https://github.com/x.png)",
        "<b>x</b>",
        "<details>\n\nx\n",
        "<details><summary>@x</summary>\n\nx\n\n</details>\n",
        "commit deadbeef1",
        "https://evil.example",
        "(www.evil.example",
        "GH-12",
        "a[^1]\n\n[^1]: x\n",
        "$x$",
        "---",
        "2. x",
        "    code",
        "a :tada: b",
        "x\u{202e}y",
        "| a | b |\n| --- | --- |\n| c | d |\n",
    ] {
        assert!(std::panic::catch_unwind(|| read(bad)).is_err(), "not seen: {bad}");
    }
    assert_eq!(read("### a `@b` c\n"), ["Heading { level: H3, id: None, classes: [], attrs: [] }"]);
}
