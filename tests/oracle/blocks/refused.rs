//! Locks that have no part in the comparison, and what BuildStream does with them.

use crate::peer::{
    bst::Bst,
    corpus::{Lock, commit},
    ours::{self, DONE, FINDINGS},
    project::{self, Project, project, simple},
    upstream::{Tree, Upstreams},
};

/// A lock on which BuildStream and the bot do not agree.
pub(crate) struct Refused {
    name: &'static str,
    lock: String,
    /// What BuildStream's log says, where it gives up; it writes a block otherwise.
    fails_with: Option<&'static str>,
    /// What the bot leaves in the element, where it does not refuse.
    ours: Option<&'static str>,
}

pub(crate) fn all() -> Vec<Refused> {
    let base = || Lock::new(Some(4)).registry("anyhow", "1.0.98");
    let one = |address: &str| format!("{address}#{}", commit("one"));
    let foreign = base().text().replace("github.com/rust-lang/crates.io-index", "example.org/index");
    let sparse = base().text().replace("registry+https://github.com", "sparse+https://example.org");
    let twice = base().git("anyhow", "1.0.98", &one("https://example.org/anyhow"));
    let plus = base().git("plus", "0.1.0", &one("https://example.org/c++?tag=v1+2"));
    let space = base().git("space", "0.1.0", &one("https://example.org/a b"));
    let refused = |name, lock, fails_with, ours| Refused { name, lock, fails_with, ours };
    vec![
        // The plugin would fetch the crate from the one registry that it knows.
        refused("foreign registry", foreign, None, None),
        // The block cannot be staged: one crate, two sources.
        refused("two sources", twice.text(), None, None),
        refused("sparse registry", sparse, Some("Unkown source kind 'sparse'"), None),
        // Nothing that cargo writes, and nothing that a server could be asked for.
        refused("white space", space.text(), None, None),
        // It splits a source at every plus, and has room for two parts.
        refused("plus", plus.text(), Some("too many values to unpack"), Some("    repo: https://example.org/c++\n")),
    ]
}

impl Refused {
    pub(crate) fn judge(&self, bst: &Bst) {
        let mut upstreams = Upstreams::start();
        let old = Lock::new(Some(4)).registry("anyhow", "1.0.1").text();
        upstreams.add("program", &Tree::lock(&old), &Tree::lock(&self.lock));
        let mut project = project(&upstreams, "");
        project.put("elements/program.bst", simple("program"));
        let pinned = |moved: bool| {
            let mut pinned = project.clone();
            pinned.put("elements/program.bst", upstreams.pin(&simple("program"), moved));
            pinned
        };

        let root = pinned(false).write();
        let (tracked, log, _) = bst.try_track(root.path(), &project.elements());
        assert_eq!(tracked, self.fails_with.is_none(), "{}: BuildStream changed its mind\n{log}", self.name);
        assert!(self.fails_with.is_none_or(|reason| log.contains(reason)), "{}\n{log}", self.name);

        self.judge_ours(&pinned(true), &upstreams.url());
    }

    fn judge_ours(&self, before: &Project, url: &str) {
        let root = before.write();
        let run = ours::regenerate(root.path(), &[("up", url)], &[]);
        let after = project::read(root.path());
        let Some(line) = self.ours else {
            assert_eq!(run.code, Some(FINDINGS), "{}\n{}", self.name, run.said());
            assert!(after == before.files, "{}: refused, and yet written", self.name);
            return;
        };
        assert_eq!(run.code, Some(DONE), "{}\n{}", self.name, run.said());
        let text = String::from_utf8(after["elements/program.bst"].clone()).unwrap();
        assert!(text.contains(line), "{}: {line:?} is missing from\n{text}", self.name);
    }
}
