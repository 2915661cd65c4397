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
