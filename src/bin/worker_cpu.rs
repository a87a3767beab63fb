//! The engine on the processor, in a worker of the page.

#[cfg(target_arch = "wasm32")]
fn main() {
    lookalike::web::worker::start(lookalike::web::backend::Backend::Cpu);
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This program is a part of the page; `trunk build` builds it for wasm32-unknown-unknown.");
}
