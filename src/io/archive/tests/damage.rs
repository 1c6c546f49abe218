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
