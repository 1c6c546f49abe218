//! Elements that move together, because they share files; and the files as they will be.

use super::target::{Target, root};
use super::words::failed;
use crate::app::regenerate::verified;
use crate::bst::source::Tracking;
use crate::cargo2::edit::pin::{Pin, repin};
use crate::cargo2::element::tracked::TrackedSource;
use crate::cargo2::element::{self, CrateList};
use crate::cargo2::plan::{self, Planned};
use crate::cargo2::snapshot::Snapshot;
use crate::cargo2::verify::Verdict;
use crate::finding::fixes::Change;
use crate::finding::read::Read;
use crate::finding::{Finding, rules};
use crate::io::Workspace;
use crate::report::RefMove;
use crate::text::SourceText;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Elements that move together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    /// The elements.
    pub elements: Vec<String>,
    /// The refs that move, with their sources.
    pub moves: Vec<(TrackedSource, RefMove)>,
    /// The crate lists of the files as they will be.
    pub planned: Vec<Planned>,
    /// The files that change.
    pub changes: Vec<Change>,
    /// The findings on the elements.
    pub findings: Vec<Finding>,
}

/// The new texts of files, by their paths.
type Texts = BTreeMap<Arc<str>, (Arc<SourceText>, Arc<SourceText>)>;

/// Puts elements together of which one is built from a file with a ref that moves for another. One that was not selected, and is
/// built from such a file, comes too: its block has to fit.
pub(super) fn together(targets: Vec<Target>, snapshot: &Snapshot) -> Vec<Vec<Target>> {
    let reads = &snapshot.discovered.reads;
    let named: BTreeSet<String> = targets.iter().map(|target| target.name.clone()).collect();
    let mut groups: Vec<(BTreeSet<String>, Vec<Target>)> = Vec::new();
    for target in targets {
        let files: BTreeSet<Arc<str>> = target.moves.iter().map(|(s, _)| s.place().0.path.clone()).collect();
        let readers = reads.iter().filter(|(_, paths)| paths.iter().any(|path| files.contains(path.as_str())));
        let mut elements: BTreeSet<String> = readers.map(|(name, _)| name.clone()).collect();
        elements.insert(target.name.clone());
        let mut all = vec![target];
        let (same, others): (Vec<_>, Vec<_>) = groups.into_iter().partition(|(other, _)| !other.is_disjoint(&elements));
        groups = others;
        for (mut other, targets) in same {
            elements.append(&mut other);
            all.splice(0..0, targets);
        }
        groups.push((elements, all));
    }
    for (elements, all) in &mut groups {
        let others = elements.iter().filter(|name| !named.contains(*name));
        all.extend(others.map(|name| Target::unmoved(name.clone())));
    }
    groups.into_iter().map(|(_, all)| all).collect()
}

/// Moves the refs of a group in memory, and verifies the blocks that its files then have.
///
/// # Errors
/// When the bot fails.
pub(super) async fn moved(
    workspace: &Arc<Workspace>,
    snapshot: &Snapshot,
    targets: Vec<Target>,
) -> anyhow::Result<Group> {
    let mut group = Group::default();
    let mut left = false;
    let mut sources = Vec::new();
    for target in targets {
        left |= target.left;
        group.findings.extend(target.findings);
        for (source, to) in target.moves {
            let moved = ref_move(&target.name, &source, to);
            sources.push((source, moved));
        }
        group.elements.push(target.name);
    }
    if left {
        return Ok(group);
    }
    let texts = match texts(&sources) {
        Ok(texts) => texts,
        Err(finding) => {
            group.findings.push(finding.of(group.elements.first().map_or("", String::as_str)));
            return Ok(group);
        }
    };
    let (lists, findings) = crate_lists(workspace, snapshot, &group.elements, &texts);
    group.findings.extend(findings);
    workspace.announce(&lists);
    let verdicts = workspace
        .in_pool(lists, |list| list.name().to_owned(), verified)
        .await?
        .into_iter()
        .collect::<anyhow::Result<Vec<_>>>()?;
    group.planned = plan::by_file(verdicts).into_values().map(plan::plan).collect();
    let open = |planned: &Planned| {
        let unknown = |verdict: &Verdict| match verdict {
            Verdict::Unverified { .. } => true,
            Verdict::Drifted { edit, .. } => edit.is_err(),
            Verdict::Right { .. } | Verdict::Exempt => false,
        };
        planned.group.iter().any(|list| unknown(&list.verdict))
            || planned.findings.iter().any(|finding| finding.rule.id == rules::BLOCK_CONTESTED.id)
    };
    if group.planned.iter().any(open) && !sources.is_empty() {
        for (source, moved) in &sources {
            let message = format!("its `ref` stays: there is no crate list for {}", moved.to);
            group.findings.push(failed(message).at(source.node.location()).of(&moved.element));
        }
        // Only what keeps them from moving is reported.
        group.planned.retain(open);
        group.planned.iter_mut().for_each(|planned| planned.change = None);
        return Ok(group);
    }
    group.changes = changes(&group.planned, texts);
    group.moves = sources;
    Ok(group)
}

fn ref_move(element: &str, source: &TrackedSource, to: String) -> RefMove {
    let (url, track, from) = match &source.tracking {
        Tracking::Git(git) => (git.url.clone(), git.track.clone(), git.pinned.clone()),
        _ => Default::default(),
    };
    let location = source.node.pair("ref").map_or_else(|| source.node.location(), |(key, _)| key.location());
    let (element, file) = (element.to_owned(), location.path.to_string());
    RefMove { element, file, line: location.line, url, track, from, to, written: false }
}

/// The files with their new refs.
///
/// # Errors
/// A finding on refs that need different values in the same place, or that cannot be edited.
fn texts(sources: &[(TrackedSource, RefMove)]) -> Result<Texts, Box<Finding>> {
    let mut by_file: BTreeMap<Arc<str>, (Arc<SourceText>, Vec<Pin<'_>>)> = BTreeMap::new();
    for (source, moved) in sources {
        let (file, at) = source.place();
        let (_, pins) = by_file.entry(file.path.clone()).or_insert_with(|| (file.clone(), Vec::new()));
        match pins.iter().find(|pin| pin.at == at) {
            None => pins.push(Pin { source: &source.node, at, to: &moved.to }),
            Some(pin) if pin.to == moved.to => {}
            Some(pin) => {
                let message =
                    format!("elements that share this source need different refs: {} and {}", pin.to, moved.to);
                return Err(Box::new(failed(message).at(source.node.location())));
            }
        }
    }
    let mut texts = Texts::new();
    for (path, (old, pins)) in by_file {
        let new = repin(&old, &pins).map_err(|why| Box::new(failed(why).at(pins[0].source.location())))?;
        texts.insert(path, (old, new));
    }
    Ok(texts)
}

/// The crate lists of elements, in the files as they will be.
fn crate_lists(
    workspace: &Workspace,
    snapshot: &Snapshot,
    elements: &[String],
    texts: &Texts,
) -> (Vec<CrateList>, Vec<Finding>) {
    let project = &snapshot.project;
    let read = |path: &str| match texts.get(path) {
        Some((_, new)) => Read::Known(new.clone()),
        None => workspace.files.text(path),
    };
    let (mut lists, mut findings) = (Vec::new(), Vec::new());
    for name in elements {
        let path = project.path_of(name);
        let found = match texts.get(path.as_str()) {
            Some((_, new)) => element::read(name, new, project, &read),
            None => match root(workspace, project, snapshot, name) {
                Ok(root) => element::of_root(name, &root, project, &read),
                Err(finding) => {
                    findings.push(*finding);
                    continue;
                }
            },
        };
        lists.extend(found.crate_lists);
    }
    lists.iter_mut().for_each(|list: &mut CrateList| list.configure(&workspace.config));
    (lists, findings)
}

/// The changes of files: their refs and their blocks.
fn changes(planned: &[Planned], texts: Texts) -> Vec<Change> {
    let mut all: BTreeMap<Arc<str>, Change> =
        texts.into_iter().map(|(path, (old, new))| (path, Change { old, new })).collect();
    for change in planned.iter().filter_map(|planned| planned.change.as_ref()) {
        let path = change.new.path.clone();
        all.entry(path).and_modify(|all| all.new = change.new.clone()).or_insert_with(|| change.clone());
    }
    all.into_values().collect()
}
