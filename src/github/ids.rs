//! GitHub's names and numbers as types: what decides is no bare text or number.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The id of a commit: 40 or 64 hex digits, in lower case.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String")]
pub struct CommitId(String);

/// A text is not the id of a commit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NotACommitId(String);

impl CommitId {
    /// Takes a text over that is such an id.
    ///
    /// # Errors
    /// When it is not.
    pub fn parse(text: &str) -> Result<Self, NotACommitId> {
        Self::try_from(text.to_owned())
    }

    /// The id as a text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The beginning of the id, as people read it.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..9).unwrap_or_default()
    }

    /// The id of a commit of a test, by a name.
    #[cfg(test)]
    pub(crate) fn of(name: &str) -> Self {
        Self(crate::encode::sha256(name))
    }
}

impl TryFrom<String> for CommitId {
    type Error = NotACommitId;

    fn try_from(text: String) -> Result<Self, NotACommitId> {
        let hex = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if hex && matches!(text.len(), 40 | 64) { Ok(Self(text)) } else { Err(NotACommitId(text)) }
    }
}

impl Default for CommitId {
    /// Git's null id, which no commit has.
    fn default() -> Self {
        Self("0".repeat(40))
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for NotACommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self.0.chars().take(80).collect();
        write!(f, "`{}` is not the id of a commit", shown.escape_debug())
    }
}

impl std::error::Error for NotACommitId {}

/// A point in time: seconds since 1970 UTC.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(try_from = "String")]
pub struct Moment(pub i64);

/// A text is not a point in time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NotAMoment(String);

impl Moment {
    /// Reads a time of RFC 3339, as GitHub writes it. Parts of a second are left out.
    ///
    /// # Errors
    /// When it is none: there is no time that could be put in its place.
    pub fn parse(text: &str) -> Result<Self, NotAMoment> {
        let time = chrono::DateTime::parse_from_rfc3339(text).map_err(|_| NotAMoment(text.to_owned()))?;
        Ok(Self(time.timestamp()))
    }
}

impl fmt::Display for Moment {
    /// As GitHub writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (day, second) = (self.0.div_euclid(86_400), self.0.rem_euclid(86_400));
        let date = u64::try_from(day * 86_400).map(crate::config::Date::of_unix).map_err(|_| fmt::Error)?;
        write!(f, "{date}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
    }
}

impl Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl TryFrom<String> for Moment {
    type Error = NotAMoment;

    fn try_from(text: String) -> Result<Self, NotAMoment> {
        Self::parse(&text)
    }
}

impl fmt::Display for NotAMoment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self.0.chars().take(80).collect();
        write!(f, "`{}` is not a time of RFC 3339", shown.escape_debug())
    }
}

impl std::error::Error for NotAMoment {}

/// Makes a type for one kind of GitHub's numbers.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl From<u64> for $name {
            fn from(number: u64) -> Self {
                Self(number)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number! {
    /// The number of a pull request.
    PullNumber
}
number! {
    /// The REST id of a check run.
    CheckRunId
}
number! {
    /// The REST id of a comment.
    CommentId
}

/// Makes a type for words of GitHub. A word that is not among them is kept as it is.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Eq, Hash, PartialEq)]
        pub enum $name {
            $($(#[$inner])* $variant,)+
            /// A word that this program does not know, in lower case.
            Other(String),
        }

        impl $name {
            /// Reads GitHub's word, in the lower case of REST or the upper case of GraphQL.
            #[must_use]
            pub fn read(word: &str) -> Self {
                match word.to_ascii_lowercase() {
                    $(known if known == $word => Self::$variant,)+
                    other => Self::Other(other),
                }
            }

            /// The word, as REST writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }
    };
}

words! {
    /// The conclusion of a check run.
    Conclusion {
        /// All is well.
        Success = "success",
        /// Something is wrong.
        Failure = "failure",
        /// It neither passed nor failed.
        Neutral = "neutral",
        /// Somebody or something ended it early.
        Cancelled = "cancelled",
        /// It did not run. Branch rules count that as passed.
        Skipped = "skipped",
        /// It took too long.
        TimedOut = "timed_out",
        /// A person has to act.
        ActionRequired = "action_required",
        /// It could not start.
        StartupFailure = "startup_failure",
        /// GitHub gave it up.
        Stale = "stale",
    }
}

words! {
    /// The state of a commit status.
    StatusState {
        /// All is well.
        Success = "success",
        /// Something is wrong.
        Failure = "failure",
        /// It has not ended.
        Pending = "pending",
        /// It could not be found out.
        Error = "error",
        /// It is required, and nobody reported it yet: GraphQL alone says this.
        Expected = "expected",
    }
}

words! {
    /// The state of a review.
    ReviewState {
        /// Yes.
        Approved = "approved",
        /// Not like this.
        ChangesRequested = "changes_requested",
        /// It was taken back.
        Dismissed = "dismissed",
        /// Only words.
        Commented = "commented",
        /// It is not submitted yet.
        Pending = "pending",
    }
}

words! {
    /// The content of a reaction.
    Reaction {
        /// A command is carried out.
        ThumbsUp = "+1",
        /// A command is not carried out.
        Confused = "confused",
        /// A command was seen.
        Eyes = "eyes",
    }
}

/// The level of an annotation of a check run.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AnnotationLevel {
    /// Good to know.
    Notice,
    /// Should be looked at.
    Warning,
    /// Wrong.
    Failure,
}

impl AnnotationLevel {
    /// The word, as REST writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Failure => "failure",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_a_commit_is_40_or_64_lower_case_hex_digits() {
        for good in ["0123456789abcdef0123456789abcdef01234567", &"a".repeat(64)] {
            assert_eq!(CommitId::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "main", &"a".repeat(39), &"A".repeat(40), &"g".repeat(40), &"ä".repeat(20)] {
            assert!(CommitId::parse(bad).is_err(), "{bad}");
        }
        assert!(serde_json::from_str::<CommitId>(r#""main""#).is_err());
    }

    #[test]
    fn a_time_is_read_in_every_zone_and_what_is_none_is_refused() {
        for text in ["2026-09-21T13:33:20Z", "2026-09-21T15:33:20.999+02:00"] {
            assert_eq!(Moment::parse(text).unwrap(), Moment(1_789_997_600), "{text}");
            assert_eq!(Moment::parse(text).unwrap().to_string(), "2026-09-21T13:33:20Z");
        }
        for bad in ["", "yesterday", "2026-09-21", "2026-13-01T00:00:00Z", "1789997600"] {
            assert!(Moment::parse(bad).is_err(), "{bad}");
            assert!(serde_json::from_value::<Moment>(bad.into()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_word_is_read_in_both_cases_and_an_unknown_one_is_kept() {
        assert_eq!(Conclusion::read("ACTION_REQUIRED"), Conclusion::ActionRequired);
        assert_eq!(Conclusion::read("action_required"), Conclusion::ActionRequired);
        assert_eq!(StatusState::read("Sunny"), StatusState::Other("sunny".into()));
        assert_eq!(ReviewState::read("SUNNY").as_str(), "sunny");
        assert_eq!(serde_json::to_string(&Conclusion::TimedOut).unwrap(), r#""timed_out""#);
        assert_eq!(serde_json::to_string(&PullNumber(7)).unwrap(), "7");
    }
}
