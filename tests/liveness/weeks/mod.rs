//! A week of the home project in each generation of its tracker: what merged, what was held and why, and what the bot caused.

mod life;

use std::fmt::Write as _;

use crate::world::{TOOL, tool};
use life::Generation::{self, First, Fourth, Second, Third};
use life::Life;

/// What the bot had caused by the end of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Caused {
    /// Commits on branches of others, or new branches.
    heads: usize,
    pulls: usize,
    comments: usize,
}

struct Week {
    life: Life,
    day: &'static str,
    merged: Vec<u64>,
    before: Caused,
    table: String,
}

impl Week {
    fn new(generation: Generation) -> Self {
        let life = Life::new(generation);
        let merged = Vec::new();
        Self { before: caused(&life), life, day: "", merged, table: String::new() }
    }

    /// The tracker's run on a day, after what came out upstream, and all that follows by itself.
    fn day(&mut self, day: &'static str, released: &[&'static str]) {
        self.day = day;
        self.life.released(released);
        self.life.track();
        self.life.automation();
        self.life.promotion();
        self.life.scene.safe();
    }

    /// The end of the day: this many pull requests were merged, this is held with such a reason, and the bot caused no more than
    /// these comments: neither a commit nor a pull request.
    #[track_caller]
    fn ends(&mut self, merged: usize, held: &[(&str, &str)], comments: usize) {
        let scene = &self.life.scene;
        scene.run();
        scene.safe();
        let all: Vec<u64> = scene.pulls().into_iter().filter(|pull| pull.merged).map(|pull| pull.number).collect();
        let new: Vec<u64> = all.iter().filter(|number| !self.merged.contains(number)).copied().collect();
        let open = scene.pulls().into_iter().filter(|pull| pull.open && !scene.is_green(pull.number));
        let waits: Vec<(String, String)> = open.map(|pull| (pull.head_ref, scene.title(pull.number))).collect();
        let now = caused(&self.life);
        let today = Caused {
            heads: now.heads - self.before.heads,
            pulls: now.pulls - self.before.pulls,
            comments: now.comments - self.before.comments,
        };
        let shown: Vec<String> = waits.iter().map(|(branch, why)| format!("{branch}: {why}")).collect();
        let (day, names) = (self.day, new.iter().map(|n| format!("#{n}")).collect::<Vec<_>>().join(" "));
        let Caused { heads, pulls, comments: said } = today;
        let _ = writeln!(self.table, "| {day} | {names} | {} | {heads} | {pulls} | {said} |", shown.join("; "));
        assert_eq!((new.len(), today), (merged, Caused { heads: 0, pulls: 0, comments }), "{}", self.table);
        let fits =
            |((branch, why), (name, part)): (&(String, String), &(&str, &str))| branch == name && why.contains(part);
        assert!(waits.len() == held.len() && waits.iter().zip(held).all(fits), "{day}: {waits:?}\n{}", self.table);
        // A run at night has nothing to write.
        scene.clear_log();
        scene.run();
        assert_eq!(scene.writes(), [], "{day}");
        (self.merged, self.before) = (all, now);
    }

    fn shown(self) {
        let generation = self.life.generation;
        println!(
            "{generation:?}\n| day | merged | held | commits | pull requests | comments |\n| --- | --- | --- | --- | --- | --- |\n{}",
            self.table
        );
    }

    #[track_caller]
    fn tool_is(&self, branch: &str, version: u8) {
        assert_eq!(self.life.scene.file(branch, TOOL).unwrap(), tool(version, 0), "{branch}\n{}", self.table);
    }
}

fn caused(life: &Life) -> Caused {
    let scene = &life.scene;
    let bot = scene.world.rules.bot();
    let numbers = scene.pulls();
    Caused {
        heads: scene.inspect(|state| state.activity.iter().filter(|push| push.actor == bot).count()),
        pulls: numbers.iter().filter(|pull| pull.author == bot).count(),
        comments: numbers.iter().flat_map(|pull| scene.comments(pull.number)).filter(|c| c.author == bot).count(),
    }
}

const NEEDS: &str = "needs approval from a maintainer other than the author";

#[test]
fn a_week_with_a_pull_request_for_each_element() {
    let mut week = Week::new(First);
    week.day("Mon", &["fonts", "plain"]);
    week.ends(2, &[], 0);
    week.day("Tue", &["tool", "fonts"]);
    week.ends(1, &[("auto/track-tool", NEEDS)], 1);
    // The branch is made anew each day; the same update has the same comment.
    week.day("Wed", &["plain"]);
    week.ends(1, &[("auto/track-tool", NEEDS)], 0);
    week.life.ann_approves();
    week.day("Thu", &["fonts"]);
    let number = week.life.open("auto/track-tool").unwrap();
    week.life.scene.released(number);
    week.life.scene.ask_merge("ann", number, "merge").unwrap();
    week.ends(2, &[], 0);
    week.tool_is("main", 1);
    // An update that comes out while another one waits: the approval was for the other one.
    week.day("Fri", &["tool"]);
    week.life.ann_approves();
    week.day("Sat", &["tool"]);
    week.ends(0, &[("auto/track-tool", "its content changed after it was approved by ann")], 1);
    week.day("Sun", &[]);
    week.ends(0, &[("auto/track-tool", "its content changed after it was approved by ann")], 0);
    week.shown();
}

#[test]
fn a_week_with_a_trunk_and_a_workflow_that_merges_what_is_green() {
    let mut week = Week::new(Second);
    week.day("Mon", &["fonts", "plain"]);
    week.ends(2, &[], 0);
    week.life.tuesday().unwrap();
    week.day("Tue", &["tool", "fonts"]);
    week.ends(2, &[("auto/track-tool", NEEDS)], 1);
    week.day("Wed", &["plain"]);
    week.ends(1, &[("auto/track-tool", NEEDS)], 0);
    week.life.ann_approves();
    week.day("Thu", &[]);
    // What is green the workflow merges, in whatever group it is.
    week.ends(1, &[], 0);
    week.tool_is("stable", 1);
    promoted(week, 1);
}

/// The end of a week in which a Rust update came into the trunk: it is promoted on Tuesday, without anybody's approval.
fn promoted(mut week: Week, version: u8) {
    week.day("Fri", &["fonts"]);
    week.ends(1, &[], 0);
    week.day("Sat", &[]);
    week.ends(0, &[], 0);
    let number = week.life.open(crate::scene::guarded::PROMOTION).unwrap();
    let title = week.life.scene.title(number);
    assert!(title.starts_with("promotes 1 Rust update from `stable`, approved in #"), "{title}");
    week.life.tuesday().unwrap();
    week.day("Tue", &[]);
    week.ends(1, &[], 0);
    week.tool_is("main", version);
    week.shown();
}

fn bundles(generation: Generation) {
    let mut week = Week::new(generation);
    week.day("Mon", &["fonts", "plain"]);
    week.ends(1, &[], 0);
    week.life.tuesday().unwrap();
    week.day("Tue", &["tool", "fonts"]);
    week.ends(1, &[("auto/track-bundle", NEEDS)], 1);
    week.day("Wed", &["plain"]);
    week.ends(0, &[("auto/track-bundle", NEEDS)], 0);
    // Nobody has time for it: it is left out, and the others go on at once.
    week.life.skip = "tool";
    week.day("Wed, without it", &[]);
    week.ends(1, &[], 0);
    week.tool_is("stable", 0);
    week.life.skip = "";
    week.day("Thu", &[]);
    week.ends(0, &[("auto/track-bundle", NEEDS)], 1);
    week.life.ann_approves();
    week.day("Thu, approved", &[]);
    week.ends(1, &[], 0);
    week.tool_is("stable", 1);
    promoted(week, 1);
}

#[test]
fn a_week_with_bundles_and_prow() {
    bundles(Third);
}

#[test]
fn a_week_with_bundles_of_a_matrix_that_a_script_makes() {
    bundles(Fourth);
}
