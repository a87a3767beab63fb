//! A collection of many cells: some of them missing or damaged, or so many that each question fetches only the nearest.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use lookalike::{
    cells::{first, reached, within},
    encoder::cpu,
    engine::{Answer, Engine},
    gallery::{ENTRY, Entry, FOLDER, Gallery, GalleryFiles, Stored, container::Kind},
};
use lookalike_tests::{
    driver::WebGpu,
    journey::assert_similar,
    line::{Line, Pace},
    page::{LAPTOP, PHONE, Page, Shown},
    samples,
    server::Server,
    skipped,
    steps::{assert_fits, click, open, reload, script, wait_until},
    synthetic::{Division, multiply},
};

/// A site of many cells, and what can be found in it.
struct Site {
    folder: tempfile::TempDir,
    files: GalleryFiles,
}

impl Site {
    fn new(photos: usize, division: Division) -> Self {
        let folder = tempfile::tempdir().unwrap();
        multiply(folder.path(), photos, division);
        let files = lookalike_training::site::files(folder.path()).unwrap();
        Self { folder, files }
    }

    /// Nine cells or so, all fetched at once.
    fn small() -> Self {
        Self::new(400, Division::Small(60))
    }

    /// A megabyte in more than a hundred cells.
    fn large() -> Self {
        Self::new(12_000, Division::ByQuestion(140))
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn entry(&self) -> Entry {
        Entry::from_file(&self.files.entry, ENTRY).unwrap()
    }

    fn cell(&self, place: u32) -> PathBuf {
        self.path().join(FOLDER).join(self.name(place))
    }

    fn name(&self, place: u32) -> String {
        self.entry().cells[place as usize].file.name(Kind::Cell)
    }

    /// The native engine with some of the cells.
    fn engine(&self, has: impl Fn(u32) -> bool) -> Engine {
        let mut gallery = Gallery::without_cells(&self.files).unwrap();
        for (place, bytes) in (0_u32..).zip(&self.files.cells).filter(|(place, _)| has(*place)) {
            gallery.put(place, bytes).unwrap();
        }
        Engine::of(gallery, cpu()).unwrap()
    }

    /// The cells that a host has been asked for.
    fn asked(&self, server: &Server) -> BTreeSet<u32> {
        let requests = server.requests();
        let is_asked = |place: &u32| requests.iter().any(|path| path.contains(&self.name(*place)));
        (0..self.files.cells.len() as u32).filter(is_asked).collect()
    }
}

fn answer(engine: &Engine, photo: &Path) -> Answer {
    pollster::block_on(engine.ask(&fs::read(photo).unwrap(), 6)).unwrap()
}

/// The page shows what an engine finds.
fn assert_found(page: &Page, engine: &Engine, answer: &Answer) {
    let shown = page.shown().unwrap();
    let items = &engine.gallery().items;
    let expected: Vec<_> = answer.neighbors.iter().map(|n| items[n.id as usize].path.clone()).collect();
    assert_eq!(shown.paths(), expected);
    assert_similar(&shown, &answer.neighbors);
    let map = [answer.map.x, answer.map.y].map(f64::from);
    assert!(shown.map.iter().zip(map).all(|(a, b)| (a - b).abs() < 1e-3), "{:?} {map:?}", shown.map);
}

/// What has been asked for has come, or will not.
const SEARCHED: &str = "document.getElementById('reach').dataset.reach !== 'searching'";

fn wait_for_reach(page: &Page, name: &str) {
    wait_until(page, &format!("document.getElementById('reach').dataset.reach === '{name}'"));
}

fn ask(page: &Page, photo: &Path) -> Shown {
    page.ask(photo).unwrap()
}

#[test]
fn a_cell_that_is_missing_cut_or_altered_makes_the_answer_partial_until_it_is_there_again() {
    if skipped() {
        return;
    }
    let site = Site::small();
    let whole = site.engine(|_| true);
    let photo = &samples()[0];
    let exact = answer(&whole, photo);
    // The cell that the nearest photo is in: without it the answer is another.
    let place = whole.gallery().items.cell_of(exact.neighbors[0].id).unwrap();
    let good = fs::read(site.cell(place)).unwrap();
    let altered = [&good[..good.len() - 9], &[good[good.len() - 9] ^ 1], &good[good.len() - 8..]].concat();
    for (damage, reason) in
        [(None, "is missing"), (Some(&good[..good.len() / 2]), "is cut"), (Some(&altered[..]), "checksum is wrong")]
    {
        match damage {
            Some(bytes) => fs::write(site.cell(place), bytes).unwrap(),
            None => fs::remove_file(site.cell(place)).unwrap(),
        }
        let server = Server::start(site.path(), "", None).unwrap();
        let page = open(&server, "", LAPTOP);
        wait_for_reach(&page, "partial");
        let cells = site.files.cells.len();
        assert_eq!(
            page.text("reach-words").unwrap(),
            format!("Partial answer: 1 of {cells} parts of the collection could not be loaded.")
        );
        let told = page.text("reach-lost").unwrap();
        assert!(told.contains(&site.name(place)) && told.contains(reason), "{told}");
        ask(&page, photo);
        let without = site.engine(|other| other != place);
        assert_found(&page, &without, &answer(&without, photo));
        assert!(page.text("map-loaded").unwrap().contains("of 400 photos"));
        page.browser.screenshot(&format!("cells-{}", reason.replace(' ', "-"))).unwrap();
        // Trying again in vain changes nothing.
        click(&page, "reach-retry");
        wait_until(&page, SEARCHED);
        wait_for_reach(&page, "partial");
        fs::write(site.cell(place), &good).unwrap();
        click(&page, "reach-retry");
        wait_for_reach(&page, "exact");
        assert_eq!(page.text("reach-words").unwrap(), "Exact: compared with all of 400 photos.");
        assert_found(&page, &whole, &exact);
        assert_eq!([page.text("reach-lost").unwrap(), page.text("map-loaded").unwrap()], ["", ""]);
        assert_eq!(page.text("error").unwrap(), "");
    }
}

#[test]
fn with_no_cell_at_all_the_page_says_what_is_wrong() {
    if skipped() {
        return;
    }
    let site = Site::small();
    (0..site.files.cells.len() as u32).for_each(|place| fs::remove_file(site.cell(place)).unwrap());
    let server = Server::start(site.path(), "", None).unwrap();
    let page = Page::load(&server.address, WebGpu::None, LAPTOP).unwrap();
    page.wait_for_state("failed").unwrap();
    let told = page.text("error").unwrap();
    assert!(told.contains("cell-") && told.contains("is missing"), "{told}");
}

#[test]
fn a_collection_that_was_published_again_is_told_and_loaded_on_wish() {
    if skipped() {
        return;
    }
    let site = Site::large();
    let server = Server::start(site.path(), "", None).unwrap();
    let page = open(&server, "", LAPTOP);
    (0..site.files.cells.len() as u32).for_each(|place| fs::remove_file(site.cell(place)).unwrap());
    let newer = Site::small();
    for file in fs::read_dir(newer.path().join(FOLDER)).unwrap().map(|file| file.unwrap()) {
        if file.path().is_file() {
            fs::copy(file.path(), site.path().join(FOLDER).join(file.file_name())).unwrap();
        }
    }
    page.choose(&[&samples()[0]]).unwrap();
    wait_for_reach(&page, "stale");
    assert!(page.text("reach-words").unwrap().contains("published again"));
    assert_eq!(page.text("reach-retry").unwrap(), "Reload the page");
    assert_eq!(page.text("reach-further").unwrap(), "");
    click(&page, "reach-retry");
    wait_until(&page, "document.getElementById('collection')?.innerText.includes('400 photos')");
    page.wait_for_state("ready").unwrap();
    ask(&page, &samples()[0]);
    wait_for_reach(&page, "exact");
    assert_found(&page, &newer.engine(|_| true), &answer(&newer.engine(|_| true), &samples()[0]));
}

#[test]
fn of_a_large_collection_a_question_fetches_the_nearest_cells_and_leads_on_to_exact() {
    if skipped() {
        return;
    }
    let site = Site::large();
    let (entry, whole) = (site.entry(), site.engine(|_| true));
    let server = Server::start(site.path(), "", None).unwrap();
    let page = open(&server, "", LAPTOP);
    assert_eq!(site.asked(&server), BTreeSet::new());
    let photo = &samples()[2];
    let exact = answer(&whole, photo);
    ask(&page, photo);
    wait_for_reach(&page, "effort");
    let wanted = |effort: usize| -> BTreeSet<u32> { within(&entry, &exact.cells, effort).iter().copied().collect() };
    let effort = first(&entry);
    assert_eq!(site.asked(&server), wanted(effort));
    let (some, all) = (wanted(effort).len(), site.files.cells.len());
    assert!(some > 10 && some < all / 2, "{some} of {all}, {:?}", entry.efforts);
    let part = site.engine(|place| wanted(effort).contains(&place));
    assert_found(&page, &part, &answer(&part, photo));
    let measured = reached(&entry, &exact.cells, |place| wanted(effort).contains(&place)).unwrap();
    assert_eq!(measured, entry.efforts[effort]);
    let told = page.text("reach-words").unwrap();
    let recall = (measured.recall * 1000.0).floor() / 10.0;
    assert_eq!(told, format!("Finds {recall} % of the ten most similar photos, from 300 kB."));
    let loaded = format!("These are {} of 12000 photos", part.gallery().items.len());
    assert!(page.text("map-loaded").unwrap().starts_with(&loaded), "{}", page.text("map-loaded").unwrap());
    page.browser.screenshot("cells-nearest").unwrap();

    // A question after that fetches what is new for it alone.
    let other = answer(&whole, &samples()[4]);
    ask(&page, &samples()[4]);
    wait_for_reach(&page, "effort");
    let both: BTreeSet<u32> = wanted(effort).iter().chain(within(&entry, &other.cells, effort)).copied().collect();
    assert_eq!(site.asked(&server), both);
    let cells = server.requests().iter().filter(|path| path.contains("cell-")).count();
    assert_eq!(cells, both.len(), "a cell was fetched twice");

    // And on to all, by the button.
    while !page.text("reach-further").unwrap().is_empty() {
        click(&page, "reach-further");
        wait_until(&page, SEARCHED);
    }
    wait_for_reach(&page, "exact");
    assert_eq!(page.text("reach-words").unwrap(), "Exact: compared with all of 12000 photos.");
    assert_eq!(page.text("map-loaded").unwrap(), "");
    assert_found(&page, &whole, &other);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn a_photo_of_a_large_collection_has_an_address_that_leads_to_its_part() {
    if skipped() {
        return;
    }
    let site = Site::large();
    let (entry, whole) = (site.entry(), site.engine(|_| true));
    let server = Server::start(site.path(), "", None).unwrap();
    let page = open(&server, "", LAPTOP);
    let shown = ask(&page, &samples()[2]);
    wait_for_reach(&page, "effort");
    let before = shown.query;
    let path = page.shown().unwrap().results[3].0.clone();
    page.browser.click("[data-testid=result]:nth-child(4) a").unwrap();
    page.wait_for_answer(before).unwrap();
    wait_for_reach(&page, "effort");
    let id = whole.gallery().items.iter().position(|item| item.path == path).unwrap() as u32;
    let hash = script(&page, "return location.hash").as_str().unwrap().to_owned();
    assert_eq!(hash, format!("#photo={path}&at={id}"));
    drop(page); // there is one browser at a time
    // Where nobody has been before: its own part first, then those around it.
    let near = whole.near(id, 6).unwrap();
    let elsewhere = Server::start(site.path(), "", None).unwrap();
    let page = open(&elsewhere, &hash, LAPTOP);
    wait_for_reach(&page, "effort");
    let nearest: BTreeSet<u32> = within(&entry, &near.cells, first(&entry)).iter().copied().collect();
    assert_eq!(site.asked(&elsewhere), nearest);
    let part = site.engine(|place| nearest.contains(&place));
    assert_found(&page, &part, &part.near(id, 6).unwrap());
    assert_eq!(page.text("photo-name").unwrap(), path);
    // Loaded again it is there again; without its number, or with a wrong one, it is looked for.
    reload(&page);
    wait_for_reach(&page, "effort");
    assert_eq!(page.text("photo-name").unwrap(), path);
    drop(page);
    for address in [format!("#photo={path}"), format!("#photo={path}&at=1")] {
        let page = open(&elsewhere, &address, LAPTOP);
        wait_until(&page, "['effort', 'exact'].includes(document.getElementById('reach').dataset.reach)");
        assert_eq!(page.text("photo-name").unwrap(), path);
        assert!(page.text("note").unwrap().contains("one part after the other"), "{}", page.text("note").unwrap());
    }
    let page = open(&elsewhere, "#photo=no/such.jpg&at=5", LAPTOP);
    assert!(lookalike_tests::steps::told(&page).contains("no photo “no/such.jpg”"));
}

#[test]
fn a_newer_question_ends_what_the_older_one_fetches() {
    if skipped() {
        return;
    }
    let site = Site::new(12_000, Division::ByQuestion(60));
    let (entry, whole) = (site.entry(), site.engine(|_| true));
    let wanted = |photo: &Path| {
        let order = answer(&whole, photo).cells;
        within(&entry, &order, first(&entry)).iter().copied().collect::<BTreeSet<u32>>()
    };
    let (photos, mut pairs) = (samples(), Vec::new());
    for (older, newer) in photos.iter().flat_map(|one| photos.iter().map(move |other| (one, other))) {
        pairs.push((wanted(older).difference(&wanted(newer)).count(), older, newer));
    }
    let (different, older, newer) = pairs.into_iter().max().unwrap();
    assert!(different > 18, "these two want the same: {different}");
    // Four seconds for what a question wants.
    let line = Line::new(Some(Pace { bytes_per_second: 1e9, latency: Duration::from_millis(700) }));
    let server = Server::over(site.path(), &line).unwrap();
    let page = open(&server, "", LAPTOP);
    ask(&page, older);
    wait_for_reach(&page, "searching");
    ask(&page, newer);
    wait_for_reach(&page, "effort");
    let asked = site.asked(&server);
    assert!(asked.is_superset(&wanted(newer)));
    let in_vain = asked.difference(&wanted(newer)).count();
    assert!(in_vain <= 12, "{in_vain} of {different} cells for a question that nobody waits for");
    let part = site.engine(|place| wanted(newer).contains(&place));
    let found = answer(&part, newer);
    assert_eq!(page.shown().unwrap().paths()[0], part.gallery().items[found.neighbors[0].id as usize].path);
}

#[test]
fn what_is_said_of_the_parts_fits_on_every_screen() {
    if skipped() {
        return;
    }
    let site = Site::large();
    let server = Server::start(site.path(), "", None).unwrap();
    for (size, scheme) in [(PHONE, "light"), (PHONE, "dark"), (LAPTOP, "light"), ((360, 740), "dark")] {
        let page = open(&server, "", size);
        page.prefer(scheme).unwrap();
        ask(&page, &samples()[1]);
        wait_for_reach(&page, "effort");
        assert_fits(&page, size, "nearest cells");
        script(&page, "document.getElementById('reach').scrollIntoView({block: 'center'})");
        page.browser.screenshot(&format!("cells-{}-{scheme}", size.0)).unwrap();
        script(&page, "document.getElementById('map-loaded').scrollIntoView({block: 'center'})");
        page.browser.screenshot(&format!("cells-map-{}-{scheme}", size.0)).unwrap();
    }
}
