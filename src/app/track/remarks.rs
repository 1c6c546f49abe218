//! What is said of refs that move, although they move: that they go back, or that a history was rewritten.

use super::group::Group;
use crate::app::review::proofs;
use crate::bst::source::{GitKind, Tracking, commit_of};
use crate::cargo2::element::tracked::TrackedSource;
use crate::finding::Finding;
use crate::io::Workspace;
use crate::report::{RefMove, Status};
use crate::review::ref_proof::SourceProof;
use crate::review::rules::{backwards, rewritten, tag_for_branch};
use crate::review::{ElementReview, Pin, SourceMove};
use std::sync::Arc;

/// The findings on all refs that move.
pub(super) async fn of_moves(workspace: &Arc<Workspace>, groups: &[Group]) -> Vec<Finding> {
    let mut elements: Vec<ElementReview> = groups.iter().flat_map(of_group).collect();
    proofs::prove(&mut elements, workspace).await;
    let checks = [backwards::of_element, rewritten::of_element, tag_for_branch::of_element];
    elements.iter().flat_map(|element| checks.iter().flat_map(move |check| check(element))).collect()
}

fn of_group(group: &Group) -> Vec<ElementReview> {
    let one = |(source, moved): &(TrackedSource, RefMove)| {
        let Tracking::Git(git) = &source.tracking else { return None };
        let pin = |pinned: &str| Pin {
            url: git.url.clone(),
            pinned: pinned.to_owned(),
            commit: commit_of(pinned).map(|(commit, _)| commit),
            track: Some(git.track.clone()).filter(|track| !track.is_empty()),
            exclude: git.exclude.clone(),
            is_pattern: git.kind == GitKind::Repo,
        };
        let old = git.pinned.as_deref().map(pin);
        let sources = vec![SourceMove { old, new: Some(pin(&moved.to)), proof: SourceProof::default() }];
        Some(ElementReview {
            element: moved.element.clone(),
            file: moved.file.clone(),
            line: moved.line,
            status: Status::Right,
            lock: None,
            crates: (0, 0),
            sources,
            changes: Vec::new(),
            list: Vec::new(),
        })
    };
    group.moves.iter().filter_map(one).collect()
}
