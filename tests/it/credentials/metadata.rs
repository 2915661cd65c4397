//! The metadata service of a server.

use super::*;

const TOKEN: &str = "PUT http://169.254.169.254/meta-data/latest/api/token";
const KEY: &str = "GET http://169.254.169.254/openstack/latest/securitykey";

const NO_HEADER: &str = "the metadata service (http://169.254.169.254) returned no token: the response can't be used: it is not the \
                         value of a header; check that the endpoint is the service itself, and not a proxy or a login page";

fn asking(answers: &Answers) -> MetadataCredentials {
    MetadataCredentials::new().transport(answers.clone())
}

#[tokio::test]
async fn credentials_are_fetched_with_a_token_and_cached() {
    let answers = Answers::default().answer(200, "token\n").answer(200, KEYS);
    let provider = asking(&answers);
    for _ in 0..3 {
        let keys = provider.provide(&nowhere()).await.unwrap();
        assert_eq!((keys.access_key(), keys.is_temporary()), ("AK1", true));
        assert!(keys.expiry().unwrap() > SystemTime::now());
    }
    let requests = answers.requests();
    assert_eq!(targets(&requests), [TOKEN, KEY]);
    assert_eq!(requests[0].headers()["x-metadata-token-ttl-seconds"], "21600");
    assert_eq!(requests[1].headers()["x-metadata-token"], "token");
    assert!(requests[1].headers()["x-metadata-token"].is_sensitive());
    assert!(requests.iter().all(|request| !request.headers().contains_key("authorization")));
}

#[tokio::test(start_paused = true)]
async fn a_metadata_service_without_tokens_is_asked_for_one_again_after_a_day() {
    for status in [404, 405, 503] {
        let answers =
            Answers::default().answer(status, "").answer(200, OLD_KEYS).answer(200, OLD_KEYS);
        let answers = answers.answer(200, "token").answer(200, KEYS);
        let provider = asking(&answers);
        provider.provide(&nowhere()).await.unwrap();
        tokio::time::advance(Duration::from_secs(60)).await;
        provider.provide(&nowhere()).await.unwrap();
        assert_eq!(targets(&answers.requests()), [TOKEN, KEY, KEY]);
        tokio::time::advance(Duration::from_secs(24 * 60 * 60)).await;
        assert_eq!(provider.provide(&nowhere()).await.unwrap().access_key(), "AK1");
        assert_eq!(targets(&answers.requests()[3..]), [TOKEN, KEY]);
    }
}

#[tokio::test]
async fn a_401_of_the_metadata_service_leads_to_one_new_token() {
    let answers =
        Answers::default().answer(404, "").answer(401, "").answer(200, "token").answer(200, KEYS);
    asking(&answers).provide(&nowhere()).await.unwrap();
    assert_eq!(targets(&answers.requests()), [TOKEN, KEY, TOKEN, KEY]);
    assert_eq!(answers.requests()[3].headers()["x-metadata-token"], "token");

    let answers =
        Answers::default().answer(200, "a").answer(401, "").answer(200, "b").answer(401, "");
    let error = asking(&answers).provide(&nowhere()).await.unwrap_err();
    assert_eq!((error.kind(), told(&error)), (NotConfigured, foreign("401")));
    assert_eq!(answers.requests().len(), 4);

    let answers = Answers::default().answer(404, "").answer(401, "").answer(404, "");
    let error = asking(&answers).provide(&nowhere()).await.unwrap_err();
    let text = "401 without a token (the request for one: status 404)";
    assert_eq!((error.kind(), told(&error)), (NotConfigured, foreign(text)));
}

fn foreign(status: &str) -> String {
    format!(
        "something responds at http://169.254.169.254, but it is not Huawei Cloud's metadata service: status {status}"
    )
}

#[tokio::test(start_paused = true)]
async fn credentials_are_fetched_without_a_token_if_the_token_request_is_refused() {
    for status in [400, 401, 403, 404, 405, 409, 503] {
        let answers =
            Answers::default().answer(status, "secret").answer(200, OLD_KEYS).answer(200, KEYS);
        let provider = asking(&answers);
        assert_eq!(provider.provide(&nowhere()).await.unwrap().access_key(), "AK0");
        assert_eq!(targets(&answers.requests()), [TOKEN, KEY]);
        assert!(!answers.requests()[1].headers().contains_key("x-metadata-token"));
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(provider.provide(&nowhere()).await.unwrap().access_key(), "AK1");
        assert_eq!(
            targets(&answers.requests()[2..]),
            [KEY],
            "that it gives no tokens is remembered"
        );
    }
}

/// Never responds to the request for a token, and to the one for credentials with this.
#[derive(Clone, Debug)]
struct Tokenless(Option<(u16, &'static str)>, Answers);
impl huaweicloud_cts::transport::Transport for Tokenless {
    fn send(
        &self,
        request: Request<bytes::Bytes>,
    ) -> BoxFuture<
        '_,
        Result<http::Response<bytes::Bytes>, huaweicloud_cts::transport::TransportError>,
    > {
        if let (&Method::GET, Some((status, body))) = (request.method(), self.0) {
            let _ = self.1.clone().answer(status, body);
        }
        self.1.send(request)
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_are_fetched_without_a_token_if_the_token_request_times_out() {
    let started = tokio::time::Instant::now();
    let provider =
        MetadataCredentials::new().transport(Tokenless(Some((200, KEYS)), Answers::default()));
    assert_eq!(provider.provide(&nowhere()).await.unwrap().access_key(), "AK1");
    assert_eq!(started.elapsed(), Duration::from_millis(1_500));

    // A service that requires a token and is slow to return one.
    let answers = Answers::default();
    let provider =
        MetadataCredentials::new().transport(Tokenless(Some((401, "")), answers.clone()));
    let text = foreign("401 without a token (the request for one got no response)");
    assert_eq!(told(&provider.provide(&nowhere()).await.unwrap_err()), text);
    assert_eq!(answers.requests().len(), 2, "it was asked long enough");
    assert_eq!(told(&provider.provide(&nowhere()).await.unwrap_err()), text);
    assert_eq!(answers.requests().len(), 2);
    tokio::time::advance(Duration::from_secs(15)).await;
    let answers = answers.answer(200, "t").answer(200, KEYS);
    provider.provide(&nowhere()).await.unwrap();
    assert_eq!(targets(&answers.requests()[2..]), [TOKEN, KEY]);
}

#[tokio::test(start_paused = true)]
async fn the_metadata_service_of_another_cloud_is_reported_and_remembered_for_five_minutes() {
    let one = |status| Answers::default().answer(status, "secret");
    for (answers, status) in [
        (one(400).answer(400, "secret"), "400 without a token (the request for one: status 400)"),
        (one(403).answer(404, "secret"), "404 without a token (the request for one: status 403)"),
        (one(404).answer(404, "secret"), "404 without a token (the request for one: status 404)"),
        (one(405).answer(400, "secret"), "400 without a token (the request for one: status 405)"),
        (
            one(404).answer(401, "").answer(405, ""),
            "401 without a token (the request for one: status 405)",
        ),
        (one(200).answer(404, "secret"), "404"),
    ] {
        let provider = asking(&answers);
        let requests = {
            let error = provider.provide(&nowhere()).await.unwrap_err();
            assert_eq!((error.kind(), told(&error)), (NotConfigured, foreign(status)));
            answers.requests().len()
        };
        tokio::time::advance(Duration::from_secs(5 * 60 - 1)).await;
        assert_eq!(told(&provider.provide(&nowhere()).await.unwrap_err()), foreign(status));
        assert_eq!(answers.requests().len(), requests, "nothing is sent");
        tokio::time::advance(Duration::from_secs(1)).await;
        let answers = answers.answer(200, "t").answer(200, KEYS);
        provider.provide(&nowhere()).await.unwrap();
        assert_eq!(
            targets(&answers.requests()[requests..]),
            [TOKEN, KEY],
            "nothing is left of what was answered"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_a_known_metadata_service_is_a_failure() {
    let no_agency = "Please configure Cloud Service Agency first";
    for first in [OLD_KEYS, no_agency] {
        let answers = Answers::default()
            .answer(200, "t")
            .answer(if first == OLD_KEYS { 200 } else { 404 }, first);
        let answers = answers.answer(200, "t").answer(404, "").answer(403, "").answer(409, "");
        let provider = asking(&answers);
        let _ = provider.provide(&nowhere()).await;
        tokio::time::advance(Duration::from_secs(31)).await;
        let error = provider.provide(&nowhere()).await.unwrap_err();
        assert_eq!(
            (error.kind(), told(&error).as_str()),
            (
                Failed,
                "the metadata service (http://169.254.169.254) returned no credentials: status 404; check the agency of this \
                 server"
            )
        );
        let error = provider.provide(&nowhere()).await.unwrap_err();
        assert_eq!(
            (error.kind(), told(&error).as_str()),
            (
                Failed,
                "the metadata service (http://169.254.169.254) returned no credentials without a token (the request for one: \
                 status 403): status 409; check the agency of this server"
            )
        );
    }
}

#[tokio::test]
async fn metadata_responses_without_credentials_are_errors() {
    let no_agency = r#"{"error":"Please configure Cloud Service Agency first."}"#;
    for (token, key, kind, text) in [
        (
            (200, "t"),
            (401, no_agency),
            NotConfigured,
            "the metadata service has no credentials: configure an agency for this server",
        ),
        (
            (404, ""),
            (404, no_agency),
            NotConfigured,
            "the metadata service has no credentials: configure an agency for this server",
        ),
        (
            (403, no_agency),
            (0, ""),
            NotConfigured,
            "the metadata service has no credentials: configure an agency for this server",
        ),
        (
            (200, "t"),
            (429, "secret"),
            Failed,
            "the metadata service (http://169.254.169.254) returned no credentials: status 429; try again later",
        ),
        (
            (429, ""),
            (0, ""),
            Failed,
            "the metadata service (http://169.254.169.254) returned no token: status 429; try again later",
        ),
        (
            (500, ""),
            (0, ""),
            Failed,
            "the metadata service (http://169.254.169.254) returned no token: status 500; try again later",
        ),
        (
            (200, "t"),
            (500, r#"{"error_code":"X.1"}"#),
            Failed,
            "the metadata service (http://169.254.169.254) returned no credentials: 500 X.1; try again later",
        ),
        (
            (200, "t"),
            (200, "secret"),
            Failed,
            "the metadata service (http://169.254.169.254) returned no credentials: the response can't be used: it is not JSON \
             (line 1, column 1); check that the endpoint is the service itself, and not a proxy or a login page",
        ),
        (
            (200, "t"),
            (200, "{}"),
            Failed,
            "the metadata service (http://169.254.169.254) returned no credentials: the response can't be used: the field access \
             is missing or empty; check that the endpoint is the service itself, and not a proxy or a login page",
        ),
        ((200, ""), (0, ""), Failed, NO_HEADER),
        ((200, "a\nb"), (0, ""), Failed, NO_HEADER),
    ] {
        let mut answers = Answers::default().answer(token.0, token.1);
        if key.0 != 0 {
            answers = answers.answer(key.0, key.1);
        }
        let error = asking(&answers).provide(&nowhere()).await.unwrap_err();
        assert_eq!((error.kind(), told(&error).as_str()), (kind, text));
    }
}

#[tokio::test(start_paused = true)]
async fn an_absent_metadata_service_is_probed_again_after_five_minutes_and_a_slow_one_sooner() {
    let refused = || Answers::default().failure(TransportErrorKind::Connect);
    // The second never responds.
    for (answers, limit, requests, span) in
        [(refused(), 0, 1, 5 * 60), (Answers::default(), 3, 2, 15)]
    {
        let provider = asking(&answers);
        provider.check(&nowhere()).unwrap();
        let started = tokio::time::Instant::now();
        for _ in 0..3 {
            let error = provider.provide(&nowhere()).await.unwrap_err();
            assert_eq!(error.kind(), NotConfigured);
            let text =
                "there is no metadata service here (no response from http://169.254.169.254)";
            assert_eq!(error.to_string(), text);
        }
        assert_eq!(
            (started.elapsed(), answers.requests().len()),
            (Duration::from_secs(limit), requests)
        );
        let answers = answers.answer(200, "t").answer(200, KEYS);
        tokio::time::advance(Duration::from_secs(span - 1)).await;
        assert_eq!(provider.provide(&nowhere()).await.unwrap_err().kind(), NotConfigured);
        tokio::time::advance(Duration::from_secs(1)).await;
        provider.provide(&nowhere()).await.unwrap();
        assert_eq!(answers.requests().len(), requests + 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_metadata_service_that_has_responded_is_not_considered_absent() {
    let answers = Answers::default()
        .answer(200, "t")
        .answer(200, OLD_KEYS)
        .failure(TransportErrorKind::Connect);
    let provider = asking(&answers);
    provider.provide(&nowhere()).await.unwrap();
    tokio::time::advance(Duration::from_secs(31)).await;
    assert_eq!(provider.provide(&nowhere()).await.unwrap_err().kind(), Failed);
    let started = tokio::time::Instant::now();
    assert_eq!(provider.provide(&nowhere()).await.unwrap_err().kind(), Failed);
    assert_eq!(started.elapsed().as_secs(), 6, "it has more time now");
}

#[test]
fn plain_http_is_allowed_only_for_link_local_and_loopback_addresses() {
    for near in [
        "http://127.0.0.1:1",
        "http://localhost",
        "http://[fe80::a9fe:a9fe]",
        "https://metadata.example.com",
    ] {
        MetadataCredentials::new().endpoint(near).check(&nowhere()).unwrap();
    }
    for far in ["http://metadata.example.com", "http://10.0.0.1", "", "https://u:sentinel@h"] {
        let error = MetadataCredentials::new().endpoint(far).check(&nowhere()).unwrap_err();
        assert!(error.kind() == Invalid && !error.to_string().contains("sentinel"), "{error}");
    }
}

#[cfg(feature = "reqwest")]
#[tokio::test]
async fn the_metadata_service_is_asked_over_a_socket() {
    use wiremock::matchers::{header, method, path};
    use wiremock::{Mock, MockServer, ResponseTemplate};
    let server = MockServer::start().await;
    Mock::given(method("PUT"))
        .and(path("/meta-data/latest/api/token"))
        .and(header("X-Metadata-Token-Ttl-Seconds", "21600"))
        .respond_with(ResponseTemplate::new(200).set_body_string("token"))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .and(path("/openstack/latest/securitykey"))
        .and(header("X-Metadata-Token", "token"))
        .respond_with(ResponseTemplate::new(200).set_body_string(KEYS))
        .expect(1)
        .mount(&server)
        .await;
    let provider = Arc::new(MetadataCredentials::new().endpoint(server.uri()));
    let callers = (0..100)
        .map(|_| Arc::clone(&provider))
        .map(|p| tokio::spawn(async move { p.provide(&nowhere()).await }));
    for caller in callers.collect::<Vec<_>>() {
        assert_eq!(caller.await.unwrap().unwrap().access_key(), "AK1");
    }

    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let provider =
        MetadataCredentials::new().endpoint(format!("http://{}", unused.local_addr().unwrap()));
    drop(unused);
    assert_eq!(provider.provide(&nowhere()).await.unwrap_err().kind(), NotConfigured);
}

#[cfg(not(feature = "reqwest"))]
#[tokio::test]
async fn the_metadata_provider_without_a_transport_is_an_error() {
    let error = MetadataCredentials::new().provide(&nowhere()).await.unwrap_err();
    assert_eq!(error.kind(), Invalid);
    assert!(error.to_string().contains("there is no transport"), "{error}");
}
