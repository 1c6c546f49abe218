//! The REST routes, one group in each test.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::client::Client;
use super::github::{Fake, Token};

/// A pull request with one file.
fn one_pull(fake: &Fake) -> (u64, String) {
    let sha = fake.commit("bump", &[("a.bst", Some("1\n"))], "tracker[bot]");
    (fake.open_pull("bump", "main", "tracker[bot]", "Bump a"), sha)
}

/// The id of what was made.
fn made(status: u16, body: &Value, field: &str) -> String {
    assert_eq!(status, 201, "{body}");
    body[field].as_str().unwrap().to_owned()
}

pub(crate) fn git_objects_make_a_commit(fake: &Fake) {
    let client = Client::new(fake, "app");
    let head = fake.head("main").unwrap();
    let long = "a line of the element\n".repeat(20);
    let blob = client.post("/git/blobs", &json!({ "content": STANDARD.encode(&long), "encoding": "base64" }));
    let blob = made(blob.status, &blob.body, "sha");
    // The id that git itself gives.
    assert_eq!(blob, git2::Oid::hash_object(git2::ObjectType::Blob, long.as_bytes()).unwrap().to_string());
    let shown = client.get(&format!("/git/blobs/{blob}")).body["content"].as_str().unwrap().to_owned();
    assert!(shown.contains('\n') && STANDARD.decode(shown.replace('\n', "")).unwrap() == long.as_bytes());
    let tree = client.post(
        "/git/trees",
        &json!({ "base_tree": head, "tree": [
        { "path": "elements/a.bst", "mode": "100644", "type": "blob", "sha": blob },
        { "path": "run.sh", "mode": "100755", "type": "blob", "content": "#!/bin/sh\n" },
        { "path": "README.md", "mode": "100644", "type": "blob", "sha": null },
    ] }),
    );
    let tree = made(tree.status, &tree.body, "sha");
    let listed = client.get(&format!("/git/trees/{tree}?recursive=1")).body["tree"].clone();
    let entries: Vec<_> = listed.as_array().unwrap().iter().map(|e| (e["path"].clone(), e["mode"].clone())).collect();
    let expected = [("elements", "040000"), ("elements/a.bst", "100644"), ("run.sh", "100755")];
    assert_eq!(entries, expected.map(|(path, mode)| (json!(path), json!(mode))));
    let commit = client.post("/git/commits", &json!({ "message": "fix: a", "tree": tree, "parents": [head] }));
    assert_eq!(commit.body["verification"]["verified"], true);
    let commit = made(commit.status, &commit.body, "sha");
    let body = json!({ "ref": "refs/heads/cargo2-bot/a", "sha": commit });
    assert_eq!(client.post("/git/refs", &body).status, 201);
    assert_eq!(client.post("/git/refs", &body).status, 422);
    assert_eq!(client.get("/git/ref/heads/cargo2-bot/a").body["object"]["sha"], json!(commit));
    assert_eq!(fake.file("cargo2-bot/a", "elements/a.bst").as_deref(), Some(long.as_str()));
    assert_eq!(client.get(&format!("/git/commits/{commit}")).body["author"]["name"], "cargo2[bot]");
    assert_eq!(client.get(&format!("/commits/{commit}")).body["author"]["type"], "Bot");
    assert_eq!(client.get("/branches/cargo2-bot/a").body["commit"]["sha"], json!(commit));
    assert_eq!(client.get("/git/trees/main").status, 200);
}

pub(crate) fn a_ref_moves_forward_only(fake: &Fake) {
    let client = Client::new(fake, "workflow");
    let (number, sha) = one_pull(fake);
    assert_eq!(client.get(&format!("/commits/{sha}/pulls")).body[0]["number"], json!(number));
    let main = fake.head("main").unwrap();
    let backwards = client.patch("/git/refs/heads/bump", &json!({ "sha": main, "force": false }));
    assert_eq!((backwards.status, &backwards.body["message"]), (422, &json!("Update is not a fast forward")));
    assert_eq!(fake.head("bump").as_ref(), Some(&sha));
    assert_eq!(client.patch("/git/refs/heads/main", &json!({ "sha": sha })).status, 200);
    assert!(fake.pull(number).merged);
    assert_eq!(client.patch("/git/refs/heads/bump", &json!({ "sha": main, "force": true })).status, 200);
    assert_eq!(client.get("/git/ref/heads/teapot").status, 404);
}

pub(crate) fn comments_come_in_pages_and_can_be_changed(fake: &Fake) {
    let client = Client::new(fake, "workflow");
    let (number, _) = one_pull(fake);
    for n in 0..5 {
        fake.comment(number, "human", &format!("{n}"));
    }
    let path = format!("/issues/{number}/comments");
    let (mut url, mut seen) = (Some(format!("{path}?per_page=2")), Vec::new());
    while let Some(address) = url {
        let page = client.get(&address);
        seen.extend(page.texts("body"));
        url = page.next();
    }
    assert_eq!(seen, ["0", "1", "2", "3", "4"]);
    let mine = client.post(&path, &json!({ "body": "mine" }));
    assert_eq!((mine.status, &mine.body["user"]["login"]), (201, &json!("github-actions[bot]")));
    let own = format!("/issues/comments/{}", mine.body["id"]);
    assert_eq!(client.patch(&own, &json!({ "body": "changed" })).body["body"], "changed");
    assert_eq!(client.post(&own, &json!({ "body": "changed again" })).status, 200);
    assert_eq!(client.get(&own).body["body"], "changed again");
    let react = || client.post(&format!("{own}/reactions"), &json!({ "content": "+1" })).status;
    assert_eq!((react(), react()), (201, 200));
    assert_eq!(client.get(&format!("{own}/reactions")).texts("content"), ["+1"]);
    assert_eq!((client.delete(&own).status, client.get(&own).status), (204, 404));
    assert_eq!(fake.comments(number).len(), 5);
}

pub(crate) fn labels_are_made_once(fake: &Fake) {
    let client = Client::new(fake, "workflow");
    let (number, _) = one_pull(fake);
    let label = json!({ "name": "manual merge", "color": "d93f0b", "description": "A human decides" });
    assert_eq!(client.get("/labels/manual%20merge").status, 404);
    assert_eq!((client.post("/labels", &label).status, client.post("/labels", &label).status), (201, 422));
    let path = format!("/issues/{number}/labels");
    let added = client.post(&path, &json!({ "labels": ["Manual merge", "rust"] }));
    assert_eq!(added.texts("name"), ["manual merge", "rust"]);
    assert_eq!(client.get("/labels").texts("color"), ["d93f0b", "ededed"]);
    assert_eq!(client.delete(&format!("{path}/manual%20merge")).texts("name"), ["rust"]);
    assert_eq!(client.delete(&format!("{path}/manual%20merge")).status, 404);
    assert_eq!(client.get(&path).texts("name"), ["rust"]);
}

pub(crate) fn the_author_is_not_asked_for_review(fake: &Fake) {
    let client = Client::new(fake, "workflow");
    fake.permission("human", "write");
    fake.permission("other", "maintain");
    fake.commit("mine", &[("a.bst", Some("1\n"))], "human");
    let number = fake.open_pull("mine", "main", "human", "Mine");
    let path = format!("/pulls/{number}/requested_reviewers");
    for bad in ["human", "nobody"] {
        assert_eq!(client.post(&path, &json!({ "reviewers": ["other", bad] })).status, 422, "{bad}");
        assert_eq!(fake.pull(number).asked_users, Vec::<String>::new());
    }
    assert_eq!(client.post(&path, &json!({ "reviewers": ["other"] })).status, 201);
    assert_eq!(fake.pull(number).asked_users, ["other"]);
    let review = fake.review(number, "other", "APPROVED");
    assert_eq!(fake.pull(number).asked_users, Vec::<String>::new());
    fake.dismiss(review);
    assert_eq!(client.get(&format!("/pulls/{number}/reviews")).texts("state"), ["DISMISSED"]);
}

pub(crate) fn check_runs_collect_their_annotations(fake: &Fake) {
    let client = Client::new(fake, "workflow");
    let (_, sha) = one_pull(fake);
    let annotation =
        json!({ "path": "a.bst", "start_line": 1, "end_line": 1, "annotation_level": "failure", "message": "m" });
    let output = |n: usize| json!({ "title": "t", "summary": "s", "annotations": vec![annotation.clone(); n] });
    let body = |n: usize| json!({ "name": "cargo2 block", "head_sha": sha, "conclusion": "failure", "external_id": "x", "output": output(n) });
    assert_eq!(client.post("/check-runs", &body(51)).status, 422);
    let run = client.post("/check-runs", &body(50));
    assert_eq!(
        (run.status, &run.body["status"], &run.body["app"]["slug"]),
        (201, &json!("completed"), &json!("github-actions"))
    );
    let path = format!("/check-runs/{}", run.body["id"]);
    assert_eq!(client.patch(&path, &json!({ "output": output(7) })).body["output"]["annotations_count"], 57);
    let (one, two) = (client.get(&format!("{path}/annotations?per_page=50")), fake.checks(&sha));
    assert_eq!((one.body.as_array().unwrap().len(), two[0].annotations.len()), (50, 57));
    assert_eq!(Client::new(fake, "app").patch(&path, &json!({ "conclusion": "success" })).status, 403);
    client.post("/check-runs", &json!({ "name": "cargo2 block", "head_sha": sha, "conclusion": "success" }));
    let listed = |query: &str| client.get(&format!("/commits/{sha}/check-runs{query}")).body["total_count"].clone();
    assert_eq!((listed(""), listed("?filter=all"), listed("?check_name=other")), (json!(1), json!(2), json!(0)));
    assert_eq!(client.get(&path).body["conclusion"], "failure");
}

pub(crate) fn statuses_count_the_newest_of_each_context(fake: &Fake) {
    let client = Client::new(fake, "pat");
    let (_, sha) = one_pull(fake);
    for (context, state) in [("a", "failure"), ("b", "success"), ("a", "success")] {
        let said = client
            .post(&format!("/statuses/{sha}"), &json!({ "context": context, "state": state, "description": "d" }));
        assert_eq!(said.status, 201);
    }
    let combined = client.get(&format!("/commits/{sha}/status")).body;
    assert_eq!((&combined["state"], &combined["total_count"]), (&json!("success"), &json!(2)));
    assert_eq!(fake.statuses(&sha).iter().map(|s| s.creator.as_str()).collect::<Vec<_>>(), ["owner", "owner"]);
}

pub(crate) fn rules_and_people_are_shown(fake: &Fake) {
    let (client, person) = (Client::new(fake, "workflow"), Client::new(fake, "pat"));
    fake.permission("keeper", "maintain");
    let shown = client.get("/collaborators/keeper/permission").body;
    assert_eq!((&shown["permission"], &shown["role_name"]), (&json!("write"), &json!("maintain")));
    assert_eq!(client.get("/collaborators/nobody/permission").status, 404);
    assert_eq!(client.get("/rules/branches/main").body, json!([]));
    assert_eq!(person.get("/branches/main/protection").status, 404);
    fake.rule_checks("main", &[("cargo2 manual merge", Some(15368)), ("build", None)]);
    fake.rule_reviews("main", 1);
    fake.protect("main", &[("old", None)], true);
    let rules = client.get("/rules/branches/main");
    assert_eq!(rules.texts("type"), ["required_status_checks", "pull_request"]);
    assert_eq!(rules.body[0]["parameters"]["required_status_checks"][0]["integration_id"], 15368);
    assert_eq!(client.get("/branches/main/protection").status, 403);
    assert_eq!(person.get("/branches/main/protection").body["required_status_checks"]["contexts"], json!(["old"]));
    assert_eq!(client.get("/branches/main").body["protection"]["required_status_checks"]["contexts"], json!(["old"]));
    assert_eq!((client.get("//user").status, person.get("//user").body["login"].clone()), (403, json!("owner")));
    assert_eq!(client.get("//installation/repositories").body["total_count"], 1);
    assert_eq!(client.get("").body["default_branch"], "main");
    assert_eq!(client.get("//rate_limit").status, 200);
}

pub(crate) fn an_enterprise_server_has_the_same_routes(fake: &Fake) {
    fake.token("e", Token::app("e", 9));
    let (number, _) = one_pull(fake);
    for n in 0..3 {
        fake.comment(number, "human", &format!("{n}"));
    }
    let client = Client::at(&fake.enterprise_api_url(), "e");
    let page = client.get(&format!("/issues/{number}/comments?per_page=2"));
    let next = page.next().unwrap();
    assert!(next.contains("/api/v3/repos/"), "{next}");
    assert_eq!(client.get(&next).texts("body"), ["2"]);
    let root = fake.enterprise_graphql_url();
    let root = Client::at(root.strip_suffix("/graphql").unwrap(), "e");
    assert_eq!(root.query("query Me { viewer { login } }", &json!({}))["data"]["viewer"]["login"], "e[bot]");
}

pub(crate) fn a_long_comparison_comes_in_pages(fake: &Fake) {
    let client = Client::new(fake, "workflow");
    let made: Vec<String> = (0..5).map(|n| fake.commit("bump", &[("a", Some(&format!("{n}")))], "human")).collect();
    let page = |query: &str| client.get(&format!("/compare/main...bump{query}")).body;
    let shas = |body: &Value| -> Vec<String> {
        body["commits"].as_array().unwrap().iter().map(|c| c["sha"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(shas(&page("")), made);
    assert_eq!(shas(&page("?per_page=2&page=2")), made[2..4]);
    assert_eq!(page("?per_page=2&page=3")["total_commits"], 5);
    assert_eq!((page("")["files"].as_array().unwrap().len(), &page("?page=2")["files"]), (1, &json!([])));
}

pub(crate) fn activity_has_cursors_and_forks_show_it_where_a_test_says_so(fake: &Fake) {
    let client = Client::new(fake, "workflow");
    for n in 0..3 {
        fake.commit("bump", &[("a", Some(&format!("{n}")))], &format!("p{n}"));
    }
    fake.fork_commit("stranger", "bump", &[("a", Some("x"))], "stranger");
    let actor = |page: &Value| page[0]["actor"]["login"].clone();
    let first = client.get("/activity?ref=refs/heads/bump&per_page=1");
    assert_eq!(actor(&first.body), "p2", "the newest first, and none of the fork");
    let second = client.get(&first.next().unwrap());
    let third = client.get(&second.next().unwrap());
    assert_eq!((actor(&second.body), actor(&third.body), third.next()), (json!("p1"), json!("p0"), None));
    assert_eq!(third.body[0]["activity_type"], "branch_creation");
    let fork = format!("{}/repos/stranger/name/activity?ref=bump", fake.api_url());
    assert_eq!(client.get(&fork).status, 404);
    fake.show_fork_activity();
    assert_eq!(actor(&client.get(&fork).body), "stranger");
}
