//! A comparison as a page: one HTML file and its thumbnails, for any place that shows files.
//!
//! ```text
//! index.html         the table, then each example query with every method's results
//! thumbs/<hash>.webp the photos in it
//! ```

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context as _, Result};
use lookalike::gallery::{self, thumb_path};
use rand::{SeedableRng, seq::SliceRandom as _};
use rand_xoshiro::Xoshiro256Plus;
use rayon::prelude::*;
use walkdir::WalkDir;

use super::Comparison;
use crate::{commands::Refusal, html::escaped, output::StagedFolder, photos::PhotoFile, picture};

const INDEX: &str = "index.html";
const STYLE: &str = include_str!("page.css");

/// By this a folder is known again as such a page.
const GENERATOR: &str = "<meta name=\"generator\" content=\"lookalike compare\">";

/// What the columns mean.
const NOTES: &str = "P@1, P@6: share of the first one and six results in the query's class. R-prec.: precision among the \
first R, the number of other photos in its class. mAP: mean average precision. Purity, NMI: how far k-means clusters, as \
many as there are classes, agree with the classes; wider vectors are reduced to 64 numbers for that. Weights: bytes to download, as a file and in gzip. Embedding: bytes a photo \
in half precision. ms/photo: median time from decoded pixels to the embedding, one photo at a time on the processor.";

const LEGEND: &str = "The photos nearest to each query. <span class=\"sign\">✓</span> and a solid border: of its class. \
<span class=\"wrong\"><span class=\"sign\">✗</span></span> and a dashed border: of another.";

const NO_EXAMPLES: &str = "No class has a second photo that a query could find.";

/// Everything on the page.
pub struct Page<'a> {
    /// The table.
    pub comparison: &'a Comparison,
    /// The photos.
    pub files: &'a [PhotoFile],
    /// The examples.
    pub queries: &'a [Query],
}

/// An example: photos by their places in the list of files.
pub struct Query {
    /// The photo that is asked.
    pub place: usize,
    /// Each method's nearest photos, nearest first.
    pub results: Vec<Vec<usize>>,
}

/// Places of about `count` photos, spread evenly over the classes; the seed chooses among a class's photos. A photo alone in
/// its class has no right answer, and is not asked.
pub fn choose_queries(classes: &[&str], count: usize, seed: u64) -> Vec<usize> {
    let mut rng = Xoshiro256Plus::seed_from_u64(seed);
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    classes.iter().enumerate().for_each(|(place, class)| places.entry(class).or_default().push(place));
    let mut places: Vec<_> = places.into_values().filter(|places| places.len() > 1).collect();
    places.iter_mut().for_each(|places| places.shuffle(&mut rng));
    let number = places.len();
    (0..count).filter_map(|at| places.get_mut(at * number / count).and_then(Vec::pop)).collect()
}

/// Whether a folder may become such a page: it is not there, is empty, or is one already.
///
/// # Errors
/// A folder that holds anything else: the new page takes its place as a whole, and that would be lost.
pub fn check_target(target: &Path) -> Result<()> {
    let shown = target.display();
    if !target.exists() {
        return Ok(());
    }
    if !target.is_dir() {
        return Err(Refusal::new(format!("{shown} is a file; choose another --page")).into());
    }
    let is_page = fs::read_to_string(target.join(INDEX)).is_ok_and(|html| html.contains(GENERATOR));
    let thumbs = target.join(gallery::THUMBS);
    let ours = |path: &Path| {
        let is_thumb = path.parent() == Some(&thumbs)
            && path.extension().is_some_and(|extension| extension == "webp" || extension == "jpg");
        is_page && (path == target.join(INDEX) || path == thumbs || is_thumb)
    };
    for entry in WalkDir::new(target).min_depth(1).sort_by_file_name() {
        let entry = entry.with_context(|| format!("{shown} can't be read"))?;
        if !ours(entry.path()) {
            let inside = entry.path().strip_prefix(target).unwrap_or(entry.path()).display();
            let message = format!("{shown} holds {inside}, which is not part of a comparison; choose another --page");
            return Err(Refusal::new(message).into());
        }
    }
    Ok(())
}

/// Writes the page, which takes the place of an old one as a whole.
///
/// # Errors
/// A photo that can no longer be read, or a disk that is full.
pub fn write(target: &Path, page: &Page<'_>) -> Result<()> {
    let staged = StagedFolder::begin(target)?;
    fs::create_dir(staged.path().join(gallery::THUMBS)).context("the folder of the thumbnails can't be made")?;
    let thumbs = write_thumbnails(staged.path(), page)?;
    fs::write(staged.path().join(INDEX), page.html(&thumbs)).context("the page can't be written; is the disk full?")?;
    staged.commit()
}

/// The address of each photo's thumbnail, by the photo's place.
type Thumbs = BTreeMap<usize, String>;

fn write_thumbnails(folder: &Path, page: &Page<'_>) -> Result<Thumbs> {
    let shown = |query: &Query| std::iter::once(query.place).chain(query.results.concat()).collect::<Vec<_>>();
    let places: BTreeSet<usize> = page.queries.iter().flat_map(shown).collect();
    let one = |place: usize| -> Result<(usize, String)> {
        let file = &page.files[place];
        let photo = file.decode().with_context(|| format!("{} was readable a moment ago", file.path))?;
        let thumbnail = lookalike::thumbnail::thumbnail(&photo, None, picture::webp)?;
        let address = thumb_path(thumbnail.hash);
        fs::write(folder.join(&address), thumbnail.bytes).context("a thumbnail can't be written; is the disk full?")?;
        Ok((place, address))
    };
    places.into_par_iter().map(one).collect()
}

impl Page<'_> {
    fn html(&self, thumbs: &Thumbs) -> String {
        let table = table(&self.comparison.rows());
        let summary = self.comparison.summary();
        let legend = if self.queries.is_empty() { NO_EXAMPLES } else { LEGEND };
        let sections: String = self.queries.iter().map(|query| self.section(query, thumbs)).collect();
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n{GENERATOR}\n\
             <title>Ways to find similar photos, compared</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
             <h1>Ways to find similar photos, compared</h1>\n\
             <p>{summary}. Each photo is asked once and never its own answer.</p>\n{table}\
             <p class=\"notes\">{NOTES}</p>\n<h2>Examples</h2>\n<p>{legend}</p>\n{sections}</body>\n</html>\n"
        )
    }

    fn section(&self, query: &Query, thumbs: &Thumbs) -> String {
        let file = &self.files[query.place];
        let class = escaped(class_name(file));
        let image = image(file, query.place, thumbs);
        let methods: String = self
            .comparison
            .methods
            .iter()
            .zip(&query.results)
            .map(|(method, results)| self.answer(&method.name, file.class(), results, thumbs))
            .collect();
        format!(
            "<section>\n<h3>{class}</h3>\n<figure class=\"query\">{image}<figcaption>query: {}</figcaption></figure>\n\
             <div>\n{methods}</div>\n</section>\n",
            escaped(&file.path)
        )
    }

    /// One method's results.
    fn answer(&self, method: &str, class: &str, results: &[usize], thumbs: &Thumbs) -> String {
        let right = results.iter().filter(|&&place| self.files[place].class() == class).count();
        let items: String = results.iter().map(|&place| self.result(place, class, thumbs)).collect();
        let method = escaped(method);
        let all = results.len();
        format!("<h4>{method} <small>{right} of {all}</small></h4>\n<ol class=\"results\">\n{items}</ol>\n")
    }

    fn result(&self, place: usize, class: &str, thumbs: &Thumbs) -> String {
        let file = &self.files[place];
        let (kind, sign) = if file.class() == class { ("right", "✓") } else { ("wrong", "✗") };
        let image = image(file, place, thumbs);
        let name = escaped(class_name(file));
        format!(
            "<li class=\"{kind}\"><figure>{image}<figcaption><span class=\"sign\" role=\"img\" aria-label=\"{kind}\">\
             {sign}</span> {name}</figcaption></figure></li>\n"
        )
    }
}

fn table(rows: &[[String; 11]]) -> String {
    let heading = |cell: &String| format!("<th scope=\"col\">{}</th>", escaped(cell));
    let line = |row: &[String; 11]| {
        let numbers: String = row[1..].iter().map(|cell| format!("<td>{}</td>", escaped(cell))).collect();
        format!("<tr><th scope=\"row\">{}</th>{numbers}</tr>\n", escaped(&row[0]))
    };
    let head: String = rows.iter().take(1).flatten().map(heading).collect();
    let body: String = rows.iter().skip(1).map(line).collect();
    format!(
        "<div class=\"scroll\" role=\"region\" aria-label=\"Figures of each method\" tabindex=\"0\">\n<table>\n\
         <thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n</div>\n"
    )
}

fn image(file: &PhotoFile, place: usize, thumbs: &Thumbs) -> String {
    let address = thumbs.get(&place).map_or("", String::as_str);
    format!("<img src=\"{address}\" alt=\"{}\" loading=\"lazy\">", escaped(&file.path))
}

fn class_name(file: &PhotoFile) -> &str {
    if file.class().is_empty() { "in no folder" } else { file.class() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_spread_over_the_classes() {
        let classes: Vec<_> = (0..40).map(|at| ["a", "b", "c", "d"][at / 10]).collect();
        let asked = |count, seed| choose_queries(&classes, count, seed);
        let of = |places: Vec<usize>| places.into_iter().map(|place| classes[place]).collect::<String>();
        assert_eq!(of(asked(2, 1)), "ac");
        assert_eq!(of(asked(6, 1)), "aabccd");
        assert_eq!(asked(12, 1).into_iter().collect::<BTreeSet<_>>().len(), 12);
        assert_eq!(asked(12, 1), asked(12, 1));
        assert_ne!(asked(12, 1), asked(12, 2));
    }

    #[test]
    fn photos_alone_in_their_class_are_not_asked() {
        assert_eq!(choose_queries(&["a", "b", "b", "c"], 12, 1).len(), 2);
        assert!(choose_queries(&["a", "b"], 12, 1).is_empty());
    }

    #[test]
    fn only_a_page_or_nothing_is_replaced() {
        let root = tempfile::tempdir().unwrap();
        let refusal = |target: &Path| check_target(target).unwrap_err().to_string();
        assert!(check_target(&root.path().join("new")).is_ok() && check_target(root.path()).is_ok());
        fs::write(root.path().join(INDEX), "<p>mine</p>").unwrap();
        assert!(refusal(root.path()).contains("holds index.html"));
        assert!(refusal(&root.path().join(INDEX)).contains("is a file"));
        fs::write(root.path().join(INDEX), GENERATOR).unwrap();
        fs::create_dir(root.path().join("thumbs")).unwrap();
        fs::write(root.path().join("thumbs/1.jpg"), "").unwrap();
        assert!(check_target(root.path()).is_ok());
        fs::write(root.path().join("thumbs/notes.txt"), "").unwrap();
        assert!(refusal(root.path()).contains("notes.txt"));
    }
}
