//! What the README says is so: its commands run as it shows them, its study lines
//! are good, its commands exist, and its links lead somewhere.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use crate::support::home::Home;

/// What `.ci/run` takes out of the README, in this order, and runs.
const RUN_ON_A_CLEAN_CHECKOUT: [&str; 2] = [
    "cargo run --release -- run studies/singapore/study.toml",
    "cargo test",
];
/// Stands for any number of lines of output.
const LEFT_OUT: &str = "...";

#[test]
fn its_commands_say_what_it_shows() {
    let readme = readme();
    let steps = steps(&readme);
    let commands: Vec<&str> = steps.iter().map(|step| step.command).collect();
    assert_eq!(commands[..2], RUN_ON_A_CLEAN_CHECKOUT);
    let home = home_with_studies();
    for step in &steps {
        let Some(arguments) = oyer_arguments(step.command) else {
            assert!(
                RUN_ON_A_CLEAN_CHECKOUT.contains(&step.command) && step.output.is_empty(),
                "`{}` is not run by any test",
                step.command
            );
            continue;
        };
        // A run of some items leaves the others open, and its exit code says so.
        let code = if arguments.contains(&"--limit") { 3 } else { 0 };
        let ran = home.oyer(&arguments).expect(code);
        let said: Vec<&str> = ran.stdout.lines().collect();
        if let Err(unmatched) = check_output(&step.output, &said) {
            panic!(
                "`{}` does not say, in its place:\n{}\n\nit says:\n{}",
                step.command,
                unmatched.join("\n"),
                ran.stdout
            );
        }
    }
}

#[test]
fn its_study_lines_take_the_place_of_the_examples() {
    let readme = readme();
    let blocks: Vec<Block<'_>> = blocks(&readme).filter(|b| b.language == "toml").collect();
    assert!(!blocks.is_empty(), "no study lines");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    for block in blocks {
        let home = home_with_studies();
        let mut study = home.read("studies/singapore/study.toml");
        for line in block.lines {
            let (key, _) = line.split_once(" = ").expect("a line `key = value`");
            let start = format!("{key} = ");
            let old: Vec<&str> = study.lines().filter(|l| l.starts_with(&start)).collect();
            let [old] = old[..] else {
                panic!("the example has {} lines of `{key}`", old.len())
            };
            study = study.replacen(old, &line.replace("127.0.0.1:8000", &address), 1);
        }
        home.write("studies/singapore/study.toml", &study);
        let checked = home
            .oyer(&["check", "studies/singapore/study.toml"])
            .expect(0);
        assert!(
            checked.stdout.contains("[models.base] openai"),
            "{}",
            checked.stdout
        );
        assert!(listener.accept().is_err(), "`oyer check` called a model");
    }
}

#[test]
fn the_commands_it_names_exist() {
    let help = Home::new().oyer(&["--help"]).expect(0).stdout;
    let (_, listed) = help.split_once("Commands:\n").expect("a list of commands");
    let known: Vec<&str> = listed
        .lines()
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let readme = readme();
    let prose = prose(&readme);
    let named: Vec<&str> = prose
        .split('`')
        .skip(1)
        .step_by(2)
        .filter_map(|code| code.strip_prefix("oyer ")?.split_whitespace().next())
        .collect();
    for name in &named {
        assert!(known.contains(name), "there is no `oyer {name}`");
    }
    assert!(named.len() > 5, "few commands are named: {named:?}");
}

#[test]
fn relative_links_of_every_page_lead_to_a_file() {
    let mut dead = Vec::new();
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        let folder = page.parent().unwrap();
        for target in relative_links(&prose(&text)) {
            if !folder.join(&target).exists() {
                dead.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}

#[test]
fn output_is_compared_line_by_line_but_for_what_is_left_out() {
    let said = ["a", "b", "c", "b", "d"];
    let good: [&[&str]; 7] = [
        &[],
        &["a", "b", "c", "b", "d"],
        &["a", "..."],
        &["...", "d"],
        &["...", "c", "..."],
        &["a", "...", "b", "d"],
        &["...", "a", "b", "...", "c", "b", "d", "..."],
    ];
    for expected in good {
        assert_eq!(check_output(expected, &said), Ok(()), "{expected:?}");
    }
    let bad: [&[&str]; 7] = [
        &["a"],
        &["b", "..."],
        &["...", "c"],
        &["...", "e", "..."],
        &["...", "c", "...", "a", "..."],
        &["a", "c", "..."],
        &["a", "b", "c", "...", "c", "b", "d"],
    ];
    for expected in bad {
        assert!(check_output(expected, &said).is_err(), "{expected:?}");
    }
}

/// A command of a console block and the output that is shown under it.
struct Step<'a> {
    command: &'a str,
    output: Vec<&'a str>,
}

/// A fenced block.
struct Block<'a> {
    language: &'a str,
    lines: Vec<&'a str>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).unwrap()
}

/// A home that holds the repository's studies.
fn home_with_studies() -> Home {
    let home = Home::new();
    copy_folder(&root().join("studies"), &home.path().join("studies"));
    home
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The arguments of a command that is this program.
fn oyer_arguments(command: &str) -> Option<Vec<&str>> {
    let arguments = command
        .strip_prefix("oyer ")
        .or_else(|| command.strip_prefix("cargo run --release -- "))?;
    Some(arguments.split_whitespace().collect())
}

fn blocks(text: &str) -> impl Iterator<Item = Block<'_>> {
    let mut lines = text.lines();
    std::iter::from_fn(move || {
        let language = lines.find_map(|line| line.strip_prefix("```"))?;
        let lines = lines.by_ref().take_while(|line| *line != "```").collect();
        Some(Block { language, lines })
    })
}

fn steps(text: &str) -> Vec<Step<'_>> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    for block in blocks(text).filter(|block| block.language == "console") {
        let before = steps.len();
        for line in block.lines {
            if let Some(command) = line.strip_prefix("$ ") {
                let output = Vec::new();
                steps.push(Step { command, output });
            } else {
                assert!(steps.len() > before, "output before a command: {line}");
                let step = steps.last_mut().expect("a command");
                step.output.push(line);
            }
        }
    }
    steps
}

/// A page without its fenced blocks.
fn prose(text: &str) -> String {
    let mut inside = false;
    let kept = text.lines().filter(|line| {
        let fence = line.starts_with("```");
        inside ^= fence;
        !inside && !fence
    });
    kept.collect::<Vec<&str>>().join("\n")
}

/// Whether the output is what is shown; the error is the first run of lines that it
/// does not have in its place. Nothing shown is nothing claimed.
fn check_output<'a>(expected: &[&'a str], said: &[&str]) -> Result<(), Vec<&'a str>> {
    if expected.is_empty() {
        return Ok(());
    }
    let runs: Vec<&[&'a str]> = expected.split(|line| *line == LEFT_OUT).collect();
    let mut rest = said;
    for (number, run) in runs.iter().enumerate() {
        let (first, last) = (number == 0, number + 1 == runs.len());
        let at = match (first, last) {
            (true, true) if rest.len() != run.len() => None,
            (true, _) => rest.starts_with(run).then_some(0),
            (false, true) => rest.ends_with(run).then(|| rest.len() - run.len()),
            (false, false) if run.is_empty() => Some(0),
            (false, false) => rest.windows(run.len()).position(|lines| lines == *run),
        };
        match at {
            Some(at) => rest = &rest[at + run.len()..],
            None => return Err(run.to_vec()),
        }
    }
    Ok(())
}

/// Every page that a reader may open.
fn pages() -> Vec<PathBuf> {
    let folders = [
        "",
        "docs",
        "prompts",
        "rubrics",
        "results",
        "studies/singapore",
    ];
    let mut pages: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(root().join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    pages.sort();
    pages
}

/// The targets of links within the repository, without their anchors.
fn relative_links(text: &str) -> Vec<String> {
    text.split("](")
        .skip(1)
        .filter_map(|after| after.split(')').next())
        .filter(|target| !target.contains("://") && !target.starts_with('#'))
        .map(|target| target.split('#').next().unwrap_or(target).to_owned())
        .collect()
}
