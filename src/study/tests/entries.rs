//! `[models.*]` and `[judges.*]`.

use super::*;

#[test]
fn every_key_of_a_server_is_read() {
    let text = changed(
        "provider = \"simulated\"\nalignment = 0.7",
        r#"provider = "openai"
base_url = ["http://127.0.0.1:8000/v1/", "http://127.0.0.1:8001/v1"]
model = "llama"
revision = "sft-2"
api_key_env = "VLLM_API_KEY"
temperature = 1
top_p = 0.9
max_completion_tokens = 300
seed = 0x10
extra = { top_k = 40, stop = ["\n\n"], nested = { a = 1.5, b = true } }
headers = { "X-Title" = "oyer" }
api_version = "2024-10-21"
system = "user"
price = { input = 0.05, output = 1 }
max_connections = 64
timeout = 30
max_tries = 3"#,
    );
    let entry = study(&[("study.toml", &text)]).models[1].clone();
    insta::assert_debug_snapshot!(entry, @r#"
    Entry {
        name: "tuned",
        provider: OpenAi,
        base_urls: [
            "http://127.0.0.1:8000/v1",
            "http://127.0.0.1:8001/v1",
        ],
        model: "llama",
        revision: Some(
            "sft-2",
        ),
        api_key_env: Some(
            "VLLM_API_KEY",
        ),
        temperature: Some(
            1.0,
        ),
        top_p: Some(
            0.9,
        ),
        max_tokens: Some(
            300,
        ),
        max_tokens_field: MaxCompletionTokens,
        seed: Some(
            16,
        ),
        extra: {
            "nested": Object {
                "a": Number(1.5),
                "b": Bool(true),
            },
            "stop": Array [
                String("\n\n"),
            ],
            "top_k": Number(40),
        },
        headers: {
            "X-Title": "oyer",
        },
        api_version: Some(
            "2024-10-21",
        ),
        system: User,
        reply: Text,
        price: Some(
            Price {
                input: 0.05,
                output: 1.0,
            },
        ),
        max_connections: Some(
            64,
        ),
        timeout: 30.0,
        max_tries: 3,
        simulated: Simulated {
            alignment: 0.5,
            adherence: 0.5,
            skill: 0.8,
            first_bias: 0.0,
            tie_rate: 0.0,
            malformed_rate: 0.0,
            refusal_rate: 0.0,
        },
        answers: [],
        structured_answers: [],
        alignment_by: [],
    }
    "#);
}

#[test]
fn a_server_without_url_is_the_providers_own() {
    let of = |keys: &str| {
        let text = changed("provider = \"simulated\"\nalignment = 0.7", keys);
        let model = study(&[("study.toml", &text)]).models[1].clone();
        (model.base_urls, model.api_key_env)
    };
    let own = |url: &str, variable: &str| (vec![url.to_owned()], Some(variable.to_owned()));
    assert_eq!(
        of("provider = \"openai\"\nmodel = \"m\""),
        own("https://api.openai.com/v1", "OPENAI_API_KEY")
    );
    assert_eq!(
        of("provider = \"anthropic\"\nmodel = \"m\""),
        own("https://api.anthropic.com", "ANTHROPIC_API_KEY")
    );
    assert_eq!(
        of("provider = \"openai\"\nmodel = \"m\"\napi_key_env = \"MINE\""),
        own("https://api.openai.com/v1", "MINE")
    );
    let (urls, variable) =
        of("provider = \"openai\"\nmodel = \"m\"\nbase_url = \"http://localhost:1/v1\"");
    assert_eq!(
        (urls, variable),
        (vec!["http://localhost:1/v1".to_owned()], None)
    );
}

#[test]
fn values_out_of_range_or_of_the_wrong_type() {
    insta::assert_snapshot!(check_model("provider = \"openai\"\nmodel = \"\"\ntemperature = -0.1\ntop_p = 0\nmax_tokens = 0\nseed = 1.5\ntimeout = 0\nmax_tries = 0\nmax_connections = 99999999999999999999\nprice = { input = -1 }\nextra = 3\nheaders = { a = 1 }\nreply = \"text\""), @"
    study.toml:14:9: models.tuned.model: this must not be empty
    study.toml:15:15: models.tuned.temperature: expected a number of at least 0, found -0.1
    study.toml:16:9: models.tuned.top_p: expected a number over 0 and at most 1, found 0
    study.toml:17:14: models.tuned.max_tokens: expected a whole number from 1 to 4294967295, found 0
    study.toml:18:8: models.tuned.seed: expected a whole number, found a number with a fraction
    study.toml:19:11: models.tuned.timeout: expected a number over 0 and at most 86400, found 0
    study.toml:20:13: models.tuned.max_tries: expected a whole number from 1 to 10000, found 0
    study.toml:21:19: models.tuned.max_connections: expected a whole number from 1 to 65536, found 99999999999999999999
    study.toml:22:1: models.tuned.price.output: this key is missing
      help: output = dollars per million tokens of the reply
    study.toml:22:19: models.tuned.price.input: expected a number of at least 0, found -1
    study.toml:23:9: models.tuned.extra: expected a table, found a whole number
    study.toml:24:17: models.tuned.headers.a: expected a text in quotes, found a whole number
    study.toml:25:1: models.tuned.reply: this key is for judges, but this is an openai model
      help: take it out
    ");
    insta::assert_snapshot!(check_judge("provider = \"simulated\"\nskill = 1.1\nfirst_bias = nan\ntie_rate = inf\nmalformed_rate = \"often\"\nreply = \"json\""), @"
    study.toml:18:9: judges.main.skill: expected a number from 0 to 1, found 1.1
    study.toml:19:14: judges.main.first_bias: expected a number from 0 to 1, found nan
    study.toml:20:12: judges.main.tie_rate: expected a number from 0 to 1, found inf
    study.toml:21:18: judges.main.malformed_rate: expected a number, found a text
    study.toml:22:9: judges.main.reply: `json` is not known; expected `text` or `json_schema`
      help: did you mean `json_schema`?
    ");
}

#[test]
fn keys_that_do_not_apply() {
    insta::assert_snapshot!(check_model("provider = \"openai\"\nmodel = \"m\"\nskill = 0.5\nalignment = 0.5\nreply = \"text\"\npath = \"a.csv\""), @"
    study.toml:15:1: models.tuned.skill: this key is for simulated judges, but this is an openai model
      help: take it out
    study.toml:16:1: models.tuned.alignment: this key is for simulated models, but this is an openai model
      help: take it out
    study.toml:17:1: models.tuned.reply: this key is for judges, but this is an openai model
      help: take it out
    study.toml:18:1: models.tuned.path: this key is for file models, but this is an openai model
      help: take it out
    ");
    insta::assert_snapshot!(check_model("provider = \"simulated\"\nskill = 0.5\nbase_url = \"http://localhost\"\nextra = {}"), @"
    study.toml:14:1: models.tuned.skill: this key is for simulated judges, but this is a simulated model
      help: take it out
    study.toml:15:1: models.tuned.base_url: this key is for openai and anthropic entries, but this is a simulated model
      help: take it out
    study.toml:16:1: models.tuned.extra: this key is for openai and anthropic entries, but this is a simulated model
      help: take it out
    ");
    insta::assert_snapshot!(check_judge("provider = \"anthropic\"\nmodel = \"m\"\nmax_completion_tokens = 5\nadherence = 1"), @"
    study.toml:19:1: judges.main.max_completion_tokens: this key is for openai and simulated entries, but this is an anthropic judge
      help: take it out
    study.toml:20:1: judges.main.adherence: this key is for simulated models, but this is an anthropic judge
      help: take it out
    ");
    insta::assert_snapshot!(check_judge("provider = \"file\"\npath = \"answers.csv\""), @r#"
    study.toml:17:12: judges.main.provider: a judge cannot be a file of answers
      help: use "openai", "anthropic" or "simulated" for a judge
    "#);
    insta::assert_snapshot!(check_model("provider = \"file\"\ntemperature = 1"), @r#"
    study.toml:12:9: models.tuned.path: this key is missing
      help: path = "answers.csv" names a CSV or JSONL file with persona, question, sample, text
    study.toml:14:1: models.tuned.temperature: this key is for openai, anthropic and simulated entries, but this is a file model
      help: take it out
    "#);
    insta::assert_snapshot!(check_model("provider = \"openai\"\nmodel = \"m\"\nmax_tokens = 5\nmax_completion_tokens = 5"), @"
    study.toml:16:25: models.tuned.max_completion_tokens: this entry sets max_tokens too
      help: keep one: they are the same limit, sent under the one or the other name
    ");
}

#[test]
fn every_key_of_an_entry_has_a_scope_or_applies_everywhere() {
    let everywhere = ["provider", "model", "revision"];
    for key in super::super::file::ENTRY {
        let scoped = super::super::entry::SCOPES
            .iter()
            .any(|(name, ..)| *name == key.name);
        assert!(scoped != everywhere.contains(&key.name), "{}", key.name);
    }
}

#[test]
fn a_level_that_no_persona_has_is_warned_of() {
    let levels = "{ \"sex=Female\" = 0.6, \"sex=male, age=65+\" = 0.4, \"sex=male\" = 0.5 }";
    let told = check_model(&format!(
        "provider = \"simulated\"\nalignment_by = {levels}"
    ));
    insta::assert_snapshot!(told, @"
    warning: study.toml:14:18: models.tuned.alignment_by: no persona has the level `Female` of `sex`
      help: did you mean `female`?
    warning: study.toml:14:38: models.tuned.alignment_by: no persona has the level `65+` of `age`
      help: known levels: 25-34
    ");
}

#[test]
fn a_key_in_the_file_is_refused_and_never_repeated() {
    let told = [
        check_model("provider = \"openai\"\nmodel = \"m\"\napi_key = \"sk-SECRET\""),
        check_model("provider = \"openai\"\nmodel = \"m\"\napi_key_env = \"sk-SECRET\""),
        check_model("provider = \"openai\"\nmodel = \"m\"\nheaders = { Authorization = \"Bearer SECRET\", X-Api-Key = \"SECRET\", api-key = \"SECRET\", X-Other = \"Bearer SECRET\" }"),
        check_model("provider = \"openai\"\nmodel = \"m\"\nbase_url = [\"https://me:SECRET@host/v1\", \"https://host/v1?key=SECRET\"]"),
        check_model("provider = \"openai\"\nmodel = \"m\"\n[models.tuned.extra]\napi_key = \"SECRET\""),
    ].join("\n\n");
    assert!(!told.contains("SECRET"));
    insta::assert_snapshot!(told, @r#"
    study.toml:15:1: models.tuned.api_key: a key must not stand in a file
      help: put it into an environment variable and name that: api_key_env = "…"

    study.toml:15:15: models.tuned.api_key_env: this is not the name of an environment variable
      help: write the name of the variable that holds the key, such as OPENAI_API_KEY, never the key itself

    study.toml:15:13: models.tuned.headers.Authorization: a key must not stand in a file
      help: put it into an environment variable and name that: api_key_env = "…"
    study.toml:15:46: models.tuned.headers.X-Api-Key: a key must not stand in a file
      help: put it into an environment variable and name that: api_key_env = "…"
    study.toml:15:68: models.tuned.headers.api-key: a key must not stand in a file
      help: put it into an environment variable and name that: api_key_env = "…"
    study.toml:15:88: models.tuned.headers.X-Other: a key must not stand in a file
      help: put it into an environment variable and name that: api_key_env = "…"

    study.toml:15:13: models.tuned.base_url: a user name or password must not stand in a file
      help: put it into an environment variable and name that: api_key_env = "…"
    study.toml:15:42: models.tuned.base_url: a base URL has no `?` or `#` part
      help: write api_version = "…" for Azure's version, and name the variable of the key in api_key_env

    study.toml:16:1: models.tuned.extra.api_key: a key must not stand in a file
      help: put it into an environment variable and name that: api_key_env = "…"
    "#);
}

#[test]
fn parameters_and_headers_that_have_a_key_of_their_own() {
    insta::assert_snapshot!(check_model("provider = \"anthropic\"\nmodel = \"m\"\nextra = { temperature = 1, stream = true, when = 2024-01-01, big = 9007199254740993 }\nheaders = { anthropic-version = \"2023-06-01\", \"a b\" = \"x\", c = \"é\\n\" }"), @r#"
    study.toml:15:11: models.tuned.extra.temperature: this parameter has a key of its own
      help: write it outside of extra
    study.toml:15:28: models.tuned.extra.stream: this parameter is not free: every call asks for one reply, in one piece
      help: take it out
    study.toml:15:50: models.tuned.extra.when: JSON has no dates and times
      help: write it as a text in quotes
    study.toml:15:68: models.tuned.extra.big: this number is too large to be exact in JSON
      help: write it as a text in quotes
    study.toml:16:13: models.tuned.headers.anthropic-version: this header has a key of its own
      help: write api_version = "…" in the entry
    study.toml:16:47: models.tuned.headers.a b: this is not a header's name
      help: use letters, digits and hyphens
    study.toml:16:64: models.tuned.headers.c: a header cannot hold this text
      help: use visible ASCII characters on one line
    "#);
    assert_eq!(
        check_judge(
            "provider = \"openai\"\nmodel = \"m\"\nextra = { response_format = { type = \"json_object\" } }"
        ),
        ""
    );
    insta::assert_snapshot!(check_judge("provider = \"openai\"\nmodel = \"m\"\nreply = \"json_schema\"\nextra = { response_format = { type = \"json_object\" } }"), @r#"
    study.toml:20:11: judges.main.extra.response_format: reply = "json_schema" sets this parameter
      help: keep one of the two
    "#);
}

#[test]
fn urls_are_checked() {
    insta::assert_snapshot!(check_model("provider = \"openai\"\nmodel = \"m\"\nbase_url = [\"localhost:8000\", \"http://a/v1\", \"http://a/v1/\", \"http://a/v1/chat/completions\"]"), @"
    study.toml:15:13: models.tuned.base_url: this URL does not begin with http:// or https:// and a host
      help: a base URL is such as http://127.0.0.1:8000/v1
    study.toml:15:46: models.tuned.base_url: this URL stands twice
      help: take one out
    study.toml:15:62: models.tuned.base_url: this is the URL of one method, not the base of all
      help: leave off /chat/completions or /v1/messages
    ");
}

#[test]
fn what_is_missing_of_an_entry() {
    insta::assert_snapshot!(check_model("base_url = \"http://localhost/v1\""), @r#"
    study.toml:12:9: models.tuned.provider: this key is missing
      help: provider = "openai" (any OpenAI-compatible server), "anthropic", "simulated" or "file"
    "#);
    insta::assert_snapshot!(check_model("provider = \"openai\""), @r#"
    study.toml:12:9: models.tuned.model: this key is missing
      help: model = "…" is the model's name as the server knows it
    "#);
    insta::assert_snapshot!(check_model("provider = \"file\""), @r#"
    study.toml:12:9: models.tuned.path: this key is missing
      help: path = "answers.csv" names a CSV or JSONL file with persona, question, sample, text
    "#);
}

#[test]
fn entries_of_one_identity_are_refused() {
    let twins = |one: &str, other: &str| {
        let text = changed(
            "[models.base]\nprovider = \"simulated\"",
            &format!("[models.base]\n{one}"),
        );
        check(&[(
            "study.toml",
            &text.replace("provider = \"simulated\"\nalignment = 0.7", other),
        )])
    };
    let here =
        "provider = \"openai\"\nmodel = \"m\"\nbase_url = \"http://a/v1\"\ntemperature = 0.7";
    let there = "provider = \"openai\"\nmodel = \"m\"\nbase_url = \"http://b/v1\"\ntemperature = 0.7\nprice = { input = 1, output = 1 }\nmax_connections = 2\napi_key_env = \"K\"\ntimeout = 5";
    insta::assert_snapshot!(twins(here, there), @r#"
    study.toml:15:9: models.tuned: this is the same as models.base (line 9): provider, model and every parameter of a call are equal, so a reply to one is a reply to the other
      help: if they are different checkpoints, give each a revision = "…" of its own; else take one out
    "#);
    for difference in [
        "revision = \"2\"",
        "seed = 1",
        "top_p = 0.5",
        "max_tokens = 9",
        "system = \"user\"",
        "extra = { top_k = 1 }",
    ] {
        assert_eq!(
            twins(here, &format!("{there}\n{difference}")),
            "",
            "{difference}"
        );
    }
    let simulated = "provider = \"simulated\"\nmodel = \"m\"";
    assert!(twins(simulated, simulated).contains("give each a revision"));
    assert_eq!(
        twins(simulated, &format!("{simulated}\nadherence = 0.9")),
        ""
    );
}

#[test]
fn a_model_and_a_judge_may_be_one_model() {
    let text = changed(
        "[judges.main]\nprovider = \"simulated\"",
        "[judges.tuned]\nprovider = \"openai\"\nmodel = \"m\"",
    );
    let text = text.replace(
        "provider = \"simulated\"\nalignment = 0.7",
        "provider = \"openai\"\nmodel = \"m\"",
    );
    assert_eq!(check(&[("study.toml", &text)]), "");
}

#[test]
fn copies_at_temperature_zero_are_warned_of() {
    let text = changed("alignment = 0.7", "alignment = 0.7\ntemperature = 0")
        .replace("[compare]", "temperature = 0.0\n[compare]\nsamples = 3");
    insta::assert_snapshot!(check(&[("study.toml", &format!("{text}[judging]\nrepeats = 2\n"))]), @"
    warning: study.toml:15:15: models.tuned.temperature: at temperature 0 the 3 replies that compare.samples = 3 asks for are nearly copies of one
      help: raise the temperature, or set compare.samples = 1
    warning: study.toml:20:15: judges.main.temperature: at temperature 0 the 2 replies that judging.repeats = 2 asks for are nearly copies of one
      help: raise the temperature, or set judging.repeats = 1
    ");
}

#[test]
fn temperatures_that_servers_refuse_are_warned_of() {
    insta::assert_snapshot!(check_model("provider = \"anthropic\"\nmodel = \"m\"\ntemperature = 1.2"), @"warning: study.toml:15:15: models.tuned.temperature: servers of this dialect mostly refuse a temperature over 1");
}

#[test]
fn keys_that_are_not_set_are_told_with_their_place() {
    let text = changed("provider = \"simulated\"\nalignment = 0.7", "provider = \"openai\"\nmodel = \"m\"")
        .replace("[judges.main]\nprovider = \"simulated\"", "[judges.main]\nprovider = \"openai\"\nmodel = \"j\"\nbase_url = \"http://h/v1\"\napi_key_env = \"JUDGE_KEY\"\n[models.idle]\nprovider = \"anthropic\"\nmodel = \"m\"");
    let dir = folder(&[("study.toml", text.as_bytes())]);
    let loaded = load_in(dir.path());
    insta::assert_snapshot!(told(dir.path(), &loaded.unusable_keys(|_| Some(KeyFault::NotSet))), @"
    study.toml:12:9: models.tuned.api_key_env: the environment variable OPENAI_API_KEY is not set
      help: set it to the key of models.tuned; for a server that needs no key, give base_url and leave api_key_env out
    study.toml:20:15: judges.main.api_key_env: the environment variable JUDGE_KEY is not set
      help: set it to the key of judges.main; for a server that needs no key, give base_url and leave api_key_env out
    ");
    assert!(loaded.unusable_keys(|_| None).is_empty());
    let study = loaded.study.as_ref().unwrap();
    assert_eq!(
        key_variables(study),
        [
            ("models.tuned".to_owned(), "OPENAI_API_KEY".to_owned()),
            ("judges.main".to_owned(), "JUDGE_KEY".to_owned()),
        ]
    );
    let not_of_judge = |variable: &str| (variable != "JUDGE_KEY").then_some(KeyFault::NotSet);
    let problems = unusable_keys(study, not_of_judge, Path::new("s"));
    assert_eq!(problems.len(), 1);
    let unfit = |_: &str| Some(KeyFault::Unfit("begins or ends with white space"));
    insta::assert_snapshot!(told(dir.path(), &loaded.unusable_keys(unfit)), @"
    study.toml:12:9: models.tuned.api_key_env: the key in the environment variable OPENAI_API_KEY begins or ends with white space
      help: set it to the key as the provider shows it
    study.toml:20:15: judges.main.api_key_env: the key in the environment variable JUDGE_KEY begins or ends with white space
      help: set it to the key as the provider shows it
    ");
}

#[test]
fn a_version_of_an_api_has_the_characters_of_one() {
    insta::assert_snapshot!(check_model("provider = \"openai\"\nmodel = \"m\"\nbase_url = \"http://127.0.0.1:1/v1\"\napi_version = \"2024 10&x\""), @"
    study.toml:16:15: models.tuned.api_version: no version of an API is written like this
      help: use letters, digits, `-`, `.` and `_`, such as 2024-10-21 or 2025-04-01-preview
    ");
}

#[test]
fn two_models_of_one_file_of_answers_are_warned_of() {
    let file =
        |model: &str| format!("[models.{model}]\nprovider = \"file\"\npath = \"answers.csv\"");
    let text = changed("[models.base]\nprovider = \"simulated\"", &file("base"));
    let text = text.replace(
        "[models.tuned]\nprovider = \"simulated\"\nalignment = 0.7",
        &file("tuned"),
    );
    let answers = "persona,question,text\np1,q1,a\np1,q2,b\np2,q1,c\np2,q2,d\n";
    insta::assert_snapshot!(check(&[("study.toml", &text), ("answers.csv", answers)]), @"
    warning: study.toml:15:8: models.tuned.path: models.base has its answers from this file too, so the two are compared on equal answers
      help: name another file
    ");
}

#[test]
fn names_of_entries_are_plain() {
    insta::assert_snapshot!(check_with("[compare]", "[models.\" x\"]\nprovider = \"simulated\"\n[compare]"), @"
    study.toml:19:9: models. x: this name is empty, or has blanks around it or control characters in it
    warning: study.toml:19:9: models. x: nothing compares this model, so it is not asked
      help: name it in [compare], or take it out
    ");
}

#[test]
fn missing_keys_and_templates_are_told_beside_other_errors() {
    let text = changed(
        "provider = \"simulated\"\nalignment = 0.7",
        "provider = \"openai\"\nmodel = \"m\"\ntemprature = 1",
    );
    let text = format!("{text}[judging]\npersona_prompt = \"mine.j2\"\n");
    let dir = folder(&[("study.toml", text.as_bytes()), ("mine.j2", b"Hi")]);
    let loaded = load_in(dir.path());
    assert!(loaded.study.is_none());
    insta::assert_snapshot!(told(dir.path(), &loaded.unusable_keys(|_| Some(KeyFault::NotSet))), @"
    study.toml:12:9: models.tuned.api_key_env: the environment variable OPENAI_API_KEY is not set
      help: set it to the key of models.tuned; for a server that needs no key, give base_url and leave api_key_env out
    ");
    let problem = Problem::error("mine.j2", "wrong")
        .line(1)
        .field("judging.persona_prompt");
    insta::assert_snapshot!(told(dir.path(), &loaded.place_templates(vec![problem])), @"
    mine.j2:1: judging.persona_prompt: wrong
      help: judging.persona_prompt names it, at study.toml:23:18
    ");
}
