//! The packages for npm and Python's tools, installed from their files without a network: each makes the command's site.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![cfg(unix)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use lookalike_tests::{
    command::{Ended, end},
    configured, contents, files,
    small::{done, few, refused, small},
};

/// The packages with such an ending; `None` where this machine can't make or install them, which is said.
fn packages(tool: &[&str], extension: &str) -> Option<Vec<PathBuf>> {
    if lookalike_tests::skipped() {
        return None;
    }
    let there = Command::new(tool[0]).args(&tool[1..]).output().is_ok_and(|output| output.status.success());
    if !there {
        eprintln!("skipped: `{}` does not run here", tool.join(" "));
        return None;
    }
    let found = files(&fs::canonicalize(configured("LOOKALIKE_PACKAGES", "target/packages")).unwrap(), &[extension]);
    assert!(!found.is_empty(), "`cargo xtask package` makes them");
    Some(found)
}

fn run(program: &str, arguments: &[&str], folder: &Path) -> Ended {
    end(Command::new(program).args(arguments).current_dir(folder)).unwrap()
}

/// The site that the command itself makes of some photos.
fn expected(name: &str) -> (String, PathBuf) {
    let photos = few(&format!("{name}/photos"), 8).display().to_string();
    let site = small().path(name).join("expected");
    let bin = configured("LOOKALIKE_ONE_FILE", "target/one-file/lookalike");
    done(&end(Command::new(bin).arg("build").arg(&photos).arg("--out").arg(&site)).unwrap());
    (photos, site)
}

#[test]
fn npm_installs_the_command_for_this_machine_and_runs_it() {
    let Some(packages) = packages(&["npm", "--version"], "tgz") else { return };
    let (photos, expected) = expected("npm");
    let folder = small().path("npm").join("project");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("package.json"), "{\"private\": true}").unwrap();
    let [wrapper, platform] = packages.iter().map(|path| path.to_str().unwrap()).collect::<Vec<_>>()[..] else {
        panic!("one for all machines and one for this: {packages:?}")
    };
    done(&run("npm", &["install", "--offline", "--no-audit", "--no-fund", wrapper, platform], &folder));
    let lookalike = |arguments: &[&str]| {
        run("npm", &[&["exec", "--offline", "--no", "--", "lookalike"], arguments].concat(), &folder)
    };
    done(&lookalike(&["build", &photos, "--out", "site"]));
    assert!(contents(&folder.join("site")) == contents(&expected), "the same bytes");
    assert!(folder.join("site/page_bg.wasm").exists());
    refused(&lookalike(&["build", "nowhere", "--out", "other"]), &["nowhere does not exist"]);

    // Without the package that holds the command, the next step is told.
    let named = fs::read_dir(folder.join("node_modules")).unwrap().map(|entry| entry.unwrap().path());
    let held = named.filter(|path| path.join("bin/lookalike").exists()).collect::<Vec<_>>();
    assert_eq!(held.len(), 1);
    fs::remove_dir_all(&held[0]).unwrap();
    let ended = lookalike(&["--version"]);
    assert!(ended.code == 1 && ended.err.contains("--omit=optional"), "{}", ended.err);
}

#[test]
fn pip_installs_the_wheel_and_its_command_needs_no_python() {
    let Some(wheels) = packages(&["python3", "-m", "venv", "--help"], "whl") else { return };
    let (photos, expected) = expected("wheel");
    let folder = small().path("wheel");
    done(&run("python3", &["-m", "venv", "venv"], &folder));
    let wheel = wheels[0].to_str().unwrap();
    done(&run(
        "venv/bin/python",
        &["-m", "pip", "install", "--no-index", "--disable-pip-version-check", wheel],
        &folder,
    ));
    let lookalike = fs::canonicalize(folder.join("venv/bin/lookalike")).unwrap();
    let site = folder.join("site");
    let mut build = Command::new(&lookalike);
    build.env_clear().current_dir(&folder).args(["build", &photos, "--out"]).arg(&site);
    done(&end(&mut build).unwrap());
    assert!(contents(&site) == contents(&expected), "the same bytes");
    done(&run("venv/bin/python", &["-m", "pip", "uninstall", "--yes", "lookalike"], &folder));
    assert!(!lookalike.exists());
}
