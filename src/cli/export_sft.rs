//! `oyer survey export-sft SOURCE --out DIR`

use std::path::{Path, PathBuf};

use oyer::prompt::Prompts;
use oyer::study::{self, SystemRole, TablePrompts};
use oyer::survey::Input;
use oyer::survey::sft::{self, Form, MADE, Options, TiedTruth};

use super::Done;
use super::args::{CheckFormat, ExportSftArgs, SystemPlace, TiedAs, TrainingForm};
use super::error::Failure;
use super::{folder, load, output};
use oyer::text::counted;

pub(crate) fn export(args: &ExportSftArgs) -> Result<Done, Failure> {
    let loaded = read(args)?;
    load::warn(&loaded.warnings);
    let study = loaded.plan.study();
    let prompts = Prompts::new(study).map_err(Failure::Problems)?;
    let mut made = sft::export(study, &prompts, &options(args))
        .map_err(|error| Failure::Input(format!("{}: {error}", args.source.display())))?;
    let folder = if args.source.is_dir() {
        Some(args.source.as_path())
    } else {
        args.source.parent()
    };
    made.manifest.inputs = loaded
        .inputs
        .iter()
        .map(|input| Input {
            role: "study".to_owned(),
            file: within(folder, Path::new(&input.file)),
            blake3: input.blake3.clone(),
        })
        .collect();
    let json = serde_json::to_string_pretty(&made.manifest)
        .map_err(|error| Failure::Internal(error.to_string()))?;
    made.files
        .push(("manifest.json".to_owned(), (json + "\n").into_bytes()));
    refuse_other_folders(&args.out)?;
    let read = loaded.inputs.iter().map(|input| &input.file);
    folder::refuse_to_overwrite(&args.out, read, &made.files)?;
    folder::write_together(&args.out, &made.files, MADE)?;
    match args.format {
        CheckFormat::Json => output::print_json(&made.manifest)?,
        CheckFormat::Table => {
            output::print(&oyer::text::escape_lines(&made.manifest.text()))?;
            let count = counted(made.files.len() as u64, "file");
            output::note(&format!("{count} written to {}", args.out.display()));
        }
    }
    Ok(Done::Complete)
}

/// A file as the study names it, else its name alone: where a study lies is its owner's.
fn within(folder: Option<&Path>, path: &Path) -> String {
    let inside = folder.and_then(|folder| path.strip_prefix(folder).ok());
    let name = inside
        .filter(|path| path.is_relative())
        .or_else(|| path.file_name().map(Path::new));
    let parts = name.unwrap_or(path).components();
    let parts: Vec<_> = parts
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}

/// A study from its file or folder, or the tables of a survey.
fn read(args: &ExportSftArgs) -> Result<load::Loaded, Failure> {
    let path = &args.source;
    let inside = path.join("study.toml");
    let is_tables = path.is_dir() && !inside.is_file();
    if !is_tables && (args.persona_prompt.is_some() || args.prompt.is_some()) {
        return Err(Failure::Input(
            "--persona-prompt and --prompt are for a folder of tables; a study names its own templates"
                .to_owned(),
        ));
    }
    if !path.is_dir() {
        return load::load_unasked(path);
    }
    if inside.is_file() {
        return load::load_unasked(&inside);
    }
    let missing: Vec<&str> = ["personas.csv", "questions.csv", "truth.csv"]
        .into_iter()
        .filter(|name| !path.join(name).is_file())
        .collect();
    if !missing.is_empty() {
        return Err(Failure::Input(format!(
            "{} has no study.toml and no {}; name a study file, its folder, or the folder that `oyer survey build` wrote",
            path.display(),
            missing.join(" and no ")
        )));
    }
    let persona = template(args.persona_prompt.as_deref(), "persona")?;
    let question = template(args.prompt.as_deref(), "structured")?;
    load::plan(study::load_tables(
        path,
        &TablePrompts {
            persona: &persona,
            question: &question,
        },
    ))
}

/// A built-in name as it is, a path from where the command runs.
fn template(written: Option<&str>, default: &str) -> Result<String, Failure> {
    let name = written.unwrap_or(default);
    if !Path::new(name).is_file() {
        return Ok(name.to_owned());
    }
    let path = std::path::absolute(name)?;
    path.into_os_string().into_string().map_err(|path| {
        Failure::Input(format!(
            "the path {} is not UTF-8",
            PathBuf::from(path).display()
        ))
    })
}

/// Refuses a folder with files of these names that no export wrote, such as a results
/// folder, or the `dataset_info.json` of a LLaMA-Factory.
fn refuse_other_folders(out: &Path) -> Result<(), Failure> {
    let manifest = std::fs::read(out.join("manifest.json")).unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap_or_default();
    let is_export = manifest.get("form").is_some() && manifest.get("held_out_personas").is_some();
    folder::refuse_others(out, MADE, |_| is_export, "export")
}

fn options(args: &ExportSftArgs) -> Options {
    Options {
        form: match args.form {
            TrainingForm::Trl => Form::Trl,
            TrainingForm::TrlPromptCompletion => Form::TrlPromptCompletion,
            TrainingForm::LlamaFactory => Form::LlamaFactory,
            TrainingForm::LlamaFactoryAlpaca => Form::LlamaFactoryAlpaca,
            TrainingForm::OpenAi => Form::OpenAi,
        },
        val: args.val,
        seed: args.seed,
        split: args.split.clone(),
        personas: args.persona.clone(),
        questions: args.question.clone(),
        system: args.system.map(|place| match place {
            SystemPlace::Message => SystemRole::Message,
            SystemPlace::User => SystemRole::User,
        }),
        ties: match args.ties {
            TiedAs::Named => TiedTruth::Named,
            TiedAs::Each => TiedTruth::Each,
            TiedAs::Drop => TiedTruth::Drop,
        },
    }
}
