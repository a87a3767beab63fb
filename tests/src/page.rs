//! The page as a test sees it, through its documented hooks.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::driver::{Browser, WebGpu, wait};

/// Opening a gallery, or answering once: generous, for the slowest machine with an imitated GPU.
const PATIENCE: Duration = Duration::from_secs(150);

/// A size of a window, in CSS pixels.
pub const LAPTOP: (u32, u32) = (1280, 800);
/// A phone, upright.
pub const PHONE: (u32, u32) = (390, 844);

/// What the page shows about a query.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Paths and similarities, in order.
    pub results: Vec<(String, f64)>,
    /// `data-embedding`.
    pub embedding: Vec<f64>,
    /// `data-pixels`.
    pub pixels: String,
    /// `data-cluster`.
    pub cluster: String,
    /// `data-group`.
    pub group: String,
    /// `data-x` and `data-y`.
    pub map: [f64; 2],
    /// Text of the device line.
    pub device: String,
    /// `data-query`: how many questions have been answered.
    pub query: u64,
}

impl Shown {
    /// The paths, in order.
    pub fn paths(&self) -> Vec<String> {
        self.results.iter().map(|(path, _)| path.clone()).collect()
    }
}

/// A fresh browser that shows an address. One whose process ends at its very first page is started again, once: of some
/// thousands of starts one ended so, before anything was on the screen, and no second one has.
fn shows(address: &str, start: impl Fn() -> Result<Browser>) -> Result<Browser> {
    let browser = start()?;
    match browser.load(address) {
        Ok(()) => return Ok(browser),
        Err(error) if !error.to_string().contains("the browser has closed the connection") => return Err(error),
        Err(error) => eprintln!("the browser is started once more: {error}"),
    }
    // It has the turn that the next one waits for.
    drop(browser);
    let browser = start()?;
    browser.load(address)?;
    Ok(browser)
}

/// A page in a browser.
pub struct Page {
    /// The browser.
    pub browser: Browser,
}

impl Page {
    /// Opens an address and waits until the page can be asked.
    ///
    /// # Errors
    /// A page that fails to load its gallery.
    pub fn open(address: &str, gpu: WebGpu, size: (u32, u32)) -> Result<Self> {
        let page = Self::load(address, gpu, size)?;
        page.wait_for_state("ready")?;
        Ok(page)
    }

    /// Opens an address in a browser with more flags, without WebGPU, and waits until the page can be asked.
    ///
    /// # Errors
    /// As above.
    pub fn open_with(address: &str, size: (u32, u32), flags: &[&str]) -> Result<Self> {
        let page = Self { browser: shows(address, || Browser::open_with(WebGpu::None, size, flags))? };
        page.wait_for_state("ready")?;
        Ok(page)
    }

    /// Opens an address and does not wait.
    ///
    /// # Errors
    /// A browser that does not start.
    pub fn load(address: &str, gpu: WebGpu, size: (u32, u32)) -> Result<Self> {
        Ok(Self { browser: shows(address, || Browser::open(gpu, size))? })
    }

    /// Waits for `data-state` of the status.
    ///
    /// # Errors
    /// Another final state, or time runs out.
    pub fn wait_for_state(&self, wanted: &str) -> Result<()> {
        wait(PATIENCE, || {
            let state = self.attribute("status", "data-state")?;
            if state == "failed" && wanted != "failed" {
                bail!("the page failed: {}", self.text("error")?);
            }
            Ok((state == wanted).then_some(()))
        })
        .with_context(|| {
            format!(
                "waiting for {wanted}; the status is {:?}, the console {:?}",
                self.text("status"),
                self.browser.console()
            )
        })
    }

    /// Chooses files and waits for the answer.
    ///
    /// # Errors
    /// An error sentence instead of an answer.
    pub fn ask(&self, photo: &Path) -> Result<Shown> {
        let before = self.answered()?;
        self.choose(&[photo])?;
        self.wait_for_answer(before)
    }

    /// Chooses files and does not wait.
    ///
    /// # Errors
    /// What WebDriver says.
    pub fn choose(&self, photos: &[&Path]) -> Result<()> {
        let paths = photos.iter().map(|p| Ok(p.canonicalize()?.display().to_string())).collect::<Result<Vec<_>>>()?;
        self.browser.type_into("[data-testid=photo-input]", &paths.join("\n"))
    }

    /// Waits until more than `before` questions have been answered.
    ///
    /// # Errors
    /// An error sentence, or time runs out.
    pub fn wait_for_answer(&self, before: u64) -> Result<Shown> {
        wait(PATIENCE, || {
            if self.answered()? > before {
                return Ok(Some(()));
            }
            let error = self.text("error")?;
            ensure!(error.is_empty(), "the page says: {error}");
            Ok(None)
        })?;
        self.shown()
    }

    /// Number of questions answered so far.
    ///
    /// # Errors
    /// What WebDriver says.
    pub fn answered(&self) -> Result<u64> {
        Ok(self.attribute("results", "data-query")?.parse().unwrap_or(0))
    }

    /// Chooses a file that is refused, and returns the sentence.
    ///
    /// # Errors
    /// No sentence in time.
    pub fn refusal(&self, files: &[&Path]) -> Result<String> {
        self.choose(files)?;
        self.complaint(PATIENCE)
    }

    /// Waits for a sentence of error.
    ///
    /// # Errors
    /// No sentence in time.
    pub fn complaint(&self, patience: Duration) -> Result<String> {
        wait(patience, || Ok(Some(self.text("error")?).filter(|text| !text.is_empty())))
    }

    /// Makes the browser prefer a colour scheme, `light` or `dark`.
    ///
    /// # Errors
    /// What DevTools says.
    pub fn prefer(&self, scheme: &str) -> Result<()> {
        let colours = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.browser.devtools("Emulation.setEmulatedMedia", colours)?;
        Ok(())
    }

    /// The visible text of a hook; empty if it is hidden.
    ///
    /// # Errors
    /// What WebDriver says.
    pub fn text(&self, hook: &str) -> Result<String> {
        let script = "const e = document.querySelector(`[data-testid=${arguments[0]}]`); return e && e.checkVisibility() ? e.innerText.trim() : ''";
        Ok(self.browser.script(script, json!([hook]))?.as_str().unwrap_or_default().to_owned())
    }

    /// An attribute of a hook; empty if there is none.
    ///
    /// # Errors
    /// What WebDriver says.
    pub fn attribute(&self, hook: &str, name: &str) -> Result<String> {
        let script = "return document.querySelector(`[data-testid=${arguments[0]}]`)?.getAttribute(arguments[1]) ?? ''";
        Ok(self.browser.script(script, json!([hook, name]))?.as_str().unwrap_or_default().to_owned())
    }

    /// Everything that the hooks say.
    ///
    /// # Errors
    /// A hook that is missing or malformed.
    pub fn shown(&self) -> Result<Shown> {
        let script = "return [...document.querySelectorAll('[data-testid=result]')].map(e => [e.dataset.path, Number(e.dataset.similarity)])";
        let results = serde_json::from_value::<Vec<(String, f64)>>(self.browser.script(script, json!([]))?)?;
        let number = |text: String| text.parse::<f64>().with_context(|| format!("{text:?} is no number"));
        let embedding = self.attribute("results", "data-embedding")?;
        Ok(Shown {
            results,
            embedding: embedding.split(',').map(|x| number(x.to_owned())).collect::<Result<_>>()?,
            pixels: self.attribute("results", "data-pixels")?,
            cluster: self.attribute("cluster", "data-cluster")?,
            group: self.attribute("density-group", "data-group")?,
            map: [number(self.attribute("map", "data-x")?)?, number(self.attribute("map", "data-y")?)?],
            device: self.text("device")?,
            query: self.answered()?,
        })
    }
}

/// What `lookalike query --json` says, in the page's terms.
///
/// # Errors
/// A report without a field.
pub fn from_report(report: &Value) -> Result<Shown> {
    let numbers = |value: &Value| {
        value.as_array().map(|list| list.iter().filter_map(Value::as_f64).collect::<Vec<_>>()).unwrap_or_default()
    };
    let results = report["results"].as_array().context("no results")?;
    let map = numbers(&report["map"]);
    ensure!(map.len() == 2, "no place on the map");
    Ok(Shown {
        results: results
            .iter()
            .map(|r| (r["path"].as_str().unwrap_or_default().to_owned(), r["similarity"].as_f64().unwrap_or(0.0)))
            .collect(),
        embedding: numbers(&report["embedding"]),
        pixels: report["pixels"].as_str().unwrap_or_default().to_owned(),
        cluster: report["cluster"].to_string(),
        group: report["density_group"].as_u64().map_or("noise".to_owned(), |g| g.to_string()),
        map: [map[0], map[1]],
        device: report["device"].as_str().unwrap_or_default().to_owned(),
        query: 0,
    })
}
