//! The sources of a Rust element that tracking moves, with their places.

use crate::bst::project::Project;
use crate::bst::project::compose::{self, ReadFile};
use crate::bst::source::{self, Tracking};
use crate::finding::{Finding, rules};
use crate::text::SourceText;
use crate::yaml::Node;
use std::sync::Arc;

/// A source of an element.
#[derive(Clone, Debug)]
pub(crate) struct TrackedSource {
    /// The source as it is written.
    pub node: Node,
    /// The folder of its content in the staged tree; empty for the root.
    pub directory: String,
    /// What tracking it means.
    pub tracking: Tracking,
}

impl TrackedSource {
    /// The file that its ref is in, or would be, and the place there: at the `ref` key, or at the source where it has none.
    pub(crate) fn place(&self) -> (&Arc<SourceText>, usize) {
        match self.node.pair("ref") {
            Some((key, _)) => (&key.file, key.span.start),
            None => (&self.node.file, self.node.span.start),
        }
    }
}

/// Reads the sources of a parsed element that are more than files of the project and crates.
///
/// # Errors
/// A finding on a source that cannot be evaluated, or on architectures that have different ones.
pub(crate) fn tracked(
    name: &str,
    root: &Node,
    project: &Project,
    read: &ReadFile<'_>,
) -> Result<Vec<TrackedSource>, Box<Finding>> {
    let mut all: Vec<(String, Vec<TrackedSource>)> = Vec::new();
    if project.variants.is_empty() {
        for (arch, options) in project.options.for_each_arch() {
            let composed = compose::compose(root, &options, read);
            let variables = project.variables_of(name, composed.root.get("variables"), &options);
            all.push((
                arch,
                of_sources(name, &composed.root, |node| {
                    Ok((source::tracking(node, project, &variables)?, source::directory(node, project, &variables)?))
                })?,
            ));
            if !composed.conditional {
                break;
            }
        }
    }
    for (arch, project) in &project.variants {
        let composed = compose::compose(root, &project.options, read);
        let variables = project.variables_of(name, composed.root.get("variables"), &project.options);
        all.push((
            arch.clone(),
            of_sources(name, &composed.root, |node| {
                Ok((source::tracking(node, project, &variables)?, source::directory(node, project, &variables)?))
            })?,
        ));
    }
    let mut all = all.into_iter();
    let Some((first_arch, first)) = all.next() else { return Ok(Vec::new()) };
    let shape = |sources: &[TrackedSource]| -> Vec<_> {
        let key = |source: &TrackedSource| {
            let (file, at) = source.place();
            (file.path.clone(), at, source.tracking.clone())
        };
        sources.iter().map(key).collect()
    };
    match all.find(|(_, sources)| shape(sources) != shape(&first)) {
        None => Ok(first),
        Some((arch, _)) => {
            let message = format!("the sources that are tracked differ between {first_arch} and {arch}");
            Err(Box::new(Finding::new(&rules::CANNOT_EVALUATE, message).at(root.location()).of(name)))
        }
    }
}

fn of_sources(
    name: &str,
    root: &Node,
    read: impl Fn(&Node) -> Result<(Tracking, String), Box<Finding>>,
) -> Result<Vec<TrackedSource>, Box<Finding>> {
    let sources = root.get("sources").and_then(Node::as_list).unwrap_or_default();
    let mut out = Vec::new();
    for node in sources.iter().filter(|node| !matches!(node.get_str("kind"), Some("cargo" | "cargo2"))) {
        let (tracking, directory) = read(node).map_err(|finding| Box::new(finding.of(name)))?;
        if tracking != Tracking::Nothing {
            out.push(TrackedSource { node: node.clone(), directory, tracking });
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::read::Read;

    /// The lines of the sources of an element that are tracked, or why they cannot be.
    fn lines(element: &str) -> Result<Vec<usize>, String> {
        let none = |_: &str| Read::Absent;
        let options = "options:\n  arch:\n    type: arch\n    values: [x86_64, aarch64]\n";
        let conf = format!("name: p\naliases: {{x: 'https://x/'}}\n{options}");
        let project = crate::bst::project::parse(&Arc::new(SourceText::new("project.conf", conf)), &none, &[]).unwrap();
        let root = crate::yaml::parse(&Arc::new(SourceText::new("a.bst", element))).unwrap();
        let sources = tracked("a.bst", &root, &project, &none).map_err(|finding| finding.message)?;
        Ok(sources.iter().map(|source| source.node.file.locate(source.node.span).line).collect())
    }

    const GIT: &str = "- kind: git_repo\n  url: x:a.git\n  track: main\n";

    #[test]
    fn sources_that_tracking_moves_are_found_with_their_place() {
        assert_eq!(lines(&format!("sources:\n- kind: local\n  path: x\n{GIT}- kind: cargo2\n")), Ok(vec![4]));
    }

    #[test]
    fn sources_that_differ_between_architectures_are_refused() {
        let other = format!("sources:\n{GIT}  (?):\n  - arch == \"aarch64\":\n      track: other\n  ref: v1\n");
        let why = "the sources that are tracked differ between aarch64 and x86_64";
        assert_eq!(lines(&other), Err(why.to_owned()));
        assert!(lines(&other.replace("track: other", "provenance: {}")).is_ok());
    }
}
