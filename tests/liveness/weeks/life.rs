//! The home project's automation, as its four generations work: what the tracker, the merging workflow, Prow, the promotion and
//! people do on a day.

use std::collections::BTreeMap;

use crate::bots::{Automation, BLUEFIN, NATIVE};
use crate::scene::guarded::{PROMOTION, VOUCHED};
use crate::scene::{Entry, Scene, bumped, text};
use crate::world::{Rules, TRACKER};

/// How the tracker works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// A pull request for each element into `main`, opened with the workflow's token; auto-merge for those that are not Rust.
    First,
    /// The same by an App into the trunk, where a workflow merges what is green.
    Second,
    /// One pull request for all, a commit for each element, with notes; Prow.
    Third,
    /// The same, with a matrix that a script makes.
    Fourth,
}

use Generation::{First, Fourth, Second, Third};

/// The elements that the tracker follows. The first one is Rust.
pub const ELEMENTS: [&str; 3] = ["tool", "fonts", "plain"];

pub struct Life {
    pub scene: Scene,
    pub generation: Generation,
    /// What is there upstream, by the element.
    upstream: BTreeMap<&'static str, u8>,
    /// `TRACK_BUNDLE_SKIP`.
    pub skip: &'static str,
}

/// The files of an element at a version.
fn files(element: &str, version: u8) -> Vec<Entry> {
    match element {
        "tool" => bumped(version),
        _ => vec![text(&format!("elements/{element}.bst"), format!("kind: manual\n# {version}\n"))],
    }
}

/// The tracker's workflow.
fn workflow(generation: Generation) -> String {
    let matrix = match generation {
        First | Second => {
            let base = if generation == Second { ", base_branch: stable" } else { "" };
            let entry = |(element, group): (&str, &str)| {
                format!(
                    "          - {{group: {group}, element: {element}.bst, branch: auto/track-{element}, title: 'update {element}'{base}}}\n"
                )
            };
            let all = [("tool", "manual-merge"), ("fonts", "auto-merge"), ("plain", "auto-merge")];
            format!("      matrix:\n        include:\n{}", all.map(entry).concat())
        }
        Third => "      matrix:\n        include:\n          - {element: tool.bst, title: update tool, note: 'review: core'}\n          - {element: fonts.bst, title: update fonts}\n          - {element: plain.bst, title: update plain}\n".to_owned(),
        Fourth => "      matrix: ${{ fromJSON(needs.list.outputs.matrix) }}\n".to_owned(),
    };
    format!(
        "name: Track BuildStream Sources\non: workflow_dispatch\njobs:\n  track:\n    runs-on: ubuntu-latest\n    strategy:\n{matrix}    \
         steps:\n    - run: just bst source track \"${{{{ matrix.element }}}}\"\n"
    )
}

impl Life {
    pub fn new(generation: Generation) -> Self {
        let bundles = matches!(generation, Third | Fourth);
        let queue = Some(crate::fake_github::Grouping::AllGreen);
        let rules = if generation == First { Rules::PLAIN } else { Rules { queue, prow: bundles, ..VOUCHED } };
        let scene = Scene::with(rules);
        let mut base = vec![text(TRACKER, workflow(generation))];
        base.extend(ELEMENTS.iter().flat_map(|element| files(element, 0)));
        let tip = scene.base("main", &base);
        scene.inspect_mut(|state| state.set_branch("owner", "owner", "stable", Some(&tip)));
        scene.run();
        scene.clear_log();
        Self { scene, generation, upstream: ELEMENTS.map(|element| (element, 0)).into(), skip: "" }
    }

    /// The branch that updates go into.
    pub fn trunk(&self) -> &'static str {
        if self.generation == First { "main" } else { "stable" }
    }

    fn author(&self) -> &'static str {
        if self.generation == First { "github-actions[bot]" } else { "mergeraptor[bot]" }
    }

    /// New versions come out upstream.
    pub fn released(&mut self, elements: &[&'static str]) {
        elements.iter().for_each(|element| *self.upstream.get_mut(element).unwrap() += 1);
    }

    /// What differs from a branch, of the elements that are not left out.
    fn moved(&self, branch: &str) -> Vec<(&'static str, Vec<Entry>)> {
        let all = ELEMENTS.iter().filter(|element| self.skip != **element);
        let all = all.map(|element| (*element, files(element, self.upstream[element])));
        let differs = |files: &Vec<Entry>| {
            files.iter().any(|(path, put)| match put {
                crate::scene::Put::Text(text) => self.scene.file(branch, path).as_ref() != Some(text),
                _ => true,
            })
        };
        all.filter(|(_, files)| differs(files)).collect()
    }

    /// The tracker's daily run, and the run of the bot that it starts.
    pub fn track(&self) {
        let moved = self.moved(self.trunk());
        if matches!(self.generation, First | Second) {
            for (element, files) in moved {
                self.fresh(&format!("auto/track-{element}"), &[files]);
            }
        } else if !moved.is_empty() && (self.open("auto/track-bundle").is_none() || self.bundle_differs(&moved)) {
            self.fresh("auto/track-bundle", &moved.into_iter().map(|(_, files)| files).collect::<Vec<_>>());
        }
        self.scene.run();
    }

    /// Whether a bundled path differs from the published branch.
    fn bundle_differs(&self, moved: &[(&str, Vec<Entry>)]) -> bool {
        let published = self.scene.head("auto/track-bundle").unwrap_or_default();
        let there = self.moved(&published);
        let left_out = !self.skip.is_empty()
            && self.scene.file(&published, crate::world::TOOL) != self.scene.file(self.trunk(), crate::world::TOOL);
        left_out || moved.iter().any(|(element, _)| there.iter().any(|(other, _)| other == element))
    }

    /// A branch is made anew from the trunk, a commit for each of these, and its pull request is opened where there is none.
    fn fresh(&self, branch: &str, commits: &[Vec<Entry>]) {
        let (scene, author, work) = (&self.scene, self.author(), "work");
        scene.on_tip(self.trunk(), work);
        commits.iter().for_each(|files| drop(scene.put(author, work, files)));
        let made = scene.head(work).unwrap();
        scene.push_sha(author, branch, &made).unwrap();
        scene.delete("ann", work).unwrap();
        if self.open(branch).is_none() {
            let number = scene.try_open("owner", branch, self.trunk(), author).unwrap();
            if self.generation == First && branch != "auto/track-tool" {
                (NATIVE.opened)(scene, number);
            }
        }
    }

    /// The open pull request of a branch.
    pub fn open(&self, branch: &str) -> Option<u64> {
        self.scene.pulls().into_iter().find(|pull| pull.open && pull.head_ref == branch).map(|pull| pull.number)
    }

    /// The merging workflow looks at what the tracker opened.
    pub fn automation(&self) {
        let acts = |automation: &Automation, number| (automation.acts)(&self.scene, number);
        let open = self.scene.pulls().into_iter().filter(|pull| pull.open && pull.head_ref.starts_with("auto/track-"));
        for number in open.map(|pull| pull.number) {
            match self.generation {
                First => drop(self.scene.settle()),
                _ => acts(&BLUEFIN, number),
            }
        }
        self.scene.run();
    }

    /// Ann approves what updates the Rust element, in the way of the project.
    pub fn ann_approves(&self) {
        let branch = if matches!(self.generation, First | Second) { "auto/track-tool" } else { "auto/track-bundle" };
        let number = self.open(branch).unwrap();
        if self.generation == First || self.generation == Second {
            self.scene.approve(number, "ann");
        } else {
            self.scene.comment(number, "ann", "/lgtm\n/approve");
            self.scene.run();
            self.scene.label_by("prow[bot]", number, "lgtm");
            self.scene.label_by("prow[bot]", number, "approved");
        }
        self.scene.run();
    }

    /// Every push to the trunk makes the promotion anew, unless its files are the same or it is queued.
    pub fn promotion(&self) {
        let same = |one: &str, two: &str| {
            self.scene.inspect(|state| {
                let tree = |name: &str| state.resolve(name).and_then(|sha| state.tree_of(&sha));
                tree(one).is_some() && tree(one) == tree(two)
            })
        };
        let queued = self.open(PROMOTION).is_some_and(|number| self.scene.pull(number).queued);
        if self.generation != First && !same("stable", "main") && !same("stable", PROMOTION) && !queued {
            self.scene.promote_to("main", "stable");
            self.scene.run();
        }
    }

    /// The promotion goes through the queue, and is merged back.
    pub fn tuesday(&self) -> Option<u64> {
        let number = self.open(PROMOTION)?;
        self.scene.enqueue("ann", number).unwrap();
        self.scene.run();
        assert_eq!(self.scene.settle(), [number], "the promotion: {}", self.scene.title(number));
        self.scene.merge_back("main", "stable", &[]);
        self.scene.run();
        Some(number)
    }
}
