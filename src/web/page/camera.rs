//! Takes a picture with the device's camera, in a dialog. The camera is off whenever the dialog is closed.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    ConstrainDomStringParameters, Event, HtmlButtonElement, HtmlDialogElement, HtmlElement, HtmlVideoElement,
    MediaDevices, MediaStream, MediaStreamConstraints, MediaStreamTrack, MediaTrackConstraints,
};

use super::{
    app::App,
    dom,
    failure::{Failure, Outcome},
    picture, text,
};

/// As wide as a camera may well be; it gives what it has.
const WIDTH: i32 = 1920;

struct Camera {
    app: Rc<App>,
    devices: MediaDevices,
    dialog: HtmlDialogElement,
    video: HtmlVideoElement,
    shutter: HtmlButtonElement,
    switch: HtmlButtonElement,
    stream: RefCell<Option<MediaStream>>,
    /// Counts starts and stops: a stream that comes after the next of them is stopped at once.
    turn: Cell<u32>,
}

/// Offers the camera, where the browser lets pages have one.
pub(super) fn listen(app: &Rc<App>) -> Outcome {
    let devices = dom::property(&dom::window()?.navigator(), "mediaDevices");
    if !dom::property(&devices, "getUserMedia").is_function() {
        return Ok(());
    }
    let camera = Rc::new(Camera::new(app, devices.unchecked_into())?);
    let opener: HtmlElement = dom::by_id("camera")?;
    opener.set_hidden(false);
    camera.on(&opener, "click", Camera::open)?;
    camera.on(&camera.shutter, "click", Camera::take)?;
    camera.on(&camera.switch, "click", Camera::start_next)?;
    camera.on(&camera.video, "playing", Camera::show_live)?;
    camera.on(&camera.dialog, "close", |camera| {
        // It may be open again by now.
        if !camera.dialog.open() {
            camera.stop();
        }
    })?;
    camera.on(&*dom::document()?, "visibilitychange", |camera| {
        if dom::document().is_ok_and(|document| document.hidden()) {
            camera.close();
        }
    })
}

impl Camera {
    fn new(app: &Rc<App>, devices: MediaDevices) -> Outcome<Self> {
        Ok(Self {
            app: Rc::clone(app),
            devices,
            dialog: dom::by_id("camera-dialog")?,
            video: dom::by_id("camera-video")?,
            shutter: dom::by_id("shutter")?,
            switch: dom::by_id("camera-switch")?,
            stream: RefCell::default(),
            turn: Cell::default(),
        })
    }

    fn on(self: &Rc<Self>, target: &web_sys::EventTarget, event: &str, act: fn(&Rc<Self>)) -> Outcome {
        let camera = Rc::clone(self);
        dom::listen(target, event, move |_: Event| act(&camera))
    }

    fn open(self: &Rc<Self>) {
        self.app.notices.clear_error();
        self.switch.set_hidden(true);
        match self.dialog.show_modal() {
            Ok(()) => self.start(None),
            Err(_) => self.app.notices.error(text::CAMERA_GAVE_NOTHING),
        }
    }

    /// Asks for the camera of this id, or for the rear one.
    fn start(self: &Rc<Self>, device: Option<String>) {
        self.stop();
        let (camera, turn) = (Rc::clone(self), self.turn.get());
        spawn_local(async move {
            let stream = stream(&camera.devices, device.as_deref()).await;
            match (stream, camera.turn.get() == turn) {
                (Ok(stream), true) => drop(camera.show(stream).await),
                (Ok(stream), false) => stop(&stream),
                (Err(error), true) => camera.fail(text::no_camera(&dom::name_of(&error))),
                (Err(_), false) => {}
            }
        });
    }

    /// Some devices can't have two cameras on at once: the one before is off by then.
    fn start_next(self: &Rc<Self>) {
        let camera = Rc::clone(self);
        spawn_local(async move {
            let turn = camera.turn.get();
            let present = camera.stream.borrow().as_ref().and_then(device_of);
            let all = cameras(&camera.devices).await.unwrap_or_default();
            if camera.turn.get() == turn {
                let next = all.iter().position(|id| Some(id) == present.as_ref()).map_or(0, |place| place + 1);
                camera.start(all.get(next).or(all.first()).cloned());
            }
        });
    }

    async fn show(self: &Rc<Self>, stream: MediaStream) -> Outcome {
        for track in tracks(&stream) {
            // The camera was unplugged, or taken away in the browser's settings. Stopping it is no such end.
            self.on(&track, "ended", |camera| camera.fail(text::CAMERA_STOPPED))?;
        }
        self.video.set_src_object(Some(&stream));
        self.stream.replace(Some(stream));
        // Browsers tell of all cameras only after one has been allowed.
        let several = cameras(&self.devices).await?.len() > 1;
        self.switch.set_hidden(!several);
        Ok(())
    }

    fn show_live(self: &Rc<Self>) {
        if self.stream.borrow().is_none() {
            return;
        }
        self.set_live(true);
        // Whoever goes through the cameras with the keyboard stays there.
        if !self.switch.matches(":focus").unwrap_or_default() {
            let _ = dom::focus(&self.shutter);
        }
    }

    fn set_live(&self, live: bool) {
        self.shutter.set_disabled(!live);
        let _ = self.dialog.class_list().toggle_with_force("live", live);
    }

    fn take(self: &Rc<Self>) {
        let size = [self.video.video_width(), self.video.video_height()];
        if size.contains(&0) {
            return self.fail(text::CAMERA_GAVE_NOTHING);
        }
        let drawn = picture::draw(size, |context, width, height| {
            context.draw_image_with_html_video_element_and_dw_and_dh(&self.video, 0.0, 0.0, width, height)
        });
        self.close();
        let app = Rc::clone(&self.app);
        spawn_local(async move {
            let taken = match drawn {
                Ok(canvas) => picture::png(&canvas).await,
                Err(failure) => Err(failure),
            };
            match taken {
                Ok(photo) => app.give(photo, text::TAKEN_NAME.to_owned()),
                Err(failure) => app.notices.error(failure.words()),
            }
        });
    }

    /// The dialog covers the notices: it goes first.
    fn fail(&self, sentence: &str) {
        if self.dialog.open() {
            self.close();
            self.app.notices.error(sentence);
        }
    }

    fn close(&self) {
        self.stop();
        self.dialog.close();
    }

    fn stop(&self) {
        self.turn.set(self.turn.get() + 1);
        self.set_live(false);
        // Without its stream first, the video would report that it has ended.
        self.video.set_src_object(None);
        if let Some(stream) = self.stream.take() {
            stop(&stream);
        }
    }
}

async fn stream(devices: &MediaDevices, device: Option<&str>) -> Result<MediaStream, JsValue> {
    // Width and side are wishes: a device that can't fulfil them gives what it has.
    let wishes = MediaTrackConstraints::new();
    wishes.set_width_i32(WIDTH);
    match device {
        Some(id) => wishes.set_device_id_constrain_dom_string_parameters(&exactly(id)),
        None => wishes.set_facing_mode_str("environment"),
    }
    let constraints = MediaStreamConstraints::new();
    constraints.set_video(&wishes);
    JsFuture::from(devices.get_user_media_with_constraints(&constraints)?).await.map(JsCast::unchecked_into)
}

fn exactly(id: &str) -> ConstrainDomStringParameters {
    let parameters = ConstrainDomStringParameters::new();
    parameters.set_exact_str(id);
    parameters
}

fn stop(stream: &MediaStream) {
    for track in tracks(stream) {
        track.stop();
    }
}

fn tracks(stream: &MediaStream) -> impl Iterator<Item = MediaStreamTrack> {
    stream.get_tracks().to_vec().into_iter().map(JsCast::unchecked_into)
}

fn device_of(stream: &MediaStream) -> Option<String> {
    tracks(stream).next()?.get_settings().get_device_id()
}

/// The ids of all cameras.
async fn cameras(devices: &MediaDevices) -> Outcome<Vec<String>> {
    let all = JsFuture::from(devices.enumerate_devices()?).await.map_err(Failure::from)?;
    let word = |device: &JsValue, name| dom::property(device, name).as_string();
    let is_camera = |device: &JsValue| word(device, "kind").as_deref() == Some("videoinput");
    Ok(Array::from(&all).iter().filter(is_camera).filter_map(|device| word(&device, "deviceId")).collect())
}
