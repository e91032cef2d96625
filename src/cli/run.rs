//! `oyer run STUDY`

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use oyer::analysis::Facts;
use oyer::analysis::scores::report::ScoreReport;
use oyer::engine::stock::Stock;
use oyer::engine::{self, Caps, Control, Ended, Progress, Roots, Run, StopReason};
use oyer::import::folder::{self as import, FolderError};
use oyer::plan::Plan;
use oyer::provider::{Client, Provider};
use oyer::settle::collect::Collected;
use oyer::store::{RunOutcome, Store};
use oyer::study::{Entry, ProviderKind, ReportOptions};
use oyer::verdict::table_io;
use secrecy::SecretString;

use super::Done;
use super::args::{ReportFormat, RunArgs};
use super::error::Failure;
use super::load::Loaded;
use super::progress::{Display, describe};
use super::{announce, facts, load, manifest, open_files, output, report, score};
use oyer::text::{counted, form};

pub(crate) fn run(args: &RunArgs) -> Result<Done, Failure> {
    open_files::raise_limit();
    let loaded = load::load(&args.study)?;
    load::need_keys(&loaded)?;
    load::warn(&loaded.warnings);
    let plan = &loaded.plan;
    check_budget(plan, args.budget)?;
    let folder = folder(plan, args.results.as_deref());
    let providers = Providers::new(plan)?;
    refuse_taken(&folder)?;
    let store = Store::open(&folder, plan.study().as_ref(), &now())?;
    let index = store.reader()?.index()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Internal(format!("cannot start: {error}")))?;
    let prepared = Run {
        plan: Arc::clone(plan),
        roots: Roots::new(),
        models: providers.models,
        judges: providers.judges,
        index,
        store,
        caps: Caps {
            max_calls: args.max_calls,
            budget: args.budget,
        },
        item_limit: args.limit,
    };
    let ended = runtime.block_on(supervise(plan, prepared))?;
    drop(runtime);
    finish(args, loaded, &folder, ended)
}

/// The folder of a study's results.
pub(crate) fn folder(plan: &Plan, asked: Option<&Path>) -> PathBuf {
    asked.map_or_else(
        || Path::new("results").join(&plan.study().name),
        Path::to_owned,
    )
}

/// The tables and reports that a run writes beside its store.
const WRITTEN: [&str; 5] = [
    "verdicts.csv",
    "answers.csv",
    "report.json",
    "scores.json",
    "manifest.json",
];

/// Refuses a folder that cannot be one of results, or in which a run would write over what
/// is not of a run.
pub(crate) fn refuse_taken(folder: &Path) -> Result<(), Failure> {
    let taken = |path: &Path, what: String| {
        let path = path.to_owned();
        Err(FolderError::Taken { path, what }.into())
    };
    let is_there = folder.ancestors().find(|place| place.exists());
    if let Some(place) = is_there.filter(|place| !place.is_dir()) {
        return taken(place, "is no folder".to_owned());
    }
    let has = |name: &str| folder.join(name).exists();
    if has(import::IMPORT) {
        return taken(folder, "holds an import".to_owned());
    }
    let store = oyer::store::FILE_NAME;
    if has(store) {
        return Ok(());
    }
    let written: Vec<_> = WRITTEN.into_iter().filter(|name| has(name)).collect();
    match &written[..] {
        [] => Ok(()),
        [name] => taken(folder, format!("holds a {name} that is not of a run")),
        [names @ .., last] => taken(
            folder,
            format!(
                "holds {} and {last}, but not the {store} that a run would have made them of",
                names.join(", ")
            ),
        ),
    }
}

fn now() -> String {
    // Whole seconds are enough for a log of runs.
    Timestamp::from_second(Timestamp::now().as_second())
        .unwrap_or_default()
        .to_string()
}

/// A budget holds only where every call's price is known.
fn check_budget(plan: &Plan, budget: Option<f64>) -> Result<(), Failure> {
    if budget.is_none() {
        return Ok(());
    }
    let unpriced: Vec<String> = entries_in_use(plan)
        .filter(|(_, entry)| is_remote(entry) && entry.price.is_none())
        .map(|(table, entry)| format!("[{table}.{}]", entry.name))
        .collect();
    if unpriced.is_empty() {
        warn_of_replies_without_bound(plan);
        return Ok(());
    }
    Err(Failure::Input(format!(
        "--budget cannot hold, since {} {} no price; add for instance `price = {{ input = 0.05, \
         output = 0.08 }}` (dollars per million tokens; 0 for a server of your own)",
        unpriced.join(" and "),
        form(unpriced.len() as u64, "has", "have")
    )))
}

/// A budget is held by what a call may cost at the most.
fn warn_of_replies_without_bound(plan: &Plan) {
    let unbound: Vec<String> = entries_in_use(plan)
        .filter(|(_, entry)| entry.provider == ProviderKind::OpenAi && entry.max_tokens.is_none())
        .filter(|(_, entry)| entry.price.is_some_and(|price| price.output > 0.0))
        .map(|(table, entry)| format!("[{table}.{}]", entry.name))
        .collect();
    if !unbound.is_empty() {
        output::note(&format!(
            "warning: the budget may be exceeded by a reply of {} that is twice as long as any \
             before; `max_tokens` bounds it",
            unbound.join(" or ")
        ));
    }
}

fn is_remote(entry: &Entry) -> bool {
    matches!(
        entry.provider,
        ProviderKind::OpenAi | ProviderKind::Anthropic
    )
}

/// The entries that a run asks, with their tables.
pub(crate) fn entries_in_use(plan: &Plan) -> impl Iterator<Item = (&'static str, &Entry)> {
    let study = plan.study();
    let models = plan
        .models_asked()
        .iter()
        .map(|model| ("models", &study.models[*model]));
    let judges = study
        .judging
        .judges
        .iter()
        .map(|judge| ("judges", &study.judges[*judge]));
    models.chain(judges)
}

/// The providers of a study's entries, parallel to its tables.
pub(crate) struct Providers {
    pub(crate) models: Vec<Option<Provider>>,
    pub(crate) judges: Vec<Option<Provider>>,
}

impl Providers {
    pub(crate) fn new(plan: &Plan) -> Result<Self, Failure> {
        let study = plan.study();
        let client = Client::new();
        let make = |entry: &Entry, is_used: bool| -> Result<Option<Provider>, Failure> {
            if !is_used || entry.provider == ProviderKind::File {
                return Ok(None);
            }
            let key = entry
                .api_key_env
                .as_deref()
                .and_then(|name| std::env::var(name).ok())
                .map(SecretString::from);
            Provider::new(entry, key.as_ref(), &client)
                .map(Some)
                .map_err(|error| Failure::Input(error.to_string()))
        };
        let models = study.models.iter().enumerate();
        let judges = study.judges.iter().enumerate();
        Ok(Self {
            models: models
                .map(|(index, entry)| make(entry, plan.models_asked().contains(&index)))
                .collect::<Result<_, _>>()?,
            judges: judges
                .map(|(index, entry)| make(entry, study.judging.judges.contains(&index)))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// Runs under the eyes of the user: progress, notices, and Ctrl-C.
async fn supervise(plan: &Plan, mut run: Run) -> Result<Ended, Failure> {
    let progress = Arc::new(Progress::default());
    let control = Control::default();
    let listen = || {
        Signals::listen()
            .map_err(|error| Failure::Internal(format!("cannot listen to signals: {error}")))
    };
    let watch = tokio::spawn(watch_signals(listen()?, control.clone()));
    let reader = run.store.reader()?;
    run.find_roots().await;
    let roots = run.roots.clone();
    let display = std::cell::OnceCell::new();
    let bars: Arc<std::sync::OnceLock<Option<indicatif::MultiProgress>>> = Arc::default();
    let observer = {
        let bars = Arc::clone(&bars);
        Box::new(move |notice| {
            let bars = bars.get().and_then(Option::as_ref);
            Display::note(bars, &describe(&notice));
        })
    };
    let stocked = |stock: &Stock| {
        for line in announce::reused(plan, &reader, stock, &roots) {
            output::note(&line);
        }
        if !stock.open_items.is_empty() {
            let started = Display::start(Arc::clone(&progress));
            // Set once, before the first notice can come.
            let _ = bars.set(started.bars());
            let _ = display.set(started);
        }
    };
    let ended = engine::run(run, control, Arc::clone(&progress), observer, stocked).await?;
    drop(display);
    watch.abort();
    tokio::spawn(end_on_signal(listen()?));
    Ok(ended)
}

/// The first Ctrl-C (or SIGTERM) finishes what is in flight, the second stops at
/// once.
async fn watch_signals(mut signals: Signals, control: Control) {
    signals.next().await;
    output::note("finishing the calls in flight; press Ctrl-C again to stop at once");
    control.interrupt.cancel();
    signals.next().await;
    control.abort.cancel();
}

/// Once no call is in flight, nothing is lost by ending the process.
async fn end_on_signal(mut signals: Signals) {
    signals.next().await;
    output::note("error: stopped before the report was written; the same command writes it");
    std::process::exit(Failure::Incomplete(String::new()).exit_code().into());
}

/// Ctrl-C and SIGTERM. Listens from when it is made, so that none is missed.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        // Without a handler the process is ended by the signal itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Writes what a run leaves behind, prints its report, and says how it ended.
fn finish(args: &RunArgs, loaded: Loaded, folder: &Path, ended: Ended) -> Result<Done, Failure> {
    let Some(mut collected) = ended.collected else {
        return Err(match ended.stopped {
            Some(StopReason::Broken(message)) => Failure::Internal(message),
            _ => Failure::Incomplete(
                "stopped at once; what was stored is safe, and the same command resumes".to_owned(),
            ),
        });
    };
    let outcome = match &ended.stopped {
        Some(StopReason::Refused { .. }) => RunOutcome::Refused,
        None if collected.open == 0 => RunOutcome::Complete,
        _ => RunOutcome::Incomplete,
    };
    if !matches!(ended.stopped, Some(StopReason::Store(_))) {
        ended.store.end_run(&now(), outcome)?.stored_blocking()?;
    }
    let not_asked = collected.answers.leave_out_items_not_begun(None);
    let mut known = Known::of(&loaded, &collected, &ended.store)?;
    if let Some(scores) = &mut known.scores {
        let not_asked = not_asked.sentence("structured answer");
        scores.notes.splice(0..0, not_asked);
    }
    // A large study need not be in memory with its report.
    drop(loaded);
    let tables = write_tables(folder, &known, &collected);
    // Only the written table says which call gave a verdict.
    collected.table.calls = Vec::new();
    let facts = known.facts.as_ref();
    let made = facts
        .map(|facts| {
            let (table, settings) = (&collected.table, &known.settings);
            report::make(table, Some(facts), settings, &args.report)
        })
        .transpose()?;
    let scores = known.scores.as_ref();
    let written = tables
        .and(known.manifest)
        .and_then(|manifest| write_reports(folder, made.as_ref(), scores, &manifest));
    if let (Err(failure), Some(_)) = (&written, &ended.stopped) {
        // Why the run stopped is said last, and most likely is why this failed too.
        output::note(&failure.to_string());
    } else {
        written?;
        output::note(&format!("results are in {}", folder.display()));
    }
    if let Some(made) = &made {
        output::print(&report::render(made, &args.report))?;
    }
    if let Some(scores) = scores {
        // Two documents in one output would be neither.
        if made.is_none() || args.report.format == ReportFormat::Table {
            output::print(&score::render(scores, args.report.format))?;
        }
    }
    if let Some(reason) = ended.stopped {
        return Err(stopped(reason, &collected));
    }
    say_what_is_left(&collected, ended.left_out);
    let are_answered = collected
        .answer_counts
        .iter()
        .all(|counts| counts.settled == counts.planned);
    let is_told = scores.is_none_or(|scores| score::done(scores) == Done::Complete);
    if are_answered && is_told {
        Ok(made.as_ref().map_or(Done::Complete, report::done))
    } else {
        Ok(Done::Incomplete)
    }
}

/// What is said of a run besides its verdicts.
struct Known {
    /// `None` of a study that compares nothing: it has structured answers only, and no
    /// win rates.
    facts: Option<Facts>,
    settings: ReportOptions,
    /// Whether structured questions were asked.
    structured: bool,
    scores: Option<ScoreReport>,
    manifest: Result<String, Failure>,
}

impl Known {
    fn of(loaded: &Loaded, collected: &Collected, store: &Store) -> Result<Self, Failure> {
        let plan = &loaded.plan;
        let study = plan.study();
        let hash = &store.study();
        let manifest = store
            .reader()
            .map_err(Failure::from)
            .and_then(|reader| manifest::render(study, hash, &loaded.inputs, collected, &reader));
        Ok(Self {
            facts: (!plan.items().is_empty()).then(|| facts::facts(plan, collected)),
            settings: study.report.clone(),
            structured: study.structured.is_some(),
            scores: scores(plan, collected)?,
            manifest,
        })
    }
}

/// The scores of structured answers, where there are any and their truth is known.
fn scores(plan: &Plan, collected: &Collected) -> Result<Option<ScoreReport>, Failure> {
    let table = &collected.answers;
    let has_truth = table.items.iter().any(|item| item.truth.is_some());
    if table.answers.is_empty() || !has_truth {
        return Ok(None);
    }
    score::of_run(plan.study(), table).map(Some)
}

fn write_tables(folder: &Path, known: &Known, collected: &Collected) -> Result<(), Failure> {
    if known.facts.is_some() {
        output::write_file(&folder.join("verdicts.csv"), |out| {
            table_io::write_begun(&collected.table, table_io::Format::Csv, out)
        })?;
    }
    if known.structured {
        output::write_file(&folder.join("answers.csv"), |out| {
            oyer::answers::table_io::write(&collected.answers, table_io::Format::Csv, out)
        })?;
    }
    Ok(())
}

fn write_reports(
    folder: &Path,
    made: Option<&oyer::analysis::Report>,
    scores: Option<&ScoreReport>,
    manifest: &str,
) -> Result<(), Failure> {
    let write = |name: &str, text: &str| {
        output::write_file(&folder.join(name), |out| out.write_all(text.as_bytes()))
    };
    if let Some(made) = made {
        write("report.json", &oyer::report::json::render(made))?;
    }
    if let Some(scores) = scores {
        write("scores.json", &score::render(scores, ReportFormat::Json))?;
    }
    write("manifest.json", manifest)
}

fn stopped(reason: StopReason, collected: &Collected) -> Failure {
    let left = collected.open;
    // What failed may fail for its own sake.
    let is_silent = matches!(reason, StopReason::Silent { .. });
    let resume = format!(
        "{} {} left; the same command goes on from here{}",
        counted(left, "call"),
        form(left, "is", "are"),
        if is_silent {
            ", with what has failed last"
        } else {
            ""
        }
    );
    match Failure::from(reason) {
        Failure::Incomplete(why) => Failure::Incomplete(format!("{why}; {resume}")),
        Failure::Refused(why) => Failure::Refused(format!("{why}; once that is mended, {resume}")),
        other => other,
    }
}

fn say_what_is_left(collected: &Collected, left_out: usize) {
    if left_out > 0 {
        output::note(&format!(
            "left out by --limit: {}; the same command without it goes on",
            counted(left_out as u64, "item")
        ));
    } else if collected.open > 0 {
        output::note(&match collected.open {
            1 => "1 call failed; the same command asks it again".to_owned(),
            open => format!(
                "{} failed or wait for one that did; the same command asks them again",
                counted(open, "call")
            ),
        });
    }
}
