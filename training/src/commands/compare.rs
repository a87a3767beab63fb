//! `lookalike compare`.

use std::{collections::BTreeSet, path::Path};

use anyhow::{Result, ensure};
use lookalike::gallery::EncoderFile;

use super::{
    Outcome, Refusal, refuse_inside,
    scratch::{Scratch, Wanted, networks, none_readable},
};
use crate::{
    choice::Choice,
    cli::Compare,
    comparison::{
        Comparison, Figures, Method, agreement,
        page::{self, Page, Query},
    },
    dataset::Dataset,
    device::DeviceChoice,
    evaluate::{evaluate, ranking},
    output::write_atomic,
    photos::{self, PhotoFile, Skipped},
    plot,
    progress::say,
    teacher,
};

/// Results of an example query.
const RESULTS: usize = 6;

pub(super) fn run(options: &Compare) -> Result<Outcome> {
    check_outputs(options)?;
    let skipped = Skipped::default();
    let files = photos::find(&options.photos, &skipped)?;
    check_classes(&options.photos, &files)?;
    let methods = methods(options, &files)?;
    let (files, vectors, comparison) = compare(options, &methods, files, &skipped)?;
    skipped.report();
    say(if options.json { serde_json::to_string(&comparison)? } else { comparison.text() });
    if let Some(path) = &options.plot {
        write_atomic(path, &plot::png(&plot::table(&comparison.summary(), &comparison.rows())?)?)?;
    }
    if let Some(folder) = &options.page {
        let queries = queries(options, &files, &vectors);
        page::write(folder, &Page { comparison: &comparison, files: &files, queries: &queries })?;
        eprintln!("page         {} with {}", folder.display(), photos::plural(queries.len(), "example"));
    }
    Ok(Outcome::from(&skipped))
}

/// Outputs stay out of the photos, which the next run would read, and out of each other's way.
fn check_outputs(options: &Compare) -> Result<()> {
    if let Some(plot) = &options.plot {
        if plot.extension().is_none_or(|extension| !extension.eq_ignore_ascii_case("png")) {
            return Err(Refusal::new(format!("--plot {} must end in .png", plot.display())).into());
        }
        refuse_inside(&options.photos, plot)?;
    }
    let Some(page) = &options.page else { return Ok(()) };
    refuse_inside(&options.photos, page)?;
    let models = options.models.iter().filter_map(Choice::folder);
    for other in models.chain([options.photos.as_path()]).chain(options.plot.as_deref()) {
        refuse_inside(page, other)?;
    }
    page::check_target(page)
}

/// The different classes. With fewer than two, every answer would be right.
fn check_classes<'a>(photos: &Path, files: &'a [PhotoFile]) -> Result<BTreeSet<&'a str>> {
    let classes: BTreeSet<_> = files.iter().map(PhotoFile::class).collect();
    let shown = photos.display();
    let advice = "put each class into a folder of its own, such as cats/1.jpg and dogs/2.jpg";
    let message = match classes.first() {
        Some(&"") if classes.len() == 1 => format!("{shown} has no class folders; {advice}"),
        Some(class) if classes.len() == 1 => format!("{shown} has one class only, {class}; {advice}"),
        _ => return Ok(classes),
    };
    Err(Refusal::new(message).into())
}

/// The baselines, then each model.
fn methods(options: &Compare, files: &[PhotoFile]) -> Result<Vec<Method>> {
    let training = Scratch { seed: options.seed, device: DeviceChoice::Cpu };
    let choices = choices(options);
    let model = |choice: &Choice| -> Result<Model> {
        let wanted = Wanted { model: choice, side: None, training };
        Ok(Model { name: name(choice), file: networks(wanted, &options.photos, files, None)?.encoder })
    };
    let mut models = choices.iter().map(model).collect::<Result<Vec<_>>>()?;
    distinguish(&mut models, &choices);
    let encoders = models.into_iter().map(|model| Method::Encoder(model.name, Box::new(model.file)));
    Ok([Method::RawPixels, Method::ColourHistogram].into_iter().chain(encoders).collect())
}

/// The models that are named, or all that have a name.
fn choices(options: &Compare) -> Vec<Choice> {
    if !options.models.is_empty() {
        return options.models.clone();
    }
    let teacher = teacher::find().map(|_| Choice::Lite0);
    if teacher.is_err() {
        eprintln!("lite0        left out: `cargo xtask teacher` gets its weights");
    }
    [Choice::Autoencoder, Choice::Default].into_iter().chain(teacher).collect()
}

/// A model, and what to call it.
struct Model {
    name: String,
    file: EncoderFile,
}

/// A model's name; that of a folder without the way there.
fn name(choice: &Choice) -> String {
    match choice {
        Choice::Folder(folder) => folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned(),
        named => named.to_string(),
    }
}

/// Models of one name get the arguments as names, which tell them apart.
fn distinguish(models: &mut [Model], arguments: &[Choice]) {
    let names: Vec<_> = models.iter().map(|model| model.name.clone()).collect();
    for (model, argument) in models.iter_mut().zip(arguments) {
        if names.iter().filter(|&name| *name == model.name).count() > 1 {
            model.name = argument.to_string();
        }
    }
}

/// Each method's vectors, `[methods][photos]`.
type Vectors = Vec<Vec<Vec<f32>>>;

/// Runs the methods one after the other, each with pixels of its own: all together might not fit into memory.
fn compare(
    options: &Compare,
    methods: &[Method],
    mut files: Vec<PhotoFile>,
    skipped: &Skipped,
) -> Result<(Vec<PhotoFile>, Vectors, Comparison)> {
    let (mut all, mut rows) = (Vectors::new(), Vec::new());
    for method in methods {
        eprintln!("method       {}", method.name());
        let data = Dataset::load(files, &method.preprocess(), skipped)?;
        files = data.files;
        if files.is_empty() {
            return Err(none_readable(&options.photos, skipped));
        }
        let number = check_classes(&options.photos, &files).inspect_err(|_| skipped.report())?.len();
        let classes: Vec<_> = files.iter().map(PhotoFile::class).collect();
        let (vectors, cost) = method.embed(&data.pixels)?;
        let agreement = agreement(&vectors, &classes, number, options.seed)?;
        rows.push(Figures::new(method.name().to_owned(), &evaluate(&vectors, &classes), agreement, cost));
        all.push(vectors);
    }
    let still_there = all.iter().all(|vectors| vectors.len() == files.len());
    ensure!(still_there, "the photos in {} changed while they were read; run it again", options.photos.display());
    let classes = check_classes(&options.photos, &files)?.len();
    let comparison = Comparison { images: files.len(), classes, methods: rows };
    Ok((files, all, comparison))
}

fn queries(options: &Compare, files: &[PhotoFile], vectors: &Vectors) -> Vec<Query> {
    let classes: Vec<_> = files.iter().map(PhotoFile::class).collect();
    let nearest = |vectors: &Vec<Vec<f32>>, place| ranking(vectors, place).into_iter().take(RESULTS).collect();
    let query = |place| Query { place, results: vectors.iter().map(|vectors| nearest(vectors, place)).collect() };
    page::choose_queries(&classes, options.queries, options.seed).into_iter().map(query).collect()
}
