//! Validates the name of a new element and the values in its sources.

use super::Request;
use crate::bst::project::clean_path;
use crate::bst::source::commit_of;

/// The maximum length of a name, a URL or a pattern, in bytes.
const MAX_TEXT: usize = 200;

/// The reason why no element is planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Error {
    /// The name cannot be an element's.
    Name(String),
    /// The element is there already.
    Exists(String),
    /// The program's name is none that cargo accepts.
    Bin(String),
    /// The URL is neither `alias:path` nor `https://…`, or holds odd characters.
    Url(String),
    /// The tracked branch or pattern holds odd characters.
    Track(String),
    /// The ref does not end in a commit, or holds odd characters.
    Ref(String),
    /// The block or the element made from it would not be read as it should.
    Block(String),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = |text: &str| text.escape_debug().to_string();
        match self {
            Self::Name(name) => write!(
                f,
                "`{}` cannot be an element's name; name it as BuildStream does: folder/program.bst, of letters, digits, `-`, `_`, `.` and `+`",
                shown(name)
            ),
            Self::Exists(name) => write!(f, "the element `{}` exists already; it is not overwritten", shown(name)),
            Self::Bin(name) => write!(f, "`{}` is not a program of cargo; name it with --bin", shown(name)),
            Self::Url(url) => {
                write!(f, "`{}` is not a repository's URL; write alias:owner/program.git or https://…", shown(url))
            }
            Self::Track(track) => write!(f, "`{}` is neither a branch nor a pattern of tags such as v*", shown(track)),
            Self::Ref(git_ref) => write!(f, "the ref `{}` does not end in a commit", shown(git_ref)),
            Self::Block(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Error {}

/// Validates what the command line says, before anything is asked of an upstream.
///
/// # Errors
/// When a name, a URL or a pattern is not plain.
pub(crate) fn plain(name: &str, url: &str, track: &str) -> Result<(), Error> {
    if !is_element(name) {
        return Err(Error::Name(name.to_owned()));
    }
    if !is_url(url) {
        return Err(Error::Url(url.to_owned()));
    }
    if is_made_of(track, b"._-+/*?[]^") { Ok(()) } else { Err(Error::Track(track.to_owned())) }
}

/// Validates the whole request. Returns the program's name.
pub(super) fn all<'a>(request: &Request<'a>) -> Result<&'a str, Error> {
    let name = request.name;
    plain(name, request.url, request.track)?;
    if (request.exists)(name) {
        return Err(Error::Exists(name.to_owned()));
    }
    let base = name.rsplit('/').next().unwrap_or(name);
    let bin = request.bin.unwrap_or_else(|| base.strip_suffix(".bst").unwrap_or(base));
    if !is_program(bin) {
        return Err(Error::Bin(bin.to_owned()));
    }
    if commit_of(request.git_ref).is_none() || !is_made_of(request.git_ref, b"._-+/") {
        return Err(Error::Ref(request.git_ref.to_owned()));
    }
    Ok(bin)
}

/// Letters, digits and some more characters, the first of them no dash.
fn is_made_of(text: &str, more: &[u8]) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || more.contains(&b);
    !text.is_empty() && text.len() <= MAX_TEXT && !text.starts_with('-') && text.bytes().all(fits)
}

/// A clean path below the element path, no part of it hidden or like an option.
fn is_element(name: &str) -> bool {
    let clean = clean_path(name).is_some_and(|clean| clean == name);
    let parts = name.split('/').all(|part| part.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'));
    clean && parts && is_made_of(name, b"._-+/") && name.ends_with(".bst")
}

/// Returns whether cargo accepts this as the name of a binary.
fn is_program(name: &str) -> bool {
    name.len() <= 64 && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && is_made_of(name, b"_-")
}

/// `alias:path` or `https://host/path`, without user names and queries.
fn is_url(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once(':') else {
        return false;
    };
    let path = match rest.strip_prefix("//") {
        Some(path) => scheme == "https" && path.contains('/') && !path.starts_with('/'),
        None => !rest.is_empty() && !matches!(scheme, "file" | "http" | "https" | "ssh" | "git" | "ext"),
    };
    path && is_made_of(scheme, b"_-") && is_made_of(rest, b":._-+~/") && !rest.split('/').any(|part| part == "..")
}
