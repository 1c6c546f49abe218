//! Enough of Rust's lexical structure to tell code from text: comments that nest, strings, raw strings, characters, lifetimes
//! (The Rust Reference, "Lexical structure").

/// A part of a source file that counts here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// An identifier or a keyword.
    Word(&'t str),
    /// What is between the quotes of a string, as it is written.
    Text(&'t str),
    /// A number.
    Number(&'t str),
    /// What is between the quotes of a character.
    Char(&'t str),
    /// Any other character; a quote for a lifetime.
    Mark(char),
}

pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

/// The tokens of a source file. Whatever the text is, they end.
pub(super) fn tokens(text: &str) -> Lexer<'_> {
    Lexer { text, at: 0 }
}

impl<'t> Iterator for Lexer<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        loop {
            let rest = self.rest();
            let first = rest.chars().next()?;
            match first {
                _ if first.is_whitespace() => self.at += first.len_utf8(),
                '/' if rest.starts_with("//") => self.at += rest.find('\n').unwrap_or(rest.len()),
                '/' if rest.starts_with("/*") => self.comment(),
                '"' => return Some(self.string(1)),
                '\'' => return Some(self.quote()),
                _ if first == '_' || first.is_alphabetic() => return Some(self.word()),
                _ if first.is_ascii_digit() => {
                    return Some(Token::Number(self.take(|c| c == '_' || c.is_ascii_alphanumeric())));
                }
                _ => {
                    self.at += first.len_utf8();
                    return Some(Token::Mark(first));
                }
            }
        }
    }
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn take(&mut self, of: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !of(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// Passes over a comment in `/*` and `*/`, with those in it.
    fn comment(&mut self) {
        let bytes = self.rest().as_bytes();
        let (mut depth, mut at) = (0usize, 0);
        while at < bytes.len() {
            match bytes.get(at..at + 2) {
                Some(b"/*") => (depth, at) = (depth + 1, at + 2),
                Some(b"*/") => (depth, at) = (depth - 1, at + 2),
                _ => at += 1,
            }
            if depth == 0 {
                break;
            }
        }
        self.at += at;
    }

    /// A string that begins with so many bytes, up to its quote.
    fn string(&mut self, head: usize) -> Token<'t> {
        let text = &self.rest()[head..];
        let mut escaped = false;
        let end = text.bytes().position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        let end = end.unwrap_or(text.len());
        self.at = (self.at + head + end + 1).min(self.text.len());
        Token::Text(&text[..end])
    }

    /// A character, or a lifetime.
    fn quote(&mut self) -> Token<'t> {
        self.at += 1;
        let from = self.at;
        let mut chars = self.rest().chars();
        match (chars.next(), chars.next()) {
            (Some('\\'), Some(escaped)) => {
                self.at += 1 + escaped.len_utf8();
                self.take(|c| c != '\'' && c != '\n');
                let char = Token::Char(&self.text[from..self.at]);
                self.at = (self.at + 1).min(self.text.len());
                while !self.text.is_char_boundary(self.at) {
                    self.at += 1;
                }
                char
            }
            (Some(c), Some('\'')) => {
                self.at += c.len_utf8() + 1;
                Token::Char(&self.text[from..from + c.len_utf8()])
            }
            _ => {
                self.take(|c| c == '_' || c.is_alphanumeric());
                Token::Mark('\'')
            }
        }
    }

    /// A word, or the string or character that it is the prefix of.
    fn word(&mut self) -> Token<'t> {
        let start = self.at;
        let word = self.take(|c| c == '_' || c.is_alphanumeric());
        let rest = self.rest();
        match word {
            "b" | "c" if rest.starts_with('"') => self.string(1),
            "b" if rest.starts_with('\'') => self.quote(),
            "r" | "br" | "cr" => {
                let hashes = rest.len() - rest.trim_start_matches('#').len();
                let Some(text) = rest[hashes..].strip_prefix('"') else {
                    // `r#type` is a word.
                    self.at += hashes;
                    let word = self.take(|c| c == '_' || c.is_alphanumeric());
                    return if word.is_empty() { Token::Word(&self.text[start..start + 1]) } else { Token::Word(word) };
                };
                let close = format!("\"{}", "#".repeat(hashes));
                let end = text.find(&close).unwrap_or(text.len());
                self.at = (self.at + hashes + 1 + end + close.len()).min(self.text.len());
                Token::Text(&text[..end])
            }
            word => Token::Word(word),
        }
    }
}

/// Counts the places where a source file leaves what the compiler proves: blocks, functions, implementations, traits.
pub(super) fn unsafe_uses(text: &str) -> u32 {
    let opens = |token: Option<Token<'_>>| {
        matches!(token, Some(Token::Mark('{') | Token::Word("fn" | "impl" | "trait" | "extern")))
    };
    // Most files have none.
    if !text.contains("unsafe") {
        return 0;
    }
    let mut tokens = tokens(text).peekable();
    let mut uses = 0;
    while let Some(token) = tokens.next() {
        uses += u32::from(token == Token::Word("unsafe") && opens(tokens.peek().copied()));
    }
    uses
}

/// The strings of a source file, and the modules that it has in files of their own.
pub(super) fn mentions(text: &str) -> (Vec<&str>, Vec<&str>) {
    let (mut texts, mut modules) = (Vec::new(), Vec::new());
    let mut before = [Token::Mark(' '); 2];
    for token in tokens(text) {
        match (before, token) {
            (_, Token::Text(text)) => texts.push(text),
            ([Token::Word("mod"), Token::Word(name)], Token::Mark(';')) => modules.push(name),
            _ => {}
        }
        before = [before[1], token];
    }
    (texts, modules)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn unsafe_code_is_told_from_texts_about_it() {
        for (text, uses) in [
            ("unsafe { a() }", 1),
            ("pub unsafe fn a() { unsafe { b() } }", 2),
            ("unsafe impl Send for A {} unsafe trait B {} unsafe extern \"C\" {}", 3),
            ("#![forbid(unsafe_code)] // unsafe { }\n/* unsafe { /* unsafe { */ unsafe { */", 0),
            ("let a = \"unsafe { \\\" unsafe {\"; let b = r#\"unsafe { \" unsafe {\"#; let c = b\"unsafe {\";", 0),
            ("let q = '\"'; unsafe {} let r = '\\''; unsafe {} let s = b'\"'; unsafe {}", 3),
            ("fn a<'a>(b: &'a str) { unsafe { c('a') } }", 1),
            ("let r#unsafe = 1; r#\"\"#; unsafe {}", 1),
            ("/* never ends unsafe {", 0),
            ("\"never ends unsafe {", 0),
            ("'\\u{1F980}' unsafe { '🦀' } unsafe/* and */{", 2),
        ] {
            assert_eq!(unsafe_uses(text), uses, "{text}");
        }
    }

    #[test]
    fn strings_and_modules_are_named() {
        let text = "mod a; mod b { mod c; } #[path = \"d.rs\"] mod e; // mod f; \"g\"\ninclude!(r\"h\"); b\"i\"; '\"';";
        assert_eq!(mentions(text), (vec!["d.rs", "h", "i"], vec!["a", "c", "e"]));
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(text in "[\\PC\n]{0,60}", quotes in "[\"'#rbc/*\\\\ é{]{0,40}") {
            let text = quotes + &text;
            let _ = (unsafe_uses(&format!("unsafe{text}")), mentions(&text));
        }
    }
}
