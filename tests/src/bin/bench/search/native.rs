//! Ours beside faiss and usearch, natively.

use std::{path::Path, process::Command, time::Instant};

use anyhow::{Context, Result, bail};
use lookalike::{
    cells::{ALL_AT_ONCE, Layout, most as most_in_cell, nearest_first},
    embedding::Embedding,
    search::{Neighbor, Search, among, linear_scan},
};
use lookalike_tests::root;
use serde_json::Value;

use super::{
    K, ROUNDS,
    data::{Data, Size},
    most,
};
use crate::report::median;

/// What a question may fetch.
const QUESTION: usize = 300_000;

/// One index in one round.
struct Round {
    label: String,
    /// Seconds.
    made: f64,
    bytes: usize,
    /// Milliseconds of each query.
    times: Vec<f64>,
    found: Vec<Vec<u32>>,
}

pub(super) struct Table {
    pub(super) rows: String,
    /// The other side's, in words.
    pub(super) versions: String,
}

/// All in turn.
pub(super) fn rows(data: &Data, folder: &Path, python: Option<&Path>) -> Result<Table> {
    let (mut rounds, mut versions) = (Vec::new(), String::new());
    for round in 1..=ROUNDS {
        eprintln!("search: {} photos natively, round {round}", data.photos());
        let mut all = ours(data)?;
        if let Some(python) = python {
            let (theirs, said) = theirs(python, folder)?;
            all.extend(theirs);
            versions = said;
        }
        rounds.push(all);
    }
    let rows = (0..rounds[0].len()).map(|at| row(data, &rounds.iter().map(|round| &round[at]).collect::<Vec<_>>()));
    Ok(Table { rows: rows.collect(), versions })
}

fn row(data: &Data, rounds: &[&Round]) -> String {
    let of_rounds = |figure: &dyn Fn(&Round) -> f64| median(&mut rounds.iter().map(|r| figure(r)).collect::<Vec<_>>());
    format!(
        "| {} | {} | {:.2} | {:.1} | {:.3} | {:.3} | {:.3} |\n",
        data.photos(),
        rounds[0].label,
        of_rounds(&|round| round.made),
        rounds[0].bytes as f64 / 1e6,
        of_rounds(&|round| median(&mut round.times.clone())),
        of_rounds(&|round| most(&mut round.times.clone())),
        data.recall(&rounds[0].found),
    )
}

/// The cells' division and rounding, then each way to search them.
fn ours(data: &Data) -> Result<Vec<Round>> {
    let started = Instant::now();
    let layout = Layout::new(&data.embeddings, most_in_cell(data.photos()));
    let stored = layout.as_read(data.embeddings[0].width())?;
    let divided = started.elapsed().as_secs_f64();
    let bytes = Size::sum(data.cells.iter().copied().chain([data.entry])).raw;
    let asked = |label: &str, made: f64, bytes: usize, search: &dyn Fn(&Embedding) -> Vec<Neighbor>| {
        let (times, found) = data.queries.iter().map(|query| timed(|| search(query))).unzip();
        Round { label: format!("**ours, {label}**"), made, bytes, times, found }
    };
    let mut rounds = vec![asked("scan", divided, bytes, &|query| linear_scan(query, &stored, K))];
    if data.photos() <= ALL_AT_ONCE {
        let started = Instant::now();
        let tree = Search::new(stored.clone())?;
        let made = divided + started.elapsed().as_secs_f64();
        rounds.push(asked("k-d tree", made, bytes, &|query| tree.nearest(query, K)));
        return Ok(rounds);
    }
    let middles = layout.middles.numbers(layout.cells.len() * data.embeddings[0].width());
    let middles = middles.context("the middles can't be read")?;
    let label = format!("the cells of {} kB", QUESTION / 1000);
    rounds.push(asked(&label, divided, QUESTION, &|query| {
        let mut left = QUESTION;
        let order = nearest_first(&middles, &[query]);
        let paid = order.iter().take_while(|&&cell| {
            let bytes = data.cells[cell as usize].zipped;
            let fits = bytes <= left;
            left = left.saturating_sub(bytes);
            fits
        });
        among(query, &stored, paid.flat_map(|&cell| layout.cells[cell as usize].iter().copied()), K)
    }));
    Ok(rounds)
}

fn timed(search: impl FnOnce() -> Vec<Neighbor>) -> (f64, Vec<u32>) {
    let started = Instant::now();
    let found = search();
    (started.elapsed().as_secs_f64() * 1e3, found.iter().map(|neighbor| neighbor.id).collect())
}

/// A run of `tests/bench/search.py`, which reads the files in the folder.
fn theirs(python: &Path, folder: &Path) -> Result<(Vec<Round>, String)> {
    let output =
        Command::new(python).arg(root().join("tests/bench/search.py")).arg(folder).arg(K.to_string()).output()?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr));
    }
    let report: Value = serde_json::from_slice(&output.stdout)?;
    let round = |index: &Value| {
        Ok(Round {
            label: index["index"].as_str().unwrap_or_default().to_owned(),
            made: index["made"].as_f64().unwrap_or(f64::NAN),
            bytes: serde_json::from_value(index["bytes"].clone())?,
            times: serde_json::from_value(index["times"].clone())?,
            found: serde_json::from_value(index["found"].clone())?,
        })
    };
    let rounds = report["indexes"].as_array().into_iter().flatten().map(round).collect::<Result<_>>()?;
    Ok((rounds, format!(", beside {}", report["versions"].as_str().unwrap_or_default())))
}
