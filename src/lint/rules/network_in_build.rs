//! Commands that reach for the network while an element is built.

use crate::finding::{Finding, Rule, Severity};
use crate::lint::script::{Script, could_be_words};
use crate::lint::{Context, MAX_TOLD, Subject, cargo};
use crate::shell::{Call, Part, Simple, Word};
use crate::text::Span;

/// The sandbox has no network.
pub(crate) static RULE: Rule = Rule {
    id: "network-in-build",
    severity: Severity::Error,
    means: "A command downloads something. The build sandbox has no network, so it fails there; and what it would download is not pinned.",
    remedy: "Make what it downloads a source of the element; crates come with the cargo2 source.",
};

pub(crate) fn check(_: &Context<'_>, subject: &Subject) -> Vec<Finding> {
    if !subject.rust {
        return Vec::new();
    }
    // Settings that make these programs do without network can be anywhere in the element.
    let mentions = |word: &str| subject.file.text.contains(word);
    let offline = |program: &str| match program {
        "pip" | "pip3" | "python" | "python3" | "%{python}" => mentions("PIP_"),
        "npm" | "pnpm" | "yarn" => mentions("offline"),
        _ => false,
    };
    let mut findings = Vec::new();
    for script in &subject.scripts {
        if findings.len() >= MAX_TOLD {
            break;
        }
        for call in script.shell.commands.iter().flat_map(Simple::calls) {
            if findings.len() >= MAX_TOLD {
                break;
            }
            if let Some(what) = downloads(&call).filter(|_| !offline(&call.program)) {
                findings.push(finding(script, &call, &what));
            }
        }
        findings.extend(cargo::of_script(script).iter().take(MAX_TOLD).filter_map(|call| crates(call, subject)));
    }
    findings
}

fn finding(script: &Script, call: &Call<'_>, what: &str) -> Finding {
    let end = call.args.first().map_or(call.word.span.end, |word| word.span.end);
    let place = script.location(Span::new(call.word.span.start, end));
    Finding::new(&RULE, format!("{what} needs network, which the sandbox does not have")).at(place)
}

/// Returns what a call of cargo downloads: nothing with `--offline` or `--frozen`.
fn crates(cargo: &cargo::Cargo<'_>, subject: &Subject) -> Option<Finding> {
    if cargo.has("--offline") || cargo.has("--frozen") || !cargo.flags_known() {
        return None;
    }
    // A crate that the element's own list names is there without network.
    let listed = |name: &str| {
        let crate_line = |line: &str| line.trim_start_matches([' ', '-']).strip_prefix("name: ") == Some(name);
        subject.file.text.lines().any(crate_line) || (subject.has_crates() && !subject.complete)
    };
    let elsewhere = |text: String| {
        let name = text.split('@').next().unwrap_or_default();
        !text.starts_with('.') && !text.contains("%{") && !listed(name)
    };
    let network = match cargo.subcommand.as_str() {
        "fetch" | "search" | "publish" | "login" => true,
        "install" => {
            let named = || cargo.operands().filter_map(Word::text).any(elsewhere);
            cargo.gives("--git") || (!cargo.gives("--path") && named())
        }
        _ => false,
    };
    let span = Span::new(cargo.program.span.start, cargo.word.span.end);
    network.then(|| {
        let message = format!("`cargo {}` needs network, which the sandbox does not have", cargo.subcommand);
        Finding::new(&RULE, message).at(cargo.script.location(span))
    })
}

/// Returns what a call downloads, or None. Only what is certain: an address that is written out, or a command that has no
/// other use.
fn downloads(call: &Call<'_>) -> Option<String> {
    let texts: Vec<String> = call.args.iter().map(|word| word.text().unwrap_or_else(|| head(word))).collect();
    let operands: Vec<&str> = texts.iter().map(String::as_str).filter(|t| !t.starts_with('-')).collect();
    let has = |flag: &str| texts.iter().any(|t| t == flag);
    let remote = || texts.iter().any(|t| is_remote(t));
    let first = operands.first().copied().unwrap_or_default();
    let second = operands.get(1).copied().unwrap_or_default();
    let certain = match call.program.as_str() {
        "curl" | "wget" | "aria2c" | "axel" => remote(),
        "git" => matches!(first, "clone" | "fetch" | "pull" | "ls-remote") && remote(),
        "pip" | "pip3" => pip(&texts, call),
        "python" | "python3" | "%{python}" => {
            texts.first().is_some_and(|t| t == "-m") && second_is_pip(&texts) && pip(&texts[1..], call)
        }
        "npm" | "pnpm" => matches!(first, "install" | "ci" | "i") && !has("--offline"),
        "yarn" => first == "install" && !has("--offline"),
        "apt-get" | "apt" | "dnf" | "microdnf" => {
            matches!(first, "install" | "upgrade") && operands.iter().skip(1).any(|t| !t.contains(['/', '%']))
        }
        "apk" => first == "add" && !has("--no-network"),
        "rustup" => {
            matches!(first, "install" | "update")
                || (matches!(first, "toolchain" | "target" | "component") && matches!(second, "install" | "add"))
        }
        _ => return None,
    };
    let name = if matches!(call.program.as_str(), "curl" | "wget" | "aria2c" | "axel") { "" } else { first };
    certain.then(|| format!("`{}`", format!("{} {name}", call.program).trim_end()))
}

fn second_is_pip(texts: &[String]) -> bool {
    texts.get(1).is_some_and(|t| t == "pip")
}

/// Returns whether `pip install` names a package that it would look for in the index.
fn pip(texts: &[String], call: &Call<'_>) -> bool {
    let mut words = texts.iter().map(String::as_str).filter(|t| *t != "pip").skip_while(|t| t.starts_with('-'));
    if words.next() != Some("install") || texts.iter().any(|t| matches!(t.as_str(), "--no-index" | "--dry-run")) {
        return false;
    }
    // A flag could come from a variable.
    if call.args.iter().any(could_be_words) {
        return false;
    }
    let valued = ["--root", "--prefix", "--target", "-t", "--find-links", "-f", "-c", "--constraint", "--python", "-e"];
    let mut value = false;
    words.any(|text| {
        let taken = std::mem::replace(&mut value, valued.contains(&text));
        let package = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
            && !text.contains(['/', '*', '$', '%', ':'])
            && ![".whl", ".gz", ".zip", ".txt"].iter().any(|end| text.ends_with(end));
        !taken && package
    })
}

/// The text with which a word begins, for words that are not only text.
fn head(word: &Word) -> String {
    match word.parts.first() {
        Some(Part::Text(text)) => text.clone(),
        _ => String::new(),
    }
}

/// Returns whether a text is an address on another machine.
fn is_remote(text: &str) -> bool {
    let text = text.rsplit_once('=').map_or(text, |(_, value)| value);
    let schemes = ["https://", "http://", "ftp://", "git://", "ssh://"];
    let host = schemes.iter().find_map(|scheme| text.strip_prefix(scheme));
    let local = |host: &&str| !["localhost", "127.", "[::1]", "0.0.0.0"].iter().any(|here| host.starts_with(here));
    host.filter(local).is_some_and(|host| !host.is_empty()) || text.starts_with("git@")
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::found;

    fn messages(line: &str) -> Vec<String> {
        let text = format!(
            "kind: manual\nsources:\n- kind: cargo2\nconfig:\n  build-commands:\n  - |\n    {}\n",
            line.replace('\n', "\n    ")
        );
        found("network-in-build", &text)
    }

    #[test]
    fn commands_that_download_are_reported_at_their_place() {
        for (line, place) in [
            ("cargo fetch", "7:5"),
            ("cargo fetch --locked", "7:5"),
            ("cargo install cbindgen", "7:5"),
            ("cargo install --git https://x.example/a --locked", "7:5"),
            ("true && curl -LO https://x.example/a", "7:13"),
            ("x=$(wget -qO- 'https://x.example/a')", "7:9"),
            ("if git clone https://x.example/a.git b; then true; fi", "7:8"),
            ("env A=1 pip3 install --user requests==2", "7:13"),
            ("python3 -m pip install maturin", "7:5"),
            ("sh -c 'curl https://x.example | sh'", "7:12"),
            ("npm ci", "7:5"),
            ("rustup target add wasm32", "7:5"),
        ] {
            let all = messages(line);
            assert!(all.len() == 1 && all[0].starts_with(&format!("{place} ")), "{line}: {all:?}");
        }
    }

    #[test]
    fn words_that_only_look_like_it_are_not_reported() {
        for line in [
            "cargo install --path . --root \"%{install-root}%{prefix}\"",
            "cargo install --all-features --path=x y",
            "cargo fetch --offline",
            "cargo build --release",
            "# curl https://x.example/a",
            "echo \"curl https://x.example/a\"",
            "sed -i s/curl/wget/ a",
            "install -Dm755 target/release/curl \"%{install-root}%{bindir}/curl\"",
            "cat > a <<'EOF'\ncurl https://x.example/a\ngit clone https://x.example/a\nEOF",
            "command -v curl",
            "curl --version",
            "curl file:///a",
            "curl http://127.0.0.1:80/",
            "git describe --tags",
            "git clone ../a b",
            "git fetch",
            "pip install --no-index --no-deps dist/a.whl",
            "pip3 install .",
            "pip install --root %{install-root} --no-deps ./dist/*.whl",
            "PIP_NO_INDEX=1 pip install x",
            "python3 -m build",
            "npm run build",
            "npm ci --offline",
            "dnf install ./a.rpm",
        ] {
            assert!(messages(line).is_empty(), "{line}: {:?}", messages(line));
        }
    }

    #[test]
    fn a_crate_of_the_elements_own_list_needs_no_network() {
        let list = "kind: manual\nsources:\n- kind: cargo2\n  ref:\n  - kind: registry\n    name: cbindgen\n    version: 1.0.0\n    sha: aa\n";
        let install = |name: &str| {
            found("network-in-build", &format!("{list}config:\n  build-commands:\n  - cargo install {name}\n")).len()
        };
        assert_eq!((install("cbindgen"), install("cbindgen@1.0.0"), install("bindgen")), (0, 0, 1));
    }

    #[test]
    fn elements_without_rust_are_left_alone() {
        assert!(
            found("network-in-build", "kind: manual\nconfig:\n  build-commands:\n  - curl https://x.example/a\n")
                .is_empty()
        );
    }
}
