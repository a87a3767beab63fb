//! The line between a host and a browser: what a host does to files on their way (gzip), how fast the way is, how much
//! went over it.

use std::{
    collections::HashMap,
    convert::Infallible,
    io::Write as _,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{
        HeaderValue, StatusCode,
        header::{ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};
use futures_util::stream::unfold;
use tokio::time::{Instant, sleep, sleep_until};

/// As much goes over the line at once, before another answer has its turn.
const PIECE: usize = 16 << 10;

/// How fast a line is.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// All answers together.
    pub bytes_per_second: f64,
    /// Before each answer.
    pub latency: Duration,
}

impl Pace {
    /// 10 Mbit/s, 40 ms.
    pub const HOME: Self = Self { bytes_per_second: 1.25e6, latency: Duration::from_millis(40) };
    /// 400 kbit/s, 400 ms: the edge of a phone's network.
    pub const EDGE: Self = Self { bytes_per_second: 5e4, latency: Duration::from_millis(400) };
}

/// A line that all answers of a host share.
#[derive(Debug, Clone)]
pub struct Line {
    /// `None`: as fast as this machine.
    pace: Option<Pace>,
    free: Arc<Mutex<Instant>>,
    zipped: Arc<Mutex<HashMap<String, Bytes>>>,
    sent: Arc<AtomicU64>,
}

impl Line {
    /// A line of this pace.
    pub fn new(pace: Option<Pace>) -> Self {
        let (free, zipped, sent) = (Arc::new(Mutex::new(Instant::now())), Arc::default(), Arc::default());
        Self { pace, free, zipped, sent }
    }

    /// The bytes that went over it so far, headers apart.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// The bytes of all files that have been asked for, each counted once.
    pub fn once(&self) -> u64 {
        self.zipped.lock().unwrap_or_else(PoisonError::into_inner).values().map(|body| body.len() as u64).sum()
    }

    /// Nothing more goes over it for so long; nothing is lost.
    pub fn hold(&self, pause: Duration) {
        *self.free.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now() + pause;
    }

    /// Carries an answer to the browser.
    pub(crate) async fn carry(self, request: Request, next: Next) -> Response {
        let path = request.uri().path().to_owned();
        let answer = next.run(request).await;
        if let Some(pace) = self.pace {
            sleep(pace.latency).await;
        }
        if answer.status() != StatusCode::OK {
            return answer;
        }
        let (mut head, body) = answer.into_parts();
        let Ok(body) = to_bytes(body, usize::MAX).await else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let body = self.zip(path, &body);
        // Who zips on the way does not know how long it gets, nor where a part of it lies.
        head.headers.remove(CONTENT_LENGTH);
        head.headers.remove(ACCEPT_RANGES);
        head.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        let pieces = unfold((self, body), |(line, mut rest)| async move {
            if rest.is_empty() {
                return None;
            }
            let piece = rest.split_to(rest.len().min(PIECE));
            line.wait(piece.len()).await;
            Some((Ok::<_, Infallible>(piece), (line, rest)))
        });
        Response::from_parts(head, Body::from_stream(pieces))
    }

    /// The file as a host keeps it ready: the work is done once.
    fn zip(&self, path: String, body: &[u8]) -> Bytes {
        let mut zipped = self.zipped.lock().unwrap_or_else(PoisonError::into_inner);
        let zip = || {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::new(9));
            encoder.write_all(body).and_then(|()| encoder.finish()).unwrap_or_default().into()
        };
        zipped.entry(path).or_insert_with(zip).clone()
    }

    /// Until these bytes have gone over the line, behind all that were there before.
    async fn wait(&self, bytes: usize) {
        self.sent.fetch_add(bytes as u64, Ordering::Relaxed);
        let Some(pace) = self.pace else { return };
        let there = {
            let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
            *free = (*free).max(Instant::now()) + Duration::from_secs_f64(bytes as f64 / pace.bytes_per_second);
            *free
        };
        sleep_until(there).await;
    }
}
