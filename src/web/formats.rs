//! How a file is read and how large its picture is, by its first bytes.

use crate::photo::Format;

/// Bytes from the start that are looked at: enough for the tables in front of a HEIC or AVIF picture.
pub(super) const HEAD: i32 = 1 << 16;

/// The longest side of what the browser draws for the engine, in pixels: a multiple of what the encoder looks at, and
/// bounded memory.
const LONGEST_SIDE: f64 = 2048.0;

/// The size in which the browser draws a picture for the engine.
pub(super) fn drawn_size(size: [u32; 2]) -> [u32; 2] {
    let [width, height] = size.map(f64::from);
    let scale = (LONGEST_SIDE / width.max(height)).min(1.0);
    [width, height].map(|side| (side * scale).round().max(1.0) as u32)
}

/// Whether a file goes to the engine as it is: its decoder reads the format, or has the better words for what is wrong.
pub(super) fn is_exact(head: &[u8]) -> bool {
    head.is_empty() || Format::sniff(head).is_some()
}

/// The number of pixels, as far as the first bytes tell; else 0.
pub(super) fn pixels(head: &[u8]) -> u64 {
    let sizes = match head {
        [b'G', b'I', b'F', ..] => number(head, 6, 2, false).zip(number(head, 8, 2, false)),
        // The first BMPs, with a header of twelve bytes, had sizes of two.
        [b'B', b'M', ..] if number(head, 14, 4, false) == Some(12) => {
            number(head, 18, 2, false).zip(number(head, 20, 2, false))
        }
        // The height of a BMP is negative where its rows run downwards.
        [b'B', b'M', ..] => number(head, 18, 4, false).zip(number(head, 22, 4, false).map(magnitude)),
        // A large HEIC picture is made of tiles: it has several sizes, its own is the largest.
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => {
            return head
                .windows(4)
                .enumerate()
                .filter_map(|(at, box_name)| extents(head, at, box_name))
                .max()
                .unwrap_or(0);
        }
        _ => None,
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
