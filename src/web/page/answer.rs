//! Shows an answer: the visitor's photo, its groups, the most similar photos.

use std::cell::{Cell, RefCell};

use web_sys::{Blob, HtmlElement, HtmlImageElement, Url};

use super::{collection::Collection, dom, failure::Outcome, questions::Question, text};
use crate::{engine::Answer, gallery::Item, search::Neighbor};

pub(super) struct AnswerView {
    frame: HtmlElement,
    cluster: HtmlElement,
    density_group: HtmlElement,
    time: HtmlElement,
    results: HtmlElement,
    /// The address of the photo on the screen; it holds the file's memory.
    photo_url: RefCell<Option<String>>,
    answered: Cell<u32>,
}

impl AnswerView {
    pub(super) fn new() -> Outcome<Self> {
        Ok(Self {
            frame: dom::by_id("your-frame")?,
            cluster: dom::by_id("cluster")?,
            density_group: dom::by_id("density-group")?,
            time: dom::by_id("time")?,
            results: dom::by_id("results")?,
            photo_url: RefCell::default(),
            answered: Cell::new(0),
        })
    }

    /// `time`: in milliseconds, and in words.
    pub(super) fn show(
        &self,
        question: &Question,
        answer: &Answer,
        collection: &Collection,
        time: (f32, &str),
    ) -> Outcome {
        self.show_photo(&question.photo, &question.name)?;
        self.show_groups(answer, collection)?;
        self.time.set_text_content(Some(time.1));
        self.results.replace_children_with_node(&js_sys::Array::new());
        for neighbor in &answer.neighbors {
            if let Some(item) = collection.item(neighbor.id) {
                self.results.append_child(&*tile(neighbor, item)?)?;
            }
        }
        self.reveal()?;
        self.publish(answer, time.0)
    }

    /// Scrolls to an answer that lies below the fold; the status line comes to the top.
    fn reveal(&self) -> Outcome {
        let height = dom::window()?.inner_height()?.as_f64().unwrap_or(f64::INFINITY);
        if self.frame.get_bounding_client_rect().top() > height / 2.0 {
            dom::by_id::<HtmlElement>("state")?.scroll_into_view();
        }
        Ok(())
    }

    fn show_photo(&self, photo: &Blob, name: &str) -> Outcome {
        let url = Url::create_object_url_with_blob(photo)?;
        let image: HtmlImageElement = dom::create("img", "")?;
        image.set_alt(name);
        image.set_src(&url);
        self.frame.replace_children_with_node_1(&image);
        if let Some(old) = self.photo_url.replace(Some(url)) {
            Url::revoke_object_url(&old)?;
        }
        Ok(())
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
        let embedding: Vec<String> = answer.embedding.iter().map(f32::to_string).collect();
        self.answered.set(self.answered.get() + 1);
        self.results.set_attribute("data-pixels", &format!("{:016x}", answer.pixels_hash))?;
        self.results.set_attribute("data-embedding", &embedding.join(","))?;
        self.results.set_attribute("data-milliseconds", &milliseconds.to_string())?;
        // Last: who waits for this number finds all the others in place.
        Ok(self.results.set_attribute("data-query", &self.answered.get().to_string())?)
    }
}

fn tile(neighbor: &Neighbor, item: &Item) -> Outcome<HtmlElement> {
    let tile: HtmlElement = dom::create("li", "result")?;
    tile.set_attribute("data-testid", "result")?;
    tile.set_attribute("data-path", &item.path)?;
    tile.set_attribute("data-similarity", &neighbor.similarity.to_string())?;
    let image: HtmlImageElement = dom::create("img", "")?;
    let [width, height] = item.thumb_size;
    image.set_width(width.into());
    image.set_height(height.into());
    image.set_alt(""); // its path stands beside it
    image.set_src(&Collection::thumbnail(item));
    let about: HtmlElement = dom::create("div", "about")?;
    let similarity: HtmlElement = dom::create("div", "similarity")?;
    let number = dom::labelled("span", "", &format!("{:.3}", neighbor.similarity))?;
    similarity.append_with_node_2(&*dom::chip(item.cluster)?, &number)?;
    let path = dom::labelled("div", "path", &item.path)?;
    path.set_title(&item.path);
    about.append_with_node_2(&similarity, &path)?;
    tile.append_with_node_2(&image, &about)?;
    Ok(tile)
}
