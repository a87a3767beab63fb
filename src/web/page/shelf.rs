//! The thumbnails of the visitor's own folder, as long as that is what is searched.

use std::cell::RefCell;

use js_sys::Map;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, Url};

thread_local! {
    /// By their paths in a gallery, each a `Blob`, or its address once it has been asked for.
    static THUMBS: RefCell<Option<Map>> = const { RefCell::new(None) };
}

/// Another folder is searched; `None`: the site's collection.
pub(super) fn replace(thumbs: Option<Map>) {
    let Some(old) = THUMBS.replace(thumbs) else { return };
    old.for_each(&mut |thumb, _| {
        if let Some(address) = thumb.as_string() {
            let _ = Url::revoke_object_url(&address);
        }
    });
}

/// Whether the visitor's own folder is searched: then no path of it belongs into an address.
pub(super) fn is_open() -> bool {
    THUMBS.with_borrow(Option::is_some)
}

/// The address of a thumbnail of the folder.
pub(super) fn thumbnail(path: &str) -> Option<String> {
    THUMBS.with_borrow(|thumbs| {
        let (thumbs, path) = (thumbs.as_ref()?, JsValue::from(path));
        let thumb = thumbs.get(&path);
        if let Some(blob) = thumb.dyn_ref::<Blob>() {
            let address = Url::create_object_url_with_blob(blob).ok()?;
            thumbs.set(&path, &JsValue::from(&address));
            return Some(address);
        }
        thumb.as_string()
    })
}
