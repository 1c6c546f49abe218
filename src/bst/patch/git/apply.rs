//! Applying the sections that decide about a path, as `git apply` does.

use super::attributes::may_convert;
use super::hunk::{Fragment, Sides};
use super::{Script, Section};
use crate::bst::patch::error::{ApplyError, HunkError};
use crate::bst::patch::names::{base, normal};
use crate::bst::patch::text::{Line, Work, lines};
use crate::bst::patch::tree::Tree;
use crate::bst::patch::{PatchError, target, unsupported};

impl Script<'_> {
    pub(in crate::bst::patch) fn apply<E>(&self, wanted: &str, tree: &mut Tree<'_, E>) -> Result<(), ApplyError<E>> {
        for index in self.touch.sections(wanted)? {
            if let Some(section) = self.sections.get(index) {
                self.section(section, tree)?;
            }
        }
        Ok(())
    }

    fn section<E>(&self, section: &Section, tree: &mut Tree<'_, E>) -> Result<(), ApplyError<E>> {
        let header = &section.header;
        let (from, to) = (section.path(header.old.as_deref())?, section.path(header.new.as_deref())?);
        let Some(shown) = to.clone().or_else(|| from.clone()) else {
            return Ok(());
        };
        section.evaluable(&shown, from.as_deref(), to.as_deref(), self)?;
        let input = section.input(&shown, from.as_deref(), to.as_deref(), tree)?;
        for path in from.iter().chain(&to) {
            section.unconverted(path, tree)?;
        }
        let before = input.as_deref().unwrap_or_default();
        let output = self.output(section, &shown, before, &mut tree.work)?;
        // A plain diff that might have deleted a file deletes none if the file was missing.
        let deletes = header.deletes == Some(true);
        if deletes && !output.is_empty() {
            return Err(target(section.line, &shown, "it deletes the file, but leaves some of it").into());
        }
        match (from, to) {
            (Some(from), _) if deletes => tree.set(&from, None)?,
            (from, Some(to)) => {
                if header.rename
                    && let Some(from) = from
                {
                    tree.set(&from, None)?;
                }
                tree.set(&to, Some(output))?;
            }
            _ => {}
        }
        Ok(())
    }

    fn output(&self, section: &Section, path: &str, input: &[u8], work: &mut Work) -> Result<Vec<u8>, PatchError> {
        let fragments = self.hunks.get(section.hunks.clone()).unwrap_or_default();
        let cr = |text: &[u8]| text.windows(2).any(|pair| pair == b"\r\n");
        if let Some(first) = fragments.first()
            && (cr(input) || fragments.iter().any(|fragment| cr(fragment.text)))
        {
            return Err(unsupported(first.line, path, "line ends of carriage return and line feed"));
        }
        let mut image = Image { lines: lines(input).into_iter().map(|line| (line, false)).collect() };
        for (number, fragment) in (1..).zip(fragments) {
            let failed = |reason| HunkError::error(path, fragment.line, number, reason, fragment.text);
            let sides = fragment.sides().ok_or_else(|| failed("a line without line feed is not its last"))?;
            match image.find(fragment, &sides, work)? {
                Place::At(at) => image.put(at, sides, work)?,
                Place::None => return Err(failed("its lines are not in the file")),
                Place::Unclear => {
                    return Err(failed("its last line is only the start of a line of the file"));
                }
            }
        }
        let mut out = Vec::with_capacity(input.len());
        for (line, _) in image.lines {
            line.write(&mut out);
        }
        Ok(out)
    }
}

impl Section {
    /// A name as a path of the tree. Git refuses names with `.`, `..` and `.git` parts.
    fn path(&self, name: Option<&[u8]>) -> Result<Option<String>, PatchError> {
        let Some(name) = name else {
            return Ok(None);
        };
        match normal(name) {
            Ok(path) if path.as_bytes() == name && !path.split('/').any(|part| part.eq_ignore_ascii_case(".git")) => {
                Ok(Some(path))
            }
            _ => Err(target(self.line, &String::from_utf8_lossy(name), "git does not take this file name")),
        }
    }

    fn evaluable(
        &self,
        shown: &str,
        from: Option<&str>,
        to: Option<&str>,
        script: &Script<'_>,
    ) -> Result<(), PatchError> {
        let header = &self.header;
        let refuse = |what| Err(unsupported(self.line, shown, what));
        if let Some(odd) = header.odd {
            return refuse(odd);
        }
        if header.binary {
            return refuse("a binary patch");
        }
        // Plain files are 100644 and 100755; links and submodules are not followed.
        if [header.old_mode, header.new_mode].into_iter().flatten().any(|mode| mode >> 12 != 0o10) {
            return refuse("a file that is not a regular file");
        }
        let moves = header.rename || header.copy;
        if from.is_some() && to.is_some() && from != to && !moves {
            return refuse("two names without a rename or a copy");
        }
        let elsewhere = from.iter().chain(&to).any(|path| script.touch.count(path) > 1);
        if elsewhere && (moves || header.deletes != Some(false)) {
            return refuse("a deletion, rename or copy of a file that the patch changes elsewhere");
        }
        Ok(())
    }

    /// What the section starts from; `None` where it creates the file.
    fn input<E>(
        &self,
        shown: &str,
        from: Option<&str>,
        to: Option<&str>,
        tree: &mut Tree<'_, E>,
    ) -> Result<Option<Vec<u8>>, ApplyError<E>> {
        let header = &self.header;
        let missing = || target(self.line, shown, "there is no such file").into();
        let exists = || target(self.line, shown, "it creates a file that already exists").into();
        let creates = header.creates == Some(true);
        if let (true, Some(to)) = (creates || header.rename || header.copy, to)
            && tree.entry(to)?.now.is_some()
        {
            return Err(exists());
        }
        let Some(from) = from.filter(|_| !creates) else {
            return Ok(None);
        };
        match (tree.entry(from)?.now, header.creates) {
            (Some(bytes), _) => Ok(Some(bytes)),
            (None, None) => Ok(None),
            (None, Some(_)) => Err(missing()),
        }
    }

    /// Attributes in the tree may make git change line ends, or run a filter.
    fn unconverted<E>(&self, path: &str, tree: &mut Tree<'_, E>) -> Result<(), ApplyError<E>> {
        let folders = path.match_indices('/').map(|(at, _)| at + 1);
        for end in std::iter::once(0).chain(folders) {
            let file = format!("{}.gitattributes", path.get(..end).unwrap_or_default());
            let attributes = tree.entry(&file)?.now;
            if attributes.is_some_and(|text| may_convert(&text, base(path))) {
                return Err(unsupported(self.line, path, "attributes by which git converts the file").into());
            }
        }
        Ok(())
    }
}

/// Where a hunk goes.
enum Place {
    /// Before the line of this index.
    At(usize),
    None,
    /// Git would join the hunk with the rest of a line.
    Unclear,
}

/// A file while hunks are applied, and which of its lines come from a hunk.
struct Image<'a> {
    lines: Vec<(Line<'a>, bool)>,
}

impl<'a> Image<'a> {
    /// Git's search: from where the new side is said to be, one line down, one up, and so on. A
    /// hunk of the first line has to be at the start, one without context after it at the end.
    fn find(&self, fragment: &Fragment<'_>, sides: &Sides<'_>, work: &mut Work) -> Result<Place, PatchError> {
        let count = self.lines.len();
        let start = fragment.oldpos <= 1;
        let end = fragment.trailing == 0;
        let said = usize::try_from(fragment.newpos.saturating_sub(1)).unwrap_or(usize::MAX);
        let line = if start {
            0
        } else if end {
            count.checked_sub(sides.old.len()).unwrap_or(count)
        } else {
            said.min(count)
        };
        let fits = |at: usize| (!start || at == 0) && (!end || at + sides.old.len() == count);
        for step in 0..=count.saturating_sub(line).max(line) {
            let down = (line + step <= count).then_some(line + step);
            let up = line.checked_sub(step).filter(|_| step > 0);
            for at in [down, up].into_iter().flatten() {
                work.spend(1)?;
                if !fits(at) {
                    continue;
                }
                match self.matches(at, sides, work)? {
                    Place::None => {}
                    found => return Ok(found),
                }
            }
        }
        Ok(Place::None)
    }

    fn matches(&self, at: usize, sides: &Sides<'_>, work: &mut Work) -> Result<Place, PatchError> {
        let Some(here) = self.lines.get(at..at + sides.old.len()) else {
            return Ok(Place::None);
        };
        for ((line, patched), old) in here.iter().zip(&sides.old) {
            if *patched {
                return Ok(Place::None);
            }
            if !work.same(*line, *old)? {
                let more = line.body.strip_prefix(old.body).filter(|_| !old.newline);
                let unclear = more.is_some_and(|more| more.iter().all(u8::is_ascii_whitespace));
                return Ok(if unclear { Place::Unclear } else { Place::None });
            }
        }
        Ok(Place::At(at))
    }

    fn put(&mut self, at: usize, sides: Sides<'a>, work: &mut Work) -> Result<(), PatchError> {
        if sides.old.len() != sides.new.len() {
            // The lines behind it move.
            work.spend(self.lines.len().saturating_sub(at) / 2)?;
        }
        let end = (at + sides.old.len()).min(self.lines.len());
        self.lines.splice(at..end, sides.new.into_iter().map(|line| (line, true)));
        Ok(())
    }
}
