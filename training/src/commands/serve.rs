//! `lookalike serve`.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use anyhow::{Context, Result};
use axum::Router;
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
    let app = Router::new().fallback_service(ServeDir::new(&options.site));
    axum::serve(listener, app).with_graceful_shutdown(stopped()).await?;
    Ok(Outcome::Done)
}

/// Waits for Ctrl-C.
async fn stopped() {
    while !crate::interrupt::asked() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
