//! The records of a pax extended header (POSIX.1-2008): `<length> <key>=<value>\n`, the length in decimal digits and
//! of the whole record.

/// The records of a pax header that count here.
#[derive(Debug, Default)]
pub(super) struct Pax {
    pub(super) path: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    pub(super) sparse: bool,
    /// Of `path` and `GNU.sparse.name`, the later one names the entry.
    pub(super) sparse_name: Option<Vec<u8>>,
}

/// The records that change which file an entry is. Others are passed over.
///
/// # Errors
///
/// A record that is malformed, given twice, or empty where a value is needed: readers differ there.
pub(super) fn parse(mut records: &[u8]) -> Result<Pax, &'static str> {
    let mut pax = Pax::default();
    while !records.is_empty() {
        let (key, value, rest) = record(records).ok_or("a pax record is malformed")?;
        records = rest;
        let slot = match key {
            b"path" if pax.sparse_name.is_some() => return Err("a sparse file has two names"),
            b"path" => &mut pax.path,
            b"linkpath" => &mut pax.link,
            b"GNU.sparse.name" => &mut pax.sparse_name,
            b"size" => {
                let size = digits(value).ok_or("a pax size is malformed")?;
                if pax.size.replace(size).is_some() {
                    return Err("a pax record is given twice");
                }
                continue;
            }
            _ => {
                pax.sparse |= key.starts_with(b"GNU.sparse.");
                continue;
            }
        };
        if value.is_empty() {
            return Err("a pax record has an empty name");
        }
        if slot.replace(value.to_vec()).is_some() {
            return Err("a pax record is given twice");
        }
    }
    pax.sparse |= pax.sparse_name.is_some();
    Ok(pax)
}

/// Key, value and what follows.
fn record(records: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = records.iter().take(20).position(|byte| *byte == b' ')?;
    let length = usize::try_from(digits(&records[..space])?).ok()?;
    let (record, rest) = records.split_at_checked(length)?;
    let (last, body) = record.get(space + 1..)?.split_last()?;
    let equals = body.iter().position(|byte| *byte == b'=')?;
    (*last == b'\n' && equals > 0).then_some((&body[..equals], &body[equals + 1..], rest))
}

fn digits(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_u64, |sum, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}
