//! The workflows that can push, approve, merge or write checks, and what workflows without these rights could hand to them: a
//! machine on which both run, an image that both use.

use super::rights::{self, Machines, Rights, scalars};
use super::state::State;
use crate::yaml::{Node, Value};

/// The addresses of GitHub's registries of packages.
const REGISTRIES: [&str; 3] = ["ghcr.io", "docker.pkg.github.com", "pkg.github.com"];

/// The workflows of two states that can write.
#[derive(Default)]
pub(super) struct Around {
    /// The machines of each, and its path.
    machines: Vec<(String, Machines)>,
    /// The first workflow or action that may run what is published in this repository.
    image: Option<String>,
    /// Whether other rights are given for the identity of a workflow here.
    trusted: bool,
}

impl Around {
    /// Finds them. A workflow that cannot be read may write, run anywhere and run anything.
    pub(super) fn new(states: &[State; 2]) -> Self {
        let mut out = Self { trusted: states.iter().any(|state| state.trusts), ..Self::default() };
        for state in states {
            if !state.complete {
                let all = "a workflow that is not read".to_owned();
                out.machines.push((all.clone(), Machines::Unknown));
                out.image = Some(all);
                continue;
            }
            let writers: Vec<_> = state.workflows().filter(|file| rights::of(file).is_err()).collect();
            for file in &writers {
                let machines = file.root.as_ref().map_or_else(|_| vec![Machines::Unknown], rights::machines);
                out.machines.extend(machines.into_iter().map(|machines| (file.path.clone(), machines)));
            }
            if writers.is_empty() {
                continue;
            }
            // An action may be one of theirs.
            let actions = state.files().iter().filter(|file| super::paths::is_action(&file.path));
            let unpinned = |file: &&_| -> bool { is_unpinned(file) };
            let image = writers.into_iter().chain(actions).find(unpinned).map(|file| file.path.clone());
            out.image = out.image.or(image);
        }
        out
    }

    /// Returns why a workflow with these rights may hand something to one that can write.
    pub(super) fn allow(&self, rights: &Rights) -> Result<(), String> {
        for own in &rights.machines {
            if let Some((path, _)) = self.machines.iter().find(|(_, machines)| own.meet(machines)) {
                return Err(format!(
                    "its runner is not known to be one of GitHub's, and `{path}` may run there and write"
                ));
            }
        }
        match &self.image {
            Some(path) if rights.packages => {
                return Err(format!("it may publish packages, and `{path}` may run one that is not pinned by digest"));
            }
            _ => {}
        }
        if rights.identity && self.trusted {
            return Err("it may ask for its identity, to which `.github/chainguard/` gives rights".into());
        }
        Ok(())
    }
}

/// Returns whether a file names something of GitHub's registries without its digest, or an image that is not known.
fn is_unpinned(file: &super::state::File) -> bool {
    let Ok(root) = &file.root else { return true };
    scalars(root).iter().any(|(_, text)| names_unpinned(text)) || has_unknown_image(root)
}

/// Returns whether one of the addresses in a text is not followed by a digest.
fn names_unpinned(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    REGISTRIES.iter().any(|registry| {
        lower.match_indices(registry).any(|(at, _)| {
            let end = |c: char| c.is_whitespace() || "\"'`;|&<>()".contains(c);
            let name = lower[at..].split(end).next().unwrap_or_default();
            let digest = name.split_once("@sha256:").map(|(_, digest)| digest);
            digest.is_none_or(|digest| digest.len() != 64 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()))
        })
    })
}

/// Returns whether the image of a container, service or action is an expression.
fn has_unknown_image(root: &Node) -> bool {
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match &node.value {
            Value::Map(pairs, _) => {
                for (key, value) in pairs {
                    let is_image = matches!(key.as_str(), Some("container" | "image" | "services"));
                    let is_docker = value.as_str().is_some_and(|text| text.starts_with("docker://"));
                    if (is_image || is_docker) && value.as_str().is_some_and(|text| text.contains("${{")) {
                        return true;
                    }
                    open.push(value);
                }
            }
            Value::List(items, _) => open.extend(items),
            _ => {}
        }
    }
    false
}
