//! Ctrl-C: long work looks here between its steps and stops where nothing is lost. A second Ctrl-C ends at once.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;

static ASKED: AtomicBool = AtomicBool::new(false);

/// The user pressed Ctrl-C; the work stopped in good order.
#[derive(Debug)]
pub struct Interrupted(
    /// What was kept and how to go on.
    pub String,
);

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "interrupted: {}", self.0)
    }
}

impl std::error::Error for Interrupted {}

/// Listens for Ctrl-C from now on, and then says `words`.
///
/// # Errors
/// A system that allows no handler.
pub fn listen(words: &'static str) -> Result<()> {
    ctrlc::set_handler(move || {
        if ASKED.swap(true, Ordering::SeqCst) {
            std::process::exit(crate::commands::EXIT_INTERRUPTED.into());
        }
        eprintln!("\n{words}");
    })?;
    Ok(())
}

/// Whether the user wants to stop.
pub fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}

/// Stops here if the user wants to, when nothing has been written yet.
///
/// # Errors
/// [`Interrupted`].
pub fn check() -> Result<()> {
    if asked() { Err(Interrupted("nothing was changed".to_owned()).into()) } else { Ok(()) }
}
