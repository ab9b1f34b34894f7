//! What happens over time: kills, second runs, several processes, caches, lock files.

use std::process::Child;
use std::time::{Duration, Instant};

use crate::server::{Request, Server};
use crate::world::{BIG, FILES, Known, Run, World, files, good, gunzip, gzip, sha256};

fn done(child: Child) -> Run {
    Run::of("spawned", child.wait_with_output().unwrap())
}

/// Waits for something to become true.
#[track_caller]
fn until(what: &str, mut is: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is() {
        assert!(start.elapsed() < Duration::from_secs(30), "{what} does not happen");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Sends half of the big file and then nothing more.
fn halting() -> Server {
    Server::start(|request, answer| {
        let all = files();
        if request.name() != BIG {
            return good(request, answer);
        }
        let body = &all[BIG];
        let tag = format!("\"{}\"", body.len());
        answer.head("200 OK", &[("Content-Length", body.len().to_string()), ("ETag", tag)]);
        answer.raw(&body[..body.len() / 2]);
        answer.hang();
    })
}

#[test]
fn a_second_run_asks_nobody() {
    let server = Server::start(good);
    let world = World::new(&[server.url()]);
    world.fetch("").ok().says(&["tiny: 960 images, in data/tiny", "Tiny: CC-BY-SA-9: what you derive"]);
    world.assert_right();
    assert_eq!(server.requests().len(), 4);
    assert!(
        server
            .requests()
            .iter()
            .all(|r| r.method == "GET" && r.headers["user-agent"].starts_with("mnistaug/"))
    );
    let again = world.fetch("").ok().says(&["there already in data/tiny, and intact"]);
    assert!(!again.err.contains("CC-BY-SA-9"), "terms are shown once");
    // From the cache, too.
    world.remove("data");
    world.fetch("--offline").ok().says(&["no network used"]);
    world.assert_right();
    // And from the folder alone.
    world.remove("cache");
    world.fetch("").ok();
    world.remove("data/tiny/fetched.json");
    world.fetch("").ok().says(&["no network used"]);
    world.assert_right();
    assert_eq!(server.requests().len(), 4, "all of that without a request");
    drop(server);
    world.fetch("--json").ok();
    world.remove("data");
    world.fetch("--offline").fails(66, &["not in the cache", "--offline"]);
}

#[cfg(unix)]
#[test]
fn killed_and_resumed() {
    let server = halting();
    let world = World::new(&[server.url()]);
    let half = files()[BIG].len() as u64 / 2;
    let mut child = world.spawn("");
    until("half of the file", || world.parts().contains(&half));
    child.kill().unwrap(); // SIGKILL
    child.wait().unwrap();
    world.assert_absent(BIG);
    drop(server);
    let server = Server::start(good);
    world.fetch(&format!("--mirror {}", server.url())).ok();
    world.assert_right();
    let asked: Vec<Request> = server.requests().into_iter().filter(|r| r.name() == BIG).collect();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].from(), Some(half as usize), "it goes on where it was");
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_at_once_and_keeps_what_is_there() {
    let server = halting();
    let world = World::new(&[server.url()]);
    let half = files()[BIG].len() as u64 / 2;
    for (signal, code) in [("-TERM", 143), ("-INT", 130)] {
        let child = world.spawn("");
        until("half of the file", || world.parts().contains(&half));
        let start = Instant::now();
        let status =
            std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(status.success());
        done(child).fails(code, &["interrupted"]);
        assert!(start.elapsed() < Duration::from_secs(5), "it waits for the server");
        world.assert_absent(BIG);
        assert!(world.parts().contains(&half), "what came is kept");
        world.remove("cache");
    }
}

#[test]
fn two_processes_share_the_work() {
    let server = Server::start(|request, answer| {
        std::thread::sleep(Duration::from_millis(150));
        good(request, answer);
    });
    let world = World::new(&[server.url()]);
    let children: Vec<Child> =
        ["data/tiny", "other", "data/tiny"].iter().map(|dir| world.spawn(&format!("--dir {dir}"))).collect();
    for child in children {
        done(child).ok();
    }
    world.assert_right();
    world.assert_right_in("other");
    assert_eq!(server.requests().len(), 4, "each file came once");
    let lock = String::from_utf8(world.read("mnistaug.lock")).unwrap();
    assert_eq!(lock.matches("[[file]]").count(), 4);
}

#[test]
fn no_host_is_overrun() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let server = {
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        Server::start(move |request, answer| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(100));
            now.fetch_sub(1, Ordering::SeqCst);
            good(request, answer);
        })
    };
    World::new(&[server.url()]).fetch("").ok();
    assert_eq!(most.load(Ordering::SeqCst), 2, "two at a time, no more and no fewer");
}

#[test]
fn the_lock_file_notices_change() {
    // A file without a published digest is taken only on request, and from then on is what it was.
    let server = Server::start(good);
    let world = World::knowing(&[server.url()], Known::Nothing);
    world.fetch("").fails(2, &["no digest of it is known", "--allow-unpinned"]);
    assert!(server.requests().is_empty());
    let digest = sha256(&files()[BIG]);
    world.fetch("--allow-unpinned").ok().says(&["nobody has published a digest", &digest]);
    world.assert_right();
    let lock = String::from_utf8(world.read("mnistaug.lock")).unwrap();
    assert!(lock.contains(&digest) && lock.contains(&sha256(&gunzip(&files()[BIG]))), "{lock}");
    // With the lock file the digest is known.
    world.remove("data");
    world.remove("cache");
    world.fetch("").ok();
    world.assert_right();
    drop(server);
    let changed = Server::start(|request, answer| {
        let mut raw = gunzip(&files()[request.name()]);
        let last = raw.len() - 1;
        raw[last] ^= 1;
        answer.whole("200 OK", &gzip(&raw, 9));
    });
    world.remove("data");
    world.remove("cache");
    world.fetch(&format!("--allow-unpinned --mirror {}", changed.url())).exits(65);
    assert_eq!(world.names("data"), [] as [String; 0]);
    assert_eq!(String::from_utf8(world.read("mnistaug.lock")).unwrap(), lock, "nothing is relocked silently");
    world.fetch(&format!("--allow-unpinned --no-lock --mirror {}", changed.url())).ok();
    world.fetch("--verify-only").fails(65, &["lock file"]);
}

#[test]
fn a_changed_catalogue_meets_the_lock_file() {
    let server = Server::start(good);
    let world = World::new(&[server.url()]);
    world.fetch("").ok();
    let lock = String::from_utf8(world.read("mnistaug.lock")).unwrap();
    let old = sha256(&files()[BIG]);
    let content = sha256(&gunzip(&files()[BIG]));
    let other = "0".repeat(64);
    world.write("mnistaug.lock", lock.replace(&old, &other).replace(&content, &other).as_bytes());
    for option in ["", "--verify-only"] {
        world.fetch(option).fails(65, &["mnistaug.lock says", &old, &other]);
    }
    world.write("mnistaug.lock", b"nonsense");
    world.fetch("").fails(65, &["not a lock file"]);
    world.fetch("--no-lock").ok();
    // The same content, packed differently, is the same.
    world.write("mnistaug.lock", lock.replace(&old, &other).as_bytes());
    world.fetch("--verify-only").ok();
}

#[test]
fn damage_is_found_and_repaired() {
    let server = Server::start(good);
    let world = World::new(&[server.url()]);
    world.fetch("").ok();
    world.fetch("--verify-only").ok().says(&["all as it should be"]);
    let path = world.path(&format!("data/tiny/{BIG}"));
    // The folder and the cache hold the same file: both are damaged.
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let mut bytes = files()[BIG].clone();
    bytes[5000] ^= 1;
    world.write(&format!("data/tiny/{BIG}"), &bytes);
    world.fetch("--verify-only").fails(65, &[BIG, "BLAKE3"]);
    world.fetch("").ok().says(&["damaged; it is fetched again"]);
    world.assert_right();
    world.remove(&format!("data/tiny/{}", FILES[1]));
    world.fetch("--verify-only").fails(66, &[FILES[1]]);
    world.fetch("--offline").ok();
    world.assert_right();
    world.remove("data");
    world.fetch("--verify-only").fails(66, &["is not here"]);
    assert_eq!(world.names("data"), [] as [String; 0], "verifying makes nothing");
}

#[test]
fn leftovers_of_a_killed_run_go_away() {
    let server = Server::start(good);
    let world = World::new(&[server.url()]);
    world.write("data/tiny/.mnistaug-tmp-fetch-abc", b"half");
    world.write(&format!("data/tiny/{BIG}"), b"an old file that is wrong");
    world.fetch("").ok();
    world.assert_right();
}

#[test]
fn files_that_one_has() {
    let world = World::new(&[]);
    for (name, bytes) in files() {
        world.write(&format!("mine/{name}"), &gzip(&gunzip(&bytes), 1));
    }
    let here = world.path("mine");
    world.fetch(&format!("--mirror file://{}", here.display())).ok();
    world.assert_right();
    world.remove("data");
    world.remove("cache");
    world.fetch("--from-dir mine").ok().says(&["no network used"]);
    world.assert_right();
    world.remove("data");
    world.remove("cache");
    world.remove(&format!("mine/{BIG}"));
    world.fetch("--from-dir mine").fails(66, &[BIG, "not in mine"]);
    world.write(&format!("mine/{BIG}"), b"\x1f\x8bnot that");
    world.fetch("--from-dir mine").fails(65, &[BIG]);
    world.assert_absent(BIG);
    world.fetch("--mirror file:///nowhere/at/all").fails(69, &["cannot be read"]);
    world.fetch("--mirror ftp://x/").fails_usage("expected http://, https:// or file://");
    // Files that lie where they should, though nobody fetched them.
    for (name, bytes) in files() {
        world.write(&format!("by-hand/{name}"), &bytes);
    }
    world.fetch("--dir by-hand --verify-only").ok();
    world.fetch("--dir by-hand --offline").ok();
    world.assert_right_in("by-hand");
}

impl Run {
    #[track_caller]
    fn fails_usage(self, says: &str) {
        self.exits(2).says(&[says]);
    }
}

#[test]
fn a_mirror_of_many_data_sets() {
    let server = Server::start(|request, answer| {
        if request.path.starts_with("/pub/tiny/") {
            good(request, answer);
        } else {
            answer.whole("404 Not Found", b"");
        }
    });
    let world = World::new(&[]);
    let url = server.url();
    world.fetch(&format!("--mirror {url}wrong/ --mirror {url}pub/{{name}}/")).ok();
    world.assert_right();
}

#[test]
fn through_a_proxy() {
    use std::io::{Read, Write};
    // A proxy that joins two connections; it knows one host that does not exist.
    let server = Server::start(good);
    let port = server.port();
    let proxy = Server::start(move |request, answer| {
        assert_eq!(request.method, "CONNECT");
        if request.path != "files.invalid:80" {
            return answer.whole("403 Forbidden", b"");
        }
        answer.raw(b"HTTP/1.1 200 Connection established\r\n\r\n");
        let mut there = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        // Requests have no body: the head, then the answer to its end.
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") && answer.read(&mut byte) == 1 {
            head.push(byte[0]);
        }
        there.write_all(&head).unwrap();
        let mut body = Vec::new();
        let _ = there.read_to_end(&mut body);
        answer.raw(&body);
    });
    let world = World::new(&["http://files.invalid/".into()]);
    let address = proxy.url();
    let words = "fetch tiny --catalogue catalogue.toml --retries 0 --timeout 3";
    world.run(words).exits(69);
    world.run_with(words, &[("HTTPS_PROXY", &address)]).exits(69);
    world.run_with(words, &[("HTTP_PROXY", &address), ("NO_PROXY", "files.invalid")]).exits(69);
    assert!(proxy.requests().is_empty());
    world.run_with(words, &[("HTTP_PROXY", "::::")]).exits(2).says(&["HTTP_PROXY"]);
    world.run_with(words, &[("ALL_PROXY", &address)]).ok();
    world.assert_right();
}

#[test]
fn several_failures_are_all_told() {
    let server = Server::start(|request, answer| match request.name() {
        name if name == FILES[1] => answer.whole("404 Not Found", b""),
        name if name == FILES[3] => answer.whole("200 OK", b"<html>"),
        _ => good(request, answer),
    });
    let world = World::new(&[server.url()]);
    world.fetch("--retries 0").fails(65, &["HTTP 404", FILES[1], "HTML", FILES[3]]);
    assert_eq!(world.names("data"), [] as [String; 0]);
}

#[test]
fn what_can_be_had_is_listed() {
    let server = Server::start(good);
    let world = World::new(&[server.url()]);
    let list = world.run("fetch --list --catalogue catalogue.toml").ok();
    assert!(
        list.out.contains("tiny") && list.out.contains("960") && !list.out.contains("yes"),
        "{}",
        list.out
    );
    world.fetch("").ok();
    let list = world.run("fetch --list --catalogue catalogue.toml").ok();
    assert!(list.out.lines().any(|line| line.starts_with("tiny") && line.contains("yes")), "{}", list.out);
    let json = world.run("fetch --list --json").ok().json();
    let names: Vec<&str> =
        json["datasets"].as_array().unwrap().iter().map(|set| set["name"].as_str().unwrap()).collect();
    for name in [
        "mnist",
        "fashion-mnist",
        "kmnist",
        "k49",
        "emnist-letters",
        "qmnist",
        "kannada-mnist",
        "usps",
        "notmnist",
        "pathmnist",
    ] {
        assert!(names.contains(&name), "{name} is not listed");
    }
    world.run("fetch fashion").exits(2).says(&["did you mean fashion-mnist?"]);
    world.run("fetch").exits(2);
    world.write("bad.toml", b"version = 1\n[[dataset]]\nname = 'x'\n");
    world.run("fetch x --catalogue bad.toml").fails(65, &["bad.toml", "is missing"]);
}

#[test]
fn the_license_goes_along() {
    let server = Server::start(good);
    let world = World::new(&[server.url()]);
    world.fetch("").ok();
    let text = String::from_utf8(world.read("data/tiny/LICENSE-DATA.txt")).unwrap();
    assert!(
        text.contains("Tiny. Its makers.") && text.contains("CC-BY-SA-9") && text.contains("same license"),
        "{text}"
    );
    world.run("export --input tiny --limit 10 --out out/few").ok();
    assert_eq!(String::from_utf8(world.read("out/few/LICENSE-DATA.txt")).unwrap(), text);
    world.run("colorize --input tiny --limit 3 --out out/color").ok();
    assert_eq!(String::from_utf8(world.read("out/color/LICENSE-DATA.txt")).unwrap(), text);
}
