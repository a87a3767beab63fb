//! A visitor's own folder, and what the page makes of it. Everything here asserts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc)]

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use lookalike::{cells::STEP, engine::Engine};

use crate::{
    demo_photos,
    driver::wait,
    page::Page,
    steps::{PATIENCE, click, save_into, script, wait_until},
};

/// Indexing some hundred photos in an unoptimised engine.
pub const LONG: Duration = Duration::from_secs(300);

/// A folder `holidays` with this many photos of the demo, in two folders and one more within.
pub fn holidays(parent: &Path, count: usize) -> PathBuf {
    let photos: Vec<_> =
        walk(&demo_photos()).into_iter().filter(|path| path.extension().is_some_and(|e| e == "jpg")).collect();
    let folder = parent.join("holidays");
    let every = photos.len() / count;
    for (at, photo) in photos.iter().step_by(every).take(count).enumerate() {
        let inside = folder.join(["sea", "hills", "hills/snow"][at % 3]);
        fs::create_dir_all(&inside).unwrap();
        fs::copy(photo, inside.join(format!("{at:04}.jpg"))).unwrap();
    }
    folder
}

/// All files in it and below, sorted.
pub fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect();
    files.sort();
    files
}

/// As the browser's chooser would give it.
pub fn choose_folder(page: &Page, folder: &Path) {
    wait_until(page, "!document.getElementById('own-input').disabled");
    page.browser.type_into("[data-testid=own-input]", folder.to_str().unwrap()).unwrap();
}

/// Waits until the folder is what is searched, and one of its photos is on the screen.
pub fn wait_for_folder(page: &Page, photos: usize) {
    let words = format!("Your folder holidays · {photos} photos");
    wait(LONG, || {
        assert_eq!(page.text("error")?, "");
        Ok((page.text("collection")? == words).then_some(()))
    })
    .unwrap_or_else(|e| panic!("{words}: {e}; {:?} {:?}", page.text("own-words"), page.browser.console()));
    page.wait_for_state("ready").unwrap();
}

/// Chooses a folder of so many photos, and waits until it is searched.
pub fn search_folder(page: &Page, folder: &Path, photos: usize) {
    choose_folder(page, folder);
    wait_for_folder(page, photos);
}

/// The folder's index as the page saves it into a folder: paths, and the numbers of their embeddings.
pub fn saved_index(page: &Page, folder: &Path) -> Vec<(String, String)> {
    let file = folder.join("my-folder.csv");
    fs::remove_file(&file).ok();
    save_into(page, folder);
    click(page, "own-save");
    let text = wait(PATIENCE, || Ok(fs::read_to_string(&file).ok().filter(|text| text.ends_with('\n')))).unwrap();
    text.lines().skip(1).map(|line| line.split_once(',').unwrap()).map(|(a, b)| (a.into(), b.into())).collect()
}

/// The page's index holds so many photos of the folder `holidays` in here, with the embeddings that the native engine of the
/// site gives them, but for their form as they are kept.
pub fn assert_indexed(page: &Page, site: &Path, parent: &Path, photos: usize) {
    let files = lookalike_training::site::files(site).unwrap();
    let engine = Engine::open(&files, lookalike::encoder::cpu()).unwrap();
    let index = saved_index(page, parent);
    assert_eq!(index.len(), photos);
    for (path, numbers) in index {
        let native = pollster::block_on(engine.ask(&fs::read(parent.join(&path)).unwrap(), 1)).unwrap();
        let numbers = numbers.split(',').map(|number| number.parse::<f32>().unwrap());
        let off = numbers.zip(&native.embedding).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(off < 1e-3 + STEP / 2.0, "{path}: {off}");
    }
}

/// Name and time of each file in the browser's storage.
pub fn kept(page: &Page) -> Vec<(String, f64)> {
    let list = "return (async () => {
        const found = [];
        for await (const folder of (await navigator.storage.getDirectory()).values())
            for await (const file of folder.values()) found.push([file.name, (await file.getFile()).lastModified]);
        return found.sort();
    })()";
    serde_json::from_value(script(page, list)).unwrap()
}

/// How many photos have been dealt with.
pub fn done(page: &Page) -> usize {
    page.text("own-words").unwrap().split(' ').next().unwrap().parse().unwrap_or(0)
}
