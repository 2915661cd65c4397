//! Credentials that a response repeats, in another notation or in part, are removed from errors.

use bytes::Bytes;
use http::{Response, StatusCode};
use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::notification::ListNotifications;
use huaweicloud_cts::{CallOptions, CtsClient, Error, RetryPolicy};
use proptest::prelude::*;

use crate::support::answers::{Answers, response};

const ACCESS_KEY: &str = "HPUAQ7XKZD3MWB9TFGEN";
const SECRET: &str = "w8Jr+Yq3LmX0/zTbVnKe5GdHs1PcUa7FoiRt2yEB";
const TOKEN: &str =
    "gAAAAABn+k3/Zx9Qw7LmT_v2Rb8-Yc5Hd1Js6Nf4Pg0Ke==XtUo/iW+aSqMzEyBrCvDnFhGjIlKpOuA.Qx7";

fn credentials() -> Credentials {
    Credentials::new(ACCESS_KEY, SECRET).security_token(TOKEN)
}

async fn error_of(answer: Response<Bytes>) -> Error {
    let client = CtsClient::builder()
        .region("eu-de")
        .project_id("p")
        .credentials(credentials())
        .transport(Answers::default().response(answer))
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    client.list_notifications(&ListNotifications::smn()).await.unwrap_err()
}

/// Every response that can repeat `text`, in every place that an error keeps or shows.
fn responses(text: &str) -> Vec<(&'static str, Response<Bytes>)> {
    let json = |value: serde_json::Value| value.to_string();
    let raw = text.replace('"', "");
    let header = text.replace(['\r', '\n'], "");
    let with_header = |name: &str, value: String| {
        Response::builder().status(302).header(name, value).body(Bytes::new()).unwrap()
    };
    vec![
        (
            "message",
            response(
                StatusCode::FORBIDDEN,
                json(serde_json::json!({"error_code": "X.1", "error_msg": text})),
            ),
        ),
        (
            "raw JSON",
            response(
                StatusCode::FORBIDDEN,
                format!("{{\"error_code\":\"X.1\",\"error_msg\":\"{raw}\"}}"),
            ),
        ),
        (
            "code",
            response(
                StatusCode::FORBIDDEN,
                json(serde_json::json!({"error_code": text, "error_msg": "m"})),
            ),
        ),
        (
            "request id",
            response(
                StatusCode::FORBIDDEN,
                json(
                    serde_json::json!({"error_code": "X.1", "error_msg": "m", "request_id": text}),
                ),
            ),
        ),
        (
            "details",
            response(
                StatusCode::FORBIDDEN,
                json(
                    serde_json::json!({"error_code": "X.1", "error_msg": "m", "details": [{"error_code": text, "error_msg": text}]}),
                ),
            ),
        ),
        (
            "sealed reason",
            response(
                StatusCode::FORBIDDEN,
                json(
                    serde_json::json!({"error_code": "X.1", "error_msg": "m", "encoded_authorization_message": text}),
                ),
            ),
        ),
        ("text", response(StatusCode::BAD_GATEWAY, format!("upstream said {text}"))),
        ("page", response(StatusCode::BAD_GATEWAY, format!("<html><title>{text}</title></html>"))),
        ("success that is no JSON", response(StatusCode::OK, format!("you sent {text}"))),
        (
            "success that is odd",
            response(StatusCode::OK, json(serde_json::json!({"notifications": text}))),
        ),
        ("redirect", with_header("location", format!("https://proxy.example.com/{header}"))),
        ("trace id", with_header("x-iam-trace-id", header.clone())),
        ("request id header", with_header("x-request-id", header)),
    ]
}

/// Everything that can be read out of an error.
fn story(error: &Error) -> String {
    let mut story = vec![error.to_string(), format!("{error:?}"), format!("{error:#?}")];
    story.extend(error.body().map(|body| String::from_utf8_lossy(body).into_owned()));
    if let Some(api) = error.api() {
        let sealed = api.encoded_authorization_message().unwrap_or_default();
        story.push(format!(
            "{api}\n{api:?}\n{}\n{:?}\n{:?}\n{sealed}",
            api.message(),
            api.details(),
            api.request_id()
        ));
    }
    story.join("\n")
}

type Encoding = (&'static str, fn(&str) -> String);

/// Writes each byte of a string in a notation.
fn each(text: &str, write: fn(u8) -> String) -> String {
    text.bytes().map(write).collect()
}

/// A string in lines of nine characters.
fn folded(text: &str, fold: &str) -> String {
    text.as_bytes().chunks(9).map(String::from_utf8_lossy).collect::<Vec<_>>().join(fold)
}

const ENCODINGS: [Encoding; 14] = [
    ("as it is", str::to_owned),
    ("percent-encoded", |text| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    }),
    ("percent-encoded throughout, small digits", |text| each(text, |b| format!("%{b:02x}"))),
    ("HTML by name", |text| {
        text.replace('&', "&amp;")
            .replace('+', "&plus;")
            .replace('/', "&sol;")
            .replace('=', "&equals;")
            .replace('_', "&lowbar;")
    }),
    ("HTML by number", |text| each(text, |b| format!("&#{b};"))),
    ("HTML by hexadecimal number", |text| each(text, |b| format!("&#x{b:X};"))),
    ("slashes escaped", |text| text.replace('/', "\\/")),
    ("as code units", |text| each(text, |b| format!("\\u{b:04x}"))),
    // Without its quotes: encoded once more, they alone can be twelve characters, and are not part
    // of a secret.
    ("as a JSON string", |text| serde_json::to_string(text).unwrap().trim_matches('"').to_owned()),
    ("in lower case", str::to_ascii_lowercase),
    ("in upper case", str::to_ascii_uppercase),
    ("folded", |text| folded(text, "\r\n\t")),
    // A fold between a backslash and what it escapes would leave nothing to undo either by.
    (
        "folded by escapes",
        |text| if text.contains('\\') { text.to_owned() } else { folded(text, "\\n") },
    ),
    ("base64 for URLs", |text| text.replace('+', "-").replace('/', "_")),
];

/// No run of twelve characters of `part` is in the story.
fn assert_gone(what: &str, part: &str, story: &str) {
    assert_no_run(what, part, 12, story);
}

fn assert_no_run(what: &str, part: &str, length: usize, story: &str) {
    let part: Vec<char> = part.chars().collect();
    for run in part.windows(length) {
        let run: String = run.iter().collect();
        assert!(!story.contains(&run), "{what}: {run:?} of {part:?} is in {story}");
    }
}

#[tokio::test]
async fn a_secret_in_any_two_nested_encodings_is_removed() {
    for secret in [TOKEN, SECRET, ACCESS_KEY] {
        for (inner_name, inner) in ENCODINGS {
            for (outer_name, outer) in ENCODINGS {
                let repeated = outer(&inner(secret));
                let answer =
                    response(StatusCode::BAD_GATEWAY, format!("sent was {repeated}, refused"));
                let story = story(&error_of(answer).await);
                assert_gone(&format!("{inner_name}, {outer_name}"), &repeated, &story);
                assert!(story.contains(", refused"), "what stands around it stays: {story}");
            }
        }
    }
}

#[tokio::test]
async fn a_secret_is_removed_from_every_string_of_an_error() {
    for secret in [TOKEN, SECRET, ACCESS_KEY] {
        for (name, encode) in ENCODINGS {
            let repeated = encode(secret);
            for (place, answer) in responses(&repeated) {
                let story = story(&error_of(answer).await);
                let what = format!("{name} in {place}");
                assert_gone(&what, &repeated, &story);
                assert_gone(&what, secret, &story);
            }
        }
    }
}

#[tokio::test]
async fn five_characters_of_an_access_key_are_masked() {
    for (from, to) in [(0, 20), (0, 5), (7, 12), (15, 20), (3, 19)] {
        let part = &ACCESS_KEY[from..to];
        let story = story(
            &error_of(response(StatusCode::BAD_GATEWAY, format!("ak:{part}, refused"))).await,
        );
        assert!(!story.contains(part) && story.contains("ak:HPUA****, refused"), "{part}: {story}");
    }
}

#[tokio::test]
async fn parts_of_a_secret_of_the_minimum_length_are_removed() {
    let token = "Kx+/=v-_.Q=/Zw9rT4mB7nL2+pHs8+dGf6+jYc1";
    // Twelve characters that are mostly signs, the spaces of a form decoder, and an access key
    // right before a secret.
    for (text, expected) in [
        (&token[..12], "[redacted]"),
        (&token[1..13], "[redacted]"),
        ("nL2 pHs8 dGf6 jYc1", "[redacted]"),
        ("nL2\"pHs8\"dGf6\"jYc1", "[redacted]"),
        ("HPUAQ7XKZD3MWB9TFGENZw9rT4mB7nL2", "[redacted]"),
        ("HPUAQ7XKZD3MWB9TFGEN Zw9rT4mB7nL2", "HPUA**** [redacted]"),
        (&token[..11], &token[..11]),
    ] {
        let answer = response(StatusCode::BAD_GATEWAY, format!("sent was {text}, refused"));
        let client = CtsClient::builder()
            .region("eu-de")
            .project_id("p")
            .credentials(credentials().security_token(token))
            .transport(Answers::default().response(answer))
            .retry(RetryPolicy::never())
            .build()
            .unwrap();
        let error = client.list_notifications(&ListNotifications::smn()).await.unwrap_err();
        assert_eq!(
            error.api().unwrap().message(),
            format!("sent was {expected}, refused"),
            "{text}"
        );
    }
}

/// Alone, a run of few different characters is a filler; at either end of a secret it is part of
/// it.
#[tokio::test]
async fn a_secret_is_removed_up_to_its_end() {
    let token = "xyxyxyxyxyxyxyxyxyxyQ7LmT+v2Rb8zzzzzzzzzzzzzzzzzzzz";
    let client = CtsClient::builder()
        .region("eu-de")
        .project_id("p")
        .credentials(credentials().security_token(token))
        .transport(
            Answers::default()
                .response(response(StatusCode::BAD_GATEWAY, format!("sent was {token}, refused"))),
        )
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    let error = client.list_notifications(&ListNotifications::smn()).await.unwrap_err();
    assert_eq!(error.api().unwrap().message(), "sent was [redacted], refused");
}

#[tokio::test]
async fn a_body_without_a_secret_is_unchanged() {
    let body = r#"{"error_code":"APIGW.0301","error_msg":"signature expired, signature time:20211217T000000Z, 100%25 &amp; \\u0041 %2","request_id":"7fd2"}"#;
    let error = error_of(response(StatusCode::UNAUTHORIZED, body)).await;
    assert_eq!(error.body().unwrap(), body.as_bytes());
    let api = error.api().unwrap();
    assert_eq!(
        api.message(),
        "signature expired, signature time:20211217T000000Z, 100%25 &amp; \\u0041 %2"
    );
    // Runs that credentials and messages share are not secret: zeros, dates.
    let client = CtsClient::builder()
        .region("eu-de")
        .project_id("p")
        .credentials(Credentials::new("ABCDE20211217T000000", "0000000000000000000000000000000000000abc"))
        .transport(Answers::default().response(response(
            StatusCode::UNAUTHORIZED,
            r#"{"error_code":"X.1","error_msg":"time 20211218, id 00000000000000000000000000000001"}"#,
        )))
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    let error = client.list_notifications(&ListNotifications::smn()).await.unwrap_err();
    assert_eq!(
        error.api().unwrap().message(),
        "time 20211218, id 00000000000000000000000000000001"
    );
}

#[tokio::test]
async fn secrets_are_removed_from_a_large_body_full_of_escapes() {
    let body = format!("{}{TOKEN}", "%25".repeat(20_000));
    let story = story(&error_of(response(StatusCode::BAD_GATEWAY, body)).await);
    assert_gone("at the end", TOKEN, &story);
    let mut message = format!("{TOKEN}&#43;").repeat(100_000);
    message.push_str(&"\\".repeat(100_000));
    let json = serde_json::json!({"error_code": "X.1", "error_msg": message}).to_string();
    assert_gone(
        "many times",
        TOKEN,
        &self::story(&error_of(response(StatusCode::BAD_GATEWAY, json)).await),
    );
}

/// Each layer of JSON doubles backslashes. If a run of them were counted anew from each of them,
/// this would take minutes.
#[tokio::test]
async fn a_secret_behind_64_kib_of_backslashes_is_removed() {
    let body = format!("{}{TOKEN}", "\\".repeat(64 * 1024 - TOKEN.len()));
    assert_gone(
        "behind backslashes",
        TOKEN,
        &story(&error_of(response(StatusCode::BAD_GATEWAY, body)).await),
    );
}

/// The gateway's list of headers without one of them, and what a user's own header holds.
#[tokio::test]
async fn the_diagnosis_of_a_signature_compares_headers_by_name() {
    let answers = Answers::default();
    let canonical = |headers: &str| {
        let lines = if headers.starts_with("GET|") {
            headers.to_owned()
        } else {
            format!("GET|/v3/p/notifications/smn/||{headers}")
        };
        let message = format!(
            "Incorrect IAM authentication information: verify aksk signature fail, canonicalRequest:{lines}||host;x-note|abc"
        );
        let json = serde_json::json!({"error_code": "APIGW.0301", "error_msg": message});
        response(StatusCode::UNAUTHORIZED, json.to_string())
    };
    for headers in [
        "x-note:sentinel-of-a-user|x-project-id:p|x-sdk-date:20261125T110000Z",
        "a-new-one:1|x-note:sentinel-of-a-user|x-project-id:p",
        "host:x|sentinel-of-a-user",
        "host:cts.eu-de.otc.t-systems.com|x-note:sentinel-of-a-user changed",
        "sentinel-of-a-user",
        "",
        // Lines before the headers are missing, so that a header stands in their place.
        "GET|x-note:sentinel-of-a-user",
        "GET|/v3/p/notifications/smn/|x-note:sentinel-of-a-user",
        "GET|/v3/p/notifications/smn/|sentinel-of-a-user",
    ] {
        let client = CtsClient::builder()
            .region("eu-de")
            .project_id("p")
            .credentials(credentials())
            .transport(answers.clone().response(canonical(headers)))
            .retry(RetryPolicy::never())
            .build()
            .unwrap()
            .with_options(CallOptions::new().header(
                http::HeaderName::from_static("x-note"),
                http::HeaderValue::from_static("sentinel-of-a-user"),
            ));
        let error = client.list_notifications(&ListNotifications::smn()).await.unwrap_err();
        assert!(!error.to_string().contains("sentinel"), "{headers}: {error}");
        let missing = headers.is_empty() || !headers.contains("host:");
        let said = if headers.starts_with("GET|") {
            " arrived changed"
        } else if missing {
            "the header host did not arrive"
        } else {
            "the header "
        };
        assert!(error.to_string().contains(said), "{headers}: {error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 256 } else { 10_000 }))]

    /// A part of twelve characters or more, in up to three encodings, between any strings.
    #[test]
    fn a_part_of_a_secret_is_found_in_any_encoding(
        token in "[A-Za-z0-9+/=_.-]{40,400}",
        from in 0..1_000_usize,
        length in 12..400_usize,
        encodings in proptest::collection::vec(0..ENCODINGS.len(), 0..=3),
        before in "[ -~]{0,20}",
        after in "[ -~]{0,20}",
    ) {
        let from = from % (token.len() - 12);
        let part = &token[from..token.len().min(from + length)];
        // Fillers such as "aaaaaaaaaaaa" are not secret.
        prop_assume!(part.bytes().collect::<std::collections::HashSet<_>>().len() > 8);
        let repeated = encodings.iter().fold(part.to_owned(), |text, encoding| ENCODINGS[*encoding].1(&text));
        let answer = response(StatusCode::BAD_GATEWAY, format!("{before} {repeated} {after}"));
        let client = CtsClient::builder()
            .region("eu-de")
            .project_id("p")
            .credentials(credentials().security_token(token.clone()))
            .transport(Answers::default().response(answer))
            .retry(RetryPolicy::never())
            .build()
            .unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let error = runtime.block_on(client.list_notifications(&ListNotifications::smn())).unwrap_err();
        let story = story(&error);
        prop_assert!(story.contains("[redacted]"), "{story}");
        // As long as twelve characters of the secret are in this notation.
        assert_no_run("a part", &repeated, (12 * repeated.len()).div_ceil(part.len()), &story);
    }
}
