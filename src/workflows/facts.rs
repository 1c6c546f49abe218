//! The input of the rules: the workflows, what they merge, and where they bring Rust elements.

use super::job::{Job, Tracks};
use super::listed::Lists;
use super::matrix::{Matrix, MatrixEntry, Policy};
use super::merging::{self, JobStep};
use super::reader::{self, Reason, Unreadable, Workflow};
use super::words::{self, Target};
use super::{Form, Project, Row, TRACKER};
use crate::finding::read::Read;
use crate::text::{Location, SourceText, Span};
use crate::workflows::values::Tri;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Where an element is tracked: job, entry and word of the tracker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which job.
    pub job: usize,
    /// Which entry of it.
    pub entry: usize,
    /// Which word of that.
    pub word: usize,
}

/// The tracker and what it merges.
pub struct Tracker {
    /// The workflow.
    pub workflow: Workflow,
    /// For each job, the steps of it that merge.
    pub merging: Vec<Vec<JobStep>>,
}

/// All that the rules look at.
pub struct Facts<'a> {
    /// The condition.
    pub project: &'a Project<'a>,
    /// The tracker, when it can be read.
    pub tracker: Option<Tracker>,
    /// The other workflows that can be read, each with the steps that merge.
    pub others: Vec<Tracker>,
    /// The files that cannot be read.
    pub unreadable: Vec<Unreadable>,
    /// What the scripts of the tracker, and of other workflows that track, name.
    pub lists: Lists,
    places: HashMap<&'a str, Vec<Place>>,
}

impl<'a> Facts<'a> {
    /// Reads the workflows.
    #[must_use]
    pub fn read(project: &'a Project<'a>) -> Self {
        let mut unreadable = Vec::new();
        let mut read = |path: &str, text: Read<&Arc<SourceText>>| {
            let failure = match text {
                Read::Known(file) => match reader::read(file, project.element_path) {
                    Ok(workflow) => return Some(Tracker::new(workflow)),
                    Err(problem) => problem,
                },
                Read::Absent => return None,
                Read::Unreadable(why) => Unreadable { reason: Reason::File(why), location: Location::file(path) },
            };
            unreadable.push(failure);
            None
        };
        let tracker = read(TRACKER, project.tracker.clone());
        let others: Vec<_> = project.others.iter().filter_map(|(path, text)| read(path, text.as_ref())).collect();
        let tracking = others.iter().filter(|other: &&Tracker| other.tracks());
        let workflows = tracker.iter().chain(tracking).map(|tracker| &tracker.workflow);
        let lists = Lists::read(workflows, project.element_path, project.scripts);
        let mut facts = Self { project, tracker, others, unreadable, lists, places: HashMap::new() };
        facts.places = facts.find_places();
        facts
    }

    fn find_places(&self) -> HashMap<&'a str, Vec<Place>> {
        let mut places: HashMap<&str, Vec<Place>> =
            self.project.rust.iter().map(|r| (r.name.as_str(), Vec::new())).collect();
        for (job, entry, word, place) in self.words() {
            if let Target::Element(name) = &word.target {
                if let Some(known) = places.get_mut(name.as_str()) {
                    known.push(place);
                }
                continue;
            }
            for (name, known) in &mut places {
                let brings = word.brings(name, job.deep) && !job.excluded.contains(*name);
                // One entry brings an element once, whatever its folders are.
                if brings
                    && !known.iter().any(|p| (p.job, p.entry) == (place.job, place.entry))
                    && !entry.words.is_empty()
                {
                    known.push(place);
                }
            }
        }
        places
    }

    /// Every word of every entry.
    pub fn words(&self) -> impl Iterator<Item = (&Job, &MatrixEntry, &words::Word, Place)> {
        let jobs = self.tracker.iter().flat_map(|t| t.workflow.jobs.iter().enumerate());
        jobs.flat_map(|(job, j)| {
            j.entries.iter().enumerate().flat_map(move |(entry, e)| {
                e.words.iter().enumerate().map(move |(word, w)| (j, e, w, Place { job, entry, word }))
            })
        })
    }

    /// Every entry.
    pub fn entries(&self) -> impl Iterator<Item = (&Job, &MatrixEntry)> {
        let jobs = self.tracker.iter().flat_map(|t| &t.workflow.jobs);
        jobs.flat_map(|job| job.entries.iter().map(move |entry| (job, entry)))
    }

    /// Returns where entries bring a Rust element.
    #[must_use]
    pub fn places(&self, element: &str) -> &[Place] {
        self.places.get(element).map_or(&[], Vec::as_slice)
    }

    /// The entry at a place.
    #[must_use]
    pub fn entry(&self, place: Place) -> Option<(&Job, &MatrixEntry)> {
        let job = self.tracker.as_ref()?.workflow.jobs.get(place.job)?;
        Some((job, job.entries.get(place.entry)?))
    }

    /// Returns whether an element is Rust.
    #[must_use]
    pub fn is_rust(&self, element: &str) -> bool {
        self.places.contains_key(element)
    }

    /// The tracker's file.
    #[must_use]
    pub fn file(&self) -> Option<&Arc<SourceText>> {
        self.tracker.as_ref().map(|t| &t.workflow.file)
    }

    /// A place in the tracker.
    #[must_use]
    pub fn locate(&self, span: Span) -> Location {
        self.file().map_or_else(|| Location::file(TRACKER), |file| file.locate(span))
    }

    /// Returns whether a job of a workflow that tracks names this element, without a matrix.
    #[must_use]
    pub fn named_by_a_job(&self, element: &str) -> bool {
        let own = self.tracker.iter().flat_map(|t| &t.workflow.jobs).any(|j| j.named.contains(element));
        let tracking = |job: &&Job| job.tracks != Tracks::Nothing && !job.excluded.contains(element);
        own || self.others.iter().flat_map(|t| &t.workflow.jobs).filter(tracking).any(|j| {
            j.named.contains(element) || j.entries.iter().any(|e| e.words.iter().any(|w| w.brings(element, j.deep)))
        })
    }

    /// Returns whether an entry or a job names this element.
    #[must_use]
    pub fn names(&self, element: &str) -> bool {
        !self.places(element).is_empty() || self.named_by_a_job(element)
    }

    /// The Rust elements that nothing but a list of a script names, with the place of each.
    pub fn listed(&self) -> impl Iterator<Item = (&str, &Location)> {
        let rust = self.project.rust.iter().filter(|rust| !self.names(&rust.name));
        rust.filter_map(|rust| Some((rust.name.as_str(), self.lists.elements.get(&rust.name)?)))
    }

    /// Returns whether something tracks all elements without naming them, or decides that while running by more than lists.
    #[must_use]
    pub fn tracks_unknown_elements(&self) -> bool {
        let jobs = self.tracker.iter().chain(&self.others).flat_map(|t| &t.workflow.jobs);
        let all = jobs.into_iter().any(|j| j.tracks == Tracks::All) || self.lists.tracks == Tracks::All;
        all || (self.dynamic().is_some() && !self.lists.are_whole())
    }

    /// The first matrix of the tracker that is made while running.
    #[must_use]
    pub fn dynamic(&self) -> Option<(&Job, Span)> {
        let jobs = self.tracker.iter().flat_map(|t| &t.workflow.jobs);
        jobs.into_iter().find_map(|job| if let Matrix::Dynamic(span) = job.matrix { Some((job, span)) } else { None })
    }

    /// Returns how the tracker is written.
    #[must_use]
    pub fn form(&self) -> Form {
        let Some(tracker) = &self.tracker else {
            return if self.project.tracker.may_exist() { Form::Unreadable } else { Form::Missing };
        };
        let entries: Vec<&MatrixEntry> = self.entries().map(|(_, entry)| entry).collect();
        let single = entries.iter().filter(|e| e.words.len() == 1).count();
        let listed = !self.lists.elements.is_empty();
        if self.dynamic().is_some() {
            if listed { Form::Listed } else { Form::Dynamic }
        } else if entries.is_empty() {
            let named = tracker.workflow.jobs.iter().any(|j| !j.named.is_empty() && j.tracks != Tracks::All);
            match (named, listed) {
                (true, _) => Form::Jobs,
                (false, true) => Form::Listed,
                (false, false) => Form::NoMatrix,
            }
        } else if self.words().any(|(_, _, word, _)| matches!(word.target, Target::Folder(_) | Target::Pattern(_))) {
            Form::Folders
        } else if entries.iter().all(|e| e.text("branch").is_none() && e.group().is_none()) {
            Form::Bundle
        } else if single * 2 >= entries.len() {
            Form::PerElement
        } else {
            Form::Lists
        }
    }

    /// The entries, for reports.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let row = |(_, entry): (&Job, &MatrixEntry)| Row {
            elements: entry.words.iter().map(|w| w.text.clone()).collect(),
            group: entry.group().and_then(|n| n.as_str()).map(str::to_owned),
            branch: entry.text("branch").map(str::to_owned),
            policy: entry.policy(),
            location: entry.node.location(),
        };
        self.entries().map(row).collect()
    }

    /// The Rust elements that only entries for people bring, which no step of their jobs merges. Those that a job names
    /// without an entry, and those that nothing names, are none.
    #[must_use]
    pub fn merged_by_people(&self) -> BTreeSet<String> {
        let manual = |place: &Place| {
            let policy = self.entry(*place).map(|(_, entry)| entry.policy());
            policy == Some(Policy::Manual) && self.merged(*place) == Tri::False
        };
        let brought = |name: &str| {
            let places = self.places(name);
            !places.is_empty() && places.iter().all(manual) && !self.named_by_a_job(name)
        };
        self.project.rust.iter().filter(|rust| brought(&rust.name)).map(|rust| rust.name.clone()).collect()
    }

    /// Returns whether the pull request of an entry is merged by a step of its job.
    #[must_use]
    pub fn merged(&self, place: Place) -> Tri {
        let steps = self.tracker.as_ref().and_then(|t| t.merging.get(place.job));
        let reached = steps.into_iter().flatten().filter_map(|s| s.reached.get(place.entry));
        reached.fold(Tri::False, |any, one| any.or(*one))
    }
}

impl Tracker {
    fn new(workflow: Workflow) -> Self {
        let environment = workflow.root.get("env");
        let steps = workflow.jobs.iter().map(|job| merging::steps(job, environment));
        let merging = steps.map(|steps| steps.into_iter().filter(|step| step.action.merges()).collect()).collect();
        Self { workflow, merging }
    }

    /// Returns whether a job of it tracks.
    #[must_use]
    pub fn tracks(&self) -> bool {
        self.workflow.jobs.iter().any(|job| job.tracks != Tracks::Nothing)
    }
}
