use super::*;
use crate::config;
use crate::yaml;

fn site(app: bool) -> Site {
    Site {
        default: "main".into(),
        branches: ["testing".to_owned()].into(),
        trackers: vec![Opener { path: ".github/workflows/t.yml".into(), name: "Track \"it\"".into(), tracks: true }],
        listens: vec!["cargo2-bot relay".into(), "Track \"it\"".into()],
        stack: Some("bluefin/deps.bst".into()),
        app,
        action: format!("own/cargo2-bot@{} # v1.2.3", "a".repeat(40)),
        ..Site::default()
    }
}

fn parsed(text: &str) -> yaml::Node {
    yaml::parse(&Arc::new(SourceText::new("x.yml", text))).unwrap()
}

#[test]
fn nothing_is_left_to_be_filled_in() {
    for app in [false, true] {
        let site = site(app);
        for text in [texts::bot(&site), texts::relay(&site), texts::config(&site), texts::gitlab(&site)] {
            for hole in ["OWNER", "Replace ", "an example", "examples/"] {
                assert!(!text.contains(hole), "{hole}: {text}");
            }
            assert!(!text.contains("\n\n\n") && text.ends_with('\n') && !text.ends_with("\n\n"), "{text}");
        }
    }
}

#[test]
fn the_workflow_waits_for_the_tracker_and_has_what_its_token_needs() {
    for app in [false, true] {
        let text = texts::bot(&site(app));
        let root = parsed(&text);
        let job = root.get("jobs").unwrap().get("cargo2").unwrap();
        let waits = root.get("on").unwrap().get("workflow_run").unwrap().get("workflows").unwrap().as_list().unwrap();
        assert_eq!(waits.iter().filter_map(|n| n.as_str()).collect::<Vec<_>>(), ["cargo2-bot relay", "Track \"it\""]);
        assert_eq!(job.get("environment").is_some(), app);
        assert_eq!(job.get("permissions").unwrap().get_str("contents"), Some(if app { "read" } else { "write" }));
        let steps = job.get("steps").unwrap().as_list().unwrap();
        assert_eq!(steps.len(), if app { 3 } else { 2 });
        let ours = steps.last().unwrap();
        assert_eq!(ours.get_str("uses").map(|uses| uses.split('@').next().unwrap()), Some("own/cargo2-bot"));
        assert_eq!(ours.get("with").unwrap().get("token").is_some(), app, "{text}");
        assert!(text.contains("# v1.2.3\n") && text.contains(texts::WRITTEN), "{text}");
    }
}

#[test]
fn the_relay_passes_pushes_to_guarded_branches_on() {
    let root = parsed(&texts::relay(&site(false)));
    let push = root.get("on").unwrap().get("push").unwrap().get("branches").unwrap().as_list().unwrap();
    assert_eq!(push[0].as_str(), Some("testing"));
    let none = texts::relay(&Site { branches: BTreeSet::new(), ..site(false) });
    assert!(parsed(&none).get("on").unwrap().get("push").is_none() && !none.contains("testing"), "{none}");
}

#[test]
fn the_configuration_reports_and_its_comments_are_settings() {
    let text = texts::config(&site(false));
    let read = |text: &str| config::parse(&SourceText::new(CONFIG, text), &crate::registry::all());
    let config = read(&text).unwrap();
    assert_eq!((config.mode, config.tracker.as_deref()), (config::Mode::Report, Some(".github/workflows/t.yml")));
    // What is commented out is meant to be taken in.
    let keys = [
        "branches:",
        "approvers:",
        "  only:",
        "  allow-author:",
        "    reason:",
        "bot:",
        "  label:",
        "  reviewers:",
        "  draft:",
        "  base:",
        "  limit:",
        "  dashboard:",
        "  deep:",
    ];
    let taken: String = text
        .lines()
        .map(|line| line.strip_prefix("# ").filter(|rest| keys.iter().any(|key| rest.starts_with(key))).unwrap_or(line))
        .fold(String::new(), |all, line| all + line + "\n");
    let config = read(&taken).unwrap();
    assert_eq!((config.branches.len(), config.bot.limit), (1, Some(2)), "{taken}");
    assert!(config.approvers.allow_author.is_some());
}

#[test]
fn the_ruleset_requires_the_checks_on_every_guarded_branch() {
    let text = texts::ruleset(Some(7), ["testing".to_owned()].into_iter(), false);
    let ruleset: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        ruleset["conditions"]["ref_name"]["include"],
        serde_json::json!(["~DEFAULT_BRANCH", "refs/heads/testing"])
    );
    let checks = &ruleset["rules"][0]["parameters"]["required_status_checks"];
    assert_eq!((&checks[0]["integration_id"], &checks[1]["integration_id"]), (&7.into(), &7.into()));
    let own = texts::ruleset(None, std::iter::empty(), false);
    assert!(own.contains("15368") && !own.contains("require_last_push_approval"), "{own}");
    assert_eq!(ruleset["rules"][1]["parameters"]["require_last_push_approval"], true);
    let bots: serde_json::Value = serde_json::from_str(&texts::ruleset(Some(7), std::iter::empty(), true)).unwrap();
    assert_eq!(bots["rules"][1]["parameters"]["require_last_push_approval"], false);
}

#[test]
fn remotes_are_read_in_every_form() {
    let of = |url: &str| host_and_path(url).map(|(host, path)| format!("{host} {path}"));
    for url in [
        "https://github.com/a/b.git",
        "git@github.com:a/b.git",
        "ssh://git@github.com:22/a/b",
        "https://x:y@github.com/a/b/",
    ] {
        assert_eq!(of(url).as_deref(), Some("github.com a/b"), "{url}");
    }
    assert_eq!(of("git@gitlab.gnome.org:GNOME/g/p.git").as_deref(), Some("gitlab.gnome.org GNOME/g/p"));
    for odd in ["/srv/git/a.git", "", "https://github.com/a b/c", "https://github.com/$(x)/c"] {
        assert_eq!(of(odd), None, "{odd}");
    }
    assert!(is_action("o/n@v1") && is_action("o/n@abc # v1.2") && !is_action("o/n") && !is_action("o/n@v1\nx"));
}
