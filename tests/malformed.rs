//! Each way for the files of a gallery to be malformed has its refusal.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use lookalike::{
    cells::STEP,
    encoder::{TensorValues, cpu},
    engine::Engine,
    gallery::{
        AutoencoderFile, Cell, DecoderFile, Details, EncoderFile, Entry, Gallery, GalleryError, GalleryFiles,
        Miniatures, Part, Probes, Rounded, Stored,
    },
};
use lookalike_tests::tiny::{
    autoencoder, cell, compare, encoder, files, miniatures, part, probes, read_part, reconstruct, with_cell,
    with_decoder, with_entry,
};

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
    assert!(entry(|e| e.photos = 3).contains("as many photos as it promises"));
    assert!(entry(|e| e.cells[0].photos = 1).contains("as many photos as it promises"));
    assert!(entry(|e| e.cells.push(e.cells[0])).contains("as many photos as it promises"));
    assert!(entry(|e| e.efforts[0].recall = f32::NAN).contains("recall"));
    assert!(entry(|e| e.efforts[0].recall = 1.01).contains("recall"));
    assert!(entry(|e| e.middles = Rounded::of(&[0.5; 3], STEP)).contains("one middle a cell"));
    assert!(entry(|e| e.middles.step = f32::INFINITY).contains("one middle a cell"));
    assert!(entry(|e| e.middles.packed.truncate(2)).contains("one middle a cell"));
    assert!(entry(|e| e.areas.clear()).contains("one area of the map a cell"));
    assert!(entry(|e| e.areas.push(e.areas[0])).contains("one area of the map a cell"));
    assert!(entry(|e| e.efforts.clear()).contains("one area of the map a cell"), "a small gallery has none");
    assert!(entry(|e| e.areas[0].cluster = 2).contains("a cluster that there is not"));
    assert!(entry(|e| e.clusters.clear()).contains("no cluster"));
    assert!(entry(|e| e.clusters[0].centroid.push(0.0)).contains("centroid"));
    assert!(entry(|e| e.clusters[0].centroid[0] = f32::NAN).contains("centroid"));
    assert!(entry(|e| e.density.eps = f32::NAN).contains("eps"));
    assert!(entry(|e| e.likeness.look_alike = 0.99).contains("likeness"));
    assert!(entry(|e| e.likeness.related = f32::NAN).contains("likeness"));
    assert!(entry(|e| e.likeness.identical = 1.5).contains("likeness"));
    assert!(entry(|e| e.width = 3).contains("centroid"));
    assert!(entry(|e| e.tags.reverse()).contains("tags are not in order"));
    assert!(entry(|e| e.tags[1] = e.tags[0].clone()).contains("tags are not in order"));
}

#[test]
fn a_cell_that_makes_no_sense_is_told() {
    let cell = |change: fn(&mut Cell)| refusal(&with_cell(change));
    assert!(cell(|c| c.embeddings = Rounded::of(&[0.5; 3], STEP)).contains("one embedding a photo"));
    assert!(cell(|c| c.embeddings = Rounded::of(&[0.5; 5], STEP)).contains("one embedding a photo"));
    assert!(cell(|c| c.embeddings.packed[0] ^= 6).contains("one embedding a photo"));
    assert!(cell(|c| c.embeddings.packed.clear()).contains("one embedding a photo"));
    assert!(cell(|c| c.embeddings.step = f32::NAN).contains("one embedding a photo"));
    assert!(cell(|c| c.embeddings.step = f32::MAX).contains("not finite"));
    assert!(cell(|c| drop(c.items.pop())).contains("1 photos, not 2"));
    assert!(cell(|c| c.items[0].cluster = 2).contains("labels"));
    assert!(cell(|c| c.items[0].density_group = Some(1)).contains("labels"));
    let details =
        |change: fn(&mut Details)| refusal(&with_cell(|cell| change(cell.items[0].details.as_mut().unwrap())));
    assert!(details(|d| d.link = "javascript:alert(1)".into()).contains("birds/a.jpg has a link"));
    assert!(details(|d| d.title = "x".repeat(201)).contains("birds/a.jpg has a title"));
    assert!(details(|d| d.tags[0].clear()).contains("birds/a.jpg has a tag of no letter"));
    assert!(details(|d| d.tags.push("tree".into())).contains("birds/a.jpg has a tag that the entry does not list"));
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
    let open = |files: &GalleryFiles| Engine::open(files, cpu()).err().map(|e| e.to_string()).unwrap_or_default();
    assert!(open(&with_encoder(|e| drop(e.tensors.pop()))).contains("projection.bias is missing"));
    assert!(open(&with_encoder(|e| e.tensors[0].shape[0] = 9)).contains("shape"));
    assert!(open(&with_encoder(|e| e.tensors.push(e.tensors[0].clone()))).contains("5 tensors"));
    assert!(open(&with_encoder(|e| e.tensors[1].values = TensorValues::F32(vec![f32::NAN; 2]))).contains("not finite"));
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

#[test]
fn miniatures_that_are_none_are_told() {
    let told = |change: fn(&mut Miniatures)| {
        let mut miniatures = miniatures();
        change(&mut miniatures);
        let (bytes, reference) = miniatures.to_file().unwrap();
        compare(&with_entry(|entry| entry.miniatures = Some(reference)), &bytes, None, Some(0)).unwrap_err()
    };
    assert!(told(|m| m.bytes.truncate(5)).contains("one small picture a photo"));
    assert!(told(|m| m.side = 0).contains("one small picture a photo"));
    assert!(told(|m| m.side = u16::MAX).contains("one small picture a photo"));
    let bytes = miniatures().to_file().unwrap().0;
    assert!(compare(&with_entry(|entry| entry.miniatures = None), &bytes, None, None).unwrap_err().contains("missing"));
    let other = Miniatures { side: 1, bytes: vec![0; 6] }.to_file().unwrap().0;
    assert!(compare(&files(), &other, None, None).unwrap_err().contains("does not belong"));
    assert!(compare(&files(), &probes().to_file().unwrap().0, None, None).unwrap_err().contains("not miniatures"));
}

#[test]
fn an_autoencoder_that_is_none_is_told() {
    let miniatures = miniatures().to_file().unwrap().0;
    let told = |files: &GalleryFiles, bytes: &[u8]| compare(files, &miniatures, Some(bytes), None).unwrap_err();
    let changed = |change: fn(&mut AutoencoderFile)| {
        let mut autoencoder = autoencoder();
        change(&mut autoencoder);
        let (bytes, reference) = autoencoder.to_file().unwrap();
        told(&with_entry(|entry| entry.autoencoder = Some(reference)), &bytes)
    };
    assert!(changed(|a| a.embeddings = Rounded::of(&[1.0; 3], 1.0)).contains("one embedding a photo"));
    assert!(changed(|a| a.encoder.config.width = 0).contains("an embedding has 1 to 64 numbers"));
    assert!(changed(|a| a.encoder.tensors.truncate(3)).contains("projection.bias is missing"));
    let bytes = autoencoder().to_file().unwrap().0;
    assert!(told(&with_entry(|entry| entry.autoencoder = None), &bytes).contains("autoencoder is missing"));
    let other = AutoencoderFile { embeddings: Rounded::of(&[1.0; 4], 1.0), ..autoencoder() }.to_file().unwrap().0;
    assert!(told(&files(), &other).contains("does not belong"));
    assert!(told(&files(), &miniatures).contains("holds miniatures of a gallery, not an autoencoder"));
    assert!(told(&files(), &bytes[..bytes.len() - 1]).contains("cut"));
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
