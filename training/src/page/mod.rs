//! The page that a site is made with: the one that the command holds in itself, or a folder.

mod files;

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use tar::Archive;

use crate::commands::Refusal;

/// The page as `training/build.rs` has packed it.
#[cfg(holds_page)]
const OWN: Option<&[u8]> = Some(include_bytes!(concat!(env!("OUT_DIR"), "/page.tar.gz")));
#[cfg(not(holds_page))]
const OWN: Option<&[u8]> = None;

/// What `lookalike --version` says behind the name.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), ", ", env!("LOOKALIKE_PAGE"));

/// Where a page's files are.
pub enum Page {
    /// In the command.
    Own(&'static [u8]),
    /// In a folder.
    Folder(PathBuf),
}

impl Page {
    /// What the user names, else the command's own, else the folder `page` beside the command or one level above it.
    ///
    /// # Errors
    /// No page.
    pub fn find(named: Option<&Path>) -> Result<Self> {
        match (named, OWN) {
            (Some(page), _) => {
                let reason = format!(
                    "{} holds no page, for it has no index.html: `cargo xtask page` builds one into target/page",
                    page.display()
                );
                Self::first([page.to_owned()]).ok_or_else(|| Refusal::new(reason).into())
            }
            (None, Some(own)) => Ok(Self::Own(own)),
            (None, None) => Self::beside(),
        }
    }

    fn beside() -> Result<Self> {
        let command = std::env::current_exe().unwrap_or_default();
        let places: Vec<_> = command.ancestors().skip(1).take(2).map(|folder| folder.join("page")).collect();
        let looked = places.iter().map(|place| place.display().to_string()).collect::<Vec<_>>().join(" or ");
        Self::first(places).ok_or_else(|| {
            Refusal::new(format!(
                "this `lookalike` was built without the page, and there is none in {looked}: `cargo install --locked \
                 --path training` makes a command that holds it, --page DIR names a page that is built"
            ))
            .into()
        })
    }

    fn first(places: impl IntoIterator<Item = PathBuf>) -> Option<Self> {
        places.into_iter().find(|place| place.join("index.html").exists()).map(Self::Folder)
    }

    /// The folder that it lies in, if it does.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Own(_) => None,
            Self::Folder(folder) => Some(folder),
        }
    }

    /// The names that it has in a site's folder.
    ///
    /// # Errors
    /// A folder that can't be read.
    pub fn names(&self) -> Result<BTreeSet<OsString>> {
        let paths = match self {
            Self::Own(bytes) => {
                let mut archive = unpacked(bytes);
                let path = |entry: std::io::Result<tar::Entry<'_, _>>| Ok(entry?.path()?.into_owned());
                archive.entries()?.map(path).collect::<std::io::Result<Vec<_>>>()?
            }
            Self::Folder(folder) => self::files(folder)?,
        };
        Ok(paths.iter().filter_map(|path| path.iter().next()).map(OsString::from).collect())
    }

    /// Writes its files into a site under construction.
    ///
    /// # Errors
    /// A file that can't be read or written.
    pub fn write(&self, site: &Path) -> Result<()> {
        match self {
            Self::Own(bytes) => {
                let mut archive = unpacked(bytes);
                archive.set_preserve_mtime(false);
                archive.unpack(site).with_context(|| crate::output::unwritable(site))
            }
            Self::Folder(folder) => self::files(folder)?.iter().try_for_each(|file| copy(folder, file, site)),
        }
    }
}

fn unpacked(bytes: &[u8]) -> Archive<GzDecoder<&[u8]>> {
    Archive::new(GzDecoder::new(bytes))
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    files::files(folder).with_context(|| format!("the page in {} can't be read", folder.display()))
}

fn copy(page: &Path, file: &Path, site: &Path) -> Result<()> {
    let (from, to) = (page.join(file), site.join(file));
    let copied = to.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::copy(&from, &to));
    copied.map(drop).with_context(|| format!("{} can't be copied: {}", from.display(), crate::output::unwritable(&to)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_files_are_no_part_of_a_page_and_folders_come_along() {
        let root = tempfile::tempdir().unwrap();
        let page = root.path().join("page");
        fs::create_dir_all(page.join("samples/small")).unwrap();
        for name in ["index.html", ".stamp", "samples/small/a.jpg", "samples/.b"] {
            fs::write(page.join(name), name).unwrap();
        }
        let found = Page::find(Some(&page)).unwrap();
        found.write(&root.path().join("site")).unwrap();
        let site = |name: &str| root.path().join("site").join(name);
        assert_eq!(fs::read_to_string(site("samples/small/a.jpg")).unwrap(), "samples/small/a.jpg");
        assert!(!site(".stamp").exists() && !site("samples/.b").exists());
        assert_eq!(found.names().unwrap(), BTreeSet::from(["index.html".into(), "samples".into()]));
    }

    #[test]
    fn a_folder_without_a_page_is_refused_by_name() {
        let root = tempfile::tempdir().unwrap();
        let reason = Page::find(Some(root.path())).err().unwrap().to_string();
        assert!(reason.contains(&root.path().display().to_string()) && reason.contains("cargo xtask page"), "{reason}");
    }
}
