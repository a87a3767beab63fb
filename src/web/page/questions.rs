//! One question at a time; while it runs only the newest photo waits.

use super::{
    engines::Kind,
    trail::{Step, Trail},
};

/// A photo to look at, and the way to it.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) trail: Trail,
    pub(super) entry: Entry,
}

/// What an answer means to the browser's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// It gets an entry.
    New,
    /// The visitor has come to it through its entry.
    There,
    /// None: the visitor still drags what it goes by.
    Passing,
}

impl Question {
    pub(super) fn new(trail: Trail) -> Self {
        Self { trail, entry: Entry::New }
    }

    /// The photo on the screen in another measure. `settled`: for now the visitor is content with it.
    pub(super) fn adjusting(trail: Trail, settled: bool) -> Self {
        Self { trail, entry: if settled { Entry::New } else { Entry::Passing } }
    }

    /// The photo.
    pub(super) fn step(&self) -> &Step {
        self.trail.last()
    }

    /// What the visitor knows the photo by.
    pub(super) fn name(&self) -> &str {
        &self.step().name
    }
}

struct Running {
    id: u32,
    engine: Kind,
    question: Question,
}

#[derive(Default)]
pub(super) struct Questions {
    last_id: u32,
    running: Option<Running>,
    waiting: Option<Question>,
}

impl Questions {
    /// Nobody waits for an answer any more.
    pub(super) fn clear(&mut self) {
        (self.running, self.waiting) = (None, None);
    }

    /// Whether no photo is being looked at or waits.
    pub(super) fn is_idle(&self) -> bool {
        self.running.is_none() && self.waiting.is_none()
    }

    /// The running question, if it has this id and nobody has asked another since.
    pub(super) fn running(&self, id: u32) -> Option<&Question> {
        self.running.as_ref().filter(|running| running.id == id).map(|running| &running.question)
    }

    /// Takes the place of any photo that still waits.
    pub(super) fn push(&mut self, question: Question) {
        self.waiting = Some(question);
    }

    /// The question to ask this engine now, with a fresh id; `None` while one runs or none waits.
    pub(super) fn start(&mut self, engine: Kind) -> Option<(u32, Question)> {
        if self.running.is_some() {
            return None;
        }
        let question = self.waiting.take()?;
        self.last_id += 1;
        self.running = Some(Running { id: self.last_id, engine, question: question.clone() });
        Some((self.last_id, question))
    }

    /// The running question has been dealt with. `None` if nobody waits for it any more: a newer photo is there,
    /// or the answer comes from an engine that has been given up. While a box is dragged over one photo, a newer box
    /// waits nearly always, and the answers in between are wanted, too.
    pub(super) fn finish(&mut self, id: u32) -> Option<Question> {
        let Question { trail, entry } = self.running.take_if(|running| running.id == id)?.question;
        match &self.waiting {
            Some(newer) if newer.step().adjusts(trail.last()) => Some(Question { trail, entry: Entry::Passing }),
            Some(_) => None,
            None => Some(Question { trail, entry }),
        }
    }

    /// Whether an engine has the running question.
    pub(super) fn is_with(&self, engine: Kind) -> bool {
        self.running.as_ref().is_some_and(|running| running.engine == engine)
    }

    /// An engine has failed: if it had the running question, that waits again, unless a newer photo does.
    pub(super) fn again(&mut self, engine: Kind) {
        if let Some(question) = self.give_up(engine) {
            self.waiting.get_or_insert(question);
        }
    }

    /// An engine has failed, and the photo it had may be the reason: that is given up.
    pub(super) fn give_up(&mut self, engine: Kind) -> Option<Question> {
        self.running.take_if(|running| running.engine == engine).map(|running| running.question)
    }
}
