//! What kinds of files there are, by their first bytes, whatever their names say.

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

/// What was given in the place of a photo, in words, if its first bytes tell.
pub fn kind(head: &[u8]) -> Option<&'static str> {
    let fits = |at: usize, magic: &[u8]| head.get(at..).is_some_and(|rest| rest.starts_with(magic));
    SIGNATURES.iter().find(|(at, magic, _)| fits(*at, magic)).map(|(_, _, kind)| *kind)
}
