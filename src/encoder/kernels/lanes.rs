//! Sixteen channels in four SIMD registers, and what the kernels do with them.

use wide::f32x4;

use super::ops::SIX;

/// Channels at a time.
pub(super) const LANES: usize = 16;

/// Sixteen channels.
pub(super) type Lanes = [f32x4; 4];

/// The first sixteen values, or zeros where there are fewer.
#[inline(always)]
pub(super) fn load(values: &[f32]) -> Lanes {
    match values.first_chunk::<LANES>() {
        Some(values) => lanes(values),
        None => load_rest(values),
    }
}

#[inline(always)]
fn lanes(values: &[f32; LANES]) -> Lanes {
    let [a, b, c, d] = values.as_chunks::<4>().0 else { return [f32x4::ZERO; 4] };
    [f32x4::new(*a), f32x4::new(*b), f32x4::new(*c), f32x4::new(*d)]
}

#[cold]
fn load_rest(values: &[f32]) -> Lanes {
    lanes(&std::array::from_fn(|at| values.get(at).copied().unwrap_or(0.0)))
}

/// Puts as many of the sixteen as there is room for.
#[inline(always)]
pub(super) fn store(lanes: Lanes, values: &mut [f32]) {
    match values.first_chunk_mut::<LANES>() {
        Some(values) => {
            if let [a, b, c, d] = values.as_chunks_mut::<4>().0 {
                (*a, *b, *c, *d) = (lanes[0].to_array(), lanes[1].to_array(), lanes[2].to_array(), lanes[3].to_array());
            }
        }
        None => store_rest(lanes, values),
    }
}

#[cold]
fn store_rest(lanes: Lanes, values: &mut [f32]) {
    values.iter_mut().zip(lanes.iter().flat_map(|lane| lane.to_array())).for_each(|(to, from)| *to = from);
}

/// ReLU6, if asked for.
#[inline(always)]
pub(super) fn relu6(lanes: Lanes, clip: bool) -> Lanes {
    if clip { lanes.map(|lane| lane.fast_max(f32x4::ZERO).fast_min(f32x4::splat(SIX))) } else { lanes }
}
