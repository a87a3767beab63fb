//! Where a photo was taken, by whom and with what stays with its owner: nothing but its pixels reaches a site.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use image::ImageReader;
use lookalike::photo::Photo;
use lookalike_tests::{
    command,
    own_folder::walk,
    small::{build, done, path, small},
};

/// Each kind of metadata has a word of its own, so that a failure says which got through.
const WORDS: [&str; 9] = [
    "ExifMaker",
    "ExifArtist",
    "GpsAreaX",
    "XmpCreator",
    "IptcByline",
    "JpegRemark",
    "IccProfil",
    "PngTextY",
    "TrailerZ",
];

/// 48° 51′ 29.6″ N, as EXIF has it: three fractions.
const LATITUDE: [u32; 6] = [48, 1, 51, 1, 2_961_337, 100_003];

fn number(value: u32) -> [u8; 4] {
    value.to_le_bytes()
}

/// An EXIF block: maker, artist, orientation, and where the photo was taken; behind it a thumbnail, as cameras add one.
fn exif(orientation: u16) -> Vec<u8> {
    let field = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value].concat()
    };
    // Behind the header (8), four fields (2 + 4 × 12 + 4) come the texts, then the GPS block.
    let texts = 8 + 54;
    let gps = texts + 24;
    let side = [orientation.to_le_bytes(), [0; 2]].concat().try_into().unwrap();
    let mut block = [&b"II*\0"[..], &number(8), &4_u16.to_le_bytes()].concat();
    block.extend(field(0x010F, 2, 10, number(texts)));
    block.extend(field(0x0112, 3, 1, side));
    block.extend(field(0x013B, 2, 11, number(texts + 12)));
    block.extend(field(0x8825, 4, 1, number(gps)));
    block.extend(number(0));
    block.extend(b"ExifMaker\0\0\0ExifArtist\0\0");
    assert_eq!(block.len(), gps as usize);
    let values = gps + 2 + 3 * 12 + 4;
    block.extend(3_u16.to_le_bytes());
    block.extend(field(1, 2, 2, *b"N\0\0\0"));
    block.extend(field(2, 5, 3, number(values)));
    block.extend(field(0x1C, 7, 16, number(values + 24)));
    block.extend(number(0));
    block.extend(LATITUDE.iter().flat_map(|part| part.to_le_bytes()));
    block.extend(b"ASCII\0\0\0GpsAreaX");
    block
}

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    [&[0xFF, marker][..], &(content.len() as u16 + 2).to_be_bytes(), content].concat()
}

/// Every place in a JPEG where something may be told.
fn jpeg(plain: &[u8], orientation: u16) -> Vec<u8> {
    let xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><dc:creator>XmpCreator</dc:creator></x:xmpmeta>";
    let iptc = b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\x0f\x1c\x02\x50\0\x0aIptcByline\0";
    // A profile that is none: a header and a description.
    let icc = [&b"ICC_PROFILE\0\x01\x01"[..], &[0; 128], b"IccProfil"].concat();
    [
        &plain[..2],
        &segment(0xE1, &[b"Exif\0\0", &exif(orientation)[..]].concat()),
        &segment(0xE1, xmp),
        &segment(0xE2, &icc),
        &segment(0xED, iptc),
        &segment(0xFE, b"JpegRemark"),
        &plain[2..],
        b"TrailerZ",
    ]
    .concat()
}

/// The same of a PNG: text, EXIF and XMP behind its header.
fn png(plain: &[u8]) -> Vec<u8> {
    let chunk = |kind: &[u8; 4], content: &[u8]| {
        let body = [&kind[..], content].concat();
        let mut crc = flate2::Crc::new();
        crc.update(&body);
        [&(content.len() as u32).to_be_bytes()[..], &body, &crc.sum().to_be_bytes()].concat()
    };
    let header = 8 + 25;
    let xmp = b"XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta>XmpCreator</x:xmpmeta>";
    let told = [chunk(b"tEXt", b"Comment\0PngTextY"), chunk(b"iTXt", xmp), chunk(b"eXIf", &exif(6))].concat();
    [&plain[..header], &told, &plain[header..]].concat()
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(lookalike_tests::root().join("tests/fixtures").join(name)).unwrap()
}

/// A folder of photos that tell all they can. Made once: another test may be reading it.
fn talkative() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| write_talkative(small().path("talkative")))
}

fn write_talkative(folder: PathBuf) -> PathBuf {
    fs::create_dir_all(&folder).unwrap();
    let mut plain: Vec<_> = lookalike_tests::files(&small().path("photos/birds"), &["jpg"]);
    plain.truncate(6);
    for (at, photo) in plain.iter().enumerate() {
        fs::write(folder.join(format!("{at}.jpg")), jpeg(&fs::read(photo).unwrap(), 1)).unwrap();
    }
    fs::write(folder.join("turned.jpg"), jpeg(&fixture("grey.jpg"), 6)).unwrap();
    fs::write(folder.join("told.png"), png(&fixture("rgb.png"))).unwrap();
    folder
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

/// The bytes of a file, and what is packed in them: deflate streams, wherever one may begin.
fn unpacked(bytes: &[u8]) -> Vec<Vec<u8>> {
    let streams = (0..bytes.len()).filter_map(|at| {
        let mut out = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::DeflateDecoder::new(&bytes[at..]), &mut out).ok();
        (out.len() > 64).then_some(out)
    });
    streams.collect()
}

fn assert_silent(bytes: &[u8], file: &Path) {
    for word in WORDS {
        assert!(!contains(bytes, word.as_bytes()), "{word} is in {}", file.display());
    }
    let fractions: Vec<u8> = LATITUDE[4..].iter().flat_map(|part| part.to_le_bytes()).collect();
    assert!(!contains(bytes, &fractions), "the latitude is in {}", file.display());
}

#[test]
fn what_a_photo_tells_of_its_owner_is_in_no_file_of_the_site() {
    let small = small();
    let photos = talkative();
    for (name, word) in [("0.jpg", 0), ("0.jpg", 2), ("told.png", 7)] {
        assert!(
            contains(&fs::read(photos.join(name)).unwrap(), WORDS[word].as_bytes()),
            "{} is in {name}",
            WORDS[word]
        );
    }
    done(&build(small, "talkative", "site-silent", &["--large", "512", "--compare-methods"]));
    let mut files = 0;
    // The cache is not published, and still needs none of it.
    for folder in ["site-silent", "site-silent-cache"] {
        for file in walk(&small.path(folder)) {
            let bytes = fs::read(&file).unwrap();
            assert_silent(&bytes, &file);
            // In a photo nothing is packed but its pixels.
            if file.extension().is_some_and(|extension| extension == "lka") && bytes.len() < 100_000 {
                unpacked(&bytes).iter().for_each(|stream| assert_silent(stream, &file));
            }
            files += 1;
        }
    }
    assert!(files > 20, "{files}");
}

#[test]
fn thumbnails_hold_pixels_alone_and_stand_upright() {
    let small = small();
    let photos = talkative();
    done(&build(small, "talkative", "site-upright", &["--large", "512"]));
    let gallery = small.path("site-upright/gallery");
    let pictures = ["thumbs", "large"].map(|folder| lookalike_tests::files(&gallery.join(folder), &["webp"]));
    assert!(pictures.iter().all(|pictures| pictures.len() == 8));
    for file in pictures.concat() {
        let bytes = fs::read(&file).unwrap();
        assert_eq!((&bytes[..4], &bytes[8..12]), (b"RIFF".as_slice(), b"WEBP".as_slice()));
        // One part alone, to the end of the file: what is told lies in parts of its own.
        let length = u32::from_le_bytes(bytes[16..20].try_into().unwrap()) as usize;
        assert_eq!(
            (&bytes[12..16], bytes.len()),
            (b"VP8 ".as_slice(), 20 + length.next_multiple_of(2)),
            "{}",
            file.display()
        );
    }
    // The camera lay on its side: what was wide is high.
    let bytes = fs::read(photos.join("turned.jpg")).unwrap();
    let stored =
        ImageReader::new(std::io::Cursor::new(&bytes)).with_guessed_format().unwrap().into_dimensions().unwrap();
    let (width, height) = Photo::decode(&bytes).unwrap().picture().dimensions();
    assert!(width != height && (height, width) == stored, "{stored:?}");
    let site = lookalike_training::site::read(&small.path("site-upright")).unwrap();
    for item in site.items.iter().filter(|item| ["told.png", "turned.jpg"].contains(&item.path.as_str())) {
        let [across, down] = item.thumb_size;
        let bytes = fs::read(photos.join(&item.path)).unwrap();
        let (width, height) = Photo::decode(&bytes).unwrap().picture().dimensions();
        assert_eq!(across > down, width > height, "{}", item.path);
    }
}

#[test]
fn the_same_pixels_are_the_same_photo_whatever_else_is_told() {
    let small = small();
    talkative();
    let [plain, told] = ["plain", "told"].map(|name| small.path(&format!("same-{name}")));
    for (folder, tell) in [(&plain, false), (&told, true)] {
        fs::create_dir_all(folder).unwrap();
        for photo in lookalike_tests::files(&small.path("photos/birds"), &["jpg"]).iter().take(6) {
            let bytes = fs::read(photo).unwrap();
            let bytes = if tell { jpeg(&bytes, 1) } else { bytes };
            fs::write(folder.join(photo.file_name().unwrap()), bytes).unwrap();
        }
    }
    done(&build(small, "same-plain", "site-plain", &["--title", "Same"]));
    done(&build(small, "same-told", "site-told", &["--title", "Same"]));
    let [plain, told] = ["site-plain", "site-told"].map(|name| small.path(name));
    let names =
        |site: &Path| walk(site).iter().map(|file| file.strip_prefix(site).unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&plain), names(&told));
    for name in names(&plain) {
        assert_eq!(fs::read(plain.join(&name)).unwrap(), fs::read(told.join(&name)).unwrap(), "{}", name.display());
    }
    // Nor does the embeddings' file tell.
    let out = path(small, "told.parquet");
    done(&command::run(["embed", &path(small, "talkative"), "--out", &out, "--model", &path(small, "model")]).unwrap());
    assert_silent(&fs::read(&out).unwrap(), Path::new(&out));
}
