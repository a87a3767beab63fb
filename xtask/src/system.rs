//! Packages of the system, where we may install them: apt, as root or by a sudo that asks nothing.

use std::{process::Command, sync::OnceLock};

use anyhow::Result;

use crate::{
    paths,
    progress::{self, Stage},
    run,
};

/// Installs packages if this machine has apt and lets us; says whether it did.
pub(crate) fn install(packages: &[&str], why: &str) -> Result<bool> {
    let Some(rights) = rights() else { return Ok(false) };
    let mut stage = Stage::start("apt-get", &format!("installing {}, {why}", packages.join(", ")), Some(60));
    // An old package list names files that are gone; a failed update may still leave a good one.
    succeeded(apt(rights).args(["update", "-qq"]), &mut stage)?;
    let mut install = apt(rights);
    install.args(["install", "-y", "-qq", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0"]).args(packages);
    let installed = succeeded(&mut install, &mut stage)?;
    if installed {
        stage.done();
    } else {
        progress::note("apt-get could not install them; its own words are above");
    }
    Ok(installed)
}

#[derive(Clone, Copy)]
enum Rights {
    Root,
    Sudo,
}

fn rights() -> Option<Rights> {
    static RIGHTS: OnceLock<Option<Rights>> = OnceLock::new();
    *RIGHTS.get_or_init(|| {
        paths::on_path("apt-get")?;
        if run::answer(run::command("id").arg("-u")).is_some_and(|user| user == "0") {
            return Some(Rights::Root);
        }
        run::answer(run::command("sudo").args(["-n", "true"])).map(|_| Rights::Sudo)
    })
}

fn apt(rights: Rights) -> Command {
    match rights {
        Rights::Root => {
            let mut command = run::command("apt-get");
            command.env("DEBIAN_FRONTEND", "noninteractive");
            command
        }
        Rights::Sudo => {
            let mut command = run::command("sudo");
            command.args(["-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
            command
        }
    }
}

fn succeeded(command: &mut Command, stage: &mut Stage) -> Result<bool> {
    Ok(run::status(command.stdout(std::io::stderr()), Some(stage))?.success())
}
