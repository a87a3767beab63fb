//! What the networks compute: burn's operations where they serve, kernels of our own where they are slow or large.
//!
//! `direct` and `ops` are for any burn device, the rest are kernels for the processor.

#[cfg(feature = "train")]
mod autodiff;
#[cfg(all(feature = "cpu", any(test, target_arch = "wasm32")))]
mod convolve;
pub(super) mod direct;
// The gradients are for training alone: without it, nobody calls them.
#[cfg(feature = "cpu")]
#[cfg_attr(not(feature = "train"), allow(dead_code, unused_imports))]
mod flex;
#[cfg(feature = "cpu")]
mod hidden;
#[cfg(feature = "cpu")]
mod lanes;
#[cfg_attr(not(feature = "train"), allow(dead_code, unused_imports))]
mod ops;
#[cfg(feature = "cpu")]
#[cfg_attr(not(feature = "train"), allow(dead_code, unused_imports))]
mod plane;
#[cfg(feature = "cpu")]
mod product;
#[cfg(feature = "cpu")]
#[cfg_attr(not(feature = "train"), allow(dead_code, unused_imports))]
mod tiles;
#[cfg(all(feature = "cpu", target_arch = "x86_64"))]
mod x86;
