//! Nothing jumps: the web's own measure of it, through everything a visitor does.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::thread;

use lookalike_tests::{
    own_folder::holidays,
    page::Page,
    server::Server,
    skipped,
    steps::{SIZES, script},
    tour::{walk, watched},
};
use serde_json::Value;

/// A tenth of it is what search engines call good.
const LIMIT: f64 = 0.02;

/// Keeps every shift that does not follow an input, with what has moved.
const OBSERVER: &str = "window.shifts = [];
    const name = ({node, previousRect: a, currentRect: b}) =>
        `${node?.id || node?.className || node?.nodeName} from ${[a.x, a.y, a.width, a.height]} to ${[b.x, b.y, b.width, b.height]}`;
    new PerformanceObserver(list => list.getEntries().filter(shift => !shift.hadRecentInput).forEach(shift =>
        shifts.push([shift.startTime, shift.value, shift.sources.map(name).join('; ')])))
        .observe({type: 'layout-shift', buffered: true});";

/// When, how much, and what.
type Shift = (f64, f64, String);

/// The worst window of shifts that are less than a second apart and five seconds long at most: cumulative layout shift.
fn cumulative(shifts: &[Shift]) -> f64 {
    let (mut worst, mut sum, mut first, mut last) = (0.0_f64, 0.0, 0.0, f64::NEG_INFINITY);
    for &(time, value, _) in shifts {
        if time - last > 1000.0 || time - first > 5000.0 {
            (sum, first) = (0.0, time);
        }
        (sum, last) = (sum + value, time);
        worst = worst.max(sum);
    }
    worst
}

fn shifts(page: &Page) -> Vec<Shift> {
    // What has been painted is told to observers a little later.
    thread::sleep(std::time::Duration::from_millis(100));
    let found: Value = script(page, "return window.shifts");
    serde_json::from_value(found).unwrap()
}

#[test]
fn nothing_jumps_through_a_whole_visit() {
    if skipped() {
        return;
    }
    let (server, temporary) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let folder = holidays(temporary.path(), 9);
    for size in SIZES {
        let page = watched(size, OBSERVER);
        let (mut known, mut told) = (0, String::new());
        walk(&page, &format!("{}?device=cpu", server.address), (&folder, 9), |stage| {
            let all = shifts(&page);
            for (_, value, what) in &all[known..] {
                told += &format!("\n{stage}: {value:.4} {what}");
            }
            known = all.len();
        });
        let all = shifts(&page);
        println!("{} px: {:.4}{told}", size.0, cumulative(&all));
        assert!(cumulative(&all) < LIMIT, "{} px: {:.4}{told}", size.0, cumulative(&all));
        // The measure measures: something that does jump is seen.
        script(
            &page,
            "const jump = document.createElement('div'); jump.style.height = '300px'; document.body.prepend(jump)",
        );
        thread::sleep(std::time::Duration::from_millis(400));
        assert!(cumulative(&shifts(&page)) > LIMIT, "a jump of 300 px at {} px goes unseen", size.0);
    }
}

#[test]
fn shifts_are_summed_by_windows() {
    let shift = |time: f64, value: f64| (time, value, String::new());
    assert_eq!(cumulative(&[]), 0.0);
    let apart = [shift(0.0, 0.1), shift(1500.0, 0.2), shift(2000.0, 0.2)];
    assert!((cumulative(&apart) - 0.4).abs() < 1e-9);
    // A window ends after five seconds, however close its shifts are.
    let long: Vec<_> = (0..20).map(|at| shift(f64::from(at) * 500.0, 0.01)).collect();
    assert!((cumulative(&long) - 0.11).abs() < 1e-9);
}
