//! The crates of the default branch, for GitHub's dependency graph.

use super::Bot;
use super::state::Base;
use crate::app::regenerate::discovered;
use crate::cargo2::discover::Selection;
use crate::cargo2::snapshot::Snapshot;
use crate::finding::Severity;
use crate::github::dependencies::{self, At, Crates};
use crate::github::plan::{Action, Plan, SubmitDependencies};
use crate::report::{Report, Status};

impl Bot {
    /// Submits the crates of a branch, if that was asked for. Nothing is submitted where one crate list of it is not verified.
    pub(super) async fn submit_dependencies(
        &mut self,
        branch: &str,
        base: &Base,
        blocks: &Report,
    ) -> anyhow::Result<()> {
        // A run of some elements knows nothing of the others.
        if !self.reader.request.settings.submit_dependencies || !self.reader.request.elements.is_empty() {
            return Ok(());
        }
        let crates = match self.verified_crates(base, blocks) {
            Ok(crates) => crates,
            Err(why) => {
                self.outcome.note(format!("the crates of {branch} were not submitted to the dependency graph: {why}"));
                return Ok(());
            }
        };
        let (folder, job) = (self.reader.states.prefix(), self.reader.request.job.clone());
        let at = At { sha: &base.sha, branch, folder: folder.trim_end_matches('/'), job: &job };
        let snapshot = dependencies::snapshot(&crates, at);
        let count = crates.values().map(Vec::len).sum();
        let submit =
            Action::SubmitDependencies(SubmitDependencies { branch: branch.to_owned(), crates: count, snapshot });
        match self.publish(Plan { actions: vec![submit] }, branch).await {
            Err(error) if super::facts::ends_run(&error) => Err(error.into()),
            Err(error) => {
                self.outcome.refused(&format!("{branch}: {error}"));
                Ok(())
            }
            Ok(_) => Ok(()),
        }
    }

    /// The crates by file; else why they are not all known.
    fn verified_crates(&self, base: &Base, blocks: &Report) -> Result<Crates, String> {
        let (_, found): (std::sync::Arc<Snapshot>, _) =
            discovered(base.workspace(), &Selection::default()).map_err(|error| format!("{error:#}"))?;
        if let Some(finding) = found.findings.iter().find(|finding| finding.severity == Severity::Error) {
            return Err(format!("{}: {}", finding.element.as_deref().unwrap_or_default(), finding.message));
        }
        let mut crates = Crates::new();
        for list in &found.crate_lists {
            let (path, line) = (list.place().0.path.to_string(), list.location().line);
            let of = |block: &&crate::report::BlockReport| block.file == path && block.line == line;
            let status = blocks.blocks.iter().find(of).map(|block| block.status);
            if status != Some(Status::Right) {
                return Err(format!("the crate list of {} is not verified", list.name()));
            }
            let current = list.current().map_err(|(why, _)| why)?;
            crates.entry(self.reader.states.rooted(&path)).or_default().extend(current.values().cloned());
        }
        Ok(crates)
    }
}
