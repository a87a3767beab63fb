//! What can be wrong with a gallery's file: always which file, and what to do.

use thiserror::Error;

/// Why a file of a gallery can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GalleryError {
    /// The magic is missing: another kind of file, or an error page of the host.
    #[error(
        "{file} is not a Lookalike file; the host may have sent an error page in its place. Publish the site again"
    )]
    Magic {
        /// Name of the file.
        file: String,
    },
    /// Written by another version of the format.
    #[error(
        "{file} has format version {found}, this program reads version {expected}. Build the site again with one version of lookalike, then reload the page"
    )]
    Version {
        /// Name of the file.
        file: String,
        /// The version in the file.
        found: u16,
        /// The version this program reads.
        expected: u16,
    },
    /// A Lookalike file of another kind, e.g. weights in the place of the entry.
    #[error("{file} holds {found}, not {expected}. Publish the site again")]
    Kind {
        /// Name of the file.
        file: String,
        /// What the file holds.
        found: String,
        /// What belongs there.
        expected: &'static str,
    },
    /// Shorter or longer than its header says.
    #[error("{file} is cut: {found} bytes of {expected}. Reload; if that does not help, publish the site again")]
    Length {
        /// Name of the file.
        file: String,
        /// Bytes there are, header included.
        found: usize,
        /// Bytes the header promises.
        expected: usize,
    },
    /// The content is not what was written.
    #[error("{file} is damaged: its checksum is wrong. Reload; if that does not help, publish the site again")]
    Checksum {
        /// Name of the file.
        file: String,
    },
    /// The entry names a file of another content.
    #[error(
        "{file} does not belong to this gallery. The site is half updated: wait a minute and reload, or publish it again"
    )]
    Foreign {
        /// Name of the file.
        file: String,
    },
    /// The checksum holds, but what the file says makes no sense.
    #[error("{file} is malformed: {reason}. Build the site again")]
    Malformed {
        /// Name of the file.
        file: String,
        /// What makes no sense.
        reason: String,
    },
    /// Not there.
    #[error("{file} is missing. Publish the whole site again")]
    Missing {
        /// Name of the file.
        file: String,
    },
}

impl GalleryError {
    pub(crate) fn malformed(file: &str, reason: impl Into<String>) -> Self {
        Self::Malformed { file: file.to_owned(), reason: reason.into() }
    }
}
