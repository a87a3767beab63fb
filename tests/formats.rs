//! Golden files: what today's program writes is what yesterday's wrote, and each way to be malformed has its refusal.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, path::PathBuf};

use lookalike::{
    encoder::{Architecture, DecoderConfig, EncoderConfig, TensorValues, WeightTensor},
    engine::{Compared, Comparison},
    gallery::{
        self, Cell, Cluster, DecoderFile, Density, EncoderFile, Entry, FileRef, Gallery, GalleryError, GalleryFiles,
        Indexed, Item, Miniatures, Part, Probe, Probes, Stored, Thresholds,
    },
    map::MapPoint,
    photo::Photo,
    preprocess::{Pixels, PreprocessConfig},
};
use lookalike_tests::{fixtures, root};

fn encoder() -> EncoderFile {
    let config = EncoderConfig {
        preprocess: PreprocessConfig::unit_range(4),
        architecture: Architecture::ConvPool { channels: vec![2] },
        width: 2,
    };
    let tensors = vec![
        tensor("trunk.ConvPool.0.weight", &[2, 3, 3, 3]),
        tensor("trunk.ConvPool.0.bias", &[2]),
        tensor("projection.weight", &[8, 2]),
        tensor("projection.bias", &[2]),
    ];
    EncoderFile { name: "tiny".into(), config, tensors }
}

fn decoder() -> DecoderFile {
    let tensors = vec![
        tensor("layers.0.weight", &[1, 2, 3, 3]),
        tensor("layers.0.bias", &[1]),
        tensor("last.weight", &[3, 1, 3, 3]),
        tensor("last.bias", &[3]),
    ];
    DecoderFile { config: DecoderConfig { latent: [2, 2, 2], channels: vec![1] }, tensors }
}

fn tensor(name: &str, shape: &[u32]) -> WeightTensor {
    let count: u32 = shape.iter().product();
    let values: Vec<f32> = (0..count).map(|at| at as f32 / count as f32 - 0.25).collect();
    WeightTensor { name: name.into(), shape: shape.to_vec(), values: TensorValues::half(&values) }
}

fn probes() -> Probes {
    let pixels = Pixels::new(4, (0..48).map(|at| at * 5).collect()).unwrap();
    Probes { probes: vec![Probe { pixels, embedding: vec![0.6, 0.8] }] }
}

fn cell() -> Cell {
    let item = |path: &str, cluster, density_group, map| Item {
        path: path.into(),
        thumb: 7,
        thumb_size: [256, 170],
        cluster,
        density_group,
        map,
    };
    // 1.0, 0.0, 0.0, 1.0 in half precision.
    Cell {
        items: vec![item("birds/a.jpg", 0, Some(0), [-1.0, 0.5]), item("b — ü.png", 1, None, [1.0, -0.5])],
        embeddings: vec![0x3C00, 0, 0, 0x3C00],
    }
}

fn miniatures() -> Miniatures {
    Miniatures { side: 1, bytes: vec![200, 100, 50, 0, 10, 20] }
}

fn entry(encoder: FileRef, probes: FileRef, cell: FileRef) -> Entry {
    let cluster = |centroid: [f32; 2]| Cluster { centroid: centroid.to_vec(), size: 1 };
    Entry {
        title: "Two photos".into(),
        generator: "lookalike 0.1.0".into(),
        photos: 2,
        width: 2,
        encoder,
        decoder: Some(decoder().to_file().unwrap().1),
        probes,
        cells: vec![cell],
        clusters: vec![cluster([1.0, 0.0]), cluster([0.0, 1.0])],
        silhouette: Some(0.5),
        density: Density { eps: 0.25, min_points: 5, groups: 1, noise: 1 },
        perplexity: 0.0,
        likeness: Thresholds { related: 0.5, look_alike: 0.75, near_duplicate: 0.9375, identical: 0.9999 },
        large: 1024,
        miniatures: Some(miniatures().to_file().unwrap().1),
    }
}

fn files() -> GalleryFiles {
    with_entry(|_| {})
}

/// A gallery whose entry was changed before it was written: its checksums hold, its content may not.
fn with_entry(change: impl FnOnce(&mut Entry)) -> GalleryFiles {
    let ((encoder, e), (probes, p), (cell, c)) =
        (encoder().to_file().unwrap(), probes().to_file().unwrap(), cell().to_file().unwrap());
    let mut entry = entry(e, p, c);
    change(&mut entry);
    GalleryFiles { entry: entry.to_file().unwrap().0, encoder, probes, cells: vec![cell] }
}

fn with_cell(change: impl FnOnce(&mut Cell)) -> GalleryFiles {
    let mut cell = cell();
    change(&mut cell);
    let (bytes, reference) = cell.to_file().unwrap();
    GalleryFiles { cells: vec![bytes], ..with_entry(|entry| entry.cells = vec![reference]) }
}

fn golden(name: &str) -> PathBuf {
    root().join("tests/golden").join(name)
}

/// Compares with the committed file; `LOOKALIKE_GOLDEN=write` writes it, for a new version of the format.
fn assert_golden(name: &str, bytes: &[u8]) {
    if std::env::var("LOOKALIKE_GOLDEN").is_ok_and(|x| x == "write") {
        fs::create_dir_all(golden("")).unwrap();
        fs::write(golden(name), bytes).unwrap();
    }
    assert_eq!(
        fs::read(golden(name)).unwrap(),
        bytes,
        "{name}: a changed format needs another version in gallery::container"
    );
}

#[test]
fn the_golden_gallery_is_written_and_read() {
    let files = files();
    assert_golden("gallery.lka", &files.entry);
    assert_golden("encoder.lka", &files.encoder);
    assert_golden("decoder.lka", &decoder().to_file().unwrap().0);
    assert_golden("probes.lka", &files.probes);
    assert_golden("miniatures.lka", &miniatures().to_file().unwrap().0);
    assert_golden("cell.lka", &files.cells[0]);
    let gallery = Gallery::parse(&files).unwrap();
    assert_eq!(gallery.decoder(&decoder().to_file().unwrap().0), Ok(decoder()));
    assert_eq!((gallery.items, gallery.encoder, gallery.probes), (cell().items, encoder(), probes()));
    assert_eq!(gallery.embeddings[1].as_slice(), [0.0, 1.0]);
}

fn part() -> Part {
    let photo = Indexed {
        path: "holidays/sea — ü.jpg".into(),
        size: 1_234_567,
        modified: 1_700_000_000_000,
        embedding: vec![0x3C00, 0],
        thumb: vec![0xFF, 0xD8, 0xFF, 0xD9],
        thumb_size: [256, 170],
    };
    Part { encoder: encoder().to_file().unwrap().1.hash, photos: vec![photo] }
}

fn read_part(bytes: &[u8]) -> Result<Option<Part>, GalleryError> {
    Part::read(bytes, "part.lka", &encoder().to_file().unwrap().1, 2)
}

#[test]
fn the_golden_part_of_a_folder_is_written_and_read() {
    let (bytes, reference) = part().to_file().unwrap();
    assert_golden("part.lka", &bytes);
    assert_eq!(read_part(&bytes), Ok(Some(part())));
    assert!(reference.name(gallery::container::Kind::Part).starts_with("part-"));
}

#[test]
fn a_part_that_makes_no_sense_is_told() {
    let told = |change: fn(&mut Part)| {
        let mut part = part();
        change(&mut part);
        read_part(&part.to_file().unwrap().0).map_err(|e| e.to_string())
    };
    assert!(told(|p| p.photos[0].embedding.push(0)).unwrap_err().contains("one embedding a photo"));
    assert!(told(|p| p.photos[0].embedding[0] = 0x7E00).unwrap_err().contains("not finite"));
    assert_eq!(told(|p| p.encoder ^= 1), Ok(None), "of another encoder");
    let (bytes, _) = part().to_file().unwrap();
    assert!(matches!(read_part(&bytes[..bytes.len() - 1]), Err(GalleryError::Length { .. })));
    let flipped: Vec<_> = bytes.iter().enumerate().map(|(at, byte)| byte ^ u8::from(at == 40)).collect();
    assert!(matches!(read_part(&flipped), Err(GalleryError::Checksum { .. })));
    let older = [&bytes[..8], &[2, 0], &bytes[10..]].concat();
    assert!(matches!(read_part(&older), Err(GalleryError::Version { found: 2, .. })));
    assert!(matches!(read_part(&cell().to_file().unwrap().0), Err(GalleryError::Kind { .. })));
}

#[test]
fn the_golden_pixels_of_every_fixture() {
    let lines: String = fixtures()
        .iter()
        .map(|path| {
            let photo = Photo::decode(&fs::read(path).unwrap()).unwrap();
            let pixels = PreprocessConfig::unit_range(64).pixels(&photo);
            format!("{:016x} {}\n", pixels.hash(), path.file_name().unwrap().to_str().unwrap())
        })
        .collect();
    assert_golden("pixels.txt", lines.as_bytes());
}

#[test]
fn every_orientation_is_the_same_picture_upright() {
    let pixels = |name: &str| {
        let photo = Photo::decode(&fs::read(root().join("tests/fixtures").join(name)).unwrap()).unwrap();
        PreprocessConfig::unit_range(64).pixels(&photo)
    };
    let upright = pixels("orientation-1.jpg");
    for name in (2..=8)
        .map(|at| format!("orientation-{at}.jpg"))
        .chain(["orientation-6.png".into(), "orientation-6.webp".into()])
    {
        let turned = pixels(&name);
        let difference: u64 = upright.bytes().iter().zip(turned.bytes()).map(|(&a, &b)| u64::from(a.abs_diff(b))).sum();
        // JPEG's blocks lie otherwise in a turned picture: a mean difference of one level.
        assert!(difference < 12_288 * 3 / 2, "{name}: {difference}");
    }
}

fn refusal(files: &GalleryFiles) -> String {
    Gallery::parse(files).unwrap_err().to_string()
}

#[test]
fn a_file_of_another_gallery_is_foreign() {
    let mut files = files();
    files.cells = with_cell(|cell| cell.items[0].thumb = 8).cells;
    assert!(matches!(Gallery::parse(&files), Err(GalleryError::Foreign { .. })));
}

#[test]
fn a_missing_cell_is_told() {
    let mut files = files();
    files.cells.clear();
    assert!(refusal(&files).contains("missing"));
}

#[test]
fn an_entry_that_makes_no_sense_is_told() {
    let entry = |change: fn(&mut Entry)| refusal(&with_entry(change));
    assert!(entry(|e| e.photos = 0).contains("no photo"));
    assert!(entry(|e| e.photos = 3).contains("promises 3"));
    assert!(entry(|e| e.clusters.clear()).contains("no cluster"));
    assert!(entry(|e| e.clusters[0].centroid.push(0.0)).contains("centroid"));
    assert!(entry(|e| e.clusters[0].centroid[0] = f32::NAN).contains("centroid"));
    assert!(entry(|e| e.density.eps = f32::NAN).contains("eps"));
    assert!(entry(|e| e.likeness.look_alike = 0.99).contains("likeness"));
    assert!(entry(|e| e.likeness.related = f32::NAN).contains("likeness"));
    assert!(entry(|e| e.likeness.identical = 1.5).contains("likeness"));
    assert!(entry(|e| e.width = 3).contains("centroid"));
}

#[test]
fn a_cell_that_makes_no_sense_is_told() {
    let cell = |change: fn(&mut Cell)| refusal(&with_cell(change));
    assert!(cell(|c| c.embeddings.truncate(3)).contains("one embedding a photo"));
    assert!(cell(|c| c.embeddings[0] = 0x7E00).contains("not finite"));
    assert!(cell(|c| c.items[0].cluster = 2).contains("labels"));
    assert!(cell(|c| c.items[0].density_group = Some(1)).contains("labels"));
    assert!(cell(|c| c.items[1].map[0] = f32::INFINITY).contains("labels"));
}

#[test]
fn an_encoder_that_is_no_network_is_told() {
    let with_encoder = |change: fn(&mut EncoderFile)| {
        let mut encoder = encoder();
        change(&mut encoder);
        let (bytes, reference) = encoder.to_file().unwrap();
        GalleryFiles { encoder: bytes, ..with_entry(|entry| entry.encoder = reference) }
    };
    assert!(refusal(&with_encoder(|e| e.config.width = 1)).contains("width"));
    assert!(refusal(&with_encoder(|e| e.config.preprocess.side = 5)).contains("5 pixels"));
    let open = |files: &GalleryFiles| {
        lookalike::engine::Engine::open(files, lookalike::encoder::cpu())
            .err()
            .map(|e| e.to_string())
            .unwrap_or_default()
    };
    assert!(open(&with_encoder(|e| drop(e.tensors.pop()))).contains("projection.bias is missing"));
    assert!(open(&with_encoder(|e| e.tensors[0].shape[0] = 9)).contains("shape"));
    assert!(open(&with_encoder(|e| e.tensors.push(e.tensors[0].clone()))).contains("5 tensors"));
    assert!(open(&with_encoder(|e| e.tensors[1].values = TensorValues::F32(vec![f32::NAN; 2]))).contains("not finite"));
}

/// A gallery with another decoder, and its bytes.
fn with_decoder(change: impl FnOnce(&mut DecoderFile)) -> (GalleryFiles, Vec<u8>) {
    let mut decoder = decoder();
    change(&mut decoder);
    let (bytes, reference) = decoder.to_file().unwrap();
    (with_entry(|entry| entry.decoder = Some(reference)), bytes)
}

fn reconstruct((files, decoder): &(GalleryFiles, Vec<u8>)) -> Result<Pixels, String> {
    let photo = fs::read(root().join("tests/fixtures/rgb.png")).unwrap();
    let engine = lookalike::engine::Engine::open(files, lookalike::encoder::cpu()).unwrap();
    pollster::block_on(engine.reconstruct(&photo, None, decoder)).map(|drawn| drawn.picture).map_err(|e| e.to_string())
}

#[test]
fn a_decoder_draws_at_its_own_side() {
    assert_eq!(reconstruct(&with_decoder(|_| {})).unwrap().side(), 4);
    let twice = with_decoder(|d| {
        d.config.channels = vec![1, 1];
        d.tensors.extend([tensor("layers.1.weight", &[1, 1, 3, 3]), tensor("layers.1.bias", &[1])]);
    });
    assert_eq!(reconstruct(&twice).unwrap().side(), 8);
}

#[test]
fn a_decoder_that_is_no_network_is_told() {
    let told = |change: fn(&mut DecoderFile)| reconstruct(&with_decoder(change)).unwrap_err();
    assert!(told(|d| d.config.latent = [2, 2, 1]).contains("square latent"));
    assert!(told(|d| d.config.channels.clear()).contains("1 to 8 convolutions"));
    assert!(told(|d| d.config.channels = vec![1; 9]).contains("1 to 8 convolutions"));
    assert!(told(|d| d.config.channels = vec![1; 8]).contains("layers.1.weight is missing"));
    assert!(told(|d| d.config.latent = [3, 2, 2]).contains("[2, 2, 2]"));
    assert!(told(|d| drop(d.tensors.pop())).contains("last.bias is missing"));
    assert!(told(|d| d.tensors[0].shape[0] = 9).contains("shape"));
    assert!(told(|d| d.tensors.push(d.tensors[0].clone())).contains("5 tensors"));
}

#[test]
fn another_decoder_or_none_is_told() {
    let (files, bytes) = with_decoder(|_| {});
    let (_, other) = with_decoder(|d| d.config.channels = vec![2]);
    let told = |bytes: &[u8]| reconstruct(&(files.clone(), bytes.to_vec())).unwrap_err();
    assert!(told(&other).contains("does not belong to this gallery"));
    assert!(told(&files.encoder).contains("holds an encoder, not a decoder"));
    assert!(told(&bytes[..bytes.len() - 1]).contains("cut"));
    let without = with_entry(|entry| entry.decoder = None);
    assert!(reconstruct(&(without, bytes)).unwrap_err().contains("decoder is missing"));
}

/// What is found by pixels and by histogram for a fixture, or for a photo of the gallery.
fn compare(files: &GalleryFiles, bytes: &[u8], item: Option<u32>) -> Result<Comparison, String> {
    let photo = fs::read(root().join("tests/fixtures/rgb.png")).unwrap();
    let engine = lookalike::engine::Engine::open(files, lookalike::encoder::cpu()).unwrap();
    let compared = item.map_or(Compared::Given(&photo), Compared::Item);
    engine.compare(compared, bytes, 6).map_err(|e| e.to_string())
}

#[test]
fn miniatures_compare_photos_of_the_gallery() {
    let (files, bytes) = (files(), miniatures().to_file().unwrap().0);
    let found = compare(&files, &bytes, Some(1)).unwrap();
    assert_eq!(found.pixels.iter().map(|n| n.id).collect::<Vec<_>>(), [0], "all others, and not itself");
    let found = compare(&files, &bytes, None).unwrap();
    assert_eq!((found.pixels.len(), found.histogram.len()), (2, 2));
    assert!(compare(&files, &bytes, Some(2)).unwrap_err().contains("no photo number 2"));
}

#[test]
fn miniatures_that_are_none_are_told() {
    let told = |change: fn(&mut Miniatures)| {
        let mut miniatures = miniatures();
        change(&mut miniatures);
        let (bytes, reference) = miniatures.to_file().unwrap();
        compare(&with_entry(|entry| entry.miniatures = Some(reference)), &bytes, Some(0)).unwrap_err()
    };
    assert!(told(|m| m.bytes.truncate(5)).contains("one small picture a photo"));
    assert!(told(|m| m.side = 0).contains("one small picture a photo"));
    assert!(told(|m| m.side = u16::MAX).contains("one small picture a photo"));
    let bytes = miniatures().to_file().unwrap().0;
    assert!(compare(&with_entry(|entry| entry.miniatures = None), &bytes, None).unwrap_err().contains("missing"));
    let other = Miniatures { side: 1, bytes: vec![0; 6] }.to_file().unwrap().0;
    assert!(compare(&files(), &other, None).unwrap_err().contains("does not belong"));
    assert!(compare(&files(), &probes().to_file().unwrap().0, None).unwrap_err().contains("not miniatures"));
}

#[test]
fn probes_that_do_not_fit_are_told() {
    let with_probes = |change: fn(&mut Probes)| {
        let mut probes = probes();
        change(&mut probes);
        let (bytes, reference) = probes.to_file().unwrap();
        refusal(&GalleryFiles { probes: bytes, ..with_entry(|entry| entry.probes = reference) })
    };
    assert!(with_probes(|p| p.probes.clear()).contains("no probe"));
    assert!(with_probes(|p| p.probes[0].embedding.truncate(1)).contains("no probe"));
}

#[test]
fn a_device_that_computes_wrongly_is_found_out() {
    // The golden probe's embedding is made up: to the engine that looks like a broken device.
    let engine = lookalike::engine::Engine::open(&files(), lookalike::encoder::cpu()).unwrap();
    let error = pollster::block_on(engine.check()).unwrap_err();
    assert!(error.to_string().contains("computes wrongly"), "{error}");
}

#[test]
fn a_photo_of_the_gallery_is_answered_from_what_the_gallery_knows() {
    let engine = lookalike::engine::Engine::open(&files(), lookalike::encoder::cpu()).unwrap();
    let answer = engine.near(1, 6).unwrap();
    let item = &cell().items[1];
    assert_eq!((answer.cluster, answer.density_group), (item.cluster, item.density_group));
    assert_eq!(answer.map, MapPoint { x: item.map[0], y: item.map[1] });
    assert_eq!((answer.embedding.as_slice(), answer.pixels_hash), ([0.0, 1.0].as_slice(), None));
    let ids: Vec<_> = answer.neighbors.iter().map(|neighbor| neighbor.id).collect();
    assert_eq!(ids, [0], "all others, and not itself");
    assert!(engine.near(2, 6).unwrap_err().to_string().contains("no photo number 2"));
}

#[test]
fn gallery_names_are_hashes() {
    let (_, reference) = cell().to_file().unwrap();
    assert_eq!(reference.name(gallery::container::Kind::Cell), format!("cell-{:016x}.lka", reference.hash));
}
