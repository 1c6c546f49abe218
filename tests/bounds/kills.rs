//! `kill -9` at any moment, and the signals that ask a program to end.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::git_http::Fault;
use super::{NEW, OLD, Place, files_below};

/// How often the program is killed.
fn kills() -> usize {
    if std::env::var_os("CARGO2_BOT_LONG").is_some() { 150 } else { 12 }
}

fn starts_with(path: &Path, prefix: &str) -> bool {
    path.file_name().unwrap().to_string_lossy().starts_with(prefix)
}

impl Place {
    fn start(&self) -> Child {
        let mut command = self.command(&["regenerate"]);
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Whether a moment has come that is worth a kill.
    fn has_come(&self, moment: usize) -> bool {
        let git = || std::fs::read_dir(self.project.path().join(".git")).unwrap().count() > 0;
        let strays = || !self.strays().checkout.is_empty();
        match moment {
            0 => std::fs::read_dir(self.path("tmp")).unwrap().count() > 0,
            1 => files_below(&self.path("tmp")).iter().any(|path| starts_with(path, "pack")),
            2 => files_below(&self.path("cache")).iter().any(|path| starts_with(path, ".")),
            3 => git() || strays(),
            _ => self.elements.iter().any(|name| self.project.read(name) != self.element(OLD)),
        }
    }
}

/// Kills runs at random moments between their beginning and their end, and at chosen ones: no file is torn, nothing is left in
/// the checkout, and what is left elsewhere goes with a later run.
#[test]
fn a_kill_at_any_moment_leaves_nothing_that_a_later_run_does_not_remove() {
    let place = Place::new(40);
    let begin = Instant::now();
    assert!(place.start().wait().unwrap().success());
    let whole = begin.elapsed();
    let (old, new) = (place.element(OLD), place.element(NEW));
    let (mut done, mut torn) = (0, Vec::new());
    for number in 0..kills() {
        place.reset();
        if number % 2 == 0 {
            // Every other run has to fetch.
            let _ = std::fs::remove_dir_all(place.path("cache").join("objects"));
        }
        let mut child = place.start();
        if number % 3 == 0 {
            let moment = number / 3 % 5;
            while !place.has_come(moment) && child.try_wait().unwrap().is_none() {}
        } else {
            let part = u32::try_from(number * 37 % 100).unwrap();
            std::thread::sleep(whole * part / 100);
        }
        done += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        torn.extend(place.elements.iter().filter(|name| ![&old, &new].contains(&&place.project.read(name))).cloned());
    }
    let after = place.strays().counts();
    place.a_day_later();
    place.reset();
    // It has to fetch: a run that needs no temporary folder looks after none.
    let objects = place.path("cache").join("objects");
    for entry in
        std::fs::read_dir(objects).into_iter().flatten().map(Result::unwrap).filter(|entry| entry.path().is_dir())
    {
        std::fs::remove_dir_all(entry.path()).unwrap();
    }
    assert!(place.start().wait().unwrap().success(), "the next run ends the work");
    let later = place.strays();
    eprintln!(
        "{done} of {} runs killed before their end; strays in checkout, .git, cache, temporary folder: {after:?}, after the next run: {:?}",
        kills(),
        later.counts()
    );
    assert!(torn.is_empty(), "{torn:?}");
    assert!(done * 3 > kills(), "most runs were over before they were killed");
    assert_eq!(after[0], 0, "a `git add` would find it");
    // The partial files of a part of the cache go when something is written there again.
    assert_eq!(later.counts(), [0; 4], "{later:?}");
    assert!(place.elements.iter().all(|name| place.project.read(name) == new));
}

/// Waits until something is there.
fn wait_for(what: &str, mut is_there: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_there() {
        assert!(begin.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_signal_ends_a_run_and_leaves_no_temporary_folder() {
    for signal in ["TERM", "INT"] {
        let place = Place::new(2);
        place.server.fault(Fault::StallInPack);
        let mut child = place.start();
        wait_for("a pack begins", || place.server.packs() > 0 && !files_below(&place.path("tmp")).is_empty());
        let begin = Instant::now();
        std::process::Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().unwrap();
        let status = child.wait().unwrap();
        let mut said = String::new();
        std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut said).unwrap();
        let took = begin.elapsed();
        eprintln!("SIG{signal}: {status}, {took:?}, strays {:?}, {said:?}", place.strays().counts());
        assert_eq!(place.strays().counts(), [0; 4], "{:?}", place.strays());
        assert!(status.code().is_some_and(|code| code != 0) && said.contains("every file is whole"), "{status} {said}");
        assert!(took < Duration::from_secs(10), "{took:?}");
    }
}
