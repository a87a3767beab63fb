//! A real browser, driven through its driver (W3C WebDriver): Chromium here, the others in [`crate::engines`].

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::{Value, json};

use crate::engines::Screen;

/// One browser at a time: two would time each other out on a small machine.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Name of the element identifier in WebDriver's JSON.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Keys, as WebDriver writes them.
pub mod keys {
    /// Enter.
    pub const ENTER: &str = "\u{E007}";
    /// Shift, the left one.
    pub const SHIFT: &str = "\u{E008}";
    /// Control, the left one.
    pub const CONTROL: &str = "\u{E009}";
    /// Escape.
    pub const ESCAPE: &str = "\u{E00C}";
    /// Left arrow.
    pub const LEFT: &str = "\u{E012}";
    /// Up arrow.
    pub const UP: &str = "\u{E013}";
    /// Right arrow.
    pub const RIGHT: &str = "\u{E014}";
    /// Down arrow.
    pub const DOWN: &str = "\u{E015}";
}

/// Whether the browser has WebGPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebGpu {
    /// An adapter that the processor imitates (SwiftShader): slow, but the real interface.
    Software,
    /// The interface without an adapter.
    None,
}

/// A browser window; it is closed when dropped.
pub struct Browser {
    driver: Child,
    /// What it is shown on, if it needs that.
    _screen: Option<Screen>,
    session: String,
    agent: ureq::Agent,
    _profile: tempfile::TempDir,
    _turn: MutexGuard<'static, ()>,
}

impl Browser {
    /// Opens a window of this size in CSS pixels.
    ///
    /// # Errors
    /// Chromium or chromedriver is missing, or does not start.
    pub fn open(gpu: WebGpu, size: (u32, u32)) -> Result<Self> {
        Self::open_with(gpu, size, &[])
    }

    /// Opens a window with more of Chromium's flags, such as those for a camera.
    ///
    /// # Errors
    /// As above.
    pub fn open_with(gpu: WebGpu, size: (u32, u32), flags: &[&str]) -> Result<Self> {
        Self::open_set(gpu, size, flags, &json!({}))
    }

    /// Opens a window with flags and with Chromium's preferences, as its settings would change them.
    pub(crate) fn open_set(gpu: WebGpu, size: (u32, u32), flags: &[&str], preferences: &Value) -> Result<Self> {
        let chromium =
            program("CHROMIUM", &["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"])?;
        let driver = Command::new(program("CHROMEDRIVER", &["/usr/bin/chromedriver"])?);
        let browser = Self::start(driver, None, |profile| {
            let mut all = capabilities(&chromium, profile, gpu, size, flags);
            all["goog:chromeOptions"]["prefs"] = preferences.clone();
            all
        })?;
        browser.imitate_screen(size, 1, false)?;
        Ok(browser)
    }

    /// Starts a driver, and a session of it in a fresh profile. `screen`: what it is shown on, and ends with it.
    pub(crate) fn start(
        mut driver: Command,
        screen: Option<Screen>,
        capabilities: impl FnOnce(&Path) -> Value,
    ) -> Result<Self> {
        let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let name = driver.get_program().display().to_string();
        driver.arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null());
        let driver = driver.spawn().with_context(|| format!("{name} can't be started"))?;
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(180)))
            .build()
            .into();
        let profile = tempfile::tempdir()?;
        let session = format!("http://127.0.0.1:{port}");
        let mut browser = Self { driver, _screen: screen, session, agent, _profile: profile, _turn: turn };
        browser.wait_for_driver().with_context(|| format!("{name} does not answer"))?;
        let wanted = capabilities(browser._profile.path());
        let answer = browser.call("POST", "/session", &json!({"capabilities": {"alwaysMatch": wanted}}))?;
        let id = answer["sessionId"].as_str().with_context(|| format!("{name} gave no session"))?.to_owned();
        browser.session = format!("{}/session/{id}", browser.session);
        Ok(browser)
    }

    fn wait_for_driver(&self) -> Result<()> {
        let address = format!("{}/status", self.session);
        wait(Duration::from_secs(30), || Ok(self.agent.get(&address).call().is_ok().then_some(())))
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let address = format!("{}{path}", self.session);
        let mut response = match method {
            "GET" => self.agent.get(&address).call()?,
            "DELETE" => self.agent.delete(&address).call()?,
            _ => self.agent.post(&address).send_json(body)?,
        };
        let answer: Value = response.body_mut().with_config().limit(64 << 20).read_json()?;
        let value = answer["value"].clone();
        ensure!(response.status().is_success(), "{path}: {}", value["message"].as_str().unwrap_or("WebDriver refused"));
        Ok(value)
    }

    /// Loads a page.
    ///
    /// # Errors
    /// What WebDriver says, here and below.
    pub fn load(&self, address: &str) -> Result<()> {
        self.call("POST", "/url", &json!({"url": address})).map(drop)
    }

    /// Takes the window for a screen of this size in CSS pixels, and of this density.
    ///
    /// # Errors
    /// What the browser says.
    pub fn imitate_screen(&self, (width, height): (u32, u32), density: u32, mobile: bool) -> Result<()> {
        let screen = json!({"width": width, "height": height, "deviceScaleFactor": density, "mobile": mobile});
        self.devtools("Emulation.setDeviceMetricsOverride", screen).map(drop)
    }

    /// Gives the window a size.
    ///
    /// # Errors
    /// What WebDriver says.
    pub fn resize(&self, (width, height): (u32, u32)) -> Result<()> {
        self.call("POST", "/window/rect", &json!({"width": width, "height": height})).map(drop)
    }

    /// Runs the body of a function in the page and returns its result.
    ///
    /// # Errors
    /// An exception in the script.
    pub fn script(&self, body: &str, arguments: Value) -> Result<Value> {
        self.call("POST", "/execute/sync", &json!({"script": body, "args": arguments}))
    }

    /// A command of Chromium's own protocol.
    ///
    /// # Errors
    /// An unknown command.
    pub fn devtools(&self, command: &str, parameters: Value) -> Result<Value> {
        self.call("POST", "/goog/cdp/execute", &json!({"cmd": command, "params": parameters}))
    }

    /// Types into an element; for a file input, the paths of files, a line each.
    ///
    /// # Errors
    /// No such element.
    pub fn type_into(&self, selector: &str, text: &str) -> Result<()> {
        let id = self.element(selector)?;
        self.call("POST", &format!("/element/{id}/value"), &json!({"text": text})).map(drop)
    }

    /// Clicks an element as a person would.
    ///
    /// # Errors
    /// No such element, or another one lies over it.
    pub fn click(&self, selector: &str) -> Result<()> {
        // A page that scrolls softly would move the element away from under the pointer.
        self.script(
            "document.querySelector(arguments[0])?.scrollIntoView({block: 'center', behavior: 'instant'})",
            json!([selector]),
        )?;
        let id = self.element(selector)?;
        self.call("POST", &format!("/element/{id}/click"), &json!({})).map(drop)
    }

    /// Presses a key as a person would, whatever has the focus. WebDriver has letters of its own for keys without one.
    ///
    /// # Errors
    /// What WebDriver says.
    pub fn press(&self, key: &str) -> Result<()> {
        self.press_all(&[key])
    }

    /// Presses keys together, one after the other, and lets them go in the other order.
    ///
    /// # Errors
    /// What WebDriver says.
    pub fn press_all(&self, keys: &[&str]) -> Result<()> {
        let stroke = |kind: &str, key: &&str| json!({"type": kind, "value": key});
        let down = keys.iter().map(|key| stroke("keyDown", key));
        let strokes: Vec<_> = down.chain(keys.iter().rev().map(|key| stroke("keyUp", key))).collect();
        let actions = json!({"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]});
        self.call("POST", "/actions", &actions).map(drop)
    }

    /// Opens another tab in front of the page, waits there, closes it and comes back.
    ///
    /// # Errors
    /// What WebDriver says.
    pub fn behind_another_tab(&self, meanwhile: impl FnOnce()) -> Result<()> {
        let own = self.call("GET", "/window", &json!({}))?;
        let other = self.call("POST", "/window/new", &json!({"type": "tab"}))?["handle"].take();
        self.call("POST", "/window", &json!({"handle": other}))?;
        self.devtools("Page.bringToFront", json!({}))?;
        meanwhile();
        self.call("DELETE", "/window", &json!({}))?;
        self.call("POST", "/window", &json!({"handle": own}))?;
        self.devtools("Page.bringToFront", json!({})).map(drop)
    }

    fn element(&self, selector: &str) -> Result<String> {
        let found = self.call("POST", "/element", &json!({"using": "css selector", "value": selector}))?;
        found[ELEMENT].as_str().map(str::to_owned).ok_or_else(|| anyhow!("no {selector}"))
    }

    /// What the console said since the last call: warnings and errors too.
    ///
    /// # Errors
    /// What WebDriver says.
    pub fn console(&self) -> Result<Vec<String>> {
        let entries = self.call("POST", "/se/log", &json!({"type": "browser"}))?;
        let messages = entries.as_array().into_iter().flatten().map(|entry| entry["message"].to_string());
        // What Chromium itself says about WebGPU on this machine is no fault of the page.
        let its_own = ["No available adapters", "WebGPU is experimental on this platform"];
        Ok(messages.filter(|message| !its_own.iter().any(|words| message.contains(words))).collect())
    }

    /// The addresses that the page asked for since the last call.
    ///
    /// # Errors
    /// What WebDriver says.
    pub fn requests(&self) -> Result<Vec<String>> {
        let events = self.network()?;
        let sent = events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        Ok(sent.filter_map(|event| event["params"]["request"]["url"].as_str().map(str::to_owned)).collect())
    }

    /// What DevTools told about the network since the last call: `method` and `params` of each event.
    ///
    /// # Errors
    /// What WebDriver says.
    pub fn network(&self) -> Result<Vec<Value>> {
        let entries = self.call("POST", "/se/log", &json!({"type": "performance"}))?;
        let mut events = Vec::new();
        for entry in entries.as_array().into_iter().flatten() {
            let mut event: Value = serde_json::from_str(entry["message"].as_str().unwrap_or("{}"))?;
            if event["message"]["method"].as_str().is_some_and(|method| method.starts_with("Network.")) {
                events.push(event["message"].take());
            }
        }
        Ok(events)
    }

    /// Writes a picture of the window into `target/screenshots`.
    ///
    /// # Errors
    /// A disk that is full.
    pub fn screenshot(&self, name: &str) -> Result<PathBuf> {
        let shot = self.devtools("Page.captureScreenshot", json!({"format": "png", "captureBeyondViewport": true}))?;
        let folder = crate::root().join("target/screenshots");
        std::fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{name}.png"));
        std::fs::write(&path, base64(shot["data"].as_str().unwrap_or_default())?)?;
        Ok(path)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Closing the session ends the browser; then the driver may go.
        self.call("DELETE", "", &json!({})).ok();
        self.driver.kill().ok();
        self.driver.wait().ok();
    }
}

/// Asks again and again until there is an answer.
///
/// # Errors
/// Time runs out, or asking fails.
pub fn wait<T>(limit: Duration, mut ask: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        if started.elapsed() > limit {
            bail!("nothing happened within {} s", limit.as_secs());
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// What Chromium is told its profile with.
const PROFILE: &str = "--user-data-dir=";

/// The flag for a profile that outlives the browser.
pub fn in_profile(profile: &Path) -> String {
    format!("{PROFILE}{}", profile.display())
}

/// Ends all processes of the browser in a profile, as a power cut would.
///
/// # Errors
/// There is none.
pub fn kill_in(profile: &Path) -> Result<()> {
    let flag = in_profile(profile);
    let ended = Command::new("pkill").args(["-KILL", "-f", "--", &flag]).status().context("pkill can't be started")?;
    ensure!(ended.success(), "no browser has the profile {}", profile.display());
    Ok(())
}

/// What Chromium is started with.
fn capabilities(chromium: &Path, profile: &Path, gpu: WebGpu, size: (u32, u32), flags: &[&str]) -> Value {
    let mut arguments: Vec<String> = [
        "--headless=new",
        "--no-sandbox",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        // A request that leaves this machine fails at once, and shows in the console.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ]
    .map(str::to_owned)
    .to_vec();
    arguments.push(format!("--window-size={},{}", size.0, size.1));
    if !flags.iter().any(|flag| flag.starts_with(PROFILE)) {
        arguments.push(in_profile(profile));
    }
    arguments.extend(flags.iter().copied().map(str::to_owned));
    if gpu == WebGpu::Software {
        arguments.push("--enable-unsafe-webgpu".to_owned());
    }
    json!({
        "goog:chromeOptions": {"binary": chromium, "args": arguments},
        "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        "timeouts": {"script": 120_000, "pageLoad": 120_000},
    })
}

/// A program that the environment names, or that is where it usually is.
pub(crate) fn program(variable: &str, usual: &[&str]) -> Result<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    let usual = usual.iter().map(PathBuf::from).find(|path| path.exists());
    named.or(usual).with_context(|| format!("no {}: `cargo xtask test` installs it", variable.to_lowercase()))
}

/// The bytes behind base64.
///
/// # Errors
/// A letter that is none of it.
pub fn base64(text: &str) -> Result<Vec<u8>> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let digits: Vec<u8> =
        text.bytes().filter(|&b| b != b'=').map(|b| value(b).context("this is no base64")).collect::<Result<_>>()?;
    let bytes = digits.chunks(4).flat_map(|four| {
        let number = (0..4).fold(0_u32, |n, at| n << 6 | u32::from(four.get(at).copied().unwrap_or(0)));
        number.to_be_bytes()[1..four.len()].to_vec()
    });
    Ok(bytes.collect())
}
