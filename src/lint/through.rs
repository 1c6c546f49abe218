//! The calls of cargo that an element makes through another program, and what a `justfile` or `Makefile` says of them.

use super::script::could_be_words;
use super::{Subject, cargo};
use crate::report::SeenCargo;
use crate::shell::{Call, Simple};

/// Names under which `just` looks for its file.
const JUST: &[&str] = &["justfile", "Justfile", ".justfile"];

/// Names under which `make` looks for its file, in its order.
const MAKE: &[&str] = &["GNUmakefile", "makefile", "Makefile"];

/// Other programs that may call cargo, and whose files are not read.
const OTHERS: [&str; 8] = ["cmake", "meson", "ninja", "autogen.sh", "configure", "mise", "npm", "task"];

/// Subcommands of cargo that build what is installed.
const BUILDS: [&str; 9] = ["build", "b", "rustc", "install", "cbuild", "cinstall", "capi", "auditable", "run"];

/// The place where the calls of cargo that an element makes can be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Through {
    /// They are known, or known not to be.
    Element(SeenCargo),
    /// In the first of these files of upstream that is there; the program that reads it.
    File(&'static str, &'static [&'static str]),
}

/// Returns where the calls of cargo of an element can be seen.
#[must_use]
pub(crate) fn through(subject: &Subject) -> Through {
    let not = |why: &str| Through::Element(SeenCargo::Not(why.into()));
    if !subject.complete || !subject.scripts.iter().all(|script| script.shell.unread.is_empty()) {
        return not("its commands are not known in full");
    }
    let commands = || subject.scripts.iter().flat_map(|script| &script.shell.commands);
    let calls: Vec<Call<'_>> = commands().flat_map(Simple::calls).collect();
    let uses = |program: &str| calls.iter().any(|call| call.program == program);
    if let Some(other) = OTHERS.iter().find(|other| uses(other)) {
        return not(&format!("it may call cargo through `{other}`"));
    }
    // What is installed lies in folders of the root; what upstream brings lies beside the sources.
    let beside = |program: &str| program.contains('/') && !program.starts_with('/') && !program.ends_with("/cargo");
    if let Some(other) = calls.iter().find(|call| beside(&call.program)) {
        return not(&format!("it may call cargo through `{}`", other.program));
    }
    let replaced = |key: &str| subject.replaced.iter().any(|replaced| replaced == key);
    let makes = subject.kind == "make" && !(replaced("build-commands") && replaced("install-commands"));
    match (uses("just"), uses("make") || uses("gmake") || makes) {
        (true, true) => not("it may call cargo through `just` and `make`"),
        (true, false) => elsewhere(&calls, "just").unwrap_or(Through::File("just", JUST)),
        (false, true) => elsewhere(&calls, "make").unwrap_or(Through::File("make", MAKE)),
        (false, false) => direct(subject),
    }
}

/// Where the program is called for a file or folder of its own, that file is not the one beside the lock.
fn elsewhere(calls: &[Call<'_>], program: &str) -> Option<Through> {
    const OWN: [&str; 7] = ["-C", "-f", "-d", "--file", "--directory", "--justfile", "--working-directory"];
    let own = |call: &&Call<'_>| call.program.trim_start_matches('g') == program || call.program == "cd";
    let odd = calls.iter().filter(own).any(|call| {
        let other = |option: &str| call.args.iter().any(|word| word.head().starts_with(option));
        call.program == "cd" || call.args.iter().any(could_be_words) || OWN.iter().any(|option| other(option))
    });
    odd.then(|| {
        Through::Element(SeenCargo::Not(format!("it calls cargo through `{program}`, in a place that is not known")))
    })
}

/// Where the element itself calls cargo.
fn direct(subject: &Subject) -> Through {
    let calls: Vec<cargo::Cargo<'_>> = cargo::calls(subject).filter(cargo::Cargo::builds).collect();
    let locked = |call: &cargo::Cargo<'_>| call.has("--locked") || call.has("--frozen");
    let replaced = |key: &&str| subject.replaced.iter().any(|replaced| replaced == key);
    let own = ["manual", "script", "cargo"].contains(&subject.kind.as_str())
        || ["build-commands", "install-commands"].iter().all(replaced);
    let seen = match (calls.is_empty(), subject.kind.as_str()) {
        (false, _) if calls.iter().all(locked) && own => SeenCargo::InElement,
        (false, kind) if calls.iter().all(locked) => {
            SeenCargo::Not(format!("the commands of its kind `{kind}` may call cargo, too"))
        }
        (false, _) if calls.iter().all(|call| locked(call) || call.flags_known()) => {
            SeenCargo::Not("a call of cargo has neither `--locked` nor `--frozen`".into())
        }
        (false, _) => SeenCargo::Not("the flags of a call of cargo are not known".into()),
        // Its default has `--frozen`, and other flags are looked at where the element sets them.
        (true, "cargo") if flags_known(subject) => SeenCargo::InElement,
        (true, _) => SeenCargo::Not("no call of cargo was seen".into()),
    };
    Through::Element(seen)
}

/// Returns whether the flags that the kind `cargo` builds with are known.
fn flags_known(subject: &Subject) -> bool {
    let flags = subject.root.get("variables").and_then(|node| node.get("cargo-install-flags"));
    let local = ["%{cargo-install-global}", "%{cargo-install-local}"];
    flags.is_none_or(|node| {
        let text = subject.names.expand(node.as_str().unwrap_or("%{?}"));
        !local.iter().fold(text, |text, name| text.replace(name, "")).contains("%{")
    })
}

/// Returns whether a `justfile` or `Makefile` builds with cargo, always with `--locked` or `--frozen` in the same line, and includes no
/// other file. What it takes from variables is not known, so it does not count.
#[must_use]
pub(crate) fn always_locked(text: &str) -> bool {
    let joined = text.replace("\r\n", "\n").replace("\\\n", " ");
    let lines = || joined.lines().map(str::trim_start).filter(|line| !line.starts_with('#'));
    const OTHER_FILES: [&str; 6] = ["include ", "-include ", "sinclude ", "import ", "import? ", "mod "];
    if lines().any(|line| OTHER_FILES.iter().any(|word| line.starts_with(word))) {
        return false;
    }
    // Scripts of upstream may call cargo, too.
    let script = |word: &str| word.starts_with("./") || word.starts_with("../") || word.ends_with(".sh");
    if lines().any(|line| line.split_whitespace().any(|word| script(word.trim_start_matches('@')))) {
        return false;
    }
    let mut builds = lines().filter_map(built).peekable();
    builds.peek().is_some() && builds.all(|locked| locked)
}

/// Returns whether all calls of cargo in a line that build are locked; None where there is none.
fn built(line: &str) -> Option<bool> {
    let signs = |c: char| {
        c.is_whitespace() || matches!(c, ';' | '&' | '|' | '"' | '\'' | '@' | '`' | '(' | ')' | '{' | '}' | '$' | '=')
    };
    let words: Vec<&str> = line.split(signs).filter(|word| !word.is_empty()).collect();
    let mut found = None;
    for (at, word) in words.iter().enumerate() {
        let name = word.rsplit('/').next().unwrap_or(word);
        if !name.eq_ignore_ascii_case("cargo") {
            continue;
        }
        let rest = &words[at + 1..];
        let end = rest.iter().position(|word| word.eq_ignore_ascii_case("cargo")).unwrap_or(rest.len());
        let call = &rest[..end];
        let subcommand = call.iter().find(|word| !word.starts_with(['-', '+']));
        let known = |word: &&&str| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        let builds = match subcommand {
            None => continue,
            // An assignment of the variable.
            Some(word) if !word.bytes().any(|b| b.is_ascii_alphanumeric()) => continue,
            Some(word) if BUILDS.contains(word) => true,
            Some(word) => !known(&word),
        };
        if builds {
            let locked = call.iter().any(|word| matches!(*word, "--locked" | "--frozen"));
            found = Some(found.unwrap_or(true) && locked);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::rules::testing::Project;

    fn seen(text: &str) -> String {
        let project = Project::new(&[("x.bst", text)]);
        match through(&project.subjects()[0]) {
            Through::Element(SeenCargo::InElement) => "seen".into(),
            Through::Element(SeenCargo::InFile(name)) => name,
            Through::Element(SeenCargo::Not(why)) => why,
            Through::File(program, _) => format!("file of {program}"),
        }
    }

    #[test]
    fn what_calls_cargo_is_known_or_said_not_to_be() {
        let manual = |command: &str| seen(&format!("kind: manual\nconfig:\n  build-commands:\n  - |\n    {command}\n"));
        let all = [
            "cargo build --locked",
            "cargo build",
            "cargo build $FLAGS",
            "cargo build $FLAGS --locked",
            "cargo fmt",
            "just build-release",
            "just -f other/justfile",
            "cd sub && just build",
            "just $TARGET",
            "make all",
            "make -C sub",
            "meson setup build",
            "./configure && cargo build --locked",
            "cargo build --locked && make install",
            "just build && make install",
        ];
        let shown: Vec<String> = all.map(|command| format!("{command}: {}", manual(command))).into();
        insta::assert_snapshot!(shown.join("\n"), @r"
        cargo build --locked: seen
        cargo build: a call of cargo has neither `--locked` nor `--frozen`
        cargo build $FLAGS: the flags of a call of cargo are not known
        cargo build $FLAGS --locked: seen
        cargo fmt: no call of cargo was seen
        just build-release: file of just
        just -f other/justfile: it calls cargo through `just`, in a place that is not known
        cd sub && just build: it calls cargo through `just`, in a place that is not known
        just $TARGET: it calls cargo through `just`, in a place that is not known
        make all: file of make
        make -C sub: it calls cargo through `make`, in a place that is not known
        meson setup build: it may call cargo through `meson`
        ./configure && cargo build --locked: it may call cargo through `./configure`
        cargo build --locked && make install: file of make
        just build && make install: it may call cargo through `just` and `make`
        ");
        assert_eq!(seen("kind: make\n"), "file of make");
        assert_eq!(
            seen("kind: make\nconfig:\n  build-commands: [cargo build]\n  install-commands: [x]\n"),
            "a call of cargo has neither `--locked` nor `--frozen`"
        );
        assert_eq!(
            seen("kind: meson\nconfig:\n  install-commands:\n  - cargo install --locked --path .\n"),
            "the commands of its kind `meson` may call cargo, too"
        );
        assert_eq!(seen("kind: cargo\n"), "seen");
        assert_eq!(seen("kind: meson\n"), "no call of cargo was seen");
        assert_eq!(seen("kind: manual\n(@): j.bst:x.yml\n"), "its commands are not known in full");
    }

    #[test]
    fn a_file_counts_only_where_each_build_is_locked_in_its_own_line() {
        for right in [
            "build:\n    cargo build --release --locked\n",
            "build:\n\t@$(CARGO) build --frozen\ntest:\n\tcargo test\n",
            "b:\n    cargo build \\\n        --locked\n",
            "b:\n    {{cargo}} +stable build --locked\nfmt:\n    cargo fmt\n",
            "CARGO ?= cargo\nall:\n\t${CARGO} build --locked && cargo install --locked --path .\n",
        ] {
            assert!(always_locked(right), "{right}");
        }
        for wrong in [
            "",
            "build:\n    meson\n",
            "build:\n    cargo build\n",
            "build *args:\n    cargo build {{args}}\n",
            "a:\n    cargo build --locked\nb:\n    cargo build\n",
            "a:\n    cargo build && cargo install --locked\n",
            "a:\n    cargo $(CMD) --release\nb:\n    cargo build --locked\n",
            "# cargo build --locked\n",
            "include x.mk\na:\n\tcargo build --locked\n",
            "build: \n    ./scripts/b.sh\na:\n    cargo build --locked\n",
            "import 'x.just'\na:\n    cargo build --locked\n",
        ] {
            assert!(!always_locked(wrong), "{wrong}");
        }
    }
}
