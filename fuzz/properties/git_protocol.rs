//! No bytes of a git server make the decoders panic, and pieces make no difference to what they read.

use cargo2_bot::io::git::protocol::{AnswerDecoder, GreetingDecoder, ProtocolError, RefsDecoder, Version};

/// Few, so that small inputs reach the limit.
const REFS: usize = 4;

/// The property.
pub(crate) fn holds(input: (u8, &[u8])) {
    let (cut, bytes) = input;
    let (first, second) = bytes.split_at(usize::from(cut).min(bytes.len()));
    let pieces = [first, second];
    let greeting = |pieces: &[&[u8]]| {
        let mut decoder = GreetingDecoder::new(REFS);
        pieces.iter().try_for_each(|piece| decoder.push(piece))?;
        decoder.finish()
    };
    assert_eq!(greeting(&[bytes]), greeting(&pieces));
    let refs = |pieces: &[&[u8]]| {
        let mut decoder = RefsDecoder::new(REFS);
        pieces.iter().try_for_each(|piece| decoder.push(piece))?;
        decoder.finish()
    };
    let list = refs(&[bytes]);
    assert_eq!(list, refs(&pieces));
    assert!(list.is_ok_and(|list| list.refs.len() <= REFS) || refs(&pieces).is_err());
    for version in [Version::Zero, Version::Two] {
        let answer = |pieces: &[&[u8]]| -> Result<_, ProtocolError> {
            let (mut decoder, mut pack) = (AnswerDecoder::new(version), Vec::new());
            pieces.iter().try_for_each(|piece| decoder.push(piece, &mut pack))?;
            Ok((decoder.finish()?, pack))
        };
        let whole = answer(&[bytes]);
        assert!(whole.as_ref().is_ok_and(|(_, pack)| pack.len() < bytes.len().max(1)) || whole.is_err());
        assert_eq!(whole, answer(&pieces));
    }
}
