//! Search beside other programs, in one browser and natively: the same vectors, the same questions.

mod browser;
mod data;
mod host;
mod native;
mod visit;

use std::path::Path;

use anyhow::Result;

use self::{browser::Rival, data::Data};
use crate::report::stamp;

/// Photos in the collections.
const PHOTOS: [usize; 2] = [20_000, 100_000];
/// Photos that are asked about; none of them is in the collection.
const QUERIES: usize = 200;
/// Neighbours.
const K: usize = 10;
/// How often each program has its turn.
const ROUNDS: usize = 3;

/// `None`: the other programs are not there, which is said.
pub(crate) fn measure(python: Option<&Path>, real: Option<&Path>) -> Result<Option<String>> {
    let Some(rivals) = Rival::all() else { return Ok(None) };
    if python.is_none() {
        eprintln!("search: the native half is ours alone; --python names a Python with faiss and usearch");
    }
    let (mut inside, mut outside, mut notes) = (String::new(), String::new(), Vec::new());
    let (mut made_of, mut program, mut versions) = (String::new(), String::new(), String::new());
    for photos in PHOTOS {
        eprintln!("search: making a collection of {photos} photos");
        let folder = tempfile::tempdir()?;
        let data = Data::make(folder.path(), photos, real)?;
        let browser = browser::rows(&data, folder.path(), &rivals)?;
        inside += &browser.rows;
        notes.extend(browser.notes);
        program = browser.program;
        let native = native::rows(&data, folder.path(), python)?;
        outside += &native.rows;
        versions = native.versions;
        made_of = data.made_of;
    }
    let programs: Vec<_> = rivals.iter().map(Rival::named).collect::<Result<_>>()?;
    Ok(Some(format!(
        "{} {}, 64 numbers each; {QUERIES} more, which are none of them, ask for their {K} nearest, the truth being an exact scan of the unrounded numbers. Each program has its turn, {ROUNDS} rounds, medians of \
         the rounds; the 95th percentile is that of a round's queries. Graphs have M = 16 and efConstruction = 200.\n\n\
         In {program}, a new browser for every visit: {}, and ours, the processor's engine as `lookalike.js` uses it. Bytes are after \
         gzip -9; ready is the time from the index's bytes, or from the vectors where it is made of them, until it can be asked, \
         fetching apart; the memory is that of the tab's process (PSS) in the end. Ours finds a photo's density group and its place on \
         the map with each answer; its program has the encoder's network and the decoders of photos in it, and its index the photos' \
         names, labels and places.\n\n\
         | photos | program | its bytes, kB | of its index, MB | ready, ms | a query, ms | 95 % within, ms | recall@{K} | memory, MB |\n\
         | --: | --- | --: | --: | --: | --: | --: | --: | --: |\n{inside}{}\n\
         Natively, on one thread{versions}. Ours is the search alone.\n\n\
         | photos | index | made in, s | its bytes, MB | a query, ms | 95 % within, ms | recall@{K} |\n\
         | --: | --- | --: | --: | --: | --: | --: |\n{outside}",
        stamp(),
        made_of,
        programs.join(", "),
        notes.iter().map(|note| format!("\n{note}\n")).collect::<String>(),
    )))
}

/// In how much time 95 of a hundred are done.
fn most(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() * 95 / 100).copied().unwrap_or(f64::NAN)
}
