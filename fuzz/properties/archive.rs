//! No bytes of an archive make the reader panic or run away, and it gives each path the same answer alone and among others.

use cargo2_bot::io::archive::{self, ArchiveError, ArchiveLimits, Member};
use std::io::Cursor;
use std::time::Duration;

const WANTED: [&str; 2] = ["Cargo.lock", "a/Cargo.lock"];

/// The property.
pub(crate) fn holds(input: (u8, &[u8])) {
    let (choice, bytes) = input;
    let limits = ArchiveLimits {
        unpacked: 1 << 20,
        entries: 256,
        member: 1 << 16,
        window: 1 << 20,
        time: Duration::from_secs(5),
        ..ArchiveLimits::default()
    };
    let base = [None, Some(""), Some("p*"), Some("a/b")][usize::from(choice) % 4];
    let read = |wanted: &[&str]| -> Result<Vec<Member>, ArchiveError> {
        archive::read(Cursor::new(bytes), base, wanted, &limits)
    };
    if let Ok(all) = read(&WANTED) {
        for (path, member) in WANTED.iter().zip(&all) {
            assert!(!matches!(member, Member::File(bytes) if bytes.len() as u64 > limits.member));
            assert_eq!(read(&[path]).as_deref().ok(), Some(std::slice::from_ref(member)), "{path}");
        }
    }
    if let Ok(listed) = archive::list(Cursor::new(bytes), &limits, |_, _| (16, ())) {
        assert!(listed.len() as u64 <= limits.entries);
        assert!(listed.iter().all(|entry| entry.start.len() <= 16));
    }
}
