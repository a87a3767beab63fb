//! `lookalike serve`.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};
use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use percent_encoding::percent_decode_str;
use tokio::net::TcpListener;
use tower_http::services::ServeDir;

use super::Outcome;
use crate::{cli::Serve, progress::say, site};

pub(super) fn run(options: &Serve) -> Result<Outcome> {
    // Refuses a folder that is no site before it opens a port.
    site::files(&options.site)?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(options))
}

async fn serve(options: &Serve) -> Result<Outcome> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("port {} can't be used; another program may have it: try --port 0", options.port))?;
    say(format!("http://{} shows {} · Ctrl-C stops", listener.local_addr()?, options.site.display()));
    let site: Arc<Path> = options.site.canonicalize()?.into();
    let app = Router::new()
        .fallback_service(ServeDir::new(&site))
        .layer(middleware::from_fn_with_state(site, inside))
        .layer(middleware::from_fn(from_here));
    axum::serve(listener, app).with_graceful_shutdown(stopped()).await?;
    Ok(Outcome::Done)
}

/// Waits for Ctrl-C.
async fn stopped() {
    while !crate::interrupt::asked() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Answers those alone who ask for this machine by a name of its own: any page on the web can give its own name this address,
/// and would then read the site as if it were its own (DNS rebinding).
async fn from_here(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let is_ours = host.or_else(|| request.uri().authority().map(|authority| authority.as_str())).is_some_and(is_here);
    if !is_ours {
        return (StatusCode::FORBIDDEN, "lookalike serve answers for 127.0.0.1 and localhost alone\n").into_response();
    }
    if !request.uri().path().starts_with('/') {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let mut response = next.run(request).await;
    // A file is what its type says, whatever is in it.
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn is_here(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|own| name.eq_ignore_ascii_case(own))
}

/// Does not follow links out of the site. That no path leads out of it is [`ServeDir`]'s part.
async fn inside(State(site): State<Arc<Path>>, request: Request, next: Next) -> Response {
    if leads_out(&site, request.uri().path()) {
        return StatusCode::NOT_FOUND.into_response();
    }
    next.run(request).await
}

fn leads_out(site: &Path, path: &str) -> bool {
    let decoded = percent_decode_str(path.trim_start_matches('/')).decode_utf8_lossy();
    let file = site.join(&*decoded);
    let out = |file: PathBuf| match file.canonicalize() {
        Ok(real) => !real.starts_with(site),
        // A name that no file can have is no fault of the server's.
        Err(error) => error.kind() == std::io::ErrorKind::InvalidFilename,
    };
    out(file.join("index.html")) || out(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_few_names() {
        for host in ["127.0.0.1", "127.0.0.1:8080", "localhost:8080", "LOCALHOST", "[::1]:80", "[::1]"] {
            assert!(is_here(host), "{host}");
        }
        for host in
            ["", ":80", "example.org", "127.0.0.1.example.org", "localhost.example.org:8080", "127.0.0.1@x", "0.0.0.0"]
        {
            assert!(!is_here(host), "{host}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_may_stay_inside_and_not_lead_out() {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path().canonicalize().unwrap().join("site");
        std::fs::create_dir_all(site.join("gallery")).unwrap();
        std::fs::write(site.join("page.html"), "page").unwrap();
        std::fs::write(site.with_file_name("secret"), "secret").unwrap();
        let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, site.join(name)).unwrap();
        link("page.html", "same.html");
        link("../secret", "secret.txt");
        link("..", "above");
        link("../../secret", "gallery/index.html");
        for path in ["/", "/page.html", "/same.html", "/nothing", "/nothing/at%00all", "/%ff"] {
            assert!(!leads_out(&site, path), "{path}");
        }
        for path in ["/secret.txt", "/%73ecret.txt", "//secret.txt", "/above/secret", "/../secret", "/%2e%2e/secret"] {
            assert!(leads_out(&site, path), "{path}");
        }
        assert!(leads_out(&site, "/gallery/"), "what is shown of a folder");
    }
}
