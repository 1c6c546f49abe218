//! Finds trackers by what they do, whatever they are called.

use super::job::Tracks;
use super::reader;
use crate::finding::read::Read;
use crate::text::SourceText;
use std::sync::Arc;

/// A workflow that concerns the bot: a tracker, or another one that opens pull requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Opener {
    /// Its path, from the project's folder.
    pub path: String,
    /// The name by which `workflow_run` knows it: its own, else its path from the repository's root.
    pub name: String,
    /// Whether it tracks: it runs `source track`, or writes branches named `auto/track-…`.
    pub tracks: bool,
}

/// The workflows that track elements or open pull requests, trackers first. Those that cannot be read are left out: they are
/// reported where the tracker is checked.
#[must_use]
pub(crate) fn openers(workflows: &[(String, Read<Arc<SourceText>>)], element_path: &str) -> Vec<Opener> {
    let mut found: Vec<Opener> = workflows.iter().filter_map(|(path, text)| opener(path, text, element_path)).collect();
    found.sort_by_key(|opener| !opener.tracks);
    found
}

fn opener(path: &str, text: &Read<Arc<SourceText>>, element_path: &str) -> Option<Opener> {
    let Read::Known(file) = text else { return None };
    let workflow = reader::read(file, element_path).ok()?;
    let opens = workflow.jobs.iter().any(super::job::Job::opens);
    let pushes = opens || file.text.contains("git push");
    let tracks =
        workflow.jobs.iter().any(|job| job.tracks != Tracks::Nothing) || (pushes && file.text.contains("auto/track-"));
    let rooted = path.trim_start_matches("../");
    let name = workflow.root.get_str("name").unwrap_or(rooted).to_owned();
    (tracks || opens).then(|| Opener { path: path.to_owned(), name, tracks })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trackers_are_known_by_what_they_do() {
        let workflow =
            |steps: &str| format!("name: N\non: push\njobs:\n  a:\n    steps:\n    - run: |\n        {steps}\n");
        let found = |text: &str| {
            let path = ".github/workflows/x.yml";
            openers(&[(path.to_owned(), Read::Known(Arc::new(SourceText::new(path, text))))], "elements")
        };
        for tracker in
            ["just bst source track a.bst", "git push origin auto/track-a", "gh pr create --head auto/track-a"]
        {
            assert!(found(&workflow(tracker))[0].tracks, "{tracker}");
        }
        assert!(!found(&workflow("gh pr create --head x"))[0].tracks);
        for other in ["echo source track", "gh pr merge auto/track-a", "cargo test"] {
            assert_eq!(found(&workflow(other)), [], "{other}");
        }
        assert_eq!(
            found("on: push\njobs: {a: {steps: [{run: bst source track}]}}\n")[0].name,
            ".github/workflows/x.yml"
        );
    }
}
