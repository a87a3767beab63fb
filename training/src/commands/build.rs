//! `lookalike build`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use burn::tensor::Device;
use lookalike::{
    cells::{self, Layout},
    descriptor,
    embedding::Embedding,
    gallery::{EncoderFile, Entry, Miniatures, Probe, Probes},
    preprocess::{Pixels, PreprocessConfig},
    thumbnail,
};
use rayon::prelude::*;

use super::{
    Outcome, refuse_inside,
    scratch::{Scratch, Wanted, networks, none_readable},
};
use crate::{
    about::{self, About},
    choice::Networks,
    cli::Build,
    cluster, density,
    device::{self, NamedDevice},
    embed,
    export::{self, Collection, WrittenThumbnail},
    interrupt, likeness, model,
    output::StagedFolder,
    photos::{self, PhotoFile, Skipped, plural},
    progress::{Progress, say},
    site,
    trustworthiness::trustworthiness,
    tsne,
};

/// Photos by which the browser checks its device.
const PROBES: usize = 2;

pub(super) fn run(options: &Build) -> Result<Outcome> {
    let skipped = Skipped::default();
    let files = photos::find(&options.photos, &skipped)?;
    let page = export::find_page(options.page.as_deref())?;
    refuse_inside(&options.photos, &options.out)?;
    for input in [Some(options.photos.as_path()), options.model.folder(), Some(&page)].into_iter().flatten() {
        refuse_inside(&options.out, input)?;
    }
    site::check_target(&options.out, &page)?;
    let training = Scratch { seed: options.seed, device: options.device };
    let wanted = Wanted { model: &options.model, side: options.side, training };
    let Networks { encoder, decoder } = networks(wanted, &options.photos, &files, Some(&default_model(&options.out)?))?;
    if options.out.exists() {
        eprintln!("the site in {} will be replaced", options.out.display());
    }
    let staged = StagedFolder::begin(&options.out)?;
    export::copy_page(&page, staged.path())?;
    export::make_folders(staged.path(), options.large.is_some())?;
    let wanted = Wishes { site: staged.path(), large: options.large, miniatures: options.compare_methods };
    let read = read(files, &encoder.config.preprocess, wanted, &skipped)?;
    if read.files.is_empty() {
        return Err(none_readable(&options.photos, &skipped));
    }
    skipped.report();
    compute(options, Networks { encoder, decoder }, &read, staged.path())?;
    interrupt::check()?;
    staged.commit()?;
    say(format!("site         {} · `lookalike serve {}` shows it", options.out.display(), options.out.display()));
    Ok(Outcome::from(&skipped))
}

/// `SITE-model`, beside the site.
fn default_model(out: &Path) -> Result<PathBuf> {
    let out = std::path::absolute(out)?;
    let name = out.file_name().context("--out needs a name")?.to_string_lossy().into_owned();
    Ok(out.with_file_name(format!("{name}-model")))
}

/// What one pass over the photos gives, in the order of their paths.
struct Read {
    files: Vec<PhotoFile>,
    pixels: Vec<Pixels>,
    thumbnails: Vec<WrittenThumbnail>,
    /// As many, or none if nobody wants them.
    miniatures: Vec<Pixels>,
}

/// Likewise, of one photo.
struct ReadPhoto {
    file: PhotoFile,
    pixels: Pixels,
    thumbnail: WrittenThumbnail,
    miniature: Option<Pixels>,
}

/// What is made of each photo besides its pixels.
#[derive(Clone, Copy)]
struct Wishes<'a> {
    /// Where thumbnails go.
    site: &'a Path,
    /// Long side of the larger pictures beside them.
    large: Option<u16>,
    /// Whether descriptors without weights are to be compared.
    miniatures: bool,
}

/// Decodes each photo once, for its pixels and its thumbnail, on all cores.
fn read(files: Vec<PhotoFile>, preprocess: &PreprocessConfig, wanted: Wishes<'_>, skipped: &Skipped) -> Result<Read> {
    let progress = Progress::new("reading", files.len());
    let one = |file: PhotoFile| -> Option<Result<ReadPhoto>> {
        if interrupt::asked() {
            return None;
        }
        let photo = file.decode();
        progress.advance(1);
        match photo {
            Ok(photo) => {
                let thumbnail = thumbnail::thumbnail(&photo, wanted.large).map_err(Into::into);
                let thumbnail = thumbnail.and_then(|thumbnail| export::write_thumbnail(wanted.site, &thumbnail));
                let miniature = wanted.miniatures.then(|| descriptor::miniature().pixels(&photo));
                let pixels = preprocess.pixels(&photo);
                Some(thumbnail.map(|thumbnail| ReadPhoto { file, pixels, thumbnail, miniature }))
            }
            Err(error) => {
                skipped.add(&file.path, format!("{error:#}"));
                None
            }
        }
    };
    let all = files.into_par_iter().filter_map(one).collect::<Result<Vec<_>>>()?;
    interrupt::check()?;
    let mut read = Read { files: Vec::new(), pixels: Vec::new(), thumbnails: Vec::new(), miniatures: Vec::new() };
    for photo in all {
        read.files.push(photo.file);
        read.pixels.push(photo.pixels);
        read.thumbnails.push(photo.thumbnail);
        read.miniatures.extend(photo.miniature);
    }
    progress.finish(plural(read.files.len(), "photo"));
    Ok(read)
}

fn compute(options: &Build, Networks { encoder, decoder }: Networks, read: &Read, site: &Path) -> Result<()> {
    let device = device::open(options.device)?;
    eprintln!("device       {}", device.name);
    let (encoder, embedded) = embed::index(encoder, &read.pixels, &device.device)?;
    // From here on everything is computed with what the gallery stores, so that its parts agree.
    let layout = Layout::new(&embedded, cells::most(embedded.len()));
    let embeddings: Vec<Embedding> = layout.as_read(usize::from(encoder.config.width))?;
    let clustering = cluster::cluster(&embeddings, options.clusters, options.seed)?;
    say(describe_clusters(&clustering));
    let grouping = density::group(&embeddings, options.eps.0)?;
    let density = grouping.density;
    say(format!(
        "DBSCAN       {} and {} at eps {:.4}",
        plural(density.groups as usize, "group"),
        plural(density.noise as usize, "noise point"),
        density.eps
    ));
    let likeness = likeness::calibrate(&embeddings)?;
    interrupt::check()?;
    let map = tsne::layout(&embeddings, options.perplexity)?;
    let collection = Collection {
        title: options.title.clone().unwrap_or_else(|| folder_name(&options.photos)),
        encoder: &encoder,
        decoder: decoder.as_ref(),
        miniatures: read.miniatures.first().map(|first| Miniatures {
            side: first.side(),
            bytes: read.miniatures.iter().flat_map(Pixels::bytes).copied().collect(),
        }),
        probes: probes(&encoder, &read.pixels)?,
        files: &read.files,
        thumbnails: &read.thumbnails,
        embeddings: &embeddings,
        layout: &layout,
        clustering: &clustering,
        grouping: &grouping,
        large: options.large.unwrap_or(0),
        likeness,
        map: &map,
    };
    let entry = export::write_gallery(site, &collection)?;
    tell(options, &collection, &entry, &read.pixels, &device.device, site)
}

/// Writes the page about the gallery.
fn tell(
    options: &Build,
    collection: &Collection<'_>,
    entry: &Entry,
    pixels: &[Pixels],
    device: &Device,
    site: &Path,
) -> Result<()> {
    let Collection { encoder, decoder, embeddings, .. } = *collection;
    let shown = about::shown_photos(collection);
    let drawn = decoder.map(|decoder| about::draw(encoder, decoder, pixels, &shown, device)).transpose()?;
    let about = About {
        collection,
        entry,
        model: &options.model,
        history: &options.model.history(&default_model(&options.out)?)?,
        reconstructions: &drawn.unwrap_or_default(),
        candidates: &cluster::candidates(collection.clustering, embeddings, options.seed)?,
        trustworthiness: trustworthiness(embeddings, &collection.map.points),
        neighbors: &likeness::neighbor_similarities(embeddings)?,
    };
    about::write(site, &about)
}

fn describe_clusters(clustering: &cluster::Clustering) -> String {
    let sizes = clustering.clusters.iter().map(|c| c.size.to_string()).collect::<Vec<_>>().join(", ");
    let silhouette = clustering.silhouette.map_or(String::new(), |s| format!(", silhouette {s:.3}"));
    format!("k-means      {} of {sizes} photos{silhouette}", plural(clustering.clusters.len(), "cluster"))
}

/// The first and the middle photo, with the processor's embeddings.
fn probes(encoder: &EncoderFile, pixels: &[Pixels]) -> Result<Probes> {
    let cpu = NamedDevice::cpu().device;
    let network = model::network(encoder, &cpu)?;
    let places = (0..PROBES.min(pixels.len())).map(|at| at * pixels.len() / PROBES);
    let probes = places.map(|place| {
        let embedding =
            pollster::block_on(network.embed(&[&pixels[place]], &encoder.config.preprocess, &cpu))?.remove(0);
        Ok(Probe { pixels: pixels[place].clone(), embedding: embedding.as_slice().to_vec() })
    });
    Ok(Probes { probes: probes.collect::<Result<_>>()? })
}

fn folder_name(folder: &Path) -> String {
    let absolute = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    absolute.file_name().map_or("Photos".to_owned(), |name| name.to_string_lossy().into_owned())
}
