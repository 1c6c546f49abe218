//! The current block in a file, each entry with its place.

use super::{BlockEntry, Origin};
use crate::text::{SourceText, Span};
use crate::yaml::lift::Lifted;
use crate::yaml::{Node, Value};

/// The current content of a block.
#[derive(Clone, Debug, Default)]
pub struct CurrentBlock {
    /// The entries, in their order.
    pub entries: Vec<CurrentEntry>,
}

/// An entry of the current block.
#[derive(Clone, Debug)]
pub struct CurrentEntry {
    /// The crate that it names.
    pub entry: BlockEntry,
    /// From its first key to the end of its last value.
    pub span: Span,
    /// Whether it was written before entries had a `kind:`.
    pub old_form: bool,
    /// The project's own note about the crate.
    pub provenance: Option<Node>,
    /// The reason why the plugin cannot read it, if so. Then `entry` does not count.
    pub flaw: Option<Problem>,
}

/// A reason why a block cannot be read, and the span of the node.
pub type Problem = (String, Span);

impl CurrentBlock {
    /// The crates of the entries that can be read.
    pub fn values(&self) -> impl Iterator<Item = &BlockEntry> {
        self.entries.iter().filter(|current| current.flaw.is_none()).map(|current| &current.entry)
    }

    /// The reasons why entries cannot be read.
    pub fn flaws(&self) -> impl Iterator<Item = &Problem> {
        self.entries.iter().filter_map(|current| current.flaw.as_ref())
    }
}

/// Reads the value of a cargo2 source's `ref:`.
///
/// # Errors
/// When it is not a list. An entry that the plugin could not read is kept with its flaw: the list as a whole can be regenerated.
pub fn read(node: &Node) -> Result<CurrentBlock, Problem> {
    match &node.value {
        Value::Lifted(lifted) => Ok(lifted_entries(&node.file, node.span, *lifted)),
        Value::List(items, _) => Ok(CurrentBlock {
            entries: items.iter().map(|item| entry(item).unwrap_or_else(|flaw| flawed(item, flaw))).collect(),
        }),
        Value::Scalar(..) if node.is_empty_scalar() => Ok(CurrentBlock::default()),
        _ => Err(("the `ref:` of a cargo2 source is a list of crates".into(), node.span)),
    }
}

/// An item that the plugin could not read.
fn flawed(node: &Node, flaw: Problem) -> CurrentEntry {
    let text = |key: &str| node.get_str(key).unwrap_or_default().to_owned();
    let entry =
        BlockEntry { name: text("name"), version: text("version"), from: Origin::Registry { sha: String::new() } };
    CurrentEntry { entry, span: node.span, old_form: false, provenance: None, flaw: Some(flaw) }
}

/// One item of the list.
fn entry(node: &Node) -> Result<CurrentEntry, Problem> {
    let kind = text(node, "kind")?;
    known_keys(node, kind.as_deref() == Some("git"))?;
    let from = match kind.as_deref() {
        Some("git") => Origin::Git { commit: need(node, "commit")?, repo: need(node, "repo")?, query: query(node)? },
        None | Some("registry") => Origin::Registry { sha: text(node, "sha")?.unwrap_or_default() },
        Some(other) => {
            return Err((format!("the cargo2 plugin does not know the kind `{}`", other.escape_debug()), node.span));
        }
    };
    Ok(CurrentEntry {
        entry: BlockEntry { name: need(node, "name")?, version: need(node, "version")?, from },
        span: node.span,
        old_form: kind.is_none(),
        provenance: node.get("provenance").cloned(),
        flaw: None,
    })
}

/// The plugin refuses keys that it does not know.
fn known_keys(node: &Node, git: bool) -> Result<(), Problem> {
    let Some(pairs) = node.as_map() else {
        return Err(("an entry of the crate list is a mapping".into(), node.span));
    };
    let known: &[&str] = if git {
        &["kind", "commit", "repo", "query", "name", "version", "provenance"]
    } else {
        &["kind", "name", "version", "sha", "provenance"]
    };
    match pairs.iter().find(|(k, _)| !k.as_str().is_some_and(|k| known.contains(&k))) {
        Some((key, _)) => {
            let name = key.as_str().unwrap_or("?").escape_debug();
            Err((format!("the cargo2 plugin does not know the key `{name}`"), key.span))
        }
        None => Ok(()),
    }
}

/// The text of a key, white space around it stripped as the plugin's loader does.
fn text(node: &Node, key: &str) -> Result<Option<String>, Problem> {
    match node.get(key) {
        None => Ok(None),
        Some(value) => match value.as_str() {
            Some(text) => Ok(Some(text.trim().to_owned())),
            None => Err((format!("`{key}` of a crate is text"), value.span)),
        },
    }
}

/// The text of a key that must be there.
fn need(node: &Node, key: &str) -> Result<String, Problem> {
    text(node, key)?.ok_or_else(|| (format!("this crate has no `{key}`"), node.span))
}

/// The `query` of a git crate, in its order.
fn query(node: &Node) -> Result<Vec<(String, String)>, Problem> {
    let Some(query) = node.get("query") else {
        return Ok(Vec::new());
    };
    let pairs = query.as_map().ok_or_else(|| ("`query` of a crate is a mapping".to_owned(), query.span))?;
    let text =
        |n: &Node| n.as_str().map(str::to_owned).ok_or_else(|| ("`query` of a crate holds text".to_owned(), n.span));
    pairs.iter().map(|(k, v)| Ok((text(k)?, text(v)?))).collect()
}

/// Reads lines that [`crate::yaml::lift`] found to be in the plain form.
fn lifted_entries(file: &SourceText, span: Span, lifted: Lifted) -> CurrentBlock {
    let text = &file.text[span.start..span.end];
    let mut entries: Vec<Fields<'_>> = Vec::with_capacity(text.len() / 120);
    let mut at = span.start;
    for line in text.split_inclusive('\n') {
        let key_at = at + lifted.dash + 2;
        if line.as_bytes().get(lifted.dash) == Some(&b'-') {
            entries.push(Fields { span: Span::new(key_at, key_at), ..Fields::default() });
        }
        if let Some(last) = entries.last_mut() {
            last.line(&line[lifted.dash + 2..]);
            last.span.end = at + line.trim_end().len();
        }
        at += line.len();
    }
    CurrentBlock { entries: entries.into_iter().map(Fields::entry).collect() }
}

/// The values of one lifted entry.
#[derive(Default)]
struct Fields<'a> {
    kind: Option<&'a str>,
    name: &'a str,
    version: &'a str,
    sha: &'a str,
    commit: &'a str,
    repo: &'a str,
    query: Vec<(String, String)>,
    span: Span,
}

impl<'a> Fields<'a> {
    fn line(&mut self, line: &'a str) {
        let line = line.trim_end();
        match line.split_once(": ") {
            Some(("kind", value)) => self.kind = Some(value),
            Some(("name", value)) => self.name = value,
            Some(("version", value)) => self.version = value,
            Some(("sha", value)) => self.sha = value,
            Some(("commit", value)) => self.commit = value,
            Some(("repo", value)) => self.repo = value,
            Some((key, value)) => self.query.push((key.trim().to_owned(), value.to_owned())),
            None => {}
        }
    }

    fn entry(self) -> CurrentEntry {
        let from = if self.kind == Some("git") {
            Origin::Git { commit: self.commit.to_owned(), repo: self.repo.to_owned(), query: self.query }
        } else {
            Origin::Registry { sha: self.sha.to_owned() }
        };
        let entry = BlockEntry { name: self.name.to_owned(), version: self.version.to_owned(), from };
        CurrentEntry { entry, span: self.span, old_form: self.kind.is_none(), provenance: None, flaw: None }
    }
}

/// Reads a source of the layout `per-crate`: `url:` of the crate file and its sha256 as `ref:`.
///
/// # Errors
/// When the URL does not end as that of a crate does.
pub fn per_crate(source: &Node) -> Result<(BlockEntry, String), Problem> {
    let url = source.get_str("url").ok_or_else(|| ("this source has no `url:`".to_owned(), source.span))?;
    let sha = source.get_str("ref").ok_or_else(|| ("this source has no `ref:`".to_owned(), source.span))?;
    let wrong = || {
        (
            "the URL does not end in `NAME/NAME-VERSION.crate`".to_owned(),
            source.get("url").map_or(source.span, |u| u.span),
        )
    };
    let (folder, file) = url.rsplit_once('/').ok_or_else(wrong)?;
    let (base, name) = folder.rfind(['/', ':']).map(|at| (&folder[..=at], &folder[at + 1..])).ok_or_else(wrong)?;
    let version = file
        .strip_suffix(".crate")
        .and_then(|f| f.strip_prefix(name))
        .and_then(|f| f.strip_prefix('-'))
        .ok_or_else(wrong)?;
    if name.is_empty() || version.is_empty() {
        return Err(wrong());
    }
    let entry =
        BlockEntry { name: name.into(), version: version.into(), from: Origin::Registry { sha: sha.trim().into() } };
    Ok((entry, base.to_owned()))
}
