//! What lies where nobody put it: links in the place of locks and parts, pipes for mirrors, passwords in addresses, records that lead elsewhere.

use std::fs;
use std::time::{Duration, Instant};

use crate::server::Server;
use crate::world::{BIG, World, files, good};

/// A run that is killed between the folder and the lock file leaves the second to the next one.
#[test]
fn the_lock_file_is_completed_for_what_is_there() {
    let server = Server::start(good);
    let world = World::new(&[server.url()]);
    world.fetch("").ok();
    let lock = world.read("mnistaug.lock");
    world.remove("mnistaug.lock");
    world.fetch("").ok().says(&["there already"]);
    assert_eq!(world.read("mnistaug.lock"), lock);
    world.fetch("").ok();
    assert_eq!(world.read("mnistaug.lock"), lock);
    // Its sizes count as well.
    let text = String::from_utf8(lock).unwrap();
    let size = text.lines().find_map(|line| line.strip_prefix("size = ")).unwrap();
    world.write("mnistaug.lock", text.replacen(&format!("size = {size}"), "size = 4294967296", 1).as_bytes());
    world.fetch("--verify-only").fails(65, &["mnistaug.lock", "4294967296"]);
}

#[test]
fn passwords_are_shown_to_nobody() {
    let world = World::new(&["http://user:s3cret@127.0.0.1:1/".to_owned()]);
    for options in
        ["--retries 0", "--retries 0 --json", "--retries 0 --mirror http://u2:s3cret@127.0.0.1:1/x/"]
    {
        let run = world.fetch(options).exits(69).says(&["http://***@127.0.0.1:1/"]);
        assert!(!run.err.contains("s3cret") && !run.out.contains("s3cret"), "{}{}", run.out, run.err);
    }
}

#[cfg(unix)]
#[test]
fn a_mirror_of_files_has_files() {
    let world = World::new(&[]);
    for (name, bytes) in files() {
        world.write(&format!("mine/{name}"), &bytes);
    }
    world.remove(&format!("mine/{BIG}"));
    let made = std::process::Command::new("mkfifo").arg(world.path("mine").join(BIG)).status().unwrap();
    assert!(made.success());
    let start = Instant::now();
    let mirror = format!("--mirror file://{}", world.path("mine").display());
    world.fetch(&mirror).fails(69, &[BIG, "no regular file"]);
    world.fetch("--from-dir mine").exits(66);
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[cfg(unix)]
#[test]
fn links_in_the_cache_are_not_followed() {
    use std::os::unix::fs::symlink;
    let server = Server::start(good);
    let world = World::new(&[server.url()]);
    world.fetch("").ok();
    world.write("precious", b"mine");
    let precious = world.path("precious");
    let locks: Vec<_> = fs::read_dir(world.path("cache/locks")).unwrap().map(|e| e.unwrap().path()).collect();
    for lock in locks {
        fs::remove_file(&lock).unwrap();
        symlink(&precious, &lock).unwrap();
    }
    world.remove("data");
    world.fetch("").exits(73);
    assert_eq!(world.read("precious"), b"mine");
}

/// `fetched.json` is a file of the folder, and says nothing about files elsewhere.
#[test]
fn a_record_leads_nowhere() {
    let server = Server::start(good);
    let world = World::new(&[server.url()]);
    world.fetch("").ok();
    let text = String::from_utf8(world.read("data/tiny/fetched.json")).unwrap();
    for name in ["/etc/passwd", "../../precious"] {
        world.write("precious", b"mine");
        world.write("data/tiny/fetched.json", text.replace("LICENSE-DATA.txt", name).as_bytes());
        world.fetch("").ok();
        assert_eq!(world.read("precious"), b"mine");
        world.assert_right();
    }
}
