//! The real index, queried only where `CARGO2_BOT_REAL_INDEX=1` is set: what it holds changes, and CI needs no network.

#![allow(clippy::disallowed_methods, clippy::print_stderr, reason = "requested by the environment, and reported there")]

use super::super::crates;
use super::super::http::{HttpSettings, Trust};
use super::*;
use crate::review::evidence::ArchiveNeed;

/// Looks up `names`, prints what it cost, and gives back what was found.
async fn timed(
    index: &Index,
    what: &str,
    names: &BTreeSet<String>,
) -> BTreeMap<String, Result<IndexCrate, IndexError>> {
    let start = Instant::now();
    let found = index.lookup(names).await;
    let versions: usize = found.values().flatten().map(|found| found.versions.len()).sum();
    eprintln!("{what}: {} names, {versions} versions, {:?}", names.len(), start.elapsed());
    found
}

#[tokio::test]
async fn the_real_index_knows_serde_and_not_what_nobody_named() {
    if std::env::var("CARGO2_BOT_REAL_INDEX").is_err() {
        eprintln!("skipped: CARGO2_BOT_REAL_INDEX is not set");
        return;
    }
    // A mirror may be inside the network.
    let host = CRATES_IO.trim_start_matches("sparse+https://").trim_end_matches('/').to_owned();
    let trust = Trust { prefixes: Vec::new(), hosts: vec![host] };
    let http = HttpClient::new(HttpSettings { trust, ..HttpSettings::default() }).unwrap();
    let cache = tempfile::tempdir().unwrap();
    let settings =
        |offline| IndexSettings { cache: Some(cache.path().to_owned()), offline, ..IndexSettings::default() };
    let names: BTreeSet<String> = ["serde", "libc", "cc2-no-such-crate"].map(str::to_owned).into();
    let first = timed(&Index::new(http.clone(), settings(false)), "cold", &names).await;
    let index = Index::new(http.clone(), settings(false));
    assert_eq!(timed(&index, "kept", &names).await, first);
    let folder = cache.path().join("index").read_dir().unwrap().next().unwrap().unwrap().path();
    for file in folder.read_dir().unwrap().flatten() {
        eprintln!("{:?}: {} bytes", file.file_name(), file.metadata().unwrap().len());
    }
    assert!(first["cc2-no-such-crate"].as_ref().unwrap().versions.is_empty());
    let serde = first["serde"].as_ref().unwrap().version("1.0.228").unwrap().clone();
    assert!(serde.published.is_some() && !serde.yanked);
    let wanted = [ArchiveNeed { name: "serde".to_owned(), before: None, after: (serde.version, serde.checksum) }];
    let start = Instant::now();
    let facts = crates::archives(&index, &wanted, crates::Budget::default()).await.facts;
    eprintln!("archive: {:?}: {facts:?}", start.elapsed());
    assert!(facts.values().all(|found| found.as_ref().is_ok_and(|facts| facts.build_script)));
}
