//! Many files at once, politely: four transfers in all, two for each host.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use super::agent::{Agents, Limits};
use crate::base::Stop;

use super::cache::Cache;
use super::catalogue::Catalogue;
use super::download::{Line, Progress};
use super::errors::FetchError;
use super::obtain::{Fetcher, Got, Places, Want};

/// Transfers at a time.
const AT_ONCE: usize = 4;

/// Transfers at a time from one host.
const FROM_ONE_HOST: usize = 2;

/// How often progress is told.
const TICK: Duration = Duration::from_millis(50);

/// Counts the transfers from each host.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    busy: Mutex<BTreeMap<String, usize>>,
    left: Condvar,
}

/// The right to one transfer from a host.
pub(super) struct Permit<'a> {
    hosts: &'a Hosts,
    host: String,
}

impl Hosts {
    /// Waits for its turn.
    pub(super) fn enter(&self, host: &str, stop: &Stop) -> Result<Permit<'_>, FetchError> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        while busy.get(host).is_some_and(|count| *count >= FROM_ONE_HOST) {
            stop.check()?;
            busy = self.left.wait_timeout(busy, TICK).unwrap_or_else(PoisonError::into_inner).0;
        }
        *busy.entry(host.to_owned()).or_default() += 1;
        Ok(Permit { hosts: self, host: host.to_owned() })
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut busy = self.hosts.busy.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = busy.get_mut(&self.host) {
            *count = count.saturating_sub(1);
        }
        self.hosts.left.notify_all();
    }
}

/// How files are fetched.
#[derive(Clone, Debug)]
pub struct Means {
    /// Where they are kept.
    pub cache: Cache,
    /// Where to look.
    pub places: Places,
    /// How the network is used.
    pub limits: Limits,
    /// What is known, to say what a wrong file is.
    pub catalogue: Arc<Catalogue>,
}

enum Event {
    Said(String),
    Done(usize, Box<Result<Got, FetchError>>),
}

/// Gets all `wants`, in parallel. The results are in the order of `wants`. `watch` is called now and then with the progress, `say` with
/// what the user should know.
///
/// # Errors
/// If the network cannot be set up, or a signal arrives. What is wrong with single files is in their results.
pub fn obtain_all(
    wants: Vec<Want>,
    means: &Means,
    stop: &Stop,
    watch: &dyn Fn(&Progress),
    say: &dyn Fn(&str),
) -> Result<Vec<Result<Got, FetchError>>, FetchError> {
    let agents = Arc::new(Agents::new(&means.limits)?);
    let progress = Arc::new(Progress::default());
    let known = wants.iter().filter_map(|want| want.expected.size).sum();
    progress.total.store(known, Ordering::Relaxed);
    let count = wants.len();
    let wants = Arc::new(wants);
    let next = Arc::new(AtomicUsize::new(0));
    let hosts = Arc::new(Hosts::default());
    let (send, events) = mpsc::channel();
    for _ in 0..AT_ONCE.min(count) {
        let (wants, next, hosts, agents, progress, stop, means, send) = (
            Arc::clone(&wants),
            Arc::clone(&next),
            Arc::clone(&hosts),
            Arc::clone(&agents),
            Arc::clone(&progress),
            stop.clone(),
            means.clone(),
            send.clone(),
        );
        // Not scoped: a signal must not wait for a server that says nothing. What such a thread still writes is a part.
        let work = move || {
            let owner = |digest: &str| {
                means.catalogue.owner(digest).map(|(set, file)| format!("{} of {}", file.name, set.name))
            };
            let say = |text: String| {
                let _ = send.send(Event::Said(text));
            };
            let fetcher = Fetcher {
                cache: &means.cache,
                places: &means.places,
                line: Line { agents: &agents, stall: means.limits.stall, stop: &stop, progress: &progress },
                hosts: &hosts,
                retries: means.limits.retries,
                owner: &owner,
                say: &say,
            };
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(want) = wants.get(number) else { break };
                let result = Box::new(fetcher.obtain(want));
                if send.send(Event::Done(number, result)).is_err() {
                    break;
                }
            }
        };
        // Fewer do the same work; what nobody does is reported as lost.
        if thread::Builder::new().name("transfer".into()).spawn(work).is_err() {
            break;
        }
    }
    drop(send);
    let mut results: Vec<Option<Result<Got, FetchError>>> = (0..count).map(|_| None).collect();
    let mut open = count;
    while open > 0 {
        match events.recv_timeout(TICK) {
            Ok(Event::Said(text)) => say(&text),
            Ok(Event::Done(number, result)) => {
                open -= 1;
                results[number] = Some(*result);
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
        watch(&progress);
        stop.check()?;
    }
    let lost = |want: &Want| FetchError::Lost { dataset: want.dataset.clone(), file: want.name.clone() };
    Ok(results
        .into_iter()
        .zip(wants.iter())
        .map(|(result, want)| result.unwrap_or_else(|| Err(lost(want))))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Interrupted;

    #[test]
    fn a_host_has_two_transfers_at_most() {
        let hosts = Hosts::default();
        let stop = Stop::default();
        let most = Mutex::new((0_usize, 0_usize));
        thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    let _permit = hosts.enter("a", &stop).unwrap();
                    let mut now = most.lock().unwrap();
                    now.0 += 1;
                    now.1 = now.1.max(now.0);
                    drop(now);
                    thread::sleep(Duration::from_millis(5));
                    most.lock().unwrap().0 -= 1;
                });
            }
        });
        assert_eq!(most.into_inner().unwrap(), (0, 2));
        let _two = (hosts.enter("b", &stop).unwrap(), hosts.enter("b", &stop).unwrap());
        stop.ask(15);
        assert!(matches!(
            hosts.enter("b", &stop),
            Err(FetchError::Interrupted(Interrupted { signal: 15, .. }))
        ));
    }
}
