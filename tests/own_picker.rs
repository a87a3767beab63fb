//! The visitor's own folder by the browser's picker of folders (File System Access), which WebDriver can't use: a folder of the
//! browser's own storage stands in for the chosen one, with the same handles.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use lookalike_tests::{
    own_folder::{saved_index, wait_for_folder},
    page::{LAPTOP, PHONE, Page},
    server::Server,
    skipped,
    steps::{script, told_and_put_away, wait_until},
    tour::watched,
};

/// `choose` is what the picker does.
const PICKER: &str = "window.choose = async () => { throw new DOMException('', 'AbortError'); };
    window.picked = 0;
    window.showDirectoryPicker = () => { picked += 1; return choose(); };";

/// Makes a folder `holidays` of the site's samples, in folders of it, beside a file that is no photo; the photos' paths.
const HOLIDAYS: &str = "return (async () => {
        const holidays = await (await navigator.storage.getDirectory()).getDirectoryHandle('holidays', {create: true});
        const hills = await holidays.getDirectoryHandle('hills', {create: true});
        const snow = await hills.getDirectoryHandle('snow', {create: true});
        const put = async (folder, name, content) => {
            const file = await (await folder.getFileHandle(name, {create: true})).createWritable();
            await file.write(content);
            await file.close();
        };
        const samples = [...document.querySelectorAll('[data-sample]')].map(button => button.dataset.sample);
        for (const [at, name] of samples.entries())
            await put([holidays, hills, snow][at % 3], name, await (await fetch(`samples/${name}`)).blob());
        await put(snow, 'notes.txt', 'no photo');
        window.holidays = holidays;
        return samples.map((name, at) => `holidays/${['', 'hills/', 'hills/snow/'][at % 3]}${name}`).sort();
    })()";

fn holidays(page: &Page) -> Vec<String> {
    serde_json::from_value(script(page, HOLIDAYS)).unwrap()
}

fn open(size: (u32, u32), server: &Server) -> Page {
    let page = watched(size, PICKER);
    page.browser.load(&server.address).unwrap();
    page.wait_for_state("ready").unwrap();
    wait_until(&page, "!document.getElementById('own-input').disabled");
    page
}

/// Presses the button, as a visitor does.
fn press(page: &Page) {
    let before = script(page, "return picked").as_u64().unwrap();
    page.browser.click("label[for=own-input]").unwrap();
    wait_until(page, &format!("picked > {before}"));
}

#[test]
fn a_folder_of_the_picker_is_searched_like_one_of_the_input() {
    if skipped() {
        return;
    }
    for size in [PHONE, LAPTOP] {
        let (server, temporary) = (Server::demo(None).unwrap(), tempfile::tempdir().unwrap());
        let page = open(size, &server);
        let paths = holidays(&page);
        script(&page, "choose = async () => holidays");
        press(&page);
        wait_for_folder(&page, paths.len());
        assert_eq!(page.text("note").unwrap(), "", "what is no photo is passed over");
        let index: Vec<_> = saved_index(&page, temporary.path()).into_iter().map(|(path, _)| path).collect();
        assert_eq!(index, paths);
        assert_eq!(server.sent(), Vec::<String>::new());
        assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
    }
}

#[test]
fn a_photo_of_the_picker_that_can_not_be_read_is_named() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = open(LAPTOP, &server);
    let paths = holidays(&page);
    script(
        &page,
        "choose = async () => ({name: 'holidays', async *values() {
            const gone = async () => { throw new DOMException('', 'NotFoundError'); };
            for (const name of ['gone.jpg', 'gone.txt']) yield {kind: 'file', name, getFile: gone};
            yield* holidays.values();
        }})",
    );
    press(&page);
    wait_for_folder(&page, paths.len());
    let note = page.text("note").unwrap();
    assert!(note.starts_with("Left out: 1 photo that can't be read: holidays/gone.jpg (it can't be read)."), "{note}");
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn a_picker_that_chooses_nothing_finds_nothing_or_is_refused_leaves_the_page_as_it_was() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = open(LAPTOP, &server);
    // Put away.
    press(&page);
    // Without photos.
    script(
        &page,
        "choose = async () => (await navigator.storage.getDirectory()).getDirectoryHandle('empty', {create: true})",
    );
    press(&page);
    let told = told_and_put_away(&page);
    assert!(
        told.starts_with("There are no photos in empty, nor in the folders in it. Choose another folder."),
        "{told}"
    );
    // Where a frame may not use it, the file input is left to do it.
    script(
        &page,
        "choose = async () => { throw new DOMException('', 'SecurityError'); };
        window.plain = 0;
        document.addEventListener('click', event => {
            if (event.target.id !== 'own-input' || event.defaultPrevented) return;
            plain += 1;
            event.preventDefault(); // no browser's dialog here
        })",
    );
    press(&page);
    wait_until(&page, "plain === 1");
    page.browser.click("label[for=own-input]").unwrap();
    wait_until(&page, "plain === 2");
    assert_eq!(script(&page, "return picked"), 3, "it is not tried again");
    assert!(page.text("collection").unwrap().starts_with("Lookalike demo"));
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}
