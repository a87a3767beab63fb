//! Parts: Parquet as anybody may have written it.

use std::{fs, path::Path};

use lookalike_training::parts::Part;

use super::scratch;

/// Reads these.
pub fn run(bytes: &[u8]) {
    let path: &Path = &scratch("part.parquet");
    fs::write(path, bytes).unwrap();
    let Ok(part) = Part::open(path) else { return };
    let (_, _, mut rows) = (part.len(), part.is_empty(), 0);
    let read = part.rows(|row| {
        rows += 1;
        assert_eq!(row.features.len(), part.stamp.feature_width);
        Ok(())
    });
    assert!(read.is_err() || rows == part.len());
}
