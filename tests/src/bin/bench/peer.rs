//! What onnxruntime-web needs to run a model on a page.

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use lookalike_tests::{demo_site, driver::wait, page::Page};
use serde_json::{Value, json};

/// What our page and the peer's are asked about.
const SAMPLE: &str = "samples/kingfisher.jpg";
const PATIENCE: Duration = Duration::from_secs(120);
/// The runtime for the processor in one script, that for WebGPU, and the wasm of both.
const RUNTIME: [&str; 4] = [
    "ort.wasm.bundle.min.mjs",
    "ort-wasm-simd-threaded.wasm",
    "ort.webgpu.bundle.min.mjs",
    "ort-wasm-simd-threaded.asyncify.wasm",
];

/// A model and the runtime it is run by.
pub(crate) struct Peer {
    model: PathBuf,
    runtime: PathBuf,
}

impl Peer {
    /// `None`: there is nothing to compare with, which is said.
    pub(crate) fn find(part: &str, model: Option<&Path>) -> Result<Option<Self>> {
        let (Some(model), Some(runtime)) = (model, env::var_os("LOOKALIKE_ORT").map(PathBuf::from)) else {
            eprintln!(
                "{part} is skipped: --peer-model FILE names the model, LOOKALIKE_ORT the runtime, which `cargo xtask bench` fetches"
            );
            return Ok(None);
        };
        Ok(Some(Self { model: model.to_owned(), runtime }))
    }

    /// A folder with the model, the runtime, a photo and these files.
    pub(crate) fn site(&self, files: &[(&str, &str)]) -> Result<tempfile::TempDir> {
        let folder = tempfile::tempdir()?;
        let copy = |from: &Path, name: &str| {
            fs::copy(from, folder.path().join(name)).with_context(|| format!("{} can't be read", from.display()))
        };
        copy(&self.model, "model.onnx")?;
        copy(&demo_site().join(SAMPLE), "photo.jpg")?;
        for name in RUNTIME {
            copy(&self.runtime.join("dist").join(name), name)?;
        }
        for (name, text) in files.iter().chain(&[("prepared.js", include_str!("prepared.js"))]) {
            fs::write(folder.path().join(name), text)?;
        }
        Ok(folder)
    }

    /// What a page, the peer's or ours, sets `window.NAME` to, once it has.
    pub(crate) fn value(page: &Page, name: &str) -> Result<Value> {
        wait(PATIENCE, || {
            let failed = page.browser.script("return window.failed ?? ''", json!([]))?;
            ensure!(failed == "", "the page failed: {failed}");
            let value = page.browser.script(&format!("return window.{name} ?? null"), json!([]))?;
            Ok((!value.is_null()).then_some(value))
        })
    }

    /// The runtime's version.
    pub(crate) fn version(&self) -> Result<String> {
        let package = self.runtime.join("package.json");
        let text = fs::read(&package).with_context(|| format!("{} can't be read", package.display()))?;
        Ok(serde_json::from_slice::<serde_json::Value>(&text)?["version"].as_str().unwrap_or_default().to_owned())
    }

    /// The model's name.
    pub(crate) fn model(&self) -> String {
        self.model.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}
