use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::key::Key;

const STUDY: &[u8] = b"{\"name\":\"s\"}";

fn open(folder: &Path) -> Result<Store, StoreError> {
    let study = serde_json::json!({"name": "s"});
    Store::open(folder, &study, "2026-01-02T03:04:05Z")
}

fn source() -> Arc<Source> {
    Arc::new(Source {
        entry: "base".to_owned(),
        dialect: "openai".to_owned(),
        url: "http://127.0.0.1:1/v1".to_owned(),
        model: "m".to_owned(),
        served: Some("m-1".to_owned()),
        fingerprint: None,
        root: None,
    })
}

fn attempt<'a>(
    key: Key,
    request: &'a [u8],
    source: &'a Arc<Source>,
    body: &'a [u8],
) -> Attempt<'a> {
    Attempt {
        key,
        kind: CallKind::Judgment,
        request,
        source,
        at: 12,
        latency: 34,
        status: 200,
        error: None,
        message: None,
        finish: Some("stop"),
        input_tokens: 5,
        output_tokens: 6,
        headers: &[],
        body,
    }
}

fn record(store: &Store, key: Key, body: &[u8]) {
    let mut call = store.call(None);
    store
        .record(&mut call, &attempt(key, b"request", &source(), body))
        .unwrap()
        .stored_blocking()
        .unwrap();
}

#[test]
fn what_was_ever_sent_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).unwrap();
    let totals = || store.reader().unwrap().totals().unwrap();
    assert_eq!(totals(), FolderTotals::default());
    record(&store, Key::of(&1).unwrap(), b"{}");
    record(&store, Key::of(&2).unwrap(), b"{}");
    let expected = FolderTotals {
        requests: 2,
        input_tokens: 10,
        output_tokens: 12,
    };
    assert_eq!(totals(), expected);
}

#[test]
fn a_reader_leaves_one_file_behind_and_does_not_disturb_a_writer() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).unwrap();
    record(&store, Key::of(&1).unwrap(), b"{}");
    drop(Reader::open(folder.path()).unwrap());
    record(&store, Key::of(&2).unwrap(), b"{}");
    assert_eq!(store.reader().unwrap().index().unwrap().len(), 2);
    drop(store);
    let reader = Reader::open(folder.path()).unwrap();
    assert_eq!(reader.index().unwrap().len(), 2);
    drop(reader);
    let files = std::fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["run.lock", schema::FILE_NAME]);
}

#[test]
fn what_was_stored_is_read_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).unwrap();
    let key = Key::of(&1).unwrap();
    let headers = [("x-request-id".to_owned(), "r\n1".to_owned())];
    let mut call = store.call(None);
    let source = source();
    let failed = Attempt {
        status: 500,
        error: Some("server"),
        message: Some("it broke"),
        ..attempt(key, b"first", &source, b"oops\nmore")
    };
    store
        .record(&mut call, &failed)
        .unwrap()
        .stored_blocking()
        .unwrap();
    store.renew_request(&mut call);
    let replied = Attempt {
        headers: &headers,
        ..attempt(key, b"second", &source, b"\xff{}")
    };
    store
        .record(&mut call, &replied)
        .unwrap()
        .stored_blocking()
        .unwrap();
    let reader = store.reader().unwrap();
    let index = reader.index().unwrap();
    assert_eq!(index.len(), 1);
    let attempts = reader.attempts(index.get(&key).unwrap()).unwrap();
    assert_eq!(attempts.len(), 2);
    assert_eq!(attempts[0].body, b"oops\nmore");
    assert_eq!(attempts[0].error.as_deref(), Some("server"));
    assert_eq!(reader.request(attempts[0].request).unwrap(), b"first");
    assert_eq!(attempts[1].headers, headers);
    assert_eq!(attempts[1].body, b"\xff{}");
    assert_eq!(reader.request(attempts[1].request).unwrap(), b"second");
    assert_eq!(reader.sources().unwrap()[&attempts[1].source], *source);
    let hash = *blake3::hash(STUDY).as_bytes();
    assert_eq!(reader.study(&hash).unwrap().unwrap(), STUDY);
}

#[test]
fn a_second_run_in_one_folder_is_refused_while_the_first_works() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path()).unwrap();
    assert!(matches!(
        open(folder.path()),
        Err(StoreError::Locked { .. })
    ));
    drop(first);
    assert_eq!(open(folder.path()).unwrap().run(), 2);
}

#[test]
fn a_file_of_a_newer_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()).unwrap());
    rusqlite::Connection::open(folder.path().join(FILE_NAME))
        .unwrap()
        .pragma_update(None, "user_version", SCHEMA_VERSION + 1)
        .unwrap();
    assert!(matches!(open(folder.path()), Err(StoreError::Newer { .. })));
    assert!(matches!(
        Reader::open(folder.path()),
        Err(StoreError::Newer { .. })
    ));
}

#[test]
fn a_file_of_something_else_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE_NAME);
    std::fs::write(
        &file,
        "this is a text file, and quite long for one of its kind",
    )
    .unwrap();
    assert!(matches!(
        open(folder.path()),
        Err(StoreError::Foreign { .. })
    ));
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("this"));
    assert!(matches!(
        Reader::open(&folder.path().join("none")),
        Err(StoreError::NotFound { .. })
    ));
}

#[test]
fn a_path_that_is_no_folder_to_write_in_is_named_before_what_is_wrong_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.txt");
    std::fs::write(&file, "").unwrap();
    std::fs::create_dir(folder.path().join("run.lock")).unwrap();
    let said = |place: &Path| open(place).err().unwrap().to_string();
    let begins = |place: &Path, what: &str| format!("{} cannot be {what}: ", place.display());
    for (place, error) in [
        (&file, begins(&file, "a results folder")),
        (
            &file.join("within"),
            begins(&file.join("within"), "a results folder"),
        ),
        (
            &folder.path().to_owned(),
            begins(&folder.path().join("run.lock"), "opened for writing"),
        ),
    ] {
        let said = said(place);
        assert!(said.starts_with(&error), "{said}");
        assert!(
            said.ends_with("; give another folder with --results"),
            "{said}"
        );
    }
}

#[test]
fn a_trained_dictionary_makes_later_rows_smaller_and_all_stay_readable() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).unwrap();
    let words = |from: usize, count: usize| -> String {
        (from..from + count)
            .map(|n| blake3::hash(n.to_string().as_bytes()).to_hex()[..7].to_owned() + " ")
            .collect()
    };
    // The same preface in each, as in prompts of one study, then its own words.
    let preface = words(0, 200);
    let text = |n: usize| format!("{preface}{}", words(1000 + 20 * n, 20)).into_bytes();
    let keys: Vec<Key> = (0..1500).map(|n| Key::of(&n).unwrap()).collect();
    for (n, key) in keys.iter().enumerate() {
        if n == 800 {
            // The dictionary is trained beside the writing.
            let begin = std::time::Instant::now();
            while !store.reader().unwrap().has_dictionary() && begin.elapsed().as_secs() < 60 {
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
        }
        record(&store, *key, &text(n));
    }
    drop(store);
    let reader = Reader::open(folder.path()).unwrap();
    let index = reader.index().unwrap();
    for (n, key) in keys.iter().enumerate() {
        assert_eq!(
            reader.attempts(index.get(key).unwrap()).unwrap()[0].body,
            text(n)
        );
    }
    let connection = rusqlite::Connection::open(folder.path().join(FILE_NAME)).unwrap();
    let size = |condition: &str| -> f64 {
        let sql = format!("SELECT avg(length(exchange)) FROM attempts WHERE {condition}");
        connection.query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    assert!(size("dictionary = 1") < size("dictionary = 0") / 2.0);
}

#[test]
fn a_cut_off_run_is_seen_as_one_that_did_not_end() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()).unwrap());
    let store = open(folder.path()).unwrap();
    store
        .end_run("2026-01-02T04:00:00Z", RunOutcome::Complete)
        .unwrap()
        .stored_blocking()
        .unwrap();
    let runs = store.reader().unwrap().runs().unwrap();
    assert_eq!(runs[0].ended, None);
    assert_eq!(runs[1].outcome.as_deref(), Some("complete"));
    assert_eq!(runs[1].study, *blake3::hash(STUDY).as_bytes());
    assert_eq!(store.study(), runs[1].study);
}
