//! What the fuzzer begins with: the golden files, the fixtures, and what of this is written by today's program. Anything
//! that it has found stands as a test beside what was wrong, and as an input in `tests/fuzz/seeds`, which all targets read here.
#![allow(clippy::unwrap_used, clippy::expect_used)]

// To the fuzzer they are a library.
#[allow(unreachable_pub)]
#[path = "fuzz/src/targets/mod.rs"]
mod targets;

use std::{
    fs,
    path::{Path, PathBuf},
};

use lookalike::{
    encoder::{Architecture, BlockConfig, EncoderConfig},
    gallery::{EncoderFile, Stored as _},
    placeholder::Placeholder,
    preprocess::{Pixels, PreprocessConfig},
    thumbnail::Thumbnail,
};
use lookalike_tests::{
    own_folder::walk,
    root,
    tiny::{self, encoder, tensor},
};
use lookalike_training::{
    cache::{Cache, Kept, Key},
    parts::{Part, PartWriter, Row, Stamp},
    photos::Content,
};

/// Whole, cut in the middle, and with a bit turned over in each of sixteen places: what a fuzzer does first.
fn variants(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let turned = (0..16).map(|at| {
        let mut bytes = bytes.to_vec();
        let place = at * bytes.len() / 16;
        bytes[place..].first_mut().into_iter().for_each(|byte| *byte ^= 1 << (at % 8));
        bytes
    });
    [bytes.to_vec(), bytes[..bytes.len() / 2].to_vec(), Vec::new()].into_iter().chain(turned)
}

#[test]
fn every_target_takes_every_seed() {
    let folders = ["fuzz/seeds", "golden", "fixtures"].map(|folder| walk(&root().join("tests").join(folder)));
    let seeds = folders.concat();
    assert!(seeds.len() > 20);
    for seed in seeds {
        let bytes = fs::read(&seed).unwrap();
        for (name, run) in targets::ALL {
            // A photo of megapixels has tests of its own.
            for bytes in variants(&bytes).filter(|bytes| bytes.len() < 1 << 16) {
                let ended = std::panic::catch_unwind(|| run(&bytes));
                assert!(ended.is_ok(), "{name} has not taken {}", seed.display());
            }
        }
    }
}

fn seeds(name: &str) -> PathBuf {
    root().join("tests/fuzz/seeds").join(name)
}

/// Compares with the committed seed; `LOOKALIKE_GOLDEN=write` writes it.
fn assert_seed(name: &str, made: &Path) {
    let bytes = fs::read(made).unwrap();
    if std::env::var("LOOKALIKE_GOLDEN").is_ok_and(|x| x == "write") {
        fs::create_dir_all(seeds(name).parent().unwrap()).unwrap();
        fs::write(seeds(name), &bytes).unwrap();
    }
    assert!(fs::read(seeds(name)).unwrap() == bytes, "{name} is not what is written today");
}

#[test]
fn a_part_is_a_seed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.parquet");
    let row = |path: &str, embedding| Row {
        path: path.into(),
        hash: Content::of(path.as_bytes()),
        size: [640, 480],
        features: vec![1.0, 0.0, 0.5, -2.0, 0.0, 0.0, 0.25, 3.0],
        embedding,
        tags: vec!["bird".into()],
    };
    let stamp = Stamp::new(&encoder(), true, ["a.jpg", "b/ü.jpg"].into_iter()).unwrap();
    let mut part = PartWriter::begin(&path, &stamp).unwrap();
    part.add([row("a.jpg", Some(vec![0.6, 0.8])), row("b/ü.jpg", Some(vec![1.0, 0.0]))]).unwrap();
    part.finish(&path, 1).unwrap();
    let mut rows = 0;
    let count = |_| {
        rows += 1;
        Ok(())
    };
    Part::open(&path).unwrap().rows(count).unwrap();
    assert_eq!(rows, 2);
    assert_seed("parts/two.parquet", &path);
}

/// A damaged number of columns, for which the Parquet reader would have asked for eleven gigabytes.
#[test]
fn a_part_of_a_billion_columns_takes_no_memory() {
    let refusal = Part::open(&seeds("parts/columns.parquet")).err().unwrap().to_string();
    assert!(refusal.contains("columns.parquet") && refusal.contains("other columns"), "{refusal}");
}

/// A page whose size leads back to where it begins: the Parquet reader would have read it for ever.
#[test]
fn a_part_whose_pages_lead_round_in_circles_ends() {
    let read = Part::open(&seeds("parts/circles.parquet")).and_then(|part| part.rows(|_| Ok(())));
    let refusal = read.unwrap_err().to_string();
    assert!(refusal.contains("circles.parquet") && refusal.contains("damaged"), "{refusal}");
}

#[test]
fn a_cache_is_a_seed() {
    let folder = tempfile::tempdir().unwrap();
    let key = Key::new(&encoder(), None, false, None, "cpu").unwrap();
    let cache = Cache::open(folder.path(), key).unwrap();
    let placeholder = Placeholder::default();
    let thumbnail =
        |at: u8| Thumbnail { bytes: vec![at; 9], large: Some(vec![at; 5]), hash: 0, size: [3, 2], placeholder };
    for at in 0..2 {
        let pixels = Pixels::new(2, vec![at; 12]);
        let kept = Kept::new(vec![0.5; 4], thumbnail(at), (pixels, Some(vec![0.25])));
        cache.put(Content::of(&[at]), &kept).unwrap();
    }
    drop(cache);
    let path = folder.path().join("photos.cache");
    // The fuzzer's last byte says in which records the checksums are mended.
    fs::write(&path, [fs::read(&path).unwrap(), vec![0]].concat()).unwrap();
    assert_seed("cache/two", &path);
}

#[test]
fn an_encoder_of_inverted_residuals_is_a_seed() {
    let config = EncoderConfig {
        preprocess: PreprocessConfig::unit_range(32),
        architecture: Architecture::InvertedResidual {
            stem: 2,
            blocks: vec![BlockConfig::new(3, 2, 2, 2), BlockConfig::new(3, 1, 4, 2)],
            head: 3,
        },
        width: 2,
    };
    let shapes: [(&str, &[u32]); 14] = [
        ("stem.weight", &[27, 2]),
        ("stem.bias", &[2]),
        ("blocks.0.depthwise.weight", &[3, 3, 2]),
        ("blocks.0.depthwise.bias", &[2]),
        ("blocks.0.project.weight", &[2, 2]),
        ("blocks.0.project.bias", &[2]),
        ("blocks.1.expand.weight", &[2, 4]),
        ("blocks.1.expand.bias", &[4]),
        ("blocks.1.depthwise.weight", &[3, 3, 4]),
        ("blocks.1.depthwise.bias", &[4]),
        ("blocks.1.project.weight", &[4, 2]),
        ("blocks.1.project.bias", &[2]),
        ("head.weight", &[2, 3]),
        ("head.bias", &[3]),
    ];
    let trunk = shapes.iter().map(|(name, shape)| tensor(&format!("trunk.InvertedResidual.{name}"), shape));
    let projection = [tensor("projection.weight", &[3, 2]), tensor("projection.bias", &[2])];
    let tensors = trunk.chain(projection).collect();
    let file = EncoderFile { name: "tiny".into(), config, tensors };
    let loaded = lookalike::encoder::Encoder::load(&file.config, &file.tensors, &lookalike::encoder::cpu());
    assert_eq!(loaded.err().map(|error| error.to_string()), None);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("residual.lka");
    fs::write(&path, file.to_file().unwrap().0).unwrap();
    assert_seed("weights/residual.lka", &path);
}
