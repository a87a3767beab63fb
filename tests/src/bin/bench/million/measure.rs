//! What a question about a large collection costs, and what it finds.

use std::{collections::BTreeSet, fs, path::Path, time::Instant};

use anyhow::{Context, Result, ensure};
use image::{Rgb, RgbImage};
use lookalike::{
    cells::{self, Layout, NEIGHBORS},
    embedding::Embedding,
    gallery::{Cell, Item, Stored},
    placeholder::Placeholder,
    search::{Neighbor, among, linear_scan},
};
use lookalike_training::quantise::gzip_size;

use super::{super::report::stamp, chance::Chance, mixture};

/// Numbers an embedding.
const WIDTH: usize = 64;

/// Photos that a first answer shows.
const SHOWN: usize = 6;

/// Real photos that are asked about, at most.
const QUERIES: usize = 400;

/// Bytes that a question may fetch.
const BUDGETS: [u64; 7] = [75_000, 150_000, 300_000, 450_000, 600_000, 900_000, 1_200_000];

/// Measures a collection of `count` photos: the real embeddings in `folder`, and drawn ones. A table, and what it takes.
///
/// # Errors
/// Files that are not there.
pub(crate) fn measure(folder: &Path, count: usize, most: Option<usize>) -> Result<String> {
    let real = read(&folder.join("photos.f32"))?;
    let queries: Vec<_> = read(&folder.join("held-out.f32"))?.into_iter().take(QUERIES).collect();
    ensure!(!real.is_empty() && !queries.is_empty(), "there are no embeddings in {}", folder.display());
    let mut text = format!(
        "{} {count} embeddings of {WIDTH} numbers, {} of them of real photos, the others drawn from a mixture of Gaussians around those; \
         {} held-out photos ask. Cells are files as a site has them, with paths, labels, places and thumbnails' names, after gzip; \
         those nearest to the query are fetched as long as they fit.\n\n",
        stamp(),
        real.len().min(count),
        queries.len()
    );
    let all = mixture::fill(real.into_iter().take(count).collect(), count)?;
    let started = Instant::now();
    let layout = Layout::new(&all, most.unwrap_or(cells::most(count)));
    let divided = started.elapsed().as_secs_f64();
    let files = files(&layout)?;
    let zipped: Vec<u32> = files.iter().map(|bytes| gzip_size(bytes).map(|n| n as u32)).collect::<Result<_>>()?;
    let total: u64 = zipped.iter().map(|&n| u64::from(n)).sum();
    let mut sizes: Vec<usize> = layout.cells.iter().map(Vec::len).collect();
    sizes.sort_unstable();
    let stored = layout.as_read(WIDTH)?;
    text += &curve(&all, &stored, &layout, &zipped, &queries)?;
    text += &format!(
        "\n{} cells of {} photos (median; at most {}), made in {divided:.1} s on one core; {:.1} bytes a photo, {:.1} of them its \
         embedding; middles of {:.0} kB, fetched once. ",
        sizes.len(),
        sizes[sizes.len() / 2],
        sizes[sizes.len() - 1],
        total as f64 / count as f64,
        layout.embeddings.iter().map(|e| e.packed.len()).sum::<usize>() as f64 / count as f64,
        gzip_size(&layout.middles.packed)? as f64 / 1e3
    );
    Ok(text + &stated(&stored, &layout, &zipped))
}

/// What the gallery would say of itself.
fn stated(stored: &[Embedding], layout: &Layout, bytes: &[u32]) -> String {
    let started = Instant::now();
    let needed = cells::needed(stored, layout, bytes, &cells::queries(stored.len()));
    let efforts = cells::efforts(&needed);
    let words: Vec<_> = efforts.iter().map(|e| format!("{:.3} with {} kB", e.recall, e.bytes / 1000)).collect();
    let seconds = started.elapsed().as_secs_f64();
    format!("The build, which asks with photos of the collection, states {} ({seconds:.0} s).\n", words.join(", "))
}

/// What held-out photos find by what they fetch, against the linear scan over what was given and over what is stored.
fn curve(
    all: &[Embedding],
    stored: &[Embedding],
    layout: &Layout,
    bytes: &[u32],
    queries: &[Embedding],
) -> Result<String> {
    let middles = layout.middles.numbers(layout.cells.len() * WIDTH).context("the middles can't be read")?;
    let mut found = vec![[0_usize; 2]; BUDGETS.len()];
    let (mut files, mut looked_at, mut times) =
        (vec![0; BUDGETS.len()], vec![0; BUDGETS.len()], vec![0.0; BUDGETS.len()]);
    let mut home = vec![0; all.len()];
    layout.cells.iter().enumerate().for_each(|(at, cell)| cell.iter().for_each(|&photo| home[photo as usize] = at));
    let (mut rounded, mut homes) = (0, 0);
    for query in queries {
        let exact = [all, stored].map(|embeddings| linear_scan(query, embeddings, NEIGHBORS));
        rounded += common(&exact[0], &exact[1]);
        homes += exact[1].iter().take(SHOWN).map(|near| home[near.id as usize]).collect::<BTreeSet<_>>().len();
        for (at, budget) in BUDGETS.iter().enumerate() {
            let started = Instant::now();
            let order = cells::nearest_first(&middles, &[query]);
            let mut left = *budget;
            let fetched = order.iter().take_while(|&&cell| {
                let fits = u64::from(bytes[cell as usize]) <= left;
                left = left.saturating_sub(u64::from(bytes[cell as usize]));
                fits
            });
            let fetched: Vec<_> = fetched.collect();
            let photos: Vec<u32> =
                fetched.iter().flat_map(|&&cell| layout.cells[cell as usize].iter().copied()).collect();
            let photos_looked_at = photos.len();
            let near = among(query, stored, photos.into_iter(), NEIGHBORS);
            times[at] += started.elapsed().as_secs_f64();
            files[at] += fetched.len();
            looked_at[at] += photos_looked_at;
            (0..2).for_each(|exactly| found[at][exactly] += common(&near, &exact[exactly]));
        }
    }
    let (asked, wanted) = (queries.len() as f64, (queries.len() * NEIGHBORS) as f64);
    let mut text = String::from(
        "| fetched, gzip | cells | photos | recall@10, of the stored | recall@10, of the unrounded | search, native, ms |\n| --: | --: | --: | --: | --: | --: |\n",
    );
    for (at, budget) in BUDGETS.iter().enumerate() {
        text += &format!(
            "| {} kB | {:.1} | {:.0} | {:.3} | {:.3} | {:.2} |\n",
            budget / 1000,
            files[at] as f64 / asked,
            looked_at[at] as f64 / asked,
            found[at][1] as f64 / wanted,
            found[at][0] as f64 / wanted,
            times[at] * 1e3 / asked
        );
    }
    let rounding = rounded as f64 / wanted;
    text += &format!(
        "\nA scan of everything that is stored finds {rounding:.3} of the unrounded ten nearest; the {SHOWN} nearest lie in {:.1} cells.\n",
        homes as f64 / asked
    );
    Ok(text)
}

fn common(a: &[Neighbor], b: &[Neighbor]) -> usize {
    a.iter().filter(|one| b.iter().any(|other| other.id == one.id)).count()
}

/// The cells' files, with paths, thumbnails and places as long as real ones.
fn files(layout: &Layout) -> Result<Vec<Vec<u8>>> {
    let mut chance = Chance::new(3);
    let mut item = |&at: &u32| Item {
        path: format!("2019/{:02}/IMG_{at:07}.jpg", at % 12),
        thumb: chance.bits(),
        thumb_size: [256, 192],
        placeholder: Placeholder::of(&RgbImage::from_fn(2, 2, |_, _| Rgb([(); 3].map(|()| chance.bits() as u8)))),
        details: None,
        cluster: at % 7,
        density_group: (at % 3 > 0).then_some(at % 40),
        map: [0, 1].map(|_| (chance.unit() * 2.0 - 1.0) as f32),
    };
    let cells = layout.cells.iter().zip(&layout.embeddings);
    cells
        .map(|(photos, embeddings)| {
            let cell = Cell { items: photos.iter().map(&mut item).collect(), embeddings: embeddings.clone() };
            Ok(cell.to_file()?.0)
        })
        .collect()
}

/// Embeddings as `million embed` writes them.
pub(super) fn read(path: &Path) -> Result<Vec<Embedding>> {
    let bytes =
        fs::read(path).with_context(|| format!("{} can't be read; `million embed` writes it", path.display()))?;
    let numbers: Vec<f32> = bytes.as_chunks().0.iter().map(|&four| f32::from_le_bytes(four)).collect();
    Ok(numbers.chunks_exact(WIDTH).map(|row| Embedding::from_features(row.to_vec())).collect::<Result<_, _>>()?)
}
