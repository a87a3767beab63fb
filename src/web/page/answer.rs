//! Shows an answer: the photo, its groups, the most similar photos.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use web_sys::{HtmlElement, HtmlImageElement, Url};

use super::{
    collection::Collection,
    dom,
    failure::{Failure, Outcome},
    results::Results,
    text,
    trail::{Step, Subject},
};
use crate::engine::Answer;

pub(super) struct AnswerView {
    frame: HtmlElement,
    name: HtmlElement,
    decoded_by: HtmlElement,
    cluster: HtmlElement,
    density_group: HtmlElement,
    time: HtmlElement,
    results: Results,
    /// What is on the screen, and the addresses of the visitor's photos there; they hold the files' memory.
    shown: RefCell<Option<Step>>,
    photo_urls: RefCell<Vec<String>>,
    answered: Cell<u32>,
}

impl AnswerView {
    pub(super) fn new() -> Outcome<Self> {
        Ok(Self {
            frame: dom::by_id("your-frame")?,
            name: dom::by_id("photo-name")?,
            decoded_by: dom::by_id("decoded-by")?,
            cluster: dom::by_id("cluster")?,
            density_group: dom::by_id("density-group")?,
            time: dom::by_id("time")?,
            results: Results::new()?,
            shown: RefCell::default(),
            photo_urls: RefCell::default(),
            answered: Cell::new(0),
        })
    }

    pub(super) fn results(&self) -> &Results {
        &self.results
    }

    /// `time`: in milliseconds, and in words.
    pub(super) fn show(
        &self,
        photo: &Step,
        answer: &Answer,
        collection: &Rc<Collection>,
        time: (f32, &str),
    ) -> Outcome {
        let before = self.shown.replace(Some(photo.clone()));
        // A photo stays where it is while a box is dragged over it.
        let stays = before.is_some_and(|before| photo.is_same(&before) || photo.adjusts(&before));
        if !stays {
            self.show_photo(photo, collection)?;
        }
        self.name.set_text_content(Some(&photo.name));
        dom::hint(&self.name, photo.file_name())?;
        self.show_groups(answer, collection)?;
        self.time.set_text_content(Some(time.1));
        self.results.show(answer, collection)?;
        if !stays {
            self.reveal()?;
        }
        self.publish(answer, time.0)
    }

    /// The same answer from more photos.
    pub(super) fn improve(&self, answer: &Answer, collection: &Rc<Collection>, with_results: bool) -> Outcome {
        self.show_groups(answer, collection)?;
        if with_results { self.results.improve(answer, collection) } else { Ok(()) }
    }

    /// Where the photo in the frame is.
    pub(super) fn photo_address(&self) -> Option<String> {
        dom::within::<HtmlImageElement>(&self.frame, "img").ok().map(|image| image.src())
    }

    /// Scrolls to an answer whose photo is out of sight; the status line comes to the top.
    fn reveal(&self) -> Outcome {
        let height = dom::window()?.inner_height()?.as_f64().unwrap_or(f64::INFINITY);
        let top = self.frame.get_bounding_client_rect().top();
        if top < 0.0 || top > height / 2.0 {
            dom::by_id::<HtmlElement>("state")?.scroll_into_view();
        }
        Ok(())
    }

    fn show_photo(&self, photo: &Step, collection: &Collection) -> Outcome {
        let old = self.photo_urls.take();
        self.frame.set_text_content(None);
        let photos = photo.photos();
        for photo in &photos {
            let image: HtmlImageElement = dom::create("img", "")?;
            image.set_attribute("alt", &photo.name)?;
            image.set_src(&self.picture_of(photo, collection)?);
            self.frame.append_child(&image)?;
        }
        self.frame.class_list().toggle_with_force("many", photos.len() > 1)?;
        self.decoded_by.set_hidden(!photos.iter().any(|photo| photo.by_browser));
        for url in &old {
            Url::revoke_object_url(url)?;
        }
        Ok(())
    }

    /// Where the browser finds a photo; the address of a file is kept as long as it is on the screen.
    fn picture_of(&self, photo: &Step, collection: &Collection) -> Outcome<String> {
        match photo.subject {
            Subject::Item(id) => {
                let item = collection.item(id).ok_or_else(|| Failure::new(text::no_such_photo(&photo.name)))?;
                Ok(Collection::thumbnail(item))
            }
            _ => {
                let file = photo.file().ok_or_else(|| Failure::new(text::no_such_photo(&photo.name)))?;
                let url = Url::create_object_url_with_blob(file)?;
                self.photo_urls.borrow_mut().push(url.clone());
                Ok(url)
            }
        }
    }

    fn show_groups(&self, answer: &Answer, collection: &Collection) -> Outcome {
        let clusters = &collection.entry.clusters;
        let size = clusters.get(answer.cluster as usize).map_or(0, |cluster| cluster.size);
        let words = dom::labelled("span", "", &text::cluster(answer.cluster, clusters.len(), size))?;
        self.cluster.replace_children_with_node_2(&*dom::chip(answer.cluster)?, &words);
        self.cluster.set_attribute("data-cluster", &answer.cluster.to_string())?;
        let (words, data) = match answer.density_group {
            Some(id) => (text::density_group(id, collection.entry.density.groups), id.to_string()),
            None => (text::NOISE.to_owned(), "noise".to_owned()),
        };
        self.density_group.set_text_content(Some(&words));
        Ok(self.density_group.set_attribute("data-group", &data)?)
    }

    /// The numbers behind the picture, for tests and for the curious.
    fn publish(&self, answer: &Answer, milliseconds: f32) -> Outcome {
        let embedding: Vec<String> = answer.embedding.iter().map(|&x| dom::number(x)).collect();
        let list = self.results.list();
        self.answered.set(self.answered.get() + 1);
        match answer.pixels_hash {
            Some(hash) => list.set_attribute("data-pixels", &format!("{hash:016x}"))?,
            None => list.remove_attribute("data-pixels")?,
        }
        list.set_attribute("data-embedding", &embedding.join(","))?;
        list.set_attribute("data-milliseconds", &dom::number(milliseconds))?;
        // Last: who waits for this number finds all the others in place.
        Ok(list.set_attribute("data-query", &self.answered.get().to_string())?)
    }
}
