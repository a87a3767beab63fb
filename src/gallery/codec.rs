//! How values become bytes: what serde tells of them, one behind the other, little endian.
//!
//! ```text
//! integers, floats     their bytes: most numbers in these files are the bits of half-precision floats, which a variable
//!                      length would make longer
//! bool, Option         a byte, 0 or 1; then what there is
//! text, lists          their length as u64; then the bytes, or the elements
//! arrays, structs      their elements or fields
//! enums                the number of the variant as u32; then its fields
//! ```
//!
//! Nothing in the bytes says what they are: that is the [container](super::container)'s part, and its version rises when
//! any of these types changes.
//!
//! bincode writes and reads them, with integers of fixed length. The page's own program has a codec of ours for the same bytes:
//! of bincode it would download 16 kB. Both are held against each other in the tests.
//!
//! bincode is no longer maintained (RUSTSEC-2025-0141). It stands behind these two functions, so that it can go.

#[cfg(any(test, not(feature = "page")))]
mod library;
#[cfg(any(test, feature = "page"))]
#[cfg_attr(not(feature = "page"), allow(unreachable_pub, reason = "the tests hold it against the other"))]
mod small;

#[cfg(not(feature = "page"))]
pub use library::{decode, encode};
#[cfg(feature = "page")]
pub use small::{decode, encode};
