//! What the first bytes of a file tell, whatever its name says.

use crate::photo::Format;

/// Bytes from the start that are looked at: enough for the tables in front of a HEIC or AVIF picture.
pub(super) const HEAD: i32 = 1 << 16;

/// Where a signature stands, its bytes, and what the file is. The first that fits counts.
const SIGNATURES: [(usize, &[u8], &str); 29] = [
    (4, b"ftypavi", "an AVIF picture"),
    (4, b"ftyphei", "a HEIC picture"),
    (4, b"ftyphev", "a HEIC picture"),
    (4, b"ftypmif1", "a HEIF picture"),
    (4, b"ftypmsf1", "a HEIF picture"),
    (4, b"ftypcrx", "a raw photo"),
    (4, b"ftyp", "a video"),
    (0, b"GIF8", "a GIF picture"),
    (0, b"BM", "a BMP picture"),
    (0, b"\xFF\x0A", "a JPEG XL picture"),
    (4, b"JXL ", "a JPEG XL picture"),
    (4, b"jP  ", "a JPEG 2000 picture"),
    (0, b"\0\0\x01\0", "an icon"),
    (8, b"CR\x02", "a raw photo"),
    (0, b"FUJIFILMCCD-RAW", "a raw photo"),
    (0, b"IIRO", "a raw photo"),
    (0, b"IIRS", "a raw photo"),
    (0, b"IIU\0", "a raw photo"),
    // Most cameras put their raw photos into TIFF files.
    (0, b"II*\0", "a TIFF or raw picture"),
    (0, b"MM\0*", "a TIFF or raw picture"),
    (0, b"8BPS", "a Photoshop picture"),
    (0, b"\x1AE\xDF\xA3", "a video"),
    (8, b"AVI ", "a video"),
    (4, b"moov", "a video"),
    (4, b"mdat", "a video"),
    (0, b"%PDF", "a PDF document"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"<", "a web page or drawing"),
    (0, b"\xEF\xBB\xBF<", "a web page or drawing"),
];

/// Whether a file goes to the engine as it is: its decoder reads the format, or has the better words for what is wrong.
pub(super) fn is_exact(head: &[u8]) -> bool {
    head.is_empty() || Format::sniff(head).is_some()
}

/// In words, if the bytes tell.
pub(super) fn what(head: &[u8]) -> Option<&'static str> {
    let fits = |at: usize, magic: &[u8]| head.get(at..).is_some_and(|rest| rest.starts_with(magic));
    SIGNATURES.iter().find(|(at, magic, _)| fits(*at, magic)).map(|(_, _, what)| *what)
}

/// The number of pixels, as far as the first bytes tell; else 0.
pub(super) fn pixels(head: &[u8]) -> u64 {
    let sizes = match head {
        [b'G', b'I', b'F', ..] => number(head, 6, 2, false).zip(number(head, 8, 2, false)),
        // The height of a BMP is negative where its rows run downwards.
        [b'B', b'M', ..] => number(head, 18, 4, false).zip(number(head, 22, 4, false).map(magnitude)),
        // A large HEIC picture is made of tiles: it has several sizes, its own is the largest.
        _ => {
            return head
                .windows(4)
                .enumerate()
                .filter_map(|(at, box_name)| extents(head, at, box_name))
                .max()
                .unwrap_or(0);
        }
    };
    sizes.map_or(0, |(width, height)| width.saturating_mul(height))
}

/// `ispe`, the box of HEIC and AVIF pictures that holds a size, four bytes behind its name.
fn extents(head: &[u8], at: usize, box_name: &[u8]) -> Option<u64> {
    let size = (box_name == b"ispe").then_some(at + 8)?;
    Some(number(head, size, 4, true)?.saturating_mul(number(head, size + 4, 4, true)?))
}

fn number(head: &[u8], at: usize, length: usize, big_endian: bool) -> Option<u64> {
    let bytes = head.get(at..at + length)?.iter().map(|&byte| u64::from(byte));
    let append = |number: u64, byte: u64| number << 8 | byte;
    Some(if big_endian { bytes.fold(0, append) } else { bytes.rev().fold(0, append) })
}

fn magnitude(number: u64) -> u64 {
    u64::from((number as u32).cast_signed().unsigned_abs())
}
