//! Elements and the project's own file, as YAML.

use crate::case::Must::{Find, Pass, Refuse};
use crate::lab::{CRATES, Ended, Lab};
use crate::support::{block, lock};

cases! {
    aliases_that_double: "anchors of which each holds the one before nine times" => Find("element-unreadable", "anchors and tags are not read by BuildStream"), |lab| element(lab, bomb());
    an_anchor: "one anchor without an alias" => Find("element-unreadable", "anchors and tags are not read by BuildStream"), |lab| element(lab, tail("kind: &k make"));
    an_alias_of_itself: "a list that holds itself" => Find("element-unreadable", "anchors and tags are not read by BuildStream"), |lab| element(lab, tail("kind: make\npublic: &p [*p]"));
    a_merge_key: "a merge key without an anchor" => Pass("1 regenerated"), |lab| element(lab, tail("<<: {kind: make}"));
    flow_lists_without_an_end: "a hundred thousand opening brackets" => Find("element-unreadable", "recursion limit exceeded"), |lab| element(lab, tail(&format!("x: {}", "[".repeat(100_000))));
    braces_without_an_end: "a hundred thousand opening braces" => Find("element-unreadable", "collections nest too deeply"), |lab| element(lab, tail(&format!("x: {}", "{a: ".repeat(100_000))));
    deep_mappings: "mappings in mappings, two thousand deep" => Find("element-unreadable", "collections nest too deeply"), |lab| element(lab, tail(&deep(2000)));
    deep_lists_on_one_line: "fifty thousand dashes on one line" => Find("element-unreadable", "collections nest too deeply"), |lab| element(lab, tail(&format!("x:\n{}a", "- ".repeat(50_000))));
    a_key_that_is_there_twice: "the sources, twice" => Find("element-unreadable", "the key `sources` is defined twice in this mapping"), |lab| element(lab, format!("sources: []\n{}", tail("kind: make")));
    a_key_that_is_there_twice_by_escapes: "a key twice, once with an escape" => Find("element-unreadable", "the key `kind` is defined twice in this mapping"), |lab| element(lab, tail("kind: make\n\"k\\x69nd\": manual"));
    a_tag_that_makes_objects: "a tag of Python's" => Find("element-unreadable", "anchors and tags are not read by BuildStream"), |lab| element(lab, tail("kind: !!python/object/apply:os.system [id]"));
    a_tag_for_bytes: "a tag for binary data" => Find("element-unreadable", "anchors and tags are not read by BuildStream"), |lab| element(lab, tail("kind: !!binary bWFrZQ=="));
    a_directive: "a directive for another version of YAML" => Find("element-unreadable", "directives are not read here"), |lab| element(lab, format!("%YAML 9.9\n---\n{}", tail("kind: make")));
    two_documents: "a second document" => Find("element-unreadable", "a second document begins here"), |lab| element(lab, format!("kind: make\n---\n{}", tail("kind: make")));
    a_list_as_a_key: "a key that is a list" => Find("element-unreadable", "a key that is not text"), |lab| element(lab, tail("? [a, b]\n: c"));
    next_line_in_a_comment: "a NEL that ends a comment for some readers" => Find("element-unreadable", "the file holds a character that ends a line for BuildStream alone"), |lab| element(lab, tail("kind: make # \u{85}sources: []"));
    line_separator_in_a_scalar: "a line separator in a scalar" => Find("element-unreadable", "the file holds a character that ends a line for BuildStream alone"), |lab| element(lab, tail("kind: make\u{2028}x: y"));
    a_nul_byte: "a NUL in a scalar" => Find("element-unreadable", "the file holds a NUL byte"), |lab| element(lab, tail("kind: ma\0ke"));
    a_byte_order_mark: "a byte order mark in front" => Pass("1 regenerated"), |lab| element(lab, format!("\u{feff}{}", tail("kind: make")));
    a_byte_order_mark_inside: "a byte order mark in the middle" => Find("element-unreadable", "a byte order mark must not appear inside a document"), |lab| element(lab, tail("kind: make\n\u{feff}x: y"));
    another_encoding: "UTF-16" => Find("element-unreadable", "the file is not UTF-8: line 1 holds the byte 0xff"), |lab| element(lab, utf16(&tail("kind: make")));
    bytes_that_are_no_text: "a byte that is not UTF-8" => Find("element-unreadable", "the file is not UTF-8: line 7 holds the byte 0xff"), |lab| element(lab, [tail("kind: make").as_bytes(), b"# \xff\n"].concat());
    a_tab_for_an_indent: "a tab as indentation" => Find("element-unreadable", "tabs disallowed within this context (block indentation)"), |lab| element(lab, tail("x:\n\ty: z"));
    carriage_returns_alone: "carriage returns as line ends" => Pass("1 regenerated"), |lab| element(lab, tail("kind: make").replace('\n', "\r"));
    a_scalar_of_megabytes: "a scalar of eight megabytes" => Pass("1 cargo2 block: 1 regenerated"), |lab| element(lab, tail(&format!("x: {}", "y".repeat(8 << 20))));
    an_element_of_many_megabytes: "an element of forty megabytes" => Find("element-unreadable", "the file has more than 33554432 bytes"), |lab| element(lab, tail(&format!("# {}", "y".repeat(40 << 20))));
    a_mapping_of_many_keys: "a hundred thousand keys" => Pass("1 cargo2 block: 1 regenerated"), |lab| element(lab, tail(&many_keys()));
    a_quote_without_an_end: "a quote that is never closed" => Find("element-unreadable", "invalid indentation in quoted scalar"), |lab| element(lab, tail("x: \"y"));
    an_escape_that_is_none: "an escape beyond the last character" => Find("element-unreadable", "while parsing a quoted scalar, found invalid Unicode character escape"), |lab| element(lab, tail("x: \"\\UFFFFFFFF\""));
    sources_that_are_a_mapping: "sources that are no list" => Find("cannot-evaluate", "sources` is not a list, even with all includes"), |lab| element(lab, "kind: make\nsources:\n  kind: cargo2\n");
    a_block_that_is_a_text: "a block that is a text" => Find("block-unreadable", "this source has no `url"), |lab| element(lab, tail("kind: make").replace("ref: []", "ref: |\n    - a"));
    a_kind_with_white_space: "a kind with spaces around it, which BuildStream takes off" => Pass("1 regenerated"), |lab| element(lab, tail("kind: make").replace("kind: cargo2", "kind: ' cargo2 '"));
    a_kind_with_lines: "a kind with an empty line behind it" => Pass("1 regenerated"), |lab| element(lab, tail("kind: make").replace("kind: cargo2", "kind: |+\n    cargo2\n\n"));
    an_include_of_itself: "an element that includes itself" => Find("include-unreadable", "elements/a.bst` includes itself"), |lab| element(lab, included(&tail("(@): elements/a.bst")));
    includes_that_double: "includes of which each includes the next one twice" => Find("include-unreadable", "too many files are included"), |lab| includes(lab, 24, 2);
    includes_without_an_end: "a chain of a thousand includes" => Find("include-unreadable", "too many files are included"), |lab| includes(lab, 1000, 1);
    variables_that_double: "variables of which each holds the next one ten times" => Find("cannot-evaluate", "`files/%{v0}` does not end expanding"), |lab| element(lab, variables());
    a_variable_of_itself: "a variable that holds itself" => Find("cannot-evaluate", "`files/%{up}` does not end expanding"), |lab| element(lab, tail("variables: {up: '%{up}'}").replace("files/up", "files/%{up}"));
    conditions_that_are_no_conditions: "a condition that would be a program elsewhere" => Find("cannot-evaluate", "this condition cannot be evaluated: `.` is not understood here"), |lab| element(lab, included(&tail("(?):\n- __import__('os').system('id') == \"x\":\n    kind: make")));
    conditions_in_brackets: "a condition of four hundred brackets" => Find("cannot-evaluate", "the condition nests too deeply"), |lab| element(lab, included(&tail(&format!("(?):\n- '{0}arch == \"x\"{1}':\n    kind: make", "(".repeat(400), ")".repeat(400)))));
    a_project_with_a_key_twice: "a project file with a key twice" => Refuse("project.conf:4:1: the key `name` is defined twice"), |lab| project(lab, "name: q\n");
    a_project_with_an_alias_bomb: "a project file with anchors" => Refuse("project.conf:5:5: anchors and tags are not read by BuildStream"), |lab| project(lab, &bomb());
    a_project_that_includes_itself: "a project file that includes itself" => Pass("1 regenerated"), |lab| project(lab, "(@): project.conf\n");
    a_project_whose_elements_are_outside: "a path of elements that climbs" => Refuse("project.conf:2:15: `element-path` leaves the project: `../elements"), |lab| { lab.write("project.conf", "name: p\nelement-path: ../elements\n"); lab.run(&["regenerate"]) };
    a_configuration_with_unknown_keys: "a configuration of the bot with a key that it does not know" => Refuse(".github/cargo2-bot.yml:1:1: hold: unknown field `hold`, expected one"), |lab| configuration(lab, "hold: never\n");
    a_configuration_with_an_alias_bomb: "a configuration of the bot with anchors that double" => Refuse(".github/cargo2-bot.yml:1:1: kind: unknown field `kind`, expected one"), |lab| configuration(lab, &bomb());
    a_configuration_that_is_deep: "a configuration of the bot, a hundred thousand brackets deep" => Refuse(".github/cargo2-bot.yml:1:1: invalid type: sequence, expected struct"), |lab| configuration(lab, &"[".repeat(100_000));
}

/// An element that begins so.
fn tail(head: &str) -> String {
    let kind = if head.contains("kind: ") { "" } else { "kind: make\n" };
    format!("{kind}{head}\nsources:\n- kind: local\n  path: files/up\n- kind: cargo2\n  ref: []\n")
}

/// The same with the right block, so that the one thing that is wrong is what is said.
fn included(text: &str) -> String {
    text.replace("ref: []\n", &format!("ref:\n{}", block(CRATES, 2)))
}

fn element(lab: &Lab, text: impl AsRef<[u8]>) -> Ended {
    lab.write("files/up/Cargo.lock", lock(CRATES));
    lab.write("elements/a.bst", text);
    let ended = lab.run(&["regenerate"]);
    if ended.code == Some(0) {
        // What was written is what is wanted, read again.
        let again = lab.run(&["regenerate", "--check"]);
        assert_eq!((again.code, again.changed.len()), (Some(0), 0), "{}", again.out);
    }
    ended
}

fn bomb() -> String {
    let first = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    let next = |n: usize| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(", "));
    tail(&(1..30).fold(first, |text, n| text + &next(n)))
}

fn deep(levels: usize) -> String {
    (0..levels).map(|level| format!("{}a:\n", " ".repeat(level))).collect()
}

fn many_keys() -> String {
    let keys: String = (0..100_000).map(|n| format!("  k{n}: v\n")).collect();
    format!("public:\n{keys}")
}

fn utf16(text: &str) -> Vec<u8> {
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// Each include includes the next one so many times, under names of their own.
fn includes(lab: &Lab, count: usize, times: usize) -> Ended {
    for n in 0..count {
        let next: Vec<String> = (0..times).map(|_| format!("- i{}.inc", n + 1)).collect();
        lab.write(&format!("i{n}.inc"), format!("(@):\n{}\n", next.join("\n")));
    }
    lab.write(&format!("i{count}.inc"), "variables: {}\n");
    element(lab, included(&tail("(@): i0.inc")))
}

fn variables() -> String {
    let one = |n: usize| format!("  v{n}: '{}'\n", format!("%{{v{}}}", n + 1).repeat(10));
    let all: String = (0..12).map(one).collect();
    tail(&format!("variables:\n{all}  v12: x")).replace("files/up", "files/%{v0}")
}

fn project(lab: &Lab, more: &str) -> Ended {
    lab.write("project.conf", format!("name: p\nmin-version: 2.5\nelement-path: elements\n{more}"));
    element(lab, tail("kind: make"))
}

fn configuration(lab: &Lab, text: &str) -> Ended {
    lab.write(".github/cargo2-bot.yml", text);
    element(lab, tail("kind: make"))
}
