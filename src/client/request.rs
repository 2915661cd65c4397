//! A call as a request that is not signed yet.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use percent_encoding::utf8_percent_encode;

use super::CtsClient;
use super::call::Call;
use super::destination::Destination;
use crate::sign::ENCODED;

const X_PROJECT_ID: HeaderName = HeaderName::from_static("x-project-id");

impl CtsClient {
    /// The call as a request that is not signed yet.
    pub(super) fn request(
        &self,
        call: &Call,
        destination: Destination<'_>,
        prefix: &str,
        host: &HeaderValue,
    ) -> Result<http::Request<Bytes>, http::Error> {
        let mut target = String::with_capacity(prefix.len() + call.path.len() + 128);
        target.push_str(prefix);
        if let Destination::Project(project) = destination {
            target.push_str("/v3/");
            target.push_str(&project.encoded);
        }
        target.push_str(&call.path);
        for (i, (key, value)) in call.query.iter().enumerate() {
            target.push(if i == 0 { '?' } else { '&' });
            target.push_str(key);
            target.push('=');
            target.extend(utf8_percent_encode(value, ENCODED));
        }
        let uri = Uri::from_maybe_shared(Bytes::from(target))?;

        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(HOST, host.clone());
        if let Destination::Project(project) = destination {
            headers.insert(X_PROJECT_ID, project.header.clone());
            self.add_headers(&mut headers);
        }
        if !call.body.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=UTF-8"));
        }
        let mut request = http::Request::new(call.body.clone());
        *request.method_mut() = call.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Ok(request)
    }
}
