//! A static host that keeps what a page makes, and lets the page's clock be fine.

use std::path::{Path, PathBuf};

use anyhow::Result;
use axum::{
    Router,
    body::to_bytes,
    extract::Request,
    http::{HeaderName, HeaderValue, Method, StatusCode},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use tokio::runtime::Runtime;
use tower_http::services::ServeDir;

/// With these a browser tells 5 µs apart, not 100. No program here needs them otherwise.
const FINE_CLOCK: [(&str, &str); 2] =
    [("cross-origin-opener-policy", "same-origin"), ("cross-origin-embedder-policy", "require-corp")];

/// A host; it stops when it is dropped.
pub(super) struct Host {
    /// `http://127.0.0.1:PORT/`.
    pub(super) address: String,
    _runtime: Runtime,
}

impl Host {
    /// Serves a folder, and writes into it what is PUT there.
    pub(super) fn start(folder: &Path) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
        let address = format!("http://{}/", listener.local_addr()?);
        let kept = folder.to_owned();
        let app = Router::new()
            .fallback_service(ServeDir::new(folder))
            .layer(from_fn(move |request, next| answer(request, next, kept.clone())));
        runtime.spawn(async move { axum::serve(listener, app).await });
        Ok(Self { address, _runtime: runtime })
    }
}

async fn answer(request: Request, next: Next, folder: PathBuf) -> Response {
    if request.method() == Method::PUT {
        return keep(request, &folder)
            .await
            .map_or(StatusCode::INTERNAL_SERVER_ERROR, |()| StatusCode::OK)
            .into_response();
    }
    let mut answer = next.run(request).await;
    for (name, value) in FINE_CLOCK {
        answer.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    answer
}

async fn keep(request: Request, folder: &Path) -> Result<()> {
    let path = folder.join(request.uri().path().trim_start_matches('/'));
    let bytes = to_bytes(request.into_body(), usize::MAX).await?;
    Ok(std::fs::write(path, bytes)?)
}
