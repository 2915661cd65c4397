//! The signer against vectors from outside, and against a verifier that shares no code with it.

use std::time::{Duration, SystemTime};

use http::header::{AUTHORIZATION, HOST};
use http::{HeaderName, HeaderValue, Method, Request};
use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::sign::{SignError, Signer, X_SDK_CONTENT_SHA256, X_SDK_DATE};
use huaweicloud_cts::testing::{Line, verify_signature};
use proptest::prelude::*;

use crate::vectors::{self, Vector};

fn date() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(vectors::SECONDS)
}

/// The request of a vector, and a signer with its credentials.
fn request_of(vector: &Vector) -> (Request<Vec<u8>>, Signer) {
    let mut credentials = Credentials::new(vectors::ACCESS_KEY, vectors::SECRET_KEY);
    if let Some(token) = vector.security_token() {
        credentials = credentials.security_token(token);
    }
    let mut signer = Signer::new(&credentials);
    if vector.name.starts_with("derived") {
        signer = signer.derived("cn-north-4", "cts");
    }
    (vector.request.clone(), signer)
}

#[test]
fn every_vector_of_the_official_signer_is_reproduced_byte_for_byte() {
    for vector in vectors::all() {
        let (mut request, signer) = request_of(&vector);
        let signature = signer.signature(&request, date()).unwrap();
        assert_eq!(signature.canonical_request(), vector.canonical, "{}", vector.name);
        assert_eq!(signature.string_to_sign(), vector.string_to_sign, "{}", vector.name);
        assert_eq!(
            signature.authorization(),
            vector.signed.headers()[AUTHORIZATION],
            "{}",
            vector.name
        );

        signer.sign(&mut request, date()).unwrap();
        assert_eq!(request.uri(), vector.signed.uri());
        assert_eq!(request.headers(), vector.signed.headers(), "{}", vector.name);
        assert_eq!(request.body(), vector.signed.body());
        assert!(request.headers()[AUTHORIZATION].is_sensitive());
    }
}

#[test]
fn a_signed_request_is_signed_anew_for_the_next_attempt() {
    let vector = vectors::all().into_iter().find(|vector| vector.name == "post-json").unwrap();
    let (mut request, signer) = request_of(&vector);
    let mut once = request.clone();
    signer.sign(&mut request, date() - Duration::from_secs(3_600)).unwrap();
    signer.sign(&mut request, date()).unwrap();
    signer.sign(&mut once, date()).unwrap();
    assert_eq!(request.headers(), once.headers());
}

#[test]
fn a_request_that_cannot_be_signed_is_refused_and_unchanged() {
    let keys = Credentials::new("AK", "SK");
    let cases = [
        (Credentials::new("", "SK"), "https://h/", 0, "the access key or the secret key is empty"),
        (Credentials::new("AK", ""), "https://h/", 0, "the access key or the secret key is empty"),
        (
            Credentials::new("A\nK", "SK"),
            "https://h/",
            0,
            "the access key has a character that is not allowed in a header",
        ),
        (
            keys.clone().security_token("a\u{7f}"),
            "https://h/",
            0,
            "the security token has a character that is not",
        ),
        (keys.clone(), "/v3/p/notifications", 0, "the request's URI has no host"),
        (
            keys,
            "https://h/",
            400_000_000_000,
            "the date of the signature is outside the years 0 to 9999",
        ),
    ];
    for (credentials, uri, at, message) in cases {
        let mut request = Request::post(uri).header("x-padded", " kept ").body("{}").unwrap();
        let before = request.headers().clone();
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(at);
        let error: SignError = Signer::new(&credentials).sign(&mut request, at).unwrap_err();
        assert!(error.to_string().starts_with(message), "{error}");
        assert_eq!(*request.headers(), before, "{error}");
    }
}

#[test]
fn a_body_that_is_not_json_is_sent_as_unsigned_payload() {
    let credentials = Credentials::new("AK", "SK");
    for (content_type, unsigned) in [
        ("application/json", false),
        ("application/json;charset=UTF-8", false),
        ("application/bson", false),
        ("", false),
        ("APPLICATION/JSON", true),
        ("multipart/form-data; boundary=x", true),
        ("text/plain", true),
    ] {
        let mut request =
            Request::post("https://h/").header("content-type", content_type).body("{}").unwrap();
        Signer::new(&credentials).sign(&mut request, date()).unwrap();
        let marked = request
            .headers()
            .get("x-sdk-content-sha256")
            .is_some_and(|value| value == "UNSIGNED-PAYLOAD");
        assert_eq!(marked, unsigned, "{content_type}");
        verify_signature(&request, std::slice::from_ref(&credentials), date()).unwrap();
        *request.body_mut() = "[]";
        let changed = verify_signature(&request, std::slice::from_ref(&credentials), date());
        assert_eq!(changed.is_ok(), unsigned, "{content_type}");
    }
}

#[test]
fn a_hash_that_is_set_beforehand_is_signed_in_place_of_the_hash_of_the_body() {
    const PRESET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    const OF_BRACES: &str = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    const OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let padded = format!(" {PRESET}\t");
    for (preset, body, signed) in [
        (Some(PRESET), "{}", PRESET),
        (Some(padded.as_str()), "{}", PRESET),
        (Some(""), "{}", OF_BRACES),
        (None, "{}", OF_BRACES),
        (Some(PRESET), "", OF_NOTHING),
    ] {
        let mut request = Request::post("https://h/").body(body).unwrap();
        if let Some(preset) = preset {
            request
                .headers_mut()
                .insert(X_SDK_CONTENT_SHA256, HeaderValue::from_str(preset).unwrap());
        }
        let signature =
            Signer::new(&Credentials::new("AK", "SK")).signature(&request, date()).unwrap();
        assert_eq!(signature.canonical_request().lines().last(), Some(signed), "{preset:?} {body}");
    }
}

#[test]
fn a_hash_that_is_set_twice_is_refused() {
    let signer = Signer::new(&Credentials::new("AK", "SK"));
    for (content_type, values) in
        [("application/json", ["a", "b"]), ("text/plain", ["a", "b"]), ("", ["a", "a"])]
    {
        let mut request =
            Request::post("https://h/").header("content-type", content_type).body("{}").unwrap();
        for value in values {
            request.headers_mut().append(X_SDK_CONTENT_SHA256, HeaderValue::from_static(value));
        }
        let before = request.headers().clone();
        let error = signer.sign(&mut request, date()).unwrap_err();
        assert!(matches!(error, SignError::RepeatedHash), "{error}");
        assert_eq!(*request.headers(), before);
    }
}

#[test]
fn a_sensitive_header_stays_sensitive_when_it_is_trimmed() {
    let mut request = Request::get("https://h/").header("x-open", " b ").body("").unwrap();
    let mut secret = HeaderValue::from_static(" a ");
    secret.set_sensitive(true);
    request.headers_mut().insert("x-secret", secret);
    Signer::new(&Credentials::new("AK", "SK")).sign(&mut request, date()).unwrap();
    let header =
        |name| (request.headers()[name].to_str().unwrap(), request.headers()[name].is_sensitive());
    assert_eq!((header("x-secret"), header("x-open")), (("a", true), ("b", false)));
}

#[test]
fn user_name_and_password_of_a_uri_are_not_in_the_host_header() {
    for (uri, host) in [
        ("https://user:sentinel@h.example.com:8443/", "h.example.com:8443"),
        ("https://a%40b@h.example.com/", "h.example.com"),
        ("https://h.example.com/@x", "h.example.com"),
    ] {
        let mut request = Request::get(uri).body("").unwrap();
        Signer::new(&Credentials::new("AK", "SK")).sign(&mut request, date()).unwrap();
        assert_eq!(request.headers()[HOST], host);
    }
}

/// Requests as odd as HTTP allows.
fn requests() -> impl Strategy<Value = Request<Vec<u8>>> {
    let method =
        prop::sample::select(vec!["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "purge"]);
    // Pieces that a URI may hold, escapes that are none and that are no UTF-8 among them.
    let piece = prop::sample::select(vec![
        "a",
        "Z",
        "0",
        "-",
        "_",
        ".",
        "~",
        "*",
        "!",
        "'",
        "(",
        ")",
        ";",
        ":",
        "@",
        "$",
        ",",
        "%20",
        "%2F",
        "%2f",
        "%25",
        "%e4%b8%ad",
        "%E4%B8",
        "%ff",
        "%zz",
        "%",
        "%2B",
        "%7E",
        "%3D",
        "%26",
        "%F0%9F%98%80",
        "/",
        "=",
    ]);
    let text = prop::collection::vec(piece.clone(), 0..12).prop_map(|pieces| pieces.concat());
    let pair = (text.clone(), prop::option::of(text.clone()))
        .prop_map(|(key, value)| value.map_or(key.clone(), |value| format!("{key}={value}")));
    let query =
        prop::option::of(prop::collection::vec(pair, 0..5).prop_map(|pairs| pairs.join("&")));
    let host = prop::sample::select(vec![
        "cts.eu-de.example.com",
        "127.0.0.1:8080",
        "h:443",
        "[::1]:1",
        "Example.COM",
    ]);
    let value = "[ \t]{0,2}[a-z,;=%é中\u{a0} -]{0,12}[ \t]{0,2}";
    let header = ("x-[a-z0-9_|-]{1,8}", value);
    let headers = prop::collection::vec(header, 0..5);
    let content_type = prop::option::of(prop::sample::select(vec![
        "application/json",
        "application/bson;a=b",
        "text/plain",
        "",
    ]));
    let body = prop::collection::vec(any::<u8>(), 0..64);
    (method, text, query, host, headers, content_type, body).prop_map(
        |(method, path, query, host, headers, content_type, body)| {
            let target = query.map_or(format!("/{path}"), |query| format!("/{path}?{query}"));
            let mut request = Request::new(body);
            *request.method_mut() = Method::from_bytes(method.as_bytes()).unwrap();
            *request.uri_mut() = format!("https://{host}{target}").parse().unwrap();
            for (name, value) in headers {
                let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
                request
                    .headers_mut()
                    .append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
            }
            if let Some(content_type) = content_type {
                request
                    .headers_mut()
                    .insert("content-type", HeaderValue::from_static(content_type));
            }
            request
        },
    )
}

fn keys() -> impl Strategy<Value = Credentials> {
    ("[A-Z0-9]{4,24}", "[A-Za-z0-9+/]{1,80}", prop::option::of("[A-Za-z0-9+/=]{1,40}")).prop_map(
        |(ak, sk, token)| {
            let credentials = Credentials::new(ak, sk);
            token.map_or(credentials.clone(), |token| credentials.security_token(token))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_signed_request_verifies(mut request in requests(), keys in keys()) {
        let uri = request.uri().clone();
        Signer::new(&keys).sign(&mut request, date()).unwrap();
        prop_assert_eq!(request.uri(), &uri);
        for minutes in [0, 14] {
            let now = date() + Duration::from_secs(60 * minutes);
            let verified = verify_signature(&request, std::slice::from_ref(&keys), now);
            prop_assert!(verified.is_ok(), "{verified:?}");
        }
    }

    /// One change to what was signed, and the verifier says which line differs.
    #[test]
    fn a_changed_request_does_not_verify(
        mut request in requests(),
        keys in keys(),
        what in 0..6_usize,
        at in any::<prop::sample::Index>(),
        byte in 1..=255_u8,
    ) {
        let signer = Signer::new(&keys);
        let signed_text = signer.signature(&request, date()).unwrap().canonical_request().into_owned();
        signer.sign(&mut request, date()).unwrap();
        let line = match what {
            0 => {
                *request.method_mut() = Method::HEAD;
                Line::Method
            }
            1 | 2 => {
                // One letter more always makes another path or query.
                let mut parts = request.uri().clone().into_parts();
                let (path, query) = (request.uri().path(), request.uri().query());
                let target = match (what, query) {
                    (1, None) => format!("{path}x"),
                    (1, Some(query)) => format!("{path}x?{query}"),
                    (_, None) => format!("{path}?x"),
                    (_, Some(query)) => format!("{path}?{query}&x"),
                };
                parts.path_and_query = Some(target.parse().unwrap());
                *request.uri_mut() = parts.try_into().unwrap();
                if what == 1 { Line::Path } else { Line::Query }
            }
            3 => {
                request.headers_mut().insert(HOST, HeaderValue::from_static("elsewhere.example.com"));
                Line::Header("host".to_owned())
            }
            4 => {
                request.headers_mut().insert(X_SDK_DATE, HeaderValue::from_static("20240131T235958Z"));
                Line::Header("x-sdk-date".to_owned())
            }
            _ => {
                let unsigned = request.headers().contains_key("x-sdk-content-sha256");
                prop_assume!(!unsigned && !request.body().is_empty());
                let index = at.index(request.body().len());
                request.body_mut()[index] ^= byte;
                Line::Payload
            }
        };
        let mismatch = verify_signature(&request, &[keys], date()).unwrap_err();
        let differing = mismatch.differing_line(&signed_text).unwrap();
        prop_assert_eq!(differing.line, line, "{:?}", mismatch);
    }

    /// Any one byte of the target or of a signed header's value: the gateway's form of the request
    /// changes, or the signature is invalid.
    #[test]
    fn any_changed_byte_fails_verification(
        mut request in requests(),
        keys in keys(),
        in_header in any::<bool>(),
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        byte in prop::sample::select(b"aZ09-_.~%/;:@=&+,".to_vec()),
    ) {
        let signer = Signer::new(&keys);
        let text = |request: &Request<Vec<u8>>| {
            signer.signature(request, date()).unwrap().canonical_request().into_owned()
        };
        signer.sign(&mut request, date()).unwrap();
        let before = text(&request);
        let token = keys.is_temporary();
        if in_header {
            let names: Vec<HeaderName> = request.headers().keys().filter(|name| {
                let name = name.as_str();
                let fixed = ["authorization", "x-sdk-date"].contains(&name) || (token && name == "x-security-token");
                !fixed && !name.contains('_')
            }).cloned().collect();
            let name = names[which.index(names.len())].clone();
            let mut value = request.headers()[&name].as_bytes().to_vec();
            prop_assume!(!value.is_empty());
            let index = at.index(value.len());
            value[index] = byte;
            request.headers_mut().insert(name, HeaderValue::from_bytes(&value).unwrap());
        } else {
            let mut target = request.uri().path_and_query().unwrap().as_str().as_bytes().to_vec();
            let index = at.index(target.len());
            prop_assume!(index > 0);
            target[index] = byte;
            let Ok(target) = http::uri::PathAndQuery::try_from(target) else { return Ok(()) };
            let mut parts = request.uri().clone().into_parts();
            parts.path_and_query = Some(target);
            *request.uri_mut() = parts.try_into().unwrap();
        }
        // `%7E` for `~`, say, is the same request.
        prop_assume!(text(&request) != before);
        let verified = verify_signature(&request, &[keys], date());
        prop_assert!(verified.is_err(), "{before:?} became {:?}", text(&request));
    }
}
