//! What the page works with at present, once it is there; something else can take its place.

use std::{cell::RefCell, rc::Rc};

pub(super) struct Current<T>(RefCell<Option<Rc<T>>>);

impl<T> Default for Current<T> {
    fn default() -> Self {
        Self(RefCell::new(None))
    }
}

impl<T> Current<T> {
    pub(super) fn get(&self) -> Option<Rc<T>> {
        self.0.borrow().clone()
    }

    pub(super) fn set(&self, value: Rc<T>) {
        self.0.replace(Some(value));
    }
}
