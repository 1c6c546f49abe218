//! `.gitattributes`: settings that make git write a file other than byte for byte.

/// The attributes that change the bytes of a file in the work tree.
const CONVERTING: [&str; 5] = ["eol=crlf", "crlf", "filter", "ident", "working-tree-encoding"];

/// Whether a line of `attributes` may convert the file called `name`. Folders in patterns are
/// ignored, and macros apply to all files: that only finds more.
pub(super) fn may_convert(attributes: &[u8], name: &str) -> bool {
    let text = String::from_utf8_lossy(attributes);
    text.lines().any(|line| {
        let mut words = line.split_ascii_whitespace();
        let Some(pattern) = words.next().filter(|word| !word.starts_with('#')) else {
            return false;
        };
        let converts = words.any(|word| CONVERTING.iter().any(|&one| word.starts_with(one)));
        let odd = pattern.starts_with("[attr]") || pattern.contains(['"', '[', '\\', '?']);
        let last = pattern.rsplit('/').next().unwrap_or(pattern);
        converts && (odd || glob(last.as_bytes(), name.as_bytes()))
    })
}

/// Matches a pattern with `*`, in time linear in the name for each star.
fn glob(pattern: &[u8], name: &[u8]) -> bool {
    let mut parts = pattern.split(|&b| b == b'*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts.filter(|part| !part.is_empty()) {
        let Some(at) = rest.windows(part.len()).position(|window| window == part) else {
            return false;
        };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_converting_attributes_of_matching_patterns_count() {
        for (text, expected) in [
            ("*.lock text eol=crlf", true),
            ("Cargo.lock filter=lfs", true),
            ("* text=auto eol=crlf", true),
            ("/sub/Cargo.* ident", true),
            ("[attr]bin filter=x", true),
            ("*.lock -diff linguist-generated", false),
            ("* text=auto", false),
            ("*.png filter=lfs", false),
            ("# *.lock eol=crlf", false),
            ("Cargo.lock text eol=lf", false),
        ] {
            assert_eq!(may_convert(text.as_bytes(), "Cargo.lock"), expected, "{text}");
        }
    }
}
