//! The search in somebody else's page: the element with mouse, keyboard and mistakes, and the module below it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, path::Path};

use lookalike::engine::Engine;
use lookalike_tests::{
    copy_folder, demo_site,
    driver::{Browser, WebGpu, keys, wait},
    journey::{engine, name_of, near, path_of},
    page::{LAPTOP, PHONE},
    root, samples,
    server::Server,
    skipped,
    steps::{CPU_TOLERANCE, PATIENCE, native},
    synthetic::{Division, multiply},
};
use serde_json::{Value, json};

/// The example page of a site.
fn example(server: &Server, size: (u32, u32)) -> Browser {
    let browser = Browser::open(WebGpu::None, size).unwrap();
    browser.load(&format!("{}example.html", server.address)).unwrap();
    browser
}

fn script(browser: &Browser, body: &str) -> Value {
    browser.script(&format!("const element = document.querySelector('lookalike-search'); {body}"), json!([])).unwrap()
}

fn wait_until(browser: &Browser, condition: &str) {
    let said = "return element.shadowRoot.querySelector('[role=status]').textContent";
    wait(PATIENCE, || Ok((script(browser, &format!("return Boolean({condition})")) == true).then_some(())))
        .unwrap_or_else(|e| panic!("{condition}: {e}; the element says {}", script(browser, said)));
}

/// Gives files to the element's own input, as a person's choice does.
fn choose(browser: &Browser, photo: &Path) {
    let input = "document.querySelector('lookalike-search').shadowRoot.querySelector('input')";
    let input = browser.devtools("Runtime.evaluate", json!({"expression": input})).unwrap();
    let files = json!({"files": [photo.canonicalize().unwrap()], "objectId": input["result"]["objectId"]});
    browser.devtools("DOM.setFileInputFiles", files).unwrap();
}

/// Remembers what the page is told, from now on.
fn listen(browser: &Browser) {
    script(
        browser,
        "window.told = []; document.addEventListener('lookalike-answer', (event) => told.push(event.detail.results));
         document.addEventListener('lookalike-error', (event) => told.push(event.detail.error.message));",
    );
}

/// Waits for what the page is told next.
fn told(browser: &Browser, count: usize) -> Value {
    wait_until(browser, &format!("window.told.length >= {count}"));
    script(browser, &format!("return told[{}]", count - 1))
}

fn paths(results: &Value) -> Vec<String> {
    results.as_array().unwrap().iter().map(|result| result["path"].as_str().unwrap().to_owned()).collect()
}

fn near_paths(engine: &Engine, path: &str) -> Vec<String> {
    near(engine, path, 6).neighbors.iter().map(|neighbor| path_of(engine, neighbor.id)).collect()
}

#[test]
fn a_photo_and_then_its_neighbours_are_found_as_by_the_command() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let browser = example(&server, LAPTOP);
    wait_until(&browser, "customElements.get('lookalike-search')");
    assert!(!server.requests().iter().any(|path| path.contains("gallery")), "nothing is fetched before it is wanted");
    listen(&browser);
    choose(&browser, &samples()[0]);
    let (found, expected) = (told(&browser, 1), native(&samples()[0]));
    assert_eq!(paths(&found), expected.paths());
    for (result, (path, similarity)) in found.as_array().unwrap().iter().zip(&expected.results) {
        assert!((result["similarity"].as_f64().unwrap() - similarity).abs() < CPU_TOLERANCE);
        assert_eq!(result["title"], name_of(&engine, path));
        assert!(result["thumbnail"].as_str().unwrap().starts_with(&format!("{}gallery/thumbs/", server.address)));
    }
    let tiles = "return [...element.shadowRoot.querySelectorAll('li')].map(tile => [tile.querySelector('img').alt, tile.querySelector('a')?.href ?? ''])";
    let expected: Vec<_> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|result| json!([format!("More like this: {}", result["title"].as_str().unwrap()), result["link"]]))
        .collect();
    assert_eq!(script(&browser, tiles), json!(expected));
    wait_until(&browser, "[...element.shadowRoot.querySelectorAll('img')].every(image => image.naturalWidth > 0)");
    browser.screenshot("element-laptop").unwrap();
    // By keyboard from the choice to the second photo, and on to its neighbours.
    script(&browser, "element.focus()");
    assert_eq!(script(&browser, "return element.shadowRoot.activeElement.textContent"), "Choose a photo");
    for _ in 0..3 {
        browser.press("\u{E004}").unwrap();
    }
    let second = paths(&found)[1].clone();
    let focused = "return element.shadowRoot.activeElement.querySelector('img').alt";
    assert_eq!(script(&browser, focused), format!("More like this: {}", name_of(&engine, &second)));
    browser.press(keys::ENTER).unwrap();
    assert_eq!(paths(&told(&browser, 2)), near_paths(&engine, &second));
    assert_eq!(script(&browser, "return element.shadowRoot.activeElement.className"), "more", "the keyboard stays");
    assert_eq!(server.sent(), Vec::<String>::new(), "nothing is sent");
    assert_eq!(browser.console().unwrap(), Vec::<String>::new(), "and the page's strict policy holds");
}

#[test]
fn two_elements_are_two_and_a_mistake_is_told() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let browser = example(&server, PHONE);
    listen(&browser);
    let other = "const other = document.createElement('lookalike-search');
        other.setAttribute('gallery', 'nowhere/'); other.setAttribute('choose', 'Foto wählen'); element.after(other);
        const photo = await (await fetch('samples/' + arguments[0])).blob();
        const [here, there] = await Promise.allSettled([element.search(photo), other.search(photo)]);
        return [here.value?.map(result => result.path), there.reason?.message, other.shadowRoot.querySelector('button').textContent,
                other.shadowRoot.querySelector('[role=status]').textContent, other.shadowRoot.querySelectorAll('li').length]";
    let body =
        format!("const element = document.querySelector('lookalike-search'); return (async () => {{ {other} }})()");
    let name = samples()[1].file_name().unwrap().to_str().unwrap().to_owned();
    let body = body.replace("arguments[0]", &json!(name).to_string());
    let both = browser.script(&body, json!([])).unwrap();
    assert_eq!(both[0], json!(native(&samples()[1]).paths()));
    let missing = format!("{}nowhere/gallery.lka is not there (404)", server.address);
    assert_eq!(both[1], missing);
    assert_eq!((&both[2], &both[4]), (&"Foto wählen".into(), &0.into()));
    assert_eq!(both[3], format!("That did not work: {missing}"));
    // Put right, it answers; a file that is no picture is refused, and what was there stays.
    let again =
        "const other = document.querySelectorAll('lookalike-search')[1]; other.setAttribute('gallery', 'gallery/');
        const photo = await (await fetch('samples/NAME')).blob();
        const found = (await other.search(photo)).length;
        const error = await other.search(new Blob(['no picture'])).catch(error => error.message);
        return [found, error, other.shadowRoot.querySelectorAll('li').length]";
    let body = format!("return (async () => {{ {} }})()", again.replace("NAME", &name));
    let right = browser.script(&body, json!([])).unwrap();
    assert_eq!((&right[0], &right[2]), (&6.into(), &6.into()));
    assert!(right[1].as_str().unwrap().contains("JPEG, PNG"), "{right}");
    browser.screenshot("element-phone").unwrap();
    let wide = "return document.documentElement.scrollWidth";
    assert_eq!(browser.script(wide, json!([])).unwrap(), PHONE.0, "nothing is wider than the screen");
}

#[test]
fn the_module_answers_gives_up_and_closes() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let browser = example(&server, LAPTOP);
    let name = samples()[2].file_name().unwrap().to_str().unwrap().to_owned();
    let body = "return (async () => {
        const { open } = await import('./lookalike.js');
        const gallery = await open('gallery');
        const photo = await (await fetch('samples/NAME')).blob();
        const control = new AbortController();
        const given = gallery.search(photo, { signal: control.signal }).catch(error => error.name);
        control.abort();
        const found = await gallery.search(photo, { count: 3 });
        const near = await gallery.neighbours(found[0].id);
        const none = await gallery.neighbours(4e6).catch(error => error.message);
        const type = await gallery.search('photo').catch(error => error.name);
        const late = gallery.search(photo).catch(error => error.name);
        gallery.close();
        const closed = await gallery.search(photo).catch(error => error.name);
        const { title, photos, tags } = gallery;
        return { given: await given, found: found.map(r => r.path), near: near.map(r => r.path), none, type, late: await late, closed, title, photos, tags };
    })()";
    let said = browser.script(&body.replace("NAME", &name), json!([])).unwrap();
    assert_eq!(said["given"], "AbortError");
    let found = native(&samples()[2]).paths()[..3].to_vec();
    assert_eq!(said["found"], json!(found), "a question that is given up does not end the next");
    assert_eq!(said["near"], json!(near_paths(&engine, &found[0])));
    assert!(said["none"].as_str().unwrap().contains("no photo number 4000000"), "{said}");
    assert_eq!(
        (&said["type"], &said["late"], &said["closed"]),
        (&"TypeError".into(), &"AbortError".into(), &"AbortError".into())
    );
    let entry = &engine.gallery().entry;
    assert_eq!((&said["title"], &said["photos"]), (&json!(entry.title), &json!(entry.photos)));
    assert_eq!(said["tags"], json!(entry.tags.iter().map(|tag| &tag.name).collect::<Vec<_>>()));
    assert_eq!(browser.console().unwrap(), Vec::<String>::new());
}

#[test]
fn a_gallery_on_another_host_says_what_it_needs() {
    if skipped() {
        return;
    }
    let (server, other) = (Server::demo(None).unwrap(), Server::demo(None).unwrap());
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&demo_site(), folder.path());
    let page =
        fs::read_to_string(folder.path().join("example.html")).unwrap().replace("connect-src 'self'", "connect-src *");
    fs::write(folder.path().join("example.html"), page).unwrap();
    drop(server);
    let server = Server::start(folder.path(), "", None).unwrap();
    let browser = example(&server, LAPTOP);
    let body = format!(
        "return import('./lookalike.js').then(({{ open }}) => open('{}gallery/')).catch(error => error.message)",
        other.address
    );
    let said = browser.script(&body, json!([])).unwrap();
    assert!(said.as_str().unwrap().contains("Access-Control-Allow-Origin"), "{said}");
}

#[test]
fn of_a_large_collection_only_the_nearest_parts_are_fetched() {
    if skipped() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    multiply(folder.path(), 12_000, Division::ByQuestion(140));
    let server = Server::start(folder.path(), "", None).unwrap();
    let whole =
        Engine::open(&lookalike_training::site::files(folder.path()).unwrap(), lookalike::encoder::cpu()).unwrap();
    let exact = pollster::block_on(whole.ask(&fs::read(&samples()[0]).unwrap(), 6)).unwrap();
    let exact: Vec<_> = exact.neighbors.iter().map(|neighbor| path_of(&whole, neighbor.id)).collect();
    let browser = example(&server, LAPTOP);
    let name = samples()[0].file_name().unwrap().to_str().unwrap().to_owned();
    let ask = |exact: bool| {
        let body = format!(
            "return (async () => {{
                window.gallery ??= await (await import('./lookalike.js')).open('gallery/');
                const photo = await (await fetch('samples/{name}')).blob();
                return (await gallery.search(photo, {{ exact: {exact} }})).map(result => result.path);
            }})()"
        );
        let found: Vec<String> = serde_json::from_value(browser.script(&body, json!([])).unwrap()).unwrap();
        (found, server.requests().iter().filter(|path| path.contains("/cell-")).count())
    };
    let (first, fetched) = ask(false);
    assert_eq!(first.len(), 6);
    let cells = whole.gallery().entry.cells.len();
    assert!((1..cells / 2).contains(&fetched), "{fetched} of {cells} cells");
    assert_eq!(ask(true), (exact, cells), "each is fetched once");
}

#[test]
fn the_element_is_accessible() {
    if skipped() {
        return;
    }
    let Some(axe) = std::env::var_os("LOOKALIKE_AXE").map(|axe| fs::read_to_string(axe).unwrap()) else {
        return eprintln!("skipped: LOOKALIKE_AXE names no axe.min.js");
    };
    let server = Server::demo(None).unwrap();
    let browser = example(&server, LAPTOP);
    listen(&browser);
    choose(&browser, &samples()[0]);
    told(&browser, 1);
    browser.script(&axe, json!([])).unwrap();
    let run = "return axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.map(rule => `${rule.id}: ${rule.nodes.map(node => node.target.join(' '))}`))";
    assert_eq!(browser.script(run, json!([])).unwrap(), json!([]));
}

#[test]
fn the_types_name_all_that_the_module_has() {
    let read = |name: &str| fs::read_to_string(root().join("www").join(name)).unwrap();
    let (module, types) = (read("lookalike.js"), read("lookalike.d.ts"));
    let exported = module.lines().filter_map(|line| line.strip_prefix("export async function "));
    let methods = module.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| line.ends_with(") {"));
    let public = methods.filter(|line| line.starts_with(|letter: char| letter.is_ascii_lowercase()));
    let names: Vec<_> = exported.chain(public).map(|line| line.split('(').next().unwrap().trim()).collect();
    let names: Vec<_> =
        names.into_iter().filter(|name| !["constructor", "async begin", "async #results"].contains(name)).collect();
    assert_eq!(names, ["open", "search", "neighbours", "close"]);
    assert!(names.iter().all(|name| types.contains(&format!("{name}("))));
    let result = types.split("export interface Result {").nth(1).unwrap();
    let written = fs::read_to_string(root().join("src/web/search.rs")).unwrap();
    let fields = written.split("fn result(neighbor").nth(1).unwrap();
    let fields: Vec<_> = fields.lines().filter_map(|line| line.trim().strip_prefix("(\"")?.split('"').next()).collect();
    assert_eq!(fields.len(), 10);
    assert!(fields.iter().all(|field| result.contains(&format!("{field}: "))), "{fields:?}");
}
