//! The amount of a review that is shown where there is a limit.

/// The unit of a limit. GitHub counts characters; nobody says which, so the kind that yields most is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// UTF-16 code units, never fewer than characters: comments.
    Utf16,
    /// Bytes, never fewer than anything: check runs and step summaries.
    Bytes,
}

impl Unit {
    pub(super) fn measure(self, text: &str) -> usize {
        match self {
            Self::Utf16 => text.encode_utf16().count(),
            Self::Bytes => text.len(),
        }
    }
}

/// The number of each that are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DisplayBudget {
    /// Lines of what needs a look.
    pub(super) top: usize,
    /// Findings with all their facts.
    pub(super) evidence: usize,
    /// Crates, of all elements together.
    pub(super) rows: usize,
    /// Points, commands and notes.
    pub(super) extras: usize,
    /// Whether patches are shown.
    pub(super) patches: bool,
}

impl DisplayBudget {
    /// All that is ever shown.
    pub(super) const FULL: Self = ROOMS[0];
}

/// From all to the least that is still worth a comment.
const ROOMS: [DisplayBudget; 5] = [
    DisplayBudget { top: 20, evidence: 100, rows: 0, extras: 60, patches: true },
    DisplayBudget { top: 20, evidence: 40, rows: 0, extras: 40, patches: false },
    DisplayBudget { top: 12, evidence: 10, rows: 0, extras: 15, patches: false },
    DisplayBudget { top: 6, evidence: 0, rows: 0, extras: 0, patches: false },
    DisplayBudget { top: 0, evidence: 0, rows: 0, extras: 0, patches: false },
];

/// Crates that should be shown before anything else is shortened.
const ROWS: usize = 30;

/// The fullest rendering within `limit`, for a review of `total` crates. Empty where not even the least fits.
pub(super) fn fit(limit: usize, unit: Unit, total: usize, render: impl Fn(DisplayBudget) -> String) -> String {
    for room in ROOMS {
        let with =
            |rows: usize| Some(render(DisplayBudget { rows, ..room })).filter(|text| unit.measure(text) <= limit);
        // From the small end: no rendering is much larger than the limit.
        let mut low = total.min(ROWS);
        let Some(mut best) = with(low) else { continue };
        let mut high = total + 1;
        while low < total && high > total {
            let rows = (low * 2).min(total);
            match with(rows) {
                Some(text) => (best, low) = (text, rows),
                None => high = rows,
            }
        }
        if low == total {
            return best;
        }
        // A few rows more or less are not worth another rendering.
        while high - low > 1 + low / 32 {
            let rows = low + (high - low) / 2;
            match with(rows) {
                Some(text) => (best, low) = (text, rows),
                None => high = rows,
            }
        }
        return best;
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_rows_as_fit_are_shown() {
        let render = |room: DisplayBudget| "x".repeat(10 + room.rows);
        assert_eq!(fit(1000, Unit::Bytes, 50, render).len(), 60);
        assert!((95..=100).contains(&fit(100, Unit::Bytes, 5000, render).len()));
        assert_eq!(fit(39, Unit::Bytes, 5000, render), "");
    }

    #[test]
    fn less_is_said_before_nothing_is() {
        let render = |room: DisplayBudget| "x".repeat(room.top * 10 + room.rows);
        assert_eq!(fit(100, Unit::Bytes, 10, render).len(), 70);
        assert_eq!(fit(11, Unit::Bytes, 10, render).len(), 10);
    }

    #[test]
    fn the_larger_count_is_taken() {
        assert_eq!((Unit::Utf16.measure("ä🦀"), Unit::Bytes.measure("ä🦀")), (3, 6));
    }
}
