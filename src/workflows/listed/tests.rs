use super::*;
use crate::workflows::reader;

/// The lists of a workflow with one step, as `element path:line`, and what else is said of them.
fn listed(run: &str, files: &[(&str, &str)]) -> (Vec<String>, Lists) {
    let lines: String = run.lines().map(|line| format!("          {line}\n")).collect();
    let text = format!("jobs:\n  t:\n    steps:\n      - run: |\n{lines}");
    let workflow = reader::read(&Arc::new(SourceText::new("w.yml", text)), "elements").unwrap();
    let read = |path: &str| match files.iter().find(|(known, _)| *known == path) {
        Some((_, "unreadable")) => Read::unreadable("no"),
        Some((_, text)) => Read::Known(Arc::new(SourceText::new(path, *text))),
        None => Read::Absent,
    };
    let lists = Lists::read([&workflow], "elements", &read);
    let shown = lists.elements.iter().map(|(name, place)| format!("{name} {}:{}", place.path, place.line));
    (shown.collect(), lists)
}

#[test]
fn every_style_of_list_is_read_with_its_place() {
    let script = "bash scripts/track.sh";
    for (run, files) in [
        (
            script,
            vec![(
                "scripts/track.sh",
                "ELEMENTS=(\n  a.bst # b.bst\n  elements/x/c.bst\n)\nbst source track \"${ELEMENTS[@]}\"\n",
            )],
        ),
        (
            "./ci/track",
            vec![(
                "ci/track",
                "#!/bin/bash\nfor element in a.bst \\\n    x/c.bst; do bst source track \"$element\"; done\n",
            )],
        ),
        (
            script,
            vec![(
                "scripts/track.sh",
                "while read -r e; do\n  bst source track \"$e\"\ndone <<'EOF'\na.bst\nx/c.bst\nEOF\n",
            )],
        ),
        (
            "python3 scripts/t.py",
            vec![
                ("scripts/t.py", "T = json.load(open(HERE / 'track.json'))\n"),
                (
                    "scripts/track.json",
                    "[{\"element\": \"a.bst\"},\n {\"element\": \"x/c.bst\", \"note\": \"review\"}]\n",
                ),
            ],
        ),
        ("track $(cat lists/track.txt)", vec![("lists/track.txt", "# b.bst\na.bst\nelements/x/c.bst\n")]),
        ("jq -c . \"$GITHUB_WORKSPACE/ci/track.yml\"", vec![("ci/track.yml", "track:\n  - a.bst\n  - x/c.bst\n")]),
        (
            "just update",
            vec![(
                "Justfile",
                "build:\n    bst build b.bst\n\nupdate *args:\n    for e in a.bst x/c.bst; do bst source track $e; done\n\nother:\n    bst build d.bst\n",
            )],
        ),
        (
            script,
            vec![
                ("scripts/track.sh", "source \"$(dirname \"$0\")/lib.sh\"\n"),
                ("scripts/lib.sh", "A=\"a.bst x/c.bst\"\n"),
            ],
        ),
    ] {
        let (shown, lists) = listed(run, &files);
        let names: Vec<&str> = shown.iter().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(names, ["a.bst", "x/c.bst"], "{run} {files:?}");
        assert!(lists.are_whole(), "{run} {files:?}");
    }
    let (shown, _) = listed(script, &[("scripts/track.sh", "A=(\n  a.bst\n  x/c.bst\n)\n")]);
    assert_eq!(shown, ["a.bst scripts/track.sh:2", "x/c.bst scripts/track.sh:3"]);
}

#[test]
fn a_here_document_of_the_workflow_is_a_list() {
    let (shown, lists) =
        listed("while read -r e; do\n  bst source track \"$e\"\ndone <<'EOF'\na.bst\nx/c.bst\nEOF", &[]);
    assert_eq!(shown, ["a.bst w.yml:8", "x/c.bst w.yml:9"]);
    assert!(lists.are_whole());
}

#[test]
fn what_is_left_out_is_not_listed() {
    for text in [
        "A=(a.bst b.bst)\nSKIP=\"b.bst\"\n",
        "A=(a.bst b.bst)\nEXCLUDED=(\n  b.bst\n)\n",
        "{\"track\": [\"a.bst\"], \"exclude\": [\"b.bst\"]}\n",
        "track:\n- a.bst\nignore:\n- b.bst\n\nmore: x\n",
        "bst source track a.bst --except b.bst\n",
        "track = ['a.bst']  # not 'b.bst'\n",
    ] {
        assert_eq!(
            listed("sh t.sh", &[("t.sh", text)]).0,
            ["a.bst t.sh:1"].map(|one| if text.starts_with("track:") { "a.bst t.sh:2" } else { one }),
            "{text}"
        );
    }
}

#[test]
fn lists_are_not_whole_where_names_are_made_or_something_is_not_read() {
    for (text, more) in [
        ("A=a.bst\nfor e in elements/*.bst; do track $e; done\n", ""),
        ("A=a.bst\nfind elements -name '*.bst'\n", ""),
        ("A=a.bst\nbst source track \"bluefin/$stem.bst\"\n", ""),
        ("A = 'a.bst'\nnames = [f'{stem}.bst']\n", ""),
        ("A=a.bst\nbst source track\n", ""),
        ("A=a.bst\nB=$(cat more.txt)\n", "unreadable"),
        ("echo nothing\n", ""),
    ] {
        assert!(!listed("sh t.sh", &[("t.sh", text), ("more.txt", more)]).1.are_whole(), "{text}");
    }
}

#[test]
fn files_that_name_each_other_end_and_too_many_are_said() {
    let (_, lists) = listed("sh a.sh", &[("a.sh", "A=a.bst\n. ./b.sh\n"), ("b.sh", ". ./a.sh\n")]);
    assert!(lists.are_whole());
    let names: Vec<String> = (0..60).map(|number| format!("f{number}.sh")).collect();
    let all = names.join("\n");
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), all.as_str())).collect();
    let (_, lists) = listed("sh f0.sh", &files);
    assert_eq!(lists.unread.values().collect::<Vec<_>>(), ["more than 50 files are not read for lists"]);
}
