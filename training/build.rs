//! Packs the page into the command, so that `lookalike build` needs nothing beside it. With the feature `page`, that is:
//!
//! - the page in LOOKALIKE_PAGE_DIR, if that is set; it is taken as it is;
//! - else, in a release build, the page in target/page, which `cargo xtask page` makes or finds up to date;
//! - else none. An editor's `cargo check` shall not build a page.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(holds_page)");
    let told = page::pack()?;
    println!("cargo::rustc-env=LOOKALIKE_PAGE={told}");
    Ok(())
}

#[cfg(not(feature = "page"))]
mod page {
    pub(super) fn pack() -> Result<&'static str, std::convert::Infallible> {
        Ok("without a page")
    }
}

#[cfg(feature = "page")]
#[path = "src/page/files.rs"]
mod files;

#[cfg(feature = "page")]
mod page {
    use std::{
        env,
        error::Error,
        fs::{self, File},
        path::{Path, PathBuf},
        process::Command,
    };

    use flate2::{Compression, GzBuilder};

    /// All that the page is made from, as far as cargo is to watch it; `cargo xtask page` knows it exactly.
    const SOURCES: [&str; 7] =
        ["index.html", "src", "www", "Cargo.toml", "Cargo.lock", "Trunk.toml", ".cargo/config.toml"];

    /// What cargo tells a build script of the crate that it builds, and another cargo would take for its own.
    const NOT_FOR_OTHERS: [&str; 5] = ["CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET", "RUSTC", "RUSTDOC", "TARGET"];

    /// Packs the page, and tells of which build it is.
    pub(super) fn pack() -> Result<String, Box<dyn Error>> {
        println!("cargo::rerun-if-env-changed=LOOKALIKE_PAGE_DIR");
        let Some(page) = find()? else { return Ok("without a page".to_owned()) };
        let index = page.join("index.html");
        let html = fs::read_to_string(&index).map_err(|error| format!("{}: {error}", index.display()))?;
        let archive = File::create(Path::new(&env::var("OUT_DIR")?).join("page.tar.gz"))?;
        let mut archive = tar::Builder::new(GzBuilder::new().write(archive, Compression::best()));
        archive.mode(tar::HeaderMode::Deterministic);
        for file in super::files::files(&page)? {
            archive.append_path_with_name(page.join(&file), &file)?;
        }
        archive.into_inner()?.finish()?;
        println!("cargo::rustc-cfg=holds_page");
        // `?v=` behind an address names the build.
        let build = html.split("?v=").nth(1).map(|rest| rest.chars().take_while(char::is_ascii_alphanumeric).collect());
        Ok(format!("with the page {}", build.unwrap_or_else(|| "of LOOKALIKE_PAGE_DIR".to_owned())))
    }

    fn find() -> Result<Option<PathBuf>, Box<dyn Error>> {
        let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("..");
        if let Some(page) = env::var_os("LOOKALIKE_PAGE_DIR").filter(|page| !page.is_empty()) {
            // Relative to the checkout, wherever cargo was started.
            let page = root.join(page);
            println!("cargo::rerun-if-changed={}", page.display());
            return Ok(Some(page));
        }
        if env::var("PROFILE")? != "release" {
            return Ok(None);
        }
        for source in SOURCES {
            println!("cargo::rerun-if-changed=../{source}");
        }
        build(&root)?;
        Ok(Some(root.join("target/page")))
    }

    /// In a target folder of its own: ours is locked by the cargo that waits for us.
    fn build(root: &Path) -> Result<(), Box<dyn Error>> {
        let mut cargo = Command::new(env::var("CARGO")?);
        cargo.current_dir(root).args(["run", "--quiet", "--release", "--package", "xtask", "--", "page"]);
        cargo.env("CARGO_TARGET_DIR", root.join("target/page-build"));
        for name in NOT_FOR_OTHERS {
            cargo.env_remove(name);
        }
        if cargo.status()?.success() {
            return Ok(());
        }
        Err("the page could not be built; why is told above, and `cargo xtask page` tells it again. \
             LOOKALIKE_PAGE_DIR=DIR takes a page that is built, `--no-default-features` goes without"
            .into())
    }
}
