//! What the encoder keeps: the last photo, drawn again by the decoder, beside it.

use std::{
    cell::{Cell, OnceCell, RefCell},
    rc::Rc,
};

use js_sys::Uint8Array;
use wasm_bindgen::Clamped;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, Event, HtmlCanvasElement, HtmlElement, ImageData};

use super::{
    app::App,
    dom, download,
    failure::{Failure, Outcome},
    text,
    trail::{Step, Subject},
};
use crate::{
    engine,
    gallery::{Entry, container::Kind},
    preprocess::Pixels,
};

/// What lies in the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The photo alone.
    Alone,
    /// The photo; an engine draws.
    Drawing,
    /// The photo and its reconstruction.
    Pair,
}

pub(super) struct Reconstruction {
    place: HtmlElement,
    button: HtmlElement,
    frame: HtmlElement,
    /// The decoder's file, once somebody has wanted it.
    decoder: OnceCell<Uint8Array>,
    photo: RefCell<Option<Step>>,
    /// Answers so far: a drawing of an earlier photo comes too late.
    answered: Cell<u32>,
    stage: Cell<Stage>,
}

impl Reconstruction {
    pub(super) fn new() -> Outcome<Self> {
        Ok(Self {
            place: dom::by_id("keeps")?,
            button: dom::by_id("reconstruct")?,
            frame: dom::by_id("your-frame")?,
            decoder: OnceCell::new(),
            photo: RefCell::default(),
            answered: Cell::new(0),
            stage: Cell::new(Stage::Alone),
        })
    }

    /// Offers the decoder of a gallery, if it has one.
    pub(super) fn offer(&self, entry: &Entry) -> Outcome {
        self.place.set_hidden(entry.decoder.is_none());
        Ok(self.place.class_list().remove_1("waiting")?)
    }

    /// Another photo comes into the frame.
    pub(super) fn answered(&self, photo: &Step) -> Outcome {
        self.set(Stage::Alone)?;
        self.photo.replace(Some(photo.clone()));
        self.answered.set(self.answered.get() + 1);
        // Of several photos together there is no one latent.
        Ok(self.button.toggle_attribute_with_force("disabled", photo.is_mix()).map(drop)?)
    }

    /// Nobody draws any more.
    pub(super) fn give_up(&self) -> Outcome {
        if self.stage.get() == Stage::Drawing { self.set(Stage::Alone) } else { Ok(()) }
    }

    /// The photo to draw, with a number for the answer; `None`: there is nothing to draw, or it has been taken away.
    fn toggle(&self) -> Outcome<Option<(u32, Step)>> {
        match self.stage.get() {
            Stage::Alone => self.set(Stage::Drawing)?,
            Stage::Drawing => return Ok(None),
            Stage::Pair => return self.set(Stage::Alone).map(|()| None),
        }
        Ok(self.photo.borrow().clone().map(|photo| (self.answered.get(), photo)))
    }

    fn waits_for(&self, id: u32) -> bool {
        self.stage.get() == Stage::Drawing && self.answered.get() == id
    }

    fn show(&self, drawn: &engine::Reconstruction) -> Outcome {
        // The photo beside it shows the same part.
        self.frame.style().set_property("--crop", &dom::number(drawn.crop))?;
        let name = self.photo.borrow().as_ref().map_or(String::new(), |photo| photo.name.clone());
        self.frame.append_child(&*canvas(&drawn.picture, &text::reconstruction(&name))?)?;
        self.set(Stage::Pair)
    }

    fn set(&self, stage: Stage) -> Outcome {
        self.stage.set(stage);
        let pair = stage == Stage::Pair;
        self.button.set_attribute("aria-pressed", dom::flag(pair))?;
        self.button.set_attribute("aria-busy", dom::flag(stage == Stage::Drawing))?;
        self.frame.class_list().toggle_with_force("pair", pair)?;
        if let (false, Some(canvas)) = (pair, self.frame.query_selector("canvas")?) {
            canvas.remove();
        }
        Ok(())
    }
}

/// Makes the button work.
pub(super) fn listen(app: &Rc<App>) -> Outcome {
    dom::hear(app, &app.reconstruction.button, "click", |clicked, _: Event| {
        let app = Rc::clone(clicked);
        spawn_local(async move {
            match app.reconstruction.toggle() {
                Ok(Some((id, photo))) => app.reconstruct(id, &photo).await,
                Ok(None) => {}
                Err(failure) => app.notices.error(failure.words()),
            }
        });
    })
}

impl App {
    async fn reconstruct(&self, id: u32, photo: &Step) {
        self.notices.clear_error();
        if let Err(failure) = self.ask_for_reconstruction(id, photo).await {
            self.reconstructed(id, Err(failure.into()));
        }
    }

    async fn ask_for_reconstruction(&self, id: u32, photo: &Step) -> Outcome {
        let decoder = self.decoder().await?;
        let (part, photo) = (photo.crop(), self.file(photo).await?);
        let engines = self.engines.borrow();
        let (_, link, _) = engines.active().ok_or_else(|| Failure::new(text::NO_ENGINE_NOW))?;
        link.reconstruct(id, &photo, part, &decoder)
    }

    /// A photo's file. Of a photo of the collection the site may have no more than its thumbnail, which is about as large
    /// as what the encoder looks at.
    pub(super) async fn file(&self, photo: &Step) -> Outcome<Blob> {
        if let Some(file) = photo.file() {
            return Ok(file.clone());
        }
        match &photo.subject {
            Subject::Item(id) => {
                let collection = self.collection.get();
                let address =
                    collection.as_ref().and_then(|collection| Some(collection.picture(collection.item(*id)?)));
                let address = address.ok_or_else(|| Failure::new(text::no_such_photo(&photo.name)))?;
                download::blob(&address).await
            }
            _ => Err(Failure::new(text::CANNOT_ANSWER)),
        }
    }

    /// The decoder's file, fetched when it is wanted first. The engine checks it.
    async fn decoder(&self) -> Outcome<Uint8Array> {
        let file = self.collection.get().and_then(|collection| collection.entry.decoder);
        download::once(&self.reconstruction.decoder, file, Kind::Decoder).await
    }

    /// Shows what an engine has drawn, or why there is nothing to show; the answer stays as it is.
    pub(super) fn reconstructed(&self, id: u32, picture: Result<engine::Reconstruction, String>) {
        if !self.reconstruction.waits_for(id) {
            return;
        }
        let shown = picture.map_err(Failure::new).and_then(|picture| self.reconstruction.show(&picture));
        if let Err(failure) = shown {
            let _ = self.reconstruction.give_up();
            self.notices.error(&text::no_reconstruction(failure.words()));
        }
    }
}

fn canvas(picture: &Pixels, label: &str) -> Outcome<HtmlCanvasElement> {
    let side = u32::from(picture.side());
    let canvas: HtmlCanvasElement = dom::create("canvas", "")?;
    canvas.set_width(side);
    canvas.set_height(side);
    dom::set(&canvas, &[("data-testid", "reconstruction"), ("role", "img"), ("aria-label", label)])?;
    let rgba: Vec<u8> = picture.interleaved().chunks_exact(3).flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 255]).collect();
    let data = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&rgba), side, side)?;
    dom::context(&canvas)?.put_image_data(&data, 0.0, 0.0)?;
    Ok(canvas)
}
