//! The profile file.

use super::*;
#[cfg(unix)]
use crate::support::files::fifo;

fn profile(file: &TestFile) -> ProfileCredentials {
    ProfileCredentials::new().path(file.path())
}

#[tokio::test]
async fn credentials_and_project_are_read_again_when_the_profile_was_replaced() {
    let file = TestFile::new(
        "\u{feff}# mine\r\n[basic]\r\nAK = AK1\r\nsk: SK1\r\nsecurity_token=T1\r\nproject_id = p1\r\n",
    );
    let profile = profile(&file);
    profile.check(&nowhere()).unwrap();
    let keys = profile.provide(&nowhere()).await.unwrap();
    assert_eq!(
        (keys.access_key(), keys.project_id(), keys.is_temporary()),
        ("AK1", Some("p1"), true)
    );
    // Of the same size, and perhaps in the same tick of the file system's clock.
    for access_key in ["AK2", "AK3", "AK4"] {
        file.write(format!("[basic]\nak = {access_key}\nsk = SK2\n"));
        assert_eq!(profile.provide(&nowhere()).await.unwrap().access_key(), access_key);
    }
    // The current mistake is reported, not hidden behind earlier contents.
    file.write("[basic]\nak = AK5\n");
    assert_eq!(profile.provide(&nowhere()).await.unwrap_err().kind(), Invalid);
    file.write("[basic]\nak = AK5\nsk = SK5\n");
    assert_eq!(profile.provide(&nowhere()).await.unwrap().access_key(), "AK5");
}

#[tokio::test]
async fn a_profile_that_changed_without_a_new_modification_time_is_read_again() {
    let file = TestFile::new("[basic]\nak = AK1\nsk = SK1\n");
    let now = SystemTime::now();
    let set_time = || {
        std::fs::File::options().write(true).open(file.path()).unwrap().set_modified(now).unwrap();
    };
    set_time();
    let profile = profile(&file);
    assert_eq!(profile.provide(&nowhere()).await.unwrap().access_key(), "AK1");
    file.write("[basic]\nak = AK2\nsk = SK2\n");
    set_time();
    assert_eq!(profile.provide(&nowhere()).await.unwrap().access_key(), "AK2");
}

#[cfg(unix)]
#[tokio::test]
async fn a_profile_that_has_not_changed_is_not_read_again() {
    let old = SystemTime::now() - Duration::from_secs(60);
    let file = TestFile::new("[basic]\nak = AK1\nsk = SK1\n");
    let set_time = || {
        std::fs::File::options().write(true).open(file.path()).unwrap().set_modified(old).unwrap();
    };
    set_time();
    let profile = profile(&file);
    profile.check(&nowhere()).unwrap();
    // Nothing but the contents.
    file.write("[basic]\nak = AK2\nsk = SK2\n");
    set_time();
    assert_eq!(profile.provide(&nowhere()).await.unwrap().access_key(), "AK1");
    // Another file of the same size and time, put in its place.
    let other = TestFile::new("[basic]\nak = AK3\nsk = SK3\n");
    std::fs::File::options().write(true).open(other.path()).unwrap().set_modified(old).unwrap();
    std::fs::rename(other.path(), file.path()).unwrap();
    assert_eq!(profile.provide(&nowhere()).await.unwrap().access_key(), "AK3");
}

#[tokio::test]
async fn a_client_signs_with_the_current_contents_of_the_profile() {
    use huaweicloud_cts::notification::ListNotifications;
    let contents = |number: u8, token: &str| {
        format!("[basic]\nak=A{number}\nsk=S{number}\nsecurity_token={token}\n")
    };
    let file = TestFile::new(contents(1, "OLDTOKEN"));
    let outdated = r#"{"error_code":"APIGW.0307","error_msg":"The token must be updated"}"#;
    let answers = Answers::default()
        .answer(200, "{}")
        .answer(401, outdated)
        .answer(200, "{}")
        .answer(200, "{}");
    let client = huaweicloud_cts::CtsClient::builder()
        .region("eu-de")
        .project_id("p1")
        .credentials(CredentialsChain::new().then(profile(&file)))
        .transport(answers.clone())
        .build()
        .unwrap();
    let list = ListNotifications::smn();
    client.list_notifications(&list).await.unwrap();
    client.list_notifications(&list).await.unwrap_err();
    file.write(contents(2, "NEWTOKEN"));
    client.list_notifications(&list).await.unwrap();
    client.list_notifications(&list).await.unwrap();
    let sent: Vec<_> =
        answers.requests().iter().map(|sent| sent.headers()["x-security-token"].clone()).collect();
    assert_eq!(sent, ["OLDTOKEN", "OLDTOKEN", "NEWTOKEN", "NEWTOKEN"]);
}

#[tokio::test]
async fn mistakes_in_a_profile_are_reported_with_file_and_line() {
    let large = format!("[basic]\n{}", "#".repeat(1024 * 1024));
    let cases: [(&[u8], _, &str); 9] = [
        (b"", NotConfigured, "has no section [basic]"),
        (b"[global]\nak = a\nsk = s\n", NotConfigured, "has no section [basic]"),
        (
            b"[basic]\nproject_id = p\nak =\n",
            NotConfigured,
            "has neither ak and sk nor idp_id and id_token_file",
        ),
        (b"[basic]\nak = a\n", Invalid, ": ak is set but sk is not: set both"),
        (
            b"[basic]\nak = a\nsk = s\nidp_id = i\n",
            Invalid,
            ": idp_id is set but id_token_file is not: set both",
        ),
        (b"[basic]\nak = a\nsk = s # mine\n", Invalid, ", line 3: the value of sk has white space"),
        (b"[basic]\nak = \xff\n", Invalid, "is not valid UTF-8 at byte 13"),
        (
            b"[basic]\nidp_id = i\nid_token_file = f\niam_endpoint = http://iam.example.com\n",
            Invalid,
            "is not encrypted",
        ),
        (large.as_bytes(), Failed, "can't be read: it is larger than 1 MiB"),
    ];
    for (contents, kind, part) in cases {
        let file = TestFile::new(contents);
        let profile = profile(&file);
        let error = profile.provide(&nowhere()).await.unwrap_err();
        let text = told(&error);
        assert_eq!(error.kind(), kind, "{text}");
        assert!(text.contains(&file.path().display().to_string()) && text.contains(part), "{text}");
        assert_eq!(profile.check(&nowhere()).unwrap_err().kind(), kind);
        // A file that could not be read is read again.
        file.write("[basic]\nak = AK1\nsk = SK1\n");
        assert_eq!(profile.provide(&nowhere()).await.unwrap().access_key(), "AK1");
    }
    #[cfg(unix)]
    let fifo = fifo();
    #[cfg(unix)]
    let irregular = [Path::new(env!("CARGO_TARGET_TMPDIR")), Path::new("/dev/zero"), fifo.path()];
    #[cfg(not(unix))]
    let irregular = [Path::new(env!("CARGO_TARGET_TMPDIR"))];
    for path in irregular {
        let error = ProfileCredentials::new().path(path).provide(&nowhere()).await.unwrap_err();
        let text = format!("{} can't be read: it is not a regular file", path.display());
        assert_eq!((error.kind(), told(&error)), (Failed, text));
    }
    let missing = ProfileCredentials::new().path("/nonexistent/credentials");
    assert_eq!(missing.check(&nowhere()).unwrap_err().kind(), Invalid);
}

#[tokio::test]
async fn an_identity_provider_in_a_profile_takes_precedence_over_access_keys() {
    let token = TestFile::new("id-token\n");
    let contents = format!(
        "[basic]\nak = a\nsk = s\nproject_id = p1\nidp_id = idp\nid_token_file = {}\niam_endpoint = iam.example.com\n",
        token.path().display()
    );
    let answers = federation(Answers::default());
    let keys = profile(&TestFile::new(contents))
        .transport(answers.clone())
        .provide(&nowhere())
        .await
        .unwrap();
    assert_eq!((keys.access_key(), keys.project_id()), ("AK1", Some("p1")));
    assert_eq!(answers.requests()[0].uri().host(), Some("iam.example.com"));
}
