//! The automations, each a function that looks at a pull request as its source does and then asks GitHub to merge it, or does not.

use std::collections::BTreeMap;

use crate::fake_github::Grouping;
use crate::scene::Scene;
use crate::world::{HOLD, Rules};

use super::look::{Context, classic, contexts, merge_state, required};

/// Something that merges.
pub struct Automation {
    pub rules: Rules,
    /// Who opens the pull requests that it merges.
    pub author: &'static str,
    /// How people set the repository up for it.
    pub set_up: fn(&Scene),
    /// What happens once, when the pull request is opened.
    pub opened: fn(&Scene, u64),
    /// One pass of it.
    pub acts: fn(&Scene, u64),
}

const PLAIN: Automation =
    Automation { rules: Rules::PLAIN, author: "tracker[bot]", set_up: |_| {}, opened: |_, _| {}, acts: |_, _| {} };

fn merge(scene: &Scene, number: u64, actor: &str) {
    // What GitHub refuses has not happened.
    let _ = scene.ask_merge(actor, number, "merge");
}

/// GitHub's auto-merge, switched on right after opening and again by whoever finds it off, as `gh pr merge --auto` does.
/// cli/cli pkg/cmd/pr/merge/merge.go: on CLEAN, UNSTABLE and HAS_HOOKS it merges at once.
pub const NATIVE: Automation = Automation {
    opened: auto,
    acts: |scene, number| {
        auto(scene, number);
        scene.settle();
    },
    ..PLAIN
};

fn auto(scene: &Scene, number: u64) {
    if !scene.pull(number).open {
        return;
    }
    match merge_state(scene, number) {
        "CLEAN" | "UNSTABLE" | "HAS_HOOKS" => merge(scene, number, "ann"),
        _ => scene.auto_merge(number, true),
    }
}

/// The merge queue: its groups start the bot by themselves.
pub const QUEUE: Automation =
    Automation { rules: Rules { queue: Some(Grouping::AllGreen), ..Rules::PLAIN }, acts: queue, ..PLAIN };

pub const QUEUE_BY_ITS_HEAD: Automation =
    Automation { rules: Rules { queue: Some(Grouping::HeadGreen), ..Rules::PLAIN }, ..QUEUE };

fn queue(scene: &Scene, number: u64) {
    let _ = scene.enqueue("ann", number);
    scene.groups();
    scene.settle();
}

/// Renovate's own automerge. renovatebot/renovate lib/modules/platform/github/index.ts, `getBranchStatus`: red if the combined
/// status is `failure` or any run's conclusion is `failure`; green if there are statuses or runs, all statuses succeeded, and every run
/// is `skipped`, `neutral` or `success`; yellow otherwise. It merges green branches that nobody else pushed to.
pub const RENOVATE: Automation = Automation {
    author: "renovate[bot]",
    acts: |scene, number| {
        let all = contexts(scene, number);
        let red = all.iter().any(|c| c.is(&["failure"]) || (!c.is_run && c.is(&["error"])));
        let green = !all.is_empty() && all.iter().all(|c| if c.is_run { c.passes() } else { c.is(&["success"]) });
        // lib/workers/repository/update/branch/index.ts: `isBranchModified` stops it.
        let head = scene.sha(number);
        let modified = scene.log("main", &head).iter().any(|(login, ..)| login.as_deref() != Some("renovate[bot]"));
        if green && !red && !modified {
            merge(scene, number, "renovate[bot]");
        }
    },
    ..PLAIN
};

/// Renovate's `platformAutomerge`: GitHub's auto-merge at creation, and again at each of its runs.
/// lib/modules/platform/github/index.ts, `tryPrAutomerge` and `reattemptPlatformAutomerge`.
pub const RENOVATE_PLATFORM: Automation = Automation {
    author: "renovate[bot]",
    opened: |scene, number| scene.auto_merge(number, true),
    acts: |scene, number| {
        if scene.pull(number).open {
            scene.auto_merge(number, true);
        }
        scene.settle();
    },
    ..PLAIN
};

/// Tide. kubernetes-sigs/prow pkg/tide/tide.go: `isPassingTests` wants every context that is not optional to be `SUCCESS`; of one name the
/// best state wins (`deduplicateContexts`); `checkRunNodesToContexts`: neutral, skipped and success are success. A required context that is
/// not there counts as missing. Its query asks for the labels.
pub const TIDE: Automation = Automation {
    opened: |scene, number| {
        scene.label(number, "lgtm");
        scene.label(number, "approved");
    },
    acts: |scene, number| {
        let labels = scene.pull(number).labels;
        let mut best: BTreeMap<String, bool> = BTreeMap::new();
        for context in contexts(scene, number) {
            *best.entry(context.name.clone()).or_default() |= context.passes();
        }
        let missing = required(scene, number).into_iter().any(|name| !best.contains_key(&name));
        let has = |name: &str| labels.iter().any(|label| label == name);
        if has("lgtm")
            && has("approved")
            && !has("do-not-merge/hold")
            && !missing
            && best.values().all(|passes| *passes)
        {
            merge(scene, number, "tide[bot]");
        }
    },
    ..PLAIN
};

/// Kodiak. chdsbd/kodiak bot/kodiak/evaluation.py, `mergeable`: the label; when the state is BLOCKED or BEHIND it looks for required
/// checks that fail or are missing; UNSTABLE is merged.
pub const KODIAK: Automation = Automation {
    opened: |scene, number| scene.label(number, "automerge"),
    acts: |scene, number| {
        let labelled = scene.pull(number).labels.iter().any(|label| label == "automerge");
        if labelled && matches!(merge_state(scene, number), "CLEAN" | "UNSTABLE" | "HAS_HOOKS") {
            merge(scene, number, "kodiakhq[bot]");
        }
    },
    ..PLAIN
};

/// Bulldozer. palantir/bulldozer pull/github_context.go: the required names are those of the classic protection and of its configuration;
/// one run of the name that is success, neutral or skipped is enough. It does not look at rulesets.
pub const BULLDOZER: Automation = Automation {
    set_up: |scene| scene.protect("main", &[(HOLD, Some(4242))], false),
    opened: |scene, number| scene.label(number, "merge when ready"),
    acts: |scene, number| {
        let labelled = scene.pull(number).labels.iter().any(|label| label == "merge when ready");
        let all = contexts(scene, number);
        let passes = |name: &String| all.iter().any(|c| c.name == *name && c.passes());
        if labelled && classic(scene, number).iter().all(passes) {
            merge(scene, number, "bulldozer[bot]");
        }
    },
    ..PLAIN
};

/// Mergify. It adds, for each required check, `check-success=N or check-neutral=N or check-skipped=N` to what the configuration asks for:
/// here `#check-failure=0` and `-draft`.
pub const MERGIFY: Automation = Automation {
    acts: |scene, number| {
        let all = contexts(scene, number);
        let injected = |name: &String| all.iter().any(|c| c.name == *name && c.passes());
        let failed = all.iter().any(|c| c.is(&["failure", "error", "timed_out", "action_required", "cancelled"]));
        if required(scene, number).iter().all(injected) && !failed && !scene.pull(number).draft {
            merge(scene, number, "mergify[bot]");
        }
    },
    ..PLAIN
};

/// projectbluefin/actions .github/workflows/reusable-renovate-automerge.yml: `gh pr checks` must list no state but SUCCESS, SKIPPED,
/// NEUTRAL and PENDING, at least one SUCCESS, and nothing in flight; then `gh pr merge`, never with `--auto`. An absent check does not
/// stop it; GitHub's client refuses BLOCKED, BEHIND and DIRTY. The author must be one of two apps.
pub const BLUEFIN: Automation = Automation {
    author: "mergeraptor[bot]",
    acts: |scene, number| {
        let pull = scene.pull(number);
        // cli/cli pkg/cmd/pr/checks/aggregate.go, `eliminateDuplicates`: the newest of each name.
        let mut newest: BTreeMap<String, Context> = BTreeMap::new();
        for context in contexts(scene, number) {
            if newest.get(&context.name).is_none_or(|older| older.at <= context.at) {
                newest.insert(context.name.clone(), context);
            }
        }
        let blocked = newest.values().any(|c| c.verdict.is_some() && !c.passes());
        let in_flight = newest.values().any(|c| c.verdict.is_none());
        let succeeded = newest.values().any(|c| c.is(&["success"]));
        let known = matches!(pull.author.as_str(), "mergeraptor[bot]" | "renovate[bot]");
        let refused = matches!(merge_state(scene, number), "BLOCKED" | "BEHIND" | "DIRTY" | "DRAFT" | "UNKNOWN");
        if known && pull.open && !pull.draft && !blocked && !in_flight && succeeded && !refused {
            merge(scene, number, &pull.author);
        }
    },
    ..PLAIN
};
