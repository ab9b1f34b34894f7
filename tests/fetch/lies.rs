//! A server that lies. In each case: the right file in the end, or the right error, and never a wrong or partial file under its final name.

use std::time::{Duration, Instant};

use crate::server::{Answer, Request, Server};
use crate::world::{BIG, FILES, Known, World, files, good, gunzip, gzip, noise};

/// A server that treats the big file as told and gives all others as it should.
fn evil(how: impl Fn(&Request, &mut Answer<'_>, &[u8]) + Send + Sync + 'static) -> Server {
    let big = files()[BIG].clone();
    Server::start(
        move |request, answer| {
            if request.name() == BIG { how(request, answer, &big) } else { good(request, answer) }
        },
    )
}

/// The right files come, whatever is known of them beforehand.
#[track_caller]
fn right_in_the_end(server: &Server) -> World {
    let world = World::new(&[server.url()]);
    world.fetch("").ok();
    world.assert_right();
    world
}

/// The error, exit code and message; the big file is nowhere. A second, good mirror makes it good.
#[track_caller]
fn wrong(server: &Server, code: i32, says: &[&str]) {
    let world = World::new(&[server.url()]);
    world.fetch("--retries 1").fails(code, says);
    world.assert_absent(BIG);
    assert!(!world.path("data/tiny/fetched.json").exists());
    let better = Server::start(good);
    let world = World::new(&[server.url(), better.url()]);
    world.fetch("").ok();
    world.assert_right();
}

/// How often the big file was asked for, and from which bytes on.
fn asked(server: &Server) -> Vec<Option<usize>> {
    server.requests().iter().filter(|request| request.name() == BIG).map(Request::from).collect()
}

fn length(bytes: usize) -> [(&'static str, String); 1] {
    [("Content-Length", bytes.to_string())]
}

#[test]
fn it_closes_after_some_bytes() {
    // Each time a little further; what came is kept and gone on with.
    let server = evil(|request, answer, body| {
        let from = request.from().unwrap_or(0);
        let end = (from + 100_000).min(body.len());
        if from == 0 {
            answer.head("200 OK", &[("Content-Length", body.len().to_string()), ("ETag", "\"x\"".into())]);
        } else {
            assert_eq!(request.headers.get("if-range").map(String::as_str), Some("\"x\""));
            let range = format!("bytes {from}-{}/{}", body.len() - 1, body.len());
            answer.head(
                "206 Partial Content",
                &[("Content-Range", range), ("Content-Length", (body.len() - from).to_string())],
            );
        }
        answer.raw(&body[from..end]);
    });
    right_in_the_end(&server);
    let asked = asked(&server);
    assert_eq!(asked[..3], [None, Some(100_000), Some(200_000)]);
}

#[test]
fn it_closes_after_some_bytes_every_time() {
    let server = evil(|_, answer, body| {
        answer.head("200 OK", &length(body.len()));
        answer.raw(&body[..1000]);
    });
    wrong(&server, 69, &[BIG, "after 1000"]);
}

#[test]
fn it_closes_early_and_promised_nothing() {
    let server = evil(|request, answer, body| {
        answer.head("200 OK", &[]);
        answer.raw(if request.nth == 0 { &body[..5000] } else { body });
    });
    right_in_the_end(&server);
    let server = evil(|_, answer, body| {
        answer.head("200 OK", &[]);
        answer.raw(&body[..5000]);
    });
    wrong(&server, 69, &["it ends after 5000 of"]);
}

#[test]
fn it_sends_too_much() {
    let server = evil(|_, answer, body| {
        answer.head("200 OK", &[]);
        answer.raw(body);
        answer.raw(&[7; 100]);
    });
    wrong(&server, 65, &["is not what it should be"]);
    // Far too much is not even taken in.
    let server = evil(|_, answer, body| {
        answer.head("200 OK", &[]);
        answer.raw(body);
        for _ in 0..1000 {
            if !answer.raw(&noise(64 << 10, 5)) {
                return;
            }
        }
        panic!("64 MB were read for a file of 300 KB");
    });
    wrong(&server, 65, &["it sends more than"]);
}

#[test]
fn its_length_is_wrong() {
    // Too long: the bytes are all there when it closes.
    right_in_the_end(&evil(|_, answer, body| {
        answer.head("200 OK", &length(body.len() + 1000));
        answer.raw(body);
    }));
    // Too short: the rest is asked for.
    right_in_the_end(&evil(|request, answer, body| {
        if request.from().is_some() {
            return answer.file(request, body);
        }
        answer.head("200 OK", &length(body.len() - 1000));
        answer.raw(body);
    }));
}

/// The first answer breaks off; then comes what is given.
fn broken_then(then: impl Fn(&Request, &mut Answer<'_>, &[u8]) + Send + Sync + 'static) -> Server {
    evil(move |request, answer, body| {
        if request.nth > 0 {
            return then(request, answer, body);
        }
        answer.head("200 OK", &[("Content-Length", body.len().to_string()), ("ETag", "\"x\"".into())]);
        answer.raw(&body[..50_000]);
    })
}

#[test]
fn it_answers_with_another_range() {
    for (first, moved) in [(40_000, 0), (50_001, 1), (0, 0), (50_000, 7)] {
        let server = broken_then(move |request, answer, body| {
            let Some(_) = request.from() else { return answer.file(request, body) };
            // Another range; or the right one, of another file.
            let range = format!("bytes {first}-{}/{}", body.len() - 1, body.len() + moved);
            answer.head("206 Partial Content", &[("Content-Range", range)]);
            answer.raw(&body[first.min(body.len())..]);
        });
        right_in_the_end(&server);
        assert_eq!(
            asked(&server)[1..],
            [Some(50_000), None],
            "the second answer is refused, and all is asked for"
        );
    }
    let server = broken_then(|request, answer, body| {
        let Some(_) = request.from() else { return answer.file(request, body) };
        answer.head("206 Partial Content", &[]);
        answer.raw(body);
    });
    right_in_the_end(&server);
}

#[test]
fn its_range_holds_other_bytes() {
    let server = broken_then(|request, answer, body| {
        let Some(from) = request.from() else { return answer.file(request, body) };
        let mut other = body.to_vec();
        other[from + 10] ^= 1;
        answer.file(request, &other);
    });
    let world = World::new(&[server.url()]);
    // With another ETag it is a whole new file, and a wrong one; with the same one it is put together and found out.
    world.fetch("").exits(65);
    world.assert_absent(BIG);
    let server = broken_then(|request, answer, body| {
        let Some(from) = request.from() else { return answer.file(request, body) };
        let range = format!("bytes {from}-{}/{}", body.len() - 1, body.len());
        answer.head("206 Partial Content", &[("Content-Range", range)]);
        answer.raw(&vec![0; body.len() - from]);
    });
    right_in_the_end(&server);
}

#[test]
fn it_ignores_ranges() {
    let server = broken_then(|_, answer, body| answer.whole("200 OK", body));
    right_in_the_end(&server);
    assert_eq!(asked(&server), [None, Some(50_000)]);
}

#[test]
fn it_has_no_such_range() {
    let server = broken_then(|request, answer, body| match request.from() {
        Some(_) => answer.whole("416 Range Not Satisfiable", b""),
        None => answer.file(request, body),
    });
    right_in_the_end(&server);
}

#[test]
fn it_sends_a_part_unasked() {
    let server = evil(|_, answer, body| {
        let range = format!("bytes 0-99/{}", body.len());
        answer.head("206 Partial Content", &[("Content-Range", range), ("Content-Length", "100".into())]);
        answer.raw(&body[..100]);
    });
    wrong(&server, 69, &["without being asked to"]);
}

#[test]
fn it_has_no_such_file() {
    let server = evil(|_, answer, _| answer.whole("404 Not Found", b"gone"));
    wrong(&server, 69, &["HTTP 404 Not Found", "--mirror"]);
    assert_eq!(asked(&server).len(), 2, "what is not there is not asked for again");
}

#[test]
fn it_forbids_with_a_web_page() {
    let page = b"<!DOCTYPE html><html><head><title>Sign in</title></head></html>";
    let server = evil(|_, answer, _| answer.whole("403 Forbidden", page));
    wrong(&server, 69, &["HTTP 403 Forbidden", "HTML page, titled \"Sign in\""]);
}

#[test]
fn it_sends_a_web_page_as_the_file() {
    let page = b"\n<html><title>Moved</title>please look elsewhere</html>".to_vec();
    let packed = gzip(&page, 6);
    let server = evil(move |_, answer, _| answer.whole("200 OK", &page));
    wrong(&server, 65, &["it is an HTML page, titled \"Moved\""]);
    let server = evil(move |_, answer, _| answer.whole("200 OK", &packed));
    wrong(&server, 65, &["it is an HTML page"]);
}

#[test]
fn it_asks_to_wait() {
    let server = evil(|request, answer, body| {
        if request.nth > 0 {
            return answer.file(request, body);
        }
        answer.head("429 Too Many Requests", &[("Retry-After", "2".into()), ("Content-Length", "0".into())]);
    });
    let start = Instant::now();
    right_in_the_end(&server);
    assert!(start.elapsed() >= Duration::from_secs(2), "it did not wait");
    // Nobody waits for hours.
    let server = evil(|_, answer, _| {
        answer.head(
            "503 Service Unavailable",
            &[("Retry-After", "86400".into()), ("Content-Length", "0".into())],
        );
    });
    wrong(&server, 69, &["HTTP 503"]);
}

#[test]
fn it_fails_twice() {
    let server = evil(|request, answer, body| match request.nth {
        0 | 1 => answer.whole("500 Internal Server Error", b"oops"),
        _ => answer.file(request, body),
    });
    right_in_the_end(&server);
    assert_eq!(asked(&server).len(), 3);
    let server = evil(|_, answer, _| answer.whole("502 Bad Gateway", b"oops"));
    wrong(&server, 69, &["HTTP 502", "(2 tries)"]);
}

#[test]
fn it_redirects_in_circles() {
    let server = evil(|request, answer, _| {
        answer.head("302 Found", &[("Location", request.path.clone()), ("Content-Length", "0".into())]);
    });
    wrong(&server, 69, &["redirects too often"]);
}

#[test]
fn it_redirects_to_another_host() {
    let other = Server::start(good);
    let port = other.port();
    let server = evil(move |request, answer, _| {
        let to = format!("http://localhost:{port}{}", request.path);
        answer.head("301 Moved Permanently", &[("Location", to), ("Content-Length", "0".into())]);
    });
    right_in_the_end(&server);
    assert_eq!(asked(&other).len(), 1);
}

#[test]
fn it_stalls() {
    let server = evil(|_, answer, body| {
        answer.head("200 OK", &length(body.len()));
        answer.raw(&body[..20_000]);
        answer.hang();
    });
    let start = Instant::now();
    wrong(&server, 69, &["stalled"]);
    assert!(start.elapsed() < Duration::from_secs(30));
    // Before the first byte, too.
    let server = evil(|_, answer, _| answer.hang());
    wrong(&server, 69, &[BIG]);
}

#[test]
fn it_sends_a_byte_a_second() {
    let server = evil(|_, answer, body| {
        answer.head("200 OK", &length(body.len()));
        for byte in &body[..60] {
            if !answer.raw(&[*byte]) {
                return;
            }
            std::thread::sleep(Duration::from_millis(400));
        }
    });
    wrong(&server, 69, &["stalled"]);
}

#[test]
fn it_sends_something_else_that_is_well_formed() {
    let raw = {
        let mut raw = gunzip(&files()[BIG]);
        let last = raw.len() - 1;
        raw[last] ^= 1;
        raw
    };
    for body in [gzip(&raw, 9), raw, b"PK\x03\x04 a zip file".repeat(100)] {
        let server = evil(move |_, answer, _| answer.whole("200 OK", &body));
        wrong(&server, 65, &[BIG, "expected"]);
    }
    // The file of one data set under the name of another.
    let server = evil(|_, answer, _| answer.whole("200 OK", &files()[FILES[2]]));
    wrong(&server, 65, &["it is t10k-images-idx3-ubyte.gz of tiny"]);
}

#[test]
fn it_packs_the_file_once_more() {
    let server = evil(|_, answer, body| {
        let twice = gzip(body, 6);
        answer.head(
            "200 OK",
            &[("Content-Encoding", "gzip".into()), ("Content-Length", twice.len().to_string())],
        );
        answer.raw(&twice);
    });
    let world = right_in_the_end(&server);
    assert_eq!(world.read(&format!("data/tiny/{BIG}")), files()[BIG]);
    assert_eq!(
        server.requests()[0].headers.get("accept-encoding").map(String::as_str),
        Some("identity"),
        "nobody asked for it"
    );
    // In chunks, and said at another level.
    let server = evil(|_, answer, body| {
        let twice = gzip(body, 1);
        answer
            .head("200 OK", &[("Transfer-Encoding", "chunked".into()), ("Content-Encoding", "gzip".into())]);
        for chunk in twice.chunks(10_000) {
            answer.raw(format!("{:x}\r\n", chunk.len()).as_bytes());
            answer.raw(chunk);
            answer.raw(b"\r\n");
        }
        answer.raw(b"0\r\n\r\n");
    });
    right_in_the_end(&server);
    // As a transfer coding, below the chunks.
    let server = evil(|_, answer, body| {
        let twice = gzip(body, 1);
        answer.head("200 OK", &[("Transfer-Encoding", "gzip, chunked".into())]);
        for chunk in twice.chunks(30_000) {
            answer.raw(format!("{:x}\r\n", chunk.len()).as_bytes());
            answer.raw(chunk);
            answer.raw(b"\r\n");
        }
        answer.raw(b"0\r\n\r\n");
    });
    right_in_the_end(&server);
    // The label says so, but nothing was packed: many servers label .gz files like this.
    let server = evil(|_, answer, body| {
        answer.head(
            "200 OK",
            &[("Content-Encoding", "gzip".into()), ("Content-Length", body.len().to_string())],
        );
        answer.raw(body);
    });
    right_in_the_end(&server);
}

#[test]
fn it_packs_the_content_differently_or_not_at_all() {
    let server = evil(|_, answer, body| answer.whole("200 OK", &gzip(&gunzip(body), 1)));
    right_in_the_end(&server);
    // Only the content's digest can tell that; without it, the file must be the published one.
    let world = World::knowing(&[server.url()], Known::File);
    world.fetch("").exits(65);
    world.assert_absent(BIG);
    let server = evil(|_, answer, body| answer.whole("200 OK", &gunzip(body)));
    let world = World::new(&[server.url()]);
    world.fetch("").ok();
    assert_eq!(world.read("data/tiny/train-images-idx3-ubyte"), gunzip(&files()[BIG]));
    assert!(!world.path(&format!("data/tiny/{BIG}")).exists(), "it is not packed and not called so");
    world.run("info data/tiny").ok();
    world.fetch("--verify-only").ok();
}

#[test]
fn its_certificate_is_signed_by_nobody() {
    let server = Server::secure(good);
    let world = World::new(&[server.url()]);
    world.fetch("").fails(69, &["certificate is not accepted"]);
    assert_eq!(world.names("data"), [] as [String; 0]);
    assert!(server.requests().is_empty(), "not a word is said to a stranger");
    let authority = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fetch/tls/authority.pem");
    world.fetch(&format!("--ca-file {authority}")).ok();
    world.assert_right();
    world.remove("data");
    world.remove("cache");
    let words = "fetch tiny --catalogue catalogue.toml";
    world.run_with(words, &[("SSL_CERT_FILE", authority)]).ok();
    world.assert_right();
    world.write("no.pem", b"nothing");
    world.remove("data");
    world.fetch("--ca-file no.pem").fails(2, &["expected certificates in PEM form"]);
}

#[test]
fn it_redirects_from_https_to_http() {
    let other = Server::start(good);
    let to = other.url();
    let server = Server::secure(move |request, answer| {
        answer.head(
            "302 Found",
            &[("Location", format!("{to}{}", request.name())), ("Content-Length", "0".into())],
        );
    });
    let world = World::new(&[server.url()]);
    let authority = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fetch/tls/authority.pem");
    world.fetch(&format!("--ca-file {authority}")).fails(69, &["redirects from https"]);
    assert!(other.requests().is_empty());
}

#[test]
fn it_is_not_there() {
    let port = Server::start(good).port();
    let world = World::new(&[format!("http://127.0.0.1:{port}/"), "http://nowhere.invalid/".into()]);
    world.fetch("--retries 0").fails(69, &["127.0.0.1", "nowhere.invalid"]);
    assert_eq!(world.names("data"), [] as [String; 0]);
}

#[test]
fn what_it_says_is_no_http() {
    for text in
        ["SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", "HTTP/1.1 999\r\n", ""]
    {
        let server = evil(move |_, answer, _| {
            answer.raw(text.as_bytes());
        });
        let world = World::new(&[server.url()]);
        world.fetch("--retries 0").exits(69);
        world.assert_absent(BIG);
    }
}

#[test]
fn only_an_md5_is_known() {
    let server = Server::start(good);
    let world = World::knowing(&[server.url()], Known::Md5);
    world.fetch("").ok();
    world.assert_right();
    let before = server.requests().len();
    world.fetch("").ok().says(&["there already"]);
    world.remove("data");
    world.fetch("").ok().says(&["no network used"]);
    assert_eq!(server.requests().len(), before);
    let server = evil(|_, answer, _| answer.whole("200 OK", &gzip(b"something else", 6)));
    let world = World::knowing(&[server.url()], Known::Md5);
    world.fetch("").fails(65, &["expected MD5"]);
    world.assert_absent(BIG);
}
