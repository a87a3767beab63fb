//! The memory of a browser's tab, as Linux counts it.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use anyhow::{Context, Result};

/// So often it is looked at.
const PACE: Duration = Duration::from_millis(10);

/// The memory in MB of the largest of this program's tabs, what it shares with other processes divided among them (PSS).
///
/// # Errors
/// A system that does not tell.
pub fn memory() -> Result<u64> {
    largest("smaps_rollup", &["Pss:"])
}

/// What the largest of them shares with no other process, in MB: what Chromium's task manager calls the memory of a tab. The
/// browser's own program is not in it, nor are pictures on their way to the screen.
///
/// # Errors
/// As above.
pub fn private() -> Result<u64> {
    largest("status", &["RssAnon:", "VmSwap:"])
}

/// The most in MB that these lines of a file of `/proc` add up to in any of this program's tabs.
fn largest(file: &str, lines: &[&str]) -> Result<u64> {
    let own = std::process::id();
    let mut largest = 0;
    for process in fs::read_dir("/proc").context("there is no /proc to read the tab's memory from")? {
        let process = process?.path();
        let of = |file: &str| fs::read_to_string(process.join(file)).unwrap_or_default();
        if of("cmdline").contains("--type=renderer") && descends(&process, own) {
            let told = of(file);
            let values = told.lines().filter_map(|line| lines.iter().find_map(|name| line.strip_prefix(name)));
            let kilobytes = values.filter_map(|value| value.trim().split(' ').next()?.parse::<u64>().ok());
            largest = largest.max(kilobytes.sum::<u64>() * 1024);
        }
    }
    Ok(largest / 1_000_000)
}

/// Takes a step, and returns the most memory in MB that was seen meanwhile.
///
/// # Errors
/// As above.
pub fn peak<T>(step: impl FnOnce() -> T) -> Result<(T, u64)> {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut peak = memory()?;
            while !done.load(Ordering::Relaxed) {
                thread::sleep(PACE);
                peak = peak.max(memory()?);
            }
            Ok::<_, anyhow::Error>(peak)
        });
        let result = step();
        done.store(true, Ordering::Relaxed);
        let peak = watch.join().map_err(|_| anyhow::anyhow!("the watch of the tab has stopped"))??;
        Ok((result, peak))
    })
}

fn descends(process: &Path, from: u32) -> bool {
    let status = fs::read_to_string(process.join("status")).unwrap_or_default();
    let parent =
        status.lines().find_map(|line| line.strip_prefix("PPid:")).and_then(|id| id.trim().parse::<u32>().ok());
    match parent {
        Some(0) | None => false,
        Some(parent) => parent == from || descends(&Path::new("/proc").join(parent.to_string()), from),
    }
}
