//! Folders that are somebody else's, or cannot be written.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::support::{Run, ended};
use super::{NEW, OLD, Place, files_below, is_root, program};

/// Somebody who owns nothing.
const NOBODY: u32 = 65_534;

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Lets everybody read a folder with all in it; nobody but root can write there.
fn read_only(folder: &Path) {
    mode(folder, 0o555);
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() { read_only(&entry.path()) } else { mode(&entry.path(), 0o444) }
    }
}

/// Lets the owner write again.
fn writable(folder: &Path) {
    mode(folder, 0o755);
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() { writable(&entry.path()) } else { mode(&entry.path(), 0o644) }
    }
}

impl Place {
    /// Opens all folders on the way for everybody, and the temporary one for writing.
    fn open(&self) {
        mode(self.project.path(), 0o755);
        mode(self.path("").as_path(), 0o755);
        mode(&self.path("tmp"), 0o777);
    }

    /// The program where nobody else can write to what is not theirs: root is somebody else for it. Root may not let others run
    /// what is built, so they get a copy.
    fn as_nobody(&self, args: &[&str]) -> Command {
        let command = self.command(args);
        if !is_root() {
            return command;
        }
        let copy = self.path("program");
        if !copy.exists() {
            std::fs::copy(program().get_program(), &copy).unwrap();
            mode(&copy, 0o755);
        }
        let mut other = Command::new(copy);
        other.args(command.get_args()).env_clear().uid(NOBODY).gid(NOBODY).current_dir("/");
        other.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        other
    }

    fn run_as_nobody(&self, args: &[&str]) -> Run {
        ended(&self.as_nobody(args).output().unwrap())
    }
}

#[track_caller]
fn one_warning(run: &Run) {
    assert_eq!(run.stderr.matches("WARN").count(), 1, "{run:?}");
    assert!(run.stderr.contains("nothing is kept in the cache") && run.stderr.contains("--cache"), "{run:?}");
}

#[test]
fn a_read_only_checkout_is_checked_and_a_write_is_a_finding() {
    let place = Place::new(2);
    place.open();
    mode(&place.path("cache"), 0o777);
    read_only(place.project.path());
    let checked = place.run_as_nobody(&["regenerate", "--check"]);
    assert_eq!(checked.code, Some(3), "{checked:?}");
    assert!(checked.stdout.contains("block-drift") && checked.stderr.is_empty(), "{checked:?}");
    let run = place.run_as_nobody(&["regenerate"]);
    writable(place.project.path());
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.stdout.contains("write-failed") && run.stdout.contains("Permission denied"), "{run:?}");
    assert!(place.elements.iter().all(|name| place.project.read(name) == place.element(OLD)));
    assert_eq!(place.strays().counts(), [0; 4]);
}

#[test]
fn a_cache_of_somebody_else_costs_a_warning_and_what_it_holds_is_used() {
    let place = Place::new(2);
    place.open();
    let check = &["regenerate", "--check"];
    // It is empty, and cannot be written.
    mode(&place.path("cache"), 0o555);
    let run = place.run_as_nobody(check);
    assert_eq!(run.code, Some(3), "{run:?}");
    one_warning(&run);
    let fetched = place.server.packs();
    assert!(fetched > 0);
    // It is full, and can be read.
    mode(&place.path("cache"), 0o755);
    assert_eq!(ended(&place.command(check).output().unwrap()).code, Some(3));
    let fetched = place.server.packs();
    read_only(&place.path("cache"));
    let run = place.run_as_nobody(check);
    assert_eq!((run.code, run.stderr.as_str()), (Some(3), ""), "{run:?}");
    assert_eq!(place.server.packs(), fetched, "nothing is fetched that is there");
    // It is full, and cannot even be looked into.
    mode(&place.path("cache"), 0o000);
    let run = place.run_as_nobody(check);
    mode(&place.path("cache"), 0o755);
    writable(&place.path("cache"));
    assert_eq!(run.code, Some(3), "{run:?}");
    one_warning(&run);
    assert!(place.server.packs() > fetched);
    assert_eq!(place.strays().counts(), [0; 4]);
}

#[test]
fn a_file_in_the_place_of_the_cache_costs_a_warning() {
    let place = Place::new(2);
    std::fs::remove_dir(place.path("cache")).unwrap();
    std::fs::write(place.path("cache"), "a file").unwrap();
    let run = ended(&place.command(&["regenerate"]).output().unwrap());
    assert_eq!(run.code, Some(0), "{run:?}");
    one_warning(&run);
    assert_eq!(std::fs::read_to_string(place.path("cache")).unwrap(), "a file");
    assert!(place.elements.iter().all(|name| place.project.read(name) == place.element(NEW)));
}

/// As `docker run --user` starts it: a home that is not there, or is `/`.
#[test]
fn without_a_home_a_run_is_slower_and_no_worse() {
    let place = Place::new(2);
    place.open();
    mode(&place.path("cache"), 0o777);
    let homes: [Option<&str>; 3] = [None, Some("/"), Some("/nonexistent")];
    for home in homes {
        let command = place.as_nobody(&["regenerate", "--check"]);
        // The default cache, and not the one of this test.
        let args: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy().into_owned()).collect();
        let cache = args.iter().position(|arg| arg == "--cache").unwrap();
        let mut bare = Command::new(command.get_program());
        bare.args(&args[..cache]).args(&args[cache + 2..]).env_clear().env("TMPDIR", place.path("tmp"));
        if is_root() {
            bare.uid(NOBODY).gid(NOBODY);
        }
        bare.current_dir("/");
        if let Some(home) = home {
            bare.env("HOME", home);
        }
        let run = ended(&bare.output().unwrap());
        assert_eq!(run.code, Some(3), "{home:?}: {run:?}");
        assert!(run.stdout.contains("block-drift"), "{home:?}: {run:?}");
        match home {
            Some(_) => one_warning(&run),
            None => assert_eq!(run.stderr, "", "no cache was asked for"),
        }
    }
    assert_eq!(files_below(&place.path("tmp")), Vec::<PathBuf>::new());
}
