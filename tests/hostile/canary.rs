//! Secrets that are in the surroundings of every run, and must not get out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::path::Path;

/// In the variables that hold tokens, and in the files of the home folder and of the checkout that hold credentials.
pub const SECRET: &str = "ghs_kanarienvogel0123456789singtNiemals";

/// The variables of the environment that a job has its tokens in.
pub const VARIABLES: [&str; 7] = [
    "GITHUB_TOKEN",
    "GH_TOKEN",
    "INPUT_TOKEN",
    "ACTIONS_RUNTIME_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "CARGO_REGISTRY_TOKEN",
    "GIT_ASKPASS_PASSWORD",
];

/// Puts the secret where git, curl and cargo look for credentials.
#[allow(clippy::disallowed_methods, reason = "tests make their own files")]
pub fn plant(home: &Path, repository: &git2::Repository) {
    let write = |path: &str, text: String| {
        let path = home.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let header = format!("AUTHORIZATION: basic {}", STANDARD.encode(format!("x-access-token:{SECRET}")));
    write(".netrc", format!("default login x password {SECRET}\n"));
    write(".git-credentials", format!("http://x:{SECRET}@127.0.0.1\n"));
    write(".gitconfig", format!("[http]\n\textraHeader = {header}\n[credential]\n\thelper = store\n"));
    write(".cargo/credentials.toml", format!("[registry]\ntoken = \"{SECRET}\"\n"));
    // As a checkout of Actions leaves it that persists credentials.
    repository.config().unwrap().set_str("http.extraheader", &header).unwrap();
}

/// Whether the secret is in these bytes: as it is, or in base64 wherever it begins.
pub fn is_in(bytes: &[u8]) -> bool {
    let encoded = |before: &str| STANDARD.encode(format!("{before}{SECRET}"));
    let forms = [
        SECRET.to_owned(),
        encoded("")[..40].to_owned(),
        encoded("x")[2..40].to_owned(),
        encoded("xx")[4..40].to_owned(),
    ];
    // Some servers keep header lines in lower case.
    let bytes = bytes.to_ascii_lowercase();
    forms.iter().any(|form| contains(&bytes, form.to_ascii_lowercase().as_bytes()))
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == part[0]) {
        if rest[at..].starts_with(part) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}

#[test]
fn a_secret_is_seen_in_every_form() {
    for before in ["", "x-access-token:", "a:", "ab:", "abc:"] {
        let text = format!("{before}{SECRET}");
        assert!(is_in(text.as_bytes()) && is_in(STANDARD.encode(text).as_bytes()), "{before}");
    }
    assert!(!is_in(b"ghs_another0123456789"));
}
