//! File names and time stamps in patch headers.

/// C's `isspace` in the C locale.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// The path as the tree knows it: no empty and no `.` parts.
///
/// An absolute path, a `..` part, a trailing slash, an empty name and bytes that are not UTF-8 are
/// no plain path.
pub(super) fn normal(name: &[u8]) -> Result<String, ()> {
    let text = std::str::from_utf8(name).map_err(|_| ())?;
    if text.starts_with('/') || text.ends_with('/') || text.contains('\0') {
        return Err(());
    }
    let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.is_empty() || parts.contains(&"..") {
        return Err(());
    }
    Ok(parts.join("/"))
}

/// The last part of a path.
pub(super) fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A name in double quotes with C escapes, and what follows the closing quote.
pub(super) fn unquote(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut rest = text.strip_prefix(b"\"")?;
    let mut name = Vec::new();
    loop {
        let (&byte, tail) = rest.split_first()?;
        rest = tail;
        match byte {
            b'"' => return Some((name, rest)),
            b'\n' | 0 => return None,
            b'\\' => {}
            _ => {
                name.push(byte);
                continue;
            }
        }
        let (&escape, tail) = rest.split_first()?;
        rest = tail;
        name.push(match escape {
            b'a' => 7,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            b'\\' | b'"' => escape,
            b'0'..=b'3' => {
                let (digits, tail) = rest.split_at_checked(2)?;
                rest = tail;
                octal(escape, digits)?
            }
            _ => return None,
        });
    }
}

fn octal(first: u8, digits: &[u8]) -> Option<u8> {
    let mut value = first - b'0';
    for &digit in digits {
        if !matches!(digit, b'0'..=b'7') {
            return None;
        }
        value = (value << 3) | (digit - b'0');
    }
    (value != 0).then_some(value)
}

/// Removes `count` leading parts as GNU patch does: a run of slashes counts once. `None` where the
/// name has fewer slashes, or nothing is left.
pub(super) fn strip(name: &[u8], count: u32) -> Option<&[u8]> {
    let mut left = count;
    let mut start = 0;
    let mut at = 0;
    while at < name.len() {
        if name.get(at) == Some(&b'/') {
            while name.get(at + 1) == Some(&b'/') {
                at += 1;
            }
            if left > 0 {
                left -= 1;
                start = at + 1;
            }
        }
        at += 1;
    }
    let rest = name.get(start..)?;
    (left == 0 && !rest.is_empty()).then_some(rest)
}

/// A time stamp in a header, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stamp {
    /// None given.
    Absent,
    /// `/dev/null`, or the time that stands for a file that does not exist.
    Epoch,
    /// Some other time.
    Later,
    /// A text that is not understood here.
    Unknown,
}

/// Seconds since 1970 of `2024-01-31 12:00:00.000000000 +0100`, as `diff -u` writes it.
fn seconds(text: &str) -> Option<i64> {
    let mut words = text.split(' ').filter(|word| !word.is_empty());
    let (date, time, zone) = (words.next()?, words.next()?, words.next()?);
    if words.next().is_some() {
        return None;
    }
    let number = |text: &str, len: usize| -> Option<i64> {
        (text.len() == len && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
    };
    let mut parts = date.split('-');
    let (year, month, day) = (number(parts.next()?, 4)?, number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut parts2 = clock.split(':');
    let (hour, minute, second) = (number(parts2.next()?, 2)?, number(parts2.next()?, 2)?, number(parts2.next()?, 2)?);
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let zone = number(zone.get(1..)?, 4)?;
    let plain = parts.next().is_none() && parts2.next().is_none() && fraction.bytes().all(|b| b.is_ascii_digit());
    let ranges = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 60;
    if !plain || !ranges || zone % 100 >= 60 || zone >= 2400 {
        return None;
    }
    // Days since 1970 by the civil calendar, years starting in March.
    let (y, m) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second - sign * (zone / 100 * 60 + zone % 100) * 60)
}

/// The stamp that GNU patch reads: any time within a day and a bit of 1970 is the epoch.
pub(super) fn gnu_stamp(text: &[u8]) -> Stamp {
    let Ok(text) = std::str::from_utf8(text) else {
        return Stamp::Unknown;
    };
    let text = text.trim_matches(['\t', ' ', '\r', '\n']);
    if text.is_empty() {
        // An empty date is "now" to its date parser, or no date: neither is the epoch.
        return Stamp::Later;
    }
    match seconds(text) {
        Some(at) if at > -25 * 3600 && at < 26 * 3600 => Stamp::Epoch,
        Some(_) => Stamp::Later,
        None => Stamp::Unknown,
    }
}

/// Whether git takes a header line for that of a file that does not exist, by its time stamp.
pub(super) fn git_epoch(line: &[u8]) -> Stamp {
    let Some(tab) = line.iter().rposition(|&b| b == b'\t') else {
        return Stamp::Absent;
    };
    let text = line.get(tab + 1..).unwrap_or_default();
    if !text.starts_with(b"1969-12-31 ") && !text.starts_with(b"1970-01-01 ") {
        return Stamp::Later;
    }
    let plain = std::str::from_utf8(text).ok().and_then(|text| text.strip_suffix('\n'));
    match plain.map(|text| (seconds(text), text)) {
        Some((Some(0), text)) if text.split('.').nth(1).is_none_or(|f| f.trim_start_matches('0').starts_with(' ')) => {
            Stamp::Epoch
        }
        Some((Some(at), _)) if at != 0 => Stamp::Later,
        _ => Stamp::Unknown,
    }
}
