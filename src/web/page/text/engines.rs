//! What is fetched, and engines.

use super::{at_start, sentence};
use crate::web::{messages::Stage, page::engines::Kind};

pub(in crate::web::page) fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Engine => "Starting the engine…",
        Stage::Collection => "Reading the collection…",
        Stage::Check => "Checking that this device computes right…",
    }
}

/// `message`: the detail, of a file or of the network.
pub(in crate::web::page) fn no_collection(message: &str) -> String {
    format!("The collection can't be opened: {}", sentence(message))
}

pub(in crate::web::page) fn network(file: &str) -> String {
    format!("{file} could not be loaded. Check the connection, then reload the page.")
}

/// A sample photo that has not been here before.
pub(in crate::web::page) fn no_sample(name: &str) -> String {
    format!("{name} could not be loaded. Check the connection and choose it again, or give a photo of your own.")
}

pub(in crate::web::page) fn host_refuses(file: &str, status: u16) -> String {
    format!("{file} could not be loaded: the host answered with status {status}. Reload the page later.")
}

pub(in crate::web::page) fn unknown_device(value: &str) -> String {
    format!("“{value}” is no device; auto, webgpu and cpu are. The page chooses by itself.")
}

fn engine_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Cpu => "the processor's engine",
        Kind::WebGpu => "WebGPU",
    }
}

pub(in crate::web::page) fn engine_not_loaded(kind: Kind) -> String {
    let program = kind.program();
    format!("its program, {program}, could not be loaded; check the connection and reload, or try a newer browser")
}

pub(in crate::web::page) fn engine_stopped(kind: Kind, words: &str) -> String {
    format!("{} has stopped ({words})", engine_name(kind))
}

/// `folder`: what else computes where it is a folder's photos.
pub(in crate::web::page) fn devices(device: &str, folder: Option<&str>, webgpu_is_slower: bool) -> String {
    match folder {
        Some(folder) => format!("{device}; a folder of yours on {folder}"),
        None if webgpu_is_slower => format!("{device}; WebGPU is slower here"),
        None => device.to_owned(),
    }
}

pub(in crate::web::page) fn falls_back(message: &str) -> String {
    format!("WebGPU can't be used here, the processor computes instead: {}", sentence(message))
}

/// Of an engine that has been asked and stays silent.
pub(in crate::web::page) const HUNG: &str = "it says nothing any more";

pub(in crate::web::page) const COMPUTES_RIGHT: &str =
    "This device computes right: known photos came out as they should.";

pub(in crate::web::page) fn no_engine(message: &str) -> String {
    format!("The page can't compute: {}", sentence(message))
}

pub(in crate::web::page) fn engine_restarts(photo: Option<&str>, message: &str) -> String {
    match photo {
        Some(name) => {
            let name = at_start(name);
            format!("{name} was too much for the engine, which starts again. Try another photo. ({message})")
        }
        None => format!("The engine starts again: {}", sentence(message)),
    }
}
