//! What was typed, checked: words in, one [`Command`] out.

use std::{fmt, path::PathBuf};

use anyhow::Result;

use crate::help;

#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    /// The text to print.
    Help(&'static str),
    Setup {
        browser: bool,
    },
    Page {
        optimise: bool,
    },
    Demo(Demo),
    Test(Test),
    Lint,
    Deny,
    Guide,
    Package(Package),
    Sbom,
    Fuzz(Fuzz),
    Teacher,
    /// Passed on to the benches as they are.
    Bench(Vec<String>),
}

#[derive(Debug, PartialEq)]
pub(crate) struct Demo {
    pub(crate) photos: Option<PathBuf>,
    pub(crate) port: u16,
    pub(crate) serve: bool,
}

impl Default for Demo {
    fn default() -> Self {
        Self { photos: None, port: 8080, serve: true }
    }
}

/// What to pack; nothing named: what this machine builds.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Package {
    pub(crate) binary: Option<PathBuf>,
    pub(crate) target: Option<String>,
}

/// Neither runs nor seconds: a few seconds each.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Fuzz {
    /// One of the targets; all of them without it.
    pub(crate) target: Option<String>,
    pub(crate) runs: Option<u64>,
    pub(crate) seconds: Option<u64>,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Test {
    pub(crate) browser: bool,
    pub(crate) lint: bool,
    pub(crate) deny: bool,
    /// Given to the test programs after `--`: filters, `--nocapture` and the like.
    pub(crate) filters: Vec<String>,
}

impl Default for Test {
    fn default() -> Self {
        Self { browser: true, lint: false, deny: false, filters: Vec::new() }
    }
}

/// The command line was not understood: exit code 2, and no chain of causes.
#[derive(Debug)]
pub(crate) struct Misuse(String);

impl fmt::Display for Misuse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Misuse {}

pub(crate) fn parse(words: impl IntoIterator<Item = String>) -> Result<Command> {
    let mut words: Vec<String> = words.into_iter().collect();
    if words.is_empty() {
        return Ok(Command::Help(help::ALL));
    }
    let name = words.remove(0);
    if name == "help" || name == "--help" || name == "-h" {
        return Ok(Command::Help(words.first().and_then(|topic| help::of(topic)).unwrap_or(help::ALL)));
    }
    let Some(text) = help::of(&name) else {
        return Err(misuse(format!("there is no command `{name}`. `cargo xtask help` lists them all.")));
    };
    // What stands after `--` belongs to somebody else's command line.
    if words.iter().take_while(|word| *word != "--").any(|word| word == "--help" || word == "-h") {
        return Ok(Command::Help(text));
    }
    let words = words.into_iter();
    match name.as_str() {
        "setup" => flags(words, &name, &["--browser"]).map(|on| Command::Setup { browser: on[0] }),
        "page" => flags(words, &name, &["--no-optimise"]).map(|on| Command::Page { optimise: !on[0] }),
        "lint" => flags(words, &name, &[]).map(|_| Command::Lint),
        "deny" => flags(words, &name, &[]).map(|_| Command::Deny),
        "guide" => flags(words, &name, &[]).map(|_| Command::Guide),
        "sbom" => flags(words, &name, &[]).map(|_| Command::Sbom),
        "teacher" => flags(words, &name, &[]).map(|_| Command::Teacher),
        "fuzz" => fuzz(words).map(Command::Fuzz),
        "package" => package(words).map(Command::Package),
        "demo" => demo(words).map(Command::Demo),
        "test" => test(words).map(Command::Test),
        _ => Ok(Command::Bench(words.filter(|word| word != "--").collect())),
    }
}

fn flags(words: impl Iterator<Item = String>, command: &str, known: &[&str]) -> Result<Vec<bool>> {
    let mut on = vec![false; known.len()];
    for word in words {
        match known.iter().position(|flag| *flag == word) {
            Some(index) => on[index] = true,
            None => return Err(unknown(command, &word)),
        }
    }
    Ok(on)
}

/// A flag, and what stands behind its equals sign.
fn spelt(word: &str) -> (&str, Option<String>) {
    word.split_once('=').map_or((word, None), |(flag, value)| (flag, Some(value.to_owned())))
}

fn fuzz(mut words: impl Iterator<Item = String>) -> Result<Fuzz> {
    let mut fuzz = Fuzz::default();
    while let Some(word) = words.next() {
        let (flag, inline) = spelt(&word);
        match flag {
            "--runs" | "--seconds" => {
                let count = value("fuzz", flag, inline, &mut words)?;
                let count = count.parse().ok().filter(|&count| count > 0);
                let count = Some(count.ok_or_else(|| misuse(format!("{flag} takes a whole number over 0.")))?);
                if flag == "--runs" { fuzz.runs = count } else { fuzz.seconds = count }
            }
            name if !name.starts_with('-') && fuzz.target.is_none() => fuzz.target = Some(word),
            name => return Err(unknown("fuzz", name)),
        }
    }
    Ok(fuzz)
}

fn demo(mut words: impl Iterator<Item = String>) -> Result<Demo> {
    let mut demo = Demo::default();
    while let Some(word) = words.next() {
        let (flag, inline) = spelt(&word);
        match flag {
            "--no-serve" => demo.serve = false,
            "--photos" => demo.photos = Some(value("demo", flag, inline, &mut words)?.into()),
            "--port" => {
                let port = value("demo", flag, inline, &mut words)?;
                demo.port = port.parse().map_err(|_| misuse(format!("--port takes 0 to 65535, not `{port}`.")))?;
            }
            _ => return Err(unknown("demo", &word)),
        }
    }
    Ok(demo)
}

fn package(mut words: impl Iterator<Item = String>) -> Result<Package> {
    let mut package = Package::default();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--binary" => package.binary = Some(value("package", "--binary", None, &mut words)?.into()),
            "--target" => package.target = Some(value("package", "--target", None, &mut words)?),
            _ => return Err(unknown("package", &word)),
        }
    }
    if package.target.is_some() && package.binary.is_none() {
        return Err(misuse("--target says what --binary FILE was built for; name that file as well.".to_owned()));
    }
    Ok(package)
}

fn test(mut words: impl Iterator<Item = String>) -> Result<Test> {
    let mut test = Test::default();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--no-browser" => test.browser = false,
            "--lint" => test.lint = true,
            "--deny" => test.deny = true,
            "--" => test.filters.extend(words.by_ref()),
            flag if flag.starts_with('-') => return Err(unknown("test", flag)),
            _ => test.filters.push(word),
        }
    }
    Ok(test)
}

fn value(
    command: &str,
    flag: &str,
    inline: Option<String>,
    words: &mut impl Iterator<Item = String>,
) -> Result<String> {
    inline.or_else(|| words.next()).filter(|value| !value.is_empty()).ok_or_else(|| {
        misuse(format!("{flag} needs a value after it. `cargo xtask {command} --help` shows it in use."))
    })
}

fn unknown(command: &str, word: &str) -> anyhow::Error {
    misuse(format!("`{command}` does not take `{word}`. `cargo xtask {command} --help` lists what it takes."))
}

pub(crate) fn misuse(text: String) -> anyhow::Error {
    anyhow::Error::new(Misuse(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn nothing_typed_is_a_call_for_help() {
        assert_eq!(parsed("").unwrap(), Command::Help(help::ALL));
        assert_eq!(parsed("help nonsense").unwrap(), Command::Help(help::ALL));
    }

    #[test]
    fn help_is_found_from_both_sides() {
        assert_eq!(parsed("help demo").unwrap(), parsed("demo --port 1 --help").unwrap());
    }

    #[test]
    fn demo_takes_values_in_both_spellings() {
        let expected = Demo { photos: Some("a".into()), port: 9000, serve: false };
        assert_eq!(parsed("demo --photos a --port 9000 --no-serve").unwrap(), Command::Demo(expected));
        let expected = Demo { photos: Some("a=b".into()), port: 9000, ..Demo::default() };
        assert_eq!(parsed("demo --photos=a=b --port=9000").unwrap(), Command::Demo(expected));
    }

    #[test]
    fn what_follows_two_dashes_goes_to_the_tests() {
        let expected = Test { browser: false, filters: vec!["parity".into(), "--help".into()], ..Test::default() };
        assert_eq!(parsed("test --no-browser parity -- --help").unwrap(), Command::Test(expected));
    }

    #[test]
    fn fuzz_takes_a_target_and_how_long() {
        let expected = Fuzz { target: Some("photo".into()), runs: Some(1000), seconds: Some(60) };
        assert_eq!(parsed("fuzz photo --runs 1000 --seconds=60").unwrap(), Command::Fuzz(expected));
        assert_eq!(parsed("fuzz").unwrap(), Command::Fuzz(Fuzz::default()));
    }

    #[test]
    fn bench_passes_everything_on() {
        let expected = vec!["search".to_owned(), "--quick".to_owned()];
        assert_eq!(parsed("bench search --quick").unwrap(), Command::Bench(expected));
    }

    #[test]
    fn err_wrong_words_are_misuse_and_name_the_way_out() {
        for line in [
            "package --target x",
            "package --binary",
            "tset",
            "demo --prot 1",
            "demo --port",
            "demo --port 65536",
            "page x",
            "test --quick",
            "fuzz cell x",
            "fuzz --runs 0",
        ] {
            let error = parsed(line).unwrap_err();
            assert!(error.is::<Misuse>(), "{line}: {error}");
        }
        assert!(parsed("page x").unwrap_err().to_string().contains("cargo xtask page --help"));
    }
}
