//! Foreign text in what the bot writes: comments, checks, summaries, annotations, outputs.

use crate::case::Must::Hold;
use crate::events::{run, world};
use crate::fake_github::Handle;
use crate::github::{LOCK, NEW, OLD, TOOL, tool};
use crate::lab::{Ended, Lab};
use crate::support::{lock, registry, sha};
use pulldown_cmark::{Event, Options, Parser, Tag};

cases! {
    a_title_of_markup: "a pull request whose title is markup" => Hold("1 pull requests held"), |lab| titled(lab, "<img src=x onerror=y> [x](https://evil.example) @everyone ![](https://evil.example/p.png)");
    a_title_of_commands: "a pull request whose title is commands for the runner" => Hold("1 pull requests held"), |lab| titled(lab, "x\n::set-output name=held::[]\n##[add-mask]y\n%0A::stop-commands::z");
    a_branch_of_markup: "a branch whose name is markup" => Hold("1 pull requests held"), |lab| branched(lab, "auto/`$(id)`<img-src=x>&lt;");
    an_author_of_markup: "a commit whose message mentions people and closes issues" => Hold("1 pull requests held"), |lab| committed(lab, "fix #1, closes #2\n\n@everyone /cargo2 approve <img src=x>");
    an_element_of_markup: "an element whose name is markup" => Hold("1 pull requests held"), |lab| element(lab, "a`|<img src=x>[x](https:evil.example)@everyone");
    an_element_of_commands: "an element whose name has commands for the runner in it" => Hold("1 pull requests held"), |lab| element(lab, "a,line=1::x%0A");
    a_lock_of_markup: "a lock whose error is markup" => Hold("1 pull requests held"), |lab| locked(lab, "[[package]]\nname = <img src=x> @everyone [x](https://evil.example)\n");
    a_lock_of_commands: "a lock whose error has commands for the runner in it" => Hold("1 pull requests held"), |lab| locked(lab, "a = 1 ::error::x ##[error]y %0A::set-output name=held::[] \u{85}::z\n");
    a_crate_of_markup: "a crate whose name is markup" => Hold("1 pull requests held"), |lab| locked(lab, &format!("{}\n{}", lock(NEW), registry("<img src=x>@everyone`|", "1.0.0", &sha("x", "1"))));
    a_registry_of_markup: "a crate whose registry is markup" => Hold("1 pull requests held"), |lab| locked(lab, &format!("{}\n[[package]]\nname = \"x\"\nversion = \"1.0.0\"\nsource = \"registry+https://evil.example/](x)<img src=x>@everyone\"\n", lock(NEW)));
    a_delimiter_of_outputs: "a lock whose error holds the delimiter of multiline outputs" => Hold("1 pull requests held"), |lab| locked(lab, "x = <<ghadelimiter_1\nheld=[]\nghadelimiter_1\n");
    a_path_of_lines: "an element whose path has line ends in it" => Hold("1 pull requests held"), |lab| element(lab, "a\nheld=[]\n::error::x");
    megabytes_of_words: "a lock whose error is a line of a megabyte" => Hold("1 pull requests held"), |lab| locked(lab, &format!("x = {}\n", "@everyone ".repeat(100_000)));
    a_configuration_of_markup: "a configuration of the base whose error is markup" => Hold("#1 could not be reviewed: .github/cargo2-bot.yml:1:1"), |lab| configured(lab, "\"<img src=x>@everyone\\n::error::y\": 1\n");
    owners_of_markup: "owners that are no people" => Hold("1 pull requests held"), |lab| owned(lab, "* @everyone/<img src=x> `id`@ @a/b/c @../../x docs@evil.example\n");
    owners_without_an_end: "a file of owners of nearly three megabytes, of which no line matches" => Hold("1 pull requests held"), |lab| owned(lab, &lines("/nowhere/{n}/**"));
    owners_of_patterns: "a file of owners of a hundred thousand patterns that could match" => Hold("1 pull requests held"), |lab| owned(lab, &lines("*x*{n}*"));
    a_link_for_owners: "a pattern of owners that takes long" => Hold("1 pull requests held"), |lab| owned(lab, &format!("{} @reviewer\n", "**/*".repeat(5_000)));
}

/// The files of the pull request are these, and the bot looks at it.
fn changed(lab: &Lab, files: &[(&str, &str)], title: &str) -> Ended {
    let world = world();
    let files: Vec<(&str, Option<&str>)> = files.iter().map(|(path, text)| (*path, Some(*text))).collect();
    world.fake.commit("auto/track-tool", &files, "github-actions[bot]");
    if !title.is_empty() {
        world.fake.inspect_mut(|state| state.pulls.get_mut(&1).unwrap().title = title.to_owned());
    }
    looked_at(lab, &world)
}

/// Runs the bot, and judges all that it writes as a reader of Markdown does.
fn looked_at(lab: &Lab, world: &crate::github::World) -> Ended {
    let ended = run(lab, world, "workflow_run", "{}", &[]);
    let summary = std::fs::read_to_string(lab.at("out/summary")).unwrap_or_default();
    let mut all = vec![summary];
    all.extend(written(&world.fake));
    all.iter().for_each(|text| harmless(text));
    let outputs = std::fs::read_to_string(lab.at("out/output")).unwrap();
    let held = outputs.contains("\nheld=[1]\n") || outputs.starts_with("verdict=main: ");
    assert!(held, "{outputs}");
    Ended { out: format!("{}\n{}", ended.out, all.join("\n")), ..ended }
}

/// Comments, and what checks say.
fn written(fake: &Handle) -> Vec<String> {
    let comments = fake.comments(1).into_iter().map(|comment| comment.body);
    let checks = fake.checks(&fake.pull(1).head_sha).into_iter();
    comments
        .chain(checks.filter(|run| run.name.starts_with("cargo2")).map(|run| run.summary.unwrap_or_default()))
        .collect()
}

/// The hosts that the bot links by itself.
const HOSTS: [&str; 3] = ["https://github.com/", "https://redirect.github.com/", "https://diff.rs/"];

/// Asserts that nothing foreign is more than text: no link, no picture, no tag, nobody mentioned.
fn harmless(markdown: &str) {
    let mut code = false;
    for event in Parser::new_ext(markdown, Options::all()) {
        match event {
            Event::Start(Tag::Image { dest_url, .. }) => panic!("a picture of {dest_url}"),
            Event::Start(Tag::Link { dest_url, .. }) => {
                assert!(HOSTS.iter().any(|host| dest_url.starts_with(host)), "a link to {dest_url}");
            }
            Event::Html(html) | Event::InlineHtml(html) => assert!(!html.contains("img"), "{html}"),
            Event::Start(Tag::CodeBlock(_)) => code = true,
            Event::End(pulldown_cmark::TagEnd::CodeBlock) => code = false,
            Event::Text(text) if !code => assert!(!text.contains("@everyone"), "{text}"),
            _ => {}
        }
    }
    assert!(!markdown.contains('\u{1b}') && !markdown.contains('\u{202e}'), "{markdown}");
}

fn titled(lab: &Lab, title: &str) -> Ended {
    changed(lab, &[("notes.txt", "x")], title)
}

fn element(lab: &Lab, name: &str) -> Ended {
    changed(lab, &[(&format!("elements/bluefin/{name}.bst"), &tool(OLD))], "")
}

fn locked(lab: &Lab, lock: &str) -> Ended {
    changed(lab, &[(LOCK, lock)], "")
}

fn committed(lab: &Lab, message: &str) -> Ended {
    let world = world();
    world.fake.commit_with("auto/track-tool", &[(TOOL, Some(&tool(OLD)))], "github-actions[bot]", message);
    looked_at(lab, &world)
}

fn branched(lab: &Lab, branch: &str) -> Ended {
    let world = world();
    world.fake.close(1);
    world.fake.commit(branch, &[(LOCK, Some(&lock(NEW))), (TOOL, Some(&tool(NEW)))], "github-actions[bot]");
    let number = world.fake.open_pull(branch, "main", "github-actions[bot]", "x");
    let ended = run(lab, &world, "workflow_run", "{}", &[]);
    let head = world.fake.pull(number).head_sha;
    let holds: Vec<_> = world.fake.checks(&head).into_iter().filter(|run| run.name == "cargo2 manual merge").collect();
    let held = !holds.is_empty() && holds.iter().all(|run| run.conclusion.as_deref() == Some("action_required"));
    let shown: Vec<String> = world.fake.comments(number).into_iter().map(|comment| comment.body).collect();
    shown.iter().for_each(|text| harmless(text));
    Ended { held: Some(held), out: format!("{}\n{}", ended.out, shown.join("\n")), ..ended }
}

fn lines(pattern: &str) -> String {
    (0..100_000).map(|n| format!("{} @reviewer\n", pattern.replace("{n}", &n.to_string()))).collect()
}

fn configured(lab: &Lab, text: &str) -> Ended {
    let world = world();
    world.fake.commit("main", &[(".github/cargo2-bot.yml", Some(text))], "owner");
    looked_at(lab, &world)
}

fn owned(lab: &Lab, text: &str) -> Ended {
    let world = world();
    world.fake.commit("main", &[(".github/CODEOWNERS", Some(text))], "owner");
    looked_at(lab, &world)
}
