//! A static host that remembers every request, and can spoil an answer.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Result, ensure};
use axum::{
    Router,
    body::Bytes,
    extract::Request,
    http::{
        Method, StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING},
    },
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use tokio::runtime::Runtime;
use tower_http::services::ServeDir;

use crate::line::Line;

/// How to spoil the answer for a file whose path holds a word.
#[derive(Debug, Clone)]
pub struct Fault {
    /// The word.
    pub file: &'static str,
    /// What is sent instead; `None`: 404.
    pub body: Option<Vec<u8>>,
}

/// A request, as far as it is remembered.
#[derive(Debug, Clone)]
struct Asked {
    path: String,
    /// The method, if it was not GET or if something was sent along.
    sent: Option<String>,
}

/// Files under a folder of this name take a minute.
pub const SLOW: &str = "/slow/";

/// A host; it stops when it is dropped.
pub struct Server {
    /// `http://127.0.0.1:PORT/PREFIX/`.
    pub address: String,
    requests: Arc<Mutex<Vec<Asked>>>,
    _runtime: Runtime,
}

impl Server {
    /// Serves a folder under a prefix such as `some/path`.
    ///
    /// # Errors
    /// A port that can't be opened.
    pub fn start(folder: &Path, prefix: &str, fault: Option<Fault>) -> Result<Self> {
        Self::serve(folder, prefix, fault, None, 0)
    }

    /// Serves a folder over a line.
    ///
    /// # Errors
    /// A port that can't be opened.
    pub fn over(folder: &Path, line: &Line) -> Result<Self> {
        Self::serve(folder, "", None, Some(line.clone()), 0)
    }

    /// Serves a folder over a line, at the address of a host that is gone.
    ///
    /// # Errors
    /// An address without a port, or a port that can't be opened.
    pub fn over_at(folder: &Path, line: &Line, address: &str) -> Result<Self> {
        let port = address.trim_end_matches('/').rsplit(':').next().unwrap_or_default().parse()?;
        Self::serve(folder, "", None, Some(line.clone()), port)
    }

    fn serve(folder: &Path, prefix: &str, fault: Option<Fault>, line: Option<Line>, port: u16) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let requests = Arc::new(Mutex::new(Vec::new()));
        let listener = runtime.block_on(tokio::net::TcpListener::bind(("127.0.0.1", port)))?;
        let port = listener.local_addr()?.port();
        let (folder, log) = (PathBuf::from(folder), requests.clone());
        let watch = from_fn(move |request: Request, next: Next| watched(request, next, log.clone(), fault.clone()));
        let files = ServeDir::new(folder);
        let app = match prefix {
            "" => Router::new().fallback_service(files),
            _ => Router::new().nest_service(&format!("/{prefix}"), files),
        };
        let app = match line {
            Some(line) => app.layer(from_fn(move |request, next| line.clone().carry(request, next))),
            None => app,
        };
        runtime.spawn(async move { axum::serve(listener, app.layer(watch)).await });
        let slash = if prefix.is_empty() { "" } else { "/" };
        Ok(Self { address: format!("http://127.0.0.1:{port}/{prefix}{slash}"), requests, _runtime: runtime })
    }

    /// Serves the demo site.
    ///
    /// # Errors
    /// A site that is not built, or a port that can't be opened.
    pub fn demo(fault: Option<Fault>) -> Result<Self> {
        let site = crate::demo_site();
        let shown = site.display();
        ensure!(site.join("index.html").exists(), "{shown} is no site: `cargo xtask demo --no-serve` builds it");
        Self::start(&site, "", fault)
    }

    /// The paths asked for so far.
    pub fn requests(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.path).collect()
    }

    /// The requests that were not GET, or had a body: `METHOD PATH`.
    pub fn sent(&self) -> Vec<String> {
        self.asked().into_iter().filter_map(|asked| Some(format!("{} {}", asked.sent?, asked.path))).collect()
    }

    fn asked(&self) -> Vec<Asked> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn watched(request: Request, next: Next, log: Arc<Mutex<Vec<Asked>>>, fault: Option<Fault>) -> Response {
    let path = request.uri().path().to_owned();
    let body = [CONTENT_LENGTH, TRANSFER_ENCODING].iter().any(|header| request.headers().contains_key(header));
    let sent = (body || request.method() != Method::GET).then(|| request.method().to_string());
    log.lock().unwrap_or_else(PoisonError::into_inner).push(Asked { path: path.clone(), sent });
    if path.contains(SLOW) {
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    match fault.filter(|fault| path.contains(fault.file)) {
        // A browser starts nothing that is not called a script.
        Some(Fault { body: Some(body), .. }) if path.ends_with(".js") => {
            ([(CONTENT_TYPE, "text/javascript")], body).into_response()
        }
        Some(Fault { body: Some(body), .. }) => Bytes::from(body).into_response(),
        Some(Fault { body: None, .. }) => StatusCode::NOT_FOUND.into_response(),
        None => next.run(request).await,
    }
}
