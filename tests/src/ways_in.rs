//! Ways to give the page a photo that a test shares with others. Everything here asserts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc)]

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::json;

use crate::{
    driver::base64,
    page::Page,
    server::Server,
    steps::{click, script, wait_until},
};

/// Two cameras that show a moving test picture, and nobody who asks.
pub const CAMERAS: [&str; 2] = ["--use-fake-device-for-media-stream=device-count=2", "--use-fake-ui-for-media-stream"];

/// 2 × 2 pixels, AV1.
const AVIF: &str = "AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUIAAADybWV0YQAAAAAAAAAoaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAGxpYmF2aWYAAAAADnBpdG0AAAAAAAEAAAAeaWxvYwAAAABEAAABAAEAAAABAAABGgAAAB0AAAAoaWluZgAAAAAAAQAAABppbmZlAgAAAAABAABhdjAxQ29sb3IAAAAAamlwcnAAAABLaXBjbwAAABRpc3BlAAAAAAAAAAIAAAACAAAAEHBpeGkAAAAAAwgICAAAAAxhdjFDgQ0MAAAAABNjb2xybmNseAACAAIAAYAAAAAXaXBtYQAAAAAAAAABAAEEAQKDBAAAACVtZGF0EgAKCBgANogQEAwgMg8f8D///8WfhwB8+ErK42A=";

/// Opens the page on the processor, in a browser with these flags.
pub fn open_with(server: &Server, size: (u32, u32), flags: &[&str]) -> Page {
    Page::open_with(&format!("{}?device=cpu", server.address), size, flags).unwrap()
}

/// Writes a file.
pub fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// A tiny AVIF picture.
pub fn avif() -> Vec<u8> {
    base64(AVIF).unwrap()
}

/// Opens the dialog and waits for the camera.
pub fn open_camera(page: &Page) {
    click(page, "camera");
    wait_until(page, "!document.getElementById('shutter').disabled");
}

/// Lets the page read and write the clipboard without asking.
pub fn permit_clipboard(page: &Page, server: &Server) {
    let origin = server.address.trim_end_matches('/');
    let all = json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": origin});
    page.browser.devtools("Browser.grantPermissions", all).unwrap();
    // A window without a focus may not touch the clipboard.
    page.browser.devtools("Emulation.setFocusEmulationEnabled", json!({"enabled": true})).unwrap();
}

/// Puts a drawing on the clipboard.
pub fn copy_picture(page: &Page) {
    script(
        page,
        "const canvas = document.createElement('canvas');
         canvas.width = canvas.height = 96;
         canvas.getContext('2d').fillRect(10, 0, 30, 80);
         return new Promise(resolve => canvas.toBlob(resolve))
             .then(picture => navigator.clipboard.write([new ClipboardItem({'image/png': picture})]));",
    );
}
