//! Reads the signing vectors. `README.md` says where they come from and what the files hold.

use std::path::Path;

use http::{HeaderName, HeaderValue, Request};

pub(crate) const ACCESS_KEY: &str = "DUMMYAK0000000000001";
pub(crate) const SECRET_KEY: &str = "dummySecretKeyForSigningVectors000000001";

/// The date of all vectors, 2024-01-31T23:59:59Z.
pub(crate) const SECONDS: u64 = 1_706_745_599;

#[derive(Debug)]
pub(crate) struct Vector {
    pub(crate) name: String,
    #[allow(dead_code, reason = "a verifier is given what is sent")]
    pub(crate) request: Request<Vec<u8>>,
    pub(crate) canonical: String,
    #[allow(dead_code, reason = "a verifier does not return it")]
    pub(crate) string_to_sign: String,
    pub(crate) signed: Request<Vec<u8>>,
}

impl Vector {
    pub(crate) fn security_token(&self) -> Option<&str> {
        self.signed.headers().get("x-security-token").map(|token| token.to_str().unwrap())
    }
}

/// Returns all vectors, in the order of their names.
pub(crate) fn all() -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/vectors");
    let cases = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir());
    let mut vectors: Vec<_> = cases.map(|case| vector(&case)).collect();
    vectors.sort_by(|one, other| one.name.cmp(&other.name));
    assert_eq!(vectors.len(), 11);
    vectors
}

fn vector(case: &Path) -> Vector {
    let read = |name| {
        let path = case.join(name);
        let contents = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        contents.strip_suffix('\n').unwrap().to_owned()
    };
    Vector {
        name: case.file_name().unwrap().to_str().unwrap().to_owned(),
        request: request(&read("request.http")),
        canonical: read("canonical.txt"),
        string_to_sign: read("string-to-sign.txt"),
        signed: request(&read("signed.http")),
    }
}

fn request(file: &str) -> Request<Vec<u8>> {
    let mut lines = file.split('\n');
    let mut first = lines.next().unwrap().split(' ');
    let mut request = Request::new(Vec::new());
    *request.method_mut() = first.next().unwrap().parse().unwrap();
    *request.uri_mut() = first.next().unwrap().parse().unwrap();
    for line in lines.by_ref().take_while(|line| !line.is_empty()) {
        let (name, value) = line.split_once(": ").unwrap();
        let name: HeaderName = name.parse().unwrap();
        request.headers_mut().append(name, HeaderValue::from_str(value).unwrap());
    }
    *request.body_mut() = lines.collect::<Vec<_>>().join("\n").into_bytes();
    request
}
