//! `cargo xtask page`: the browser's side, from index.html and three wasm programs to `target/page`.

use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use crate::{
    lock, paths,
    progress::{self, Stage},
    run,
    setup::{self, Tools},
    shorten,
    stamp::{self, Fingerprint, Stamp},
    tools, wasm_target,
};

/// All that the page is made from, beside what is in www; what is not there yet counts as absent.
const INPUTS: [&str; 7] =
    ["index.html", "src", "Cargo.toml", "Cargo.lock", "Trunk.toml", ".cargo/config.toml", "rust-toolchain.toml"];

/// In www, but a book of its own: see `guide`.
const GUIDE: &str = "guide";

/// What stands in the place of a version until the page is built.
const UNVERSIONED: &str = "?v=dev";

/// The scripts that nobody generates.
const OWN_SCRIPTS: [&str; 8] = [
    "boot.js",
    "folder.js",
    "lookalike-search.js",
    "lookalike.js",
    "offline.js",
    "sw.js",
    "worker.js",
    "worker_search.js",
];

/// Three programs with fat link-time optimisation, measured on two cores.
const SECONDS: u64 = 720;

pub(crate) fn command(optimise: bool) -> Result<()> {
    build(optimise)?;
    eprintln!("The page is in {}", paths::page().display());
    Ok(())
}

pub(crate) fn build(optimise: bool) -> Result<()> {
    let tools = setup::ensure(optimise)?;
    let page = paths::page();
    let _lock = lock::hold(&page.with_extension("lock"), "the page")?;
    let fingerprint = fingerprint(&tools)?;
    let stamp = Stamp::beside(&page);
    if stamp.says(&fingerprint) && is_whole(&page) {
        progress::note("the page is up to date");
        return Ok(());
    }
    stamp.remove()?;
    let mut stage = Stage::start("page", "building the browser's side into target/page", Some(SECONDS));
    run::within(&mut stage, &mut crates()).context("could not fetch the crates that the page is built from")?;
    run::within(&mut stage, &mut trunk(&tools)?).context("could not build the page")?;
    stage.done();
    if let Some(wasm_opt) = &tools.wasm_opt {
        shrink(wasm_opt, &page)?;
    }
    if !is_whole(&page) {
        bail!(
            "trunk ended well, but {} has no index.html and wasm: does Trunk.toml name it as `dist`?",
            page.display()
        );
    }
    check_nameless(&page)?;
    drop_comments(&page)?;
    name_version(&page)?;
    stamp.write(&fingerprint)
}

/// Our own scripts go out as they are written, but for their comments and how far they are set in. Whole lines alone: nothing has
/// to be parsed for that.
fn drop_comments(page: &Path) -> Result<()> {
    for name in OWN_SCRIPTS {
        let path = page.join(name);
        let script = fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
        let lines = script.lines().map(str::trim_start).filter(|line| !line.starts_with("//"));
        let short: String = lines.flat_map(|line| [line, "\n"]).collect();
        fs::write(&path, short).with_context(|| format!("could not write {}", path.display()))?;
    }
    Ok(())
}

/// Gives the addresses in index.html a version, a hash over all files: those of two builds never mix in a cache.
fn name_version(page: &Path) -> Result<()> {
    let mut contents = Fingerprint::default();
    contents.path(page)?;
    let version = contents.finish();
    let index = page.join("index.html");
    let html = fs::read_to_string(&index).context("could not read the page's index.html")?;
    if !html.contains(UNVERSIONED) {
        bail!("{} has no address with {UNVERSIONED} to give a version to", index.display());
    }
    fs::write(&index, html.replace(UNVERSIONED, &format!("?v={}", &version[..12])))
        .context("could not write the page's index.html")
}

fn fingerprint(tools: &Tools) -> Result<String> {
    let mut fingerprint = Fingerprint::default();
    stamp::of_workspace(&mut fingerprint, &INPUTS)?;
    for entry in www()? {
        fingerprint.text(&entry.to_string_lossy());
        fingerprint.path(&paths::root().join("www").join(entry))?;
    }
    for tool in tools::PAGE_TOOLS {
        fingerprint.text(&tool.folder());
    }
    fingerprint.text(if tools.wasm_opt.is_some() { "optimised" } else { "as linked" });
    fingerprint.text("without paths");
    fingerprint.text(&wasm_target::compiler());
    Ok(fingerprint.finish())
}

/// What of www may become a part of the page, by name.
fn www() -> Result<Vec<OsString>> {
    let entries = fs::read_dir(paths::root().join("www")).context("could not read the folder www")?;
    let mut names = entries.map(|entry| Ok(entry?.file_name())).collect::<Result<Vec<_>>>()?;
    names.retain(|name| name != GUIDE);
    names.sort();
    Ok(names)
}

/// Those that the browser alone needs are lacking until a page has been built; nothing is asked for if all are there.
fn crates() -> std::process::Command {
    let mut cargo = run::cargo();
    cargo.args(["fetch", "--quiet", "--locked", "--target", wasm_target::TARGET]);
    cargo
}

/// Offline and with our tools on PATH: trunk would fetch others by itself, and takes no crates but those that are there.
fn trunk(tools: &Tools) -> Result<std::process::Command> {
    let mut trunk = run::command(&tools.trunk);
    trunk.args(["build", "--release"]).env("PATH", tools.path()?);
    trunk.env("TRUNK_OFFLINE", "true").env("TRUNK_SKIP_VERSION_CHECK", "true");
    // wasm-opt rewrites what trunk has hashed; the files are our own, from our own origin.
    trunk.env("TRUNK_BUILD_NO_SRI", "true");
    // Joined with what .cargo/config.toml says.
    trunk.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", nameless_paths().join(" "));
    wasm_target::apply(&mut trunk);
    Ok(trunk)
}

/// Where a panic has happened is told by a path: of the crate, and not of the machine and the person who built it. Two checkouts
/// give the same bytes.
fn nameless_paths() -> Vec<String> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    // The last that fits counts: cargo's folder may lie in the checkout, the checkout in somebody's home.
    let folders = [(Some(paths::root()), "lookalike"), (Some(paths::target()), "target"), (home, "cargo")];
    let absolute = |folder: PathBuf| folder.canonicalize().unwrap_or(folder);
    let flag = |(folder, name)| Some(format!("--remap-path-prefix={}={name}", absolute(folder?).display()));
    folders.into_iter().filter_map(flag).collect()
}

/// That nothing in the page tells where it was built.
fn check_nameless(page: &Path) -> Result<()> {
    let told =
        [Some(paths::root()), env::home_dir()].into_iter().flatten().filter(|folder| folder.components().count() > 1);
    let told: Vec<_> = told.map(|folder| folder.display().to_string()).collect();
    for module in modules(page)? {
        let bytes = fs::read(&module).with_context(|| format!("could not read {}", module.display()))?;
        let within = |folder: &&String| bytes.windows(folder.len()).any(|window| window == folder.as_bytes());
        if let Some(folder) = told.iter().find(within) {
            bail!("{} tells that it was built in {folder}: see nameless_paths in xtask/src/page.rs", module.display());
        }
    }
    Ok(())
}

/// No feature flags: wasm-opt reads from the module what it may use. Told "everything", it writes what browsers refuse.
fn shrink(wasm_opt: &Path, page: &Path) -> Result<()> {
    let mut stage = Stage::start("wasm-opt", "the last tenth of the page's size", Some(180));
    for module in modules(page)? {
        let before = size(&module)?;
        let part = module.with_extension("wasm.part");
        let names = module.with_extension("names.part");
        let renamed = File::create(&names).with_context(|| format!("could not write {}", names.display()))?;
        let mut command = run::command(wasm_opt);
        command.args(optimisation(&module)).arg(shorten::PASS).arg(&module).arg("-o").arg(&part).stdout(renamed);
        run::within(&mut stage, &mut command)
            .context("could not shrink the page's wasm; `cargo xtask page --no-optimise` goes without")?;
        let after = size(&part)?;
        fs::rename(&part, &module).with_context(|| format!("could not replace {}", module.display()))?;
        shorten_script(&module, &names)?;
        let name = module.file_name().unwrap_or_default().to_string_lossy().into_owned();
        progress::note(&format!("{name}: {} kB, was {} kB", after / 1000, before / 1000));
    }
    stage.done();
    Ok(())
}

/// A worker is to be fast, the page's own program small: inlining makes it larger.
fn optimisation(module: &Path) -> &'static [&'static str] {
    if module.ends_with("page_bg.wasm") {
        &[
            "-Oz",
            "--one-caller-inline-max-function-size=20",
            "--flexible-inline-max-function-size=0",
            "--always-inline-max-function-size=0",
            "--converge",
            // What the compilers are called and what the module uses is read by nobody any more.
            "--strip-producers",
            "--strip-target-features",
        ]
    } else {
        &["-O3"]
    }
}

/// Lets a program's script know the names that wasm-opt has given; `NAME_bg.wasm` belongs to `NAME.js`.
fn shorten_script(module: &Path, names: &Path) -> Result<()> {
    let file = module.file_name().unwrap_or_default().to_string_lossy().replace("_bg.wasm", ".js");
    let script = module.with_file_name(file);
    let read = |path: &Path| fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()));
    fs::write(&script, shorten::rename(&read(&script)?, &read(names)?))
        .with_context(|| format!("could not write {}", script.display()))?;
    fs::remove_file(names).with_context(|| format!("could not remove {}", names.display()))
}

fn is_whole(page: &Path) -> bool {
    page.join("index.html").is_file() && modules(page).is_ok_and(|modules| !modules.is_empty())
}

fn modules(page: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(page).with_context(|| format!("could not read {}", page.display()))?;
    let mut modules = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            modules.push(path);
        }
    }
    modules.sort();
    Ok(modules)
}

fn size(path: &Path) -> Result<u64> {
    Ok(fs::metadata(path).with_context(|| format!("could not read {}", path.display()))?.len())
}
