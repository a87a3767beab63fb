//! The page about a gallery: what it says is what the gallery holds, and anyone can read it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use lookalike::{
    embedding::Embedding,
    gallery::{FOLDER, Gallery},
    search::linear_scan,
};
use lookalike_tests::{
    demo_site,
    driver::{WebGpu, keys},
    page::{LAPTOP, PHONE, Page},
    server::Server,
    skipped,
    small::{build, build_with, done, few, path, refused, small},
    steps::{SIZES, assert_fits, click, script, wait_until},
};
use lookalike_training::{
    choice::Choice,
    site::{self, ABOUT},
    trustworthiness::trustworthiness,
};

fn html(site: &Path) -> String {
    fs::read_to_string(site.join(ABOUT)).unwrap()
}

/// The figures of the page, by name.
fn figures(html: &str) -> BTreeMap<&str, &str> {
    html.split("<data data-testid=\"about-")
        .skip(1)
        .map(|part| {
            let (name, rest) = part.split_once("\" value=\"").unwrap();
            (name, rest.split_once('"').unwrap().0)
        })
        .collect()
}

/// The page and the files that only it has.
fn files(site: &Path) -> BTreeMap<String, Vec<u8>> {
    let folder = site.join(FOLDER).join("about");
    let paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let named = |path: PathBuf| (path.file_name().unwrap().display().to_string(), fs::read(path).unwrap());
    paths.into_iter().chain([site.join(ABOUT)]).map(named).collect()
}

fn number(figures: &BTreeMap<&str, &str>, name: &str) -> f64 {
    figures.get(name).unwrap_or_else(|| panic!("no {name} in {figures:?}")).parse().unwrap()
}

fn assert_tells(site: &Path) {
    let (html, Gallery { entry, embeddings, items, encoder, .. }) = (html(site), site::read(site).unwrap());
    let embeddings: Vec<Embedding> = embeddings.iter().cloned().collect();
    let figures = figures(&html);
    let same = |name: &str, expected: f64| {
        let told = number(&figures, name);
        assert!((told - expected).abs() <= 1e-6 * expected.abs(), "{name} is {told}, the gallery has {expected}");
    };
    same("k", entry.clusters.len() as f64);
    same("silhouette", entry.silhouette.unwrap().into());
    same("eps", entry.density.eps.into());
    same("groups", entry.density.groups.into());
    same("noise", entry.density.noise.into());
    same("perplexity", entry.perplexity.into());
    same("look-alike", entry.likeness.look_alike.into());
    same("identical", entry.likeness.identical.into());
    same("bytes", entry.encoder.bytes.into());
    same("width", entry.width.into());
    same("side", encoder.config.preprocess.side.into());
    let points: Vec<_> = items.iter().map(|item| item.map).collect();
    same("trustworthiness", trustworthiness(&embeddings, &points).unwrap());
    // The mean squared distance to the nearest centroid.
    let squared = |e: &Embedding| {
        let to =
            |centroid: &[f32]| e.as_slice().iter().zip(centroid).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>();
        entry.clusters.iter().map(|cluster| to(&cluster.centroid)).fold(f64::INFINITY, f64::min)
    };
    let inertia = embeddings.iter().map(squared).sum::<f64>() / embeddings.len() as f64;
    assert!((number(&figures, "inertia") - inertia).abs() < 1e-3 * inertia, "{figures:?}: {inertia}");
    // The words for each photo's nearest neighbour, counted by the slow search.
    let nearest = |at: usize| linear_scan(&embeddings[at], &embeddings, 7).into_iter().find(|n| n.id as usize != at);
    let close = (0..embeddings.len()).filter(|&at| nearest(at).unwrap().similarity >= entry.likeness.near_duplicate);
    let rows: usize = ["near-duplicate", "identical"]
        .iter()
        .map(|word| {
            let row = html.split(&format!("<th scope=\"row\">{word}</th>")).nth(1).unwrap();
            row.split("<td>").nth(2).unwrap().split('<').next().unwrap().replace(',', "").parse::<usize>().unwrap()
        })
        .sum();
    assert_eq!(rows, close.count());
    // Every picture and style that it names is there.
    for address in html.split(['"', '\'']).filter(|part| part.starts_with("gallery/")) {
        assert!(site.join(address).is_file(), "{address}");
    }
}

#[test]
fn its_figures_are_the_gallerys() {
    assert_tells(&small().path("site"));
    if !skipped() {
        assert_tells(&demo_site());
    }
}

#[test]
fn a_model_brings_its_own_curve_and_reconstructions() {
    let small = small();
    let html = html(&small.path("site"));
    let losses: serde_json::Value = serde_json::from_slice(&fs::read(small.path("model/loss.json")).unwrap()).unwrap();
    for epoch in losses.as_array().unwrap() {
        assert!(html.contains(&format!("<td>{:.5}</td>", epoch["validation"].as_f64().unwrap())));
    }
    assert!(html.contains("convolutional autoencoder") && html.contains("id=\"reconstructions\""));
    assert_eq!(html.matches("alt=\"Its reconstruction\"").count(), 6);
    // A model's folder without a decoder and a history: neither is made up.
    fs::create_dir_all(small.path("bare-model")).unwrap();
    fs::copy(small.path("model/encoder.lka"), small.path("bare-model/encoder.lka")).unwrap();
    done(&build_with(small, "bare-model", "bare-site"));
    let bare = self::html(&small.path("bare-site"));
    assert!(
        bare.contains("no curve to show") && !bare.contains("id=\"loss\"") && !bare.contains("reconstruction-error")
    );
    // A history that is none is refused, not drawn.
    fs::write(small.path("bare-model/loss.json"), "[1, 2]").unwrap();
    refused(&build_with(small, "bare-model", "bare-site"), &["loss.json", "no losses"]);
}

#[test]
fn the_same_photos_give_the_same_page_and_nothing_old_stays() {
    let small = small();
    done(&build(small, "photos", "about-site", &["--clusters", "auto"]));
    let site = small.path("about-site");
    let first = files(&site);
    done(&build(small, "photos", "about-site", &["--clusters", "auto"]));
    assert_eq!(files(&site), first);
    let told = html(&site);
    assert!(told.contains("taken for its silhouette"));
    done(&build(small, "photos", "about-site", &["--clusters", "3"]));
    let other = files(&site);
    assert_ne!(other[ABOUT], first[ABOUT]);
    let unused = |name: &&String| *name != ABOUT && !html(&site).contains(*name);
    assert_eq!(other.keys().filter(unused).count(), 0, "each file is in use");
    // What is not part of a site is still found out.
    fs::write(site.join("about.htm"), "mine").unwrap();
    refused(&build(small, "photos", "about-site", &[]), &["about.htm", "not part of the site"]);
}

#[test]
fn tiny_collections_have_a_page() {
    let small = small();
    for count in [1, 2, 3, 5] {
        let name = format!("about-{count}");
        few(&name, count);
        done(&build(small, &name, &format!("{name}-site"), &[]));
        let html = html(&small.path(&format!("{name}-site")));
        assert!(!html.contains("NaN") && !html.contains("inf\""), "{count} photos");
        assert!(html.contains("too few"));
    }
}

/// A site whose title, folder and photo would be scripts, if they were let.
fn hostile() -> PathBuf {
    let small = small();
    let folder = small.path("<script>alert(1)<");
    let inner = folder.join("\"><img src=x onerror=alert(2)>");
    fs::create_dir_all(&inner).unwrap();
    for (at, photo) in lookalike_tests::files(&small.path("photos/birds"), &["jpg"]).iter().enumerate() {
        fs::copy(photo, inner.join(format!("<script>alert({at})<&'#?%20.jpg"))).unwrap();
    }
    let site = small.path("hostile-site");
    done(&build(small, "<script>alert(1)<", "hostile-site", &[]));
    assert_eq!(path(small, "hostile-site"), site.display().to_string());
    site
}

#[test]
fn names_can_not_write_html() {
    let site = hostile();
    let html = html(&site);
    assert!(html.contains("&lt;script&gt;alert(1)&lt;"));
    for evil in ["<script", "<img src=x", "\"><img src=x"] {
        assert!(!html.contains(evil), "{evil}");
    }
    if skipped() {
        return;
    }
    let server = Server::start(&site, "", None).unwrap();
    let page = Page::load(&format!("{}{ABOUT}", server.address), WebGpu::None, LAPTOP).unwrap();
    let injected = "return document.scripts.length + document.querySelectorAll('img[onerror], img[src=x]').length";
    assert_eq!(script(&page, injected), 0);
    let shown = "const images = [...document.querySelectorAll('main img')];
        for (const image of images) image.loading = 'eager';
        return Promise.all(images.map(image => image.decode())).then(() => images.length)";
    assert!(script(&page, shown).as_u64().unwrap() > 12);
    // The link of a photo leads to that photo: the address survives the way through the page.
    let path = "return decodeURIComponent(document.querySelector('.photos a').hash.slice('#photo='.length))";
    let alt = "return document.querySelector('.photos img').alt";
    assert_eq!(script(&page, path), script(&page, alt));
    // The stand-in page has neither icon nor style.
    let missing = |line: &String| line.contains("icon.svg") || line.contains("style.css");
    assert_eq!(page.browser.console().unwrap().iter().find(|line| !missing(line)), None);
}

/// Loads every picture, also those that wait until they are near.
const LOAD_ALL: &str = "for (const image of document.images) image.loading = 'eager';
    return Promise.all([...document.images].map(image => image.decode())).then(() => document.images.length)";

#[test]
fn it_opens_from_the_page_and_leads_back() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = Page::open(&format!("{}?device=cpu", server.address), WebGpu::None, LAPTOP).unwrap();
    page.browser.requests().unwrap();
    click(&page, "about");
    wait_until(&page, "document.querySelector('h1').innerText === 'About this gallery'");
    assert!(script(&page, LOAD_ALL).as_u64().unwrap() > 30);
    for request in page.browser.requests().unwrap() {
        assert!(request.starts_with(&server.address), "{request}");
    }
    // The tables open by keyboard.
    script(&page, "document.querySelector('#silhouette-by-k summary').focus()");
    page.browser.press(keys::ENTER).unwrap();
    let table = "return document.querySelector('#silhouette-by-k table').checkVisibility() && document.querySelectorAll('#silhouette-by-k tbody tr').length";
    assert_eq!(script(&page, table), 19);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
    click(&page, "back");
    page.wait_for_state("ready").unwrap();
    // An exemplar leads to the photos most similar to it.
    click(&page, "about");
    wait_until(&page, "document.querySelector('.kinds a')");
    let path = script(&page, "return document.querySelector('.kinds img').alt");
    page.browser.click(".kinds a").unwrap();
    page.wait_for_state("ready").unwrap();
    page.wait_for_answer(0).unwrap();
    assert_eq!(page.attribute("photo-name", "title").unwrap(), path.as_str().unwrap());
}

#[test]
fn it_needs_no_script() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = Page::load("about:blank", WebGpu::None, PHONE).unwrap();
    page.browser.devtools("Emulation.setScriptExecutionDisabled", serde_json::json!({"value": true})).unwrap();
    page.browser.load(&format!("{}{ABOUT}", server.address)).unwrap();
    page.browser.screenshot("about-without-script").unwrap();
    page.browser.click("#loss summary").unwrap();
    assert!(page.text("about-trustworthiness").unwrap().starts_with("0."));
    let losses = script(&page, "return document.querySelector('#loss tbody').innerText");
    let history = Choice::Default.history(Path::new("")).unwrap();
    let last = format!("{:.5}", history.last().unwrap().validation);
    assert!(losses.as_str().unwrap().contains(&last), "{last} in {losses}");
    let violations = page.browser.console().unwrap();
    assert_eq!(violations, Vec::<String>::new());
}

/// The least contrast of the charts' words and lines against what is behind them, `[words, lines]`.
const CONTRAST: &str = "
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
    const light = colour => {
        canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
        const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(u => u / 255)
            .map(u => u <= 0.04045 ? u / 12.92 : ((u + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (a, b) => { const [x, y] = [light(a), light(b)]; return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05); };
    const least = (selector, property) => Math.min(...[...document.querySelectorAll(selector)].map(e =>
        contrast(getComputedStyle(e)[property], getComputedStyle(e.ownerSVGElement).backgroundColor)));
    return [least('.chart text', 'fill'),
        Math.min(least('.first, .second, .dots, .mark, .axis', 'stroke'), least('.bars', 'fill'))]";

#[test]
fn it_fits_and_can_be_read_at_any_width_by_day_and_night() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    for (size, scheme) in SIZES.into_iter().chain([PHONE, LAPTOP]).zip(["dark", "light", "dark", "light", "light"]) {
        let page = Page::load(&format!("{}{ABOUT}", server.address), WebGpu::None, size).unwrap();
        page.prefer(scheme).unwrap();
        script(&page, LOAD_ALL);
        assert_fits(&page, size, "about");
        let contrast: [f64; 2] = serde_json::from_value(script(&page, CONTRAST)).unwrap();
        assert!(contrast[0] >= 4.5 && contrast[1] >= 3.0, "{scheme}: {contrast:?}");
        // The smallest word of a chart, in CSS pixels.
        let smallest = "return Math.min(...[...document.querySelectorAll('.chart text')].map(t => t.getBoundingClientRect().height).filter(h => h > 0))";
        assert!(script(&page, smallest).as_f64().unwrap() >= 9.0, "{size:?}");
        page.browser.screenshot(&format!("about-{}", size.0)).unwrap();
        script(&page, "for (const details of document.querySelectorAll('details')) details.open = true");
        assert_fits(&page, size, "about with its tables");
        assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
    }
}
