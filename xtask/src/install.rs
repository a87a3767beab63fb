//! Installs a [`Tool`] into the cache folder, once, and checks what it says of itself.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use crate::{
    lock, paths, progress, run,
    tools::{Source, Tool, version_in},
};

/// The path of the program, which is installed first if need be.
pub(crate) fn ensure(tool: &Tool) -> Result<PathBuf> {
    if let Some(program) = find(tool)? {
        return Ok(program);
    }
    let cache = paths::cache()?;
    let _lock = lock::hold(&cache.join("lock"), "the tools")?;
    // Whoever held the lock may have installed it meanwhile.
    if let Some(program) = find(tool)? {
        return Ok(program);
    }
    match tool.source {
        Source::Cargo(flags) => by_cargo(tool, flags, &cache),
        Source::Npm => by_npm(tool, &cache),
    }
    .with_context(|| format!("could not install {} {}, which {}", tool.package, tool.version, tool.why))?;
    let program = installed(tool)?;
    match version_of(&program) {
        Some(version) if version == tool.reports => Ok(program),
        Some(other) => bail!("{} calls itself {other}, not {}", program.display(), tool.reports),
        None => bail!("{} was installed but does not run; `{} --version` says why", program.display(), tool.program),
    }
}

/// The tool in the cache folder or on PATH, if it has the right version.
pub(crate) fn find(tool: &Tool) -> Result<Option<PathBuf>> {
    let candidates = [Some(installed(tool)?).filter(|program| program.is_file()), paths::on_path(tool.program)];
    Ok(candidates.into_iter().flatten().find(|program| version_of(program).is_some_and(|is| is == tool.reports)))
}

/// What `program --version` answers.
pub(crate) fn version_of(program: &Path) -> Option<String> {
    let said = run::answer(run::command(program).arg("--version"))?;
    version_in(&said).map(str::to_owned)
}

fn installed(tool: &Tool) -> Result<PathBuf> {
    let folder = paths::cache()?.join(tool.folder());
    Ok(match tool.source {
        Source::Cargo(_) => folder.join("bin").join(paths::executable(tool.program)),
        Source::Npm => folder.join("node_modules").join(".bin").join(script(tool.program)),
    })
}

/// Cargo puts the program in its place as its last act, so a killed run leaves none. What it had compiled stays in a
/// build folder, from which the next run goes on.
fn by_cargo(tool: &Tool, flags: &[&str], cache: &Path) -> Result<()> {
    let build = cache.join("build").join(tool.folder());
    let mut install = run::cargo();
    // Outside the workspace: its .cargo/config.toml is not meant for tools.
    install.current_dir(cache).env("CARGO_TARGET_DIR", &build);
    // They run for seconds and are built for minutes: a quick build is worth more than a quick program.
    install.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1").env("CARGO_PROFILE_RELEASE_LTO", "false");
    install.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16").env("CARGO_PROFILE_RELEASE_DEBUG", "false");
    install.arg("install").arg(format!("{}@{}", tool.package, tool.version)).args(flags);
    install.arg("--root").arg(cache.join(tool.folder()));
    if !progress::on_terminal() {
        install.arg("--quiet");
    }
    let name = format!("{} {}", tool.package, tool.version);
    run::stage(&name, &format!("{}; built once", tool.why), Some(tool.seconds), &mut install)?;
    remove_folder(&build)
}

/// Into a folder beside its place, then moved there whole.
pub(crate) fn by_npm(tool: &Tool, cache: &Path) -> Result<()> {
    let [part, folder] = [cache.join(tool.folder() + ".part"), cache.join(tool.folder())];
    [&part, &folder].into_iter().try_for_each(|folder| remove_folder(folder))?;
    fs::create_dir_all(&part).with_context(|| format!("could not make the folder {}", part.display()))?;
    let mut install = run::command(script("npm"));
    install.current_dir(cache).args(["install", "--no-fund", "--no-audit", "--loglevel=error", "--prefix"]).arg(&part);
    install.arg(format!("{}@{}", tool.package, tool.version));
    let name = format!("{} {}", tool.package, tool.version);
    run::stage(&name, tool.why, Some(tool.seconds), &mut install)?;
    fs::rename(&part, &folder).with_context(|| format!("could not move {} into its place", part.display()))
}

/// npm and its programs are scripts, which have an ending of their own on Windows.
pub(crate) fn script(name: &str) -> String {
    if cfg!(windows) { format!("{name}.cmd") } else { name.to_owned() }
}

pub(crate) fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("could not remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}
