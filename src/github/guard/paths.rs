//! Which files decide what merges, by their paths alone.

use crate::config::CONFIG;
use crate::github::owners;
use crate::github::tree::Listing;
use crate::workflows::WORKFLOWS;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use std::sync::LazyLock;

/// The kind of a guarded file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// GitHub runs it.
    Workflow,
    /// Workflows run it: `action.yml`.
    Action,
    /// Another file in the folder of a local action.
    ActionFile,
    /// Something else, for this reason.
    Other(&'static str),
    /// CODEOWNERS or the bot's configuration, for this reason: what the configuration must not exempt.
    Root(&'static str),
}

/// The files of merge tools, and the reason of each row. GitHub's own `dependabot.yml` is left out: Dependabot opens pull
/// requests, and merges none.
const TOOLS: &[(&str, &str)] = &[
    // Prow takes approvals of these people, and hands the pull request to tide.
    ("**/OWNERS", "it says whose approval Prow takes"),
    ("**/OWNERS_ALIASES", "it says whose approval Prow takes"),
    // Prow's jobs and tide's conditions, in the repository that is tested or in the one of the configuration.
    ("**/.prow.yaml", "it configures Prow"),
    ("**/.prow/**", "it configures Prow"),
    ("**/prow/**", "it configures Prow"),
    (".github/prow*", "it configures Prow"),
    // Rules under which Mergify queues and merges.
    ("{,.github/}{,.}mergify.{yml,yaml}", "it configures Mergify"),
    (".mergify/**", "it configures Mergify"),
    // Labels and conditions under which Kodiak merges.
    ("{,.github/}.kodiak.toml", "it configures Kodiak"),
    // Triggers and conditions under which Bulldozer merges.
    ("{,.github/,.palantir/}{,.}bulldozer.{yml,yaml}", "it configures Bulldozer"),
    // The approvals that policy-bot's check demands.
    ("{,.github/}.policy.{yml,yaml}", "it configures policy-bot"),
    ("{,.github/}policy.{yml,yaml}", "it configures policy-bot"),
    // `automerge` and what is meant by it. Presets of the same repository may have any of these names.
    ("**/renovate*.json{,5,c}", "it configures Renovate"),
    ("**/.renovaterc{,.json,.json5,.jsonc}", "it configures Renovate"),
    ("{,.github/}renovate/**", "it configures Renovate"),
    // Global configuration of a Renovate that a project runs by itself.
    ("**/{renovate,renovate-config,renovate.config,renovate-global}.{js,cjs,mjs,ts}", "it configures Renovate"),
    // Presets of the repository are found by this name when none is given.
    ("default.json{,5,c}", "it may be a preset of Renovate"),
    // Branch protection, rulesets and permissions, written by an app from these files.
    (".github/settings.{yml,yaml}", "it sets the rules of branches"),
    (".github/{repos,suborgs,rulesets}/**", "it sets the rules of branches"),
    (".github/{ruleset,branch-protection,branch_protection}*", "it sets the rules of branches"),
    // What bors and its successors test and merge.
    ("{,.github/}{,rust-}bors.toml", "it configures bors"),
    // An app that merges what has a label.
    (
        ".github/{auto-merge,automerge,auto-approve,autoapproval,merge,mergeable,pull}.{yml,yaml}",
        "it configures an app that merges",
    ),
    // Who may approve, for PullApprove's check.
    (".pullapprove.{yml,yaml}", "it configures PullApprove"),
    // Merge queues of Trunk and Aviator.
    (".trunk/trunk.{yml,yaml}", "it configures Trunk's merge queue"),
    ("{.aviator,.github/aviator}/**", "it configures Aviator"),
    // Zuul merges what its pipelines say.
    ("{,.}zuul.{yml,yaml}", "it configures Zuul"),
    ("{,.}zuul.d/**", "it configures Zuul"),
];

/// The table, compiled. Names of files are the same in capitals: some checkouts cannot hold both.
static COMPILED: LazyLock<GlobSet> = LazyLock::new(|| {
    let mut set = GlobSetBuilder::new();
    for (glob, _) in TOOLS {
        let glob = GlobBuilder::new(glob).literal_separator(true).case_insensitive(true).empty_alternates(true).build();
        // A test builds each of them.
        if let Ok(glob) = glob {
            set.add(glob);
        }
    }
    set.build().unwrap_or_default()
});

/// Where GitHub looks for workflows, without the slash at its end.
fn is_workflow_folder(path: &str) -> Option<&str> {
    let rest = path.get(..WORKFLOWS.len()).filter(|start| start.eq_ignore_ascii_case(WORKFLOWS));
    rest.map(|_| &path[WORKFLOWS.len()..])
}

/// Returns whether a path is a workflow that GitHub runs.
pub(super) fn is_workflow(path: &str) -> bool {
    is_workflow_folder(path).is_some_and(|name| !name.contains('/') && is_yaml(name))
}

/// Returns whether a path is the definition of an action.
pub(super) fn is_action(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    ["action.yml", "action.yaml"].iter().any(|own| name.eq_ignore_ascii_case(own))
}

fn is_yaml(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.ends_with(".yml") || lower.ends_with(".yaml")
}

/// The kind of a path; None for one that is not guarded by its path. `sides` are the files before and after.
pub(super) fn kind(path: &str, sides: [&Listing; 2]) -> Option<Kind> {
    if is_workflow(path) {
        return Some(Kind::Workflow);
    }
    if is_action(path) {
        return Some(Kind::Action);
    }
    if owners::PLACES.iter().any(|place| path.eq_ignore_ascii_case(place)) {
        return Some(Kind::Root("it says whose review GitHub asks for"));
    }
    let lower = path.to_ascii_lowercase();
    if lower == CONFIG || lower.ends_with(&format!("/{CONFIG}")) {
        return Some(Kind::Root("it configures cargo2-bot"));
    }
    // Locks of action pins are here too, and what workflows run as `.github/workflows/x.sh`.
    if is_workflow_folder(path).is_some_and(|_| !lower.ends_with(".md")) {
        return Some(Kind::Other("it is in the folder of the workflows"));
    }
    if let Some(row) = COMPILED.matches(path).first() {
        return TOOLS.get(*row).map(|(_, why)| Kind::Other(why));
    }
    let has_action = |folder: &str| {
        let slash = if folder.is_empty() { "" } else { "/" };
        let names = ["action.yml", "action.yaml"].map(|name| format!("{folder}{slash}{name}"));
        sides.iter().any(|files| names.iter().any(|name| files.get(name).is_some()))
    };
    let mut folders = path.match_indices('/').map(|(at, _)| &path[..at]);
    let of_action = folders.any(has_action) || (is_program_at_root(&lower) && has_action(""));
    of_action.then_some(Kind::ActionFile)
}

/// Returns whether a file is part of an action at the repository's root, where the rest of the project is too.
fn is_program_at_root(lower: &str) -> bool {
    let name = lower.rsplit('/').next().unwrap_or(lower);
    let end = name.rsplit_once('.').map(|(_, end)| end).unwrap_or_default();
    matches!(end, "js" | "cjs" | "mjs" | "ts" | "mts")
        || ["dist/", "node_modules/"].iter().any(|folder| lower.starts_with(folder))
        || ["dockerfile", "entrypoint"].iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::github::tree::Item;

    fn kind_of(path: &str) -> Option<Kind> {
        let none = Listing::default();
        kind(path, [&none, &none])
    }

    #[test]
    fn every_row_of_the_table_is_a_pattern() {
        assert_eq!(COMPILED.len(), TOOLS.len());
    }

    #[test]
    fn every_file_of_a_merge_tool_is_guarded() {
        for path in [
            "OWNERS",
            "a/b/OWNERS",
            "OWNERS_ALIASES",
            ".prow.yaml",
            ".prow/jobs.yaml",
            "config/prow/plugins.yaml",
            ".github/prow.yml",
            ".mergify.yml",
            ".mergify/config.yml",
            ".github/mergify.yml",
            ".kodiak.toml",
            ".github/.kodiak.toml",
            ".bulldozer.yml",
            ".palantir/bulldozer.yml",
            ".policy.yml",
            "renovate.json",
            "renovate.json5",
            ".github/renovate.json5",
            ".renovaterc",
            ".renovaterc.json",
            ".github/renovate-config.js",
            "renovate/automerge.json",
            "default.json",
            ".github/settings.yml",
            ".github/rulesets/main.json",
            ".github/repos/x.yml",
            "bors.toml",
            ".github/auto-merge.yml",
            ".github/pull.yml",
            ".pullapprove.yml",
            ".trunk/trunk.yaml",
            ".aviator/config.yml",
            ".zuul.d/jobs.yaml",
            "zuul.yaml",
            ".github/workflows/actions.lock",
            ".github/workflows/scripts/x.yml",
        ] {
            assert!(matches!(kind_of(path), Some(Kind::Other(_))), "{path}: {:?}", kind_of(path));
        }
    }

    #[test]
    fn owners_of_code_and_the_own_configuration_are_guarded_at_their_places() {
        for path in
            [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", CONFIG, "sub/project/.github/cargo2-bot.yml"]
        {
            assert!(matches!(kind_of(path), Some(Kind::Root(_))), "{path}");
        }
        assert_eq!(kind_of("src/CODEOWNERS"), None);
    }

    #[test]
    fn workflows_are_those_of_the_root_alone() {
        for path in [".github/workflows/x.yml", ".github/workflows/x.YAML", ".GitHub/workflows/x.yml"] {
            assert_eq!(kind_of(path), Some(Kind::Workflow), "{path}");
        }
        assert_eq!(kind_of("sub/.github/workflows/x.yml"), None);
    }

    #[test]
    fn what_is_beside_or_below_an_action_belongs_to_it() {
        let item = Item { mode: Item::FILE, id: "1".into() };
        let files = Listing::new([("actions/a/action.yml".to_owned(), item)]).unwrap();
        let none = Listing::default();
        for path in ["actions/a/index.js", "actions/a/dist/x/index.js"] {
            assert_eq!(kind(path, [&files, &none]), Some(Kind::ActionFile), "{path}");
            assert_eq!(kind(path, [&none, &files]), Some(Kind::ActionFile), "{path}");
        }
        assert_eq!(kind("actions/b/index.js", [&files, &none]), None);
        assert_eq!(kind("actions/b/action.yaml", [&none, &none]), Some(Kind::Action));
    }

    #[test]
    fn ordinary_files_are_not_guarded() {
        for path in [
            "elements/a.bst",
            "docs/README.md",
            "package.json",
            ".github/dependabot.yml",
            ".github/workflows/README.md",
            "elements/prow.bst",
            "scripts/renovate-explain.mjs",
        ] {
            assert_eq!(kind_of(path), None, "{path}");
        }
    }
}
