//! The forms in which trainers read examples.
//!
//! - TRL: `messages`, or `prompt` and `completion` as lists of messages
//!   (<https://huggingface.co/docs/trl/dataset_formats>);
//! - OpenAI fine-tuning: `messages`;
//! - LLaMA-Factory: `conversations` with `from` and `value` and the system prompt beside
//!   them (sharegpt), or `instruction`, `input`, `output` and `system` (alpaca), and
//!   `dataset_info.json` (`data/README.md` of hiyouga/LLaMA-Factory).

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::answers::asked;
use crate::prompt::{Message, Role};
use crate::study::ReplyFormat;

/// Whose training data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// TRL, `messages`.
    #[default]
    Trl,
    /// TRL, `prompt` and `completion`.
    TrlPromptCompletion,
    /// LLaMA-Factory, sharegpt.
    LlamaFactory,
    /// LLaMA-Factory, alpaca.
    LlamaFactoryAlpaca,
    /// OpenAI fine-tuning.
    OpenAi,
}

/// A message as trainers have it.
#[derive(Serialize)]
struct Turn<'a> {
    role: &'a str,
    content: &'a str,
}

#[derive(Serialize)]
struct Chat<'a> {
    messages: Vec<Turn<'a>>,
}

#[derive(Serialize)]
struct PromptCompletion<'a> {
    prompt: Vec<Turn<'a>>,
    completion: [Turn<'a>; 1],
}

#[derive(Serialize)]
struct Said<'a> {
    from: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct ShareGpt<'a> {
    conversations: [Said<'a>; 2],
    system: &'a str,
}

#[derive(Serialize)]
struct Alpaca<'a> {
    instruction: &'a str,
    input: &'a str,
    output: &'a str,
    system: &'a str,
}

/// The reply that an example teaches, in the form that its prompt asks for, as far as
/// replies in that form are read.
pub(super) fn answer(reply: ReplyFormat, messages: &[Message], code: i32) -> String {
    match reply {
        ReplyFormat::Text => {
            let prompt = messages.last().map_or("", |message| &message.content);
            let form = asked::form(prompt).filter(asked::Form::is_read);
            form.map_or_else(|| format!("Answer: {code}"), |form| form.reply(code))
        }
        ReplyFormat::JsonSchema => json!({ "answer": code }).to_string(),
    }
}

impl Form {
    /// Its name on the command line and in a manifest.
    pub fn name(self) -> &'static str {
        match self {
            Self::Trl => "trl",
            Self::TrlPromptCompletion => "trl-prompt-completion",
            Self::LlamaFactory => "llama-factory",
            Self::LlamaFactoryAlpaca => "llama-factory-alpaca",
            Self::OpenAi => "openai",
        }
    }

    /// Writes one example as a line of JSON.
    pub(super) fn write(
        self,
        messages: &[Message],
        answer: &str,
        out: &mut Vec<u8>,
    ) -> Result<(), serde_json::Error> {
        let reply = Turn {
            role: "assistant",
            content: answer,
        };
        let turns = messages.iter().map(turn);
        let of = |role: Role| {
            let mut found = messages.iter().filter(|message| message.role == role);
            found.next().map_or("", |message| message.content.as_str())
        };
        let (system, user) = (of(Role::System), of(Role::User));
        match self {
            Self::Trl | Self::OpenAi => {
                let messages = turns.chain([reply]).collect();
                serde_json::to_writer(&mut *out, &Chat { messages })?;
            }
            Self::TrlPromptCompletion => {
                let example = PromptCompletion {
                    prompt: turns.collect(),
                    completion: [reply],
                };
                serde_json::to_writer(&mut *out, &example)?;
            }
            Self::LlamaFactory => {
                let said = |from, value| Said { from, value };
                let example = ShareGpt {
                    conversations: [said("human", user), said("gpt", answer)],
                    system,
                };
                serde_json::to_writer(&mut *out, &example)?;
            }
            Self::LlamaFactoryAlpaca => {
                let example = Alpaca {
                    instruction: user,
                    input: "",
                    output: answer,
                    system,
                };
                serde_json::to_writer(&mut *out, &example)?;
            }
        }
        out.push(b'\n');
        Ok(())
    }

    /// What LLaMA-Factory needs to find the files: an entry for each.
    pub(super) fn dataset_info(
        self,
        study: &str,
        val: bool,
    ) -> Result<Option<Vec<u8>>, serde_json::Error> {
        let entry = |file: &str| match self {
            Self::LlamaFactory => Some(json!({
                "file_name": file,
                "formatting": "sharegpt",
                "columns": { "messages": "conversations", "system": "system" },
                "tags": {
                    "role_tag": "from",
                    "content_tag": "value",
                    "user_tag": "human",
                    "assistant_tag": "gpt",
                },
            })),
            Self::LlamaFactoryAlpaca => Some(json!({
                "file_name": file,
                "formatting": "alpaca",
                "columns": {
                    "prompt": "instruction",
                    "query": "input",
                    "response": "output",
                    "system": "system",
                },
            })),
            Self::Trl | Self::TrlPromptCompletion | Self::OpenAi => None,
        };
        let Some(train) = entry("train.jsonl") else {
            return Ok(None);
        };
        let name = dataset_name(study);
        let mut info = Map::new();
        if let Some(entry) = entry("val.jsonl").filter(|_| val) {
            info.insert(format!("{name}_val"), entry);
        }
        info.insert(name, train);
        let mut bytes = serde_json::to_vec_pretty(&Value::Object(info))?;
        bytes.push(b'\n');
        Ok(Some(bytes))
    }
}

/// A name that may stand in `dataset: a,b` of a LLaMA-Factory configuration.
fn dataset_name(study: &str) -> String {
    let name: String = study
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '-' {
                c
            } else {
                '_'
            }
        })
        .collect();
    format!("oyer_{name}")
}

fn turn(message: &Message) -> Turn<'_> {
    Turn {
        role: match message.role {
            Role::System => "system",
            Role::User => "user",
        },
        content: &message.content,
    }
}
