//! Everything by keyboard.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use lookalike_tests::{
    driver::keys::{DOWN, ENTER, ESCAPE, LEFT, RIGHT, UP},
    journey::{MORE, assert_near, engine, name_of},
    page::{LAPTOP, Page},
    samples,
    server::Server,
    skipped,
    steps::{click, focused, open, script, wait_until},
};
use serde_json::json;

/// Shift, as DevTools counts modifiers.
const SHIFT: u32 = 8;

#[test]
fn the_page_has_keys() {
    if skipped() {
        return;
    }
    let server = Server::demo(None).unwrap();
    let page = open(&server, "", LAPTOP);
    let keys_are_open = "document.getElementById('keys-dialog').open";
    page.browser.press("/").unwrap();
    assert_eq!(focused(&page), "photo-input");
    page.browser.press("?").unwrap();
    wait_until(&page, keys_are_open);
    let words = page.text("keys-dialog").unwrap();
    for key in ["/", "?", "Esc", "Enter", "←"] {
        assert!(words.contains(key), "{key}: {words}");
    }
    page.browser.screenshot("laptop-keys").unwrap();
    page.browser.press(ESCAPE).unwrap();
    wait_until(&page, &format!("!{keys_are_open}"));
    assert_eq!(focused(&page), "photo-input", "the keyboard is where it was");
    click(&page, "keys");
    wait_until(&page, keys_are_open);
    page.browser.click("#keys-dialog [data-close]").unwrap();
    wait_until(&page, &format!("!{keys_are_open}"));
    assert_eq!(focused(&page), "keys");
    // With a modifier the key is the browser's; in a field it is a letter.
    script(
        &page,
        "for (const key of ['/', '?'])
             document.body.dispatchEvent(new KeyboardEvent('keydown', {key, ctrlKey: true, bubbles: true}));
         const field = document.createElement('input');
         field.id = 'field';
         document.querySelector('main').append(field);
         field.focus();",
    );
    page.browser.press("?").unwrap();
    page.browser.press("/").unwrap();
    assert_eq!(focused(&page), "field");
    assert_eq!(script(&page, "return field.value"), "?/");
    assert_eq!(script(&page, &format!("return {keys_are_open}")), false);
    script(&page, "field.remove()");
    // Three results lie beside each other.
    let shown = page.ask(&samples()[0]).unwrap();
    script(&page, "document.querySelector('[data-testid=result] a').focus()");
    let place = "return [...document.querySelectorAll('[data-testid=result] a')].indexOf(document.activeElement)";
    for (key, expected) in
        [(LEFT, 0), (UP, 0), (RIGHT, 1), (DOWN, 4), (DOWN, 4), (RIGHT, 5), (RIGHT, 5), (UP, 2), (LEFT, 1)]
    {
        page.browser.press(key).unwrap();
        assert_eq!(script(&page, place), expected, "{key:?}");
    }
    page.browser.press(ENTER).unwrap();
    let next = page.wait_for_answer(shown.query).unwrap();
    assert_eq!(page.attribute("photo-name", "title").unwrap(), shown.results[1].0);
    assert_eq!(next.results.len(), 6);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}

/// A key as the keyboard sends it, to wherever the keyboard is.
fn press(page: &Page, key: &str, modifiers: u32) {
    let (code, text) = match key {
        "Tab" => (9, None),
        "Enter" => (13, Some("\r")),
        _ => unreachable!("{key}"),
    };
    let mut event =
        json!({"type": "rawKeyDown", "key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": modifiers});
    if let Some(text) = text {
        event["type"] = json!("keyDown");
        event["text"] = json!(text);
    }
    page.browser.devtools("Input.dispatchKeyEvent", event.clone()).unwrap();
    event["type"] = json!("keyUp");
    page.browser.devtools("Input.dispatchKeyEvent", event).unwrap();
}

/// Presses Tab until the keyboard is on an element that fits, and sees that it shows.
fn tab_to(page: &Page, selector: &str, modifiers: u32) {
    for _ in 0..60 {
        press(page, "Tab", modifiers);
        if script(page, &format!("return document.activeElement.matches('{selector}')")) == true {
            let outline = "return document.activeElement.matches(':focus-visible')
                && parseFloat(getComputedStyle(document.activeElement).outlineWidth) >= 2";
            assert_eq!(script(page, outline), true, "{selector} does not show the keyboard");
            return;
        }
    }
    panic!("the keyboard does not come to {selector}");
}

#[test]
fn the_keyboard_goes_everywhere() {
    if skipped() {
        return;
    }
    let (server, engine) = (Server::demo(None).unwrap(), engine());
    let page = open(&server, "", LAPTOP);
    page.browser.devtools("Emulation.setFocusEmulationEnabled", json!({"enabled": true})).unwrap();
    let own = page.ask(&samples()[3]).unwrap();
    script(&page, "document.getElementById('photo-input').focus()");
    tab_to(&page, "[data-testid=result]:nth-child(2) a", 0);
    let path = own.results[1].0.clone();
    let name = "const link = document.activeElement; return link.querySelector('img').alt + ' ' + link.innerText";
    let name = script(&page, name).as_str().unwrap().to_owned();
    assert!(name.starts_with("More like this") && name.contains(&name_of(&engine, &path)), "{name}");
    let before = page.answered().unwrap();
    press(&page, "Enter", 0);
    assert_near(&page, &page.wait_for_answer(before).unwrap(), &engine, &path);
    // What the keyboard was on is gone: it is on the photo whose neighbours are shown, and from there all goes on.
    assert_eq!(script(&page, "return document.activeElement.getAttribute('aria-current')"), "page");
    page.browser.screenshot("laptop-keyboard").unwrap();
    tab_to(&page, "[data-testid=trail] button", SHIFT);
    let before = page.answered().unwrap();
    press(&page, "Enter", 0);
    assert_eq!(page.wait_for_answer(before).unwrap().results, own.results);
    tab_to(&page, MORE, 0);
    press(&page, "Enter", 0);
    assert_eq!(page.shown().unwrap().results.len(), 24);
    assert_eq!(script(&page, "return document.activeElement.matches('[data-testid=result]:nth-child(7) a')"), true);
    assert_eq!(page.answered().unwrap(), before + 1);
    assert_eq!(page.browser.console().unwrap(), Vec::<String>::new());
}
