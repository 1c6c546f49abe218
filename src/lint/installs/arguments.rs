//! The arguments of `install`, `cp`, `ln` and their like.

use crate::shell::Word;

/// The text of a word, or None where only running it would show.
pub(super) type Text<'a> = &'a dyn Fn(&Word) -> Option<String>;

/// Options and operands, as far as they matter.
#[derive(Default)]
pub(super) struct Arguments<'a> {
    /// The short options without a value. Long ones that mean the same are among them.
    pub(super) flags: String,
    /// `-t DIR`, and the folder where that is known.
    pub(super) target: Option<Option<String>>,
    /// All else.
    pub(super) operands: Vec<&'a Word>,
}

impl<'a> Arguments<'a> {
    /// Reads arguments. `short` and `long` name the options that take a value; `t` is the target folder.
    pub(super) fn read(words: &'a [Word], short: &str, long: &[&str], text: Text<'_>) -> Self {
        let mut out = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let head = word.head();
            if head == "--" {
                out.operands.extend(words);
                break;
            } else if let Some(name) = head.strip_prefix("--") {
                out.long(name, word, &mut words, long, text);
            } else if head.len() > 1 && head.starts_with('-') {
                out.short(head, word, &mut words, short, text);
            } else {
                out.operands.push(word);
            }
        }
        out
    }

    fn long(&mut self, name: &str, word: &Word, rest: &mut std::slice::Iter<'_, Word>, long: &[&str], text: Text<'_>) {
        if let Some(value) = name.strip_prefix("target-directory") {
            let inline = || text(word).and_then(|whole| Some(whole.split_once('=')?.1.to_owned()));
            self.target = Some(if value.starts_with('=') { inline() } else { rest.next().and_then(text) });
        } else if long.iter().any(|option| option.strip_prefix("--") == Some(name)) {
            rest.next();
        } else {
            self.flags.push_str(match name {
                "directory" => "d",
                "recursive" | "archive" => "r",
                "no-target-directory" => "T",
                _ => "",
            });
        }
    }

    /// A bundle of short options; the first that takes a value takes the rest of it.
    fn short(&mut self, head: &str, word: &Word, rest: &mut std::slice::Iter<'_, Word>, short: &str, text: Text<'_>) {
        let Some((at, valued)) = head.char_indices().skip(1).find(|(_, c)| short.contains(*c)) else {
            self.flags.push_str(&head[1..]);
            return;
        };
        self.flags.push_str(&head[1..at]);
        let inline = head.len() > at + 1 || word.parts.len() > 1;
        let value =
            if inline { text(word).map(|whole| whole[at + 1..].to_owned()) } else { rest.next().and_then(text) };
        if valued == 't' {
            self.target = Some(value);
        }
    }
}
