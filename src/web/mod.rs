//! The page and its workers: the only place that touches the network, a clock or the screen.
//!
//! ```text
//! page (main thread) ──Request──▶ worker (cpu or webgpu) ── engine
//!        ◀──────────Response──────────┘
//! ```

mod formats;
pub mod gpu;
#[cfg(any(feature = "worker-cpu", feature = "worker-webgpu"))]
mod groups;
mod js;
pub mod messages;

#[cfg(feature = "page")]
pub mod page;

#[cfg(any(feature = "worker-cpu", feature = "worker-webgpu"))]
pub mod backend;

#[cfg(any(feature = "worker-cpu", feature = "worker-webgpu"))]
mod memory;

#[cfg(any(feature = "worker-cpu", feature = "worker-webgpu"))]
pub mod worker;

#[cfg(any(feature = "worker-cpu", feature = "worker-webgpu"))]
mod bitmap;

#[cfg(any(feature = "worker-cpu", feature = "worker-webgpu"))]
mod details;

#[cfg(any(feature = "worker-cpu", feature = "worker-webgpu"))]
mod folder;

#[cfg(any(feature = "worker-cpu", feature = "worker-webgpu"))]
mod opened;

#[cfg(feature = "worker-cpu")]
pub mod search;

#[cfg(any(feature = "worker-cpu", feature = "worker-webgpu"))]
mod store;

#[cfg(any(feature = "worker-cpu", feature = "worker-webgpu"))]
mod tables;
