#[path = "../../../tests/it/vectors/mod.rs"]
mod vectors;

use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderValue, Request};

use self::vectors::Vector;
use super::canonical::{CONTENT_HASH, UNSIGNED_PAYLOAD};
use super::*;

const SECONDS: u64 = vectors::SECONDS;
const STAMP: &str = "20240131T235959Z";
const KEY: &str = vectors::ACCESS_KEY;
const SECRET: &str = vectors::SECRET_KEY;
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn keys(vector: &Vector) -> [Credentials; 2] {
    let known = Credentials::new(KEY, SECRET);
    let known = match vector.security_token() {
        Some(token) => known.security_token(token),
        None => known,
    };
    [Credentials::new("ANOTHERKEY0000000001", "another"), known]
}

/// Returns a request with the signature of this canonical request, whether they fit or not.
fn signed(
    method: &str,
    uri: &str,
    headers: &[(&str, &str)],
    body: &str,
    canonical: &str,
) -> Request<Vec<u8>> {
    let names = canonical.rsplit('\n').nth(1).unwrap();
    let hash = hex::encode(Sha256::digest(canonical));
    let to_sign = format!("{DIRECT}\n{STAMP}\n{hash}");
    let signature =
        hex::encode(keyed(SECRET.as_bytes(), &to_sign).unwrap().finalize().into_bytes());
    let mut request = Request::builder().method(method).uri(uri).header(DATE, STAMP).header(
        AUTHORIZATION,
        format!("{DIRECT} Access={KEY}, SignedHeaders={names}, Signature={signature}"),
    );
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.as_bytes().to_vec()).unwrap()
}

fn verify(request: &Request<Vec<u8>>) -> Result<(), SignatureMismatch> {
    verify_signature(request, &[Credentials::new(KEY, SECRET)], at(SECONDS))
}

fn reason(request: &Request<Vec<u8>>) -> SignatureMismatchReason {
    verify(request).unwrap_err().reason().clone()
}

/// Returns a signed GET of `/a?b=c` with one header line, the date.
fn plain() -> Request<Vec<u8>> {
    let canonical = format!("GET\n/a/\nb=c\nx-sdk-date:{STAMP}\n\nx-sdk-date\n{EMPTY}");
    signed("GET", "http://h/a?b=c", &[], "", &canonical)
}

fn with_authorization(value: &str) -> Request<Vec<u8>> {
    let mut request = plain();
    request.headers_mut().insert(AUTHORIZATION, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    request
}

#[test]
fn the_signature_of_every_vector_is_accepted() {
    for vector in vectors::all() {
        let result = verify_signature(&vector.signed, &keys(&vector), at(SECONDS));
        assert_eq!(result, Ok(()), "{}", vector.name);
    }
}

/// Returns the vector's request with one byte changed. `None` if it has nothing of this kind.
fn changed(vector: &Vector, what: &Line) -> Option<Request<Vec<u8>>> {
    let mut request = vector.signed.clone();
    match what {
        Line::Method => *request.method_mut() = http::Method::PATCH,
        Line::Path => {
            let url = vector.signed.uri().to_string();
            *request.uri_mut() = url.replacen("24edf66e", "24edf66f", 1).parse().unwrap();
        }
        Line::Query => {
            let url = vector.signed.uri().to_string();
            let last = url.split_once('?')?.1.chars().last()?;
            let other = if last == 'a' { 'b' } else { 'a' };
            *request.uri_mut() = format!("{}{other}", url.strip_suffix(last)?).parse().unwrap();
        }
        Line::Payload => match request.body_mut().last_mut() {
            Some(byte) => *byte ^= 1,
            None => request.body_mut().push(b' '),
        },
        Line::Header(name) => {
            let value = request.headers_mut().get_mut(name.as_str())?;
            let mut bytes = value.as_bytes().to_vec();
            // The last byte but one: a digit in a date, and never white space.
            let index = bytes.len() - 2;
            bytes[index] = if bytes[index] == b'8' { b'7' } else { b'8' };
            *value = HeaderValue::from_bytes(&bytes).unwrap();
        }
        Line::SignedHeaders => return None,
    }
    Some(request)
}

#[test]
fn the_line_with_one_changed_byte_is_named() {
    for vector in vectors::all() {
        let mut places = vec![Line::Method, Line::Path, Line::Query, Line::Payload];
        let names = vector.canonical.rsplit('\n').nth(1).unwrap();
        places.extend(names.split(';').map(|name| Line::Header(name.to_owned())));
        for place in places {
            let Some(request) = changed(&vector, &place) else { continue };
            let refused = verify_signature(&request, &keys(&vector), at(SECONDS)).unwrap_err();
            if place == Line::Header(TOKEN.to_owned()) {
                assert_eq!(refused.reason(), &SignatureMismatchReason::MissingToken);
                continue;
            }
            assert_eq!(
                refused.reason(),
                &SignatureMismatchReason::Signature,
                "{} {place}",
                vector.name
            );
            let differing = refused.differing_line(&vector.canonical).unwrap();
            assert_eq!(differing.line, place, "{}", vector.name);
            assert_ne!(differing.client, differing.gateway);
        }
    }
}

#[test]
fn a_wrong_secret_key_leaves_the_canonical_request_of_the_vector() {
    for vector in vectors::all() {
        let known = Credentials::new(KEY, "wrong");
        let refused = verify_signature(&vector.signed, &[known], at(SECONDS)).unwrap_err();
        let expected = &vector.canonical;
        assert_eq!(refused.differing_line(expected), None, "{}", vector.name);
        let own = refused.canonical_request().unwrap();
        match vector.security_token() {
            None => assert_eq!(own, expected),
            Some(token) => assert_eq!(own, expected.replace(token, "***")),
        }
        assert_eq!(refused.differing_line(own), None);
        let message = refused.gateway_message();
        assert!(
            message.starts_with(
                "Incorrect IAM authentication information: verify aksk signature fail, "
            )
        );
        assert!(message.ends_with(&format!("canonicalRequest:{}", own.replace('\n', "|"))));
    }
}

#[test]
fn paths_and_queries_are_accepted_as_each_sdk_signs_them() {
    for (uri, path, query) in [
        ("http://h", "/", ""),
        ("http://h/a/", "/a/", ""),
        ("http://h/a//b", "/a//b/", ""),
        ("http://h/a%2Fb", "/a/b/", ""),
        ("http://h/a+b", "/a%2Bb/", ""),
        ("http://h/a%zzb%4", "/a%25zzb%254/", ""),
        ("http://h/%ff", "/%EF%BF%BD/", ""),
        ("http://h/a/../b", "/a/../b/", ""),
        ("http://h/a;b=c,d:e@f!$&'()", "/a%3Bb%3Dc%2Cd%3Ae%40f%21%24%26%27%28%29/", ""),
        ("http://h/a%20b", "/a%20b/", ""),
        ("http://h/a%20b", "/a%2520b/", ""),
        ("http://h/?&b&&a=1&", "/", "a=1&b="),
        ("http://h/?k=b&k=a=", "/", "k=a%3D&k=b"),
        ("http://h/?k=b&k=a", "/", "k=b&k=a"),
        ("http://h/?z=1&%7Bz%7D=2", "/", "z=1&%7Bz%7D=2"),
        ("http://h/?z=1&%7Bz%7D=2", "/", "%7Bz%7D=2&z=1"),
        ("http://h/?a=b+c", "/", "a=b%2Bc"),
        ("http://h/?a=b+c", "/", "a=b%20c"),
    ] {
        let canonical = format!("GET\n{path}\n{query}\nx-sdk-date:{STAMP}\n\nx-sdk-date\n{EMPTY}");
        assert_eq!(
            verify(&signed("GET", uri, &[], "", &canonical)),
            Ok(()),
            "{uri} as {path}?{query}"
        );
    }
}

#[test]
fn a_declared_payload_hash_must_be_that_of_the_body() {
    let hash = |text: &str| hex::encode(Sha256::digest(text));
    let form = ("content-type", "multipart/form-data");
    let json = ("content-type", "application/json;charset=UTF-8");
    for (kind, declared, body, line, fits) in [
        (Some(form), UNSIGNED_PAYLOAD, "x", UNSIGNED_PAYLOAD, true),
        (Some(form), UNSIGNED_PAYLOAD, "", UNSIGNED_PAYLOAD, true),
        (Some(form), UNSIGNED_PAYLOAD, "", EMPTY, true),
        (Some(form), UNSIGNED_PAYLOAD, "x", EMPTY, false),
        (Some(json), UNSIGNED_PAYLOAD, "x", UNSIGNED_PAYLOAD, true),
        (Some(json), UNSIGNED_PAYLOAD, "", EMPTY, true),
        (None, UNSIGNED_PAYLOAD, "x", UNSIGNED_PAYLOAD, true),
        (Some(json), &hash("x"), "x", &hash("x"), true),
        (Some(json), &hash("x"), "y", &hash("x"), false),
        (Some(json), &hash("x"), "y", &hash("y"), false),
        (Some(json), &hash("x"), "", EMPTY, false),
        (Some(json), "anything", "x", "anything", false),
    ] {
        let names =
            format!("x-sdk-content-sha256:{declared}\nx-sdk-date:{STAMP}\n\n{CONTENT_HASH};{DATE}");
        let canonical = format!("PUT\n/\n\n{names}\n{line}");
        let mut headers = vec![(CONTENT_HASH, declared)];
        headers.extend(kind);
        let result = verify(&signed("PUT", "http://h/", &headers, body, &canonical));
        assert_eq!(result.is_ok(), fits, "{kind:?} {declared} {body:?} {line}");
    }
    // A declaration that is not signed does not count.
    let canonical = format!("PUT\n/\n\nx-sdk-date:{STAMP}\n\nx-sdk-date\n{UNSIGNED_PAYLOAD}");
    let headers = [form, (CONTENT_HASH, UNSIGNED_PAYLOAD)];
    assert_eq!(
        reason(&signed("PUT", "http://h/", &headers, "x", &canonical)),
        SignatureMismatchReason::Signature
    );
}

#[test]
fn a_repeated_header_is_signed_with_all_its_values() {
    let date = format!("x-sdk-date:{STAMP}");
    let twice = format!("GET\n/\n\nx-n:b\nx-n:b\n{date}\n\nx-n;x-n;x-sdk-date\n{EMPTY}");
    assert_eq!(verify(&signed("GET", "http://h/", &[("x-n", "b")], "", &twice)), Ok(()));
    let slipped_in = signed("GET", "http://h/", &[("x-n", "a"), ("x-n", "b")], "", &twice);
    assert_eq!(reason(&slipped_in), SignatureMismatchReason::Signature);
    let once = format!("GET\n/\n\nx-n:a,b\n{date}\n\nx-n;x-sdk-date\n{EMPTY}");
    let request = signed("GET", "http://h/", &[("x-n", " a"), ("x-n", "b\t")], "", &once);
    assert_eq!(verify(&request), Ok(()));
}

#[test]
fn the_host_of_http_2_is_the_authority() {
    let canonical = format!("GET\n/\n\nhost:h:443\nx-sdk-date:{STAMP}\n\nhost;x-sdk-date\n{EMPTY}");
    assert_eq!(verify(&signed("GET", "https://u@h:443/", &[], "", &canonical)), Ok(()));
    let missing = SignatureMismatchReason::MissingSignedHeader("host".to_owned());
    assert_eq!(reason(&signed("GET", "/", &[], "", &canonical)), missing);
}

#[test]
fn header_values_that_are_not_utf_8_are_refused_without_a_panic() {
    let value = HeaderValue::from_bytes(b" \xff\xfe ").unwrap();
    let canonical =
        format!("GET\n/\n\nx-n:\u{fffd}\nx-sdk-date:{STAMP}\n\nx-n;x-sdk-date\n{EMPTY}");
    let mut request = signed("GET", "http://h/", &[("x-n", "")], "", &canonical);
    request.headers_mut().insert("x-n", value.clone());
    assert_eq!(reason(&request), SignatureMismatchReason::Signature);
    for name in [AUTHORIZATION, HeaderName::from_static(DATE)] {
        request.headers_mut().insert(name, value.clone());
        assert!(verify(&request).is_err());
    }
}

#[test]
fn a_malformed_authorization_header_is_refused() {
    let digits = "0".repeat(64);
    let cases = [
        ("Bearer".to_owned(), "alone"),
        ("se.cret x".to_owned(), "begin"),
        (
            format!("{DIRECT}  Access={KEY}, SignedHeaders=x-sdk-date, Signature={digits}"),
            "access key or",
        ),
        (
            format!("{DIRECT} Access={KEY},SignedHeaders=x-sdk-date, Signature={digits}"),
            "access key or",
        ),
        (
            format!("{DIRECT} Access={KEY}, SignedHeaders=x-sdk-date Signature={digits}"),
            "Signature is",
        ),
        (format!("{DIRECT} Access=, SignedHeaders=x-sdk-date, Signature={digits}"), "empty"),
        (format!("{DIRECT} Access={KEY}, SignedHeaders=, Signature={digits}"), "in lower case"),
        (
            format!("{DIRECT} Access={KEY}, SignedHeaders=X-Sdk-Date, Signature={digits}"),
            "in lower case",
        ),
        (
            format!("{DIRECT} Access={KEY}, SignedHeaders=x-sdk-date;host, Signature={digits}"),
            "not sorted",
        ),
        (
            format!("{DIRECT} Access={KEY}, SignedHeaders=authorization, Signature={digits}"),
            "itself",
        ),
        (format!("{DIRECT} Access={KEY}, SignedHeaders=x-sdk-date, Signature=00"), "64"),
        (
            format!(
                "{DIRECT} Access={KEY}, SignedHeaders=x-sdk-date, Signature={}",
                "A".repeat(64)
            ),
            "64",
        ),
        (
            format!(
                "{DERIVED} Credential={KEY}/20240131/r, SignedHeaders=x-sdk-date, Signature={digits}"
            ),
            "Credential",
        ),
        (
            format!(
                "{DERIVED} Credential={KEY}/20240131/r//s, SignedHeaders=x-sdk-date, Signature={digits}"
            ),
            "Credential",
        ),
        (
            format!(
                "{DERIVED} Credential={KEY}/20240130/r/s, SignedHeaders=x-sdk-date, Signature={digits}"
            ),
            "day",
        ),
    ];
    for (value, part) in cases {
        let refused = verify(&with_authorization(&value)).unwrap_err();
        assert!(
            matches!(refused.reason(), SignatureMismatchReason::MalformedAuthorization(_)),
            "{value}: {refused:?}"
        );
        assert!(refused.to_string().contains(part), "{value}: {refused}");
    }
    let mut twice = plain();
    let value = twice.headers().get(AUTHORIZATION).unwrap().clone();
    twice.headers_mut().append(AUTHORIZATION, value);
    assert!(matches!(reason(&twice), SignatureMismatchReason::MalformedAuthorization(_)));
}

#[test]
fn each_defect_has_its_own_reason() {
    use SignatureMismatchReason::{
        DateNotSigned, MissingDate, NoAuthorization, UnknownAccessKey, UnknownAlgorithm,
    };

    assert_eq!(verify(&plain()), Ok(()));
    let without = |name: &str| {
        let mut request = plain();
        request.headers_mut().remove(name);
        request
    };
    assert_eq!(reason(&without("authorization")), NoAuthorization);
    assert_eq!(reason(&without(DATE)), MissingDate);
    assert_eq!(
        reason(&with_authorization("SDK-HMAC-SM3 x")),
        UnknownAlgorithm("SDK-HMAC-SM3".to_owned())
    );
    let digits = "0".repeat(64);
    let unsigned = format!("{DIRECT} Access={KEY}, SignedHeaders=host, Signature={digits}");
    assert_eq!(reason(&with_authorization(&unsigned)), DateNotSigned);
    let unknown =
        format!("{DIRECT} Access=UNKNOWNKEY00, SignedHeaders=x-sdk-date, Signature={digits}");
    let refused = verify(&with_authorization(&unknown)).unwrap_err();
    assert_eq!(refused.reason(), &UnknownAccessKey);
    assert_eq!(
        refused.gateway_message(),
        "Incorrect IAM authentication information: Get secretKey failed,ak:UNKN***,err:ak not exist"
    );
    assert_eq!((refused.canonical_request(), refused.differing_line("")), (None, None));
}

#[test]
fn the_clock_may_be_off_by_fifteen_minutes() {
    let known = [Credentials::new(KEY, SECRET)];
    for (now, fits) in
        [(SECONDS - 900, true), (SECONDS + 900, true), (SECONDS - 901, false), (0, false)]
    {
        assert_eq!(verify_signature(&plain(), &known, at(now)).is_ok(), fits, "{now}");
    }
    let refused = verify_signature(&plain(), &known, at(SECONDS + 901)).unwrap_err();
    assert_eq!(
        refused.gateway_message(),
        "Incorrect IAM authentication information: calc aksk signature fail:signature expired, \
         signature time:20240131T235959Z,server time:20240201T001500Z"
    );
    let before_1970 = UNIX_EPOCH - Duration::from_millis(500);
    let refused = verify_signature(&plain(), &known, before_1970).unwrap_err();
    assert!(refused.to_string().contains("19691231T235959Z"), "{refused}");
}

#[test]
fn only_dates_of_the_calendar_are_valid() {
    for (date, seconds) in [
        ("19700101T000000Z", Some(0)),
        ("19691231T235959Z", Some(-1)),
        ("20000229T000000Z", Some(951_782_400)),
        ("20240229T120000Z", Some(1_709_208_000)),
        (STAMP, Some(1_706_745_599)),
        ("99991231T235959Z", Some(253_402_300_799)),
        ("00000101T000000Z", None),
        ("19000229T000000Z", None),
        ("20230229T000000Z", None),
        ("20240431T000000Z", None),
        ("20240001T000000Z", None),
        ("20241301T000000Z", None),
        ("20240100T000000Z", None),
        ("20240101T240000Z", None),
        ("20240101T006000Z", None),
        ("20240101T000060Z", None),
        ("20240101t000000Z", None),
        ("20240101T000000z", None),
        ("20240101T00000Z", None),
        ("20240101T0000000Z", None),
        ("+0240101T000000Z", None),
        ("2024\u{e9}101T00000Z", None),
        ("", None),
    ] {
        assert_eq!(seconds_of(date), seconds, "{date}");
        if let Some(seconds) = seconds {
            assert_eq!(date_of(seconds), date);
        }
    }
    assert_eq!(date_of(i64::MAX).len(), "2922770265961204T153007Z".len());
    let mut request = plain();
    request.headers_mut().insert(DATE, HeaderValue::from_static("yesterday"));
    assert_eq!(reason(&request), SignatureMismatchReason::InvalidDate("yesterday".to_owned()));
}

#[test]
fn a_temporary_access_key_needs_its_signed_token() {
    let known = |secret: &str| [Credentials::new(KEY, secret).security_token("token-value")];
    let line = format!("x-sdk-date:{STAMP}\n");
    let token = "x-security-token:token-value\n";
    let with = format!("GET\n/\n\n{line}{token}\n{DATE};{TOKEN}\n{EMPTY}");
    let without = format!("GET\n/\n\n{line}\n{DATE}\n{EMPTY}");
    let header = [(TOKEN, "token-value")];
    let good = signed("GET", "http://h/", &header, "", &with);
    assert_eq!(verify_signature(&good, &known(SECRET), at(SECONDS)), Ok(()));
    assert_eq!(verify(&good), Ok(()), "a permanent access key may come with a token");

    let absent = signed("GET", "http://h/", &[], "", &without);
    let unsigned = signed("GET", "http://h/", &header, "", &without);
    let mut other = signed("GET", "http://h/", &header, "", &with);
    other.headers_mut().insert(TOKEN, HeaderValue::from_static("other-value"));
    let only_listed = signed("GET", "http://h/", &[], "", &with);
    for request in [absent, unsigned, other, only_listed] {
        let refused = verify_signature(&request, &known(SECRET), at(SECONDS)).unwrap_err();
        assert_eq!(refused.reason(), &SignatureMismatchReason::MissingToken);
        assert!(refused.gateway_message().contains("ak:DUMM***,err:ak not exist"));
    }

    let refused = verify_signature(&good, &known("wrong"), at(SECONDS)).unwrap_err();
    assert_eq!(refused.reason(), &SignatureMismatchReason::Signature);
    assert_eq!(refused.differing_line(&with), None);
    let differing = refused.differing_line(&with.replace("token-value", "stale-value")).unwrap();
    assert_eq!(differing.line, Line::Header(TOKEN.to_owned()));
    let piped = refused.differing_line(&with.replace('\n', "|")).unwrap();
    assert_eq!((&piped.line, piped.client.as_deref()), (&Line::Method, Some("***")));
    let texts =
        format!("{refused} {refused:?} {} {differing:?} {piped:?}", refused.gateway_message());
    for secret in ["token-value", "stale-value", KEY, SECRET] {
        assert!(!texts.contains(secret), "{texts}");
    }
    assert!(texts.contains("access key DUMM***"), "{texts}");
}

#[test]
fn a_line_that_one_side_lacks_is_the_differing_line() {
    let mut request = plain();
    request.headers_mut().insert("x-a", HeaderValue::from_static("1"));
    let refused =
        verify_signature(&request, &[Credentials::new(KEY, "wrong")], at(SECONDS)).unwrap_err();
    let own = refused.canonical_request().unwrap();
    let line = |client: &str| {
        refused.differing_line(client).map(|found| (found.line, found.client, found.gateway))
    };
    let some = |text: &str| Some(text.to_owned());

    let more = own.replace("x-sdk-date:", "x-a:1\nx-sdk-date:");
    assert_eq!(line(&more), Some((Line::Header("x-a".to_owned()), some("1"), None)));
    let less = own.replace(&format!("x-sdk-date:{STAMP}\n"), "");
    assert_eq!(line(&less), Some((Line::Header(DATE.to_owned()), None, some(STAMP))));
    let names = own.replace("\nx-sdk-date\n", "\nhost;x-sdk-date\n");
    assert_eq!(line(&names), Some((Line::SignedHeaders, some("host;x-sdk-date"), some(DATE))));
    assert_eq!(line("GET"), Some((Line::Path, None, some("/a/"))));
    assert_eq!(line(""), Some((Line::Method, some(""), some("GET"))));
    assert_eq!(line(own), None);
}
