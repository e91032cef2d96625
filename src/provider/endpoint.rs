//! Where an entry is asked: URLs and headers, made once for all its calls.

use std::time::Duration;

use reqwest::Url;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use super::redact::Redactor;
use crate::study::{Entry, ProviderKind};

/// Anthropic's version header where the entry sets none.
const ANTHROPIC_VERSION: &str = "2023-06-01";

/// Longest time a call may take where an entry's timeout is beyond reason.
const LONGEST: Duration = Duration::from_hours(24);

/// Why an entry cannot be asked at all. Each is the user's to mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// The key cannot be sent.
    #[error("{entry}: the key {problem}; set {variable} to the key as the provider shows it")]
    Key {
        /// The entry.
        entry: String,
        /// Where the key comes from.
        variable: String,
        /// What is wrong with it, without the key.
        problem: &'static str,
    },
    /// A base URL is none.
    #[error(
        "{entry}: base_url {url:?} is no URL of a server ({problem}); \
         expected something like \"http://127.0.0.1:8000/v1\""
    )]
    Url {
        /// The entry.
        entry: String,
        /// What the study says.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A header cannot be sent.
    #[error("{entry}: the header {name:?} cannot be sent: {problem}")]
    Header {
        /// The entry.
        entry: String,
        /// Name of the header.
        name: String,
        /// What is wrong with it, without its value.
        problem: &'static str,
    },
    /// The entry is of a kind that is not asked.
    #[error("{entry}: answers of a `file` entry are read, not asked for")]
    NotAsked {
        /// The entry.
        entry: String,
    },
    /// No HTTP client could be made.
    #[error("no HTTP client could be made: {problem}")]
    Client {
        /// What went wrong.
        problem: String,
    },
}

/// The ready-made parts of an entry's requests.
pub(super) struct Endpoint {
    pub(super) kind: ProviderKind,
    /// Addresses of the chat resource, one a base URL.
    pub(super) urls: Vec<Url>,
    /// All headers, the key's among them.
    pub(super) headers: HeaderMap,
    /// Longest time of a call.
    pub(super) timeout: Duration,
    pub(super) redactor: Redactor,
    /// Of each base URL with the key, a digest.
    pub(super) accounts: Vec<[u8; 32]>,
}

impl Endpoint {
    /// Of an entry with this key.
    pub(super) fn new(entry: &Entry, key: Option<&SecretString>) -> Result<Self, SetupError> {
        let urls: Vec<Url> = entry
            .base_urls
            .iter()
            .map(|base| {
                chat_url(entry, base).map_err(|problem| SetupError::Url {
                    entry: entry.name.clone(),
                    url: base.clone(),
                    problem,
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            kind: entry.provider,
            accounts: urls.iter().map(|url| account(url, key)).collect(),
            urls,
            headers: headers(entry, key)?,
            timeout: Duration::try_from_secs_f64(entry.timeout)
                .unwrap_or(LONGEST)
                .min(LONGEST),
            redactor: Redactor::new(key),
        })
    }
}

/// Equal for equal URLs with equal keys, and says nothing of the key.
fn account(url: &Url, key: Option<&SecretString>) -> [u8; 32] {
    let mut digest = blake3::Hasher::new();
    digest.update(url.as_str().as_bytes()).update(&[0]);
    digest.update(key.map_or("", ExposeSecret::expose_secret).as_bytes());
    digest.finalize().into()
}

/// The chat resource under a base URL.
///
/// OpenAI-compatible: the base with `/chat/completions`, unless it ends so
/// already. With an `api_version` it is Azure: the version is a parameter, and a
/// bare resource address (`https://NAME.openai.azure.com`) gets the path of the
/// deployment that is named like the model. Anthropic: the base with
/// `/v1/messages`, less what it ends with already.
fn chat_url(entry: &Entry, base: &str) -> Result<Url, String> {
    let mut url = Url::parse(base.trim()).map_err(|error| error.to_string())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("its scheme is {:?}", url.scheme()));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("it names no host".to_owned());
    }
    url.set_fragment(None);
    let path = url.path().trim_end_matches('/').to_owned();
    match entry.provider {
        ProviderKind::Anthropic => url.set_path(&extended(&path, &["/v1", "/messages"])),
        _ => match entry.api_version.as_deref() {
            Some(version) => {
                if matches!(path.as_str(), "" | "/openai") {
                    // Segment by segment, so that a name with a slash stays one.
                    url.path_segments_mut()
                        .map_err(|()| "it cannot have a path".to_owned())?
                        .clear()
                        .extend(["openai", "deployments", &entry.model, "chat", "completions"]);
                } else {
                    url.set_path(&extended(&path, &["/chat/completions"]));
                }
                if !url.query_pairs().any(|(name, _)| name == "api-version") {
                    url.query_pairs_mut().append_pair("api-version", version);
                }
            }
            None => url.set_path(&extended(&path, &["/chat/completions"])),
        },
    }
    Ok(url)
}

/// The path with the parts after it, less those that it ends with already.
fn extended(path: &str, parts: &[&str]) -> String {
    let there = (0..=parts.len())
        .rev()
        .find(|count| path.ends_with(&parts[..*count].concat()))
        .unwrap_or(0);
    format!("{path}{}", parts[there..].concat())
}

fn headers(entry: &Entry, key: Option<&SecretString>) -> Result<HeaderMap, SetupError> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(key) = key {
        let (name, prefix) = match (entry.provider, &entry.api_version) {
            (ProviderKind::Anthropic, _) => (HeaderName::from_static("x-api-key"), ""),
            (_, Some(_)) => (HeaderName::from_static("api-key"), ""),
            (_, None) => (AUTHORIZATION, "Bearer "),
        };
        headers.insert(name, key_header(entry, prefix, key)?);
    }
    if entry.provider == ProviderKind::Anthropic {
        let version = entry.api_version.as_deref().unwrap_or(ANTHROPIC_VERSION);
        headers.insert(
            HeaderName::from_static("anthropic-version"),
            own_header(entry, "anthropic-version", version)?,
        );
    }
    for (name, value) in &entry.headers {
        let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| SetupError::Header {
            entry: entry.name.clone(),
            name: name.clone(),
            problem: "a header's name is of letters, digits and hyphens",
        })?;
        headers.insert(parsed, own_header(entry, name, value)?);
    }
    Ok(headers)
}

/// Why a key cannot be sent, in words that follow it.
pub fn key_problem(key: &str) -> Option<&'static str> {
    if key.is_empty() {
        Some("is empty")
    } else if key.trim() != key {
        Some("begins or ends with white space")
    } else if !key.is_ascii() || HeaderValue::from_str(key).is_err() {
        Some("holds characters other than visible ASCII")
    } else {
        None
    }
}

/// The key's header, or what keeps the key out of one.
fn key_header(entry: &Entry, prefix: &str, key: &SecretString) -> Result<HeaderValue, SetupError> {
    let key = key.expose_secret();
    let refused = |problem| SetupError::Key {
        entry: entry.name.clone(),
        variable: entry
            .api_key_env
            .clone()
            .unwrap_or_else(|| "its variable".to_owned()),
        problem,
    };
    if let Some(problem) = key_problem(key) {
        return Err(refused(problem));
    }
    let mut value = HeaderValue::from_str(&format!("{prefix}{key}"))
        .map_err(|_| refused("cannot stand in a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// A header of the study's own. It may hold a secret, so it is never shown.
fn own_header(entry: &Entry, name: &str, value: &str) -> Result<HeaderValue, SetupError> {
    let mut value = HeaderValue::from_str(value).map_err(|_| SetupError::Header {
        entry: entry.name.clone(),
        name: name.to_owned(),
        problem: "its value may only hold visible ASCII characters and blanks",
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::testing::entry;
    use super::*;

    fn url(entry: &Entry, base: &str) -> String {
        chat_url(entry, base).unwrap().to_string()
    }

    #[rstest]
    #[case(
        "http://127.0.0.1:8000/v1",
        "http://127.0.0.1:8000/v1/chat/completions"
    )]
    #[case(
        "http://127.0.0.1:8000/v1/",
        "http://127.0.0.1:8000/v1/chat/completions"
    )]
    #[case(" http://h/v1 ", "http://h/v1/chat/completions")]
    #[case("https://h/v1/chat/completions", "https://h/v1/chat/completions")]
    #[case("https://h", "https://h/chat/completions")]
    #[case("https://h/api?tag=1#x", "https://h/api/chat/completions?tag=1")]
    fn openai_urls(#[case] base: &str, #[case] expected: &str) {
        assert_eq!(url(&entry(ProviderKind::OpenAi), base), expected);
    }

    #[rstest]
    #[case(
        "https://n.openai.azure.com",
        "https://n.openai.azure.com/openai/deployments/a%2Fb/chat/completions?api-version=v1"
    )]
    #[case(
        "https://n.openai.azure.com/openai/",
        "https://n.openai.azure.com/openai/deployments/a%2Fb/chat/completions?api-version=v1"
    )]
    #[case(
        "https://n.openai.azure.com/openai/deployments/d",
        "https://n.openai.azure.com/openai/deployments/d/chat/completions?api-version=v1"
    )]
    #[case(
        "https://n.openai.azure.com/openai/v1",
        "https://n.openai.azure.com/openai/v1/chat/completions?api-version=v1"
    )]
    #[case(
        "https://h/x/chat/completions?api-version=v0",
        "https://h/x/chat/completions?api-version=v0"
    )]
    fn azure_urls(#[case] base: &str, #[case] expected: &str) {
        let mut entry = entry(ProviderKind::OpenAi);
        entry.model = "a/b".to_owned();
        entry.api_version = Some("v1".to_owned());
        assert_eq!(url(&entry, base), expected);
    }

    #[rstest]
    #[case("https://api.anthropic.com", "https://api.anthropic.com/v1/messages")]
    #[case(
        "https://api.anthropic.com/v1/",
        "https://api.anthropic.com/v1/messages"
    )]
    #[case(
        "https://api.anthropic.com/v1/messages",
        "https://api.anthropic.com/v1/messages"
    )]
    #[case("http://h/proxy", "http://h/proxy/v1/messages")]
    fn anthropic_urls(#[case] base: &str, #[case] expected: &str) {
        assert_eq!(url(&entry(ProviderKind::Anthropic), base), expected);
    }

    #[rstest]
    #[case("127.0.0.1:8000/v1")]
    #[case("localhost:8000")]
    #[case("ftp://h/v1")]
    #[case("http://")]
    #[case("")]
    fn what_is_no_url_of_a_server_is_refused(#[case] base: &str) {
        let mut entry = entry(ProviderKind::OpenAi);
        entry.base_urls = vec![base.to_owned()];
        let error = Endpoint::new(&entry, None).err().unwrap();
        assert!(matches!(error, SetupError::Url { .. }));
        assert!(error.to_string().contains(&format!("{base:?}")), "{error}");
    }

    #[rstest]
    #[case("", "is empty")]
    #[case("sk-1 ", "begins or ends with white space")]
    #[case("sk-1\n", "begins or ends with white space")]
    #[case("sk\n1", "other than visible ASCII")]
    #[case("sk-ключ", "other than visible ASCII")]
    fn a_key_that_cannot_be_sent_is_refused_without_showing_it(
        #[case] key: &str,
        #[case] problem: &str,
    ) {
        let entry = entry(ProviderKind::OpenAi);
        let error = Endpoint::new(&entry, Some(&SecretString::from(key)))
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains(problem), "{error}");
        assert!(error.contains("SOME_API_KEY"), "{error}");
        assert!(key.is_empty() || !error.contains(key), "{error}");
    }

    #[rstest]
    #[case("X Title", "study")]
    #[case("X-Title", "stu\ndy")]
    fn a_header_that_cannot_be_sent_is_refused(#[case] name: &str, #[case] value: &str) {
        let mut entry = entry(ProviderKind::OpenAi);
        entry.headers.insert(name.to_owned(), value.to_owned());
        let error = Endpoint::new(&entry, None).err().unwrap();
        assert!(matches!(error, SetupError::Header { .. }), "{error}");
    }

    #[test]
    fn an_own_header_replaces_one_of_its_name() {
        let mut entry = entry(ProviderKind::Anthropic);
        entry
            .headers
            .insert("Anthropic-Version".to_owned(), "x".to_owned());
        let endpoint = Endpoint::new(&entry, None).unwrap();
        assert_eq!(endpoint.headers["anthropic-version"], "x");
    }

    #[test]
    fn secrets_are_not_shown_by_the_headers() {
        let entry = entry(ProviderKind::OpenAi);
        let endpoint = Endpoint::new(&entry, Some(&SecretString::from("sk-123456"))).unwrap();
        assert!(!format!("{:?}", endpoint.headers).contains("sk-123456"));
    }
}
