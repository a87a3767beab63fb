//! The other engines of the web, by their own WebDrivers: Gecko in Firefox, WebKit in its GTK build.

use std::{
    fmt,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use crate::driver::{Browser, WebGpu, program};

// Where the programs usually are.
const GECKODRIVER: [&str; 1] = ["/usr/bin/geckodriver"];
const FIREFOX: [&str; 2] = ["/usr/bin/firefox-esr", "/usr/bin/firefox"];
const WEBKIT_DRIVER: [&str; 1] = ["/usr/bin/WebKitWebDriver"];
const XVFB: [&str; 1] = ["/usr/bin/Xvfb"];

/// What a browser is built on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Blink and V8: Chrome, Edge, Opera, most of Android.
    Chromium,
    /// Gecko.
    Firefox,
    /// WebKit: Safari, and every browser on iPhones and iPads. Its GTK build, as Debian has it.
    WebKit,
}

/// What a browser has to do without: processors lack it, or visitors switch it off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Without {
    /// It has all that it usually has.
    Nothing,
    /// WebAssembly with SIMD.
    Simd,
    /// WebAssembly.
    Wasm,
    /// Cookies, and with them all that a site may keep.
    Storage,
}

impl Engine {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];

    /// Whether it and its driver are on this machine.
    pub fn is_at_hand(self) -> bool {
        match self {
            Self::Chromium => true,
            Self::Firefox => program("GECKODRIVER", &GECKODRIVER).and(program("FIREFOX", &FIREFOX)).is_ok(),
            Self::WebKit => program("WEBKIT_DRIVER", &WEBKIT_DRIVER).and(program("XVFB", &XVFB)).is_ok(),
        }
    }

    /// Opens a window of this size in CSS pixels, without WebGPU.
    ///
    /// # Errors
    /// A browser or its driver is missing, or does not start.
    pub fn open(self, size: (u32, u32)) -> Result<Browser> {
        self.open_without(Without::Nothing, size)
    }

    /// Whether it can be told to do without.
    pub fn can_lack(self, what: Without) -> bool {
        !matches!((self, what), (Self::Firefox, Without::Simd) | (Self::Chromium, Without::Wasm))
    }

    /// Opens a window of a browser that does without something.
    ///
    /// # Errors
    /// As above.
    pub fn open_without(self, what: Without, size: (u32, u32)) -> Result<Browser> {
        ensure!(self.can_lack(what), "{self} can't be told to do without {what:?}");
        let browser = match self {
            Self::Chromium => return chromium(what, size),
            Self::Firefox => firefox(what, size)?,
            Self::WebKit => webkit(what)?,
        };
        browser.resize(size)?;
        Ok(browser)
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
            Self::WebKit => "WebKit",
        })
    }
}

fn chromium(what: Without, size: (u32, u32)) -> Result<Browser> {
    let (flags, preferences): (&[&str], _) = match what {
        // A processor without SSE 4.1 has no SIMD for WebAssembly.
        Without::Simd => (&["--js-flags=--no-enable-sse4-1"], json!({})),
        Without::Nothing | Without::Wasm => (&[], json!({})),
        Without::Storage => (&[], json!({"profile.default_content_setting_values.cookies": 2})),
    };
    Browser::open_set(WebGpu::None, size, flags, &preferences)
}

fn firefox(what: Without, (width, height): (u32, u32)) -> Result<Browser> {
    let driver = Command::new(program("GECKODRIVER", &GECKODRIVER)?);
    let firefox = program("FIREFOX", &FIREFOX)?;
    let arguments = ["-headless".to_owned(), format!("--width={width}"), format!("--height={height}")];
    let preferences = match what {
        Without::Nothing | Without::Simd => json!({}),
        Without::Wasm => json!({"javascript.options.wasm": false}),
        Without::Storage => json!({"network.cookie.cookieBehavior": 2, "dom.storage.enabled": false}),
    };
    let options = json!({"binary": firefox, "args": arguments, "prefs": preferences});
    Browser::start(driver, None, |_| json!({"moz:firefoxOptions": options}))
}

fn webkit(what: Without) -> Result<Browser> {
    let screen = Screen::open()?;
    let mut driver = Command::new(program("WEBKIT_DRIVER", &WEBKIT_DRIVER)?);
    // Its sandbox wants user namespaces, which containers seldom have; what it is shown is our own site.
    driver.env("DISPLAY", &screen.name).env("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1");
    match what {
        Without::Simd => drop(driver.env("JSC_useWasmSIMD", "0")),
        Without::Wasm => drop(driver.env("JSC_useWasm", "0")),
        Without::Nothing | Without::Storage => {}
    }
    // There is no one switch for all that a site may keep.
    let features = "--features=-Cookie,-LocalStorage,-IndexedDBAPI,-CacheAPI,-ServiceWorkers";
    let arguments: &[&str] = match what {
        Without::Storage => &["--automation", "--cookies-policy=never", features],
        _ => &["--automation"],
    };
    Browser::start(driver, Some(screen), |_| json!({"webkitgtk:browserOptions": {"args": arguments}}))
}

/// A screen that nobody sees: WebKit's GTK build shows itself on nothing less. It ends when dropped.
pub(crate) struct Screen {
    server: Child,
    name: String,
}

impl Screen {
    fn open() -> Result<Self> {
        let mut command = Command::new(program("XVFB", &XVFB)?);
        command.args(["-displayfd", "1", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"]);
        let mut server =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().context("Xvfb can't be started")?;
        let mut line = String::new();
        BufReader::new(server.stdout.take().context("Xvfb has no output")?).read_line(&mut line)?;
        let screen = Self { server, name: format!(":{}", line.trim()) };
        ensure!(screen.name.len() > 1, "Xvfb ended at once");
        Ok(screen)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.server.kill().ok();
        self.server.wait().ok();
    }
}
