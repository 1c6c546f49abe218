//! Applies the sections of a patch to one path, one after the other.

use super::error::ApplyError;
use super::hunk::Hunk;
use super::read::{Form, Section, may_name, plain};
use super::text::{Work, contains, joined};
use super::{Dialect, Effect, Patch, PatchError, git, gnu, unsupported};

/// Gives a file as it was before the patch, by its path; `None` where there is none.
pub type Before<'f, E> = &'f mut dyn FnMut(&str) -> Result<Option<Vec<u8>>, E>;

impl Patch<'_> {
    /// What the patch does to `path`, a path relative to the folder that is patched.
    ///
    /// `before` gives a file as it was before the patch, `None` where there is none. It is called only for files that
    /// decide about `path`. Other files of the patch are not looked at: that the tool would fail on one of them is
    /// not noticed.
    ///
    /// # Errors
    /// [`ApplyError::Patch`] where the tool would fail at `path`, and where what it does is not evaluated;
    /// [`ApplyError::Read`] with the first error of `before`.
    pub fn apply_to<E>(&self, path: &str, before: Before<'_, E>) -> Result<Effect, ApplyError<E>> {
        if !plain(path) {
            return Err(unsupported(0, "the path itself is not a plain relative path").into());
        }
        if let Some(stopped) = self.stopped.as_ref().filter(|_| may_name(self.text, path)) {
            return Err(stopped.clone().into());
        }
        let sections = self.touching(path)?;
        let Some(first) = sections.first() else { return Ok(Effect::Untouched) };
        if self.dialect == Dialect::GitApply {
            self.unconverted(path, first.line, before)?;
        }
        let mut work = Work::new(self.limits.work);
        let mut now = before(path).map_err(ApplyError::Read)?;
        for section in &sections {
            if sections.len() > 1 && matches!(section.form, Form::Create | Form::Delete) {
                return Err(unsupported(section.line, "a file that is changed, and also created or deleted").into());
            }
            self.limits.check(now.as_deref().unwrap_or_default())?;
            now = self.section(section, now.as_deref(), &mut work)?;
        }
        Ok(now.map_or(Effect::Deleted, Effect::Becomes))
    }

    /// The sections that name the path, or may do so.
    fn touching(&self, path: &str) -> Result<Vec<&Section<'_>>, PatchError> {
        for section in &self.sections {
            let inside = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
            // `patch` leaves `NAME.orig` beside a file whose hunks did not fit exactly.
            let backup = path.strip_suffix(".orig").is_some_and(|file| section.touches(file));
            if backup || (!section.name.is_empty() && inside(&section.name)) {
                return Err(unsupported(
                    section.line,
                    "a folder of the path, or the file that the path is a backup of",
                ));
            }
        }
        Ok(self.sections.iter().filter(|section| section.touches(path)).collect())
    }

    /// Attributes in the tree may make git change line ends, or run a filter.
    fn unconverted<E>(&self, path: &str, line: u32, before: Before<'_, E>) -> Result<(), ApplyError<E>> {
        let folders = path.match_indices('/').map(|(at, _)| at + 1);
        for end in std::iter::once(0).chain(folders) {
            let (folder, name) = path.split_at(end);
            let file = format!("{folder}.gitattributes");
            let name = name.rsplit('/').next().unwrap_or(name);
            let changed = self.sections.iter().any(|section| section.touches(&file));
            if changed || before(&file).map_err(ApplyError::Read)?.is_some_and(|text| git::may_convert(&text, name)) {
                return Err(unsupported(line, "attributes by which git converts the file").into());
            }
        }
        Ok(())
    }

    /// The file after a section.
    fn section(&self, part: &Section<'_>, now: Option<&[u8]>, work: &mut Work) -> Result<Option<Vec<u8>>, PatchError> {
        let fail = |why| Err(PatchError::Failed { line: part.line, why, hunk: String::new() });
        let (git, hunks) = (self.dialect == Dialect::GitApply, &part.hunks);
        let carriage = |text: &[u8]| contains(text, b"\r\n");
        if git && (carriage(now.unwrap_or_default()) || hunks.iter().any(|hunk| carriage(hunk.text))) {
            return Err(unsupported(part.line, "line ends of carriage return and line feed"));
        }
        match (part.form, now) {
            (Form::Refused(what), _) => Err(unsupported(part.line, what)),
            (Form::Create, None) => Ok(Some(joined(hunks.iter().flat_map(Hunk::after)))),
            (Form::Create, Some(_)) => fail("it creates a file that already exists"),
            (_, None) => fail("there is no such file"),
            (Form::Delete, Some(now)) if now == joined(hunks.iter().flat_map(Hunk::before)) => Ok(None),
            (Form::Delete, Some(_)) => fail("it deletes the file, but the file holds something else"),
            (Form::Change, Some([])) => Err(unsupported(part.line, "it changes an empty file")),
            (Form::Change, Some(now)) if git => git::apply(hunks, now, work).map(Some),
            (Form::Change, Some(now)) => gnu::apply(hunks, now, work).map(Some),
        }
    }
}
