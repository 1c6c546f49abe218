//! `generate`: prints the generated sources for a lock.

use crate::cargo2::block::{self, Config, Layout, Shape};
use crate::cargo2::lock;
use crate::cargo2::verify;
use crate::finding::Finding;
use crate::text::SourceText;

/// The options of `generate`.
#[derive(Clone, Debug)]
pub struct Request {
    /// The layout.
    pub layout: Layout,
    /// The settings that change the block.
    pub config: Config,
    /// For the layout `per-crate`: the base URL of the crates.
    pub crates_url: String,
}

/// Renders the generated part of an element for a lock: the cargo2 source, or all of them.
///
/// # Errors
/// A finding for each thing that cannot be vendored, with its place in the lock.
pub fn generate(file: &SourceText, request: &Request) -> Result<String, Vec<Finding>> {
    let lock = lock::parse(&file.text).map_err(|e| {
        let mut finding = verify::unreadable_lock(&e, &file.text, &file.path);
        finding.location = e.at.map(|at| file.locate(crate::text::Span::new(at, at)));
        finding.notes.clear();
        vec![finding]
    })?;
    let entries =
        block::expected(&lock, &request.config).and_then(|entries| verify::in_layout(entries, request.layout));
    let entries =
        entries.map_err(|findings| findings.into_iter().map(|finding| placed(finding, file)).collect::<Vec<_>>())?;
    Ok(match request.layout {
        Layout::List if entries.is_empty() => "- kind: cargo2\n  ref: []\n".to_owned(),
        Layout::List => format!("- kind: cargo2\n  ref:\n{}", block::render_list(&entries, Shape::at(2))),
        Layout::Cargo if entries.is_empty() => "- kind: cargo\n  ref: []\n".to_owned(),
        Layout::Cargo => {
            let shape = Shape { kinds: false, ..Shape::at(2) };
            format!("- kind: cargo\n  ref:\n{}", block::render_list(&entries, shape))
        }
        Layout::PerCrate => {
            format!("{}\n{}", block::MARKER, block::render_per_crate(&entries, &request.crates_url, Shape::at(0)))
        }
    })
}

/// Locates a finding at the line on which the lock names its crate.
fn placed(finding: Finding, file: &SourceText) -> Finding {
    match finding.krate.as_deref().and_then(|name| verify::place(&file.text, name)) {
        Some(span) => finding.at(file.locate(span)),
        None => finding.at(crate::text::Location::file(&file.path)),
    }
}
