//! Bundles: pull requests of a tracker that bring several elements at once, so that a Rust element holds the others up.

use super::facts::Reader;
use crate::cargo2::snapshot::Snapshot;
use crate::config::Config;
use crate::finding::read::Read;
use crate::github::base::is_own;
use crate::github::content::Content;
use crate::github::facts::PullRequest;
use crate::review::render::{Bundle, SKIP, Skip};

impl Reader {
    /// Returns what is to be said of a bundle; none where a pull request is no bundle.
    pub(super) async fn bundle(
        &self,
        pull: &PullRequest,
        content: &Content,
        touched: &[String],
    ) -> anyhow::Result<Option<Bundle>> {
        let others = content.harmless_paths();
        let own = is_own(pull, &self.request.repository, &self.overview.viewer);
        if !pull.author.bot || own || touched.is_empty() || touched.len() + others < 2 {
            return Ok(None);
        }
        let base = self.base_of(&self.overview.repository.default_branch).await?;
        let snapshot = base.workspace().read_snapshot().await?;
        let skip = skip(touched, &snapshot, &base.workspace().config, &self.request.repository);
        Ok(Some(Bundle { others, skip }))
    }
}

/// How these elements are left out, where a workflow reads the variable for that.
fn skip(elements: &[String], snapshot: &Snapshot, config: &Config, repository: &str) -> Option<Skip> {
    let workflows = match &snapshot.workflows {
        Read::Known(workflows) => workflows,
        // Without its text nothing is known of the tracker, and nothing is offered.
        Read::Absent | Read::Unreadable(_) => return None,
    };
    let names = |text: &Read<_>| matches!(text, Read::Known(text) if names_variable(text));
    let (path, _) = workflows.iter().find(|(_, text)| names(text))?;
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.+".contains(c));
    let stem = |element: &String| {
        let name = element.rsplit('/').next().unwrap_or_default();
        name.strip_suffix(".bst").map(str::to_owned).filter(|stem| !stem.is_empty() && plain(stem))
    };
    let mut stems: Vec<String> = elements.iter().map(stem).collect::<Option<_>>()?;
    stems.sort();
    stems.dedup();
    let workflow = path.rsplit('/').next().filter(|name| plain(name))?;
    if !repository.split('/').all(plain) {
        return None;
    }
    let value = stems.join(" ");
    let commands = vec![
        format!("gh variable set {SKIP} --repo {repository} --body '{value}'"),
        format!("gh workflow run {workflow} --repo {repository}"),
    ];
    Some(Skip { value, commands, tracked: elements.iter().all(|element| config.tracks(element)) })
}

fn names_variable(text: &std::sync::Arc<crate::text::SourceText>) -> bool {
    text.text.contains(SKIP)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bst::project;
    use crate::text::SourceText;
    use std::sync::Arc;

    fn skipped(elements: &[&str], workflow: &str, config: &Config) -> Option<Skip> {
        let text = |path: &str, text: &str| Arc::new(SourceText::new(path, text));
        let conf = text("project.conf", "name: p\n");
        let project = project::parse(&conf, &|_| Read::Absent, &[]).unwrap();
        let path = ".github/workflows/track.yml";
        let workflows = vec![(path.to_owned(), Read::Known(text(path, workflow)))];
        let snapshot = Snapshot::new(project, Vec::new(), Read::Known(workflows), &|_| Read::Absent);
        let elements: Vec<String> = elements.iter().map(|name| (*name).to_owned()).collect();
        skip(&elements, &snapshot, config, "owner/name")
    }

    #[test]
    fn elements_are_left_out_by_the_stems_of_their_files() {
        let reads = "env:\n  SKIP: ${{ vars.TRACK_BUNDLE_SKIP }}\n";
        let found = skipped(&["bluefin/sudo-rs.bst", "b/a.bst"], reads, &Config::default()).unwrap();
        assert_eq!(found.value, "a sudo-rs");
        assert_eq!(
            found.commands,
            [
                "gh variable set TRACK_BUNDLE_SKIP --repo owner/name --body 'a sudo-rs'",
                "gh workflow run track.yml --repo owner/name"
            ]
        );
        let tracked = Config { track: true, ..Config::default() };
        assert!(!found.tracked && skipped(&["a.bst"], reads, &tracked).unwrap().tracked);
    }

    #[test]
    fn no_way_is_offered_that_the_tracker_does_not_have_or_a_shell_would_read() {
        assert_eq!(skipped(&["a.bst"], "name: x\n", &Config::default()), None);
        for odd in ["a';rm.bst", "a b.bst", ".bst", "a"] {
            assert_eq!(skipped(&[odd], "TRACK_BUNDLE_SKIP", &Config::default()), None, "{odd}");
        }
    }
}
