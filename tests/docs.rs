//! The documents tell the truth: each command in them is typed here, in their order, and each link leads somewhere.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![cfg(unix)]

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use lookalike_tests::{
    command::{self, end, run},
    demo_photos,
    documents::{Block, blocks},
    files, root, samples,
};

/// What `cargo xtask` understands: its own parser.
#[allow(dead_code)]
#[path = "../xtask/src/args.rs"]
mod args;
#[allow(dead_code)]
#[path = "../xtask/src/help.rs"]
mod help;

fn documents() -> Vec<PathBuf> {
    let own = ["README.md", "CONTRIBUTING.md"].map(|name| root().join(name));
    own.into_iter().chain(files(&root().join("www/guide/src"), &["md"])).collect()
}

/// A folder as a reader has it: photos in folders, a photo to ask with, and the command on PATH with a page beside it.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        for class in ["birds", "castles-and-temples", "flowers"] {
            let target = desk.path("my-photos").join(class);
            fs::create_dir_all(&target).unwrap();
            for photo in files(&demo_photos().join(class), &["jpg"]).iter().take(8) {
                fs::copy(photo, target.join(photo.file_name().unwrap())).unwrap();
            }
        }
        fs::copy(&samples()[0], desk.path("holiday.jpg")).unwrap();
        let bird = files(&desk.path("my-photos/birds"), &["jpg"])[0].file_name().unwrap().to_str().unwrap().to_owned();
        fs::write(desk.path("my-photos.csv"), format!("path,title,tags\nbirds/{bird},A bird,bird; wild\n")).unwrap();
        fs::create_dir_all(desk.path("bin/page")).unwrap();
        fs::write(desk.path("bin/page/index.html"), "<!DOCTYPE html>").unwrap();
        // A link would lead the command to the page of the checkout.
        command::copy(&command::path(), &desk.path("bin/lookalike")).unwrap();
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn shell(&self, line: &str) -> Command {
        let mut shell = Command::new("sh");
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap_or_default());
        shell.args(["-ec", line]).env("PATH", path).current_dir(self.0.path());
        shell
    }

    fn follow(&self, block: &Block) -> Result<()> {
        block.commands.iter().try_for_each(|line| {
            self.type_in(line, block.not_run.is_some()).with_context(|| format!("line {}: {line}", block.line))
        })
    }

    fn type_in(&self, line: &str, only_look: bool) -> Result<()> {
        if let Some(rest) = line.strip_prefix("cargo xtask ") {
            let words = rest.split('#').next().unwrap_or_default().split_whitespace().map(str::to_owned);
            return args::parse(words).map(drop);
        }
        if only_look {
            return Ok(());
        }
        if line.starts_with("lookalike serve ") {
            return self.serve(line.split('#').next().unwrap_or_default());
        }
        let ended = end(&mut self.shell(line))?;
        ensure!(ended.code == 0, "exit code {}\n{}{}", ended.code, ended.out, ended.err);
        Ok(())
    }

    /// Until it answers: a server ends when it is told to.
    fn serve(&self, line: &str) -> Result<()> {
        let mut server = self.shell(&format!("exec {line} --port 0")).stdout(Stdio::piped()).spawn()?;
        let mut said = String::new();
        let read = BufReader::new(server.stdout.as_mut().context("no output")?).read_line(&mut said);
        server.kill()?;
        server.wait()?;
        ensure!(read.is_ok() && said.starts_with("http://127.0.0.1:"), "{said:?}");
        Ok(())
    }
}

#[test]
fn every_command_in_the_documents_does_what_it_says() {
    let (mut typed, mut wrong) = (0, Vec::new());
    for document in documents() {
        let name = document.strip_prefix(root()).unwrap().display().to_string();
        let desk = Desk::new();
        for block in blocks(&document).unwrap() {
            if let Some(reason) = &block.not_run {
                eprintln!("not run: {name}:{}: {reason}", block.line);
            }
            typed += block.commands.len();
            if let Err(error) = desk.follow(&block) {
                wrong.push(format!("{name}: {error:#}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(typed > 50, "{typed}");
}

#[test]
fn err_a_command_that_fails_or_does_not_exist_is_found() {
    let desk = Desk::new();
    let block = |command: &str, not_run| Block { line: 1, commands: vec![command.into()], not_run };
    for command in [
        "lookalike build nowhere --out site",
        "lookalike bulid my-photos",
        "cargo xtask dmeo",
        "lookalike serve my-photos",
    ] {
        desk.follow(&block(command, None)).unwrap_err();
    }
    desk.follow(&block("git push", Some("it needs a host".into()))).unwrap();
    // Where nothing can be run, xtask's own words are still held against its parser.
    desk.follow(&block("cargo xtask demo --prot 1", Some("it takes half an hour".into()))).unwrap_err();
}

/// The targets of a document's links and pictures that are files.
fn links(text: &str) -> Vec<&str> {
    let all = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    all.filter(|link| !link.contains("://") && !link.starts_with('#')).collect()
}

#[test]
fn every_link_leads_to_a_file() {
    let mut count = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for link in links(&text) {
            let target = document.parent().unwrap().join(link.split('#').next().unwrap_or_default());
            assert!(target.exists(), "{}: {link}", document.display());
            count += 1;
        }
    }
    assert!(count > 30, "{count}");
}

#[test]
fn every_chapter_is_in_the_summary() {
    let guide = root().join("www/guide/src");
    let summary = fs::read_to_string(guide.join("SUMMARY.md")).unwrap();
    for chapter in files(&guide, &["md"]) {
        let name = chapter.file_name().unwrap().to_str().unwrap();
        assert!(name == "SUMMARY.md" || summary.contains(&format!("]({name})")), "{name} is in no list of chapters");
    }
}

#[test]
fn the_guide_draws_the_format_of_this_version() {
    let drawn = fs::read_to_string(root().join("www/guide/src/format.md")).unwrap();
    let version = lookalike::gallery::container::VERSION;
    assert!(
        drawn.contains(&format!("2  version: {version}\n")),
        "the format has version {version}: is its chapter still right?"
    );
}

/// The guide's reference is what the command says of itself; LOOKALIKE_GOLDEN=write writes it.
#[test]
fn the_reference_is_what_help_says() {
    let commands = ["build", "serve", "publish", "query", "inspect", "train", "eval", "compare", "embed"];
    let listed = run(["--help"]).unwrap().out;
    let mut text = "# The command\n\n`lookalike COMMAND --help`, as it stands:\n".to_owned();
    for command in commands {
        assert!(listed.contains(&format!("\n  {command} ")), "{command}");
        let help = run([command, "--help"]).unwrap().out;
        text += &format!("\n## lookalike {command}\n\n```text\n{}\n```\n", trimmed(&help));
    }
    let after = listed.split("Exit codes:").nth(1).unwrap().trim();
    text += &format!("\n## Exit codes\n\n```text\n{after}\n```\n");
    let path: &Path = &root().join("www/guide/src/reference.md");
    if std::env::var_os("LOOKALIKE_GOLDEN").is_some() {
        fs::write(path, &text).unwrap();
    }
    let written = fs::read_to_string(path).unwrap_or_default();
    let differs = written.lines().zip(text.lines()).find(|(written, now)| written != now);
    assert!(
        written == text,
        "the help has changed, {differs:?}: LOOKALIKE_GOLDEN=write cargo test -p lookalike-tests --test docs writes {}",
        path.display()
    );
}

/// Without the spaces at the ends of lines.
fn trimmed(help: &str) -> String {
    help.trim().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}
