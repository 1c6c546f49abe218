use super::*;

fn with(change: impl FnOnce(&mut ArchiveLimits)) -> ArchiveLimits {
    let mut limits = limits();
    change(&mut limits);
    limits
}

#[track_caller]
fn over(bytes: &[u8], limits: &ArchiveLimits, what: &str) {
    let found = read(Cursor::new(bytes), None, &["Cargo.lock"], limits);
    let Err(ArchiveError::Limit { what: got, .. }) = &found else {
        panic!("no limit was met: {found:?}");
    };
    assert!(got.contains(what), "{got}");
}

#[test]
fn bomb_is_stopped_by_its_ratio() {
    for pack in [gzip, bzip2, |b: &[u8]| xz(b, 0), zstd] {
        let bomb = pack(&Tar::new().file("p/zeros", &vec![0; 40 << 20]).file("p/Cargo.lock", LOCK).end());
        over(&bomb, &with(|limits| limits.ratio = 50), "packed byte");
    }
}

#[test]
fn unpacked_size_packed_size_and_time_are_bounded() {
    let archive = gzip(&release().end());
    over(&archive, &with(|limits| limits.unpacked = 2000), "unpacked");
    over(&archive, &with(|limits| limits.compressed = 20), "in its file");
    over(&archive, &with(|limits| limits.time = Duration::ZERO), "seconds");
    let long = with(|limits| limits.time = Duration::MAX);
    assert!(read(Cursor::new(&archive), None, &["Cargo.lock"], &long).is_ok());
}

#[test]
fn streams_without_data_do_not_outlast_the_time() {
    let archive = gzip(b"").repeat(200_000);
    over(&archive, &with(|limits| limits.time = Duration::ZERO), "seconds");
}

#[test]
fn entries_names_depth_and_the_wanted_file_are_bounded() {
    let many = (0..50).fold(Tar::new(), |tar, n| tar.file(&format!("p/{n}"), b""));
    over(&many.end(), &with(|limits| limits.entries = 40), "entries");
    let deep = "d/".repeat(200) + "x";
    over(&Tar::new().entry(Form::Pax, &deep, b'0', "", b"").end(), &limits(), "folders");
    let long = "n".repeat(5000);
    over(&Tar::new().entry(Form::Pax, &long, b'0', "", b"").end(), &limits(), "name");
    over(&Tar::new().entry(Form::Gnu, &long, b'0', "", b"").end(), &limits(), "extension");
    over(&release().end(), &with(|limits| limits.member = 3), "wanted file");
}

#[test]
fn pax_header_of_a_gigabyte_is_not_read() {
    let archive = Tar::new().raw(&header(b"pax", b'x', 1 << 30, b""), b"").end();
    over(&archive, &limits(), "extension");
}

#[test]
fn sizes_near_the_largest_number_do_not_overflow() {
    let mut block = header(b"p/x", b'0', 0, b"");
    block[124..136].copy_from_slice(b"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff");
    seal(&mut block);
    refused(tar(&Tar::new().raw(&block, b"").end()), "p/x");
    block[125] = 1;
    seal(&mut block);
    refused(tar(&Tar::new().raw(&block, b"").end()), "too large");
}
