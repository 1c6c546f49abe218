//! The cache of downloads: what is kept, what is believed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::*;

const URL: &str = "https://example.org/a.tar.gz";

fn sha(bytes: &[u8]) -> String {
    hex(Sha256::new_with_prefix(bytes))
}

fn serves(bytes: &[u8]) -> impl Fn(&str, u64, &mut dyn Write) -> Result<u64, io::Error> {
    let bytes = bytes.to_vec();
    move |_, _, out| {
        out.write_all(&bytes)?;
        Ok(bytes.len() as u64)
    }
}

fn no_fetch(_: &str, _: u64, _: &mut dyn Write) -> Result<u64, String> {
    panic!("the network was used")
}

fn content(mut file: File) -> Vec<u8> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).unwrap();
    bytes
}

fn put(path: &Path, bytes: &[u8]) {
    File::create(path).unwrap().write_all(bytes).unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn second_open_does_not_use_the_network_and_neither_does_another_process() {
    let folder = TempDir::new().unwrap();
    let downloads = Downloads::new(Some(folder.path().join("deep/er")), false);
    assert_eq!(content(downloads.open(URL, &sha(b"one"), 10, &serves(b"one")).unwrap()), b"one");
    assert_eq!(content(downloads.open(URL, &sha(b"one"), 10, &no_fetch).unwrap()), b"one");
    let other = Downloads::new(Some(folder.path().join("deep/er")), true);
    assert_eq!(content(other.open(URL, &sha(b"one"), 10, &no_fetch).unwrap()), b"one");
}

#[test]
fn damaged_entry_is_fetched_again() {
    let folder = TempDir::new().unwrap();
    let sha = sha(b"one");
    let downloads = Downloads::new(Some(folder.path().to_owned()), false);
    for damage in [&b"onE"[..], b"", b"one more"] {
        put(&folder.path().join(&sha), damage);
        assert_eq!(content(downloads.open(URL, &sha, 10, &serves(b"one")).unwrap()), b"one");
        assert_eq!(content(File::open(folder.path().join(&sha)).unwrap()), b"one");
    }
}

#[test]
fn damaged_entry_is_an_error_offline() {
    let folder = TempDir::new().unwrap();
    put(&folder.path().join(sha(b"one")), b"two");
    let downloads = Downloads::new(Some(folder.path().to_owned()), true);
    let error = downloads.open(URL, &sha(b"one"), 10, &no_fetch).unwrap_err().to_string();
    assert!(error.contains(URL) && error.contains(&sha(b"one")), "{error}");
}

#[test]
fn wrong_file_is_named_with_both_sums_and_not_kept() {
    let folder = TempDir::new().unwrap();
    let downloads = Downloads::new(Some(folder.path().to_owned()), false);
    let error = downloads.open(URL, &sha(b"one"), 10, &serves(b"two")).unwrap_err().to_string();
    assert!(error.contains(&sha(b"one")) && error.contains(&sha(b"two")), "{error}");
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn failures_leave_nothing_behind_and_the_next_try_works() {
    let folder = TempDir::new().unwrap();
    let downloads = Downloads::new(Some(folder.path().to_owned()), false);
    let breaks = |_: &str, _: u64, out: &mut dyn Write| -> Result<u64, String> {
        out.write_all(b"on").map_err(|e| e.to_string())?;
        Err("reset by peer".to_owned())
    };
    let lies = |_: &str, _: u64, _: &mut dyn Write| -> Result<u64, String> { Ok(3) };
    let sha = sha(b"one");
    assert!(matches!(downloads.open(URL, &sha, 10, &breaks), Err(DownloadError::Fetch { .. })));
    assert!(matches!(downloads.open(URL, &sha, 10, &lies), Err(DownloadError::Fetch { .. })));
    assert!(matches!(downloads.open(URL, &sha, 2, &serves(b"one")), Err(DownloadError::TooLarge { .. })));
    assert_eq!(names(folder.path()), Vec::<String>::new());
    assert_eq!(content(downloads.open(URL, &sha, 3, &serves(b"one")).unwrap()), b"one");
    assert_eq!(names(folder.path()), [sha]);
}

#[test]
fn entry_over_the_limit_is_not_handed_out() {
    let folder = TempDir::new().unwrap();
    put(&folder.path().join(sha(b"one")), b"one");
    let downloads = Downloads::new(Some(folder.path().to_owned()), true);
    assert!(downloads.open(URL, &sha(b"one"), 2, &no_fetch).is_err());
    assert!(downloads.open(URL, &sha(b"one"), 3, &no_fetch).is_ok());
}

#[test]
fn many_threads_download_once() {
    for folder in [None, Some(TempDir::new().unwrap())] {
        let downloads = Downloads::new(folder.as_ref().map(|folder| folder.path().to_owned()), false);
        let fetched = AtomicUsize::new(0);
        let fetch = |_: &str, _: u64, out: &mut dyn Write| -> Result<u64, io::Error> {
            fetched.fetch_add(1, Ordering::SeqCst);
            thread::yield_now();
            out.write_all(b"one")?;
            Ok(3)
        };
        let sha = sha(b"one");
        thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    assert_eq!(content(downloads.open(URL, &sha, 10, &fetch).unwrap()), b"one");
                });
            }
        });
        assert_eq!(fetched.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn processes_that_share_a_folder_do_not_disturb_each_other() {
    let folder = TempDir::new().unwrap();
    let bytes = vec![7; 1 << 20];
    let sha = sha(&bytes);
    thread::scope(|scope| {
        for _ in 0..8 {
            // A value of its own has no lock in common, as another process.
            scope.spawn(|| {
                let downloads = Downloads::new(Some(folder.path().to_owned()), false);
                assert!(content(downloads.open(URL, &sha, 2 << 20, &serves(&bytes)).unwrap()) == bytes);
            });
        }
    });
    assert_eq!(names(folder.path()), [sha]);
}

#[test]
fn file_handed_out_stays_what_it_was_when_the_entry_is_replaced() {
    let folder = TempDir::new().unwrap();
    let downloads = Downloads::new(Some(folder.path().to_owned()), false);
    let file = downloads.open(URL, &sha(b"one"), 10, &serves(b"one")).unwrap();
    let swap = folder.path().join("swap");
    put(&swap, b"evil");
    fs::rename(&swap, folder.path().join(sha(b"one"))).unwrap();
    assert_eq!(content(file), b"one");
}

#[test]
fn checksum_is_never_a_path() {
    let downloads = Downloads::new(None, true);
    let upper = sha(b"one").to_uppercase();
    for wrong in ["", "../../etc/passwd", "abc", &upper, &"g".repeat(64)] {
        let error = downloads.open(URL, wrong, 10, &no_fetch).unwrap_err();
        assert!(matches!(error, DownloadError::Checksum { .. }), "{wrong}");
    }
}

#[test]
fn folder_of_the_run_is_removed() {
    let downloads = Downloads::new(None, false);
    drop(downloads.open(URL, &sha(b"one"), 10, &serves(b"one")).unwrap());
    let path = downloads.path().unwrap();
    assert!(path.exists());
    drop(downloads);
    assert!(!path.exists());
}

#[test]
fn secrets_of_a_url_are_not_shown() {
    let url = "https://me:hunter2@example.org/a%20b?token=hunter2#x";
    let downloads = Downloads::new(None, true);
    let error = downloads.open(url, &sha(b"one"), 10, &no_fetch).unwrap_err().to_string();
    assert!(error.contains("https://example.org/a%20b") && !error.contains("hunter2"), "{error}");
}
