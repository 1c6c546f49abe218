//! One element: its sources, one after the other, and the refs that they get.

use super::resolve::{self, resolve};
use super::words::{Policy, failed};
use crate::bst::project::Project;
use crate::bst::source::{GitKind, Tracking, commit_of};
use crate::cargo2::element::tracked::{TrackedSource, tracked};
use crate::cargo2::element_file::Element;
use crate::cargo2::snapshot::Snapshot;
use crate::finding::{Finding, rules};
use crate::io::Workspace;
use crate::yaml::Node;

/// An element, and where its sources go.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) name: String,
    /// The sources whose refs move, each with its new ref.
    pub(super) moves: Vec<(TrackedSource, String)>,
    pub(super) findings: Vec<Finding>,
    /// Whether it stays as it is, because something about it is not known.
    pub(super) left: bool,
}

/// The parsed file of an element. One that is reached through a link is in no listing.
pub(super) fn root(
    workspace: &Workspace,
    project: &Project,
    snapshot: &Snapshot,
    name: &str,
) -> Result<Node, Box<Finding>> {
    if let Some(element) = snapshot.element(name) {
        return element.parsed.clone();
    }
    let path = project.path_of(name);
    let element = Element::parse(project, (path.clone(), workspace.files.text(&path)));
    element.map_or_else(|| Err(failed("it is no element of the project")), |element| element.parsed)
}

/// Resolves the sources of one element, one after the other.
pub(super) async fn target(workspace: &Workspace, snapshot: &Snapshot, name: String, as_buildstream: bool) -> Target {
    let project = &snapshot.project;
    let own = workspace.config.element(&name);
    let mut target = Target::unmoved(name);
    if let Some(exempt) = own.and_then(|own| own.exempt.as_ref()) {
        let finding = Finding::new(&rules::ELEMENT_EXEMPT, format!("the element is not tracked: {}", exempt.reason));
        target.findings.push(finding.of(&target.name));
        target.left = true;
        return target;
    }
    let policy = match as_buildstream {
        true => Policy::Off,
        false => Policy::On { pre_releases: own.is_some_and(|own| own.pre_releases) },
    };
    let read = |path: &str| workspace.files.text(path);
    let sources =
        root(workspace, project, snapshot, &target.name).and_then(|root| tracked(&target.name, &root, project, &read));
    match sources {
        Ok(sources) => target.resolve(workspace, sources, policy).await,
        Err(finding) => {
            target.findings.push(finding.of(&target.name));
            target.left = true;
        }
    }
    target
}

impl Target {
    /// An element none of whose refs moves.
    pub(super) fn unmoved(name: String) -> Self {
        Self { name, moves: Vec::new(), findings: Vec::new(), left: false }
    }

    async fn resolve(&mut self, workspace: &Workspace, sources: Vec<TrackedSource>, policy: Policy) {
        let mut outer: Option<(String, String)> = None;
        let mut generated = false;
        for source in sources {
            let git = match &source.tracking {
                Tracking::Git(git) => git,
                Tracking::GeneratedLock => {
                    generated = true;
                    continue;
                }
                Tracking::Unable(why) => {
                    let message = format!("a source is left as it is: {why}");
                    self.report(Finding::new(&rules::TRACK_LEFT, message), &source);
                    continue;
                }
                Tracking::Nothing => continue,
            };
            match resolve(workspace, git, policy, outer.as_ref()).await {
                Ok(resolve::Resolved { to, notes }) => {
                    notes.into_iter().for_each(|note| self.report(note, &source));
                    let now = to.as_ref().or(git.pinned.as_ref());
                    if source.directory.is_empty() && !matches!(git.kind, GitKind::Module(_)) {
                        outer = now.and_then(|now| commit_of(now)).map(|(commit, _)| (git.url.clone(), commit));
                    }
                    if let Some(to) = to.filter(|to| git.pinned.as_ref() != Some(to)) {
                        self.moves.push((source, to));
                    }
                }
                Err(finding) => {
                    self.report(*finding, &source);
                    self.left = true;
                }
            }
        }
        if generated && !self.moves.is_empty() {
            let message = "there is a new version, and only BuildStream makes the `Cargo.lock` that goes with it";
            let source = self.moves[0].0.clone();
            self.report(Finding::new(&rules::TRACK_LEFT, message), &source);
            self.left = true;
        }
    }

    fn report(&mut self, finding: Finding, source: &TrackedSource) {
        let place = source.node.pair("ref").map_or_else(|| source.node.location(), |(_, value)| value.location());
        self.findings.push(finding.at(place).of(&self.name));
    }
}
