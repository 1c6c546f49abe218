//! The facts that a reviewer needs about a crate's archive, from the list of its files.
//!
//! Cargo packs one folder `<name>-<version>` with a normalised `Cargo.toml` (The Cargo Book, "The Manifest Format"; "cargo
//! package"), and `.cargo_vcs_info.json` where it was packed from a git checkout.

use super::evidence::ArchiveFacts;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use toml::Value;

/// The number of bytes of a manifest that are read.
const MANIFEST: usize = 1 << 20;

/// The number of bytes of any other file that are looked at.
const START: usize = 64;

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

/// Returns how many of the first bytes of a file [`facts`] needs.
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

/// The contents of the archive of this version of a crate.
///
/// # Errors
/// Files outside of the crate's folder, or of one path; a manifest that is missing, cannot be read, or is another crate's.
pub fn facts(name: &str, version: &str, files: &[File]) -> Result<ArchiveFacts, NotCargos> {
    let files = below(&format!("{name}-{version}"), files)?;
    let Manifest { package, lib } = manifest(&files)?;
    if (package.name.as_str(), package.version.as_str()) != (name, version) {
        return Err(NotCargos::OtherCrate(format!("{} {}", package.name, package.version)));
    }
    let lib = lib.unwrap_or_default();
    let script = build_script(package.build.as_ref(), &files)?;
    let contents = || files.values().filter(|file| file.kind == FileKind::File);
    Ok(ArchiveFacts {
        build_script: script.is_some(),
        build_script_digest: script.flatten(),
        proc_macro: lib.proc_macro.unwrap_or(false) || lib.crate_type.iter().any(|kind| kind == "proc-macro"),
        links: package.links,
        license: package.license,
        size: contents().map(|file| file.size).fold(0, u64::saturating_add),
        files: u32::try_from(contents().count()).unwrap_or(u32::MAX),
        odd_files: odd_files(name, &files, false),
        odd_elsewhere: odd_files(name, &files, true),
        vcs_commit: vcs_commit(&files),
        repository: package.repository,
    })
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

/// Returns whether cargo runs a build script, and its sha256 where it is in the archive. Several are given as the
/// digests of all.
///
/// `build` names it, or switches it off; without it, `build.rs` is one if it is there.
fn build_script(build: Option<&Value>, files: &BTreeMap<String, &File>) -> Result<Option<Option<String>>, NotCargos> {
    let digest = |path: &str| {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        files.get(&parts.join("/")).filter(|file| file.kind == FileKind::File).map(|file| file.sha256.clone())
    };
    match build {
        None | Some(Value::Boolean(true)) => Ok(files.contains_key("build.rs").then(|| digest("build.rs"))),
        Some(Value::Boolean(false)) => Ok(None),
        Some(Value::String(path)) => Ok(Some(digest(path))),
        Some(Value::Array(paths)) if paths.is_empty() => Ok(None),
        Some(Value::Array(paths)) => {
            let paths: Option<Vec<&str>> = paths.iter().map(Value::as_str).collect();
            let digests: Option<Vec<String>> = paths.ok_or(NotCargos::BuildScript)?.into_iter().map(digest).collect();
            Ok(Some(digests.map(|all| all.join("+"))))
        }
        Some(_) => Err(NotCargos::BuildScript),
    }
}

/// The commit that the archive claims. Anybody can write one there.
fn vcs_commit(files: &BTreeMap<String, &File>) -> Option<String> {
    let info: VcsInfo = serde_json::from_slice(&files.get(".cargo_vcs_info.json")?.start).ok()?;
    let sha = info.git.sha1;
    (matches!(sha.len(), 40 | 64) && sha.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(sha)
}

/// Extensions of programs and libraries, and of what is run from an archive. `.bin` and `.com` name data and hosts more often.
const PROGRAMS: [&str; 16] =
    ["a", "apk", "class", "deb", "dll", "dylib", "exe", "jar", "lib", "msi", "node", "o", "obj", "rpm", "so", "wasm"];

/// The first bytes of programs, libraries and packed files.
const MAGIC: [&[u8]; 19] = [
    b"\x7fELF",
    // Mach-O of 32 and 64 bits in both orders; for several machines at once, and Java's classes.
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"!<arch>\n",
    b"!<thin>\n",
    b"\0asm",
    b"BC\xc0\xde",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\0",
    b"\x28\xb5\x2f\xfd",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"\x5d\0\0\x80\0",
    b"\x04\x22\x4d\x18",
];

/// Those of them that are for Windows, macOS or Android by their names.
const ELSEWHERE: [&str; 7] = ["apk", "dll", "dylib", "exe", "lib", "msi", "obj"];

/// Starts of files that a linker for Linux could take, whatever the name says.
const LINKED: [&[u8]; 2] = [b"\x7fELF", b"BC\xc0\xde"];

/// Starts of objects for Windows: those of x86-64, x86 and ARM64.
const COFF: [&[u8]; 3] = [b"\x64\x86", b"\x4c\x01", b"\x64\xaa"];

/// Words in the names of folders whose files are not for the build of a crate: `test_data`, `benches`.
const ASIDE: [&str; 12] = [
    "bench", "benches", "doc", "docs", "example", "examples", "fixtures", "fuzz", "test", "testdata", "testing",
    "tests",
];

/// The paths of files that sources do not need: those that a build for Linux could use, or those that are `elsewhere`: for tests and
/// the like, or for other systems.
fn odd_files(name: &str, files: &BTreeMap<String, &File>, elsewhere: bool) -> Vec<String> {
    let odd = files.iter().filter(|(path, file)| is_odd(path, file));
    odd.filter(|(path, file)| is_elsewhere(name, path, file) == elsewhere).map(|(path, _)| path.clone()).collect()
}

/// Returns whether sources do not need such a file. Packed files and the like are usual in `tests/`; programs by name
/// are not.
fn is_odd(path: &str, file: &File) -> bool {
    let program = extension(path).is_some_and(|kind| PROGRAMS.contains(&kind.as_str()));
    let packed = MAGIC.iter().any(|magic| file.start.starts_with(magic)) || is_dos(&file.start);
    file.kind == FileKind::Other || program || (packed && !path.starts_with("tests/"))
}

/// Returns whether a build for Linux has no use for an odd file. Only a build script could make it one.
fn is_elsewhere(name: &str, path: &str, file: &File) -> bool {
    if file.kind == FileKind::Other {
        return false;
    }
    let (folders, _) = path.rsplit_once('/').unwrap_or_default();
    if folders.split(['/', '-', '_']).any(|word| ASIDE.contains(&word)) {
        return true;
    }
    if LINKED.iter().any(|magic| file.start.starts_with(magic)) {
        return false;
    }
    // The libraries that programs for Windows are linked with come in crates of their own.
    let of_windows = name.starts_with("windows_") || name.contains("-pc-windows-");
    let kind = extension(path);
    let kind = kind.as_deref().unwrap_or_default();
    let mac = MAGIC[1..5].iter().any(|magic| file.start.starts_with(magic));
    let coff = matches!(kind, "o" | "obj") && COFF.iter().any(|magic| file.start.starts_with(magic));
    ELSEWHERE.contains(&kind) || is_dos(&file.start) || mac || coff || (of_windows && kind == "a")
}

/// The extension of a file's name, in lower case.
fn extension(path: &str) -> Option<String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, kind)| kind.to_ascii_lowercase())
}

/// The start of a program of DOS or Windows. Its two letters begin texts too, but texts have no NUL.
fn is_dos(start: &[u8]) -> bool {
    start.starts_with(b"MZ") && start.contains(&0)
}

/// Text from outside in a message: short, in a code span's quotes.
fn shown(text: &str) -> String {
    format!("`{}`", text.chars().take(200).collect::<String>().escape_debug())
}

#[cfg(test)]
mod tests;
