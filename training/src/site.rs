//! A site on the disk: its gallery read and checked.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use lookalike::{
    gallery::{self, DecoderFile, FileRef, Gallery, GalleryError, GalleryFiles, container::Kind},
    thumbnail,
};

use crate::{commands::Refusal, output::unwritable, page::Page};

/// Reads the files of a site's gallery.
///
/// # Errors
/// A folder that is no site, or a file that is missing or can't be read.
pub fn files(site: &Path) -> Result<GalleryFiles> {
    let folder = site.join(gallery::FOLDER);
    if !folder.join(gallery::ENTRY).exists() {
        let message = format!(
            "{} is not a site: it has no {}/{}. `lookalike build PHOTOS --out SITE` makes one",
            site.display(),
            gallery::FOLDER,
            gallery::ENTRY
        );
        return Err(Refusal::new(message).into());
    }
    GalleryFiles::gather(|name| file(site, name))
}

fn file(site: &Path, name: &str) -> Result<Vec<u8>> {
    let path = site.join(gallery::FOLDER).join(name);
    fs::read(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => anyhow::Error::new(GalleryError::Missing { file: name.to_owned() }),
        _ => anyhow::Error::new(error).context(format!("{} can't be read", path.display())),
    })
}

/// Reads and checks a site's gallery.
///
/// # Errors
/// As [`files`], or files that do not fit together.
pub fn read(site: &Path) -> Result<Gallery> {
    let files = files(site)?;
    Gallery::parse(&files).with_context(|| format!("{} can't be used", site.display()))
}

/// Reads every file of a site's gallery, thumbnails and what is fetched on demand included.
///
/// # Errors
/// As [`files`], or a file that is missing or not what its name says.
pub fn check(site: &Path) -> Result<Gallery> {
    let gallery = read(site)?;
    check_thumbnails(site, &gallery)?;
    decoder(site, &gallery)?;
    extra(site, gallery.entry.miniatures, Kind::Miniatures, |bytes| gallery.miniatures(bytes))?;
    extra(site, gallery.entry.autoencoder, Kind::Autoencoder, |bytes| gallery.autoencoder(bytes))?;
    Ok(gallery)
}

/// Each thumbnail is there and is, with its larger picture, what its name says.
fn check_thumbnails(site: &Path, gallery: &Gallery) -> Result<()> {
    let read = |name: &str| fs::read(site.join(gallery::FOLDER).join(name));
    for item in gallery.items.iter() {
        let large = if gallery.entry.large > 0 { read(&item.large_path()).map(Some) } else { Ok(None) };
        let both = read(&item.thumb_path()).and_then(|small| Ok((small, large?)));
        let sound = both.is_ok_and(|(small, large)| thumbnail::name(&small, large.as_deref()) == item.thumb);
        let name = item.thumb_path();
        ensure!(sound, "{name}, the thumbnail of {}, is missing or damaged; build the site again", item.path);
    }
    Ok(())
}

/// Reads and checks the decoder of a site's gallery, if it has one.
///
/// # Errors
/// A file that is missing or can't be used, by its name.
pub fn decoder(site: &Path, gallery: &Gallery) -> Result<Option<DecoderFile>> {
    extra(site, gallery.entry.decoder, Kind::Decoder, |bytes| gallery.decoder(bytes))
}

/// A file that a gallery may have beside those that every gallery has.
fn extra<T>(
    site: &Path,
    reference: Option<FileRef>,
    kind: Kind,
    check: impl FnOnce(&[u8]) -> Result<T, GalleryError>,
) -> Result<Option<T>> {
    let Some(reference) = reference else { return Ok(None) };
    let bytes = file(site, &reference.name(kind))?;
    Ok(Some(check(&bytes).with_context(|| format!("{} can't be used", site.display()))?))
}

/// Whether a folder may become a site made with this page: it is not there, is empty, or is such a site already.
///
/// # Errors
/// A folder that holds anything else: the new site takes its place as a whole, and that would be lost.
pub fn check_target(target: &Path, page: &Page) -> Result<()> {
    if !target.exists() {
        return Ok(());
    }
    let shown = target.display();
    if !target.is_dir() {
        return Err(Refusal::new(format!("{shown} is a file; choose another --out")).into());
    }
    let mut names = fs::read_dir(target)?.map(|entry| Ok(entry?.file_name())).collect::<std::io::Result<Vec<_>>>()?;
    names.sort();
    let is_site = target.join(gallery::FOLDER).join(gallery::ENTRY).exists();
    let own = [gallery::FOLDER, NO_JEKYLL, ABOUT];
    let of_page = page.names()?;
    let ours = |name: &std::ffi::OsString| own.iter().any(|own| name == own) || of_page.contains(name);
    match names.iter().find(|name| !is_site || !ours(name)) {
        None => Ok(()),
        Some(name) if is_site => {
            let name = name.to_string_lossy();
            Err(Refusal::new(format!("{shown} holds {name}, which is not part of the site; move it elsewhere first"))
                .into())
        }
        Some(_) => Err(Refusal::new(format!(
            "{shown} holds something that is not a site; choose another --out, or empty it first"
        ))
        .into()),
    }
}

/// The page about the gallery.
pub const ABOUT: &str = "about.html";

/// Tells GitHub Pages to publish the files as they are; its generator would hide some.
pub const NO_JEKYLL: &str = ".nojekyll";

/// Marks a folder for GitHub Pages as one to publish as it is.
///
/// # Errors
/// A folder that can't be written.
pub fn keep_from_jekyll(site: &Path) -> Result<()> {
    let file = site.join(NO_JEKYLL);
    fs::write(&file, "").with_context(|| unwritable(&file))
}
