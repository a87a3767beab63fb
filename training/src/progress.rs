//! What a terminal is told: results, and the progress of long work, on standard error: a bar with time left on a terminal,
//! plain lines elsewhere.

use std::{
    borrow::Cow,
    io::{IsTerminal, Write as _},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

/// Without a terminal, a line is printed at most this often.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Prints a line of the result. A reader that has gone away (`| head`) is no reason to stop.
pub fn say(line: impl std::fmt::Display) {
    writeln!(std::io::stdout(), "{}", harmless(&line.to_string())).ok();
}

/// Prints a line about the work, in which names from anywhere may stand.
pub fn tell(line: impl std::fmt::Display) {
    eprintln!("{}", harmless(&line.to_string()));
}

/// Words without what moves a terminal's cursor, colours it or turns the direction of reading: each such character as JSON
/// writes it, so that JSON stays JSON.
fn harmless(words: &str) -> Cow<'_, str> {
    escaped(words, |letter| letter.is_control() && !matches!(letter, '\n' | '\t'))
}

/// A name that stays on its line, as well.
pub fn one_line(name: &str) -> Cow<'_, str> {
    escaped(name, char::is_control)
}

fn escaped(words: &str, is_harmful: fn(char) -> bool) -> Cow<'_, str> {
    let turns = |letter| matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let harmful = |letter: char| is_harmful(letter) || turns(letter);
    if !words.contains(harmful) {
        return words.into();
    }
    let letter = |letter| if harmful(letter) { format!("\\u{:04x}", letter as u32) } else { letter.to_string() };
    words.chars().map(letter).collect()
}

/// One stage of work with a known number of steps.
pub struct Progress {
    bar: ProgressBar,
    label: String,
    started: Instant,
    /// Milliseconds since `started` of the last plain line; `None` on a terminal.
    last_line: Option<AtomicU64>,
}

impl Progress {
    /// Starts a stage of `total` steps.
    pub fn new(label: &str, total: usize) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = if terminal { ProgressBar::new(total as u64) } else { ProgressBar::hidden() };
        bar.set_length(total as u64);
        let template = "{prefix:<12} [{bar:30}] {pos}/{len} {msg} {elapsed} · {eta} left";
        bar.set_style(
            ProgressStyle::with_template(template)
                .unwrap_or_else(|_| ProgressStyle::default_bar())
                .progress_chars("=> "),
        );
        bar.set_prefix(label.to_owned());
        Self {
            bar,
            label: label.to_owned(),
            started: Instant::now(),
            last_line: (!terminal).then(|| AtomicU64::new(0)),
        }
    }

    /// Counts `steps` more.
    pub fn advance(&self, steps: usize) {
        self.bar.inc(steps as u64);
        let Some(last) = &self.last_line else { return };
        let now = self.started.elapsed().as_millis() as u64;
        let before = last.load(Ordering::Relaxed);
        let due = now >= before + LINE_EVERY.as_millis() as u64;
        if due && last.compare_exchange(before, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            self.line();
        }
    }

    /// A few words beside the bar.
    pub fn message(&self, message: impl Into<String>) {
        self.bar.set_message(message.into());
    }

    fn line(&self) {
        let (done, total) = (self.bar.position(), self.bar.length().unwrap_or(0));
        let left = self.started.elapsed().mul_f64(total.saturating_sub(done) as f64 / done.max(1) as f64);
        eprintln!("{}: {done} of {total} {}, about {} s left", self.label, self.bar.message(), left.as_secs());
    }

    /// Ends the stage with one line that stays.
    pub fn finish(self, result: impl std::fmt::Display) {
        self.bar.finish_and_clear();
        eprintln!("{:<12} {result} ({:.1} s)", self.label, self.started.elapsed().as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_told_no_commands() {
        assert_eq!(harmless("a\tb\nc \u{e9}\u{1f600}"), "a\tb\nc \u{e9}\u{1f600}");
        assert_eq!(harmless("\u{1b}[2J\r\u{9b}1m\u{7f}"), "\\u001b[2J\\u000d\\u009b1m\\u007f");
        assert_eq!(harmless("photo\u{202e}gpj.exe"), "photo\\u202egpj.exe");
        assert_eq!(one_line("a\nskipped b"), "a\\u000askipped b");
    }

    #[test]
    fn json_stays_json() {
        let name = "\u{1b}\u{9b}\u{202e}\"\n";
        let json = serde_json::to_string(name).unwrap();
        assert!(!harmless(&json).contains(|letter: char| letter.is_control() || letter == '\u{202e}'));
        assert_eq!(serde_json::from_str::<String>(&harmless(&json)).unwrap(), name);
    }
}
