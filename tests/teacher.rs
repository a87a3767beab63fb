//! The imported teacher, where its weights are: `cargo xtask teacher` fetches them. LOOKALIKE_IMAGENET_SAMPLES names a folder
//! with one photo of each class of ImageNet, whose names sort as the classes do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    fs,
    path::{Path, PathBuf},
};

use image::imageops::{self, FilterType};
use lookalike::{
    encoder::{Encoder, EncoderConfig, batch_tensor},
    photo::Photo,
    preprocess::Pixels,
};
use lookalike_tests::files;
use lookalike_training::teacher::{self, CLASSES, Teacher};

/// Side of the input for which the teacher was trained.
const SIDE: u16 = 224;

/// The shorter side of a photo whose central 224 pixels are seen: 0.875 of it.
const SHORT_SIDE: u32 = 256;

/// The teacher's file; `None` where there is none, and that is said.
fn weights() -> Option<PathBuf> {
    teacher::find().map_err(|reason| eprintln!("skipped: {reason}")).ok()
}

/// One photo of each class, in the order of the classes; `None` where there are none, and that is said.
fn samples() -> Option<Vec<PathBuf>> {
    let folder = std::env::var_os("LOOKALIKE_IMAGENET_SAMPLES").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: LOOKALIKE_IMAGENET_SAMPLES is not set");
    }
    Some(files(&folder?, &["jpg", "jpeg", "JPEG"]))
}

/// What the teacher's authors measured with.
fn pixels(path: &Path, config: &EncoderConfig) -> Pixels {
    let photo = Photo::decode(&fs::read(path).unwrap()).unwrap();
    let (width, height) = photo.picture().dimensions();
    let scaled = |side: u32| (side * SHORT_SIDE).div_ceil(width.min(height)).max(SHORT_SIDE);
    let small = imageops::resize(photo.picture(), scaled(width), scaled(height), FilterType::Triangle);
    let side = u32::from(SIDE);
    let (left, top) = ((small.width() - side) / 2, (small.height() - side) / 2);
    let crop = imageops::crop_imm(&small, left, top, side, side).to_image();
    // A square of the right side is taken as it is.
    config.preprocess.pixels(&Photo::from_picture(crop))
}

fn classes(teacher: &Teacher, encoder: &Encoder, config: &EncoderConfig, photos: &[PathBuf]) -> Vec<usize> {
    let pixels: Vec<_> = photos.iter().map(|path| pixels(path, config)).collect();
    let batch = batch_tensor(&pixels.iter().collect::<Vec<_>>(), &config.preprocess, &lookalike::encoder::cpu());
    let logits: Vec<f32> = teacher.logits(encoder.features(batch)).into_data().iter().collect();
    let best = |row: &[f32]| (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
    logits.chunks(CLASSES).map(best).collect()
}

#[test]
fn the_teacher_knows_the_classes_of_imagenet() {
    let (Some(weights), Some(photos)) = (weights(), samples()) else { return };
    assert_eq!(photos.len(), CLASSES, "one photo a class");
    let teacher = Teacher::load(&weights).unwrap();
    let (config, encoder) = teacher.encoder(SIDE, &lookalike::encoder::cpu()).unwrap();
    let found: Vec<_> = photos.chunks(20).flat_map(|some| classes(&teacher, &encoder, &config, some)).collect();
    let right = found.iter().enumerate().filter(|(class, found)| class == *found).count();
    eprintln!("top-1: {right} of {CLASSES}");
    // Of imagenet-sample-images; there onnxruntime, with the same weights and Pillow's resizing, knows 800.
    assert!(right >= 790, "top-1: {right} of {CLASSES}");
}

#[test]
fn a_file_cut_off_is_refused_by_name() {
    let Some(weights) = weights() else { return };
    let whole = fs::read(weights).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.pth");
    for length in [0, 10, 5_000, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        let told = Teacher::load(&path).unwrap_err().to_string();
        assert!(told.contains("cut.pth") && told.contains("cargo xtask teacher"), "{told}");
    }
}

#[test]
fn the_teacher_is_a_model_at_any_side() {
    if weights().is_none() {
        return;
    }
    let model = teacher::lite0_model(96).unwrap();
    assert_eq!(model.config, EncoderConfig::lite0(96));
    Encoder::load(&model.config, &model.tensors, &lookalike::encoder::cpu()).unwrap();
}
