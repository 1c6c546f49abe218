//! Patterns as Python's `fnmatch.translate` (3.11) reads them when its result is used on bytes.
//!
//! A pattern is read by characters, but it is matched by bytes: `?` and `[…]` take one byte, even of a longer character.
//! Nothing can be escaped.

/// What takes one byte, or any number of them.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    One(u8),
    Any,
    Star,
    Class { negated: bool, ranges: Vec<(u8, u8)> },
}

impl Token {
    fn takes(&self, byte: u8) -> bool {
        match self {
            Self::One(one) => *one == byte,
            Self::Any | Self::Star => true,
            Self::Class { negated, ranges } => {
                ranges.iter().any(|(from, to)| (*from..=*to).contains(&byte)) != *negated
            }
        }
    }
}

/// A pattern of whole names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Glob {
    tokens: Vec<Token>,
}

impl Glob {
    /// Every text is a pattern.
    pub(super) fn parse(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let mut tokens = Vec::new();
        let mut at = 0;
        while let Some(&char) = chars.get(at) {
            at += 1;
            match char {
                '*' if tokens.last() == Some(&Token::Star) => {}
                '*' => tokens.push(Token::Star),
                '?' => tokens.push(Token::Any),
                '[' => match class_end(&chars, at) {
                    Some(end) => {
                        tokens.push(class(&chars[at..end]));
                        at = end + 1;
                    }
                    None => tokens.push(Token::One(b'[')),
                },
                char => tokens.extend(char.encode_utf8(&mut [0; 4]).bytes().map(Token::One)),
            }
        }
        Self { tokens }
    }

    /// Whether the pattern takes all of `text`. A star that failed takes one byte more; earlier stars need not be tried
    /// again, since everything else takes exactly one byte. So this takes at most the square of the text's length.
    pub(super) fn matches(&self, text: &[u8]) -> bool {
        let (mut at, mut token) = (0, 0);
        // The latest star, and where in the text it may end next.
        let mut star = None;
        loop {
            match (self.tokens.get(token), text.get(at)) {
                (Some(Token::Star), _) => {
                    star = Some((token, at + 1));
                    token += 1;
                }
                (Some(one), Some(byte)) if one.takes(*byte) => {
                    at += 1;
                    token += 1;
                }
                (None, None) => return true,
                _ => match star {
                    Some((before, end)) if end <= text.len() => {
                        star = Some((before, end + 1));
                        (token, at) = (before + 1, end);
                    }
                    _ => return false,
                },
            }
        }
    }
}

/// Returns the index of the `]` that ends a class; one directly after `[` or `[!` belongs to the class.
fn class_end(chars: &[char], from: usize) -> Option<usize> {
    let mut at = from + usize::from(chars.get(from) == Some(&'!'));
    at += usize::from(chars.get(at) == Some(&']'));
    chars.get(at..)?.iter().position(|char| *char == ']').map(|more| at + more)
}

/// A byte of a class, or the dash between the ends of a range.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Byte(u8),
    Dash,
}

/// What a class with this inside takes.
fn class(inside: &[char]) -> Token {
    let mut parts = Vec::new();
    for (number, piece) in pieces(inside).iter().enumerate() {
        if number > 0 {
            parts.push(Part::Dash);
        }
        parts.extend(piece.iter().collect::<String>().bytes().map(Part::Byte));
    }
    // Only now: a range that was dropped before a `!` makes it the first.
    let negated = parts.first() == Some(&Part::Byte(b'!'));
    let mut rest = &parts[usize::from(negated)..];
    let mut ranges = Vec::new();
    while let Some((first, more)) = rest.split_first() {
        // A dash without two ends is itself.
        let byte = |part: &Part| if let Part::Byte(byte) = part { *byte } else { b'-' };
        match more {
            [Part::Dash, to, after @ ..] => {
                ranges.push((byte(first), byte(to)));
                rest = after;
            }
            _ => {
                ranges.push((byte(first), byte(first)));
                rest = more;
            }
        }
    }
    Token::Class { negated, ranges }
}

/// The inside of a class, cut at the dashes that make ranges. A range that runs backwards is dropped, with both its ends.
fn pieces(inside: &[char]) -> Vec<Vec<char>> {
    let mut pieces: Vec<Vec<char>> = Vec::new();
    let (mut from, mut search) = (0, if inside.first() == Some(&'!') { 2 } else { 1 });
    // The end of a range is not the start of another.
    while let Some(more) = inside.get(search..).and_then(|rest| rest.iter().position(|char| *char == '-')) {
        let dash = search + more;
        pieces.push(inside[from..dash].to_vec());
        (from, search) = (dash + 1, dash + 3);
    }
    match (&inside[from..], pieces.last_mut()) {
        // The class ends with a dash, which is itself.
        ([], Some(last)) => last.push('-'),
        (rest, _) => pieces.push(rest.to_vec()),
    }
    for number in (1..pieces.len()).rev() {
        if pieces[number - 1].last() > pieces[number].first() {
            let after = pieces.remove(number);
            pieces[number - 1].pop();
            pieces[number - 1].extend(after.into_iter().skip(1));
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of the printable ASCII characters (and no other text) the pattern takes.
    fn takes(pattern: &str) -> String {
        let glob = Glob::parse(pattern);
        (' '..='~').filter(|char| glob.matches(&[u8::try_from(*char).unwrap()])).collect()
    }

    #[test]
    fn classes_take_what_python_says() {
        for (pattern, taken) in [
            ("[abc]", "abc"),
            ("[a-c]", "abc"),
            ("[]a]", "]a"),
            ("[]-_]", "]^_"),
            ("[a-]", "-a"),
            ("[-a]", "-a"),
            ("[--0]", "-./0"),
            ("[a-c-f]", "-abcf"),
            ("[z-a]", ""),
            ("[b-a-z]", "-z"),
            ("[z-ab-d]", "bcd"),
            ("[^a]", "^a"),
            ("[[a]", "[a"),
            ("[a\\]", "\\a"),
            ("[!!-~]", " "),
            (
                "[z-a!-}]",
                " !\"#$%&'()*+,./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|~",
            ),
            ("[", "["),
        ] {
            let mut taken: Vec<char> = taken.chars().collect();
            taken.sort_unstable();
            assert_eq!(takes(pattern), taken.into_iter().collect::<String>(), "{pattern}");
        }
        assert_eq!(takes("[!z-a]").len(), 95);
        assert_eq!(takes("[!]a]").len(), 93);
    }

    #[test]
    fn stars_take_anything_and_the_rest_one_byte() {
        let check = |pattern: &str, text: &str| Glob::parse(pattern).matches(text.as_bytes());
        assert!(check("*", "") && check("**a*", "xa") && check("a*b*c", "abbcbc") && check("*aab", "aaaaab"));
        assert!(!check("", "a") && !check("a*b*c", "acb") && !check("?", "") && !check("a", "ab"));
        assert!(check("é", "é") && check("??", "é") && !check("?", "é") && !check("[é]", "é"));
        assert!(check("[a", "[a") && check("*[!", "x[!"));
    }

    #[test]
    fn a_long_pattern_is_decided_soon() {
        let glob = Glob::parse(&format!("{}b", "a*".repeat(500)));
        assert!(!glob.matches("a".repeat(1024).as_bytes()));
    }

    proptest::proptest! {
        #[test]
        fn a_text_without_signs_matches_itself_only(text in "[a-z/.é-]{0,8}", other in "[a-z/.é-]{0,8}") {
            let glob = Glob::parse(&text);
            proptest::prop_assert!(glob.matches(text.as_bytes()));
            proptest::prop_assert_eq!(glob.matches(other.as_bytes()), text == other);
        }

        #[test]
        fn no_pattern_makes_it_panic(pattern in "[\\[\\]!*?^é&~|a-c-]{0,12}", text in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..12)) {
            let _ = Glob::parse(&pattern).matches(&text);
        }
    }
}
