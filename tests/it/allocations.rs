//! How often the heap is asked. Counts are exact, so they are asserted.

use std::time::SystemTime;

use bytes::Bytes;
use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::sign::Signer;

fn request(method: &str, body: &'static str) -> http::Request<Bytes> {
    let mut headers = http::HeaderMap::with_capacity(8);
    headers.insert("host", "cts.eu-de.otc.t-systems.com".parse().unwrap());
    headers.insert("x-project-id", "24edf66e79d04187acb99a463e610764".parse().unwrap());
    if !body.is_empty() {
        headers.insert("content-type", "application/json;charset=UTF-8".parse().unwrap());
    }
    let uri = "https://cts.eu-de.otc.t-systems.com/v3/24edf66e79d04187acb99a463e610764/notifications/smn";
    let mut request =
        http::Request::builder().method(method).uri(uri).body(Bytes::from_static(body.as_bytes())).unwrap();
    *request.headers_mut() = headers;
    request
}

#[test]
fn signing_asks_the_heap_at_most_six_times() {
    let credentials = Credentials::new("AKAKAKAKAKAKAKAKAKAK", "secret");
    let signer = Signer::new(&credentials);
    // The first signature hashes the key's blocks for all that follow.
    signer.sign(&mut request("GET", ""), SystemTime::now()).unwrap();
    for (what, mut request) in [
        ("list", request("GET", "")),
        ("create", request("POST", include_str!("fixtures/create-customized-request.json"))),
    ] {
        let counted = allocation_counter::measure(|| signer.sign(&mut request, SystemTime::now()).unwrap());
        assert!(counted.count_total <= 6, "{what}: {counted:?}");
    }
}

#[test]
fn credentials_that_are_kept_cost_no_more_than_the_boxed_future() {
    use huaweicloud_cts::credentials::{CachedCredentials, CredentialsContext, ProvideCredentials};
    use std::task::{Context, Poll, Waker};

    let provider = CachedCredentials::new(Credentials::new("AKAKAKAKAKAKAKAKAKAK", "secret"));
    let context = CredentialsContext::new().region("eu-de").iam_endpoint("https://iam.example.com");
    let ask = || {
        let mut asked = provider.provide(&context);
        let polled = asked.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(polled, Poll::Ready(Ok(_))));
    };
    ask();
    let counted = allocation_counter::measure(ask);
    assert_eq!(counted.count_total, 1, "{counted:?}");
}
