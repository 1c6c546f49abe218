//! The whole way of the data on one screen: gather, judge, mend.

use crate::discover::{self, Discovered, Selection};
use crate::edit::{self, Edit, Expected};
use crate::element::Site;
use crate::finding::{self, Finding};
use crate::judge::{self, LockFile, Verdict};
use crate::project::{self, Project};
use crate::report::{BlockReport, Report, Status};
use crate::rules;
use crate::stale;
use crate::text::{Location, SourceText};
use crate::world::World;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a run is asked for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Which elements.
    pub selection: Selection,
    /// Only look; nothing is written.
    pub check: bool,
    /// Aliases that win over the project's: `(name, URL)`.
    pub aliases: Vec<(String, String)>,
}

/// Mends the checkout, or only looks at it.
///
/// # Errors
/// When the project itself cannot be read, or the bot fails. What is wrong with an element is in the report.
pub async fn regenerate(world: &Arc<World>, request: &Request) -> anyhow::Result<Report> {
    // Gather: every file is read here, every lock in the pool below.
    let read = |path: &str| world.files.text(path);
    let project = project::read(&read, &request.aliases)?;
    let files = world.project_files(&project, &request.selection)?;
    let Discovered { sites, mut findings, elements } = discover::sites(&project, &files, &request.selection, &read);
    drop(files);
    findings.extend(world.unknown_locks(&elements));
    findings.extend(stale::findings(&sites, &project, &read, |paths| world.earlier(paths)));
    world.announce(&sites);

    // Judge: each crate list by its lock, side by side; the lock is dropped when its verdict is there.
    let verdicts = world.in_pool(sites, judged).await?;

    // Mend: one new text for each file, read again before it counts.
    let mut report = Report::default();
    for (_, group) in by_file(verdicts) {
        let done = mend(world, &project, group, request.check);
        report.blocks.extend(done.blocks);
        findings.extend(done.findings);
    }
    finding::settle(&mut findings);
    report.findings = findings;
    Ok(report)
}

/// A crate list, what was decided about it, and where its lock came from.
type Judged = (Site, Verdict, Option<String>);

/// Gathers the lock of one crate list and judges it.
fn judged(world: &World, site: Site) -> Judged {
    let lock: Result<LockFile, Box<Finding>> = world.lock(&site);
    let origin = lock.as_ref().ok().map(|lock| lock.origin.clone());
    let verdict = judge::judge(&site, lock.as_ref().map_err(|finding| (**finding).clone()));
    (site, verdict, origin)
}

/// The crate lists of each file together.
fn by_file(verdicts: Vec<Judged>) -> BTreeMap<Arc<str>, Vec<Judged>> {
    let mut files: BTreeMap<Arc<str>, Vec<Judged>> = BTreeMap::new();
    for judged in verdicts {
        files.entry(judged.0.key().0).or_default().push(judged);
    }
    files
}

/// Mends the crate lists of one file. The lists that cannot be judged do not keep the others from being mended.
fn mend(world: &World, project: &Project, group: Vec<Judged>, check: bool) -> Report {
    let mut out = Report::default();
    let group = contested(group, &mut out.findings);
    let text = match edited(&group) {
        _ if check => None,
        Ok(text) => text,
        Err(message) => {
            let place = group
                .first()
                .map_or_else(|| Location::file(project::PROJECT_CONF), |(site, ..)| site.source.location());
            out.findings.push(Finding::new(&rules::BLOCK_UNREADABLE, message).at(place));
            None
        }
    };
    let mut written = false;
    if let (Some((old, new)), Some((site, ..))) = (&text, group.first()) {
        match world.files.replace(old, new) {
            Ok(()) => written = true,
            Err(e) => out.findings.push(
                Finding::new(&rules::WRITE_FAILED, format!("{e:#}")).at(Location::file(&old.path)).of(site.name()),
            ),
        }
    }
    for (site, verdict, origin) in group {
        block(&site, verdict, origin, written, &mut out);
    }
    debug_assert!(out.blocks.iter().all(|b| project.element_path.is_empty() || !b.elements.is_empty()));
    out
}

/// A file's old and new text.
type Change = (Arc<SourceText>, Arc<SourceText>);

/// The file's old and new text, when something is to be written.
fn edited(group: &[Judged]) -> Result<Option<Change>, String> {
    let Some((first, ..)) = group.first() else {
        return Ok(None);
    };
    let mut edits: Vec<Edit> = Vec::new();
    let mut expected = Vec::new();
    for (site, verdict, _) in group {
        if let Verdict::Drifted { edit: Ok(edit), wanted, .. } = verdict {
            edits.push(edit.clone());
            expected.push(Expected { at: site.place().1, wanted, layout: site.layout });
        }
    }
    if edits.is_empty() {
        return Ok(None);
    }
    let file = first.place().0;
    edit::apply(file, &mut edits, &expected).map(|new| Some((file.clone(), new)))
}

/// One crate list that elements want differently is left alone, with a finding.
fn contested(group: Vec<Judged>, findings: &mut Vec<Finding>) -> Vec<Judged> {
    let mut by_place: BTreeMap<usize, Vec<Judged>> = BTreeMap::new();
    for judged in group {
        by_place.entry(judged.0.place().1).or_default().push(judged);
    }
    let mut out = Vec::new();
    for (_, mut same) in by_place {
        let agree = same.windows(2).all(|pair| {
            matches!((&pair[0].1, &pair[1].1), (Verdict::Right { .. }, Verdict::Right { .. }))
                || matches!((&pair[0].1, &pair[1].1),
            (Verdict::Drifted { wanted: a, .. }, Verdict::Drifted { wanted: b, .. }) if a == b)
        });
        if same.len() > 1 && !agree {
            let names: Vec<&str> = same.iter().map(|(site, ..)| site.name()).collect();
            let message = format!("these elements ask one block for different content: {}", names.join(", "));
            let finding = Finding::new(&rules::BLOCK_CONTESTED, message).at(same[0].0.source.location());
            for (_, verdict, _) in &mut same {
                let told =
                    if let Verdict::Unverified { findings } = verdict { std::mem::take(findings) } else { Vec::new() };
                findings.extend(told);
                *verdict = Verdict::Unverified { findings: Vec::new() };
            }
            findings.push(finding);
        }
        let mut same = same.into_iter();
        if let Some(mut first) = same.next() {
            same.for_each(|(site, ..)| first.0.elements.extend(site.elements));
            out.push(first);
        }
    }
    out
}

/// Tells of one crate list.
fn block(site: &Site, verdict: Verdict, origin: Option<String>, written: bool, out: &mut Report) {
    let mut report = BlockReport {
        file: site.place().0.path.to_string(),
        line: site.location().line,
        elements: site.elements.clone(),
        layout: site.layout,
        status: Status::Unverified,
        crates: None,
        drift: crate::drift::Drift::default(),
        lock: origin,
    };
    match verdict {
        Verdict::Right { crates } => (report.status, report.crates) = (Status::Right, Some(crates)),
        Verdict::Drifted { drift, wanted, edit } => {
            report.crates = Some(wanted.len());
            report.status = if written && edit.is_ok() { Status::Mended } else { Status::Drifted };
            if report.status == Status::Drifted {
                let mut finding = judge::drift_finding(site, &drift, report.lock.as_deref().unwrap_or_default());
                finding.fixable = edit.is_ok();
                out.findings.push(finding);
            }
            if let Err((message, span)) = edit {
                out.findings.push(
                    Finding::new(&rules::BLOCK_UNREADABLE, message).at(site.place().0.locate(span)).of(site.name()),
                );
            }
            report.drift = drift;
        }
        Verdict::Unverified { findings } => out.findings.extend(findings),
    }
    out.blocks.push(report);
}
