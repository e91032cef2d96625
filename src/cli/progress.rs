//! Progress of a run: bars on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use oyer::engine::{Notice, Progress};
use oyer::text::escape;

use super::output;
use super::pace::{Forecast, Pace};
use oyer::text::counted;

/// How often bars are drawn again.
const REDRAW: Duration = Duration::from_millis(100);

/// How often a line is written where there is no terminal.
const LINE: Duration = Duration::from_secs(10);

/// Shows a run until it is dropped.
pub(crate) struct Display {
    bars: Option<MultiProgress>,
    done: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Display {
    pub(crate) fn start(progress: Arc<Progress>) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let bars = std::io::stderr()
            .is_terminal()
            .then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr()));
        let watch = {
            let (bars, done) = (bars.clone(), Arc::clone(&done));
            move || match bars {
                Some(bars) => draw_bars(&bars, &progress, &done),
                None => write_lines(&progress, &done),
            }
        };
        Self {
            bars,
            done,
            thread: Some(std::thread::spawn(watch)),
        }
    }

    /// Writes a line above the bars.
    pub(crate) fn note(bars: Option<&MultiProgress>, text: &str) {
        match bars {
            // A line that cannot be shown is none of the run.
            Some(bars) => drop(bars.println(text)),
            None => output::note(text),
        }
    }

    /// Where notices are written.
    pub(crate) fn bars(&self) -> Option<MultiProgress> {
        self.bars.clone()
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // The display only shows; its failure is none of the run.
            let _ = thread.join();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━╸─")
}

fn draw_bars(bars: &MultiProgress, progress: &Progress, done: &AtomicBool) {
    let bar = |name: &'static str, total| {
        let bar = bars.add(ProgressBar::new(total).with_prefix(name));
        bar.set_style(style("{prefix:>10} {bar:30} {human_pos}/{human_len} {msg}"));
        bar
    };
    let responses = bar("generating", read(&progress.planned_responses));
    let judgments = bar("judging", read(&progress.planned_judgments));
    let status = bars.add(ProgressBar::new_spinner());
    status.set_style(style("           {msg}"));
    let mut pace = Pace::new(Instant::now(), settled(progress));
    while !done.load(Ordering::Relaxed) {
        responses.set_position(progress.responses.load(Ordering::Relaxed));
        judgments.set_position(progress.judgments.load(Ordering::Relaxed));
        status.set_message(status_line(progress, &mut pace));
        status.tick();
        std::thread::park_timeout(REDRAW);
    }
    for bar in [responses, judgments, status] {
        bar.finish_and_clear();
    }
}

fn write_lines(progress: &Progress, done: &AtomicBool) {
    let mut pace = Pace::new(Instant::now(), settled(progress));
    let mut last = Instant::now();
    while !done.load(Ordering::Relaxed) {
        std::thread::park_timeout(REDRAW);
        let sent = progress.sent.load(Ordering::Relaxed);
        pace.look(Instant::now(), sent, settled(progress));
        if last.elapsed() >= LINE && !done.load(Ordering::Relaxed) {
            last = Instant::now();
            output::note(&format!(
                "responses {}/{}, judgments {}/{}, {}",
                read(&progress.responses),
                read(&progress.planned_responses),
                read(&progress.judgments),
                read(&progress.planned_judgments),
                status_line(progress, &mut pace)
            ));
        }
    }
}

fn status_line(progress: &Progress, pace: &mut Pace) -> String {
    let settled = settled(progress);
    pace.look(Instant::now(), read(&progress.sent), settled);
    let mut parts = vec![
        format!("{:.1} calls/s", pace.calls_a_second()),
        format!("{} in flight", read(&progress.in_flight)),
    ];
    for (counter, name) in [
        (&progress.retries, "retries"),
        (&progress.reasks, "re-asks"),
        (&progress.failures, "failed"),
    ] {
        if read(counter) > 0 {
            parts.push(format!("{} {name}", read(counter)));
        }
    }
    if let Some(spent) = progress.spent() {
        parts.push(spent.to_string());
    }
    let planned = read(&progress.planned_responses) + read(&progress.planned_judgments);
    let left = planned.saturating_sub(settled);
    match pace.forecast(left) {
        Forecast::Unknown => {}
        Forecast::Left(time) => parts.push(format!("{} left", HumanDuration(time))),
        Forecast::Waiting(time) => {
            parts.push(format!("waiting, no reply for {}", HumanDuration(time)));
        }
    }
    if let Some(trouble) = progress.trouble() {
        parts.push(format!("last failure: {}", escape(&trouble)));
    }
    parts.join(", ")
}

fn settled(progress: &Progress) -> u64 {
    read(&progress.responses) + read(&progress.judgments)
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

/// The time of day after a wait.
fn clock_time(wait: Duration) -> String {
    let at = Timestamp::now()
        .saturating_add(wait)
        .unwrap_or(Timestamp::MAX);
    at.strftime("%H:%M:%S UTC").to_string()
}

/// A notice as a line.
pub(crate) fn describe(notice: &Notice) -> String {
    let text = match notice {
        Notice::LimitCut { entry, limit } => {
            format!(
                "[{entry}] has too much to do: now at most {} in flight",
                counted(*limit as u64, "call")
            )
        }
        Notice::OutOfFiles { entry, limit } => format!(
            "this process may hold no more files and connections open (`ulimit -n`): \
             [{entry}] has at most {} in flight for now",
            counted(*limit as u64, "call")
        ),
        Notice::Paused { entry, wait } => format!(
            "[{entry}] asks to be left alone for {}: no calls until {}",
            HumanDuration(*wait),
            clock_time(*wait)
        ),
        Notice::WaitsForServer {
            entry,
            reason,
            most,
        } => format!(
            "[{entry}] does not answer yet and is waited for, until {} at most: {reason}",
            clock_time(*most)
        ),
        Notice::SetAside {
            entry,
            url,
            times,
            reason,
        } => {
            let again = if *times == 1 {
                String::new()
            } else {
                format!(", for the {times}th time of late")
            };
            format!("[{entry}] {url} is set aside for a while{again}: {reason}")
        }
        Notice::GaveUp {
            entry,
            item,
            reason,
        } => format!("[{entry}] {item} is given up: {reason}"),
        Notice::ServedDiffers { entry, stored, now } => format!(
            "warning: [{entry}] stored replies came from {stored}, but what answers now is {now}; \
             if the model has changed, give it another `revision`"
        ),
    };
    escape(&text).into_owned()
}
