//! One pass over a patch file: its sections, in the form that every `diff` writes.
//!
//! Lines between sections are text as long as neither program could take them for a header. Reading stops at
//! anything else, because the two programs then differ in ways that are not followed.

use super::text::{Cursor, contains};
use super::{Dialect, PatchError, hunk, hunk::Hunk, unsupported};

/// The part of a patch that is for one file.
#[derive(Debug)]
pub(super) struct Section<'a> {
    /// Line of the patch where it starts, from 1.
    pub(super) line: u32,
    /// The text of its headers.
    head: &'a [u8],
    pub(super) form: Form,
    /// Its file; empty where the section is refused.
    pub(super) name: String,
    pub(super) hunks: Vec<Hunk<'a>>,
}

/// The operation of a section on its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// It changes lines of the file.
    Change,
    /// It creates the file, in one hunk.
    Create,
    /// It deletes the file, in one hunk.
    Delete,
    /// It is not evaluated, for this reason.
    Refused(&'static str),
}

impl Section<'_> {
    /// Whether it names `path`, or may do so.
    pub(super) fn touches(&self, path: &str) -> bool {
        if let Form::Refused(_) = self.form { may_name(self.head, path) } else { self.name == path }
    }
}

/// Whether `text` may name `path`, or as a file a folder of it: names in headers are written out, except in quotes.
pub(super) fn may_name(text: &[u8], path: &str) -> bool {
    let quoted = |line: &[u8]| line.contains(&b'"') && line.contains(&b'\\');
    let named = |part: &str| {
        let part = part.trim_end_matches(".orig").as_bytes();
        text.windows(part.len() + 1).any(|window| window.starts_with(part) && !window.ends_with(b"/"))
    };
    path.split('/').any(named) || text.split(|&byte| byte == b'\n').any(quoted)
}

/// Whether the path is a plain relative one: without empty, `.`, `..` and `.git` parts.
pub(super) fn plain(path: &str) -> bool {
    path.split('/').all(|part| !matches!(part, "" | "." | "..") && !part.eq_ignore_ascii_case(".git"))
}

/// Reads the sections, and the error at which reading stopped.
pub(super) fn read(text: &[u8], dialect: Dialect) -> (Vec<Section<'_>>, Option<PatchError>) {
    let (git, strip) = match dialect {
        Dialect::GnuPatch { strip } => (false, strip),
        Dialect::GitApply => (true, 1),
    };
    let mut reader = Reader { cursor: Cursor::new(text), git, strip, open: false };
    let mut sections = Vec::new();
    loop {
        match reader.section() {
            Ok(Some(section)) => sections.push(section),
            Ok(None) => return (sections, None),
            Err(error) => return (sections, Some(error)),
        }
    }
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    git: bool,
    /// How many leading parts of names are removed.
    strip: u32,
    /// Whether a section without hunks goes before: GNU patch still adds headers to it.
    open: bool,
}

/// Texts of a header for the old and the new side.
type Sides<'a> = (&'a [u8], &'a [u8]);

/// The headers of a `diff --git` section.
#[derive(Default)]
struct GitHead<'a> {
    names: &'a [u8],
    created: bool,
    deleted: bool,
    ids: Option<Sides<'a>>,
    odd: Option<&'static str>,
    /// Whether the `diff --git` line is all there is.
    bare: bool,
}

impl<'a> Reader<'a> {
    fn section(&mut self) -> Result<Option<Section<'a>>, PatchError> {
        let Some(start) = self.find()? else { return Ok(None) };
        if self.cursor.take(b"Index:").is_some() {
            self.cursor.take(b"======");
        }
        let head = self.git_head();
        if self.open && (head.is_none() || !start.rest().starts_with(b"diff --git ")) {
            return Err(unsupported(start.line, "a header after one without changes"));
        }
        let Some((old, new)) = self.names()? else {
            let Some(head) = head else { return Err(self.stop()) };
            if head.bare {
                return Err(self.stop());
            }
            self.open = true;
            let (head, what) = (start.up_to(&self.cursor), head.odd.unwrap_or("a part without changes of lines"));
            let (form, name) = (Form::Refused(what), String::new());
            return Ok(Some(Section { line: start.line, head, form, name, hunks: Vec::new() }));
        };
        self.open = false;
        let text = start.up_to(&self.cursor);
        if contains(text, b"\r") {
            return Err(unsupported(start.line, "carriage returns in its headers"));
        }
        if self.git && head.is_none() {
            self.guess_strip(old, new).map_err(|what| unsupported(start.line, what))?;
        }
        let mut hunks = Vec::new();
        while let Some(hunk) = hunk::read(&mut self.cursor)? {
            hunks.push(hunk);
        }
        let form = self.form(head.as_ref(), old, new, &hunks);
        let (form, name) = form.unwrap_or_else(|what| (Form::Refused(what), String::new()));
        Ok(Some(Section { line: start.line, head: text, form, name, hunks }))
    }

    /// Passes over text up to the next header.
    fn find(&mut self) -> Result<Option<Cursor<'a>>, PatchError> {
        while let Some(raw) = self.cursor.peek() {
            // GNU patch reads indented headers too, and takes an `X` for a space.
            let margin = raw.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'X')).unwrap_or(raw.len());
            let text = raw.get(margin..).unwrap_or_default();
            let is = |words: &[&str]| words.iter().any(|word| text.starts_with(word.as_bytes()));
            if is(&["--- ", "diff --git ", "Index:"]) && margin == 0 {
                return Ok(Some(self.cursor));
            }
            let other = is(&["--- ", "+++ ", "*** ", "@@ -", "diff --git ", "Index:", "Prereq:"]);
            let quoted = text.starts_with(b"- ") && contains(text, b"- --- ");
            if other || quoted || (self.open && command(raw)) {
                return Err(self.stop());
            }
            self.cursor.next();
        }
        // A hunk whose first line is cut off.
        if self.cursor.rest().starts_with(b"@@") { Err(self.stop()) } else { Ok(None) }
    }

    /// The error that says what reading stops at.
    fn stop(&self) -> PatchError {
        let raw = self.cursor.peek().unwrap_or_default();
        let what = match raw.trim_ascii_start() {
            text if text.starts_with(b"*** ") => "a context diff",
            text if command(text) => "an ed script or a normal diff",
            text if text.starts_with(b"@@ -") => "a hunk without a header in front of it",
            _ => "a header that does not begin a unified diff",
        };
        unsupported(self.cursor.line, what)
    }

    /// The `diff --git` line and the lines that git writes below it.
    fn git_head(&mut self) -> Option<GitHead<'a>> {
        let mut head = GitHead { names: self.cursor.take(b"diff --git ")?, bare: true, ..GitHead::default() };
        while let Some(raw) = self.cursor.peek() {
            let starts = |words: &[&str]| words.iter().any(|word| raw.starts_with(word.as_bytes()));
            let mut odd = None;
            if let b"new file mode 100644" | b"new file mode 100755" = raw {
                head.created = true;
            } else if let b"deleted file mode 100644" | b"deleted file mode 100755" = raw {
                head.deleted = true;
            } else if let Some(ids) = raw.strip_prefix(b"index ") {
                odd = head.ids.is_some().then_some("two `index` lines");
                head.ids = Some(ids_of(ids).unwrap_or_default());
            } else if starts(&["new file mode ", "deleted file mode "]) {
                odd = Some("a file that is not a regular file");
            } else if starts(&["old mode ", "new mode "]) {
                odd = Some("a change of the file's mode");
            } else if starts(&["rename ", "copy ", "similarity index ", "dissimilarity index "]) {
                odd = Some("a rename or a copy");
            } else if starts(&["GIT binary patch", "Binary files ", "Files "]) {
                odd = Some("a binary patch");
            } else {
                break;
            }
            head.odd = head.odd.or(odd);
            head.bare = false;
            self.cursor.next();
        }
        Some(head)
    }

    /// The text behind `--- ` and `+++ `, which a hunk has to follow. `None` where there is no such line.
    fn names(&mut self) -> Result<Option<Sides<'a>>, PatchError> {
        let Some(old) = self.cursor.take(b"--- ") else { return Ok(None) };
        let new = self.cursor.take(b"+++ ").ok_or_else(|| self.stop())?;
        let hunk = self.cursor.peek().is_some_and(|line| line.starts_with(b"@@ -"));
        if hunk { Ok(Some((old, new))) } else { Err(self.stop()) }
    }

    /// Git removes one leading part of names, and none from the first plain diff on whose new name has no folder.
    fn guess_strip(&mut self, old: &[u8], new: &[u8]) -> Result<(), &'static str> {
        name(old)?;
        if name(new)?.is_some_and(|name| !name.contains('/')) {
            self.strip = 0;
        }
        Ok(())
    }

    fn form(
        &self,
        head: Option<&GitHead<'_>>,
        old: &[u8],
        new: &[u8],
        hunks: &[Hunk<'_>],
    ) -> Result<(Form, String), &'static str> {
        if let Some(odd) = head.and_then(|head| head.odd) {
            return Err(odd);
        }
        let epoch = [old, new].iter().any(|text| contains(text, b"\t1970-01-01") || contains(text, b"\t1969-12-31"));
        if epoch && self.git {
            return Err("a time that says that there is no file");
        }
        let (form, own) = match (name(old)?, name(new)?) {
            (None, None) => return Err("`/dev/null` on both sides"),
            (None, Some(new)) => (Form::Create, self.stripped(new)?),
            (Some(old), None) => (Form::Delete, self.stripped(old)?),
            (Some(old), Some(new)) if self.stripped(old)? == self.stripped(new)? => (Form::Change, self.stripped(new)?),
            _ => return Err("two different names"),
        };
        let zero = hunks.iter().any(|hunk| hunk.old.0 == 0 || hunk.new.0 == 0);
        let right = match (form, hunks) {
            (Form::Create, [hunk]) => hunk.old == (0, 0) && hunk.new.0 == 1,
            (Form::Delete, [hunk]) => hunk.new == (0, 0) && hunk.old.0 == 1,
            _ => form == Form::Change && !zero,
        };
        if !right {
            return Err("an empty side without `/dev/null`, or the other way round");
        }
        head.map_or(Ok(()), |head| self.agrees(head, form, &own)).map(|()| (form, own))
    }

    /// Whether git's own headers say the same as the rest.
    fn agrees(&self, head: &GitHead<'_>, form: Form, own: &str) -> Result<(), &'static str> {
        let (created, deleted) = (form == Form::Create, form == Form::Delete);
        let ids = head.ids.is_none_or(|(old, new)| blob(old) == Some(!created) && blob(new) == Some(!deleted));
        let mut names =
            head.names.split(|&byte| byte == b' ').map(|side| self.stripped(name(side)?.unwrap_or_default()));
        let own = Some(Ok(own.to_owned()));
        let named = names.next() == own && names.next() == own && names.next().is_none();
        let right = (head.created, head.deleted) == (created, deleted) && ids && named;
        if right { Ok(()) } else { Err("headers that contradict each other, or a name with spaces") }
    }

    fn stripped(&self, name: &str) -> Result<String, &'static str> {
        let parts: Vec<&str> = name.split('/').skip(self.strip as usize).collect();
        if parts.is_empty() { Err("it names no file, with this strip level") } else { Ok(parts.join("/")) }
    }
}

/// The name in a header, up to a tab or the end of the line; `None` for `/dev/null`.
fn name(text: &[u8]) -> Result<Option<&str>, &'static str> {
    let text = std::str::from_utf8(text).map_err(|_| "a header that is not UTF-8")?;
    let (name, time) = text.split_once('\t').unwrap_or((text, ""));
    if name == "/dev/null" && !time.contains(['\t', '\0']) {
        return Ok(None);
    }
    let odd = |c: char| c.is_ascii_control() || matches!(c, ' ' | '"' | '\\');
    if name.contains(odd) || time.contains(['\t', '\0']) || !plain(name) {
        return Err("a file name that is not a plain relative path");
    }
    Ok(Some(name))
}

/// The two object ids of an `index` line for a regular file.
fn ids_of(text: &[u8]) -> Option<Sides<'_>> {
    let ids = text.strip_suffix(b" 100644").or_else(|| text.strip_suffix(b" 100755")).unwrap_or(text);
    let at = ids.windows(2).position(|pair| pair == b"..")?;
    let (old, new) = (ids.get(..at)?, ids.get(at + 2..)?);
    let hex = |id: &[u8]| id.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (hex(old) && hex(new)).then_some((old, new))
}

/// Whether an object id is that of a file with content; `None` for that of an empty file, and for no id.
fn blob(id: &[u8]) -> Option<bool> {
    const EMPTY: &[u8] = b"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
    (!id.is_empty() && id.len() <= EMPTY.len() && !EMPTY.starts_with(id)).then(|| id.iter().any(|&byte| byte != b'0'))
}

/// Whether GNU patch may take the line for a command of an ed script or a normal diff.
fn command(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.iter().all(|byte| b"0123456789,acdis./ ".contains(byte)) && line.iter().any(u8::is_ascii_lowercase)
}
