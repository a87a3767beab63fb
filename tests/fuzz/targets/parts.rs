//! Parts: Parquet as anybody may have written it.
#![no_main]

use std::{fs, path::Path};

use libfuzzer_sys::fuzz_target;
use lookalike_fuzz::scratch;
use lookalike_training::parts::Part;

fn init() {
    // A panic of the Parquet reader is caught by ours, which gives up the file: what is not caught is a finding.
    std::panic::set_hook(Box::new(|_| ()));
}

fuzz_target!(init: init(), |bytes: &[u8]| {
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
});
