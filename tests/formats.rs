//! Golden files: what today's program writes is what yesterday's wrote; and what it makes of the smallest gallery.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, path::PathBuf};

use lookalike::{
    encoder::cpu,
    engine::Engine,
    gallery::{self, Gallery, GalleryFiles, Stored},
    map::MapPoint,
    photo::Photo,
    preprocess::PreprocessConfig,
};
use lookalike_tests::{
    fixtures, root,
    tiny::{
        autoencoder, cell, compare, decoder, encoder, files, miniatures, part, probes, read_part, reconstruct, tensor,
        with_decoder, with_entry,
    },
};

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
    assert_golden("autoencoder.lka", &autoencoder().to_file().unwrap().0);
    assert_golden("cell.lka", &files.cells[0]);
    let gallery = Gallery::parse(&files).unwrap();
    assert_eq!(gallery.decoder(&decoder().to_file().unwrap().0), Ok(decoder()));
    assert_eq!(gallery.items.iter().cloned().collect::<Vec<_>>(), cell().items);
    assert_eq!((&*gallery.encoder, &*gallery.probes), (&encoder(), &probes()));
    assert_eq!(gallery.embeddings[1].as_slice(), [0.0, 1.0]);
}

#[test]
fn the_golden_part_of_a_folder_is_written_and_read() {
    let (bytes, reference) = part().to_file().unwrap();
    assert_golden("part.lka", &bytes);
    assert_eq!(read_part(&bytes), Ok(Some(part())));
    assert!(reference.name(gallery::container::Kind::Part).starts_with("part-"));
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
fn miniatures_compare_photos_of_the_gallery() {
    let (files, bytes) = (files(), miniatures().to_file().unwrap().0);
    let found = compare(&files, &bytes, None, Some(1)).unwrap();
    assert_eq!(found.pixels.iter().map(|n| n.id).collect::<Vec<_>>(), [0], "all others, and not itself");
    let found = compare(&files, &bytes, None, None).unwrap();
    assert_eq!((found.pixels.len(), found.histogram.len(), found.autoencoder), (2, 2, None));
    assert!(compare(&files, &bytes, None, Some(2)).unwrap_err().contains("no photo number 2"));
}

#[test]
fn an_autoencoder_compares_photos_of_the_gallery() {
    let (files, bytes) = (files(), miniatures().to_file().unwrap().0);
    let autoencoder = autoencoder().to_file().unwrap().0;
    let by = |item| compare(&files, &bytes, Some(&autoencoder), item).unwrap().autoencoder.unwrap();
    assert_eq!(by(Some(1)).iter().map(|n| n.id).collect::<Vec<_>>(), [0], "all others, and not itself");
    // A photo that is given is encoded: the engine of the same network says where it lies.
    let photo = fs::read(root().join("tests/fixtures/rgb.png")).unwrap();
    let answer = pollster::block_on(Engine::open(&files, cpu()).unwrap().ask(&photo, 2)).unwrap();
    assert_eq!(by(None), answer.neighbors);
}

#[test]
fn a_device_that_computes_wrongly_is_found_out() {
    // The golden probe's embedding is made up: to the engine that looks like a broken device.
    let engine = Engine::open(&files(), cpu()).unwrap();
    let error = pollster::block_on(engine.check(1)).unwrap_err();
    assert!(error.to_string().contains("computes wrongly"), "{error}");
    // One that reads another photo than the one that is there is no better.
    let mut probes = probes();
    probes.probes[0].pixels_hash ^= 1;
    let (probes, reference) = probes.to_file().unwrap();
    let files = GalleryFiles { probes, ..with_entry(|entry| entry.probes = reference) };
    let error = pollster::block_on(Engine::open(&files, cpu()).unwrap().check(1)).unwrap_err();
    assert!(error.to_string().contains("read as another") && error.is_of_device(), "{error}");
}

#[test]
fn a_photo_of_the_gallery_is_answered_from_what_the_gallery_knows() {
    let engine = Engine::open(&files(), cpu()).unwrap();
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
fn weights_on_their_device_are_not_held_in_their_stored_form_as_well() {
    let engine = Engine::open(&files(), cpu()).unwrap();
    let again = Gallery::parse(&files()).unwrap();
    assert!(!again.encoder.tensors.is_empty(), "there is something to let go");
    let again = engine.with_gallery(again).unwrap().unwrap();
    assert!([&engine, &again].iter().all(|engine| engine.gallery().encoder.tensors.is_empty()));
    assert_eq!(again.near(1, 6).unwrap().neighbors, engine.near(1, 6).unwrap().neighbors);
}

#[test]
fn gallery_names_are_hashes() {
    let (_, reference) = cell().to_file().unwrap();
    assert_eq!(reference.name(gallery::container::Kind::Cell), format!("cell-{:016x}.lka", reference.hash));
}
