//! A browser that is killed at any moment while it indexes a visitor's folder: what it has kept is right, and it goes on from there.
//!
//! `LOOKALIKE_KILLS=100` kills it that often.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{collections::BTreeMap, path::Path, thread::sleep, time::Duration};

use lookalike_tests::{
    driver::{in_profile, kill_in},
    kills,
    own_folder::{choose_folder, holidays, saved_index, search_folder, wait_for_folder},
    page::{LAPTOP, Page},
    server::Server,
    skipped,
    steps::{click, open, wait_until},
};

const PHOTOS: usize = 60;

/// How long after the folder has been chosen the last kill comes: indexing takes about as long.
const LATEST: Duration = Duration::from_millis(2500);

/// The embedding of each photo of the folder.
fn index(page: &Page, folder: &Path) -> BTreeMap<String, String> {
    saved_index(page, folder).into_iter().collect()
}

/// How many photos are kept, as the page says after it has looked.
fn kept(page: &Page) -> usize {
    wait_until(page, "!document.getElementById('own-input').disabled");
    page.attribute("own-open", "data-photos").unwrap().parse().unwrap_or(0)
}

#[test]
fn a_killed_browser_has_kept_what_is_right_and_goes_on() {
    if skipped() {
        return;
    }
    let (server, temporary) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
    let folder = holidays(temporary.path(), PHOTOS);
    let expected = {
        let page = open(&server, "", LAPTOP);
        search_folder(&page, &folder, PHOTOS);
        index(&page, temporary.path())
    };
    assert_eq!(expected.len(), PHOTOS);
    let profile = tempfile::tempdir().unwrap();
    let open = || {
        let address = format!("{}?device=cpu", server.address);
        Page::open_with(&address, LAPTOP, &[&in_profile(profile.path())]).unwrap()
    };
    let (mut found, mut damaged) = (Vec::new(), 0);
    let kills = kills(3);
    for number in 0..kills {
        let page = open();
        choose_folder(&page, &folder);
        // Evenly through the time that it takes, in an order that leaves none to chance.
        sleep(LATEST * (number * 7 % kills + 1) / kills);
        kill_in(profile.path()).unwrap();
        drop(page);

        let page = open();
        let there = kept(&page);
        damaged += u32::from(page.text("note").unwrap().starts_with("What was kept of your folder was damaged"));
        found.push(there);
        if there > 0 {
            click(&page, "own-open");
            wait_for_folder(&page, there);
            let index = index(&page, temporary.path());
            assert_eq!(index.len(), there);
            assert!(index.iter().all(|(path, embedding)| expected.get(path) == Some(embedding)), "kill {number}");
        }
        if number + 1 == kills {
            search_folder(&page, &folder, PHOTOS);
            assert_eq!(self::index(&page, temporary.path()), expected);
        } else if there == PHOTOS {
            click(&page, "own-forget");
            wait_until(&page, "document.getElementById('own-open').hidden");
        }
    }
    println!("kept after each kill: {found:?}; {damaged} times a part was damaged, and told");
}
