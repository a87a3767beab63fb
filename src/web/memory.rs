//! What a worker keeps of the photos that it has seen, so that a box is followed quickly and a weight costs no encoding.

use std::{collections::VecDeque, rc::Rc};

use super::messages::Given;
use crate::{embedding::Embedding, photo::Photo};

/// Each is 64 numbers: a photo, or a box that has been dragged over it.
const EMBEDDINGS: usize = 256;

/// What was computed of a photo or a part of one.
#[derive(Clone)]
pub(super) struct Seen {
    pub(super) embedding: Embedding,
    pub(super) pixels_hash: u64,
}

/// One decoded photo at most, the one that a box is on: a large one is 300 MB.
#[derive(Default)]
pub(super) struct Memory {
    photo: Option<(u32, Rc<Photo>)>,
    seen: VecDeque<(Given, Seen)>,
}

impl Memory {
    /// The decoded photo, if it is this one; any other is forgotten, before the next is decoded.
    pub(super) fn photo(&mut self, key: u32) -> Option<Rc<Photo>> {
        self.photo.take_if(|(kept, _)| *kept != key);
        self.photo.as_ref().map(|(_, photo)| Rc::clone(photo))
    }

    pub(super) fn keep(&mut self, key: u32, photo: &Rc<Photo>) {
        self.photo = Some((key, Rc::clone(photo)));
    }

    pub(super) fn seen(&self, photo: Given) -> Option<Seen> {
        self.seen.iter().find(|(given, _)| *given == photo).map(|(_, seen)| seen.clone())
    }

    /// The oldest is forgotten when there are too many.
    pub(super) fn remember(&mut self, photo: Given, seen: &Seen) {
        if self.seen(photo).is_none() {
            if self.seen.len() == EMBEDDINGS {
                self.seen.pop_front();
            }
            self.seen.push_back((photo, seen.clone()));
        }
    }
}
