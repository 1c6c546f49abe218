//! The proof of pins that move, over the upstreams of a run.

use super::Workspace;
use super::git::{self, NotProven};
use crate::github::guard::PinMove;

impl Workspace {
    /// Whether each move of a pinned commit is proven, in the repositories at a server.
    pub(crate) async fn pin_moves(&self, server: &str, moves: &[PinMove]) -> Vec<Result<(), NotProven>> {
        git::pin_moves(self.shared.stage.git(), server, moves).await
    }
}
