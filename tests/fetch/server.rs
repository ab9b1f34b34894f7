//! A server on the loopback that does what a test tells it to, well or badly.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// No test waits nearly as long for a byte.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a client asked for.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    /// How many requests for this path there were before.
    pub(crate) nth: usize,
}

impl Request {
    /// The first byte that `Range` asks for.
    pub(crate) fn from(&self) -> Option<usize> {
        self.headers.get("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
    }

    /// The file's name.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or("")
    }
}

/// One answer: what is written, plainly or through TLS.
pub(crate) struct Answer<'a> {
    out: &'a mut dyn Stream,
    /// Set when the server is to go.
    pub(crate) gone: &'a AtomicBool,
}

impl Answer<'_> {
    /// Writes; a client that has gone away is no failure of the test.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> bool {
        self.out.write_all(bytes).and_then(|()| self.out.flush()).is_ok()
    }

    /// Reads more of what the client says; 0 at its end.
    pub(crate) fn read(&mut self, into: &mut [u8]) -> usize {
        self.out.read(into).unwrap_or(0)
    }

    pub(crate) fn head(&mut self, status: &str, headers: &[(&str, String)]) {
        let mut text = format!("HTTP/1.1 {status}\r\n");
        for (name, value) in headers {
            text = text + name + ": " + value + "\r\n";
        }
        self.raw((text + "Connection: close\r\n\r\n").as_bytes());
    }

    /// A whole answer.
    pub(crate) fn whole(&mut self, status: &str, body: &[u8]) {
        self.head(status, &[("Content-Length", body.len().to_string())]);
        self.raw(body);
    }

    /// A file as a good server gives it, with ranges.
    pub(crate) fn file(&mut self, request: &Request, body: &[u8]) {
        let tag = format!("\"{}\"", body.len());
        let same = request.headers.get("if-range").is_none_or(|known| *known == tag);
        if let Some(from) = request.from().filter(|from| same && *from < body.len()) {
            self.head(
                "206 Partial Content",
                &[
                    ("Content-Length", (body.len() - from).to_string()),
                    ("Content-Range", format!("bytes {from}-{}/{}", body.len() - 1, body.len())),
                    ("ETag", tag),
                ],
            );
            self.raw(&body[from..]);
        } else {
            self.head("200 OK", &[("Content-Length", body.len().to_string()), ("ETag", tag)]);
            self.raw(body);
        }
    }

    /// Says nothing more until the test is over.
    pub(crate) fn hang(&mut self) {
        for _ in 0..1200 {
            if self.gone.load(Ordering::Relaxed) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Something to read from and write to.
trait Stream: Read + Write {}

impl<T: Read + Write> Stream for T {}

type Handler = dyn Fn(&Request, &mut Answer<'_>) + Send + Sync;

/// A running server; it stops when dropped.
pub(crate) struct Server {
    port: u16,
    scheme: &'static str,
    log: Arc<Mutex<Vec<Request>>>,
    gone: Arc<AtomicBool>,
    /// Set when a handler panicked, which no client would notice.
    failed: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// Notes that a thread ended by a panic.
struct Witness(Arc<AtomicBool>);

impl Drop for Witness {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

impl Server {
    pub(crate) fn start(handler: impl Fn(&Request, &mut Answer<'_>) + Send + Sync + 'static) -> Self {
        Self::with(Arc::new(handler), None)
    }

    /// The same, behind a certificate.
    pub(crate) fn secure(handler: impl Fn(&Request, &mut Answer<'_>) + Send + Sync + 'static) -> Self {
        use rustls::pki_types::pem::PemObject;
        use rustls::pki_types::{CertificateDer, PrivateKeyDer};
        let chain = vec![CertificateDer::from_pem_slice(include_bytes!("tls/server.pem")).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/server.key")).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        Self::with(Arc::new(handler), Some(Arc::new(config)))
    }

    fn with(handler: Arc<Handler>, tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let log = Arc::new(Mutex::new(Vec::new()));
        let gone = Arc::new(AtomicBool::new(false));
        let failed = Arc::new(AtomicBool::new(false));
        let scheme = if tls.is_some() { "https" } else { "http" };
        let thread = {
            let (log, gone, failed) = (Arc::clone(&log), Arc::clone(&gone), Arc::clone(&failed));
            std::thread::spawn(move || {
                for stream in listener.incoming() {
                    if gone.load(Ordering::Relaxed) {
                        return;
                    }
                    let Ok(stream) = stream else { continue };
                    let (handler, log, gone, tls) =
                        (Arc::clone(&handler), Arc::clone(&log), Arc::clone(&gone), tls.clone());
                    let witness = Witness(Arc::clone(&failed));
                    std::thread::spawn(move || {
                        let _witness = witness;
                        serve(stream, &*handler, &log, &gone, tls);
                    });
                }
            })
        };
        Self { port, scheme, log, gone, failed, thread: Some(thread) }
    }

    /// Its address, ending in a slash.
    pub(crate) fn url(&self) -> String {
        format!("{}://127.0.0.1:{}/", self.scheme, self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// All requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.gone.store(true, Ordering::Relaxed);
        // The listener waits for a connection; this is one.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        assert!(
            std::thread::panicking() || !self.failed.load(Ordering::Relaxed),
            "an answer went wrong in the server itself"
        );
    }
}

fn serve(
    mut stream: TcpStream,
    handler: &Handler,
    log: &Mutex<Vec<Request>>,
    gone: &AtomicBool,
    tls: Option<Arc<rustls::ServerConfig>>,
) {
    let _ = stream.set_read_timeout(Some(PATIENCE));
    let _ = stream.set_write_timeout(Some(PATIENCE));
    let _ = stream.set_nodelay(true);
    match tls {
        None => answer(&mut stream, handler, log, gone),
        Some(config) => {
            let Ok(connection) = rustls::ServerConnection::new(config) else { return };
            let mut stream = rustls::StreamOwned::new(connection, stream);
            answer(&mut stream, handler, log, gone);
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    }
}

fn answer(stream: &mut (impl Read + Write), handler: &Handler, log: &Mutex<Vec<Request>>, gone: &AtomicBool) {
    let Some(mut request) = read(stream) else { return };
    {
        let mut log = log.lock().unwrap();
        request.nth = log.iter().filter(|other| other.path == request.path).count();
        log.push(request.clone());
    }
    handler(&request, &mut Answer { out: stream, gone });
}

/// Reads the head of a request.
fn read(stream: &mut impl Read) -> Option<Request> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && head.len() < 16 << 10 {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return None,
        }
    }
    let text = String::from_utf8(head).ok()?;
    let mut lines = text.lines();
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    Some(Request { method, path, headers, nth: 0 })
}
