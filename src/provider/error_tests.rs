use rstest::rstest;
use serde_json::Value;

use super::*;

fn class(status: u16, body: &str) -> ErrorClass {
    match of_status(status, body.as_bytes()) {
        Err(error) => error.class,
        Ok(reply) => panic!("a refusal: {reply:?}"),
    }
}

fn message(status: u16, body: &str) -> String {
    of_status(status, body.as_bytes()).unwrap_err().message
}

#[rstest]
#[case::bad_key(401, r#"{"error":{"message":"Incorrect API key provided: sk-12***89.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#, ErrorClass::Auth)]
#[case::region(403, r#"{"error":{"code":"unsupported_country_region_territory","message":"Country, region, or territory not supported","type":"request_forbidden"}}"#, ErrorClass::Auth)]
#[case::quota(429, r#"{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#, ErrorClass::Quota)]
#[case::rate(429, r#"{"error":{"message":"Rate limit reached for gpt-4.1 on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000. Please try again in 2s.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}"#, ErrorClass::RateLimited)]
#[case::too_large_for_the_rate(429, r#"{"error":{"message":"Request too large for gpt-4.1 on tokens per min (TPM): Limit 30000, Requested 60000.","type":"tokens","code":"rate_limit_exceeded"}}"#, ErrorClass::ContextTooLong)]
#[case::model(404, r#"{"error":{"message":"The model `gpt-9` does not exist or you do not have access to it.","type":"invalid_request_error","param":null,"code":"model_not_found"}}"#, ErrorClass::UnknownModel)]
#[case::no_access(403, r#"{"error":{"message":"Project `p` does not have access to model `gpt-9`","type":"invalid_request_error","param":null,"code":"model_not_found"}}"#, ErrorClass::UnknownModel)]
#[case::context(400, r#"{"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#, ErrorClass::ContextTooLong)]
#[case::parameter(400, r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}"#, ErrorClass::BadRequest)]
#[case::server(500, r#"{"error":{"message":"The server had an error while processing your request.","type":"server_error","param":null,"code":null}}"#, ErrorClass::Server)]
fn openai_errors(#[case] status: u16, #[case] body: &str, #[case] expected: ErrorClass) {
    assert_eq!(class(status, body), expected);
}

#[rstest]
#[case::deployment(404, r#"{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}"#, ErrorClass::UnknownModel)]
#[case::key(401, r#"{"statusCode":401,"message":"Access denied due to invalid subscription key or wrong API endpoint."}"#, ErrorClass::Auth)]
#[case::rate(429, r#"{"error":{"code":"429","message":"Requests to the ChatCompletions_Create Operation have exceeded call rate limit. Please retry after 7 seconds."}}"#, ErrorClass::RateLimited)]
fn azure_errors(#[case] status: u16, #[case] body: &str, #[case] expected: ErrorClass) {
    assert_eq!(class(status, body), expected);
}

#[rstest]
#[case::key(401, "authentication_error", "invalid x-api-key", ErrorClass::Auth)]
#[case::permission(
    403,
    "permission_error",
    "Your API key does not have permission to use the specified resource.",
    ErrorClass::Auth
)]
#[case::model(404, "not_found_error", "model: claude-9", ErrorClass::UnknownModel)]
#[case::large(
    413,
    "request_too_large",
    "Request exceeds the maximum size",
    ErrorClass::ContextTooLong
)]
#[case::long(
    400,
    "invalid_request_error",
    "prompt is too long: 210000 tokens > 200000 maximum",
    ErrorClass::ContextTooLong
)]
#[case::credit(
    400,
    "invalid_request_error",
    "Your credit balance is too low to access the Anthropic API.",
    ErrorClass::Quota
)]
#[case::billing(
    402,
    "billing_error",
    "There is an issue with your billing.",
    ErrorClass::Quota
)]
#[case::rate(
    429,
    "rate_limit_error",
    "This request would exceed your organization's rate limit of 40,000 input tokens per minute",
    ErrorClass::RateLimited
)]
#[case::overloaded(529, "overloaded_error", "Overloaded", ErrorClass::Overloaded)]
#[case::server(500, "api_error", "Internal server error", ErrorClass::Server)]
#[case::bad(
    400,
    "invalid_request_error",
    "temperature: range: 0..1",
    ErrorClass::BadRequest
)]
fn anthropic_errors(
    #[case] status: u16,
    #[case] kind: &str,
    #[case] text: &str,
    #[case] expected: ErrorClass,
) {
    let body = serde_json::json!({"type": "error", "error": {"type": kind, "message": text}});
    assert_eq!(class(status, &body.to_string()), expected);
}

#[rstest]
#[case::vllm_context(400, r#"{"object":"error","message":"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.","type":"BadRequestError","param":null,"code":400}"#, ErrorClass::ContextTooLong)]
#[case::vllm_model(404, r#"{"object":"error","message":"The model `x` does not exist.","type":"NotFoundError","param":null,"code":404}"#, ErrorClass::UnknownModel)]
#[case::vllm_key(401, r#"{"error":"Unauthorized"}"#, ErrorClass::Auth)]
#[case::fastapi_path(404, r#"{"detail":"Not Found"}"#, ErrorClass::UnknownModel)]
#[case::fastapi_body(
    422,
    r#"{"detail":[{"type":"missing","loc":["body","messages"],"msg":"Field required"}]}"#,
    ErrorClass::BadRequest
)]
#[case::sglang_context(400, r#"{"object":"error","message":"The input (5000 tokens) is longer than the model's context length (4096 tokens).","type":"BadRequestError","param":null,"code":400}"#, ErrorClass::ContextTooLong)]
#[case::llama_context(400, r#"{"error":{"code":400,"message":"request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}}"#, ErrorClass::ContextTooLong)]
#[case::llama_body(500, r#"{"error":{"code":500,"message":"[json.exception.parse_error.101] parse error","type":"server_error"}}"#, ErrorClass::Server)]
#[case::llama_loading(
    503,
    r#"{"error":{"message":"Loading model","type":"unavailable_error","code":503}}"#,
    ErrorClass::Overloaded
)]
#[case::llama_key(
    401,
    r#"{"error":{"message":"Invalid API Key","type":"authentication_error","code":401}}"#,
    ErrorClass::Auth
)]
#[case::ollama_model(404, r#"{"error":{"message":"model \"x\" not found, try pulling it first","type":"api_error","param":null,"code":null}}"#, ErrorClass::UnknownModel)]
#[case::ollama_text(404, r#"{"error":"model 'x' not found"}"#, ErrorClass::UnknownModel)]
#[case::openrouter_credits(402, r#"{"error":{"message":"This request requires more credits, or fewer max_tokens.","code":402}}"#, ErrorClass::Quota)]
#[case::openrouter_limit(
    403,
    r#"{"error":{"message":"Key limit exceeded (total limit).","code":403}}"#,
    ErrorClass::Quota
)]
#[case::openrouter_model(
    400,
    r#"{"error":{"message":"x/y is not a valid model ID","code":400}}"#,
    ErrorClass::UnknownModel
)]
#[case::gemini_rate(429, r#"[{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"35s"}]}}]"#, ErrorClass::RateLimited)]
#[case::gemini_key(400, r#"[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]"#, ErrorClass::Auth)]
#[case::xai_key(400, r#"{"code":"Client specified an invalid argument","error":"Incorrect API key provided: xa***yz."}"#, ErrorClass::Auth)]
#[case::deepseek_balance(402, r#"{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}"#, ErrorClass::Quota)]
fn errors_of_others(#[case] status: u16, #[case] body: &str, #[case] expected: ErrorClass) {
    assert_eq!(class(status, body), expected);
}

#[test]
fn a_page_of_a_proxy_is_no_refusal_of_the_model() {
    let page = b"<html>Your request was flagged by our firewall</html>";
    assert_eq!(of_status(403, page).unwrap_err().class, ErrorClass::Auth);
    let said = br#"{"error":{"message":"Your prompt was flagged."}}"#;
    assert_eq!(of_status(400, said).unwrap().finish, Finish::Refusal);
}

#[rstest]
#[case::page(404, "default backend - 404", true)]
#[case::block_page(403, "<html><title>Attention required</title></html>", true)]
#[case::empty(404, "", true)]
#[case::path(404, r#"{"detail":"Not Found"}"#, true)]
#[case::model(404, r#"{"error":"model 'x' not found"}"#, false)]
#[case::code(404, r#"{"error":{"message":"gone","code":"model_not_found"}}"#, false)]
#[case::text(404, "model 'x' not found, try pulling it first\n", false)]
#[case::google(
    404,
    r#"{"error":{"code":404,"message":"models/x is not found for API version v1beta."}}"#,
    false
)]
#[case::text_of_a_proxy(404, "404 page not found\n", true)]
#[case::text_with_a_path(404, "/v1/models/chat/completions not found", true)]
#[case::page_about_models(
    404,
    "\n<!doctype html><title>Model gateway: page not found</title>",
    true
)]
#[case::page_about_a_key(403, "<html>this model does not exist: invalid key</html>", true)]
#[case::number(
    404,
    r#"{"error":{"code":"404","message":"Resource not found"}}"#,
    true
)]
#[case::any_code(
    403,
    r#"{"error":{"code":"unsupported_country_region_territory"}}"#,
    true
)]
#[case::key(401, r#"{"error":"Unauthorized"}"#, false)]
#[case::other(502, "<html>Bad gateway</html>", false)]
fn a_refusal_of_which_only_the_status_tells_is_bare(
    #[case] status: u16,
    #[case] body: &str,
    #[case] bare: bool,
) {
    let error = of_status(status, body.as_bytes()).unwrap_err();
    assert_eq!(error.is_bare, bare);
}

#[rstest]
#[case(301, ErrorClass::BadRequest)]
#[case(400, ErrorClass::BadRequest)]
#[case(401, ErrorClass::Auth)]
#[case(402, ErrorClass::Quota)]
#[case(403, ErrorClass::Auth)]
#[case(404, ErrorClass::UnknownModel)]
#[case(405, ErrorClass::BadRequest)]
#[case(408, ErrorClass::Server)]
#[case(409, ErrorClass::Server)]
#[case(413, ErrorClass::ContextTooLong)]
#[case(422, ErrorClass::BadRequest)]
#[case(425, ErrorClass::Overloaded)]
#[case(429, ErrorClass::RateLimited)]
#[case(498, ErrorClass::Overloaded)]
#[case(500, ErrorClass::Server)]
#[case(502, ErrorClass::Server)]
#[case(503, ErrorClass::Overloaded)]
#[case(504, ErrorClass::Server)]
#[case(524, ErrorClass::Server)]
#[case(529, ErrorClass::Overloaded)]
fn a_bare_status_has_a_class(#[case] status: u16, #[case] expected: ErrorClass) {
    assert_eq!(class(status, ""), expected);
    assert_eq!(class(status, "<html><title>Oops</title></html>"), expected);
}

#[rstest]
#[case::azure_prompt(400, r#"{"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{}}}}"#)]
#[case::openai_flagged(400, r#"{"error":{"message":"Invalid prompt: your prompt was flagged as potentially violating our usage policy.","type":"invalid_request_error","param":null,"code":"invalid_prompt"}}"#)]
#[case::openrouter_moderation(403, r#"{"error":{"code":403,"message":"x requires moderation. Your input was flagged","metadata":{"reasons":["violence"],"flagged_input":"..."}}}"#)]
fn a_filtered_prompt_is_a_refusal(#[case] status: u16, #[case] body: &str) {
    let reply = of_status(status, body.as_bytes()).unwrap();
    assert_eq!((reply.text.as_str(), reply.finish), ("", Finish::Refusal));
}

#[test]
fn a_message_says_status_words_and_code() {
    let body = r#"{"error":{"message":"Unsupported value.","type":"invalid_request_error","code":"unsupported_value"}}"#;
    assert_eq!(
        message(400, body),
        "HTTP 400 Bad Request: Unsupported value. (unsupported_value)"
    );
    assert_eq!(
        message(404, r#"{"detail":"Not Found"}"#),
        "HTTP 404 Not Found: Not Found [check `model` and `base_url`]"
    );
    assert_eq!(
        message(
            422,
            r#"{"detail":[{"type":"missing","loc":["body","messages"],"msg":"Field required"}]}"#
        ),
        "HTTP 422 Unprocessable Entity: body.messages: Field required"
    );
    assert_eq!(
        message(502, "<html>\n<TITLE>502 Bad\nGateway</TITLE></html>"),
        "HTTP 502 Bad Gateway: 502 Bad Gateway"
    );
    assert_eq!(message(503, ""), "HTTP 503 Service Unavailable");
    assert_eq!(message(599, r#"{"a":1}"#), r#"HTTP 599: {"a":1}"#);
    assert_eq!(
        message(
            502,
            r#"{"error":{"message":"Provider returned error","metadata":{"raw":"boom"}}}"#
        ),
        "HTTP 502 Bad Gateway: Provider returned error: boom"
    );
}

#[test]
fn a_stream_is_told_from_a_reply_that_makes_no_sense() {
    let told = |body: &str| {
        let problem = serde_json::from_str::<Value>(body).unwrap_err();
        no_reply(&problem, body.as_bytes()).message
    };
    for body in [
        "data: {\"choices\": []}\n\n",
        "event: x\ndata: {}\n",
        ": ping\n\ndata: {}",
    ] {
        let message = told(body);
        assert!(
            message.starts_with("the server streams its reply"),
            "{message}"
        );
    }
    assert!(told("{\"a\": ").starts_with("the reply's JSON is cut off"));
    assert!(told("<html>").starts_with("the reply is not the JSON"));
}

#[test]
fn a_message_is_safe_to_show() {
    let body = serde_json::json!({"error": {"message": format!("a\u{1b}[31m\nb\u{202e}c\0{}", "x".repeat(5000))}});
    let message = message(400, &body.to_string());
    assert!(
        message.starts_with(r"HTTP 400 Bad Request: a\u{1b}[31m b\u{202e}c\u{0}xxx"),
        "{message}"
    );
    assert!(message.chars().count() < 500, "{}", message.len());
}

#[rstest]
#[case("plain words", 100, "plain words")]
#[case("  many \t\n blanks ", 100, "many blanks")]
#[case("exact", 5, "exact")]
#[case("too long", 5, "too l…")]
#[case("", 5, "")]
fn a_shown_text_is_one_short_line(
    #[case] text: &str,
    #[case] limit: usize,
    #[case] expected: &str,
) {
    assert_eq!(shown(text, limit), expected);
}

#[rstest]
#[case(&[("retry-after", "7")], Some(7.0))]
#[case(&[("retry-after", " 0.25 ")], Some(0.25))]
#[case(&[("retry-after", "0")], Some(0.0))]
#[case(&[("retry-after", "-5")], None)]
#[case(&[("retry-after", "soon")], None)]
#[case(&[("retry-after", "1e300")], None)]
#[case(&[("retry-after", "nan")], None)]
#[case(&[("retry-after", "Sun, 06 Nov 1994 08:49:47 GMT")], Some(10.0))]
#[case(&[("retry-after", "Mon, 06 Nov 1994 08:49:47 GMT")], Some(10.0))]
#[case(&[("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT")], Some(0.0))]
#[case(&[("retry-after", "7"), ("retry-after-ms", "1500")], Some(1.5))]
#[case(&[("retry-after", "7"), ("retry-after-ms", "?")], Some(7.0))]
#[case(&[("x-request-id", "7")], None)]
fn the_wait_is_read(#[case] headers: &[(&str, &str)], #[case] expected: Option<f64>) {
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let now: Timestamp = "1994-11-06T08:49:37Z".parse().unwrap();
    assert_eq!(
        retry_after(&headers, now),
        expected.map(Duration::from_secs_f64)
    );
}

#[test]
fn a_wait_in_the_body_is_read() {
    let body = r#"[{"error":{"code":429,"message":"slow","details":[{"@type":"x"},{"retryDelay":"35.5s"}]}}]"#;
    assert_eq!(
        of_status(429, body.as_bytes()).unwrap_err().retry_after,
        Some(Duration::from_millis(35_500))
    );
}
