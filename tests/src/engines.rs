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
        let browser = match self {
            Self::Chromium => return Browser::open(WebGpu::None, size),
            Self::Firefox => firefox(size)?,
            Self::WebKit => webkit()?,
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

fn firefox((width, height): (u32, u32)) -> Result<Browser> {
    let driver = Command::new(program("GECKODRIVER", &GECKODRIVER)?);
    let firefox = program("FIREFOX", &FIREFOX)?;
    let arguments = ["-headless".to_owned(), format!("--width={width}"), format!("--height={height}")];
    Browser::start(driver, None, |_| json!({"moz:firefoxOptions": {"binary": firefox, "args": arguments}}))
}

fn webkit() -> Result<Browser> {
    let screen = Screen::open()?;
    let mut driver = Command::new(program("WEBKIT_DRIVER", &WEBKIT_DRIVER)?);
    // Its sandbox wants user namespaces, which containers seldom have; what it is shown is our own site.
    driver.env("DISPLAY", &screen.name).env("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1");
    Browser::start(driver, Some(screen), |_| json!({}))
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
