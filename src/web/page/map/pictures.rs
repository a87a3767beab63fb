//! The photos on the map when it is near: few at a time are fetched, and no more are kept than a screen needs.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{ImageBitmap, ImageBitmapOptions};

use crate::{
    gallery::Item,
    web::page::{collection::Collection, dom, download, failure::Outcome},
};

/// Bitmaps that are kept: 20 MB.
const KEPT: usize = 400;
/// Photos that are on the way at the same time.
const AT_ONCE: u32 = 6;
/// Longest side of a bitmap in pixels.
const SIDE: u32 = 128;

enum State {
    OnTheWay,
    Here(ImageBitmap),
    /// Its dot stays; the thumbnail beside it tells what is wrong.
    Missing,
}

#[derive(Default)]
pub(super) struct Pictures {
    /// In the order in which they were last seen.
    kept: RefCell<Vec<(u32, State)>>,
    coming: Cell<u32>,
    /// Which collection they are of: an earlier one's come too late.
    collection: Cell<u32>,
}

impl Pictures {
    /// Another collection is shown.
    pub(super) fn forget(&self) {
        self.collection.set(self.collection.get() + 1);
        for (_, state) in self.kept.take() {
            if let State::Here(bitmap) = state {
                bitmap.close();
            }
        }
    }

    /// A photo's bitmap if it is here. If not, it is fetched, and `arrived` is called; or there are others to wait for.
    pub(super) fn get(self: &Rc<Self>, id: u32, item: &Item, arrived: impl FnOnce() + 'static) -> Option<ImageBitmap> {
        let mut kept = self.kept.borrow_mut();
        if let Some(at) = kept.iter().rposition(|(kept, _)| *kept == id) {
            let seen = kept.remove(at);
            let bitmap = if let State::Here(bitmap) = &seen.1 { Some(bitmap.clone()) } else { None };
            kept.push(seen);
            return bitmap;
        }
        if self.coming.get() < AT_ONCE {
            self.coming.set(self.coming.get() + 1);
            kept.push((id, State::OnTheWay));
            let (pictures, address, wide) =
                (Rc::clone(self), Collection::thumbnail(item), item.thumb_size[0] > item.thumb_size[1]);
            let collection = self.collection.get();
            spawn_local(async move {
                let bitmap = fetch(&address, wide).await;
                pictures.coming.set(pictures.coming.get() - 1);
                if pictures.collection.get() == collection {
                    pictures.arrive(id, bitmap.map_or(State::Missing, State::Here));
                    arrived();
                }
            });
        }
        None
    }

    fn arrive(&self, id: u32, state: State) {
        let mut kept = self.kept.borrow_mut();
        kept.retain(|(kept, _)| *kept != id);
        kept.push((id, state));
        if kept.len() > KEPT {
            // Its memory does not wait for the garbage collector.
            if let (_, State::Here(bitmap)) = kept.remove(0) {
                bitmap.close();
            }
        }
    }
}

/// Decoded and scaled beside the page's thread.
async fn fetch(address: &str, wide: bool) -> Outcome<ImageBitmap> {
    let file = download::blob(address).await?;
    let options = ImageBitmapOptions::new();
    if wide {
        options.set_resize_width(SIDE);
    } else {
        options.set_resize_height(SIDE);
    }
    let bitmap = dom::window()?.create_image_bitmap_with_blob_and_image_bitmap_options(&file, &options)?;
    Ok(JsFuture::from(bitmap).await?.unchecked_into())
}
