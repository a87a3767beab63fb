//! What the WebP decoder finds out too late: it takes memory for the size that a lossy frame claims, up to 400 MB, before it compares
//! that with the picture's, and for an EXIF block as long as it claims to be, up to 4 GB, before it looks how much is there.
//!
//! A file is a list of chunks (RIFF): a name, a length, its bytes, and one more where the length is odd. Frames of an
//! animation are lists themselves. (RFC 9649, RFC 6386.)

use super::PhotoError;

/// Bytes before the first chunk: `RIFF`, a length, `WEBP`.
const HEADER: usize = 12;

/// Bytes before the chunks of an animation's frame.
const FRAME_HEADER: usize = 16;

/// Refuses lossy frames that claim to be larger than the picture, and blocks of metadata that claim to be longer than what is
/// left of the file. What else is wrong is left to the decoder.
pub(super) fn check(file: &[u8], width: u32, height: u32) -> Result<(), PhotoError> {
    check_list(file, HEADER, width, height)
}

fn check_list(list: &[u8], header: usize, width: u32, height: u32) -> Result<(), PhotoError> {
    chunks(list, header).try_for_each(|chunk| match chunk.name {
        b"VP8 " => chunk.fits(width, height),
        b"ANMF" if header == HEADER => check_list(chunk.content, FRAME_HEADER, width, height),
        b"EXIF" | b"XMP " | b"ICCP" if chunk.content.len() < chunk.length => Err(PhotoError::CutOff),
        _ => Ok(()),
    })
}

struct Chunk<'a> {
    name: &'a [u8; 4],
    /// As it says.
    length: usize,
    /// As far as it is there.
    content: &'a [u8],
}

/// The chunks behind a header.
fn chunks(list: &[u8], header: usize) -> impl Iterator<Item = Chunk<'_>> {
    let mut rest = list.get(header..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (name, after) = rest.split_first_chunk()?;
        let (length, after) = after.split_first_chunk()?;
        let length = u32::from_le_bytes(*length) as usize;
        rest = after.get(length.saturating_add(length % 2)..).unwrap_or_default();
        Some(Chunk { name, length, content: &after[..length.min(after.len())] })
    })
}

impl Chunk<'_> {
    /// A lossy frame's header: three bytes, three that are always the same, width and height in 14 bits each.
    fn fits(&self, width: u32, height: u32) -> Result<(), PhotoError> {
        let side = |at| {
            let [low, high] = self.content.get(at..)?.first_chunk()?;
            Some(u32::from(u16::from_le_bytes([*low, *high]) & 0x3FFF))
        };
        match side(6).zip(side(8)) {
            Some((across, down)) if across > width || down > height => {
                Err(PhotoError::Damaged("a frame is larger than the picture".to_owned()))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::Photo;

    fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let length = (content.len() as u32).to_le_bytes();
        [&name[..], &length, content, &vec![0; content.len() % 2]].concat()
    }

    fn lossy(width: u16, height: u16) -> Vec<u8> {
        let sides = [width.to_le_bytes(), height.to_le_bytes()].concat();
        chunk(b"VP8 ", &[&[0x10, 0, 0, 0x9D, 0x01, 0x2A], &sides[..], &[0; 9]].concat())
    }

    /// A picture of 120 × 80 with these chunks.
    fn file(flags: u8, chunks: &[u8]) -> Vec<u8> {
        let canvas = chunk(b"VP8X", &[flags, 0, 0, 0, 119, 0, 0, 79, 0, 0]);
        let body = [b"WEBP", &canvas[..], chunks].concat();
        [&b"RIFF"[..], &(body.len() as u32).to_le_bytes(), &body].concat()
    }

    #[test]
    fn a_frame_is_no_larger_than_its_picture() {
        let odd = chunk(b"ICCP", &[1, 2, 3]);
        for (width, height, fit) in [(120, 80, true), (121, 80, false), (120, 81, false), (0x3FFF, 0x3FFF, false)] {
            let still = file(0, &[&odd[..], &lossy(width, height)].concat());
            assert_eq!(check(&still, 120, 80).is_ok(), fit, "{width} × {height}");
            let frame = chunk(b"ANMF", &[&[0; FRAME_HEADER][..], &lossy(width, height)].concat());
            assert_eq!(check(&file(2, &frame), 120, 80).is_ok(), fit, "{width} × {height}, animated");
        }
    }

    #[test]
    fn a_cut_frame_is_left_to_the_decoder() {
        let whole = file(0, &lossy(120, 80));
        assert!((0..whole.len()).all(|end| check(&whole[..end], 120, 80).is_ok()));
    }

    #[test]
    fn exif_of_four_gigabytes_that_are_not_there_takes_no_memory() {
        let claims = |name: &[u8; 4], length: u32| [&name[..], &length.to_le_bytes(), b"II*"].concat();
        let still = |chunk: Vec<u8>| file(8, &[lossy(120, 80), chunk].concat());
        assert_eq!(Photo::decode(&still(claims(b"EXIF", u32::MAX))), Err(PhotoError::CutOff));
        for name in [b"EXIF", b"XMP ", b"ICCP"] {
            let frame = |chunk: Vec<u8>| file(2, &self::chunk(b"ANMF", &[vec![0; FRAME_HEADER], chunk].concat()));
            for (length, expected) in [(3, Ok(())), (4, Err(PhotoError::CutOff)), (u32::MAX, Err(PhotoError::CutOff))] {
                assert_eq!(check(&still(claims(name, length)), 120, 80), expected, "{length}");
                assert_eq!(check(&frame(claims(name, length)), 120, 80), expected, "{length}, animated");
            }
        }
    }

    #[test]
    fn a_frame_of_270_megapixels_is_refused_before_it_is_decoded() {
        let reason = "a frame is larger than the picture".to_owned();
        assert_eq!(Photo::decode(&file(0, &lossy(0x3FFF, 0x3FFF))), Err(PhotoError::Damaged(reason)));
    }
}
