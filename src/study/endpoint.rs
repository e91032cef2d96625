//! What may be said of a server in a file: its URL and the name of the variable of
//! its key, never the key.

use reqwest::Url;

/// What to do with a key that stands in a file.
pub(super) const ENV_HELP: &str =
    "put it into an environment variable and name that: api_key_env = \"…\"";

/// What is wrong with a base URL and what to do. The URL itself is not repeated:
/// it may hold a key.
pub(super) fn wrong_url(written: &str) -> Option<(&'static str, &'static str)> {
    const EXAMPLE: &str = "a base URL is such as http://127.0.0.1:8000/v1";
    let Ok(url) = Url::parse(written) else {
        return Some(("this is not a URL", EXAMPLE));
    };
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Some((
            "this URL does not begin with http:// or https:// and a host",
            EXAMPLE,
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some(("a user name or password must not stand in a file", ENV_HELP));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Some((
            "a base URL has no `?` or `#` part",
            "write api_version = \"…\" for Azure's version, and name the variable of the key in api_key_env",
        ));
    }
    let path = url.path().trim_end_matches('/');
    if path.ends_with("/chat/completions") || path.ends_with("/messages") {
        return Some((
            "this is the URL of one method, not the base of all",
            "leave off /chat/completions or /v1/messages",
        ));
    }
    None
}

/// Whether this is the name of an environment variable, and not a key by mistake:
/// keys are long, and without underscores they hold digits.
pub(super) fn is_variable_name(name: &str) -> bool {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    let like_a_key =
        name.len() >= 20 && !name.contains('_') && name.chars().any(|c| c.is_ascii_digit());
    plain && !like_a_key
}

/// Whether a header's text is a credential by its looks.
pub(super) fn holds_secret(text: &str) -> bool {
    let lower = text.trim_start().to_ascii_lowercase();
    ["bearer ", "basic ", "sk-"]
        .iter()
        .any(|prefix| lower.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_of_servers_are_taken() {
        for url in [
            "http://127.0.0.1:8000/v1",
            "https://api.openai.com/v1/",
            "https://x.openai.azure.com/openai/deployments/gpt-4.1",
            "http://[::1]:8080",
        ] {
            assert_eq!(wrong_url(url), None, "{url}");
        }
    }

    #[test]
    fn urls_with_secrets_or_of_one_method_are_refused() {
        for url in [
            "",
            "127.0.0.1:8000/v1",
            "ftp://host/v1",
            "localhost:8000/v1",
            "https://user:secret@host/v1",
            "https://host/v1?key=secret",
            "https://host/v1#x",
            "https://host/v1/chat/completions",
            "https://host/v1/messages/",
        ] {
            let (message, help) = wrong_url(url).expect(url);
            assert!(!message.contains("secret@") && !help.contains("secret@"));
        }
    }

    #[test]
    fn a_key_in_place_of_its_variable_is_seen() {
        for name in ["OPENAI_API_KEY", "VLLM_KEY_2", "key", "MISTRALAPIKEY"] {
            assert!(is_variable_name(name), "{name}");
        }
        for key in [
            "sk-proj-abc",
            "0123456789abcdef0123456789abcdef",
            "a1b2c3d4e5f60718293a4b5c6d7e8f90",
            "two words",
        ] {
            assert!(!is_variable_name(key), "{key}");
        }
    }

    #[test]
    fn credentials_in_headers_are_seen() {
        assert!(holds_secret("Bearer abc"));
        assert!(holds_secret("sk-abc"));
        assert!(!holds_secret("prompt-caching-2024-07-31"));
    }
}
