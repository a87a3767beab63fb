//! Work in independent pieces: on all cores while training, one after the other in the browser.
//! Either way each piece is computed alone and sums are taken in a fixed order, so that the result is the same.

#[cfg(feature = "train")]
use rayon::prelude::*;

/// Calls `work(index, chunk)` for each chunk of `size` values.
#[cfg(feature = "train")]
pub(super) fn for_each_chunk(values: &mut [f32], size: usize, work: impl Fn(usize, &mut [f32]) + Sync) {
    values.par_chunks_mut(size).enumerate().for_each(|(at, chunk)| work(at, chunk));
}

/// Calls `work(index, chunk)` for each chunk of `size` values.
#[cfg(not(feature = "train"))]
pub(super) fn for_each_chunk(values: &mut [f32], size: usize, work: impl Fn(usize, &mut [f32])) {
    values.chunks_mut(size).enumerate().for_each(|(at, chunk)| work(at, chunk));
}

/// The sum of what `work(image, partial sum)` adds for each image.
pub(super) fn sum_over_images(images: usize, size: usize, work: impl Fn(usize, &mut [f32]) + Sync) -> Vec<f32> {
    let mut partial = vec![0.0; images * size];
    for_each_chunk(&mut partial, size, work);
    let mut sum = vec![0.0; size];
    for image in partial.chunks_exact(size) {
        sum.iter_mut().zip(image).for_each(|(sum, &x)| *sum += x);
    }
    sum
}
