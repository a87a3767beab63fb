//! What keeps the main thread busy for longer than 50 ms, through a whole visit.

use anyhow::{Result, ensure};
use lookalike_tests::{
    own_folder::holidays,
    page::LAPTOP,
    server::Server,
    tour::{walk, walk_to_folder, watched},
};
use serde_json::json;

use super::report::{browser, median, stamp};

const OBSERVER: &str = "window.tasks = [];
    new PerformanceObserver(list => list.getEntries().forEach(task => tasks.push(task.duration)))
        .observe({type: 'longtask', buffered: true});";
const ROUNDS: usize = 3;
/// As fast as this machine, and four times as slow.
const SLOWER: [u32; 2] = [1, 4];
/// Photos in the visitor's folder.
const OWN: usize = 60;

/// Of each round: how many long tasks, and the longest of them.
type Seen = (Vec<f64>, Vec<f64>);

pub(crate) fn measure() -> Result<String> {
    let (server, temporary) = (Server::demo(None)?, tempfile::tempdir()?);
    let folder = holidays(temporary.path(), OWN);
    let mut stages: Vec<(&'static str, [Seen; 2])> = Vec::new();
    let mut program = String::new();
    for _ in 0..ROUNDS {
        for (at, rate) in SLOWER.into_iter().enumerate() {
            let page = watched(LAPTOP, OBSERVER);
            page.browser.devtools("Emulation.setCPUThrottlingRate", json!({"rate": rate}))?;
            program = browser(&page)?;
            let mut tasks = Vec::new();
            let address = format!("{}?device=cpu", server.address);
            let mut look = |stage| {
                tasks.push((stage, page.browser.script("return window.tasks.splice(0)", json!([]))));
            };
            walk(&page, &address, &mut look);
            walk_to_folder(&page, &address, (&folder, OWN), &mut look);
            for (stage, found) in tasks {
                let found: Vec<f64> = serde_json::from_value(found?)?;
                if !stages.iter().any(|(name, _)| *name == stage) {
                    stages.push((stage, Default::default()));
                }
                for (_, seen) in stages.iter_mut().filter(|(name, _)| *name == stage) {
                    seen[at].0.push(found.len() as f64);
                    seen[at].1.push(found.iter().copied().fold(0.0, f64::max));
                }
            }
        }
    }
    ensure!(!stages.is_empty(), "nobody has walked");
    Ok(table(stages, &program))
}

fn table(stages: Vec<(&'static str, [Seen; 2])>, program: &str) -> String {
    let mut text = format!(
        "{} {program}, the demo site, {ROUNDS} visits at each speed in turn, medians: tasks over 50 ms on the main thread, \
         and the longest. The slower processor is the browser's own imitation (it slows the page down, not its workers); what \
         WebDriver runs in the page to look at it counts as the page's.\n\n\
         | stage | as fast as the machine: tasks | longest, ms | four times as slow: tasks | longest, ms |\n\
         | --- | --: | --: | --: | --: |\n",
        stamp()
    );
    for (stage, mut seen) in stages {
        text += &format!("| {stage} |");
        for (count, longest) in &mut seen {
            let (count, longest) = (median(count), median(longest));
            let longest = if longest > 0.0 { format!("{longest:.0}") } else { "–".to_owned() };
            text += &format!(" {count:.0} | {longest} |");
        }
        text.push('\n');
    }
    text
}
