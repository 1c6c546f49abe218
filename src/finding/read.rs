//! The answer of an adapter: a thing, the proof that there is none, or the reason why it is not known.

/// The answer of an adapter to a request for one thing. All three cases must be handled: there is no way to an
/// [`Option`] that forgets why.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read<T> {
    /// It was read.
    Known(T),
    /// It is proven not to be there: the folder that would hold it was listed in full.
    Absent,
    /// It could not be read.
    Unreadable(Unreadable),
}

/// The reason why something could not be read, in words that follow "the file cannot be used: ".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable(String);

impl Unreadable {
    /// A reason.
    #[must_use]
    pub fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unreadable {}

impl From<Unreadable> for String {
    fn from(why: Unreadable) -> Self {
        why.0
    }
}

impl<T> Read<T> {
    /// A failure to read.
    pub fn unreadable(why: impl Into<String>) -> Self {
        Self::Unreadable(Unreadable::new(why))
    }

    /// The same answer about something made from the thing.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Read<U> {
        match self {
            Self::Known(thing) => Read::Known(make(thing)),
            Self::Absent => Read::Absent,
            Self::Unreadable(why) => Read::Unreadable(why),
        }
    }

    /// The same answer about what is made from the thing, which may itself be absent or unreadable.
    pub fn and_then<U>(self, make: impl FnOnce(T) -> Read<U>) -> Read<U> {
        match self {
            Self::Known(thing) => make(thing),
            Self::Absent => Read::Absent,
            Self::Unreadable(why) => Read::Unreadable(why),
        }
    }

    /// The same answer about a borrowed thing.
    pub fn as_ref(&self) -> Read<&T> {
        match self {
            Self::Known(thing) => Read::Known(thing),
            Self::Absent => Read::Absent,
            Self::Unreadable(why) => Read::Unreadable(why.clone()),
        }
    }

    /// The thing, or None where it is proven not to be there.
    ///
    /// # Errors
    /// Why it is not known.
    pub fn optional(self) -> Result<Option<T>, Unreadable> {
        match self {
            Self::Known(thing) => Ok(Some(thing)),
            Self::Absent => Ok(None),
            Self::Unreadable(why) => Err(why),
        }
    }

    /// The thing.
    ///
    /// # Errors
    /// `absent`, or why it is not known.
    pub fn required(self, absent: impl Into<String>) -> Result<T, Unreadable> {
        match self {
            Self::Known(thing) => Ok(thing),
            Self::Absent => Err(Unreadable::new(absent)),
            Self::Unreadable(why) => Err(why),
        }
    }

    /// Returns whether it was read, or could not be: everything but a proven absence.
    #[must_use]
    pub const fn may_exist(&self) -> bool {
        !matches!(self, Self::Absent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_stays_a_failure_through_every_method() {
        let failed: Read<u8> = Read::unreadable("no");
        assert_eq!(failed.clone().map(u16::from), Read::unreadable("no"));
        assert_eq!(failed.clone().and_then(Read::Known), Read::<u8>::unreadable("no"));
        assert_eq!(failed.clone().optional(), Err(Unreadable::new("no")));
        assert_eq!(failed.clone().required("gone"), Err(Unreadable::new("no")));
        assert!(failed.may_exist());
        assert_eq!(Read::<u8>::Absent.optional(), Ok(None));
        assert!(!Read::<u8>::Absent.may_exist());
    }
}
