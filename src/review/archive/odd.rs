//! Files that sources do not need.

use super::{File, FileKind};
use std::collections::BTreeMap;

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
pub(super) fn odd_files(name: &str, files: &BTreeMap<String, &File>, elsewhere: bool) -> Vec<String> {
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
    if is_aside(path) {
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

/// Returns whether a file is below a folder whose files are not for the build of a crate.
pub(super) fn is_aside(path: &str) -> bool {
    let (folders, _) = path.rsplit_once('/').unwrap_or_default();
    folders.split(['/', '-', '_']).any(|word| ASIDE.contains(&word))
}

/// The extension of a file's name, in lower case.
pub(super) fn extension(path: &str) -> Option<String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, kind)| kind.to_ascii_lowercase())
}

/// The start of a program of DOS or Windows. Its two letters begin texts too, but texts have no NUL.
fn is_dos(start: &[u8]) -> bool {
    start.starts_with(b"MZ") && start.contains(&0)
}
