//! Comments that look like approvals and commands, and one that is.

use crate::canary::SECRET;
use crate::case::Must::{Hold, Release};
use crate::events::{run, world};
use crate::github::{OLD, TOOL, World, tool};
use crate::lab::{Ended, Lab};
use serde_json::json;

cases! {
    a_right_approval: "an approval by somebody who may" => Release("0 pull requests held"), |lab| approved(lab, "reviewer", "/cargo2 approve {id}");
    a_quote: "an approval in a quote" => Hold("1 pull requests held"), |lab| approved(lab, "reviewer", "> /cargo2 approve {id}");
    a_fence: "an approval in a code block" => Hold("1 pull requests held"), |lab| approved(lab, "reviewer", "```\n/cargo2 approve {id}\n```");
    an_indent: "an approval in an indented code block" => Hold("1 pull requests held"), |lab| approved(lab, "reviewer", "    /cargo2 approve {id}");
    a_code_span: "an approval in a code span" => Hold("1 pull requests held"), |lab| approved(lab, "reviewer", "`/cargo2 approve {id}`");
    a_comment_of_html: "an approval in a comment of HTML" => Hold("1 pull requests held"), |lab| approved(lab, "reviewer", "<!-- /cargo2 approve {id} -->");
    a_fold: "an approval in a fold" => Hold("1 pull requests held"), |lab| approved(lab, "reviewer", "<details>\n\n/cargo2 approve {id}\n\n</details>");
    behind_words: "an approval behind words" => Hold("1 pull requests held"), |lab| approved(lab, "reviewer", "Never write /cargo2 approve {id}");
    before_words: "an approval with words behind it" => Hold("1 pull requests held"), |lab| approved(lab, "reviewer", "/cargo2 approve {id} is what I shall not write");
    a_second_line: "an approval in the second line" => Hold("1 pull requests held"), |lab| approved(lab, "reviewer", "Hello!\n/cargo2 approve {id}");
    an_empty_first_line: "an approval behind an empty line" => Hold("1 pull requests held"), |lab| approved(lab, "reviewer", "\n/cargo2 approve {id}");
    a_mention: "an approval to which somebody else is mentioned" => Hold("1 pull requests held"), |lab| approved(lab, "reviewer", "@stranger /cargo2 approve {id}");
    a_wide_slash: "an approval with a slash of another script" => Hold("1 pull requests held"), |lab| approved(lab, "reviewer", "\u{ff0f}cargo2 approve {id}");
    a_space_of_no_width: "an approval with a space of no width" => Hold("1 pull requests held"), |lab| approved(lab, "reviewer", "/cargo2\u{200b} approve {id}");
    right_to_left: "an approval that is written from right to left" => Hold("1 pull requests held"), |lab| approved(lab, "reviewer", "\u{202e}/cargo2 approve {id}");
    another_command: "a command that only begins like the bot's" => Hold("1 pull requests held"), |lab| approved(lab, "reviewer", "/cargo2-approve {id}");
    two_ids: "an approval of two contents" => Hold("1 pull requests held"), |lab| approved(lab, "reviewer", "/cargo2 approve {id} {id}");
    an_id_in_markup: "an approval of an id in markup" => Hold("1 pull requests held"), |lab| approved(lab, "reviewer", "/cargo2 approve `{id}`");
    no_id: "an approval of nothing" => Hold("1 pull requests held"), |lab| approved(lab, "reviewer", "/cargo2 approve");
    somebody_else: "an approval by somebody who may not" => Hold("1 pull requests held"), |lab| approved(lab, "stranger", "/cargo2 approve {id}");
    a_machine: "an approval by a bot" => Hold("1 pull requests held"), |lab| approved(lab, "helper[bot]", "/cargo2 approve {id}");
    the_author: "an approval by who opened it" => Hold("1 pull requests held"), |lab| approved(lab, "github-actions[bot]", "/cargo2 approve {id}");
    an_edited_comment: "a comment that became an approval" => Hold("1 pull requests held"), |lab| edited(lab);
    the_bots_own_words: "a comment that has the bot's mark and says that all is well" => Hold("1 pull requests held"), |lab| approved(lab, "mallory", "<!-- cargo2-bot -->\n### Approved\n/cargo2 approve {id}");
    a_megabyte: "an approval at the end of a long comment" => Hold("1 pull requests held"), |lab| approved(lab, "reviewer", &format!("{}\n/cargo2 approve {{id}}", "x ".repeat(30_000)));
    a_command_in_a_quote: "a command in a quote" => Hold("1 pull requests held"), |lab| commanded(lab, "reviewer", "> /cargo2 regenerate");
    a_command_by_somebody_else: "a command by somebody who may not" => Hold("1 pull requests held"), |lab| commanded(lab, "stranger", "/cargo2 regenerate");
    a_command_with_a_program: "a command with a program behind it" => Hold("1 pull requests held"), |lab| commanded(lab, "reviewer", "/cargo2 regenerate; rm -rf /");
    a_command_with_an_option: "a command with an option" => Hold("1 pull requests held"), |lab| commanded(lab, "reviewer", "/cargo2 regenerate --lock=/etc/passwd");
}

/// The bot has explained the pull request; then somebody comments.
fn approved(lab: &Lab, who: &str, body: &str) -> Ended {
    let world = world();
    run(lab, &world, "workflow_run", "{}", &[]);
    let body = body.replace("{id}", &id(&world));
    let comment = world.fake.comment(1, who, &body);
    said(lab, &world, who, comment, &body)
}

/// The id of the content, as the bot's comment names it.
fn id(world: &World) -> String {
    let body = world.fake.comments(1).into_iter().next().expect("the bot's comment").body;
    let rest = body.split("/cargo2 approve ").nth(1).expect("the comment names the command");
    rest.chars().take_while(char::is_ascii_hexdigit).collect()
}

fn said(lab: &Lab, world: &World, who: &str, comment: u64, body: &str) -> Ended {
    let kind = if who.ends_with("[bot]") { "Bot" } else { "User" };
    let payload = json!({
        "action": "created",
        "repository": {"default_branch": "main", "full_name": "owner/name"},
        "issue": {"number": 1, "state": "open", "pull_request": {"url": "x"}},
        "comment": {"id": comment, "body": body, "user": {"login": who, "type": kind}},
    });
    run(lab, world, "issue_comment", &payload.to_string(), &[]);
    // Whatever became of the comment's own event, a look at everything counts all comments.
    let ended = run(lab, world, "workflow_run", "{}", &[]);
    let shown = world.fake.comments(1).into_iter().map(|comment| comment.body).collect::<Vec<_>>().join("\n");
    assert!(!crate::canary::is_in(shown.as_bytes()) && !shown.contains(SECRET), "a secret is in a comment");
    Ended { out: format!("{}\n{shown}", ended.out), ..ended }
}

fn edited(lab: &Lab) -> Ended {
    let world = world();
    run(lab, &world, "workflow_run", "{}", &[]);
    let comment = world.fake.comment(1, "reviewer", "Thanks");
    let body = format!("/cargo2 approve {}", id(&world));
    world.fake.edit_comment("owner", comment, &body);
    said(lab, &world, "reviewer", comment, &body)
}

/// A person's commit is on the branch, whose block is not right: only a command writes over it.
fn commanded(lab: &Lab, who: &str, body: &str) -> Ended {
    let world = world();
    let block = tool(OLD);
    world.fake.commit("auto/track-tool", &[(TOOL, Some(&block)), ("notes.txt", Some("by hand"))], "reviewer");
    let comment = world.fake.comment(1, who, body);
    let ended = said(lab, &world, who, comment, body);
    assert_eq!(world.fake.file("auto/track-tool", TOOL).unwrap(), block, "the branch was written");
    ended
}
