//! Every tool that is not Rust itself: its exact version, why it is needed, and how it is installed. The only file to
//! edit when one of them moves.

/// Something that runs on this machine and is installed into the cache folder.
pub(crate) struct Tool {
    /// The package's name.
    pub(crate) package: &'static str,
    pub(crate) version: &'static str,
    /// The program that is run.
    pub(crate) program: &'static str,
    /// The version as `program --version` says it.
    pub(crate) reports: &'static str,
    pub(crate) why: &'static str,
    pub(crate) source: Source,
    /// How long the first installation took on two cores, in seconds: the estimate shown there.
    pub(crate) seconds: u64,
}

pub(crate) enum Source {
    /// `cargo install`, with these flags.
    Cargo(&'static [&'static str]),
    /// `npm install`.
    Npm,
}

impl Tool {
    /// The name of its folder in the cache. A new version is a new folder: the old one still serves an older clone.
    pub(crate) fn folder(&self) -> String {
        format!("{}-{}", self.package, self.version)
    }
}

/// It declares a newer rustc than it needs (it builds with 1.95), hence `--ignore-rust-version`. No default features:
/// the other one is a check for updates.
pub(crate) const TRUNK: Tool = Tool {
    package: "trunk",
    version: "0.22.1",
    program: "trunk",
    reports: "0.22.1",
    why: "puts the page together from HTML, style and wasm",
    source: Source::Cargo(&["--locked", "--ignore-rust-version", "--no-default-features", "--features", "rustls"]),
    seconds: 520,
};

/// Must equal `wasm-bindgen` in Cargo.lock; `setup` checks that. Without `--locked`: its lock file may name
/// a version that was withdrawn.
pub(crate) const WASM_BINDGEN: Tool = Tool {
    package: "wasm-bindgen-cli",
    version: "0.2.130",
    program: "wasm-bindgen",
    reports: "0.2.130",
    why: "writes the JavaScript between the page and its wasm",
    source: Source::Cargo(&[]),
    seconds: 130,
};

/// From npm, for it ships there for every machine; the system's own package is often years older than rustc's output.
pub(crate) const WASM_OPT: Tool = Tool {
    package: "binaryen",
    version: "132.0.0",
    program: "wasm-opt",
    reports: "132",
    why: "makes the wasm about a tenth smaller; the page works without it",
    source: Source::Npm,
    seconds: 10,
};

/// Only for `cargo xtask deny`.
pub(crate) const CARGO_DENY: Tool = Tool {
    package: "cargo-deny",
    version: "0.20.2",
    program: "cargo-deny",
    reports: "0.20.2",
    why: "checks licences, sources and advisories of all dependencies",
    source: Source::Cargo(&["--locked"]),
    seconds: 150,
};

/// What the page is built with, for its stamp.
pub(crate) const PAGE_TOOLS: [&Tool; 3] = [&TRUNK, &WASM_BINDGEN, &WASM_OPT];

/// The first word that starts with a digit: how every tool here tells its version.
pub(crate) fn version_in(output: &str) -> Option<&str> {
    output.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))
}

/// The version of a package in the text of a Cargo.lock.
pub(crate) fn locked<'text>(lock: &'text str, package: &str) -> Option<&'text str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name).skip(1);
    lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_the_tools_print() {
        assert_eq!(version_in("trunk 0.22.1\n"), Some("0.22.1"));
        assert_eq!(version_in("wasm-opt version 132 (version_132)"), Some("132"));
        assert_eq!(version_in("Chromium 156.0.8078.79 built on Debian GNU/Linux 12"), Some("156.0.8078.79"));
        assert_eq!(version_in("Google Chrome 141.0.1 "), Some("141.0.1"));
        assert_eq!(version_in("command not found"), None);
    }

    #[test]
    fn the_locked_version_is_that_of_the_whole_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.80\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";
        assert_eq!(locked(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked(lock, "wasm"), None);
    }

    #[test]
    fn what_a_tool_reports_is_its_version_or_the_start_of_it() {
        for tool in [&TRUNK, &WASM_BINDGEN, &WASM_OPT, &CARGO_DENY] {
            assert!(tool.version.starts_with(tool.reports), "{}", tool.package);
        }
    }
}
