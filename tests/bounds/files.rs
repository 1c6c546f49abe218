//! Files that others write as well, and disks that are full.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::support::ended;
use super::{NEW, OLD, Place};

/// A person saves every other file at the moment when the bot is about to replace it: right after it replaced the one before.
/// As most editors do, by a new file that takes the place of the old one.
#[test]
fn what_a_person_saves_during_a_run_is_not_lost() {
    let (mut saved, mut lost, mut refused) = (0, 0, 0);
    for round in 0..4 {
        let place = Place::new(60);
        let mut names = place.elements.clone();
        names.sort();
        let mut child = place.command(&["regenerate"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut theirs = Vec::new();
        for (number, pair) in names.chunks(2).enumerate() {
            let [before, name] = pair else { continue };
            while place.project.read(before) == place.element(OLD) && child.try_wait().unwrap().is_none() {}
            let begin = Instant::now();
            while begin.elapsed() < Duration::from_micros(100 * (number as u64 % 10) * round) {}
            if place.project.read(name) == place.element(OLD) && child.try_wait().unwrap().is_none() {
                let own = place.project.path().join("editor");
                std::fs::write(&own, format!("# by a person\n{}", place.element(OLD))).unwrap();
                std::fs::rename(&own, place.project.path().join(name)).unwrap();
                theirs.push(name.clone());
            }
        }
        let run = ended(&child.wait_with_output().unwrap());
        saved += theirs.len();
        refused += run.stdout.matches("run again").count();
        lost += theirs.iter().filter(|name| !place.project.read(name).starts_with("# by a person")).count();
        assert_eq!(place.strays().counts()[..2], [0, 0]);
    }
    eprintln!("{saved} files saved by a person, {lost} of them lost; {refused} left alone because they changed");
    assert!(saved > 0, "nobody was fast enough");
    assert_eq!(lost, 0);
}

#[test]
fn of_two_runs_at_once_both_end_and_the_loser_says_what_to_do() {
    let place = Place::new(60);
    let start = || place.command(&["regenerate"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let children: Vec<_> = (0..4).map(|_| start()).collect();
    for child in children {
        let run = ended(&child.wait_with_output().unwrap());
        match run.code {
            Some(0) => {}
            Some(3) => {
                assert!(run.stdout.contains("write-failed") && run.stdout.contains("run again"), "{run:?}");
            }
            _ => panic!("{run:?}"),
        }
    }
    assert!(
        place.elements.iter().all(|name| place.project.read(name) == place.element(NEW)),
        "one of them did the work"
    );
    assert_eq!(place.strays().counts(), [0; 4], "{:?}", place.strays());
}

/// The program behind a shell that does something before.
fn behind(script: &str, place: &Place, args: &[&str]) -> Command {
    let inner = place.command(args);
    let mut outer = Command::new("sh");
    outer.arg("-c").arg(script).arg("sh").arg(inner.get_program()).args(inner.get_args()).env_clear();
    outer.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    outer
}

#[test]
fn where_no_file_can_grow_each_file_stays_whole_and_the_reason_is_said() {
    let place = Place::new(3);
    assert_eq!(
        place.command(&["regenerate", "--check"]).output().unwrap().status.code(),
        Some(3),
        "the cache is filled"
    );
    // No file may get any byte: as on a full disk, writes fail.
    let run = ended(&behind(r#"trap "" XFSZ; ulimit -f 0; exec "$@""#, &place, &["regenerate"]).output().unwrap());
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.stdout.contains("write-failed") && run.stdout.contains("File too large"), "{run:?}");
    assert!(place.elements.iter().all(|name| place.project.read(name) == place.element(OLD)));
    assert_eq!(place.strays().counts(), [0; 4], "{:?}", place.strays());
    // Without what the cache holds, the upstream's pack cannot be written either.
    std::fs::remove_dir_all(place.path("cache")).unwrap();
    std::fs::create_dir(place.path("cache")).unwrap();
    let run = ended(&behind(r#"trap "" XFSZ; ulimit -f 0; exec "$@""#, &place, &["regenerate"]).output().unwrap());
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.stdout.contains("lock-unavailable") && run.stdout.contains("temporary"), "{run:?}");
    assert_eq!(place.strays().counts(), [0; 4], "{:?}", place.strays());
}

/// A shell that puts a tiny file system in the place of a folder, for itself and what it starts.
const TINY: &str = r#"mount -t tmpfs -o size=64k none "$TINY" && dd if=/dev/zero of="$TINY/filler" bs=1k count="$FILL" 2>/dev/null; exec "$@""#;

/// Runs the program with a file system of 64 KiB in the place of one of its folders. None where that cannot be mounted.
fn on_a_tiny_disk(place: &Place, folder: &str, filled: &str) -> Option<super::support::Run> {
    let can = Command::new("unshare").args(["-rm", "true"]).stderr(Stdio::null()).status();
    if !can.is_ok_and(|status| status.success()) {
        eprintln!("skipped: no file system can be mounted here");
        return None;
    }
    let inner = behind(TINY, place, &["regenerate"]);
    let mut outer = Command::new("unshare");
    outer.arg("-rm").arg(inner.get_program()).args(inner.get_args()).env_clear();
    outer.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Some(ended(&outer.env("TINY", place.path(folder)).env("FILL", filled).output().unwrap()))
}

#[test]
fn a_full_cache_costs_a_warning_and_nothing_else() {
    let place = Place::new(3);
    let Some(run) = on_a_tiny_disk(&place, "cache", "100") else { return };
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(run.stderr.matches("WARN").count(), 1, "{run:?}");
    assert!(run.stderr.contains("nothing is kept in the cache") && run.stderr.contains("No space left"), "{run:?}");
    assert!(place.elements.iter().all(|name| place.project.read(name) == place.element(NEW)));
}

#[test]
fn a_full_temporary_folder_is_a_finding_and_no_file_changes() {
    let place = Place::new(3);
    let Some(run) = on_a_tiny_disk(&place, "tmp", "100") else { return };
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.stdout.contains("lock-unavailable") && run.stdout.contains("temporary"), "{run:?}");
    assert!(place.elements.iter().all(|name| place.project.read(name) == place.element(OLD)));
}
