//! The smallest gallery that is one: two photos and a network of one convolution, as it is or with a mistake in it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc, clippy::missing_errors_doc)]

use std::fs;

use image::{Rgb, RgbImage};
use lookalike::{
    cells::STEP,
    encoder::{Architecture, DecoderConfig, EncoderConfig, TensorValues, WeightTensor, cpu},
    engine::{Compared, Comparison, Engine},
    gallery::{
        AutoencoderFile, Cell, CellRef, Cluster, DecoderFile, Density, Details, Effort, EncoderFile, Entry, FileRef,
        GalleryError, GalleryFiles, Indexed, Item, Miniatures, Part, Probe, Probes, Rounded, Stored, Tag, Thresholds,
        place::as_read,
    },
    map::discs,
    photo::Photo,
    placeholder::Placeholder,
    preprocess::{Pixels, PreprocessConfig},
    thumbnail::jpeg,
};

use crate::root;

/// A network of one convolution.
pub fn encoder() -> EncoderFile {
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

/// What draws from its latent.
pub fn decoder() -> DecoderFile {
    let tensors = vec![
        tensor("layers.0.weight", &[1, 2, 3, 3]),
        tensor("layers.0.bias", &[1]),
        tensor("last.weight", &[3, 1, 3, 3]),
        tensor("last.bias", &[3]),
    ];
    DecoderFile { config: DecoderConfig { latent: [2, 2, 2], channels: vec![1] }, tensors }
}

/// Weights that count up, of this name and shape.
pub fn tensor(name: &str, shape: &[u32]) -> WeightTensor {
    let count: u32 = shape.iter().product();
    let values: Vec<f32> = (0..count).map(|at| at as f32 / count as f32 - 0.25).collect();
    WeightTensor { name: name.into(), shape: shape.to_vec(), values: TensorValues::half(&values) }
}

/// One probe; its embedding is made up.
pub fn probes() -> Probes {
    let picture = RgbImage::from_fn(8, 8, |x, y| Rgb([x as u8 * 30, y as u8 * 30, 100]));
    let photo = jpeg(&picture).unwrap();
    let pixels_hash = encoder().config.preprocess.pixels(&Photo::decode(&photo).unwrap()).hash();
    Probes { probes: vec![Probe { photo, pixels_hash, embedding: vec![0.6, 0.8] }] }
}

/// Two photos.
pub fn cell() -> Cell {
    let item = |path: &str, cluster, density_group, map| Item {
        path: path.into(),
        thumb: 7,
        thumb_size: [256, 170],
        placeholder: Placeholder::of(&RgbImage::from_pixel(4, 4, Rgb([90, 120, 70]))),
        details: None,
        cluster,
        density_group,
        map: as_read(map),
    };
    let details = Details {
        title: "A bird — ü".into(),
        link: "https://example.org/bird?a=1#b".into(),
        tags: vec!["bird".into(), "free licence".into()],
    };
    let bird = Item { details: Some(Box::new(details)), ..item("birds/a.jpg", 0, Some(0), [-1.0, 0.5]) };
    // 1, 0 and 0, 1 around their middle.
    Cell {
        items: vec![bird, item("b — ü.png", 1, None, [1.0, -0.5])],
        embeddings: Rounded::of(&[0.5, -0.5, -0.5, 0.5], STEP),
    }
}

/// Theirs, of one pixel each.
pub fn miniatures() -> Miniatures {
    Miniatures { side: 1, bytes: vec![200, 100, 50, 0, 10, 20] }
}

/// An autoencoder to compare with, to which they are 1, 0 and 0, 1.
pub fn autoencoder() -> AutoencoderFile {
    let encoder = EncoderFile { name: "autoencoder".into(), ..encoder() };
    AutoencoderFile { encoder, embeddings: Rounded::of(&[1.0, 0.0, 0.0, 1.0], STEP) }
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
        cells: vec![CellRef { file: cell, photos: 2 }],
        middles: Rounded::of(&[0.5, 0.5], STEP),
        areas: vec![discs::area(&self::cell().items)],
        efforts: vec![Effort { bytes: 300_000, recall: 0.984_375 }],
        clusters: vec![cluster([1.0, 0.0]), cluster([0.0, 1.0])],
        silhouette: Some(0.5),
        density: Density { eps: 0.25, min_points: 5, groups: 1, noise: 1 },
        perplexity: 0.0,
        likeness: Thresholds { related: 0.5, look_alike: 0.75, near_duplicate: 0.9375, identical: 0.9999 },
        large: 1024,
        miniatures: Some(miniatures().to_file().unwrap().1),
        autoencoder: Some(autoencoder().to_file().unwrap().1),
        tags: ["bird", "free licence"].map(|name| Tag { name: name.into(), photos: 1 }).into(),
    }
}

/// The gallery as it is.
pub fn files() -> GalleryFiles {
    with_entry(|_| {})
}

/// A gallery whose entry was changed before it was written: its checksums hold, its content may not.
pub fn with_entry(change: impl FnOnce(&mut Entry)) -> GalleryFiles {
    let ((encoder, e), (probes, p), (cell, c)) =
        (encoder().to_file().unwrap(), probes().to_file().unwrap(), cell().to_file().unwrap());
    let mut entry = entry(e, p, c);
    change(&mut entry);
    GalleryFiles { entry: entry.to_file().unwrap().0, encoder, probes, cells: vec![cell] }
}

/// A gallery whose cell was changed before it was written.
pub fn with_cell(change: impl FnOnce(&mut Cell)) -> GalleryFiles {
    let mut cell = cell();
    change(&mut cell);
    let (bytes, reference) = cell.to_file().unwrap();
    GalleryFiles { cells: vec![bytes], ..with_entry(|entry| entry.cells[0].file = reference) }
}

/// A part of a visitor's folder: one photo.
pub fn part() -> Part {
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

/// Reads such a part, as one of this gallery's encoder.
pub fn read_part(bytes: &[u8]) -> Result<Option<Part>, GalleryError> {
    Part::read(bytes, "part.lka", &encoder().to_file().unwrap().1, 2)
}

/// A gallery with another decoder, and its bytes.
pub fn with_decoder(change: impl FnOnce(&mut DecoderFile)) -> (GalleryFiles, Vec<u8>) {
    let mut decoder = decoder();
    change(&mut decoder);
    let (bytes, reference) = decoder.to_file().unwrap();
    (with_entry(|entry| entry.decoder = Some(reference)), bytes)
}

/// What the gallery's decoder draws of a fixture, or why it draws nothing.
pub fn reconstruct((files, decoder): &(GalleryFiles, Vec<u8>)) -> Result<Pixels, String> {
    let photo = fs::read(root().join("tests/fixtures/rgb.png")).unwrap();
    let engine = Engine::open(files, cpu()).unwrap();
    pollster::block_on(engine.reconstruct(&photo, None, decoder)).map(|drawn| drawn.picture).map_err(|e| e.to_string())
}

/// What is found by other methods for a fixture, or for a photo of the gallery.
pub fn compare(
    files: &GalleryFiles,
    bytes: &[u8],
    autoencoder: Option<&[u8]>,
    item: Option<u32>,
) -> Result<Comparison, String> {
    let photo = fs::read(root().join("tests/fixtures/rgb.png")).unwrap();
    let engine = Engine::open(files, cpu()).unwrap();
    let compared = item.map_or(Compared::Given(&photo), Compared::Item);
    pollster::block_on(engine.compare(compared, bytes, autoencoder, 6)).map_err(|e| e.to_string())
}
