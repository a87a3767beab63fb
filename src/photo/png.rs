//! What the PNG decoder takes for granted: that a palette holds whole colours. Where it does not, png 0.18 panics.
//!
//! A file is a signature of eight bytes and a list of chunks: a length, a name, as many bytes, a checksum of four. The
//! palette stands before the picture. (W3C, Portable Network Graphics, 2025.)

use super::PhotoError;

const SIGNATURE: usize = 8;
const CHECKSUM: usize = 4;

/// Red, green and blue of 256 colours.
const LONGEST: usize = 3 * 256;

/// Refuses a palette that is no list of at most 256 colours.
pub(super) fn check(file: &[u8]) -> Result<(), PhotoError> {
    let mut before_picture = chunks(file).take_while(|(name, _)| name != b"IDAT");
    let is_whole = |length| (1..=LONGEST).contains(&length) && length % 3 == 0;
    match before_picture.find(|(name, length)| name == b"PLTE" && !is_whole(*length)) {
        Some((_, length)) => Err(PhotoError::Damaged(format!("its palette has {length} bytes"))),
        None => Ok(()),
    }
}

/// Names and lengths of the chunks.
fn chunks(file: &[u8]) -> impl Iterator<Item = ([u8; 4], usize)> {
    let mut rest = file.get(SIGNATURE..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk()?;
        let (name, after) = after.split_first_chunk()?;
        let length = u32::from_be_bytes(*length) as usize;
        rest = after.get(length.saturating_add(CHECKSUM)..).unwrap_or_default();
        Some((*name, length))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::Photo;

    /// A header, a palette of this length, and the beginning of a picture. Nobody looks at the checksums here.
    fn with_palette(length: u32) -> Vec<u8> {
        let header = [&[0, 0, 0, 13][..], b"IHDR", &[0, 0, 0, 2, 0, 0, 0, 2, 8, 3, 0, 0, 0], &[0; 4]].concat();
        let palette = [&length.to_be_bytes()[..], b"PLTE", &vec![7; length as usize], &[0; 4]].concat();
        [b"\x89PNG\r\n\x1a\n", &header[..], &palette, &[0, 0, 0, 0], b"IDAT"].concat()
    }

    #[test]
    fn a_palette_holds_whole_colours() {
        for (length, is_whole) in
            [(3, true), (48, true), (768, true), (0, false), (49, false), (50, false), (771, false)]
        {
            let expected =
                if is_whole { Ok(()) } else { Err(PhotoError::Damaged(format!("its palette has {length} bytes"))) };
            assert_eq!(check(&with_palette(length)), expected);
        }
    }

    #[test]
    fn a_palette_that_makes_the_decoder_panic_is_refused() {
        let seed = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/seeds/photo/palette-of-49-bytes.png");
        let refusal = PhotoError::Damaged("its palette has 49 bytes".to_owned());
        assert_eq!(Photo::decode(&std::fs::read(seed).unwrap()), Err(refusal));
    }

    #[test]
    fn what_is_cut_off_is_left_to_the_decoder() {
        let whole = with_palette(48);
        assert!((0..whole.len()).all(|end| check(&whole[..end]).is_ok()));
    }
}
