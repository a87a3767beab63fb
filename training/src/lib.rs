//! The native side of Lookalike: from a folder of photos to a model and a site.
//!
//! ```text
//! photos ─ dataset ─ autoencoder ─ train ─ projection ─ model     (a trained encoder)
//! photos ─ reading ─ embed ─ cluster ─ density ─ likeness ─ tsne ─ metadata ─ export ─ about (a site)
//! ```
//!
//! Everything a site and the browser share (preprocessing, encoder, distance, file format) is in [`lookalike`];
//! this crate reads folders, trains, computes the gallery and writes files.

pub mod about;
pub mod agreement;
pub mod autoencoder;
pub mod cache;
pub mod changes;
pub mod chart;
pub mod checkpoint;
pub mod choice;
pub mod cli;
pub mod cluster;
pub mod commands;
pub mod comparison;
pub mod cost;
pub mod dataset;
pub mod density;
pub mod device;
pub mod distill;
pub mod drawing;
pub mod embed;
pub mod evaluate;
pub mod export;
pub mod html;
pub mod interrupt;
pub mod likeness;
pub mod metadata;
pub mod model;
pub mod orthonormal;
pub mod output;
pub mod page;
pub mod parts;
pub mod pca;
pub mod photos;
pub mod picture;
pub mod plot;
pub mod product;
pub mod progress;
pub mod projection;
pub mod publish;
pub mod quantise;
pub mod reading;
pub mod reconstruct;
pub mod reduction;
pub mod rival;
pub mod silhouette;
pub mod site;
pub mod subspace;
pub mod teacher;
pub mod train;
pub mod trustworthiness;
pub mod tsne;
