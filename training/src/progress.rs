//! Progress of long work, on standard error: a bar with time left on a terminal, plain lines elsewhere.

use std::{
    io::{IsTerminal, Write as _},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

/// Without a terminal, a line is printed at most this often.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Prints a line of the result. A reader that has gone away (`| head`) is no reason to stop.
pub fn say(line: impl std::fmt::Display) {
    writeln!(std::io::stdout(), "{line}").ok();
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
