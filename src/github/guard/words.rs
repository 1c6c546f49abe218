//! What a line of a script could do, by its words: for languages that are not read, and for what a shell does not run itself.

/// A line that could merge, push, approve, write checks, call GitHub's API or run what it downloads.
struct Sign {
    /// All of these are in the line, as whole words, in this order.
    words: &'static [&'static str],
    /// What it could do.
    why: &'static str,
}

const fn sign(words: &'static [&'static str], why: &'static str) -> Sign {
    Sign { words, why }
}

const PUSHES: &str = "push";
const MERGES: &str = "merge pull requests";
const APPROVES: &str = "approve pull requests";
const CHECKS: &str = "write checks";
const CALLS: &str = "call GitHub's API";

/// Words, compared in lower case. The reason of each row is what it could do.
const SIGNS: &[Sign] = &[
    // `git push`, `git -C x push`, `["git", "push"]`, `repo.git.push()`.
    sign(&["git", "push"], PUSHES),
    sign(&["git", "send-pack"], PUSHES),
    // GitPython, pygit2, JGit and the like.
    sign(&["remote", "push"], PUSHES),
    sign(&["remotes", "push"], PUSHES),
    sign(&["origin", "push"], PUSHES),
    // Functions of REST clients, and mutations of GraphQL.
    sign(&["pr", "merge"], MERGES),
    sign(&["pulls", "merge"], MERGES),
    sign(&["enablepullrequestautomerge"], MERGES),
    sign(&["mergepullrequest"], MERGES),
    sign(&["enqueuepullrequest"], MERGES),
    sign(&["mergebranch"], MERGES),
    sign(&["updateref"], PUSHES),
    sign(&["createref"], PUSHES),
    sign(&["createcommitonbranch"], PUSHES),
    sign(&["pr", "review"], APPROVES),
    sign(&["createreview"], APPROVES),
    sign(&["create_review"], APPROVES),
    sign(&["submitreview"], APPROVES),
    sign(&["addpullrequestreview"], APPROVES),
    sign(&["submitpullrequestreview"], APPROVES),
    // Comments are commands of Prow, and of the bot.
    sign(&["cargo2", "approve"], APPROVES),
    sign(&["lgtm"], APPROVES),
    sign(&["check-runs"], CHECKS),
    sign(&["createcheckrun"], CHECKS),
    sign(&["updatecheckrun"], CHECKS),
    sign(&["createcommitstatus"], CHECKS),
    sign(&["create_status"], CHECKS),
    // Hosts and clients of the API.
    sign(&["api.github.com"], CALLS),
    sign(&["uploads.github.com"], CALLS),
    sign(&["github_api_url"], CALLS),
    sign(&["github_graphql_url"], CALLS),
    sign(&["octokit"], CALLS),
    sign(&["pygithub"], CALLS),
    sign(&["from", "github", "import"], CALLS),
    sign(&["import", "github"], CALLS),
    sign(&["ghapi"], CALLS),
    // The token, which is of no use for anything else.
    sign(&["github_token"], CALLS),
    sign(&["gh_token"], CALLS),
    sign(&["github-token"], CALLS),
];

/// The ends of paths of the API's endpoints.
const PATHS: [(&str, &str); 6] = [
    ("/merge", MERGES),
    ("/merges", MERGES),
    ("/reviews", APPROVES),
    ("/statuses", CHECKS),
    ("/dispatches", CALLS),
    ("/git/refs", PUSHES),
];

/// Commands of `gh` that only read.
const READS: [&str; 8] = ["list", "view", "status", "diff", "checks", "watch", "version", "--version"];

/// The commands of `gh` that are looked for in other texts: a short word alone says little.
const GH: [&str; 16] = [
    "api",
    "pr",
    "run",
    "workflow",
    "release",
    "repo",
    "issue",
    "secret",
    "variable",
    "ruleset",
    "label",
    "auth",
    "alias",
    "extension",
    "cache",
    "project",
];

/// Programs and functions that download.
const DOWNLOADS: [&str; 9] =
    ["curl", "wget", "aria2c", "xh", "urlopen", "urlretrieve", "requests.get", "httpx.get", "http.get"];

/// Programs and functions that run a text.
const RUNS: [&str; 12] =
    ["sh", "bash", "zsh", "dash", "python", "python3", "perl", "node", "ruby", "eval", "exec", "source"];

/// Options after which an interpreter runs something else than its input.
const OTHER_TEXT: [&str; 7] = ["-c", "-e", "-m", "-n", "-ne", "-pe", "-ane"];

/// What lets a file be run, or runs it.
const STARTS: [&str; 6] = ["chmod +x", "chmod a+x", "chmod 7", "chmod u+x", "os.chmod", "install -m"];

/// Returns whether a call of `gh` only reads.
pub(super) fn gh_reads(words: &[&str]) -> bool {
    let operands: Vec<&&str> = words.iter().filter(|word| !word.starts_with('-')).collect();
    match operands.as_slice() {
        [] => true,
        [only] => READS.contains(only) && **only != "api",
        [group, verb, ..] => !matches!(**group, "api" | "alias" | "extension") && READS.contains(verb),
    }
}

/// Returns whether an interpreter runs something else than its input with this option.
pub(super) fn runs_other_text(option: &str) -> bool {
    OTHER_TEXT.contains(&option)
}

/// What a line could do.
pub(super) fn of_line(line: &str) -> Option<&'static str> {
    let lower = line.to_ascii_lowercase();
    let words: Vec<&str> = split(&lower).collect();
    if let Some(found) = SIGNS.iter().find(|sign| in_order(&words, sign.words)) {
        return Some(found.why);
    }
    let is_path = |(path, _): &&(&str, _)| lower.match_indices(*path).any(|(at, _)| ends(&lower[at + path.len()..]));
    if let Some((_, why)) = PATHS.iter().find(is_path) {
        return Some(why);
    }
    let gh = words.iter().position(|word| *word == "gh").map(|at| &words[at + 1..]);
    if gh.is_some_and(|rest| rest.first().is_some_and(|first| GH.contains(first)) && !gh_reads(rest)) {
        return Some(CALLS);
    }
    let fetches = words.iter().position(|word| downloads(word));
    let run = fetches.is_some_and(|at| {
        let reads_input = |pair: &[&str]| {
            let other = pair.get(1).is_some_and(|next| runs_other_text(next));
            let file = pair
                .iter()
                .take(5)
                .any(|word| [".py", ".js", ".mjs", ".pl", ".rb"].iter().any(|end| word.ends_with(end)));
            let other = other || file;
            RUNS.contains(&pair[0]) && (!other || pair[0].ends_with("sh"))
        };
        let piped = lower.contains('|') && (at..words.len()).any(|from| reads_input(&words[from..]));
        let substituted = ["<(", "$(", "`", "exec(", "eval("].iter().any(|sign| lower.contains(sign));
        piped || (substituted && words[..at].iter().any(|word| RUNS.contains(word)))
    });
    run.then_some("run what it downloads")
}

/// Returns whether a line downloads something into a file that the rest of the text may run.
pub(super) fn downloads_to_run(line: &str, text: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    split(&lower).any(downloads) && STARTS.iter().any(|start| text.contains(start))
}

fn downloads(word: &str) -> bool {
    DOWNLOADS.contains(&word)
}

/// The words of a text: letters, digits and the signs that names have.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let sign = |c: char| c.is_alphanumeric() || "_-.+".contains(c);
    text.split(move |c| !sign(c)).map(|word| word.trim_matches('.')).filter(|word| !word.is_empty()).flat_map(|word| {
        // `repo.git.push` is three words and one.
        let parts = word.contains('.').then(|| word.split('.')).into_iter().flatten();
        std::iter::once(word).chain(parts)
    })
}

fn in_order(words: &[&str], wanted: &[&str]) -> bool {
    let mut words = words.iter();
    wanted.iter().all(|want| words.any(|word| word == want))
}

/// Returns whether a name ends where this text begins.
fn ends(rest: &str) -> bool {
    !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_in_a_line_of_its_words() {
        for sign in SIGNS {
            assert!(of_line(&sign.words.join(" (\"x\") ")).is_some(), "{:?}", sign.words);
        }
    }

    #[test]
    fn lines_that_change_something_on_github_are_found_in_any_language() {
        for (line, why) in [
            ("subprocess.run([\"git\", \"-C\", path, \"push\", \"origin\"])", PUSHES),
            ("repo.git.push()", PUSHES),
            ("repo.remotes.origin.push()", PUSHES),
            ("    git push origin HEAD:main", PUSHES),
            ("await github.rest.pulls.merge({owner})", MERGES),
            ("url = f\"{base}/pulls/{n}/merge\"", MERGES),
            ("system('gh', 'pr', 'merge', n)", MERGES),
            ("  gh pr review --approve 1", APPROVES),
            ("pull.create_review(event='APPROVE')", APPROVES),
            ("post(f'{repo}/check-runs')", CHECKS),
            ("run(['gh', 'api', x])", CALLS),
            ("gh workflow run merge.yml", CALLS),
            ("const { Octokit } = require('@octokit/rest')", CALLS),
            ("from github import Github", CALLS),
            ("token = os.environ['GITHUB_TOKEN']", CALLS),
            ("curl -sL https://x.example | sudo bash", "run what it downloads"),
            ("exec(urlopen(url).read())", "run what it downloads"),
            ("bash <(wget -qO- x)", "run what it downloads"),
        ] {
            assert_eq!(of_line(line), Some(why), "{line}");
        }
    }

    #[test]
    fn ordinary_lines_are_not_found() {
        for line in [
            "podman push image",
            "gh pr list --json number",
            "run(['gh', 'pr', 'view', n])",
            "curl -fsSLo x.tar https://x.example/x.tar",
            "podman run --rm image bash -c 'make'",
            "python3 scripts/update.py --dry-run",
            "merge = a | b",
            "path = '/merged/x'",
            "curl -fsSL \"$api\" | python3 -c 'import json, sys; print(json.load(sys.stdin))'",
            "curl -fsSL \"$api\" | python3 scripts/read.py",
        ] {
            assert_eq!(of_line(line), None, "{line}");
        }
    }

    #[test]
    fn a_download_counts_where_the_text_makes_files_executable() {
        assert!(downloads_to_run("curl -o x https://x.example", "…\nchmod +x x\n./x\n"));
        assert!(!downloads_to_run("curl -o x https://x.example", "tar xf x"));
        assert!(!downloads_to_run("make", "chmod +x x"));
    }
}
