//! The benchmarks: a section of BENCHMARKS.md a part. `cargo xtask bench` runs this.
//!
//! Every figure is a median. What is compared is measured in turn (A B A B …) within one run, so that a machine that slows
//! down slows both.

mod browser;
mod build;
mod bytes;
mod large;
mod million;
mod native;
mod ours;
mod peer;
mod photo;
mod report;
mod search;
mod tasks;
mod visit;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use lookalike_tests::{demo_photos, demo_site};

const USAGE: &str = "\
cargo xtask bench [PART…] [--write] [--photos DIR] [--model DIR] [--peer-model FILE] [--python PYTHON] [--embeddings DIR]

Parts, all of them by default:
  bytes    what a cold visit downloads
  browser  load to first answer and one photo's time, by device
  visit    load to first answer beside onnxruntime-web, which runs --peer-model (ONNX; x [1,3,224,224] to y [1,1280]);
           skipped without
  photo    one photo after another beside onnxruntime-web, on the processor and on WebGPU; skipped without --peer-model
  large    what a question fetches and takes in a browser, of 100,000 and of a million photos
  search   a query of 20,000 and 100,000 photos beside voy, hnswlib-wasm and EdgeVec in a browser, which npm brings, and beside
           faiss and usearch natively, if PYTHON has them (tests/bench/search.py); made of the demo's, or of real ones in the
           DIR of `million embed`
  tasks    what keeps the main thread busy, through a whole visit
  native   training, embedding, clustering, map and search, on the demo photos, and on DIR too, with the model in
           target/demo/model or --model
  build    the whole of a build of the demo's photos, or of those in the last DIR, beside the same steps in Python, for which
           PYTHON has what tests/bench/build.py needs, and --peer-model is the network; skipped without
  million  what a question among a million photos costs and finds, with the real embeddings in the DIR of `million embed` and
           drawn ones; skipped without

cargo xtask bench million embed OUT PHOTOS… makes real embeddings, and million measure tells what others cost and find.

A part prints its section of BENCHMARKS.md; with --write it puts it there, from its heading to the next one.";

/// A part's name and its heading in BENCHMARKS.md.
const PARTS: [(&str, &str); 10] = [
    ("bytes", "## A cold visit"),
    ("browser", "## In the browser"),
    ("visit", "## To the first answer, beside onnxruntime-web"),
    ("photo", "## One photo after another, beside onnxruntime-web"),
    ("tasks", "## The main thread"),
    ("large", "## A large collection in the browser"),
    ("search", "## Search, beside other programs"),
    ("native", "## Native"),
    ("build", "## The build"),
    ("million", "## A million photos"),
];

/// What is asked for.
struct Options {
    parts: Vec<String>,
    write: bool,
    folders: Vec<PathBuf>,
    model: PathBuf,
    peer_model: Option<PathBuf>,
    python: Option<PathBuf>,
    embeddings: Option<PathBuf>,
}

/// `None`: only help.
fn options(mut arguments: impl Iterator<Item = String>) -> Result<Option<Options>> {
    let mut options = Options {
        parts: Vec::new(),
        write: false,
        folders: vec![demo_photos()],
        model: lookalike_tests::root().join("target/demo/model"),
        peer_model: None,
        python: None,
        embeddings: None,
    };
    while let Some(argument) = arguments.next() {
        let mut path =
            || arguments.next().map(PathBuf::from).with_context(|| format!("{argument} needs a path\n\n{USAGE}"));
        match argument.as_str() {
            "--photos" => options.folders.push(path()?),
            "--model" => options.model = path()?,
            "--peer-model" => options.peer_model = Some(path()?),
            "--python" => options.python = Some(path()?),
            "--embeddings" => options.embeddings = Some(path()?),
            "--write" => options.write = true,
            "--help" | "-h" => return Ok(None),
            name if PARTS.iter().any(|(part, _)| *part == name) => options.parts.push(argument),
            other => bail!("{other} is no part and no option\n\n{USAGE}"),
        }
    }
    Ok(Some(options))
}

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if let ["million", "embed" | "measure", ..] = arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        return million::run(&arguments[1..]);
    }
    let Some(options) = options(arguments.into_iter())? else {
        println!("{USAGE}");
        return Ok(());
    };
    for (part, heading) in PARTS {
        if !options.parts.is_empty() && !options.parts.iter().any(|wanted| wanted == part) {
            continue;
        }
        let measured = match part {
            "bytes" => Some(bytes::measure(&demo_site())?),
            "browser" => Some(browser::measure()?),
            "visit" => visit::measure(options.peer_model.as_deref())?,
            "photo" => photo::measure(options.peer_model.as_deref())?,
            "tasks" => Some(tasks::measure()?),
            "large" => Some(large::measure()?),
            "search" => search::measure(options.python.as_deref(), options.embeddings.as_deref())?,
            "build" => {
                let photos = options.folders.last().context("there are no photos")?;
                build::measure(photos, options.python.as_deref(), options.peer_model.as_deref())?
            }
            "million" => match &options.embeddings {
                Some(folder) => Some(million::measure::measure(folder, million::MILLION, None)?),
                None => {
                    eprintln!("million is skipped: --embeddings names the folder of `million embed`");
                    None
                }
            },
            _ => Some(native::measure(&options.folders, &options.model)?),
        };
        let Some(text) = measured else { continue };
        println!("{heading}\n\n{text}");
        if options.write {
            report::write(heading, &text)?;
        }
    }
    Ok(())
}
