//! The cache of downloads: what is kept, what is believed.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use tempfile::TempDir;
use tower::{BoxError, service_fn};

use super::super::http::{Body, Exchange, HttpSettings};
use super::*;

const URL: &str = "https://example.org/a.tar.gz";

fn sha(bytes: &[u8]) -> String {
    hex(Sha256::new_with_prefix(bytes))
}

/// A client in whose place of the network `content` answers.
fn client(content: impl Fn() -> Body + Send + Sync + 'static) -> HttpClient {
    let content = Arc::new(content);
    let exchange = service_fn(move |_: http::Request<Full<Bytes>>| {
        let content = content.clone();
        async move { Ok::<_, BoxError>(http::Response::new(content())) }
    });
    let backoff = std::time::Duration::from_millis(1);
    HttpClient::over(Exchange::new(exchange), HttpSettings { backoff, ..HttpSettings::default() })
}

fn serves(bytes: &[u8]) -> HttpClient {
    let bytes = Bytes::copy_from_slice(bytes);
    client(move || Full::new(bytes.clone()).map_err(|never| match never {}).boxed())
}

/// Sends a part and breaks off.
fn breaks() -> HttpClient {
    client(|| {
        let part: Vec<Result<Frame<Bytes>, BoxError>> =
            vec![Ok(Frame::data(Bytes::from_static(b"on"))), Err("reset by peer".into())];
        StreamBody::new(futures_util::stream::iter(part)).boxed()
    })
}

fn no_network() -> HttpClient {
    client(|| panic!("the network was used"))
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

#[tokio::test]
async fn second_open_does_not_use_the_network_and_neither_does_another_process() {
    let folder = TempDir::new().unwrap();
    let downloads = Downloads::new(Some(folder.path().join("deep/er")), false);
    assert_eq!(content(downloads.open(&serves(b"one"), URL, &sha(b"one"), 10).await.unwrap()), b"one");
    assert_eq!(content(downloads.open(&no_network(), URL, &sha(b"one"), 10).await.unwrap()), b"one");
    let other = Downloads::new(Some(folder.path().join("deep/er")), true);
    assert_eq!(content(other.open(&no_network(), URL, &sha(b"one"), 10).await.unwrap()), b"one");
}

#[tokio::test]
async fn damaged_entry_is_fetched_again() {
    let folder = TempDir::new().unwrap();
    let sha = sha(b"one");
    let downloads = Downloads::new(Some(folder.path().to_owned()), false);
    for damage in [&b"onE"[..], b"", b"one more"] {
        put(&folder.path().join(&sha), damage);
        assert_eq!(content(downloads.open(&serves(b"one"), URL, &sha, 10).await.unwrap()), b"one");
        assert_eq!(content(File::open(folder.path().join(&sha)).unwrap()), b"one");
    }
}

#[tokio::test]
async fn damaged_entry_is_an_error_offline() {
    let folder = TempDir::new().unwrap();
    put(&folder.path().join(sha(b"one")), b"two");
    let downloads = Downloads::new(Some(folder.path().to_owned()), true);
    let error = downloads.open(&no_network(), URL, &sha(b"one"), 10).await.unwrap_err().to_string();
    assert!(error.contains(URL) && error.contains(&sha(b"one")), "{error}");
}

#[tokio::test]
async fn wrong_file_is_named_with_both_sums_and_not_kept() {
    let folder = TempDir::new().unwrap();
    let downloads = Downloads::new(Some(folder.path().to_owned()), false);
    let error = downloads.open(&serves(b"two"), URL, &sha(b"one"), 10).await.unwrap_err().to_string();
    assert!(error.contains(&sha(b"one")) && error.contains(&sha(b"two")), "{error}");
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[tokio::test]
async fn failures_leave_nothing_behind_and_the_next_try_works() {
    let folder = TempDir::new().unwrap();
    let downloads = Downloads::new(Some(folder.path().to_owned()), false);
    let sha = sha(b"one");
    assert!(matches!(downloads.open(&breaks(), URL, &sha, 10).await, Err(DownloadError::Fetch { .. })));
    assert!(matches!(downloads.open(&serves(b"one"), URL, &sha, 2).await, Err(DownloadError::TooLarge { .. })));
    assert_eq!(names(folder.path()), Vec::<String>::new());
    assert_eq!(content(downloads.open(&serves(b"one"), URL, &sha, 3).await.unwrap()), b"one");
    assert_eq!(names(folder.path()), [sha]);
}

#[tokio::test]
async fn entry_over_the_limit_is_not_handed_out() {
    let folder = TempDir::new().unwrap();
    put(&folder.path().join(sha(b"one")), b"one");
    let downloads = Downloads::new(Some(folder.path().to_owned()), true);
    assert!(downloads.open(&no_network(), URL, &sha(b"one"), 2).await.is_err());
    assert!(downloads.open(&no_network(), URL, &sha(b"one"), 3).await.is_ok());
}

#[tokio::test]
async fn many_tasks_download_once() {
    for folder in [None, Some(TempDir::new().unwrap())] {
        let downloads = Downloads::new(folder.as_ref().map(|folder| folder.path().to_owned()), false);
        let fetched = Arc::new(AtomicUsize::new(0));
        let count = fetched.clone();
        let http = client(move || {
            count.fetch_add(1, Ordering::SeqCst);
            Full::new(Bytes::from_static(b"one")).map_err(|never| match never {}).boxed()
        });
        let sha = sha(b"one");
        for file in join_all((0..16).map(|_| downloads.open(&http, URL, &sha, 10))).await {
            assert_eq!(content(file.unwrap()), b"one");
        }
        assert_eq!(fetched.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn processes_that_share_a_folder_do_not_disturb_each_other() {
    let folder = TempDir::new().unwrap();
    let bytes = vec![7; 1 << 20];
    let (sha, http) = (sha(&bytes), serves(&bytes));
    let process = || async {
        // A value of its own has no lock in common, as another process.
        let downloads = Downloads::new(Some(folder.path().to_owned()), false);
        assert!(content(downloads.open(&http, URL, &sha, 2 << 20).await.unwrap()) == bytes);
    };
    join_all((0..8).map(|_| process())).await;
    assert_eq!(names(folder.path()), [sha]);
}

#[tokio::test]
async fn file_handed_out_stays_what_it_was_when_the_entry_is_replaced() {
    let folder = TempDir::new().unwrap();
    let downloads = Downloads::new(Some(folder.path().to_owned()), false);
    let file = downloads.open(&serves(b"one"), URL, &sha(b"one"), 10).await.unwrap();
    let swap = folder.path().join("swap");
    put(&swap, b"evil");
    fs::rename(&swap, folder.path().join(sha(b"one"))).unwrap();
    assert_eq!(content(file), b"one");
}

#[tokio::test]
async fn checksum_is_never_a_path() {
    let downloads = Downloads::new(None, true);
    let upper = sha(b"one").to_uppercase();
    for wrong in ["", "../../etc/passwd", "abc", &upper, &"g".repeat(64)] {
        let error = downloads.open(&no_network(), URL, wrong, 10).await.unwrap_err();
        assert!(matches!(error, DownloadError::Checksum { .. }), "{wrong}");
    }
}

#[tokio::test]
async fn folder_of_the_run_is_removed() {
    let downloads = Downloads::new(None, false);
    drop(downloads.open(&serves(b"one"), URL, &sha(b"one"), 10).await.unwrap());
    let path = downloads.folders.all().pop().unwrap();
    assert!(path.exists());
    drop(downloads);
    assert!(!path.exists());
}

#[tokio::test]
async fn a_cache_that_cannot_be_written_costs_nothing_but_the_next_download() {
    let folder = TempDir::new().unwrap();
    put(&folder.path().join("file"), b"in the place of a folder");
    let downloads = Downloads::new(Some(folder.path().join("file/downloads")), false);
    assert_eq!(content(downloads.open(&serves(b"one"), URL, &sha(b"one"), 10).await.unwrap()), b"one");
    assert_eq!(content(downloads.open(&no_network(), URL, &sha(b"one"), 10).await.unwrap()), b"one");
    assert_eq!(names(folder.path()), ["file"]);
}

#[tokio::test]
async fn secrets_of_a_url_are_not_shown() {
    let url = "https://me:hunter2@example.org/a%20b?token=hunter2#x";
    let downloads = Downloads::new(None, true);
    let error = downloads.open(&no_network(), url, &sha(b"one"), 10).await.unwrap_err().to_string();
    assert!(error.contains("https://example.org/a%20b") && !error.contains("hunter2"), "{error}");
}
