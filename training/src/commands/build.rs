//! `lookalike build`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use burn::tensor::Device;
use lookalike::{
    cells::{self, Layout},
    descriptor,
    embedding::Embedding,
    gallery::{AutoencoderFile, Details, EncoderFile, Entry, Miniatures, Probe, Probes, Thresholds},
    photo::Photo,
    thumbnail::{jpeg, shrink},
};

use super::{
    Outcome, refuse_inside,
    scratch::{Scratch, Wanted, networks, none_readable},
};
use crate::{
    about::{self, About},
    cache::{self, Cache, Kept, Key},
    changes::{self, Changes},
    choice::Networks,
    cli::Build,
    cluster::{self, Clustering},
    density::{self, Grouping},
    device::{self, NamedDevice},
    embed,
    export::{self, Collection},
    interrupt, likeness,
    metadata::Metadata,
    model,
    output::StagedFolder,
    page::Page,
    parts::{self, Known},
    photos::{self, Skipped, plural},
    progress::say,
    reading::{self, Read, Recipe},
    rival::Rival,
    site,
    trustworthiness::trustworthiness,
    tsne,
};

/// Photos by which the browser checks its device.
const PROBES: usize = 8;
/// Their long side in pixels: some 3 kB each.
const PROBE_SIDE: u32 = 128;

pub(super) fn run(options: &Build) -> Result<Outcome> {
    let skipped = Skipped::default();
    let files = photos::find(&options.photos, &skipped)?;
    let page = Page::find(options.page.as_deref())?;
    refuse_inside(&options.photos, &options.out)?;
    let others = [page.folder(), options.model.folder(), options.autoencoder.as_deref()];
    for input in [options.photos.as_path()].into_iter().chain(others.into_iter().flatten()) {
        refuse_inside(&options.out, input)?;
    }
    site::check_target(&options.out, &page)?;
    let metadata = Metadata::read(options.metadata.as_deref())?;
    for note in metadata.compare(&options.photos, &files)? {
        say(format!("{:<12} {note}", "metadata"));
    }
    let parts = parts::find(&options.embeddings)?;
    for part in &parts {
        refuse_inside(&options.out, part)?;
    }
    let training = Scratch { seed: options.seed, device: options.device };
    let wanted = Wanted { model: &options.model, side: options.side, training };
    let Networks { encoder, decoder } = networks(wanted, &options.photos, &files, Some(&default_model(&options.out)?))?;
    let rival = options.autoencoder.as_deref().map(Rival::load).transpose()?;
    if options.out.exists() {
        eprintln!("the site in {} will be replaced", options.out.display());
    }
    let known = Known::read(&parts, &encoder)?;
    let staged = StagedFolder::begin(&options.out)?;
    page.write(staged.path())?;
    site::keep_from_jekyll(staged.path())?;
    export::make_folders(staged.path(), options.large.is_some())?;
    let device = device::open(options.device)?;
    eprintln!("device       {}", device.name);
    let cache = open_cache(options, &encoder, rival.as_ref(), &device)?;
    let recipe = Recipe {
        encoder: &model::network(&encoder, &device.device)?,
        config: &encoder.config,
        device: &device.device,
        gpu: device.gpu,
        site: staged.path(),
        large: options.large,
        miniatures: options.compare_methods,
        rival: rival.as_ref(),
        known: &known,
    };
    let read = reading::read(files.clone(), recipe, &cache, &skipped)?;
    if read.files.is_empty() {
        return Err(none_readable(&options.photos, &skipped));
    }
    cache.report();
    skipped.report();
    if !parts.is_empty() {
        for note in known.compare(&options.photos, &files, &read.found())? {
            say(format!("{:<12} {note}", "embeddings"));
        }
    }
    let details = details(&read, &metadata, &known);
    let photos = Photos { read: &read, cache: &cache, rival: rival.as_ref(), details: &details };
    compute(options, Networks { encoder, decoder }, &photos, &device, staged.path())?;
    cache.prune(read.contents.iter().copied())?;
    interrupt::check()?;
    let changes = changes(options, &read);
    staged.commit()?;
    changes.inspect(|changes| say(format!("photos       {changes}")));
    say(format!("site         {} · `lookalike serve {}` shows it", options.out.display(), options.out.display()));
    Ok(Outcome::from(&skipped))
}

/// `SITE-model`, beside the site.
fn default_model(out: &Path) -> Result<PathBuf> {
    let out = std::path::absolute(out)?;
    let name = out.file_name().context("--out needs a name")?.to_string_lossy().into_owned();
    Ok(out.with_file_name(format!("{name}-model")))
}

/// The cache beside the site, or one that nobody keeps.
fn open_cache(options: &Build, encoder: &EncoderFile, rival: Option<&Rival>, device: &NamedDevice) -> Result<Cache> {
    let rival = rival.map(|rival| &rival.file);
    let key = Key::new(encoder, options.large, options.compare_methods, rival, &device.name)?;
    let folder = cache::folder(&options.out)?;
    if options.no_cache { Cache::temporary(&folder, key) } else { Cache::open(&folder, key) }
}

/// What becomes of the photos of the site that is there; nothing to tell if its pictures were made another way.
fn changes(options: &Build, read: &Read) -> Option<Changes> {
    let old = options.out.exists().then(|| site::read(&options.out).ok())??;
    let alike = old.entry.generator == export::GENERATOR && old.entry.large == options.large.unwrap_or(0);
    let paths = read.files.iter().map(|file| file.path.clone());
    let new = paths.zip(read.thumbnails.iter().map(|thumbnail| thumbnail.hash)).collect();
    alike.then(|| Changes::between(&changes::photos(&old), &new))
}

/// What is said of each photo: in the file of metadata, else the tags of its row in a part.
fn details(read: &Read, metadata: &Metadata, known: &Known) -> Vec<Option<Details>> {
    let tagged =
        |(path, hash)| known.tags(path, hash).map(|tags| Details { tags: tags.to_owned(), ..Details::default() });
    let of = |(path, hash)| metadata.of(path).cloned().or_else(|| tagged((path, hash))).filter(|said| !said.is_empty());
    read.found().into_iter().map(of).collect()
}

/// The photos that were read, and what was made of them.
#[derive(Clone, Copy)]
struct Photos<'a> {
    read: &'a Read,
    cache: &'a Cache,
    rival: Option<&'a Rival>,
    details: &'a [Option<Details>],
}

impl Photos<'_> {
    fn kept(&self, place: usize) -> Result<Kept> {
        self.read.kept(self.cache, place)
    }

    /// All photos, tiny.
    fn miniatures(&self) -> Result<Option<Miniatures>> {
        let mut bytes = Vec::new();
        for place in 0..self.read.files.len() {
            let miniature = self.kept(place)?.miniature.context("the cache holds no miniatures")?;
            bytes.extend(miniature.bytes());
        }
        Ok(Some(Miniatures { side: descriptor::miniature().side, bytes }))
    }

    /// The autoencoder that is compared, and all photos by it.
    fn by_rival(&self, layout: &Layout) -> Result<Option<AutoencoderFile>> {
        let Some(rival) = self.rival else { return Ok(None) };
        let mut embeddings = Vec::new();
        for place in 0..self.read.files.len() {
            embeddings.extend(self.kept(place)?.by_rival.context("the cache holds nothing of the autoencoder's")?);
        }
        Ok(Some(rival.to_file(&embeddings, layout)))
    }
}

fn compute(
    options: &Build,
    Networks { encoder, decoder }: Networks,
    photos: &Photos<'_>,
    device: &NamedDevice,
    site: &Path,
) -> Result<()> {
    let read = photos.read;
    let features = |place| Ok(photos.kept(place)?.features);
    let (encoder, embedded) = embed::index_features(encoder, read.files.len(), features, &device.device)?;
    // From here on everything is computed with what the gallery stores, so that its parts agree.
    let layout = Layout::new(&embedded, cells::most(embedded.len()));
    let embeddings: Vec<Embedding> = layout.as_read(usize::from(encoder.config.width))?;
    // The map is computed by one core, and takes as long as the rest does on the others.
    let (map, groups) = rayon::join(|| tsne::layout(&embeddings, options.perplexity), || groups(options, &embeddings));
    let (map, (clustering, grouping, likeness)) = (map?, groups?);
    let collection = Collection {
        title: options.title.clone().unwrap_or_else(|| folder_name(&options.photos)),
        encoder: &encoder,
        decoder: decoder.as_ref(),
        miniatures: if options.compare_methods { photos.miniatures()? } else { None },
        autoencoder: photos.by_rival(&layout)?,
        probes: probes(&encoder, read)?,
        files: &read.files,
        details: photos.details,
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
    tell(options, &collection, &entry, read, &device.device, site)
}

/// Clusters, density groups, and from which similarity on photos deserve a word.
fn groups(options: &Build, embeddings: &[Embedding]) -> Result<(Clustering, Grouping, Thresholds)> {
    let clustering = cluster::cluster(embeddings, options.clusters, options.seed)?;
    say(describe_clusters(&clustering));
    let grouping = density::group(embeddings, options.eps.0)?;
    let density = grouping.density;
    say(format!(
        "DBSCAN       {} and {} at eps {:.4}",
        plural(density.groups as usize, "group"),
        plural(density.noise as usize, "noise point"),
        density.eps
    ));
    interrupt::check()?;
    Ok((clustering, grouping, likeness::calibrate(embeddings)?))
}

/// Writes the page about the gallery.
fn tell(
    options: &Build,
    collection: &Collection<'_>,
    entry: &Entry,
    read: &Read,
    device: &Device,
    site: &Path,
) -> Result<()> {
    let Collection { encoder, decoder, embeddings, .. } = *collection;
    let shown = about::shown_photos(collection);
    let seen = |&photo: &usize| Some((photo, encoder.config.preprocess.pixels(&read.photo(photo)?)));
    let seen: Vec<_> = shown.iter().filter_map(seen).collect();
    let drawn = decoder.map(|decoder| about::draw(encoder, decoder, seen, device)).transpose()?;
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

fn describe_clusters(clustering: &Clustering) -> String {
    let sizes = clustering.clusters.iter().map(|c| c.size.to_string()).collect::<Vec<_>>().join(", ");
    let silhouette = clustering.silhouette.map_or(String::new(), |s| format!(", silhouette {s:.3}"));
    format!("k-means      {} of {sizes} photos{silhouette}", plural(clustering.clusters.len(), "cluster"))
}

/// Photos from all over the collection, small, with the processor's embeddings; the next ones where some have changed since.
fn probes(encoder: &EncoderFile, read: &Read) -> Result<Probes> {
    let cpu = NamedDevice::cpu().device;
    let network = model::network(encoder, &cpu)?;
    let (count, preprocess) = (read.files.len(), &encoder.config.preprocess);
    let places = (0..PROBES.min(count)).map(|at| at * count / PROBES);
    let probes = places.map(|first| {
        let photo = (0..count).find_map(|further| read.photo((first + further) % count));
        let photo = photo.context("the photos have changed while the site was built; build again")?;
        let photo = jpeg(&shrink(photo.picture(), PROBE_SIDE))?;
        let pixels = preprocess.pixels(&Photo::decode(&photo)?);
        let embedding = pollster::block_on(network.embed(&[&pixels], preprocess, &cpu))?.remove(0);
        Ok(Probe { photo, pixels_hash: pixels.hash(), embedding: embedding.as_slice().to_vec() })
    });
    Ok(Probes { probes: probes.collect::<Result<_>>()? })
}

fn folder_name(folder: &Path) -> String {
    let absolute = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    absolute.file_name().map_or("Photos".to_owned(), |name| name.to_string_lossy().into_owned())
}
