//! The facts that a reviewer needs about a crate's archive, from the list of its files.
//!
//! Cargo packs one folder `<name>-<version>` with a normalised `Cargo.toml` (The Cargo Book, "The Manifest Format"; "cargo
//! package"), and `.cargo_vcs_info.json` where it was packed from a git checkout.

mod difference;
mod lexer;
mod odd;
mod reach;
mod scan;
mod script;

use super::evidence::ArchiveFacts;
pub use difference::difference;
pub use scan::{Scan, scan};
use serde::Deserialize;
use serde_json::Value::{Bool, Null};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use toml::Value;

/// The number of bytes of a manifest that are read.
const MANIFEST: usize = 1 << 20;

/// The number of bytes of any other file that are looked at.
const START: usize = 64;

/// The maximum number of bytes of a file of a build script that is shown.
pub const SCRIPT: usize = 64 << 10;

/// An entry of the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path, with the folder that everything is in.
    pub path: String,
    /// Its kind.
    pub kind: FileKind,
    /// Bytes of its content.
    pub size: u64,
    /// The sha256 of its content, in lower-case hex.
    pub sha256: String,
    /// The first bytes of its content: as many as [`keeps`] says.
    pub start: Vec<u8>,
    /// What was counted in it.
    pub scan: Scan,
}

/// The kind of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// Anything else: links, devices. Cargo packs none.
    Other,
}

/// Returns how many of the first bytes of a file a review needs.
#[must_use]
pub fn keeps(path: &str) -> usize {
    let inside = path.split_once('/').map_or("", |(_, inside)| inside);
    // One more than is read, so that a longer one shows.
    if matches!(inside, "Cargo.toml" | ".cargo_vcs_info.json") { MANIFEST + 1 } else { START }
}

/// `Cargo.toml`, as far as it counts here.
#[derive(Deserialize)]
struct Manifest {
    #[serde(alias = "project")]
    package: Package,
    lib: Option<Lib>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Package {
    name: String,
    version: String,
    build: Option<Value>,
    links: Option<String>,
    license: Option<String>,
    repository: Option<String>,
}

/// Cargo takes both spellings.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Lib {
    #[serde(alias = "proc_macro")]
    proc_macro: Option<bool>,
    #[serde(default, alias = "crate_type")]
    crate_type: Vec<String>,
}

#[derive(Deserialize)]
struct VcsInfo {
    git: Git,
}

#[derive(Deserialize)]
struct Git {
    sha1: String,
    #[serde(default)]
    dirty: serde_json::Value,
}

/// The reason why an archive is not as cargo makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotCargos {
    /// An entry lies outside of the crate's folder.
    Outside(String),
    /// Two entries have this path.
    TwoEntries(String),
    /// There is no manifest.
    NoManifest,
    /// The manifest is larger than is read.
    LargeManifest,
    /// The manifest is not UTF-8.
    ManifestNotUtf8,
    /// The manifest cannot be read, and why.
    Manifest(String),
    /// The manifest is that of another crate or version.
    OtherCrate(String),
    /// The manifest names a build script in a way that cargo does not know.
    BuildScript,
}

impl fmt::Display for NotCargos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outside(path) => write!(f, "its entry {} lies outside of its folder", shown(path)),
            Self::TwoEntries(path) => write!(f, "it has two entries {}", shown(path)),
            Self::NoManifest => f.write_str("it has no Cargo.toml"),
            Self::LargeManifest => write!(f, "its Cargo.toml has more than {MANIFEST} bytes"),
            Self::ManifestNotUtf8 => f.write_str("its Cargo.toml is not UTF-8"),
            Self::Manifest(why) => write!(f, "its Cargo.toml cannot be read: {}", shown(why)),
            Self::OtherCrate(name) => write!(f, "its Cargo.toml is that of {}", shown(name)),
            Self::BuildScript => f.write_str("its Cargo.toml names a build script in an unknown way"),
        }
    }
}

impl std::error::Error for NotCargos {}

/// What an archive holds: the facts about it, and what it takes to compare it with another one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// The facts.
    pub facts: ArchiveFacts,
    /// The build scripts, whether they are there or not.
    pub scripts: Vec<String>,
    /// The digest of each file.
    digests: BTreeMap<String, String>,
    /// The lines of each file that a reviewer reads, as [`scan()`] has them.
    lines: BTreeMap<String, Vec<u64>>,
    /// The texts of what runs with the build script, as far as they are not too long.
    texts: BTreeMap<String, String>,
}

/// The contents of the archive of this version of a crate. Where it has build scripts, [`Contents::follow`] completes them.
///
/// # Errors
/// Files outside of the crate's folder, or of one path; a manifest that is missing, cannot be read, or is another crate's.
pub fn contents(name: &str, version: &str, files: &[File]) -> Result<Contents, NotCargos> {
    let files = below(&format!("{name}-{version}"), files)?;
    let Manifest { package, lib } = manifest(&files)?;
    if (package.name.as_str(), package.version.as_str()) != (name, version) {
        return Err(NotCargos::OtherCrate(format!("{} {}", package.name, package.version)));
    }
    let lib = lib.unwrap_or_default();
    let scripts = build_scripts(package.build.as_ref(), &files)?;
    let plain: BTreeMap<&String, &&File> = files.iter().filter(|(_, file)| file.kind == FileKind::File).collect();
    let digests: BTreeMap<String, String> =
        plain.iter().map(|(path, file)| ((*path).clone(), file.sha256.clone())).collect();
    let of_scripts: Option<Vec<&str>> = scripts.iter().map(|path| digests.get(path).map(String::as_str)).collect();
    let vcs = vcs(&files);
    let facts = ArchiveFacts {
        build_script: !scripts.is_empty(),
        build_script_digest: of_scripts.filter(|all| !all.is_empty()).map(|all| all.join("+")),
        proc_macro: lib.proc_macro.unwrap_or(false) || lib.crate_type.iter().any(|kind| kind == "proc-macro"),
        links: package.links,
        license: package.license,
        size: plain.values().map(|file| file.size).fold(0, u64::saturating_add),
        files: u32::try_from(plain.len()).unwrap_or(u32::MAX),
        odd_files: odd::odd_files(name, &files, false),
        odd_elsewhere: odd::odd_files(name, &files, true),
        unsafe_uses: plain.values().map(|file| file.scan.unsafe_uses).fold(0, u32::saturating_add),
        vcs_commit: vcs.as_ref().and_then(|git| commit(&git.sha1)),
        // What is neither true nor false is no reason to be quiet.
        vcs_dirty: vcs.is_some_and(|git| !matches!(git.dirty, Null | Bool(false))),
        repository: package.repository,
        ..ArchiveFacts::default()
    };
    let lines = plain.iter().map(|(path, file)| ((*path).clone(), file.scan.lines.clone()));
    let lines = lines.filter(|(_, lines)| !lines.is_empty()).collect();
    Ok(Contents { facts, scripts, digests, lines, texts: BTreeMap::new() })
}

impl Contents {
    /// Returns whether the text of a file, by its path with the folder that everything is in, is wanted for the build scripts.
    #[must_use]
    pub fn wants(&self, path: &str) -> bool {
        let inside = path.split_once('/').map_or("", |(_, inside)| inside);
        self.scripts.iter().any(|script| script == inside) || script::may_run(inside)
    }

    /// Follows what the build scripts include, run and name. `files` are those of the archive, with the texts that are wanted.
    pub fn follow(&mut self, files: Vec<File>) {
        let whole =
            files.into_iter().filter(|file| file.kind == FileKind::File && file.size == file.start.len() as u64);
        let text = |file: File| {
            let path = file.path.split_once('/')?.1.to_owned();
            Some((path, String::from_utf8(file.start).ok()?))
        };
        let mut texts: BTreeMap<String, String> = whole.filter_map(text).collect();
        let names: BTreeSet<&str> = self.digests.keys().map(String::as_str).collect();
        let parts = script::parts(&self.scripts, &names, &texts);
        texts.retain(|path, _| parts.code.contains(path));
        let digest = |path: &String| (path.clone(), self.digests.get(path).cloned().unwrap_or_default());
        self.facts.script_code = parts.code.iter().map(digest).collect();
        self.facts.script_reads = parts.reads;
        self.texts = texts;
    }
}

/// The entries by their paths below the crate's folder. Folders count for nothing.
fn below<'f>(folder: &str, files: &'f [File]) -> Result<BTreeMap<String, &'f File>, NotCargos> {
    let mut found = BTreeMap::new();
    for file in files {
        let outside = || NotCargos::Outside(file.path.clone());
        let mut parts = file.path.split('/').filter(|part| !part.is_empty() && *part != ".");
        if file.path.starts_with('/') || parts.next() != Some(folder) {
            return Err(outside());
        }
        let inside: Vec<&str> = parts.collect();
        if inside.contains(&"..") {
            return Err(outside());
        }
        if file.kind != FileKind::Folder && found.insert(inside.join("/"), file).is_some() {
            return Err(NotCargos::TwoEntries(file.path.clone()));
        }
    }
    Ok(found)
}

fn manifest(files: &BTreeMap<String, &File>) -> Result<Manifest, NotCargos> {
    let file = files.get("Cargo.toml").filter(|file| file.kind == FileKind::File).ok_or(NotCargos::NoManifest)?;
    if file.start.len() > MANIFEST || file.size != file.start.len() as u64 {
        return Err(NotCargos::LargeManifest);
    }
    let text = std::str::from_utf8(&file.start).map_err(|_| NotCargos::ManifestNotUtf8)?;
    toml::from_str(text).map_err(|e| NotCargos::Manifest(e.message().to_owned()))
}

/// The paths of the build scripts that cargo runs.
///
/// `build` names them, or switches them off; without it, `build.rs` is one if it is there.
fn build_scripts(build: Option<&Value>, files: &BTreeMap<String, &File>) -> Result<Vec<String>, NotCargos> {
    let plain = |path: &str| -> String {
        path.split('/').filter(|part| !part.is_empty() && *part != ".").collect::<Vec<_>>().join("/")
    };
    match build {
        None | Some(Value::Boolean(true)) => {
            Ok(files.contains_key("build.rs").then(|| "build.rs".to_owned()).into_iter().collect())
        }
        Some(Value::Boolean(false)) => Ok(Vec::new()),
        Some(Value::String(path)) => Ok(vec![plain(path)]),
        Some(Value::Array(paths)) => {
            paths.iter().map(|path| path.as_str().map(plain).ok_or(NotCargos::BuildScript)).collect()
        }
        Some(_) => Err(NotCargos::BuildScript),
    }
}

/// The checkout that the archive claims to be made from. Anybody can write one there.
fn vcs(files: &BTreeMap<String, &File>) -> Option<Git> {
    let info: VcsInfo = serde_json::from_slice(&files.get(".cargo_vcs_info.json")?.start).ok()?;
    Some(info.git)
}

fn commit(sha: &str) -> Option<String> {
    (matches!(sha.len(), 40 | 64) && sha.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| sha.to_owned())
}

/// Text from outside in a message: short, in a code span's quotes.
fn shown(text: &str) -> String {
    format!("`{}`", text.chars().take(200).collect::<String>().escape_debug())
}

#[cfg(test)]
mod tests;
