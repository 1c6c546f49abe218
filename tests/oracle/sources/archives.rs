//! Locks that are downloaded: in archives, and as a file of their own.

use std::collections::BTreeMap;

use super::{HELD, judged, new, old, patched, project};
use crate::peer::{
    archive,
    bst::Bst,
    corpus::checksum,
    http::Http,
    project::simple,
    upstream::{Tree, Upstreams},
};

/// An archive of a program whose files lie below `top`.
fn program_tar(top: &str) -> Vec<u8> {
    let (readme, lock, inner) = (format!("{top}README"), format!("{top}Cargo.lock"), format!("{top}rust/Cargo.lock"));
    archive::tar(&[(&readme, b"a program\n"), (&lock, new().as_bytes()), (&inner, patched().as_bytes())])
}

/// Archives by name, and a pin for each.
fn archives(upstreams: &mut Upstreams) -> BTreeMap<String, Vec<u8>> {
    let usual = program_tar("program-1.1/");
    let archives = [
        ("plain.tar", usual.clone()),
        ("gz.tar.gz", archive::compressed("gzip", &usual)),
        ("xz.tar.xz", archive::compressed("xz", &usual)),
        ("bz.tar.bz2", archive::compressed("bzip2", &usual)),
        ("flat.tar.gz", archive::compressed("gzip", &program_tar(""))),
        ("dotted.tar.gz", archive::compressed("gzip", &program_tar("./program-1.1/"))),
        ("program-1.1.0.crate", archive::compressed("gzip", &program_tar("program-1.1.0/"))),
    ];
    for (name, bytes) in &archives {
        upstreams.add_pin(name, &"0".repeat(64), &checksum(bytes));
    }
    archives.map(|(name, bytes)| (name.to_owned(), bytes)).into()
}

#[test]
fn archives_provide_locks() {
    let Some(bst) = Bst::find() else { return };
    let mut upstreams = Upstreams::start();
    let files = archives(&mut upstreams);
    let names: Vec<String> = files.keys().cloned().collect();
    let http = Http::start(files);
    let mut project = project(&upstreams, &http);
    let element = |name: &str, more: &str| {
        format!("kind: manual\nsources:\n- kind: tar\n  url: files:{name}\n{more}  ref: @{name}@\n{HELD}")
    };
    for name in names.iter().filter(|name| !name.starts_with("flat")) {
        project.put(&format!("elements/{name}.bst"), element(name, ""));
    }
    for (file, archive, more) in [
        ("flat", "flat.tar.gz", "  base-dir: ''\n"),
        ("named", "gz.tar.gz", "  base-dir: program-1.1\n"),
        ("glob", "gz.tar.gz", "  base-dir: 'prog*'\n"),
        ("below", "gz.tar.gz", "  base-dir: program-1.1/rust\n"),
    ] {
        project.put(&format!("elements/{file}.bst"), element(archive, more));
    }
    let whole = element("gz.tar.gz", "  base-dir: ''\n") + "  cargo-lock: program-1.1/rust/Cargo.lock\n";
    project.put("elements/whole.bst", whole);
    let into = element("gz.tar.gz", "  directory: into\n") + "  cargo-lock: into/Cargo.lock\n";
    project.put("elements/into.bst", into);
    let tracked = judged("archives", &upstreams, &http, project, &bst);
    assert!(tracked.text("elements/below.bst").contains("    name: zero\n"));
}

#[test]
fn a_remote_file_is_the_lock() {
    let Some(bst) = Bst::find() else { return };
    let mut upstreams = Upstreams::start();
    upstreams.add("program", &Tree::default().with("README", "1\n"), &Tree::lock(&old()));
    upstreams.add_pin("lock", &"0".repeat(64), &checksum(new().as_bytes()));
    let files = ["Cargo.lock", "download/other-name"].map(|path| (path.to_owned(), new().into_bytes()));
    let http = Http::start(files.into());
    let mut project = project(&upstreams, &http);
    let git = simple("program").replace("- kind: cargo2\n", "");
    let remote = "- kind: remote\n  url: files:Cargo.lock\n  ref: @lock@\n";
    project.put("elements/only.bst", format!("kind: manual\nsources:\n{remote}{HELD}"));
    project.put("elements/over.bst", format!("{git}{remote}{HELD}"));
    let renamed = remote.replace("files:Cargo.lock\n", "files:download/other-name\n  filename: Cargo.lock\n");
    project.put("elements/renamed.bst", format!("{git}{renamed}{HELD}"));
    let placed = remote.replace("  ref", "  directory: rust\n  ref");
    project.put("elements/placed.bst", format!("{git}{placed}{HELD}  cargo-lock: rust/Cargo.lock\n"));
    // A file elsewhere leaves the lock of the repository alone.
    project.put("elements/beside.bst", format!("{git}{placed}{HELD}"));
    judged("remote", &upstreams, &http, project, &bst);
}
