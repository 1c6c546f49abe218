//! Which file a section is for: GNU patch's choice among the names in the headers.

use super::header::Mode;
use super::{NEW, OLD, Script, Section};
use crate::bst::patch::error::ApplyError;
use crate::bst::patch::names::normal;
use crate::bst::patch::tree::{Entry, Tree};
use crate::bst::patch::{PatchError, target, unsupported};

/// The file that a section reads and the one that it writes.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) from: String,
    pub(super) to: String,
    /// What `from` holds; `None` where the section creates it.
    pub(super) input: Option<Vec<u8>>,
}

/// One name of the headers.
struct Candidate {
    raw: Vec<u8>,
    path: String,
    entry: Entry,
}

impl Section {
    /// Chooses the file, or says why the tool would skip the section (and fail) or why it is not
    /// evaluated.
    pub(super) fn target<E>(&self, script: &Script<'_>, tree: &mut Tree<'_, E>) -> Result<Target, ApplyError<E>> {
        let candidates = self.candidates(tree)?;
        let shown = candidates.iter().flatten().next().map_or_else(String::new, |c| c.path.clone());
        self.evaluable(&shown)?;
        let chosen = best(&candidates, |c| c.entry.now.is_some());
        let last = candidates.iter().flatten().last();
        if let Some(known) = chosen.or(last) {
            self.not_reversed(&known.path, &known.entry)?;
        }
        let chosen = match chosen {
            Some(chosen) => chosen,
            None if self.header.says[OLD] > 0 => self.to_create(&candidates, &shown)?,
            None => return Err(target(self.line, &shown, "there is no such file").into()),
        };
        if chosen.entry.touched && chosen.entry.now.is_none() {
            return Err(unsupported(self.line, &chosen.path, "it is deleted earlier in the same patch").into());
        }
        let late = self.header.git && chosen.entry.now.is_none() && self.header.says[OLD] != 2;
        if late && script.touch.count(&chosen.path) > 1 {
            // Such a file is written at the end: what comes between does not see it.
            return Err(unsupported(self.line, &chosen.path, "it is created without `new file mode`").into());
        }
        let to = if self.header.renames() || self.header.copies() {
            self.destination(script, chosen, &candidates)?
        } else {
            chosen.path.clone()
        };
        Ok(Target { from: chosen.path.clone(), to, input: chosen.entry.now.clone() })
    }

    fn candidates<E>(&self, tree: &mut Tree<'_, E>) -> Result<[Option<Candidate>; 3], ApplyError<E>> {
        let mut found = [None, None, None];
        for (slot, raw) in found.iter_mut().zip(&self.header.names) {
            let Some(raw) = raw else { continue };
            let shown = String::from_utf8_lossy(raw);
            let path = normal(raw)
                .map_err(|()| unsupported(self.line, &shown, "a file name that is not a plain relative path"))?;
            let entry = tree.entry(&path)?;
            *slot = Some(Candidate { raw: raw.clone(), path, entry });
        }
        Ok(found)
    }

    fn evaluable(&self, path: &str) -> Result<(), PatchError> {
        if let Some(odd) = self.header.odd {
            return Err(unsupported(self.line, path, odd));
        }
        if self.header.modes.contains(&Some(Mode::Other)) {
            return Err(unsupported(self.line, path, "a file that is not a regular file"));
        }
        Ok(())
    }

    /// GNU patch takes a patch that creates what exists, or empties what is missing or empty, for
    /// a reversed one, asks, and by default skips it.
    fn not_reversed(&self, path: &str, entry: &Entry) -> Result<(), PatchError> {
        let says = self.header.says;
        let missing = entry.now.is_none();
        let empty = entry.now.as_ref().is_none_or(Vec::is_empty);
        if self.header.git && entry.touched && (empty || entry.began_empty) {
            return Err(unsupported(self.line, path, "it is emptied or filled earlier in the same patch"));
        }
        let (near, far) = if missing { (says[NEW], says[OLD]) } else { (says[OLD], says[NEW]) };
        if empty && near == 1 && far == 2 {
            return Ok(());
        }
        let reversed = if empty { says[NEW] > 0 } else { says[OLD] > 1 };
        match (reversed, missing, empty) {
            (false, ..) => Ok(()),
            (true, true, _) => Err(target(self.line, path, "it deletes a file that does not exist")),
            (true, false, true) => Err(target(self.line, path, "it empties a file that is already empty")),
            (true, false, false) => Err(target(self.line, path, "it creates a file that already exists")),
        }
    }

    /// Which name to create. With different names it depends on which folders exist.
    fn to_create<'c>(&self, candidates: &'c [Option<Candidate>; 3], shown: &str) -> Result<&'c Candidate, PatchError> {
        let mut paths = candidates.iter().flatten().map(|c| &c.path);
        let first = paths.next();
        let same = paths.all(|path| Some(path) == first);
        let flat = candidates.iter().flatten().all(|c| !c.raw.contains(&b'/'));
        if !same && !flat {
            return Err(unsupported(self.line, shown, "it creates a file under one of several names"));
        }
        best(candidates, |_| true).ok_or_else(|| target(self.line, shown, "it names no file"))
    }

    /// Where a rename or copy goes. Only the plain case: the source exists, the destination does
    /// not, and nothing else in the patch names either.
    fn destination(
        &self,
        script: &Script<'_>,
        chosen: &Candidate,
        candidates: &[Option<Candidate>; 3],
    ) -> Result<String, PatchError> {
        let [Some(old), Some(new), _] = candidates else {
            return Err(target(self.line, &chosen.path, "a rename or copy needs two file names"));
        };
        let plain = old.entry.now.is_some() && new.entry.now.is_none() && chosen.path == old.path;
        if !plain || old.path == new.path {
            return Err(unsupported(self.line, &new.path, "a rename or copy onto a file that exists"));
        }
        if script.touch.count(&old.path) > 1 || script.touch.count(&new.path) > 1 {
            return Err(unsupported(
                self.line,
                &new.path,
                "a rename or copy of a file that the patch changes elsewhere",
            ));
        }
        Ok(new.path.clone())
    }
}

/// The name with the fewest folders, then the shortest last part, then the shortest, then the
/// first. As in GNU patch each minimum is taken over the names met so far, so that it may happen
/// that no name has all three.
fn best(candidates: &[Option<Candidate>; 3], take: impl Fn(&Candidate) -> bool) -> Option<&Candidate> {
    let (mut folders, mut last, mut whole) = (usize::MAX, usize::MAX, usize::MAX);
    for candidate in candidates.iter().flatten().filter(|c| take(c)) {
        let size = sizes(&candidate.raw);
        if folders < size.0 {
            continue;
        }
        folders = size.0;
        if last < size.1 {
            continue;
        }
        last = size.1;
        whole = whole.min(size.2);
    }
    candidates.iter().flatten().filter(|c| take(c)).find(|c| sizes(&c.raw) == (folders, last, whole))
}

fn sizes(name: &[u8]) -> (usize, usize, usize) {
    let folders = name.windows(2).filter(|pair| pair[1] == b'/' && pair[0] != b'/').count();
    let last = name.rsplit(|&b| b == b'/').next().map_or(0, <[u8]>::len);
    (folders, last, name.len())
}
