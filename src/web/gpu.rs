//! Which WebGPU adapter the browser offers. By name, because web-sys holds WebGPU for unstable.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::js;

/// What a browser tells about an adapter.
#[derive(Debug, Clone)]
pub struct Adapter {
    /// For people: `nvidia, ada`; may be empty.
    pub name: String,
    /// A processor that pretends to be a GPU: slower than computing on the processor at once.
    pub software: bool,
}

/// Asks for the adapter that burn will ask for as well; `None` without WebGPU or without an adapter.
pub async fn adapter() -> Option<Adapter> {
    let navigator = get(&js_sys::global(), "navigator")?;
    let gpu = get(&navigator, "gpu")?;
    let options = Object::new();
    Reflect::set(&options, &"powerPreference".into(), &"high-performance".into()).ok()?;
    let request: Function = get(&gpu, "requestAdapter")?.dyn_into().ok()?;
    let promise: Promise = request.call1(&gpu, &options).ok()?.dyn_into().ok()?;
    let adapter = JsFuture::from(promise).await.ok().filter(|adapter| adapter.is_object())?;
    Some(describe(&adapter))
}

fn describe(adapter: &JsValue) -> Adapter {
    let info = get(adapter, "info").unwrap_or(JsValue::UNDEFINED);
    let word = |name: &str| get(&info, name).and_then(|v| v.as_string()).filter(|s| !s.is_empty());
    let name = [word("vendor"), word("architecture")].into_iter().flatten().collect::<Vec<_>>().join(", ");
    // Older browsers carry the flag on the adapter, newer ones in its info.
    let fallback = [adapter, &info].into_iter().any(|o| get(o, "isFallbackAdapter").is_some_and(|v| v.is_truthy()));
    let software =
        fallback || ["swiftshader", "llvmpipe", "warp"].iter().any(|known| name.to_ascii_lowercase().contains(known));
    Adapter { name, software }
}

fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    Some(js::property(object, name)).filter(|value| !value.is_undefined() && !value.is_null())
}
