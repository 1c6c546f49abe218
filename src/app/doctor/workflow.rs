//! A workflow that concerns the bot.

use crate::yaml::Node;

/// A workflow that was read.
pub(super) struct Workflow {
    /// Its path, from the project's folder.
    pub(super) path: String,
    /// All of it.
    pub(super) root: Node,
}

impl Workflow {
    pub(super) fn on(&self) -> Option<&Node> {
        self.root.get("on")
    }

    /// Returns whether an event starts it, in whatever form that is written.
    pub(super) fn event(&self, name: &str) -> bool {
        let Some(on) = self.on() else { return false };
        let listed = on.as_list().is_some_and(|all| all.iter().any(|node| node.as_str() == Some(name)));
        listed || on.as_str() == Some(name) || on.get(name).is_some()
    }

    pub(super) fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    pub(super) fn jobs(&self) -> &[(Node, Node)] {
        self.root.get("jobs").and_then(Node::as_map).unwrap_or_default()
    }
}
