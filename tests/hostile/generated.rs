//! Generated locks: the base64 of a lock in the element.

use crate::case::Must::{Find, Pass};
use crate::lab::{CRATES, Ended, Lab};
use crate::support::lock;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};

cases! {
    a_right_one: "the base64 of a right lock" => Pass("1 regenerated"), |lab| generated(lab, &encoded(lock(CRATES)));
    no_base64: "characters that are not base64" => Find("lock-unreadable", "the generated lock is not base64: Invalid symbol 37, offset 0."), |lab| generated(lab, "'%%%%'");
    half_a_group: "a group of base64 that is cut" => Find("lock-unreadable", "the generated lock is not base64: Invalid padding"), |lab| generated(lab, "dmVyc2lvbg=");
    bits_behind_the_end: "base64 whose last bits are not zero" => Find("lock-unreadable", "the generated lock is not base64: Invalid last symbol 104, offset 9."), |lab| generated(lab, "dmVyc2lvbh==");
    no_padding: "base64 without its padding" => Find("lock-unreadable", "the generated lock is not base64: Invalid padding"), |lab| generated(lab, &padless());
    padding_inside: "two texts of base64, one behind the other" => Find("lock-unreadable", "the generated lock is not base64: Invalid symbol 61, offset 2."), |lab| generated(lab, "dg==dg==");
    another_alphabet: "base64 of the alphabet for URLs" => Find("lock-unreadable", "the generated lock is not base64: Invalid symbol 95, offset 4."), |lab| generated(lab, &URL_SAFE.encode(b"# \xfb\xff\xfe\n"));
    lines_in_it: "base64 in lines" => Pass("1 regenerated"), |lab| generated(lab, &lines());
    characters_that_are_not_seen: "base64 with a space of no width in it" => Find("lock-unreadable", "the generated lock is not base64: Invalid symbol 226, offset 0."), |lab| generated(lab, &format!("\u{200b}{}", encoded(lock(CRATES))));
    bytes_in_it: "the base64 of bytes that are no text" => Find("lock-unreadable", "the lock is not UTF-8 at byte 0"), |lab| generated(lab, &encoded([0xff, 0xfe, 0xfd]));
    commands_in_it: "the base64 of commands for the runner" => Find("lock-unreadable", "the lock cannot be read: key with no value, expected `="), |lab| generated(lab, &encoded("::error::x\n\u{1b}[2J"));
    base64_in_base64: "the base64 of base64" => Find("lock-unreadable", "the lock cannot be read: extra `=`, expected nothing"), |lab| generated(lab, &encoded(encoded(lock(CRATES))));
    nothing_in_it: "a generated lock of no bytes" => Find("cannot-evaluate", "cannot be determined: it has no `ref`"), |lab| generated(lab, "''");
    megabytes_in_it: "the base64 of seventeen megabytes" => Find("lock-unreadable", "the lock cannot be read: the lock has 17825795 bytes; more than"), |lab| generated(lab, &encoded(format!("# {}\n", "x".repeat(17 << 20))));
    a_list_in_its_place: "a list in the place of the base64" => Find("cannot-evaluate", "cannot be determined: `ref` is not text"), |lab| generated(lab, "[dg==]");
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

fn padless() -> String {
    let text =
        ["", "\n", "\n\n"].map(|end| format!("{}{end}", lock(CRATES))).into_iter().find(|text| text.len() % 3 != 0);
    STANDARD_NO_PAD.encode(text.unwrap())
}

/// Lines of 76 characters, as some programs write it.
fn lines() -> String {
    let all = encoded(lock(CRATES));
    let lines = all.as_bytes().chunks(76).map(|line| format!("\n    {}", str::from_utf8(line).unwrap()));
    format!("|{}", lines.collect::<String>())
}

fn generated(lab: &Lab, base64: &str) -> Ended {
    let git = "- kind: git_repo\n  url: https://git.example/up.git\n  ref: 1111111111111111111111111111111111111111\n";
    lab.write(
        "elements/a.bst",
        format!("kind: make\nsources:\n{git}- kind: gen_cargo_lock\n  ref: {base64}\n- kind: cargo2\n  ref: []\n"),
    );
    lab.run(&["--offline", "regenerate"])
}
