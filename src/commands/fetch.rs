//! `mnistaug fetch`

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::base::fault::in_one_line;
use crate::base::{Explain, Fault, Kind, Unit};
use crate::cli::FetchArgs;
use crate::fetch::catalogue::Dataset;
use crate::fetch::obtain::Want;
use crate::fetch::{
    Cache, Catalogue, FetchError, Got, Limits, LockFile, Means, Order, Origin, Places, obtain_all,
};
use crate::ui::{bytes, counted, grouped};

use super::Context;
use super::build::expect_folder;

pub(super) fn run(args: &FetchArgs, context: &Context) -> Result<(), Fault> {
    let catalogue = Arc::new(Catalogue::load(args.catalogue.as_deref())?);
    if let Some(missing) = args.from_dir.as_ref().filter(|folder| !folder.is_dir()) {
        return Err(Fault::said(
            Kind::Missing,
            format!("--from-dir {}: no such folder", missing.display()),
            Some("name the folder that holds the files"),
        ));
    }
    if let Some(dir) = &args.dir {
        expect_folder("--dir", dir)?;
    }
    if args.list {
        return list(args, &catalogue, context);
    }
    let chosen = catalogue.select(&args.names)?;
    let whole_groups = args.names.iter().any(|name| name == "all");
    let mut orders = Vec::new();
    for &dataset in &chosen {
        // `all` means all that can be had without going somewhere by hand.
        if whole_groups && dataset.mirrors.is_empty() && args.from_dir.is_none() && args.mirror.is_empty() {
            context.ui.note(&format!(
                "{}: left out: {}",
                dataset.name,
                dataset.note.as_deref().unwrap_or("no mirrors")
            ));
            continue;
        }
        orders.push(Order { dataset, dir: folder(args, dataset, chosen.len()), as_stored: args.as_stored });
    }
    let lock = if args.no_lock { None } else { Some(LockFile::read(&args.lock)?) };
    let lock = lock.as_ref().map(|lock| (args.lock.as_path(), lock));
    if args.verify_only {
        verify(&orders, lock, context)
    } else {
        fetch(args, &catalogue, &orders, lock, context)
    }
}

/// Where a data set goes.
fn folder(args: &FetchArgs, dataset: &Dataset, of: usize) -> PathBuf {
    match &args.dir {
        Some(dir) if of == 1 => dir.clone(),
        Some(dir) => dir.join(&dataset.name),
        None => Path::new("data").join(&dataset.name),
    }
}

type Lock<'a> = Option<(&'a Path, &'a LockFile)>;

/// What became of one data set.
struct Report<'a> {
    order: &'a Order<'a>,
    /// Whether it was there already.
    here: bool,
    got: BTreeMap<String, Got>,
}

fn fetch(
    args: &FetchArgs,
    catalogue: &Arc<Catalogue>,
    orders: &[Order<'_>],
    lock: Lock<'_>,
    context: &Context,
) -> Result<(), Fault> {
    let ui = context.ui;
    let mut failures: Vec<FetchError> = Vec::new();
    let mut reports = Vec::new();
    let mut wants: Vec<Want> = Vec::new();
    // The files of each data set, as places in `wants`: several data sets may lie in one archive.
    let mut open = Vec::new();
    let mut locked = Vec::new();
    for order in orders {
        if order.verify(lock).is_ok()
            && let Some(known) = order.recorded()
        {
            // A run that was killed between folder and lock file has left this to the next one.
            locked.extend(known.into_iter().map(|(file, got)| (order.dataset.name.clone(), file, got)));
            reports.push(Report { order, here: true, got: BTreeMap::new() });
            continue;
        }
        let mut places = Vec::new();
        for want in order.wants(&args.mirror, lock.map(|(_, lock)| lock)) {
            let name = want.name.clone();
            let at = wants.iter().position(|other| other.key() == want.key()).unwrap_or_else(|| {
                wants.push(want);
                wants.len() - 1
            });
            places.push((name, at));
        }
        open.push((order, places));
    }
    let means = means(args, catalogue)?;
    let start = Instant::now();
    let results = if wants.is_empty() { Vec::new() } else { receive(wants, &means, context)? };
    let seconds = start.elapsed().as_secs_f64();
    for (order, places) in open {
        match settle(order, &places, &results, lock, &means, context) {
            Ok(got) => {
                locked.extend(
                    got.iter().map(|(file, got)| (order.dataset.name.clone(), file.clone(), got.clone())),
                );
                reports.push(Report { order, here: false, got });
            }
            Err(Some(error)) => failures.push(error),
            Err(None) => {}
        }
    }
    failures.extend(results.into_iter().filter_map(Result::err));
    if let Some((path, _)) = lock
        && !locked.is_empty()
    {
        LockFile::extend(path, &means.cache, context.watch.stop(), &locked)?;
    }
    for report in &reports {
        tell(report, context);
    }
    let received: u64 = results_size(&reports);
    if received > 0 {
        let rate = bytes((received as f64 / seconds.max(1e-3)) as u64);
        context.ui.note(&format!("{} fetched and checked in {seconds:.2} s ({rate}/s)", bytes(received)));
    }
    if failures.is_empty() {
        let sets: Vec<Value> = reports.iter().map(describe).collect();
        return ui.summary(
            &json!({ "command": "fetch", "cache": means.cache.root().to_string_lossy(), "datasets": sets }),
        );
    }
    // The worst of several failures ends the program; the others are told before.
    let worst = failures.iter().position(|error| error.kind() == Kind::Data).unwrap_or(0);
    let last = failures.swap_remove(worst);
    for failure in failures {
        ui.warn(&in_one_line(&failure));
    }
    Err(last.into())
}

fn means(args: &FetchArgs, catalogue: &Arc<Catalogue>) -> Result<Means, FetchError> {
    Ok(Means {
        cache: Cache::open(None)?,
        places: Places {
            from_dir: args.from_dir.clone(),
            offline: args.offline,
            allow_unpinned: args.allow_unpinned,
        },
        limits: Limits {
            timeout: Duration::from_secs(args.timeout),
            stall: Duration::from_secs(args.stall_timeout),
            retries: args.retries,
            ca_file: args.ca_file.clone(),
        },
        catalogue: Arc::clone(catalogue),
    })
}

/// Gets all files, with a progress bar.
fn receive(
    wants: Vec<Want>,
    means: &Means,
    context: &Context,
) -> Result<Vec<Result<Got, FetchError>>, Fault> {
    let ui = context.ui;
    context.watch.stop().keeps("what has arrived is kept in the cache");
    let pass = context.watch.pass("fetching", Unit::Bytes, None);
    let watch = |progress: &crate::fetch::download::Progress| {
        pass.set(progress.done.load(Ordering::Relaxed), progress.total.load(Ordering::Relaxed));
    };
    Ok(obtain_all(wants, means, context.watch.stop(), &watch, &|text| ui.note(text))?)
}

/// Fills the folder of one data set, if all of its files are there. `Err(None)`: what is missing is reported elsewhere.
fn settle(
    order: &Order<'_>,
    places: &[(String, usize)],
    results: &[Result<Got, FetchError>],
    lock: Lock<'_>,
    means: &Means,
    context: &Context,
) -> Result<BTreeMap<String, Got>, Option<FetchError>> {
    let mut got = BTreeMap::new();
    for (file, at) in places {
        let Some(Ok(one)) = results.get(*at) else { return Err(None) };
        got.insert(file.clone(), one.clone());
    }
    if let Some((path, lock)) = lock {
        for (file, one) in &got {
            lock.check(path, &order.dataset.name, file, &one.digests, one.content.as_deref())?;
        }
    }
    let first = !order.is_recorded();
    let names = order.install(&got, &means.cache, context.watch.stop())?;
    for shadow in order.shadows(&names) {
        let path = order.dir.join(shadow);
        context.ui.warn(&format!(
            "{}: readers take this file before {0}.gz; move it to another folder",
            path.display()
        ));
    }
    if first && let Some(note) = order.dataset.terms_note() {
        context.ui.note(&note);
    }
    Ok(got)
}

/// Bytes of all files that came from mirrors, each counted once.
fn results_size(reports: &[Report<'_>]) -> u64 {
    let files: BTreeMap<&str, u64> = reports
        .iter()
        .flat_map(|report| report.got.values())
        .filter(|got| matches!(got.origin, Origin::Mirror(_)))
        .map(|got| (got.digests.sha256.as_str(), got.digests.size))
        .collect();
    files.values().sum()
}

fn tell(report: &Report<'_>, context: &Context) {
    let (set, dir) = (report.order.dataset, report.order.dir.display());
    let images = set.images().map_or_else(String::new, |n| format!("{}, ", counted(n, "image")));
    if report.here {
        return context.ui.note(&format!("{}: {images}there already in {dir}, and intact", set.name));
    }
    let mirrored = report.got.values().any(|got| matches!(got.origin, Origin::Mirror(_)));
    let how = if mirrored { "" } else { " (no network used)" };
    context.ui.note(&format!("{}: {images}in {dir}{how}", set.name));
    for (file, got) in &report.got {
        let known = set.files.iter().any(|known| known.name == *file && known.pinned());
        if !known {
            context.ui.note(&format!(
                "  {file}: nobody has published a digest; it has SHA-256 {}",
                got.digests.sha256
            ));
        }
    }
}

fn describe(report: &Report<'_>) -> Value {
    let files: Vec<Value> = report
        .got
        .iter()
        .map(|(file, got)| {
            let origin = match &got.origin {
                Origin::Cache => "cache",
                Origin::Here => "here",
                Origin::Folder => "folder",
                Origin::Mirror(url) => url,
            };
            json!({
                "file": file, "size": got.digests.size, "sha256": got.digests.sha256,
                "content_sha256": got.content, "origin": origin,
            })
        })
        .collect();
    json!({
        "name": report.order.dataset.name, "dir": report.order.dir.to_string_lossy(),
        "status": if report.here { "here" } else { "fetched" }, "files": files,
    })
}

/// `--verify-only`
fn verify(orders: &[Order<'_>], lock: Lock<'_>, context: &Context) -> Result<(), Fault> {
    let mut failures = Vec::new();
    for order in orders {
        match order.verify(lock) {
            Ok(()) => context.ui.note(&format!(
                "{}: all as it should be in {}",
                order.dataset.name,
                order.dir.display()
            )),
            Err(error) => failures.push(error),
        }
    }
    let Some(last) = failures.pop() else {
        let names: Vec<&str> = orders.iter().map(|order| order.dataset.name.as_str()).collect();
        return context.ui.summary(&json!({ "command": "fetch", "verified": names }));
    };
    for failure in failures {
        context.ui.warn(&in_one_line(&failure));
    }
    Err(last.into())
}

/// `--list`
fn list(args: &FetchArgs, catalogue: &Catalogue, context: &Context) -> Result<(), Fault> {
    let chosen = if args.names.is_empty() {
        catalogue.datasets.iter().collect()
    } else {
        catalogue.select(&args.names)?
    };
    let mut rows = Vec::new();
    for set in &chosen {
        // Folders are looked for as they are with several names.
        let of = if args.names.len() == 1 { chosen.len() } else { 2 };
        let order = Order { dataset: set, dir: folder(args, set, of), as_stored: args.as_stored };
        rows.push((set, order.is_here(), order.dir));
    }
    if context.ui.wants_json() {
        let sets: Vec<Value> = rows
            .iter()
            .map(|(set, here, dir)| {
                let shape = set.shape();
                json!({
                    "name": set.name, "title": set.title, "group": set.group, "images": set.images(), "classes": set.classes,
                    "shape": shape, "bytes": set.bytes(), "licence": set.license, "dir": dir.to_string_lossy(), "here": here,
                    "pinned": set.files.iter().all(crate::fetch::catalogue::RemoteFile::pinned), "note": set.note,
                    "splits": set.splits.iter().map(|s| json!({ "name": s.name, "images": s.count })).collect::<Vec<_>>(),
                })
            })
            .collect();
        return context.ui.summary(&json!({ "command": "fetch", "datasets": sets }));
    }
    let mut text = format!(
        "{:<17} {:>8} {:>7}  {:<8} {:>9}  {:<4}  {}\n",
        "name", "images", "classes", "shape", "download", "here", "license"
    );
    for (set, here, _) in rows {
        let unknown = || "?".to_owned();
        let _ = writeln!(
            text,
            "{:<17} {:>8} {:>7}  {:<8} {:>9}  {:<4}  {}",
            set.name,
            set.images().filter(|n| *n > 0).map_or_else(unknown, grouped),
            set.classes,
            set.shape().to_string(),
            set.bytes().filter(|n| *n > 0).map_or_else(unknown, bytes),
            if here { "yes" } else { "" },
            set.license,
        );
    }
    context.ui.data(&text)
}
