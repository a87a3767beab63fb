//! A site on the disk: its gallery read and checked.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use lookalike::gallery::{self, DecoderFile, Gallery, GalleryError, GalleryFiles, container::Kind};

use crate::commands::Refusal;

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

/// Reads and checks the decoder of a site's gallery, if it has one.
///
/// # Errors
/// A file that is missing or can't be used, by its name.
pub fn decoder(site: &Path, gallery: &Gallery) -> Result<Option<DecoderFile>> {
    let Some(reference) = gallery.entry.decoder else { return Ok(None) };
    let bytes = file(site, &reference.name(Kind::Decoder))?;
    Ok(Some(gallery.decoder(&bytes).with_context(|| format!("{} can't be used", site.display()))?))
}

/// Reads and checks the miniatures of a site's gallery, and gives the bytes of their file, if it has them.
///
/// # Errors
/// A file that is missing or can't be used, by its name.
pub fn miniatures(site: &Path, gallery: &Gallery) -> Result<Option<u32>> {
    let Some(reference) = gallery.entry.miniatures else { return Ok(None) };
    let bytes = file(site, &reference.name(Kind::Miniatures))?;
    gallery.miniatures(&bytes).with_context(|| format!("{} can't be used", site.display()))?;
    Ok(Some(reference.bytes))
}

/// Reads and checks the autoencoder of a site's gallery, and gives the bytes of its file, if it has one.
///
/// # Errors
/// A file that is missing or can't be used, by its name.
pub fn autoencoder(site: &Path, gallery: &Gallery) -> Result<Option<u32>> {
    let Some(reference) = gallery.entry.autoencoder else { return Ok(None) };
    let bytes = file(site, &reference.name(Kind::Autoencoder))?;
    gallery.autoencoder(&bytes).with_context(|| format!("{} can't be used", site.display()))?;
    Ok(Some(reference.bytes))
}

/// Whether a folder may become a site made with this page: it is not there, is empty, or is such a site already.
///
/// # Errors
/// A folder that holds anything else: the new site takes its place as a whole, and that would be lost.
pub fn check_target(target: &Path, page: &Path) -> Result<()> {
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
    let ours = |name: &std::ffi::OsString| own.iter().any(|own| name == own) || page.join(name).exists();
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
