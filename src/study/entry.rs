//! From the checked keys of `[models.*]` and `[judges.*]` to [`Entry`]s.
//!
//! Which key applies to which provider, and to models or judges only, is one
//! table here: a key that would be ignored is an error. No secret gets into an
//! entry.

pub(super) mod simulated;

use std::collections::BTreeMap;
use std::path::PathBuf;

use reqwest::header::{HeaderName, HeaderValue};

use super::answers::Answers;
use super::endpoint::{ENV_HELP, holds_secret, is_variable_name, wrong_url};
use super::{Entry, MaxTokensField, Price, ProviderKind, ReplyFormat, SystemRole};
use crate::input::section::{Section, Spot, Value};
use crate::input::source::Source;
use crate::problem::{Problem, Severity};
use crate::text::nearest::is_secret;

/// Seconds after which a call is given up where the study does not say.
const DEFAULT_TIMEOUT: f64 = 120.0;
/// Most tries of one call where the study does not say.
const DEFAULT_TRIES: u32 = 8;

/// Whether an entry is a model under study or a judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Model,
    Judge,
}

/// An entry as it is read, with the places of its keys for later checks.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) entry: Entry,
    pub(super) section: Section,
    /// Of a `file` entry; they go into it when all is read.
    pub(super) answers: Answers,
    /// Its structured answers.
    pub(super) structured: Answers,
    /// Whether nothing was wrong with it: only then can it be compared with others.
    pub(super) sound: bool,
}

impl Draft {
    /// Where its answers are, for a `file` entry.
    pub(super) fn answers_path(&self) -> Option<Spot<PathBuf>> {
        self.file_path("path")
    }

    /// Where a key of a `file` entry leads.
    pub(super) fn file_path(&self, key: &str) -> Option<Spot<PathBuf>> {
        let path = self.section.text(key)?;
        (self.entry.provider == ProviderKind::File).then(|| Spot {
            value: PathBuf::from(path.value),
            offset: path.offset,
        })
    }
}

/// Reads all entries of one role, in file order.
pub(super) fn read(
    source: &Source,
    all: Option<&Section>,
    role: Role,
    problems: &mut Vec<Problem>,
) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (name, value) in all.map_or(&[][..], |all| &all.entries) {
        if let Value::Table(section) = &value.value {
            drafts.push(read_one(source, name, section, role, problems));
        }
    }
    drafts
}

fn read_one(
    source: &Source,
    name: &Spot<String>,
    section: &Section,
    role: Role,
    problems: &mut Vec<Problem>,
) -> Draft {
    let mut reader = Reader {
        source,
        section,
        role,
        found: Vec::new(),
    };
    reader.check_name(name);
    let provider = reader.provider();
    if let Some(provider) = provider {
        reader.check_scopes(provider);
        reader.check_needed(provider);
        reader.check_temperature(provider);
    }
    let mut entry = reader.entry(&name.value, provider.unwrap_or(ProviderKind::OpenAi));
    if provider.is_none() && !section.has("api_key_env") {
        // Which key it needs is not known either.
        entry.api_key_env = None;
    }
    let right_keys = provider.is_some() && section.dropped.is_empty();
    let sound = right_keys && reader.found.iter().all(|p| p.severity != Severity::Error);
    problems.append(&mut reader.found);
    Draft {
        entry,
        section: section.clone(),
        answers: Answers::default(),
        structured: Answers::default(),
        sound,
    }
}

const SERVERS: &[ProviderKind] = &[ProviderKind::OpenAi, ProviderKind::Anthropic];
const OPENAI_LIKE: &[ProviderKind] = &[ProviderKind::OpenAi, ProviderKind::Simulated];
const ASKED: &[ProviderKind] = &[
    ProviderKind::OpenAi,
    ProviderKind::Anthropic,
    ProviderKind::Simulated,
];
const SIMULATED: &[ProviderKind] = &[ProviderKind::Simulated];
const FILE: &[ProviderKind] = &[ProviderKind::File];

/// The providers, and the role if it is one only, that a key applies to. A key
/// that is not here applies everywhere.
pub(super) const SCOPES: &[(&str, &[ProviderKind], Option<Role>)] = &[
    ("base_url", SERVERS, None),
    ("api_key_env", SERVERS, None),
    ("temperature", ASKED, None),
    ("top_p", ASKED, None),
    ("max_tokens", ASKED, None),
    ("max_completion_tokens", OPENAI_LIKE, None),
    ("seed", OPENAI_LIKE, None),
    ("extra", SERVERS, None),
    ("headers", SERVERS, None),
    ("api_version", SERVERS, None),
    ("system", ASKED, None),
    ("reply", ASKED, Some(Role::Judge)),
    ("price", ASKED, None),
    ("max_connections", ASKED, None),
    ("timeout", SERVERS, None),
    ("max_tries", SERVERS, None),
    ("alignment", SIMULATED, Some(Role::Model)),
    ("adherence", SIMULATED, Some(Role::Model)),
    ("skill", SIMULATED, Some(Role::Judge)),
    ("first_bias", SIMULATED, Some(Role::Judge)),
    ("tie_rate", SIMULATED, Some(Role::Judge)),
    ("malformed_rate", SIMULATED, Some(Role::Judge)),
    ("refusal_rate", SIMULATED, Some(Role::Model)),
    ("alignment_by", SIMULATED, Some(Role::Model)),
    ("path", FILE, Some(Role::Model)),
    ("structured_path", FILE, Some(Role::Model)),
];

struct Reader<'a> {
    source: &'a Source,
    section: &'a Section,
    role: Role,
    found: Vec<Problem>,
}

impl Reader<'_> {
    /// It stands in a URL or a header.
    fn api_version(&mut self) -> Option<String> {
        let written = self.section.text("api_version")?;
        let is_of_versions = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        if !written.value.chars().all(is_of_versions) {
            let message = "no version of an API is written like this";
            let help =
                "use letters, digits, `-`, `.` and `_`, such as 2024-10-21 or 2025-04-01-preview";
            self.error(written.offset, "api_version", message, help);
        }
        Some(written.value.to_owned())
    }

    fn error(&mut self, offset: usize, key: &str, message: impl Into<String>, help: &str) {
        let field = self.section.field(key);
        let problem = self.source.error(offset, field, message);
        self.found.push(problem.help(help));
    }

    fn check_name(&mut self, name: &Spot<String>) {
        let plain = !name.value.is_empty()
            && name.value.trim() == name.value
            && !name.value.chars().any(char::is_control);
        if !plain {
            let field = self.section.path.clone();
            let message = "this name is empty, or has blanks around it or control characters in it";
            self.found
                .push(self.source.error(name.offset, field, message));
        }
    }

    fn provider(&mut self) -> Option<ProviderKind> {
        let written = self.section.text("provider")?;
        let provider = match written.value {
            "openai" => ProviderKind::OpenAi,
            "anthropic" => ProviderKind::Anthropic,
            "simulated" => ProviderKind::Simulated,
            _ => ProviderKind::File,
        };
        if provider == ProviderKind::File && self.role == Role::Judge {
            self.error(
                written.offset,
                "provider",
                "a judge cannot be a file of answers",
                "use \"openai\", \"anthropic\" or \"simulated\" for a judge",
            );
            return None;
        }
        Some(provider)
    }

    fn check_scopes(&mut self, provider: ProviderKind) {
        for (key, _) in &self.section.entries {
            let scope = SCOPES.iter().find(|(name, ..)| *name == key.value);
            let Some((_, providers, role)) = scope else {
                continue;
            };
            if providers.contains(&provider) && role.is_none_or(|role| role == self.role) {
                continue;
            }
            let message = format!(
                "this key is for {}, but this is {}",
                described(providers, *role),
                this_entry(provider, self.role),
            );
            self.error(key.offset, &key.value, message, "take it out");
        }
    }

    fn check_needed(&mut self, provider: ProviderKind) {
        let needed = match provider {
            ProviderKind::OpenAi | ProviderKind::Anthropic => (
                "model",
                "model = \"…\" is the model's name as the server knows it",
            ),
            ProviderKind::File => (
                "path",
                "path = \"answers.csv\" names a CSV or JSONL file with persona, question, sample, text",
            ),
            ProviderKind::Simulated => return,
        };
        // A model that only answers structured questions needs no other file.
        if provider == ProviderKind::File && self.section.has("structured_path") {
            return;
        }
        if !self.section.has(needed.0) {
            let offset = self.section.offset;
            self.error(offset, needed.0, "this key is missing", needed.1);
        }
    }

    fn check_temperature(&mut self, provider: ProviderKind) {
        let most = if provider == ProviderKind::Anthropic {
            1.0
        } else {
            2.0
        };
        let Some(written) = self.section.number("temperature") else {
            return;
        };
        if written.value > most {
            let message =
                format!("servers of this dialect mostly refuse a temperature over {most}");
            let field = self.section.field("temperature");
            self.found
                .push(self.source.warning(written.offset, field, message));
        }
    }

    fn entry(&mut self, name: &str, provider: ProviderKind) -> Entry {
        let section = self.section;
        let text = |key| section.text(key).map(|spot| spot.value.to_owned());
        let number = |key| section.number(key).map(|spot| spot.value);
        let base_urls = self.base_urls(provider);
        let (max_tokens, max_tokens_field) = self.max_tokens();
        Entry {
            name: name.to_owned(),
            provider,
            base_urls,
            model: text("model").unwrap_or_else(|| name.to_owned()),
            revision: text("revision"),
            api_key_env: self.api_key_env(provider),
            temperature: number("temperature"),
            top_p: number("top_p"),
            max_tokens,
            max_tokens_field,
            seed: section.whole("seed").map(|spot| spot.value),
            extra: self.extra(),
            headers: self.headers(),
            api_version: self.api_version(),
            system: match section.text("system") {
                Some(spot) if spot.value == "user" => SystemRole::User,
                _ => SystemRole::Message,
            },
            reply: match section.text("reply") {
                Some(spot) if spot.value == "json_schema" => ReplyFormat::JsonSchema,
                _ => ReplyFormat::Text,
            },
            price: price(section),
            max_connections: section.count("max_connections"),
            timeout: number("timeout").unwrap_or(DEFAULT_TIMEOUT),
            max_tries: section.count("max_tries").unwrap_or(DEFAULT_TRIES),
            simulated: simulated::read(section),
            answers: Vec::new(),
            structured_answers: Vec::new(),
            alignment_by: Vec::new(),
        }
    }

    fn max_tokens(&mut self) -> (Option<u32>, MaxTokensField) {
        let plain = self.section.count("max_tokens");
        let Some(newer) = self.section.get("max_completion_tokens") else {
            return (plain, MaxTokensField::MaxTokens);
        };
        if self.section.has("max_tokens") {
            self.error(
                newer.offset,
                "max_completion_tokens",
                "this entry sets max_tokens too",
                "keep one: they are the same limit, sent under the one or the other name",
            );
        }
        let newer = self.section.count("max_completion_tokens");
        (newer, MaxTokensField::MaxCompletionTokens)
    }

    fn base_urls(&mut self, provider: ProviderKind) -> Vec<String> {
        let Some(written) = self.section.texts("base_url") else {
            return match provider {
                ProviderKind::OpenAi => vec!["https://api.openai.com/v1".to_owned()],
                ProviderKind::Anthropic => vec!["https://api.anthropic.com".to_owned()],
                ProviderKind::Simulated | ProviderKind::File => Vec::new(),
            };
        };
        let mut urls: Vec<String> = Vec::new();
        for url in written {
            if let Some((message, help)) = wrong_url(url.value) {
                self.error(url.offset, "base_url", message, help);
                continue;
            }
            let plain = url.value.trim_end_matches('/');
            if urls.iter().any(|other| other == plain) {
                self.error(
                    url.offset,
                    "base_url",
                    "this URL stands twice",
                    "take one out",
                );
            }
            urls.push(plain.to_owned());
        }
        urls
    }

    fn api_key_env(&mut self, provider: ProviderKind) -> Option<String> {
        let Some(variable) = self.section.text("api_key_env") else {
            let own_server = self.section.has("base_url") || self.section.has("api_key_env");
            return match provider {
                ProviderKind::OpenAi if !own_server => Some("OPENAI_API_KEY".to_owned()),
                ProviderKind::Anthropic if !own_server => Some("ANTHROPIC_API_KEY".to_owned()),
                _ => None,
            };
        };
        if !is_variable_name(variable.value) {
            self.error(
                variable.offset,
                "api_key_env",
                "this is not the name of an environment variable",
                "write the name of the variable that holds the key, such as OPENAI_API_KEY, never the key itself",
            );
            return None;
        }
        Some(variable.value.to_owned())
    }

    fn extra(&mut self) -> serde_json::Map<String, serde_json::Value> {
        let schema = self
            .section
            .text("reply")
            .is_some_and(|reply| reply.value == "json_schema");
        let mut extra = serde_json::Map::new();
        for (key, json) in self.section.json("extra") {
            let name = key.value.as_str();
            let wrong = match name {
                _ if is_secret(name) => Some(("a key must not stand in a file", ENV_HELP)),
                "stream" | "n" => Some((
                    "this parameter is not free: every call asks for one reply, in one piece",
                    "take it out",
                )),
                "messages" | "model" | "system" | "prompt" => Some((
                    "this parameter is not free: every call sets it",
                    "take it out",
                )),
                "temperature" | "top_p" | "max_tokens" | "max_completion_tokens" | "seed" => {
                    Some((
                        "this parameter has a key of its own",
                        "write it outside of extra",
                    ))
                }
                "response_format" if schema => Some((
                    "reply = \"json_schema\" sets this parameter",
                    "keep one of the two",
                )),
                _ => None,
            };
            if let Some((message, help)) = wrong {
                self.error(key.offset, &format!("extra.{name}"), message, help);
            }
            extra.insert(name.to_owned(), json.clone());
        }
        extra
    }

    fn headers(&mut self) -> BTreeMap<String, String> {
        let mut headers = BTreeMap::new();
        let Some(written) = self.section.table("headers") else {
            return headers;
        };
        for (name, value) in &written.entries {
            let Some(text) = value.text() else { continue };
            let key = format!("headers.{}", name.value);
            if is_secret(&name.value) || holds_secret(text.value) {
                let message = "a key must not stand in a file";
                self.error(name.offset, &key, message, ENV_HELP);
                continue;
            }
            if HeaderName::from_bytes(name.value.as_bytes()).is_err() {
                let help = "use letters, digits and hyphens";
                self.error(name.offset, &key, "this is not a header's name", help);
            }
            if HeaderValue::from_str(text.value).is_err() {
                let help = "use visible ASCII characters on one line";
                self.error(text.offset, &key, "a header cannot hold this text", help);
            }
            if name.value.eq_ignore_ascii_case("anthropic-version") {
                let help = "write api_version = \"…\" in the entry";
                self.error(name.offset, &key, "this header has a key of its own", help);
            }
            headers.insert(name.value.clone(), text.value.to_owned());
        }
        headers
    }
}

fn price(section: &Section) -> Option<Price> {
    let price = section.table("price")?;
    Some(Price {
        input: price.number("input")?.value,
        output: price.number("output")?.value,
    })
}

fn described(providers: &[ProviderKind], role: Option<Role>) -> String {
    let who = match role {
        Some(Role::Model) => "models",
        Some(Role::Judge) => "judges",
        None => "entries",
    };
    if providers == ASKED && role.is_some() {
        return who.to_owned();
    }
    let names: Vec<_> = providers.iter().map(|p| provider_name(*p)).collect();
    let (last, rest) = names.split_last().unwrap_or((&"", &[]));
    if rest.is_empty() {
        format!("{last} {who}")
    } else {
        format!("{} and {last} {who}", rest.join(", "))
    }
}

fn this_entry(provider: ProviderKind, role: Role) -> String {
    let who = match role {
        Role::Model => "model",
        Role::Judge => "judge",
    };
    let name = provider_name(provider);
    let article = if name.starts_with(['a', 'o']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {name} {who}")
}

fn provider_name(provider: ProviderKind) -> &'static str {
    match provider {
        ProviderKind::OpenAi => "openai",
        ProviderKind::Anthropic => "anthropic",
        ProviderKind::Simulated => "simulated",
        ProviderKind::File => "file",
    }
}
