//! Which engines there are, and which of them computes.

use web_sys::UrlSearchParams;

use super::{dom, failure::Outcome, link::Link, notices::Notices, text};
use crate::web::messages::EngineReport;

/// WebGPU does not do what takes it longer than so many times what it takes the processor.
const SLOWER: f32 = 2.0;

/// What is to be done: each may have an engine of its own.
#[derive(Debug, Clone, Copy)]
enum Work {
    Photo,
    Folder,
}

impl Work {
    fn is_slower(self, webgpu: &EngineReport, cpu: &EngineReport) -> bool {
        let [webgpu, cpu] = [webgpu, cpu].map(|report| report.milliseconds[self as usize]);
        webgpu > SLOWER * cpu
    }
}

/// An engine that is open.
type Open<'a> = (Kind, &'a Link, &'a EngineReport);

/// The engines by what they compute on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Cpu,
    WebGpu,
}

impl Kind {
    /// The name of its program.
    pub(super) fn program(self) -> &'static str {
        match self {
            Self::Cpu => "worker_cpu",
            Self::WebGpu => "worker_webgpu",
        }
    }
}

/// What the visitor wants, `?device=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// The processor at once, WebGPU as soon as it is there.
    Auto,
    Only(Kind),
}

impl Choice {
    /// `None`: a word that means nothing.
    fn parse(word: &str) -> Option<Self> {
        match word {
            "auto" => Some(Self::Auto),
            "cpu" => Some(Self::Only(Kind::Cpu)),
            "webgpu" => Some(Self::Only(Kind::WebGpu)),
            _ => None,
        }
    }

    /// What the page's address says; an unknown word is told and means auto.
    pub(super) fn from_address(notices: &Notices) -> Outcome<Self> {
        let query = dom::window()?.location().search()?;
        let Some(word) = UrlSearchParams::new_with_str(&query)?.get("device") else { return Ok(Self::Auto) };
        Ok(Self::parse(&word).unwrap_or_else(|| {
            notices.note(&text::unknown_device(&word));
            Self::Auto
        }))
    }

    /// The engine to begin with.
    pub(super) fn first(self) -> Kind {
        match self {
            Self::Auto => Kind::Cpu,
            Self::Only(kind) => kind,
        }
    }
}

/// How far an engine is.
enum Stage {
    /// Its program is on the way.
    Loading,
    /// It listens.
    Started,
    /// It has been given the files.
    /// `true`: files that are no longer the present ones.
    Opening(bool),
    /// It has been checked and can be asked.
    Open(EngineReport),
}

struct Engine {
    /// Tells this engine from one of the same kind that has been given up.
    serial: u32,
    link: Link,
    stage: Stage,
}

#[derive(Default)]
pub(super) struct Engines {
    last_serial: u32,
    cpu: Option<Engine>,
    webgpu: Option<Engine>,
    /// WebGPU was ended, because it was slower at everything.
    was_slower: bool,
}

impl Engines {
    /// The serial number for the next engine.
    pub(super) fn next_serial(&mut self) -> u32 {
        self.last_serial += 1;
        self.last_serial
    }

    pub(super) fn add(&mut self, kind: Kind, serial: u32, link: Link) {
        *self.slot(kind) = Some(Engine { serial, link, stage: Stage::Loading });
    }

    /// Whether this is an engine still in use.
    pub(super) fn is_current(&mut self, kind: Kind, serial: u32) -> bool {
        self.slot(kind).as_ref().is_some_and(|engine| engine.serial == serial)
    }

    pub(super) fn is_absent(&mut self, kind: Kind) -> bool {
        self.slot(kind).is_none()
    }

    pub(super) fn is_open(&mut self, kind: Kind) -> bool {
        matches!(self.slot(kind), Some(Engine { stage: Stage::Open(_), .. }))
    }

    pub(super) fn started(&mut self, kind: Kind) {
        if let Some(engine) = self.slot(kind) {
            engine.stage = Stage::Started;
        }
    }

    /// The engines that listen and have not been given the files; they count as opening from now on.
    pub(super) fn take_started(&mut self) -> Vec<&Link> {
        let engines = [&mut self.cpu, &mut self.webgpu].into_iter().flatten();
        let started = engines.filter(|engine| matches!(engine.stage, Stage::Started));
        started
            .map(|engine| {
                engine.stage = Stage::Opening(false);
                &engine.link
            })
            .collect()
    }

    /// `false`: with files that are no longer the present ones; it counts as started.
    pub(super) fn opened(&mut self, kind: Kind, report: EngineReport) -> bool {
        let Some(engine) = self.slot(kind) else { return false };
        let stale = matches!(engine.stage, Stage::Opening(true));
        engine.link.set_pace(report.milliseconds[0]);
        engine.stage = if stale { Stage::Started } else { Stage::Open(report) };
        !stale
    }

    /// Whether an engine is on its way to being open.
    pub(super) fn is_one_coming(&self) -> bool {
        [&self.cpu, &self.webgpu].into_iter().flatten().any(|engine| !matches!(engine.stage, Stage::Open(_)))
    }

    /// Whether an engine is open, or on its way.
    pub(super) fn is_any(&self) -> bool {
        self.cpu.is_some() || self.webgpu.is_some()
    }

    /// The device of an engine that is open.
    pub(super) fn device(&mut self, kind: Kind) -> Option<String> {
        match self.slot(kind) {
            Some(Engine { stage: Stage::Open(report), .. }) => Some(report.device.clone()),
            _ => None,
        }
    }

    /// Ends WebGPU where it is much slower than the processor at everything.
    pub(super) fn end_slower(&mut self, webgpu: &EngineReport) -> bool {
        let Some(Engine { stage: Stage::Open(cpu), .. }) = &self.cpu else { return false };
        self.was_slower = [Work::Photo, Work::Folder].iter().all(|work| work.is_slower(webgpu, cpu));
        if self.was_slower {
            self.webgpu = None;
        }
        self.was_slower
    }

    /// What computes, for people; `None`: nothing yet.
    pub(super) fn devices(&self) -> Option<String> {
        let (kind, _, report) = self.active()?;
        let other = self.for_folder().filter(|folder| folder.0 != kind).map(|(_, _, report)| report.device.as_str());
        Some(text::devices(&report.device, other, self.was_slower))
    }

    /// All open engines count as started: they are given the present files again. Their reports come again, too.
    pub(super) fn reopen(&mut self) {
        for engine in [&mut self.cpu, &mut self.webgpu].into_iter().flatten() {
            match engine.stage {
                Stage::Open(_) => engine.stage = Stage::Started,
                Stage::Opening(_) => engine.stage = Stage::Opening(true),
                _ => {}
            }
        }
    }

    /// The engines that can be asked.
    pub(super) fn open_links(&self) -> impl Iterator<Item = &Link> {
        let engines = [&self.cpu, &self.webgpu].into_iter().flatten();
        engines.filter(|engine| matches!(engine.stage, Stage::Open(_))).map(|engine| &engine.link)
    }

    /// An engine, however far it is.
    pub(super) fn link(&self, kind: Kind) -> Option<&Link> {
        let engine = if kind == Kind::Cpu { &self.cpu } else { &self.webgpu };
        engine.as_ref().map(|engine| &engine.link)
    }

    /// Ends an engine.
    pub(super) fn remove(&mut self, kind: Kind) {
        *self.slot(kind) = None;
    }

    /// The engine that computes: WebGPU where it is open, unless it is much slower than the processor.
    pub(super) fn active(&self) -> Option<Open<'_>> {
        self.best(Work::Photo)
    }

    /// The engine for a folder.
    pub(super) fn for_folder(&self) -> Option<Open<'_>> {
        self.best(Work::Folder)
    }

    fn best(&self, work: Work) -> Option<Open<'_>> {
        let [webgpu, cpu] = [(Kind::WebGpu, &self.webgpu), (Kind::Cpu, &self.cpu)].map(|(kind, engine)| match engine {
            Some(Engine { link, stage: Stage::Open(report), .. }) => Some((kind, link, report)),
            _ => None,
        });
        webgpu.filter(|webgpu| !cpu.is_some_and(|cpu| work.is_slower(webgpu.2, cpu.2))).or(cpu)
    }

    fn slot(&mut self, kind: Kind) -> &mut Option<Engine> {
        match kind {
            Kind::Cpu => &mut self.cpu,
            Kind::WebGpu => &mut self.webgpu,
        }
    }
}
