//! The timeline of a pull request, through GraphQL.

use super::wire::{Someone, nullable};
use crate::github::facts::{BaseChange, Dismissal, PullRequest};
use crate::github::ids::{Moment, ReviewState};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// An item of the timeline. Of the item's fields those are there that its type has.
#[derive(Debug, Deserialize)]
#[serde(tag = "__typename")]
pub(super) enum EventNode {
    #[serde(rename_all = "camelCase")]
    BaseRefChangedEvent {
        #[serde(default, deserialize_with = "nullable")]
        actor: Someone,
        created_at: Moment,
        previous_ref_name: String,
        current_ref_name: String,
    },
    #[serde(rename_all = "camelCase")]
    AutomaticBaseChangeSucceededEvent {
        #[serde(default, deserialize_with = "nullable")]
        actor: Someone,
        created_at: Moment,
        old_base: String,
        new_base: String,
    },
    #[serde(rename_all = "camelCase")]
    ReviewDismissedEvent {
        #[serde(default, deserialize_with = "nullable")]
        actor: Someone,
        created_at: Moment,
        previous_review_state: String,
        pull_request_commit: Option<IgnoredAny>,
        review: Option<Identified>,
    },
    /// A type that was not asked for.
    #[serde(other)]
    Unknown,
}

/// Anything with a GraphQL id.
#[derive(Debug, Deserialize)]
pub(super) struct Identified {
    id: String,
}

/// Adds items to the lists of a pull request. One of an unknown type leaves it open what happened.
pub(super) fn take(pull: &mut PullRequest, items: impl IntoIterator<Item = EventNode>) {
    for item in items {
        match item {
            EventNode::BaseRefChangedEvent { actor, created_at: at, previous_ref_name: from, current_ref_name: to }
            | EventNode::AutomaticBaseChangeSucceededEvent { actor, created_at: at, old_base: from, new_base: to } => {
                pull.base_changes.push(BaseChange { actor: actor.into(), at, from, to });
            }
            EventNode::ReviewDismissedEvent {
                actor,
                created_at: at,
                previous_review_state: previous,
                pull_request_commit: commit,
                review,
            } => pull.dismissals.push(Dismissal {
                actor: actor.into(),
                review: review.map(|review| review.id),
                previous: ReviewState::read(&previous),
                at,
                stale: commit.is_some(),
            }),
            EventNode::Unknown => pull.timeline_complete = false,
        }
    }
}
