use super::*;

#[test]
fn headers_that_contradict_each_other_are_refused() {
    let entry = header(b"p/Cargo.lock", b'0', LOCK.len() as u64, b"");
    let bad = [
        Tar::new().gnu_long(b'L', "p/a").pax(&[("path", b"p/b")]).raw(&entry, LOCK),
        Tar::new().gnu_long(b'L', "p/a").gnu_long(b'L', "p/b").raw(&entry, LOCK),
        Tar::new().pax(&[("path", b"p/a")]).pax(&[("path", b"p/b")]).raw(&entry, LOCK),
        Tar::new().pax(&[("path", b"p/a"), ("path", b"p/b")]).raw(&entry, LOCK),
        Tar::new().pax(&[("path", b"")]).raw(&entry, LOCK),
        Tar::new().pax(&[("path", b"p/a\0b")]).raw(&entry, LOCK),
        Tar::new().pax(&[("size", b"0x10")]).raw(&entry, LOCK),
        Tar::new().pax(&[("size", b"512"), ("GNU.sparse.major", b"1")]).raw(&entry, LOCK),
        Tar::new().records(b'g', &[("path", b"p/a")]).raw(&entry, LOCK),
        Tar::new().records(b'g', &[("size", b"5")]).raw(&entry, LOCK),
        Tar::new().gnu_long(b'L', "p/a").records(b'g', &[("comment", b"x")]).raw(&entry, LOCK),
        Tar::new().gnu_long(b'L', "p/a"),
    ];
    for (number, archive) in bad.into_iter().enumerate() {
        assert!(matches!(tar(&archive.end()), Err(ArchiveError::Corrupt { .. })), "{number}");
    }
}

#[test]
fn malformed_pax_records_are_refused() {
    for records in
        [&b"8 path=a\n"[..], b"path=a\n", b"11 path=a\n", b"4 =\n", b"99999999999999999999 a=b\n", b"5 a=b\0"]
    {
        let block = header(b"pax", b'x', records.len() as u64, b"");
        refused(tar(&Tar::new().raw(&block, records).file("p/Cargo.lock", LOCK).end()), "pax");
    }
    let right = record("path", b"p/x");
    let block = header(b"pax", b'x', right.len() as u64, b"");
    let more = [right, record("path", b"p/Cargo.lock")].concat();
    refused(tar(&Tar::new().raw(&block, &more).file("p/y", LOCK).end()), "more than its length");
}

#[test]
fn size_in_a_pax_header_moves_the_next_header() {
    let archive = Tar::new()
        .pax(&[("size", b"1024")])
        .raw(&header(b"p/x", b'0', 0, b""), &[0; 1024])
        .file("p/Cargo.lock", LOCK)
        .end();
    assert_eq!(tar(&archive).unwrap(), lock());
}

#[test]
fn damaged_header_is_not_taken_for_the_end() {
    let mut archive = release().end();
    // The header of the lock: folder, file with six blocks of data.
    archive[512 + 512 + 6 * 512] ^= 1;
    refused(tar(&archive), "checksum");
    let mut number = header(b"p/x", b'0', 0, b"");
    number[100..108].copy_from_slice(b"rubbish\0");
    seal(&mut number);
    refused(tar(&Tar::new().raw(&number, b"").file("p/Cargo.lock", LOCK).end()), "malformed");
}

#[test]
fn archive_may_end_without_zeros_but_only_at_a_block() {
    assert_eq!(tar(&release().bytes).unwrap(), lock());
    let bytes = release().bytes;
    assert!(tar(&bytes[..bytes.len() - 1]).is_err());
}

/// A right entry after one change.
fn changed(change: impl FnOnce(&mut ZipEntry)) -> Result<Member, ArchiveError> {
    let mut entry = ZipEntry::deflated("p/Cargo.lock", LOCK);
    change(&mut entry);
    unzip(&[entry])
}

#[test]
fn headers_of_a_zip_that_contradict_each_other_are_refused() {
    refused(changed(|entry| entry.central_crc = Some(1)), "contradicts");
    refused(changed(|entry| entry.central_flags = Some(0x800)), "contradicts");
    refused(changed(|entry| entry.crc = 1), "checksum");
    refused(changed(|entry| entry.size = 5), "length");
    refused(changed(|entry| entry.size = 50), "length");
    refused(changed(|entry| entry.flags = 1), "encrypted");
    refused(changed(|entry| entry.method = 99), "99");
    let other = changed(|entry| {
        entry.central_name = Some(entry.name.clone());
        entry.name = b"p/cargo.lock".to_vec();
    });
    refused(other, "contradicts");
}

#[test]
fn wide_numbers_and_sizes_behind_the_data_are_read() {
    assert_eq!(changed(|entry| entry.wide = true).unwrap(), lock());
    assert_eq!(changed(|entry| entry.descriptor = true).unwrap(), lock());
    let both = changed(|entry| (entry.wide, entry.descriptor) = (true, true));
    assert_eq!(both.unwrap(), lock());
}

#[test]
fn zip_entries_that_share_their_data_are_refused() {
    let mut bytes = zip(&[ZipEntry::stored("p/Cargo.lock", LOCK), ZipEntry::stored("p/Cargo.lock", LOCK)]);
    let second = u32::try_from(30 + 12 + LOCK.len()).unwrap();
    let at = bytes.windows(4).rposition(|window| window == second.to_le_bytes()).unwrap();
    bytes[at..at + 4].fill(0);
    refused(one(&bytes, ArchiveKind::Zip, "*", "Cargo.lock"), "same data");
}

#[test]
fn zip_may_follow_other_bytes_but_not_be_followed() {
    let bytes = zip(&[ZipEntry::stored("p/Cargo.lock", LOCK)]);
    let found = one(&[b"#!/bin/sh\n", &bytes[..]].concat(), ArchiveKind::Zip, "*", "Cargo.lock");
    assert_eq!(found.unwrap(), lock());
    refused(one(&[&bytes[..], b"x"].concat(), ArchiveKind::Zip, "*", "Cargo.lock"), "directory");
    refused(one(b"", ArchiveKind::Zip, "*", "Cargo.lock"), "end record");
}

#[test]
fn zip_names_without_the_flag_are_code_page_437() {
    let entry = ZipEntry { name: b"p/\x81".to_vec(), ..ZipEntry::stored("p/x", LOCK) };
    assert_eq!(one(&zip(&[entry]), ArchiveKind::Zip, "*", "ü").unwrap(), lock());
    let entry = ZipEntry { name: b"p/\x81".to_vec(), flags: 0x800, ..ZipEntry::stored("p/x", LOCK) };
    refused(one(&zip(&[entry]), ArchiveKind::Zip, "*", "ü"), "UTF-8");
}

#[test]
fn no_damage_to_a_zip_makes_another_lock_or_a_panic() {
    let right = zip(&[ZipEntry::deflated("p/a", b"aaaa"), ZipEntry::deflated("p/Cargo.lock", LOCK)]);
    for at in 0..right.len() {
        for bit in [1, 0x10, 0x80] {
            let mut broken = right.clone();
            broken[at] ^= bit;
            if let Ok(Member::File(content)) = one(&broken, ArchiveKind::Zip, "*", "Cargo.lock") {
                assert_eq!(content, LOCK, "at {at}");
            }
        }
        let _ = one(&right[..at], ArchiveKind::Zip, "*", "Cargo.lock");
    }
}
