//! Nothing jumps: the web's own measure of it, through everything a visitor does.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{thread, time::Duration};

use lookalike_tests::{
    own_folder::{holidays, search_folder},
    page::Page,
    samples,
    server::Server,
    skipped,
    steps::{SIZES, click, open, script, wait_until},
    tour::{walk, walk_to_folder, watched},
};

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
    thread::sleep(Duration::from_millis(100));
    serde_json::from_value(script(page, "return window.shifts.splice(0)")).unwrap()
}

#[test]
fn nothing_jumps_through_a_whole_visit() {
    if skipped() {
        return;
    }
    let (server, temporary) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let folder = holidays(temporary.path(), 9);
    let mut unsteady = String::new();
    for size in SIZES {
        let page = watched(size, OBSERVER);
        let (mut all, mut told) = (Vec::new(), String::new());
        let mut past = |stage| {
            for shift in shifts(&page) {
                told += &format!("\n{stage}: {:.4} {}", shift.1, shift.2);
                all.push(shift);
            }
        };
        let address = format!("{}?device=cpu", server.address);
        walk(&page, &address, &mut past);
        walk_to_folder(&page, &address, (&folder, 9), &mut past);
        let sum = cumulative(&all);
        println!("{} px: {sum:.4}{told}", size.0);
        if sum >= LIMIT {
            unsteady += &format!("\n{} px: {sum:.4}{told}", size.0);
        }
        // The measure measures: something that does jump is seen.
        script(
            &page,
            "scrollTo({top: 0, behavior: 'instant'});
             const jump = document.createElement('div'); jump.style.height = '300px'; document.body.prepend(jump)",
        );
        thread::sleep(Duration::from_millis(400));
        assert!(cumulative(&shifts(&page)) > LIMIT, "a jump of 300 px at {} px goes unseen", size.0);
    }
    assert!(unsteady.is_empty(), "cumulative layout shift is to stay under {LIMIT}:{unsteady}");
}

/// Follows the heading of the folder from frame to frame: the highest and the lowest place where it has been seen.
const FOLLOW: &str = "window.places = [];
    const follow = () => {
        places.push(document.getElementById('own-heading').getBoundingClientRect().top);
        requestAnimationFrame(follow);
    };
    follow();";

/// Long lists above, which go when another collection is searched, and what comes in their place leave what the visitor is
/// looking at where it is, in every frame. The measure says nothing of that: it takes what stood above the window, by thousands
/// of pixels, for what has been seen where the scrolling that makes up for it would have brought it.
#[test]
fn another_collection_leaves_what_is_looked_at_in_its_place() {
    if skipped() {
        return;
    }
    let (server, temporary) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let folder = holidays(temporary.path(), 9);
    for size in SIZES {
        let page = open(&server, "", size);
        page.ask(&samples()[0]).unwrap();
        click(&page, "more");
        click(&page, "find-groups");
        wait_until(&page, "document.querySelector('[data-testid=near-group]') !== null");
        script(&page, "document.querySelector('.own-folder').scrollIntoView({block: 'center', behavior: 'instant'})");
        // As whoever chooses with a mouse or by keys has it.
        script(&page, "document.getElementById('own-input').focus({preventScroll: true})");
        let height = "return document.documentElement.scrollHeight";
        let high = script(&page, height).as_f64().unwrap();
        script(&page, FOLLOW);
        search_folder(&page, &folder, 9);
        thread::sleep(Duration::from_secs(1));
        let places: Vec<f64> = serde_json::from_value(script(&page, "return window.places")).unwrap();
        assert!(script(&page, height).as_f64().unwrap() < high - 300.0, "the lists have gone");
        let (low, high) = places.iter().fold((places[0], places[0]), |(low, high), &at| (low.min(at), high.max(at)));
        assert!(high - low < 2.0, "{} px: the heading was between {low} and {high}", size.0);
    }
}

#[test]
fn shifts_are_summed_by_windows() {
    let shift = |time: f64, value: f64| (time, value, String::new());
    assert!(cumulative(&[]).abs() < 1e-9);
    let apart = [shift(0.0, 0.1), shift(1500.0, 0.2), shift(2000.0, 0.2)];
    assert!((cumulative(&apart) - 0.4).abs() < 1e-9);
    // A window ends after five seconds, however close its shifts are.
    let long: Vec<_> = (0..20).map(|at| shift(f64::from(at) * 500.0, 0.01)).collect();
    assert!((cumulative(&long) - 0.11).abs() < 1e-9);
}
