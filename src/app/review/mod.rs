//! The review of a change: two states of the project, read, compared and evaluated.

mod change;
mod inputs;
pub(in crate::app) mod proofs;
mod state;

use super::regenerate::verified_with;
use crate::app::check::{self, Linted};
use crate::cargo2::block::BlockEntry;
use crate::cargo2::element::CrateList;
use crate::cargo2::plan::{self, VerifiedList};
use crate::cargo2::verify::{LockFile, Verdict};
use crate::encode;
use crate::finding::read::Read;
use crate::finding::rules;
use crate::finding::{self, Finding, Severity};
use crate::io::{Workspace, blocking};
use crate::report::{Report, Status, blocks};
use crate::review::compare::compare;
use crate::review::evaluate::{advisory_notes, needs, publisher_needs, review_changes, scripts};
use crate::review::evidence::Evidence;
use crate::review::graph::{self, Graph};
use crate::review::looked::Looked;
use crate::review::settings::Settings;
use crate::review::sources::sources;
use crate::review::{ElementReview, Review};
use change::Change;
use state::State;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The result of a review.
#[derive(Clone, Debug, Default)]
pub struct Reviewed {
    /// The evidence for the reviewer.
    pub review: Review,
    /// The blocks of the new state, verified, and the changes that would update them.
    pub report: Report,
    /// The Rust elements that the change touches, by the names that BuildStream uses.
    pub touched: Vec<String>,
    /// Names that were requested, and are a Rust element in neither state.
    pub unknown: Vec<Finding>,
    /// The elements that were not looked at in time, whatever the configuration makes of that finding.
    pub not_in_time: Vec<String>,
}

/// The options of a review.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Only these elements, by name or path; none for all that the change touches. What decides about a whole change never
    /// names any.
    pub elements: Vec<String>,
    /// Whether the archives of changed crates are read.
    pub deep: bool,
    /// Whether the drifted blocks of the new state will be regenerated, so that the evidence is about the regenerated
    /// ones.
    pub regenerated: bool,
    /// When the bump was made, in seconds since 1970, where that is known: ages are reported as they were then.
    pub bumped: Option<i64>,
    /// The time against which it is judged whether a release is still too young. None for now.
    pub as_of: Option<i64>,
}

/// Reviews the change from one state of the project to another.
///
/// # Errors
/// When the new state cannot be read at all, or the bot fails. What is wrong with an element is in the result.
pub async fn review(base: &Arc<Workspace>, head: &Arc<Workspace>, options: &Options) -> anyhow::Result<Reviewed> {
    let begin = {
        let (base, head, names) = (base.clone(), head.clone(), options.elements.clone());
        move || Change::read(&base, &head, names)
    };
    let Change { new, old, touched, changed, unknown, inputs } = blocking::run(begin).await??;
    if touched.is_empty() {
        return Ok(Reviewed { unknown, ..Reviewed::default() });
    }
    let crate_lists: Vec<CrateList> =
        new.found.crate_lists.iter().filter(|crate_list| concerns(crate_list, &touched)).cloned().collect();
    head.announce(&crate_lists);
    let verified = head
        .in_pool(
            crate_lists,
            |list| list.name().to_owned(),
            |head, crate_list| verified_with(head, crate_list, ReadLock::of),
        )
        .await?;
    let verified = verified.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    let (verdicts, locks): (Vec<VerifiedList>, Vec<Option<ReadLock>>) = verified.into_iter().unzip();
    // The crates of a lock are compared by themselves, also where the lock is a file of the project.
    let compared_locks: BTreeSet<String> = locks.iter().flatten().map(|lock| lock.sha256.clone()).collect();
    let graphs = locks.into_iter().map(|lock| lock.and_then(|lock| lock.graph));
    let mut elements = compared(old.as_ref(), &verdicts, &touched, &new.snapshot.unknown_elements().collect());
    proofs::prove(&mut elements, head).await;
    let not_in_time = not_in_time(&verdicts);
    let needs = needs(&elements);
    let mut evidence = head.evidence(&needs, options.deep).await?;
    evidence.bumped = options.bumped.map(|bumped| bumped.min(evidence.now));
    evidence.now = options.as_of.unwrap_or(evidence.now);
    explained(&mut elements, verdicts.iter().zip(graphs), &evidence, head).await;
    let settings = settings(&new, old.as_ref(), head);
    // Who published a crate is asked only where something else is to be said of it.
    let mut first = elements.clone();
    review_changes(&mut first, &evidence, &settings);
    evidence.publishers = head.publishers(&publisher_needs(&first, &evidence)).await;
    let findings = review_changes(&mut elements, &evidence, &settings);
    let mut report = Report { findings: new.found.findings.clone(), ..Report::default() };
    for (_, group) in plan::by_file(verdicts) {
        // What drifted on the base is not updated by a change that only moves a workflow, or of which a file was not read.
        let own = group.iter().any(|list| concerns(&list.crate_list, &changed));
        let mut planned = plan::plan(group);
        planned.change.take_if(|_| !own);
        report.add(blocks::of_plan(planned, options.regenerated && own));
    }
    report.findings.extend(elements.iter().filter_map(|element| vanished(element, &new)));
    complete(&mut report, head, &new, &touched).await?;
    let before = match &old {
        Some(old) => known(base, old, &touched).await?,
        None => BTreeSet::new(),
    };
    let moves: Vec<_> = elements.iter().flat_map(|element| element.sources.iter().cloned()).collect();
    let mut review = assembled(elements, findings, &report, &before, head);
    review.inputs = inputs::changes(&inputs, &moves, &compared_locks);
    review.advisories = advisory_notes(&review.elements, &evidence);
    review.scripts = scripts(&review.elements, &evidence);
    review.looked = Looked::new(&needs, &evidence);
    review.looked.ages_unknown = review.ages_unknown();
    review.not_looked_up = evidence.not_looked_up();
    Ok(Reviewed { review, report, touched: touched.into_iter().collect(), unknown, not_in_time })
}

/// Whether a crate list is in one of these elements.
fn concerns(crate_list: &CrateList, touched: &BTreeSet<String>) -> bool {
    crate_list.elements.iter().any(|name| touched.contains(name))
}

/// What the project says about its crates, before and now.
fn settings(new: &State, old: Option<&State>, head: &Workspace) -> Settings {
    let aliases = |state: &State| state.snapshot.project.aliases.clone();
    Settings {
        licenses: head.config.licenses.clone(),
        aliases: aliases(new),
        aliases_before: old.map(aliases).unwrap_or_default(),
        mirrors_before: old.map(|old| old.snapshot.project.mirrors.clone()).unwrap_or_default(),
        quiet: head.config.quiet_days,
    }
}

/// Adds the lints of the touched elements, applies the configuration, and keeps what is about the change.
async fn complete(
    report: &mut Report,
    head: &Arc<Workspace>,
    new: &State,
    touched: &BTreeSet<String>,
) -> anyhow::Result<()> {
    report.findings.extend(head.expired.iter().cloned());
    let (linted, lists) = lints(head, new, touched).await?;
    report.seen = check::seen(head, &linted, &lists).await?;
    report.findings.extend(linted.findings);
    let rules = |findings: &[Finding]| findings.iter().map(|finding| finding.rule.id).collect::<BTreeSet<_>>();
    let found = rules(&report.findings);
    head.config.apply_severity_overrides(&mut report.findings);
    report.seen.switched_off = &found - &rules(&report.findings);
    // A finding about a shared list names the first of its elements.
    let lists = new.found.crate_lists.iter().filter(|crate_list| concerns(crate_list, touched));
    let sharing = lists.flat_map(|crate_list| crate_list.elements.iter().cloned());
    let reported: BTreeSet<String> = touched.iter().cloned().chain(sharing).collect();
    report.findings.retain(|finding| concerns_change(finding, &reported));
    finding::sort_and_dedup(&mut report.findings);
    Ok(())
}

/// The elements that were not looked at in time.
fn not_in_time(verdicts: &[VerifiedList]) -> Vec<String> {
    let is_late = |verified: &&VerifiedList| match &verified.verdict {
        Verdict::Unverified { findings } => findings.iter().any(|finding| finding.rule.id == rules::NOT_IN_TIME.id),
        Verdict::Right { .. } | Verdict::Drifted { .. } | Verdict::Exempt => false,
    };
    verdicts.iter().filter(is_late).map(|verified| verified.crate_list.name().to_owned()).collect()
}

/// Returns the entries that a crate list will have: those of the lock where that is known, else the current ones.
fn after(verified: &VerifiedList) -> Vec<BlockEntry> {
    match &verified.verdict {
        Verdict::Drifted { expected, .. } => expected.clone(),
        _ => entries(&verified.crate_list),
    }
}

fn entries(crate_list: &CrateList) -> Vec<BlockEntry> {
    crate_list.current().map(|current| current.values().cloned().collect()).unwrap_or_default()
}

/// Each crate list before and after; those that are gone, too. Of an element that could not be read nothing is known to be gone.
fn compared(
    old: Option<&State>,
    verdicts: &[VerifiedList],
    touched: &BTreeSet<String>,
    unread: &BTreeSet<&String>,
) -> Vec<ElementReview> {
    let mut before: Vec<&CrateList> = old.map(|old| old.found.crate_lists.iter().collect()).unwrap_or_default();
    before.retain(|crate_list| crate_list.elements.iter().any(|name| touched.contains(name)));
    let mut out = Vec::new();
    for verified in verdicts {
        let crate_list = &verified.crate_list;
        let at = before.iter().position(|b| b.elements.iter().any(|name| crate_list.elements.contains(name)));
        let was = at.map(|at| before.remove(at));
        let (old_entries, new_entries) = (was.map(entries).unwrap_or_default(), after(verified));
        let layers =
            |crate_list: &CrateList| crate_list.plan.as_ref().map(|plan| plan.layers.clone()).unwrap_or_default();
        out.push(ElementReview {
            element: crate_list.name().to_owned(),
            file: crate_list.place().0.path.to_string(),
            line: crate_list.location().line,
            status: status(&verified.verdict),
            lock: verified.origin.clone(),
            crates: (old_entries.len(), new_entries.len()),
            sources: sources(&was.map(layers).unwrap_or_default(), &layers(crate_list)),
            changes: compare(&old_entries, &new_entries),
            list: new_entries,
        });
    }
    before.retain(|crate_list| !crate_list.elements.iter().any(|name| unread.contains(name)));
    out.extend(before.into_iter().map(gone));
    out.sort_by(|a, b| (&a.element, &a.file, a.line).cmp(&(&b.element, &b.file, b.line)));
    out
}

/// An element that is still there, without the crate list that it had.
fn vanished(element: &ElementReview, new: &State) -> Option<Finding> {
    let still = new.snapshot.element(&element.element).is_some();
    (element.line == 0 && still).then(|| {
        let message = format!("the crate list is gone; it named {} crates", element.crates.0);
        Finding::new(&rules::BLOCK_GONE, message).at(crate::text::Location::file(&element.file)).of(&element.element)
    })
}

/// A crate list that is no longer there.
fn gone(crate_list: &CrateList) -> ElementReview {
    let old = entries(crate_list);
    ElementReview {
        element: crate_list.name().to_owned(),
        file: crate_list.place().0.path.to_string(),
        line: 0,
        status: Status::Right,
        lock: None,
        crates: (old.len(), 0),
        sources: Vec::new(),
        changes: compare(&old, &[]),
        list: Vec::new(),
    }
}

fn status(verdict: &Verdict) -> Status {
    match verdict {
        Verdict::Right { .. } => Status::Right,
        Verdict::Drifted { edit: Ok(_), .. } | Verdict::Drifted { .. } => Status::Drifted,
        Verdict::Exempt => Status::Exempt,
        Verdict::Unverified { .. } => Status::Unverified,
    }
}

/// What of a lock is used beside the verdict on its block.
struct ReadLock {
    sha256: String,
    /// Which packages need which. A lock that cannot be read has none: the verdict on its block says why.
    graph: Option<Graph>,
}

impl ReadLock {
    fn of(lock: &LockFile) -> Self {
        let graph = Graph::read(&lock.bytes);
        if let Err(why) = &graph {
            tracing::debug!("{}: {why}", lock.origin);
        }
        Self { sha256: encode::sha256(&lock.bytes), graph: graph.into_iter().next() }
    }
}

/// Fills in which crates require each change, and which are for other platforms only: from the new lock and the
/// manifest beside it.
async fn explained(
    elements: &mut [ElementReview],
    verified: impl Iterator<Item = (&VerifiedList, Option<Graph>)>,
    evidence: &Evidence,
    head: &Workspace,
) {
    for (verified, graph) in verified {
        let changed =
            |element: &&mut ElementReview| element.element == verified.crate_list.name() && !element.changes.is_empty();
        let (Some(graph), Some(element)) = (graph, elements.iter_mut().find(changed)) else { continue };
        let manifest = match head.beside_the_lock(&verified.crate_list, "Cargo.toml").await {
            Read::Known(manifest) => Some(manifest),
            Read::Absent => None,
            // The lints report it. Without it, no crate counts as one for other platforms.
            Read::Unreadable(why) => {
                tracing::debug!("{}: the manifest: {why}", element.element);
                None
            }
        };
        graph::explain(element, &graph, manifest.as_deref(), evidence.index.got());
    }
}

/// Lints the touched elements and the tracker.
async fn lints(
    workspace: &Arc<Workspace>,
    state: &State,
    touched: &BTreeSet<String>,
) -> anyhow::Result<(Linted, Vec<CrateList>)> {
    let concerns = |crate_list: &&CrateList| crate_list.elements.iter().any(|name| touched.contains(name));
    let crate_lists: Vec<CrateList> = state.found.crate_lists.iter().filter(concerns).cloned().collect();
    Ok((check::linted(workspace, &state.snapshot, &crate_lists, false).await?, crate_lists))
}

/// Returns whether a finding is about a touched element, or about none.
fn concerns_change(finding: &Finding, touched: &BTreeSet<String>) -> bool {
    finding.element.as_ref().is_none_or(|element| touched.contains(element))
}

/// The key by which findings are the same before and after.
type Same = (&'static str, Option<String>, String);

fn same(finding: &Finding) -> Same {
    (finding.rule.id, finding.element.clone(), finding.message.clone())
}

/// The findings of the old state.
async fn known(
    workspace: &Arc<Workspace>,
    state: &State,
    touched: &BTreeSet<String>,
) -> anyhow::Result<BTreeSet<Same>> {
    let mut findings = state.found.findings.clone();
    findings.extend(lints(workspace, state, touched).await?.0.findings);
    findings.extend(workspace.expired.iter().cloned());
    Ok(findings.iter().map(same).collect())
}

/// All in one value: what is new comes first, what needs a look before what does not.
fn assembled(
    elements: Vec<ElementReview>,
    mut findings: Vec<Finding>,
    report: &Report,
    before: &BTreeSet<Same>,
    head: &Workspace,
) -> Review {
    head.config.apply_severity_overrides(&mut findings);
    for finding in findings.iter_mut().filter(|finding| finding.location.is_none()) {
        finding.location = elements.iter().find(|e| Some(&e.element) == finding.element.as_ref()).map(place);
    }
    let (old, new): (Vec<Finding>, Vec<Finding>) =
        report.findings.iter().cloned().partition(|finding| before.contains(&same(finding)));
    // Unverified elements are reported however old the finding is.
    let (stays, old): (Vec<Finding>, Vec<Finding>) =
        old.into_iter().partition(|finding| finding.severity == Severity::Error && finding.element.is_some());
    // Of equal severity, the findings on changes keep their order: by the attention they need.
    findings.extend(new);
    findings.extend(stays);
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Review { elements, findings, before: old.len(), ..Review::default() }
}

fn place(element: &ElementReview) -> crate::text::Location {
    crate::text::Location { line: element.line, ..crate::text::Location::file(&element.file) }
}
