//! `lookalike serve`: this machine alone, the site alone, each file as what it is.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream, UdpSocket},
    path::Path,
    process::{Child, Stdio},
    time::Duration,
};

use lookalike_tests::{
    command,
    small::{build, done, path, refused, small},
};

struct Served {
    child: Child,
    /// `127.0.0.1:PORT`.
    host: String,
}

impl Served {
    fn start(site: &Path) -> Self {
        let arguments = [Path::new("serve"), site, Path::new("--port"), Path::new("0")];
        let mut child = command::command(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let host = line.split_whitespace().next().unwrap().strip_prefix("http://").unwrap().to_owned();
        Self { child, host }
    }

    /// What comes back for bytes that no well-behaved client sends.
    fn raw(&self, request: &[u8]) -> Vec<u8> {
        let mut line = TcpStream::connect(&self.host).unwrap();
        line.write_all(request).unwrap();
        // What is no whole request gets no answer: the server waits for the rest of it.
        line.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
        let mut answer = Vec::new();
        line.read_to_end(&mut answer).ok();
        answer
    }

    fn ask(&self, path: &[u8], headers: &str) -> String {
        let head = format!(" HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}\r\n", self.host);
        String::from_utf8_lossy(&self.raw(&[b"GET ", path, head.as_bytes()].concat())).into_owned()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn status(answer: &str) -> u16 {
    answer.split_whitespace().nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

fn header<'a>(answer: &'a str, name: &str) -> &'a str {
    let head = answer.split("\r\n\r\n").next().unwrap();
    let named = |line: &'a str| line.split_once(": ").filter(|(key, _)| key.eq_ignore_ascii_case(name));
    head.lines().find_map(named).map_or("", |(_, value)| value)
}

#[test]
fn no_path_leads_out_of_the_site() {
    let small = small();
    fs::write(small.path("secret.txt"), "the secret").unwrap();
    let served = Served::start(&small.path("site"));
    let secret = path(small, "secret.txt");
    let mut paths: Vec<Vec<u8>> = [
        "/../secret.txt",
        "/gallery/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/%2E%2e%2fsecret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "/..\\secret.txt",
        "/gallery/%2e%2e/%2e%2e/secret.txt",
        "/%252e%252e/secret.txt",
        "/./../secret.txt",
        "/....//secret.txt",
        "/%00../secret.txt",
        "/../secret.txt%00.html",
        "//../secret.txt",
        "../secret.txt",
        "/..;/secret.txt",
        "/%c0%ae%c0%ae/secret.txt",
        "/?/../../secret.txt",
        "http://127.0.0.1/../secret.txt",
    ]
    .iter()
    .map(|path| path.as_bytes().to_vec())
    .collect();
    paths.extend(
        [secret.clone(), format!("/{secret}"), format!("/%2f{secret}"), format!("file://{secret}")].map(Vec::from),
    );
    paths.extend([
        b"/\0/../secret.txt".to_vec(),
        b"/\xff\xfe".to_vec(),
        b"/\x1b[2J".to_vec(),
        [&b"/"[..], &[b'a'; 9000]].concat(),
        vec![b'.'; 9000],
        b"...".to_vec(),
        b"*".to_vec(),
    ]);
    for path in paths {
        let answer = served.ask(&path, "");
        let shown = String::from_utf8_lossy(&path);
        assert!(!answer.contains("the secret"), "{shown}: {answer}");
        // A question mark begins a query: that is the page itself.
        let expected = if path.starts_with(b"/?") { 200..=200 } else { 400..=414 };
        // A line that is no request at all ends the connection, with 400 or without a word.
        assert!(answer.is_empty() || expected.contains(&status(&answer)), "{shown}: {answer}");
    }
    for nonsense in [&b"\r\n\r\n"[..], b"GET\r\n\r\n", b"\x16\x03\x01\0\0", b"GET / HTTP/9.9\r\n\r\n"] {
        let answer = String::from_utf8_lossy(&served.raw(nonsense)).into_owned();
        assert!(answer.is_empty() || status(&answer) >= 400, "{answer}");
    }
    assert_eq!(status(&served.ask(b"/", "")), 200, "and it still answers");
}

#[cfg(unix)]
#[test]
fn a_link_in_the_site_that_leads_out_of_it_is_not_followed() {
    let small = small();
    done(&build(small, "photos", "site-links", &[]));
    let site = small.path("site-links");
    fs::write(small.path("linked.txt"), "the secret").unwrap();
    std::os::unix::fs::symlink(small.path("linked.txt"), site.join("linked.txt")).unwrap();
    std::os::unix::fs::symlink(small.path(""), site.join("all")).unwrap();
    std::os::unix::fs::symlink("index.html", site.join("again.html")).unwrap();
    let served = Served::start(&site);
    for path in ["/linked.txt", "/%6cinked.txt", "/all/linked.txt", "/all/", "/all/photos/../linked.txt"] {
        let answer = served.ask(path.as_bytes(), "");
        assert!(status(&answer) == 404 && !answer.contains("the secret"), "{path}: {answer}");
    }
    assert_eq!(status(&served.ask(b"/again.html", "")), 200);
}

#[test]
fn each_file_has_its_type_and_is_sent_again_only_when_it_has_changed() {
    let small = small();
    done(&build(small, "photos", "site-types", &[]));
    let site = small.path("site-types");
    for (name, kind) in [
        ("page.js", "text/javascript"),
        ("page_bg.wasm", "application/wasm"),
        ("style.css", "text/css"),
        ("manifest.json", "application/json"),
        ("icon.svg", "image/svg+xml"),
        ("sample.jpg", "image/jpeg"),
        ("index.html", "text/html"),
        ("about.html", "text/html"),
        ("gallery/gallery.lka", "application/octet-stream"),
    ] {
        if !site.join(name).exists() {
            fs::write(site.join(name), "something").unwrap();
        }
        let served = Served::start(&site);
        let address = format!("/{name}");
        let first = served.ask(address.as_bytes(), "");
        assert_eq!((status(&first), header(&first, "content-type")), (200, kind), "{name}");
        assert_eq!(header(&first, "x-content-type-options"), "nosniff");
        let since = header(&first, "last-modified");
        let again = served.ask(address.as_bytes(), &format!("If-Modified-Since: {since}\r\n"));
        assert_eq!((status(&again), again.split("\r\n\r\n").nth(1)), (304, Some("")), "{name}");
        let old = served.ask(address.as_bytes(), "If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT\r\n");
        assert_eq!(status(&old), 200, "{name}");
    }
    let thumb = fs::read_dir(site.join("gallery/thumbs")).unwrap().next().unwrap().unwrap();
    let served = Served::start(&site);
    let answer = served.ask(format!("/gallery/thumbs/{}", thumb.file_name().to_str().unwrap()).as_bytes(), "");
    assert_eq!(header(&answer, "content-type"), "image/webp");
    assert_eq!(status(&String::from_utf8_lossy(&served.raw(b"POST / HTTP/1.0\r\nHost: localhost\r\n\r\n"))), 405);
}

#[test]
fn other_names_and_other_machines_get_nothing() {
    let served = Served::start(&small().path("site"));
    let port = served.host.split(':').nth(1).unwrap();
    let ask = |host: &str| {
        let request = format!("GET /gallery/gallery.lka HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        status(&String::from_utf8_lossy(&served.raw(request.as_bytes())))
    };
    assert_eq!(ask(&format!("localhost:{port}")), 200);
    assert_eq!(ask(&format!("evil.example:{port}")), 403);
    assert_eq!(ask("127.0.0.1.evil.example"), 403);
    assert_eq!(ask(""), 403);
    assert_eq!(status(&String::from_utf8_lossy(&served.raw(b"GET / HTTP/1.0\r\n\r\n"))), 403, "no name at all");
    // The address by which others would reach this machine, if it has one: asking for a route sends nothing.
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    let outside = socket.connect("192.0.2.1:9").and_then(|()| socket.local_addr()).map(|address| address.ip());
    if let Ok(outside) = outside
        && !outside.is_loopback()
    {
        assert!(TcpStream::connect((outside, port.parse().unwrap())).is_err(), "{outside} answers");
    }
}

#[test]
fn what_can_not_be_served_is_told() {
    let small = small();
    refused(&command::run(["serve", &path(small, "photos")]).unwrap(), &["photos", "is not a site", "lookalike build"]);
    refused(&command::run(["serve", &path(small, "nowhere")]).unwrap(), &["nowhere", "is not a site"]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ended = command::run(["serve", &path(small, "site"), "--port", &port]).unwrap();
    assert!(ended.code == 1 && ended.err.contains(&port) && ended.err.contains("--port 0"), "{}", ended.err);
}
