//! What a program without this crate would write.

use std::hint::black_box;

use hmac::{Hmac, KeyInit, Mac};
use http::header::CONTENT_TYPE;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::data::{CONNECT_TIMEOUT, JSON, SECRET_KEY};

pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT).no_proxy().build().unwrap()
}

pub(crate) async fn list(client: &reqwest::Client, url: &str) -> Vec<BareNotification> {
    let response = client.get(url).send().await.unwrap().error_for_status().unwrap();
    serde_json::from_slice::<BareList>(&response.bytes().await.unwrap()).unwrap().notifications
}

pub(crate) async fn create(
    client: &reqwest::Client,
    url: &str,
    request: &BareRequest,
) -> BareNotification {
    let body = serde_json::to_vec(request).unwrap();
    let request = client.post(url).header(CONTENT_TYPE, JSON).body(body);
    let response = request.send().await.unwrap().error_for_status().unwrap();
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

/// The hashing that no signer can do without, on the very bytes that ours hashes.
pub(crate) struct BareSigning {
    key: Hmac<Sha256>,
    /// Algorithm and date.
    prefix: String,
    canonical: String,
    body: &'static [u8],
}

impl BareSigning {
    pub(crate) fn of(string_to_sign: &str, canonical: &str, body: &'static [u8]) -> Self {
        let (prefix, _hash) = string_to_sign.split_at(string_to_sign.len() - 64);
        Self {
            key: Hmac::new_from_slice(SECRET_KEY.as_bytes()).unwrap(),
            prefix: prefix.to_owned(),
            canonical: canonical.to_owned(),
            body,
        }
    }

    pub(crate) fn sign(&self) -> [u8; 64] {
        let mut text = [0; 64];
        if !self.body.is_empty() {
            hex::encode_to_slice(Sha256::digest(self.body), &mut text).unwrap();
            black_box(&text);
        }
        hex::encode_to_slice(Sha256::digest(&self.canonical), &mut text).unwrap();
        let mut mac = self.key.clone();
        mac.update(self.prefix.as_bytes());
        mac.update(&text);
        hex::encode_to_slice(mac.finalize().into_bytes(), &mut text).unwrap();
        text
    }
}

#[derive(Deserialize)]
pub(crate) struct BareList {
    pub(crate) notifications: Vec<BareNotification>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct BareNotification {
    pub(crate) notification_id: String,
    pub(crate) notification_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) notification_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) operation_type: Option<String>,
    pub(crate) operations: Vec<BareOperation>,
    pub(crate) notify_user_list: Vec<BareUsers>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) topic_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) filter: Option<BareFilter>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) agency_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) project_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) domain_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) create_time: Option<i64>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct BareRequest {
    pub(crate) notification_name: String,
    pub(crate) operation_type: String,
    pub(crate) operations: Vec<BareOperation>,
    pub(crate) notify_user_list: Vec<BareUsers>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) topic_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) filter: Option<BareFilter>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) agency_name: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct BareOperation {
    pub(crate) service_type: String,
    pub(crate) resource_type: String,
    pub(crate) trace_names: Vec<String>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct BareUsers {
    pub(crate) user_group: String,
    pub(crate) user_list: Vec<String>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct BareFilter {
    pub(crate) condition: String,
    pub(crate) is_support_filter: bool,
    pub(crate) rule: Vec<String>,
}
