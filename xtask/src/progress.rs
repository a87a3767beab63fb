//! Stages, and how long they take: said before, during and after.
//!
//! The estimate is how long the same stage took here the last time; before there was one, how long it took on a machine
//! with two cores. Cargo and our own command draw bars of their own on a terminal; where there is none, plain lines tell
//! that the work goes on.

use std::{
    fmt::Write as _,
    fs,
    io::{IsTerminal as _, stderr},
    path::PathBuf,
    sync::Mutex,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::{paths, stamp};

/// How often a long stage says that it is still at work.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// Shorter stages are not worth a line of their own in the summary.
const WORTH_TELLING: Duration = Duration::from_secs(2);

/// The stages of this run, for the summary.
static STAGES: Mutex<Vec<(String, Duration)>> = Mutex::new(Vec::new());

pub(crate) fn on_terminal() -> bool {
    stderr().is_terminal()
}

/// One line beside the flow of stages. The escape clears a bar that cargo may have left on the line.
pub(crate) fn note(text: &str) {
    let clear = if on_terminal() { "\r\x1b[K" } else { "" };
    eprintln!("{clear}   {text}");
}

pub(crate) struct Stage {
    name: String,
    expected: Option<Duration>,
    started: Instant,
    told: Instant,
}

impl Stage {
    /// `first_time`: seconds on two cores, where nothing is known about this machine yet.
    pub(crate) fn start(name: &str, what: &str, first_time: Option<u64>) -> Self {
        let expected = last_time(name).or(first_time.map(Duration::from_secs));
        let about = match expected {
            Some(expected) if expected >= Duration::from_secs(10) => format!(" (about {})", spoken(expected)),
            _ => String::new(),
        };
        eprintln!("── {name}: {what}{about}");
        Self { name: name.to_owned(), expected, started: Instant::now(), told: Instant::now() }
    }

    /// To be called often; tells now and then that the stage is still at work.
    pub(crate) fn tick(&mut self) {
        if self.told.elapsed() >= HEARTBEAT {
            self.told = Instant::now();
            note(&heartbeat(&self.name, self.started.elapsed(), self.expected));
        }
    }

    pub(crate) fn done(self) {
        let took = self.started.elapsed();
        eprintln!("── {}: done in {}", self.name, spoken(took));
        // A stage that found almost nothing to do says nothing about how long the work takes.
        if self.expected.is_none_or(|expected| took * 10 >= expected) {
            // A forgotten duration costs an estimate and nothing else.
            let _ = remember(&self.name, took);
        }
        if let Ok(mut stages) = STAGES.lock() {
            stages.push((self.name, took));
        }
    }
}

/// Where the time went since the last summary, if there was more than one stage worth telling.
pub(crate) fn summary() {
    let Ok(mut stages) = STAGES.lock() else { return };
    let mut long = std::mem::take(&mut *stages);
    long.retain(|(_, took)| *took >= WORTH_TELLING);
    if long.len() > 1 {
        eprintln!("\nTime spent:");
        long.iter().for_each(|(name, took)| eprintln!("{:>12}  {name}", spoken(*took)));
    }
}

fn heartbeat(name: &str, elapsed: Duration, expected: Option<Duration>) -> String {
    let mut line = format!("{name}: {} so far", spoken(elapsed));
    // Writing to a String cannot fail.
    let _ = match expected {
        Some(expected) if expected > elapsed => write!(line, ", about {} left", spoken(expected - elapsed)),
        Some(_) => write!(line, ", longer than expected"),
        None => Ok(()),
    };
    line
}

fn spoken(duration: Duration) -> String {
    match duration.as_secs() {
        0 => format!("{} ms", duration.as_millis()),
        seconds @ 1..60 => format!("{seconds} s"),
        seconds => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

/// One line a stage: `seconds name`. In the cache folder, so that it outlives `cargo clean`.
fn record() -> Result<PathBuf> {
    Ok(paths::cache()?.join("durations"))
}

fn last_time(name: &str) -> Option<Duration> {
    let text = fs::read_to_string(record().ok()?).ok()?;
    text.lines().find_map(|line| duration_of(line, name))
}

fn duration_of(line: &str, name: &str) -> Option<Duration> {
    let (seconds, of) = line.split_once(' ')?;
    if of == name { seconds.parse().ok().map(Duration::from_secs) } else { None }
}

fn remember(name: &str, took: Duration) -> Result<()> {
    let path = record()?;
    let before = fs::read_to_string(&path).unwrap_or_default();
    let mut text: String =
        before.lines().filter(|line| duration_of(line, name).is_none()).map(|line| format!("{line}\n")).collect();
    writeln!(text, "{} {name}", took.as_secs())?;
    stamp::write_whole(&path, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_told_as_people_do() {
        assert_eq!(spoken(Duration::from_millis(12)), "12 ms");
        assert_eq!(spoken(Duration::from_secs(59)), "59 s");
        assert_eq!(spoken(Duration::from_secs(483)), "8 min 03 s");
    }

    #[test]
    fn an_estimate_that_was_too_short_is_admitted() {
        let [short, long] = [Duration::from_secs(60), Duration::from_secs(90)];
        assert_eq!(heartbeat("page", short, Some(long)), "page: 1 min 00 s so far, about 30 s left");
        assert_eq!(heartbeat("page", long, Some(short)), "page: 1 min 30 s so far, longer than expected");
        assert_eq!(heartbeat("page", short, None), "page: 1 min 00 s so far");
    }

    #[test]
    fn a_duration_belongs_to_the_whole_name() {
        assert_eq!(duration_of("12 trunk 0.22.1", "trunk 0.22.1"), Some(Duration::from_secs(12)));
        assert_eq!(duration_of("12 trunk 0.22.1", "trunk"), None);
        assert_eq!(duration_of("twelve trunk", "trunk"), None);
    }
}
