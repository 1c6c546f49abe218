//! BuildStream as the judge of new elements: it loads what `new` writes and understands it as meant, and its own
//! tracking writes the same bytes.

#![allow(clippy::unwrap_used, reason = "a test fails loudly")]

use crate::peer;
use crate::support;

use peer::bst::Bst;
use peer::compare::figure;
use peer::corpus::Lock;
use peer::upstream::{Tree, Upstreams};
use support::{Project, block, lock};

const CRATES: &[(&str, &str)] = &[("a", "1.0.0"), ("b", "1.0.0")];

/// A list that BuildStream must replace.
const FOREIGN: &str = "\n  ref:\n  - kind: registry\n    name: foreign\n    version: 0.1.0\n    sha: abc\n";

const PROJECT_CONF: &str = "\
name: scaffold
min-version: '2.4'
element-path: elements
plugins:
- origin: pip
  package-name: buildstream-plugins-community
  sources: [cargo2, git_repo]
- origin: pip
  package-name: buildstream-plugins
  elements: [make]
  sources: [patch]
sources:
  git_repo:
    config:
      # As every project with a tracker has it. Without it BuildStream moves to bare commits.
      ref-format: git-describe
variables:
  # From the runtime's project in real projects; BuildStream itself has no such variable.
  indep-libdir: '%{prefix}/lib'
";

/// A tracker in which one element merges by itself and the Rust element is merged by a person.
fn tracker() -> String {
    crate::support::tracker(&[("auto-merge", "wall"), ("manual-merge", "tool")])
}

/// What is asked of `new`.
struct New {
    element: &'static str,
    upstream: &'static str,
    track: &'static str,
    bin: Option<&'static str>,
    service: bool,
}

impl New {
    /// The program, as it must be named in every command.
    fn program(&self) -> &str {
        self.bin.unwrap_or_else(|| self.element.rsplit('/').next().unwrap().trim_end_matches(".bst"))
    }
}

/// The usual ones, and names and patterns that are odd but legal.
const NEW: [New; 6] = [
    New { element: "bluefin/greet.bst", upstream: "greet", track: "v*", bin: None, service: false },
    New { element: "bluefin/greetd.bst", upstream: "greet", track: "main", bin: None, service: true },
    New {
        element: "bluefin/greet_2+x.bst",
        upstream: "greet",
        track: "v[0-9]*",
        bin: Some("greet-2_x"),
        service: true,
    },
    New { element: "bluefin/_sub/0.1.bst", upstream: "greet", track: "*", bin: Some("_1"), service: false },
    New { element: "bluefin/true.bst", upstream: "alone", track: "v1.1.?", bin: None, service: false },
    New { element: "bluefin/on/null.bst", upstream: "alone", track: "v*", bin: None, service: true },
];

fn upstreams() -> Upstreams {
    let mut upstreams = Upstreams::start();
    let old = Lock::new(Some(4)).registry("anyhow", "1.0.1").text();
    let git = "https://github.com/one/two?branch=main#0123456789012345678901234567890123456789";
    let new = Lock::new(Some(4)).registry("anyhow", "1.0.98").git("two", "2.0.0", git).registry("zerocopy", "0.7.35");
    upstreams.add("greet", &Tree::lock(&old), &Tree::lock(&new.text()));
    // A program without dependencies.
    upstreams.add("alone", &Tree::lock(&old), &Tree::lock(&Lock::new(Some(4)).text()));
    upstreams
}

/// A project with a runtime behind a junction, a stack, a tracker and two elements.
fn project(upstreams: &Upstreams) -> Project {
    let aliases = "  github: https://github.com/\n  crates: https://static.crates.io/\n";
    let conf = format!("{PROJECT_CONF}aliases:\n  up: {}\n{aliases}", upstreams.url());
    let tool = format!(
        "kind: make\n\nbuild-depends:\n- freedesktop-sdk.bst:components/rust.bst\n\nconfig:\n  build-commands:\n  - cargo build --release --locked\n  install-commands:\n  - install -Dm755 target/release/tool \"%{{install-root}}%{{bindir}}/tool\"\n\nsources:\n- kind: local\n  path: files/up\n- kind: cargo2\n  url: crates:crates\n  ref:\n{}",
        block(CRATES, 2)
    );
    let junction = "kind: junction\n\nsources:\n- kind: local\n  path: files/runtime\n";
    let stack = "kind: stack\n\ndepends:\n- bluefin/tool.bst\n- bluefin/wall.bst\n";
    Project::new(&[
        ("project.conf", &conf),
        ("elements/freedesktop-sdk.bst", junction),
        ("elements/bluefin/deps.bst", stack),
        ("elements/bluefin/wall.bst", "kind: import\n\nsources:\n- kind: local\n  path: files/up\n"),
        ("elements/bluefin/tool.bst", &tool),
        ("files/up/Cargo.lock", &lock(CRATES)),
        ("files/runtime/project.conf", "name: runtime\nmin-version: '2.4'\nelement-path: elements\n"),
        ("files/runtime/elements/components/rust.bst", "kind: stack\n"),
        ("files/runtime/elements/public-stacks/buildsystem-make.bst", "kind: stack\n"),
        ("files/runtime/elements/public-stacks/runtime-minimal.bst", "kind: stack\n"),
        (".github/workflows/track-bst-sources.yml", &tracker()),
    ])
}

/// Runs `new` for all of them, then `check`.
fn made(upstreams: &Upstreams) -> Project {
    let project = project(upstreams);
    let alias = format!("up={}", upstreams.url());
    for new in &NEW {
        let url = format!("up:{}.git", new.upstream);
        let mut args = vec!["new", new.element, "--url", &url, "--track", new.track, "--alias", &alias];
        args.extend(new.bin.iter().flat_map(|bin| ["--bin", bin]));
        args.extend(new.service.then_some("--service"));
        let run = project.run(&args);
        assert_eq!(run.code, Some(0), "{}: {run:?}", new.element);
        assert!(run.stdout.contains("[x] element added to") && !run.stdout.contains("[ ] tracking"), "{}", run.stdout);
    }
    let check = project.run(&["check", "--alias", &alias]);
    assert_eq!((check.code, check.stdout.as_str()), (Some(0), "7 cargo2 blocks: 7 right\n"), "{check:?}");
    project
}

/// The commands that BuildStream would run, its variables resolved.
fn commands(config: &serde_yaml::Value, kind: &str) -> Vec<String> {
    let list = config[kind].as_sequence().unwrap_or_else(|| panic!("no {kind} in {config:?}"));
    list.iter().map(|command| command.as_str().unwrap().trim_end().to_owned()).collect()
}

/// What a service brings besides its program, as BuildStream must understand it.
fn service(bin: &str) -> [String; 2] {
    let install = "install -Dm644 /dev/stdin \"/buildstream-install/usr/lib/systemd";
    [
        format!(
            "{install}/system/{bin}.service\" <<'SERVICE'\n[Unit]\nDescription={bin}\nAfter=network.target\n\n[Service]\nExecStart=/usr/bin/{bin}\nRestart=on-failure\n\n[Install]\nWantedBy=multi-user.target\nSERVICE"
        ),
        format!("{install}/system-preset/80-{bin}.preset\" <<'PRESET'\nenable {bin}.service\nPRESET"),
    ]
}

#[test]
fn buildstream_understands_a_new_element_as_meant() {
    let Some(bst) = Bst::find() else { return };
    let project = made(&upstreams());
    for new in &NEW {
        let format = "%{name}\n%{state}\n%{full-key}\n%{config}";
        let shown = bst.show(project.path(), "none", format, &[new.element]);
        let mut lines = shown.splitn(4, '\n');
        assert_eq!(lines.next(), Some(new.element));
        assert_eq!(lines.next().map(str::trim), Some("fetch needed"), "{shown}");
        assert!(lines.next().is_some_and(|key| key.len() == 64), "{shown}");
        let config: serde_yaml::Value = serde_yaml::from_str(lines.next().unwrap()).unwrap();
        let bin = new.program();
        assert_eq!(commands(&config, "build-commands"), [format!("cargo build --release --locked --bin {bin}")]);
        let mut install = vec![format!("install -Dm755 target/release/{bin} \"/buildstream-install/usr/bin/{bin}\"")];
        install.extend(new.service.then(|| service(bin)).into_iter().flatten());
        assert_eq!(commands(&config, "install-commands"), install, "{}", new.element);
    }
    let shown = bst.show(project.path(), "run", "%{name}", &["bluefin/deps.bst"]);
    let names: Vec<&str> = shown.lines().collect();
    let runtime = "freedesktop-sdk.bst:public-stacks/runtime-minimal.bst";
    for name in NEW.iter().map(|new| new.element).chain(["bluefin/tool.bst", "bluefin/wall.bst", runtime]) {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    let shown = bst.show(project.path(), "build", "%{name}", &[NEW[0].element]);
    for name in ["components/rust.bst", "public-stacks/buildsystem-make.bst"] {
        assert!(shown.lines().any(|line| line == format!("freedesktop-sdk.bst:{name}")), "{name}: {shown}");
    }
    figure(&format!("{} new elements loaded by BuildStream", NEW.len()));
}

/// What BuildStream makes of an element that `new` wrote: the same, but that it names the commit of a branch by the tag
/// before it. `new` has only the names of refs and pins the bare commit.
fn tracked(upstreams: &Upstreams, new: &New, text: &str) -> String {
    let commit = upstreams.new_commit(new.upstream);
    let (bare, described) = (format!("\n  ref: {commit}\n"), format!("\n  ref: v1.1.0-0-g{commit}\n"));
    let branch = new.track == "main";
    assert_eq!((text.contains(&bare), text.contains(&described)), (branch, !branch), "{}: {text}", new.element);
    text.replace(&bare, &described)
}

#[test]
fn buildstream_tracks_a_new_element_to_the_same_bytes() {
    let Some(bst) = Bst::find() else { return };
    let upstreams = upstreams();
    let project = made(&upstreams);
    let path = |new: &New| format!("elements/{}", new.element);
    let written: Vec<String> = NEW.iter().map(|new| project.read(&path(new))).collect();
    let elements: Vec<String> = NEW.iter().map(|new| new.element.to_owned()).collect();

    bst.track(project.path(), &elements);
    let expected: Vec<String> = NEW.iter().zip(&written).map(|(new, text)| tracked(&upstreams, new, text)).collect();
    for (new, text) in NEW.iter().zip(&expected) {
        assert_eq!(&project.read(&path(new)), text, "{}: there was nothing to track", new.element);
    }

    // BuildStream writes a file only when a ref moves: let it write both refs anew.
    for (new, text) in NEW.iter().zip(&written) {
        let (rest, _) = text.rsplit_once("\n  ref:").unwrap();
        let stale = rest.replace("ref: v1.1.0-0-g", "ref: v1.0.0-0-g");
        let stale = stale.replace(upstreams.new_commit(new.upstream), upstreams.old(new.upstream));
        assert!(stale.contains(upstreams.old(new.upstream)) && !stale.contains("name: anyhow"), "{stale}");
        project.write(&path(new), format!("{stale}{FOREIGN}"));
    }
    let took = bst.track(project.path(), &elements);
    for (new, text) in NEW.iter().zip(&expected) {
        assert_eq!(&project.read(&path(new)), text, "{}: tracked anew", new.element);
    }
    figure(&format!("{} new elements tracked by BuildStream in {:.1} s", NEW.len(), took.as_secs_f32()));
}
