use super::*;

type Pack = fn(&[u8]) -> Vec<u8>;

fn all() -> [(&'static str, Pack); 5] {
    [("none", <[u8]>::to_vec), ("gzip", gzip), ("bzip2", bzip2), ("xz", |b| xz(b, 6)), ("zstd", zstd)]
}

#[test]
fn every_compression_is_recognised_by_its_first_bytes() {
    for (name, pack) in all() {
        assert_eq!(tar(&pack(&release().end())).unwrap(), lock(), "{name}");
    }
}

#[test]
fn streams_one_after_the_other_are_one_archive() {
    let archive = release().end();
    for (name, pack) in all() {
        for cut in [1, 512, 1500, archive.len() - 1] {
            let (front, back) = archive.split_at(cut);
            assert_eq!(tar(&[pack(front), pack(back)].concat()).unwrap(), lock(), "{name} {cut}");
        }
    }
}

#[test]
fn every_cut_is_noticed() {
    let archive = release().end();
    for (name, pack) in all() {
        let packed = pack(&archive);
        // A plain tar may end without its zeros.
        let end = if name == "none" { archive.len() - 1025 } else { packed.len() };
        for cut in (0..end).step_by(1 + packed.len() / 400) {
            let found = tar(&packed[..cut]);
            let boundary = name == "none" && cut % 512 == 0;
            assert!(found.is_err() || boundary, "{name} cut at {cut} of {}: {found:?}", packed.len());
        }
    }
}

#[test]
fn no_flipped_bit_changes_the_lock() {
    let archive = release().end();
    for (name, pack) in all().into_iter().skip(1) {
        let packed = pack(&archive);
        for at in 0..packed.len() {
            let mut broken = packed.clone();
            broken[at] ^= 0x10;
            if let Ok(found) = tar(&broken) {
                // The encoder writes zstd frames with a checksum; gzip's header has times that do not matter.
                assert_eq!(found, lock(), "{name} at {at}");
            }
        }
    }
}

#[test]
fn bytes_behind_the_data_are_what_python_makes_of_them() {
    let archive = release().end();
    assert_eq!(tar(&[gzip(&archive), vec![0; 1000]].concat()).unwrap(), lock());
    refused(tar(&[gzip(&archive), b"junk".to_vec()].concat()), "after the gzip data");
    for pack in [bzip2, |b: &[u8]| xz(b, 1), zstd] {
        assert_eq!(tar(&[pack(&archive), b"junk".to_vec()].concat()).unwrap(), lock());
    }
}

#[test]
fn zstd_frames_without_data_are_passed_over() {
    let frame = [&b"\x51\x2a\x4d\x18\x05\0\0\0"[..], b"hello"].concat();
    assert_eq!(tar(&[frame.clone(), zstd(&release().end()), frame].concat()).unwrap(), lock());
}

#[test]
fn zstd_checksum_is_compared() {
    let mut packed = zstd(&release().end());
    assert_ne!(packed[4] & 4, 0, "the frame has a checksum");
    let last = packed.len() - 1;
    packed[last] ^= 1;
    refused(tar(&packed), "checksum");
}

#[test]
fn dictionary_beyond_the_limit_is_refused_before_it_is_allocated() {
    let packed = xz(&release().end(), 9);
    let small = ArchiveLimits { window: 8 << 20, ..limits() };
    let found = read(Cursor::new(&packed), None, &["Cargo.lock"], &small);
    assert!(matches!(found, Err(ArchiveError::Unreadable(_))), "{found:?}");
    assert_eq!(tar(&packed).unwrap(), lock());
    // A zstd frame that asks for a window of 2 GiB.
    let found = tar(b"\x28\xb5\x2f\xfd\x00\xa8\x01\0\0\0\0\0\0\0\0\0");
    assert!(matches!(found, Err(ArchiveError::Unreadable(_))), "{found:?}");
}

#[test]
fn old_lzma_lzip_and_nothing_are_named() {
    refused(tar(b"LZIP\x01\x0c..."), "lzip");
    refused(tar(b"\x5d\0\0\x80\0..."), "old lzma");
    refused(tar(b""), "cut short");
    refused(tar(b"<html>not found</html>"), "cut short");
    refused(tar(&[b'<'; 2000]), "not a tar");
}
