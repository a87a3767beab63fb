//! Visual search over a folder of photos.
//!
//! A photo flows through these modules in this order; a module imports only those above it:
//!
//! ```text
//! bytes ─ photo ─ (crop) ─ preprocess ─ encoder ─ embedding ─ (mix) ─ search ─ likeness, cluster, map ─ Answer
//!         upright          [3, S, S]    [B, D]    unit vector           └─ gallery: the files of a site
//! ```
//!
//! `engine` owns the order of the steps; `web` is the page and its workers. Nothing outside `web` touches
//! a file, the network, a clock, a thread, a source of randomness or the screen.

pub mod photo;

pub mod crop;
pub mod placeholder;
pub mod thumbnail;

pub mod preprocess;

pub mod colour;

pub mod lanes;

pub mod symmetry;

pub mod embedding;

pub mod mix;
pub mod why;

pub mod encoder;

pub mod gallery;

pub mod numbers;

pub mod filter;

pub mod search;

pub mod cells;

pub mod descriptor;
pub mod duplicates;

pub mod likeness;

pub mod cluster;

pub mod map;

pub mod folder;

pub mod table;

pub mod engine;

#[cfg(test)]
mod spread;

#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub mod web;
