//! A study of any size in a folder, on the benchmark's own server.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use crate::english::English;

/// What makes a study large.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Personas times questions, at the least.
    pub(crate) items: usize,
    /// Askings of the judge in each order.
    pub(crate) repeats: usize,
    /// Calls in flight over all entries: half of them the judge's.
    pub(crate) connections: usize,
    /// Whether the answers come from a file, so that all calls are judgments.
    pub(crate) file_answers: bool,
}

impl Size {
    /// How many judgments a run of the study makes.
    pub(crate) fn judgments(&self) -> usize {
        self.personas() * self.questions() * 2 * self.repeats
    }

    /// How many calls a run of the study makes.
    pub(crate) fn calls(&self) -> usize {
        let answers = if self.file_answers { 0 } else { 2 };
        self.judgments() + self.personas() * self.questions() * answers
    }

    fn personas(&self) -> usize {
        // About twice as many questions as personas.
        ((self.items as f64 / 2.0).sqrt().ceil() as usize).max(1)
    }

    fn questions(&self) -> usize {
        self.items.div_ceil(self.personas())
    }
}

/// Writes the study; the path of its file.
pub(crate) fn write(folder: &Path, size: &Size, server: &str) -> Result<PathBuf, Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    let mut english = English::new(2);
    fs::write(
        folder.join("personas.csv"),
        personas(&mut english, size.personas()),
    )?;
    fs::write(
        folder.join("questions.csv"),
        questions(&mut english, size.questions()),
    )?;
    write_items(
        &folder.join("truth.csv"),
        "persona,question,value",
        size,
        |_| english.text(40),
    )?;
    if size.file_answers {
        for model in ["tuned", "base"] {
            let path = folder.join(format!("{model}.csv"));
            write_items(&path, "persona,question,text", size, |_| english.text(500))?;
        }
    }
    let study = folder.join("study.toml");
    fs::write(&study, study_file(size, server))?;
    Ok(study)
}

fn study_file(size: &Size, server: &str) -> String {
    let judge = if size.file_answers {
        size.connections
    } else {
        size.connections / 2
    };
    let model = |name: &str| {
        if size.file_answers {
            format!("provider = \"file\"\npath = \"{name}.csv\"\n")
        } else {
            served(server, "model", name, size.connections / 4)
        }
    };
    format!(
        "name = \"throughput\"\nseed = 7\n\n\
         [data]\npersonas = \"personas.csv\"\nquestions = \"questions.csv\"\ntruth = \"truth.csv\"\n\n\
         [models.base]\n{}\n[models.tuned]\n{}\n[judges.main]\n{}\n\
         [compare]\npairs = [[\"tuned\", \"base\"]]\n\n\
         [judging]\njudges = [\"main\"]\nrubric = \"persona-value\"\norders = \"both\"\nrepeats = {}\n\n\
         [report]\nby = []\n",
        model("base"),
        model("tuned"),
        served(server, "judge", "judge", judge),
        size.repeats,
    )
}

fn served(server: &str, path: &str, model: &str, connections: usize) -> String {
    format!(
        "provider = \"openai\"\nbase_url = \"http://{server}/{path}/v1\"\nmodel = \"{model}\"\n\
         temperature = 0.7\nmax_tokens = 400\nmax_connections = {}\n",
        connections.max(1)
    )
}

fn personas(english: &mut English, count: usize) -> String {
    const SEXES: [&str; 2] = ["Female", "Male"];
    const AGES: [&str; 4] = ["21-29", "30-49", "50-64", "65 and over"];
    const PLACES: [&str; 3] = ["Town", "Village", "City"];
    let mut table = "id,text,sex,age_group,place\n".to_owned();
    for number in 0..count {
        let _ = writeln!(
            table,
            "p{number},\"{}\",{},{},{}",
            english.text(120),
            SEXES[number % 2],
            AGES[number / 2 % 4],
            PLACES[number / 8 % 3]
        );
    }
    table
}

fn questions(english: &mut English, count: usize) -> String {
    let mut table = "id,topic,text\n".to_owned();
    for number in 0..count {
        let _ = writeln!(
            table,
            "q{number},topic {},\"{}\"",
            number % 12,
            english.text(110)
        );
    }
    table
}

/// Writes a table with a row and a text for every item.
fn write_items(
    path: &Path,
    header: &str,
    size: &Size,
    mut text: impl FnMut(usize) -> String,
) -> std::io::Result<()> {
    let mut table = BufWriter::new(fs::File::create(path)?);
    writeln!(table, "{header}")?;
    for persona in 0..size.personas() {
        for question in 0..size.questions() {
            writeln!(table, "p{persona},q{question},\"{}\"", text(persona))?;
        }
    }
    table.flush()
}
