use super::*;
use crate::workflows::rules::testing::{LISTS, TRACKER};

const SHA: &str = "0123456789abcdef0123456789abcdef01234567";
const STACK: &str = "kind: stack\n\n# ours\ndepends:\n- bluefin/brew.bst\n- bluefin/zed.bst # last\n";

/// One crate from the registry, one from git.
fn block() -> String {
    format!(
        "  - kind: registry\n    name: a\n    version: 1.0.0\n    sha: {}\n  - kind: git\n    commit: {SHA}\n    repo: github:o/g.git\n    query:\n      branch: 0.20\n    name: g\n    version: 0.1.0\n",
        "ab".repeat(32)
    )
}

fn source(path: &str, text: &str) -> Arc<SourceText> {
    Arc::new(SourceText::new(path, text))
}

/// Keeps a value for the whole test.
fn kept<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// A plan for `bluefin/foo.bst`, after `change` changed the request.
fn planned<'a>(change: impl FnOnce(&mut Request<'a>)) -> Result<Plan, Error> {
    let mut request: Request<'a> = Request {
        name: "bluefin/foo.bst",
        url: "github:owner/foo.git",
        track: "v*",
        git_ref: kept(format!("v1.2-0-g{SHA}")),
        bin: None,
        service: false,
        block: kept(block()),
        crates_url: Some("crates:crates"),
        element_path: "elements",
        exists: &|name| name == "bluefin/brew.bst",
        stack: Some(kept(source("elements/bluefin/deps.bst", STACK))),
        tracker: Some(kept(source("t.yml", TRACKER))),
        rust: &[],
    };
    change(&mut request);
    plan(&request)
}

#[test]
fn the_element_has_the_structure_of_the_guide() {
    let plan = planned(|_| {}).unwrap();
    assert_eq!(&*plan.element.path, "elements/bluefin/foo.bst");
    insta::assert_snapshot!(plan.element.text, @r#"
    kind: make

    build-depends:
    - freedesktop-sdk.bst:components/rust.bst
    - freedesktop-sdk.bst:public-stacks/buildsystem-make.bst

    depends:
    - freedesktop-sdk.bst:public-stacks/runtime-minimal.bst

    config:
      build-commands:
      - cargo build --release --locked --bin foo

      install-commands:
      - install -Dm755 target/release/foo "%{install-root}%{bindir}/foo"

    sources:
    - kind: git_repo
      url: github:owner/foo.git
      track: v*
      ref: v1.2-0-g0123456789abcdef0123456789abcdef01234567
    - kind: cargo2
      url: crates:crates
      ref:
      - kind: registry
        name: a
        version: 1.0.0
        sha: abababababababababababababababababababababababababababababababab
      - kind: git
        commit: 0123456789abcdef0123456789abcdef01234567
        repo: github:o/g.git
        query:
          branch: 0.20
        name: g
        version: 0.1.0
    "#);
}

#[test]
fn a_service_brings_its_unit_and_its_preset() {
    let plan = planned(|r| (r.service, r.bin, r.block) = (true, Some("food"), "")).unwrap();
    insta::assert_snapshot!(plan.element.text, @r#"
    kind: make

    build-depends:
    - freedesktop-sdk.bst:components/rust.bst
    - freedesktop-sdk.bst:public-stacks/buildsystem-make.bst

    depends:
    - freedesktop-sdk.bst:public-stacks/runtime-minimal.bst

    config:
      build-commands:
      - cargo build --release --locked --bin food

      install-commands:
      - install -Dm755 target/release/food "%{install-root}%{bindir}/food"
      - |
        install -Dm644 /dev/stdin "%{install-root}%{indep-libdir}/systemd/system/food.service" <<'SERVICE'
        [Unit]
        Description=food
        After=network.target

        [Service]
        ExecStart=/usr/bin/food
        Restart=on-failure

        [Install]
        WantedBy=multi-user.target
        SERVICE
      - |
        install -Dm644 /dev/stdin "%{install-root}%{indep-libdir}/systemd/system-preset/80-food.preset" <<'PRESET'
        enable food.service
        PRESET

    sources:
    - kind: git_repo
      url: github:owner/foo.git
      track: v*
      ref: v1.2-0-g0123456789abcdef0123456789abcdef01234567
    - kind: cargo2
      url: crates:crates
      ref: []
    "#);
    assert!(plan.checklist_text().contains("[ ] `food.service` reviewed"));
}

#[test]
fn the_checklist_ticks_what_the_plan_does() {
    insta::assert_snapshot!(planned(|_| {}).unwrap().checklist_text(), @r#"
    [x] cargo2 sources generated from the Cargo.lock at the pinned ref, not written by hand
    [x] `--locked` in the cargo command (`--offline` adds nothing: the sandbox has no network)
    [x] `strip-binaries` not set (Rust produces ELF)
    [x] tracking group set to `manual-merge` in the tracker
    [x] element added to `elements/bluefin/deps.bst`
    [ ] `overlap-whitelist` for `/usr/bin/foo`, only if another element installs it too
    [ ] `just validate` passes
    [ ] `just bst build bluefin/foo.bst` passes
    "#);
    let alone = planned(|r| (r.stack, r.tracker) = (None, None)).unwrap();
    assert!(
        alone
            .checklist_text()
            .contains("[ ] tracking group set to `manual-merge` in the tracker (there is no tracker here)")
    );
    assert!(alone.checklist_text().contains("[ ] element added to the project's stack (no stack was named)"));
}

#[test]
fn the_new_element_is_read_as_a_rust_element_with_this_very_block() {
    let conf = source("project.conf", "name: p\nelement-path: elements\naliases:\n  github: https://github.com/\n");
    let project = crate::bst::project::parse(&conf, &|_| crate::finding::read::Read::Absent, &[]).unwrap();
    let plan = planned(|_| {}).unwrap();
    let found = crate::cargo2::element::read("bluefin/foo.bst", &Arc::new(plan.element), &project, &|_| {
        crate::finding::read::Read::Absent
    });
    assert!(found.findings.is_empty());
    let crate_list = &found.crate_lists[0];
    let entries: Vec<_> = crate_list.current().unwrap().values().cloned().collect();
    assert_eq!(block::render_list(&entries, block::Shape::at(2)), block());
    let lock = crate_list.plan.as_ref().unwrap();
    assert_eq!((lock.path.as_str(), lock.layers.len()), ("Cargo.lock", 1));
}

#[test]
fn the_tracker_has_nothing_to_say_about_the_new_element() {
    for text in [TRACKER, LISTS] {
        let tracker = source("t.yml", text);
        let plan = planned(|r| r.tracker = Some(&tracker)).unwrap();
        let new = plan.tracker.unwrap().new;
        let linted = crate::workflows::rules::testing::lint(Some(&new.text), &[], &["bluefin/foo.bst"]);
        assert_eq!(linted.findings, []);
        let again = planned(|r| r.tracker = Some(&new)).unwrap();
        assert!(again.tracker.is_none() && again.checklist[3].done);
    }
}

#[test]
fn the_stack_grows_by_one_line_in_its_own_order_and_style() {
    let grown = |text: &str| {
        let stack = source("s.bst", text);
        let plan = planned(|r| r.stack = Some(&stack)).unwrap();
        plan.stack.map_or(plan.checklist[4].text.clone(), |change| change.new.text.to_string())
    };
    assert_eq!(grown(STACK), STACK.replace("brew.bst\n", "brew.bst\n- bluefin/foo.bst\n"));
    assert_eq!(grown("depends:\n  - z.bst\n  - y.bst"), "depends:\n  - z.bst\n  - y.bst\n  - bluefin/foo.bst");
    assert_eq!(grown("depends:\r\n- c.bst\r\n- d.bst\r\n"), "depends:\r\n- bluefin/foo.bst\r\n- c.bst\r\n- d.bst\r\n");
    assert_eq!(grown("depends: [a.bst, b.bst] # c\n"), "depends: [a.bst, b.bst, bluefin/foo.bst] # c\n");
    assert_eq!(
        grown("depends:\n- filename: z.bst\n  type: build\n- a.bst\nx: y\n"),
        "depends:\n- filename: z.bst\n  type: build\n- a.bst\n- bluefin/foo.bst\nx: y\n"
    );
    assert!(grown("kind: stack\n").contains("its `depends:` is not a list"));
    assert!(grown("depends: [\n").contains("s.bst:"));
    assert_eq!(grown("depends:\n- bluefin/foo.bst\n"), "element added to `s.bst`");
}

#[test]
fn nothing_that_exists_is_overwritten() {
    assert_eq!(planned(|r| r.name = "bluefin/brew.bst").unwrap_err(), Error::Exists("bluefin/brew.bst".into()));
}

#[test]
fn names_that_are_not_plain_are_refused() {
    let long = format!("{}.bst", "a".repeat(300));
    for name in [
        "../foo.bst",
        "/etc/foo.bst",
        "a/../b.bst",
        "./foo.bst",
        "a//b.bst",
        "foo",
        "foo.yml",
        ".bst",
        "a/.bst",
        "a/.x.bst",
        "-x.bst",
        "a/-x.bst",
        "a b.bst",
        "a;b.bst",
        "a$(b).bst",
        "a\nb.bst",
        "a:b.bst",
        "a\\b.bst",
        "ä.bst",
        "",
        &long,
    ] {
        assert_eq!(planned(|r| r.name = name).unwrap_err(), Error::Name(name.into()), "{name}");
    }
    for bin in ["", "a b", "a/b", "../a", "-a", "a;b", "a.b", "7z", "a'b", "a%{b}", "ä"] {
        assert_eq!(planned(|r| r.bin = Some(bin)).unwrap_err(), Error::Bin(bin.into()), "{bin}");
    }
    assert_eq!(planned(|r| r.name = "bluefin/7zip.bst").unwrap_err(), Error::Bin("7zip".into()));
}

#[test]
fn sources_that_could_mean_more_than_they_say_are_refused() {
    for url in [
        "foo",
        "github:",
        "file:///etc",
        "file:x",
        "http://x/y",
        "ssh:x",
        "ext::sh",
        "https:x",
        "https:///x",
        "https://x",
        "https://u:p@x/y",
        "github:a b",
        "github:a/../b",
        "github:a;b",
        "github:%{x}",
        "github:$(x)",
        "-x:y",
        "github:a\nref: x",
        "https://x/y?z",
    ] {
        assert_eq!(planned(|r| r.url = url).unwrap_err(), Error::Url(url.into()), "{url}");
    }
    for track in ["", "-x", "a b", "v*;x", "$(x)", "`x`", "v\nref: x", "%{x}", "'v*'"] {
        assert_eq!(planned(|r| r.track = track).unwrap_err(), Error::Track(track.into()), "{track}");
    }
    for git_ref in ["v1.2", "", &format!("v 1-0-g{SHA}"), &format!("a;b-0-g{SHA}"), &SHA.to_uppercase()] {
        assert_eq!(planned(|r| r.git_ref = git_ref).unwrap_err(), Error::Ref(git_ref.into()), "{git_ref}");
    }
}

#[test]
fn what_plain_yaml_cannot_hold_is_quoted() {
    let plan = planned(|r| (r.track, r.crates_url) = ("*", Some("crates:"))).unwrap();
    assert!(plan.element.text.contains("\n  track: '*'\n") && plan.element.text.contains("\n  url: 'crates:'\n"));
    let without = planned(|r| r.crates_url = None).unwrap();
    assert!(without.element.text.contains("- kind: cargo2\n  ref:\n"));
}

#[test]
fn a_block_that_would_be_read_otherwise_is_refused() {
    for wrong in [
        block().replace("  - kind", "- kind"),
        format!("{}x: y\n", block()),
        block().replace("a\n", "'a'\n"),
        "  - [\n".into(),
    ] {
        assert!(matches!(planned(|r| r.block = &wrong), Err(Error::Block(_))), "{wrong}");
    }
}

#[test]
fn the_habit_of_most_sources_is_found() {
    let file = source(
        "a.bst",
        "s:\n- {kind: cargo2, url: 'crates:crates'}\n- {kind: cargo2, url: 'crates:crates'}\n- {kind: cargo2}\n",
    );
    let root = yaml::parse_whole(&file).unwrap();
    assert_eq!(crates_url(root.get("s").unwrap().as_list().unwrap()), Some("crates:crates".into()));
    assert_eq!(crates_url([]), None);
}
