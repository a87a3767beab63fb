//! The programs in a browser, and their rows.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use lookalike::cells::ALL_AT_ONCE;
use lookalike_tests::copy_folder;
use serde_json::Value;

use super::{
    ROUNDS,
    data::{Data, Size},
    host::Host,
    most,
    visit::{Visit, visit},
};
use crate::{
    ours::{PROGRAM, put_script},
    report::median,
};

/// A program of somebody else's: its folder here, which is its name in `search.js`; the variable that says where its
/// package is; what a page fetches of it.
type Known = (&'static str, &'static str, &'static [&'static str]);

const KNOWN: [Known; 3] = [
    ("voy", "LOOKALIKE_VOY", &["voy_search_bg.js", "voy_search_bg.wasm"]),
    ("hnswlib", "LOOKALIKE_HNSWLIB", &["dist/hnswlib.js", "dist/hnswlib-317962d7.js"]),
    (
        "edgevec",
        "LOOKALIKE_EDGEVEC",
        &["edgevec.js", "edgevec_bg.wasm", "snippets/edgevec-d2ba0e32c31531f9/src/js/storage.js"],
    ),
];

/// Such a program, and where it is.
pub(super) struct Rival {
    known: Known,
    package: PathBuf,
}

impl Rival {
    /// `None`: not all are there.
    pub(super) fn all() -> Option<Vec<Self>> {
        let found = KNOWN.map(|known| Some(Self { known, package: env::var_os(known.1)?.into() }));
        let all: Option<Vec<_>> = found.into_iter().collect();
        if all.is_none() {
            let [voy, hnswlib, edgevec] = KNOWN.map(|(_, variable, _)| variable);
            eprintln!(
                "search is skipped: {voy}, {hnswlib} and {edgevec} name the packages, which `cargo xtask bench` fetches"
            );
        }
        all
    }

    /// Its name and version.
    pub(super) fn named(&self) -> Result<String> {
        let path = self.package.join("package.json");
        let text = fs::read(&path).with_context(|| format!("{} can't be read", path.display()))?;
        let package: Value = serde_json::from_slice(&text)?;
        Ok(format!(
            "{} {}",
            package["name"].as_str().unwrap_or_default(),
            package["version"].as_str().unwrap_or_default()
        ))
    }
}

/// A way to have an index.
struct Way {
    label: &'static str,
    program: &'static str,
    from: &'static str,
    rounds: usize,
}

/// All ways. A graph that is made at each visit is made once here.
const WAYS: [Way; 6] = [
    Way { label: "voy, its index", program: "voy", from: "index", rounds: ROUNDS },
    Way { label: "voy, made from the vectors", program: "voy", from: "vectors", rounds: ROUNDS },
    Way { label: "hnswlib-wasm, its index", program: "hnswlib", from: "index", rounds: ROUNDS },
    Way { label: "EdgeVec, made from the vectors", program: "edgevec", from: "vectors", rounds: 1 },
    Way { label: "**ours, all cells**", program: "ours", from: "index", rounds: ROUNDS },
    Way { label: "**ours, what a question fetches**", program: "ours", from: "nothing", rounds: ROUNDS },
];

/// Whether it is another program's own index, which has to be made first.
fn is_kept(way: &Way) -> bool {
    way.from == "index" && way.program != "ours"
}

pub(super) struct Table {
    pub(super) rows: String,
    /// What can't be measured, and what stored indexes took to make.
    pub(super) notes: Vec<String>,
    /// The browser.
    pub(super) program: String,
}

/// Visits all programs in turn.
pub(super) fn rows(data: &Data, folder: &Path, rivals: &[Rival]) -> Result<Table> {
    fs::write(folder.join("search.html"), include_str!("search.html"))?;
    fs::write(folder.join("search.js"), include_str!("search.js"))?;
    put_script(folder)?;
    fs::create_dir_all(folder.join("kept"))?;
    rivals.iter().for_each(|rival| copy_folder(&rival.package, &folder.join(rival.known.0)));
    let host = Host::start(folder)?;
    let open = |program: &str, from: &str| {
        eprintln!("search: {} photos, {program} from {from}", data.photos());
        visit(&format!("{}search.html?program={program}&from={from}&photos={}", host.address, data.photos()))
    };
    let mut ways: Vec<_> = WAYS.iter().filter(|way| way.from != "nothing" || data.photos() > ALL_AT_ONCE).collect();
    let mut notes = Vec::new();
    ways.retain(|way| {
        let Some(made) = is_kept(way).then(|| open(way.program, "keep")) else { return true };
        notes.push(match &made {
            Ok(made) => format!("{} of {} photos was made in {:.1} s.", way.label, data.photos(), made.ready / 1e3),
            Err(error) => format!("{} of {} photos can't be stored: {}", way.label, data.photos(), reason(error)),
        });
        made.is_ok()
    });
    let mut visits: Vec<Vec<Visit>> = ways.iter().map(|_| Vec::new()).collect();
    for round in 0..ROUNDS {
        for (way, visits) in ways.iter().zip(&mut visits).filter(|(way, _)| round < way.rounds) {
            match open(way.program, way.from) {
                Ok(visit) => visits.push(visit),
                Err(error) => {
                    notes.push(format!("{} of {} photos failed once: {}", way.label, data.photos(), reason(&error)))
                }
            }
        }
    }
    let program = visits.iter().flatten().map(|visit| visit.browser.clone()).next().unwrap_or_default();
    let mut rows = String::new();
    for (way, visits) in ways.iter().zip(&visits) {
        let files = match rivals.iter().find(|rival| rival.known.0 == way.program) {
            Some(rival) => rival.known.2.iter().map(|file| rival.package.join(file)).collect(),
            None => PROGRAM.map(|file| folder.join("ours").join(file)).to_vec(),
        };
        let size = Size::sum(files.iter().map(|file| Size::of(file)).collect::<Result<Vec<_>>>()?);
        rows += &row(data, way, visits, size, &index(data, way, folder, visits)?);
    }
    Ok(Table { rows, notes, program })
}

/// The first line of what lies under all other words.
fn reason(error: &anyhow::Error) -> String {
    error.root_cause().to_string().lines().next().unwrap_or_default().to_owned()
}

/// What a visitor downloads of an index.
fn index(data: &Data, way: &Way, folder: &Path, visits: &[Visit]) -> Result<String> {
    let megabytes = |size: Size| size.zipped as f64 / 1e6;
    Ok(match (way.program, way.from) {
        ("ours", "index") => format!("{:.1}", megabytes(Size::sum(data.cells.iter().copied().chain([data.entry])))),
        ("ours", _) => {
            let question = |cells: &Vec<usize>| megabytes(Size::sum(cells.iter().map(|&cell| data.cells[cell])));
            let mut questions: Vec<_> = visits.iter().flat_map(|visit| visit.fetched.iter().map(question)).collect();
            format!("{:.2} first, {:.2} a question", megabytes(data.entry), median(&mut questions))
        }
        (_, "vectors") => format!("{:.1}", megabytes(data.vectors)),
        (name, _) => {
            let size = Size::of(&folder.join("kept").join(name))?;
            format!("{:.1} ({:.0} before gzip)", megabytes(size), size.raw as f64 / 1e6)
        }
    })
}

/// A line for each setting.
fn row(data: &Data, way: &Way, visits: &[Visit], program: Size, index: &str) -> String {
    let of_rounds = |figure: &dyn Fn(&Visit) -> f64| median(&mut visits.iter().map(figure).collect::<Vec<_>>());
    let ready = of_rounds(&|visit| visit.ready);
    let ready = if ready.is_nan() { "–".to_owned() } else { format!("{ready:.0}") };
    let memory = of_rounds(&|visit| visit.memory as f64);
    let mut lines = String::new();
    for (at, first) in visits.first().into_iter().flat_map(|visit| visit.asked.iter().enumerate()) {
        let times = |visit: &Visit| visit.asked[at].times.clone();
        let found = match way.program {
            "ours" => data.places(first.found.clone()),
            _ => first.found.clone(),
        };
        lines += &format!(
            "| {} | {}{}{} | {:.0} | {index} | {ready} | {:.2} | {:.2} | {:.3} | {memory:.0} |\n",
            data.photos(),
            way.label,
            if first.setting.is_empty() { "" } else { ", " },
            first.setting,
            program.zipped as f64 / 1e3,
            of_rounds(&|visit| median(&mut times(visit))),
            of_rounds(&|visit| most(&mut times(visit))),
            data.recall(&found),
        );
    }
    lines
}
