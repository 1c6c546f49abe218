//! The comparison itself: BuildStream tracks one copy of a project, the bot mends others, and all must end alike.

use std::{env, ops::Deref, path::Path};

use super::{
    bst::Bst,
    compare::{self, figure},
    damage::{self, Damage},
    ours::{self, DONE, FINDINGS, Run},
    project::{self, Files, Project},
    upstream::Upstreams,
};

/// A file that BuildStream rewrites outside the block, and what it does there.
pub(crate) struct Excuse {
    pub(crate) file: &'static str,
    /// What BuildStream does wrong.
    pub(crate) reason: &'static str,
}

/// A project to be judged. Its files hold `@upstream@` where a pinned commit stands.
pub(crate) struct Case<'a> {
    pub(crate) name: &'a str,
    pub(crate) project: Project,
    pub(crate) upstreams: &'a Upstreams,
    /// What `--alias` vouches for.
    pub(crate) aliases: Vec<(String, String)>,
    pub(crate) excuses: Vec<Excuse>,
}

/// A case with what BuildStream made of it.
pub(crate) struct Tracked<'a> {
    case: Case<'a>,
    expected: Files,
}

impl<'a> Case<'a> {
    pub(crate) fn new(name: &'a str, upstreams: &'a Upstreams, project: Project) -> Self {
        let aliases = vec![("up".to_owned(), upstreams.url())];
        Self { name, project, upstreams, aliases, excuses: Vec::new() }
    }

    pub(crate) fn excuse(mut self, file: &'static str, reason: &'static str) -> Self {
        self.excuses.push(Excuse { file, reason });
        self
    }

    pub(crate) fn alias(mut self, name: &str, url: &str) -> Self {
        self.aliases.push((name.to_owned(), url.to_owned()));
        self
    }

    /// Lets BuildStream track the project with its stale pins. `CARGO2_BOT_KEEP` names a folder for a copy of the result.
    pub(crate) fn track(self, bst: &Bst) -> Tracked<'a> {
        let elements = self.project.elements();
        let stale = self.pinned(false).write();
        let took = bst.track(stale.path(), &elements);
        figure(&format!(
            "{}: BuildStream tracked {} elements in {:.1} s",
            self.name,
            elements.len(),
            took.as_secs_f32()
        ));
        let expected = project::read(stale.path());
        if let Some(place) = env::var_os("CARGO2_BOT_KEEP") {
            Project { files: expected.clone() }.write_to(&Path::new(&place).join(self.name));
        }
        Tracked { case: self, expected }
    }

    /// The project with its pins in place: at the old tag, or where tracking moves them.
    fn pinned(&self, moved: bool) -> Project {
        let mut project = self.project.clone();
        for content in project.files.values_mut() {
            if let Ok(text) = std::str::from_utf8(content) {
                *content = self.upstreams.pin(text, moved).into_bytes();
            }
        }
        project
    }
}

/// A tracked project has the case's fields too.
impl<'a> Deref for Tracked<'a> {
    type Target = Case<'a>;

    fn deref(&self) -> &Case<'a> {
        &self.case
    }
}

impl Tracked<'_> {
    /// The text of a file as BuildStream left it.
    pub(crate) fn text(&self, path: &str) -> &str {
        std::str::from_utf8(&self.expected[path]).unwrap()
    }

    /// All that the bot must agree with.
    pub(crate) fn judge(&self) {
        self.judge_with(&damage::ALL);
    }

    /// The same with these damages only, for projects of which each run takes long.
    pub(crate) fn judge_with(&self, damages: &[Damage]) {
        self.agrees_with_tracked();
        self.mends_after_a_moved_pin();
        for damage in damages {
            self.mends(*damage);
        }
    }

    /// BuildStream's own result is right, and nobody touches it.
    pub(crate) fn agrees_with_tracked(&self) {
        for more in [&["--check"][..], &[]] {
            let root = Project { files: self.expected.clone() }.write();
            let run = self.regenerate(root.path(), more);
            self.ended(&run, DONE, &format!("on BuildStream's own result {more:?}"));
            compare::same(&self.expected, &project::read(root.path()), &[], self.name);
        }
    }

    /// The elements as a tracker leaves them that moved the pins and nothing else.
    pub(crate) fn mends_after_a_moved_pin(&self) {
        let before = self.pinned(true);
        let root = before.write();
        let run = self.regenerate(root.path(), &[]);
        let context = format!("{}, pins moved", self.name);
        self.ended(&run, DONE, "with moved pins");
        let actual = project::read(root.path());
        let excused: Vec<&str> = self.excuses.iter().map(|excuse| excuse.file).collect();
        compare::same(&self.expected, &actual, &excused, &context);
        for Excuse { file, reason } in &self.excuses {
            let context = format!("{context}, {file} ({reason})");
            compare::same_block_rest_kept(&before.files[*file], &self.expected[*file], &actual[*file], &context);
        }
    }

    /// BuildStream's result, damaged: found by `--check`, and mended to the very same bytes.
    pub(crate) fn mends(&self, damage: Damage) {
        let mut damaged = self.expected.clone();
        for (_, content) in damaged.iter_mut().filter(|(path, _)| path.as_str() != "project.conf") {
            if let Ok(text) = std::str::from_utf8(content) {
                *content = damage.apply(text).into_bytes();
            }
        }
        assert_ne!(damaged, self.expected, "{}: {damage:?} damages nothing", self.name);
        let root = Project { files: damaged.clone() }.write();
        let context = format!("{}, damage {damage:?}", self.name);

        let run = self.regenerate(root.path(), &["--check"]);
        self.ended(&run, FINDINGS, &format!("with damage {damage:?} and --check"));
        assert!(project::read(root.path()) == damaged, "{context}: --check wrote");

        let run = self.regenerate(root.path(), &[]);
        self.ended(&run, DONE, &format!("with damage {damage:?}"));
        compare::same(&self.expected, &project::read(root.path()), &[], &context);
    }

    fn regenerate(&self, root: &Path, more: &[&str]) -> Run {
        let aliases: Vec<_> = self.aliases.iter().map(|(name, url)| (name.as_str(), url.as_str())).collect();
        ours::regenerate(root, &aliases, more)
    }

    fn ended(&self, run: &Run, code: i32, when: &str) {
        assert_eq!(run.code, Some(code), "{} {when}\n{}", self.name, run.said());
    }
}
