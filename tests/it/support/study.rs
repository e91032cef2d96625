//! Small studies, written as a user would.

use std::fmt::Write;

use super::home::Home;

/// A study of `tuned` against `base`, judged by `main`.
pub(crate) struct StudyFiles {
    pub(crate) personas: usize,
    pub(crate) questions: usize,
    /// The entries' tables, as TOML.
    pub(crate) entries: String,
    /// Lines under `[judging]`.
    pub(crate) judging: String,
    /// Lines under `[compare]`.
    pub(crate) compare: String,
}

/// On simulated models.
pub(crate) fn simulated(personas: usize, questions: usize) -> StudyFiles {
    StudyFiles {
        personas,
        questions,
        entries: r#"
            [models.base]
            provider = "simulated"
            alignment = 0.4
            adherence = 0.5
            [models.tuned]
            provider = "simulated"
            alignment = 0.7
            adherence = 0.6
            [judges.main]
            provider = "simulated"
            skill = 0.8
            first_bias = 0.1
            tie_rate = 0.1
        "#
        .to_owned(),
        judging: String::new(),
        compare: "pairs = [[\"tuned\", \"base\"]]".to_owned(),
    }
}

/// On one server that speaks OpenAI's dialect; `more` lines in each entry.
pub(crate) fn served(personas: usize, questions: usize, url: &str, more: &str) -> StudyFiles {
    let entry = |table: &str, model: &str| openai(table, url, model, more);
    StudyFiles {
        personas,
        questions,
        entries: entry("models.base", "base-1")
            + &entry("models.tuned", "tuned-1")
            + &entry("judges.main", "judge-1"),
        judging: String::new(),
        compare: "pairs = [[\"tuned\", \"base\"]]".to_owned(),
    }
}

/// An entry that speaks OpenAI's dialect; `more` lines in it.
pub(crate) fn openai(table: &str, url: &str, model: &str, more: &str) -> String {
    format!("[{table}]\nprovider = \"openai\"\nbase_url = \"{url}\"\nmodel = \"{model}\"\n{more}\n")
}

impl StudyFiles {
    /// Writes `study.toml` and its tables into a home.
    pub(crate) fn write(&self, home: &Home) {
        home.write(
            "study.toml",
            format!(
                "name = \"s\"\nseed = 7\n[data]\npersonas = \"personas.csv\"\n\
                 questions = \"questions.csv\"\ntruth = \"truth.csv\"\n{}\n\
                 [compare]\n{}\n[judging]\n{}\n",
                self.entries, self.compare, self.judging
            ),
        );
        let mut personas = "id,sex,age\n".to_owned();
        for n in 0..self.personas {
            let sex = ["female", "male"][n % 2];
            let age = ["young", "middle", "old"][n % 3];
            writeln!(personas, "p{n},{sex},{age}").expect("a written line");
        }
        home.write("personas.csv", personas);
        let mut questions = "id,topic,text\n".to_owned();
        for n in 0..self.questions {
            let topic = ["trust", "work"][n % 2];
            writeln!(
                questions,
                "q{n},{topic},How do you see matter number {n} in your life?"
            )
            .expect("a written line");
        }
        home.write("questions.csv", questions);
        let mut truth = "persona,question,value\n".to_owned();
        for p in 0..self.personas {
            for q in 0..self.questions {
                let value =
                    ["It matters a great deal", "It matters little", "It depends"][(p + q) % 3];
                writeln!(truth, "p{p},q{q},{value}").expect("a written line");
            }
        }
        home.write("truth.csv", truth);
    }
}
