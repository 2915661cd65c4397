//! Where requests go: the endpoints of CTS and IAM, from code, from the environment and from
//! `regions.yaml`.

use std::path::Path;

use huaweicloud_cts::credentials::{Credentials, FederatedCredentials};
use huaweicloud_cts::notification::ListNotifications;
use huaweicloud_cts::{BuildError, ClientBuilder, CtsClient, Region};

use crate::support::answers::Answers;
use crate::support::child::{child, pass};
use crate::support::files::TestFile;

const PROJECT: &str = "24edf66e79d04187acb99a463e610764";

fn builder() -> ClientBuilder {
    CtsClient::builder().credentials(Credentials::new("AK", "SK"))
}

/// The URLs of the project lookup, and of the call after it.
async fn requested(builder: ClientBuilder) -> [String; 2] {
    let names = ["eu-de", "eu-ch2", "eu-west-0", "ru-moscow-1", "atlantis-1"];
    let projects = names.map(|name| format!(r#"{{"id":"p1","name":"{name}"}}"#)).join(",");
    let answers =
        Answers::default().answer(200, format!(r#"{{"projects":[{projects}]}}"#)).answer(200, "{}");
    let client = builder.transport(answers.clone()).build().unwrap();
    client.list_notifications(&ListNotifications::smn()).await.unwrap();
    let requests = answers.requests();
    [requests[0].uri().to_string(), requests[1].uri().to_string()]
}

fn refusal(builder: ClientBuilder) -> String {
    let error = builder.transport(Answers::default()).build().unwrap_err().to_string();
    assert!(!error.contains("sentinel"), "{error}");
    error
}

#[tokio::test]
async fn the_project_lookup_in_eu_ch2_uses_the_host_of_iam_in_that_region() {
    assert_eq!(
        requested(builder().region("eu-ch2")).await,
        [
            "https://iam-pub.eu-ch2.sc.otc.t-systems.com/v3/projects?name=eu-ch2",
            "https://cts.eu-ch2.sc.otc.t-systems.com/v3/p1/notifications/smn",
        ]
    );
}

#[tokio::test]
async fn the_version_at_the_end_of_an_iam_endpoint_is_not_sent_twice() {
    for (given, expected) in [
        (
            "https://iam.eu-de.otc.t-systems.com/v3",
            "https://iam.eu-de.otc.t-systems.com/v3/projects?name=eu-de",
        ),
        (
            "iam.eu-de.otc.t-systems.com/v3/",
            "https://iam.eu-de.otc.t-systems.com/v3/projects?name=eu-de",
        ),
        (
            "https://iam.example.com:8443//v3.0//",
            "https://iam.example.com:8443/v3/projects?name=eu-de",
        ),
        (
            "https://proxy.example.com/iam/v3",
            "https://proxy.example.com/iam/v3/projects?name=eu-de",
        ),
        (
            "https://proxy.example.com/v2/iam",
            "https://proxy.example.com/v2/iam/v3/projects?name=eu-de",
        ),
    ] {
        assert_eq!(
            requested(builder().region("eu-de").iam_endpoint(given)).await[0],
            expected,
            "{given}"
        );
    }
    for given in [
        "https://iam.example.com/v2.0",
        "https://iam.example.com/v3/{project_id}",
        "https:/iam.example.com",
    ] {
        let said = refusal(builder().region("eu-de").iam_endpoint(given));
        assert!(said.contains("of IAM (iam_endpoint) can't be used: "), "{said}");
    }
}

/// The host and the path that get the id token of a client.
async fn id_token_goes_to(builder: ClientBuilder, iam_endpoint: Option<&str>) -> String {
    let token = TestFile::new("id-token");
    let answers = Answers::default().answer(401, "");
    let mut provider = FederatedCredentials::new("idp", token.path()).transport(answers.clone());
    if let Some(endpoint) = iam_endpoint {
        provider = provider.iam_endpoint(endpoint);
    }
    let builder = builder.project_id(PROJECT).credentials(provider).transport(Answers::default());
    builder.build().unwrap().list_notifications(&ListNotifications::smn()).await.unwrap_err();
    answers.requests()[0].uri().to_string()
}

#[tokio::test]
async fn the_version_at_the_end_of_an_iam_endpoint_is_not_sent_twice_with_an_id_token() {
    let sent =
        id_token_goes_to(CtsClient::builder().region("eu-de"), Some("https://iam.example.com/v3"))
            .await;
    assert_eq!(sent, "https://iam.example.com/v3.0/OS-AUTH/id-token/tokens");
}

#[tokio::test]
async fn the_version_at_the_end_of_an_endpoint_is_not_sent_twice() {
    for (given, expected) in [
        ("https://cts.example.com/v3", "https://cts.example.com/v3/p1/notifications/smn"),
        ("https://cts.example.com/v3/", "https://cts.example.com/v3/p1/notifications/smn"),
        (
            "https://proxy.example.com/cts/v3",
            "https://proxy.example.com/cts/v3/p1/notifications/smn",
        ),
        (
            "https://proxy.example.com/v1/cts",
            "https://proxy.example.com/v1/cts/v3/p1/notifications/smn",
        ),
        ("https://proxy.example.com/v3x", "https://proxy.example.com/v3x/v3/p1/notifications/smn"),
    ] {
        assert_eq!(
            requested(builder().region("eu-de").endpoint(given)).await[1],
            expected,
            "{given}"
        );
    }
}

#[test]
fn malformed_endpoints_are_refused_when_the_client_is_built() {
    for (given, reason) in [
        ("https:/cts.example.com", "its scheme is misspelt"),
        ("https:cts.example.com", "invalid port number"),
        ("https//cts.example.com", "its scheme is misspelt"),
        ("http:\\\\cts.example.com", "its scheme is misspelt"),
        ("https://https://cts.example.com", "its scheme is misspelt"),
        ("https;//cts.example.com", "its host name is invalid"),
        ("https://cts.{region}.example.com", "it contains a placeholder"),
        ("https://cts.%7Bregion%7D.example.com", "it contains a placeholder"),
        ("https://cts.<region>.example.com", "it contains a placeholder"),
        ("https://cts.$REGION.example.com", "its host name is invalid"),
        ("https://cts..example.com", "its host name is invalid"),
        ("https://*.example.com", "its host name is invalid"),
        ("https://a.example.com,https://b.example.com", "its host name is invalid"),
        ("'https://cts.example.com'", "its scheme is misspelt"),
        ("'cts.example.com'", "its host name is invalid"),
        ("8080", "its host is a number"),
        ("https://cts.example.com/v1.0", "it names another version than v3"),
        ("https://cts.example.com/v3/24edf66e79d04187acb99a463e610764", "it contains a project id"),
        (
            "https://proxy.example.com/cts/v1.0/24edf66e79d04187acb99a463e610764",
            "it contains a project id",
        ),
        ("https://cts.example.com/v3/{project_id}", "it contains a placeholder"),
        ("https://user:sentinel{@cts.example.com", "it contains a placeholder"),
    ] {
        let said = refusal(builder().project_id(PROJECT).endpoint(given));
        assert!(said.contains(reason), "{given}: {said}");
        // Endpoints from the environment are checked in the same way.
        let said = refusal(
            builder()
                .project_id(PROJECT)
                .region(Region::custom("a", ["https://ok.example.com", given])),
        );
        assert!(said.contains(reason), "{given}: {said}");
    }
}

#[tokio::test]
async fn a_cloud_domain_gives_the_endpoints_of_cts_and_iam_in_any_region() {
    for (region, domain, iam, cts) in [
        (
            "atlantis-1",
            "cloud.example.com",
            "https://iam.atlantis-1.cloud.example.com/v3/projects?name=atlantis-1",
            "https://cts.atlantis-1.cloud.example.com/v3/p1/notifications/smn",
        ),
        (
            "ru-moscow-1",
            "hc.sbercloud.ru",
            "https://iam.ru-moscow-1.hc.sbercloud.ru/v3/projects?name=ru-moscow-1",
            "https://cts.ru-moscow-1.hc.sbercloud.ru/v3/p1/notifications/smn",
        ),
        (
            "eu-west-0",
            "prod-cloud-ocb.orange-business.com",
            "https://iam.eu-west-0.prod-cloud-ocb.orange-business.com/v3/projects?name=eu-west-0",
            "https://cts.eu-west-0.prod-cloud-ocb.orange-business.com/v3/p1/notifications/smn",
        ),
    ] {
        assert_eq!(requested(builder().region(region).cloud_domain(domain)).await, [iam, cts]);
        let region = Region::new(region).cloud_domain(domain).unwrap();
        assert_eq!(
            requested(builder().region(region).cloud_domain("other.example.com")).await,
            [iam, cts]
        );
    }
}

#[tokio::test]
async fn an_endpoint_takes_precedence_over_a_cloud_domain() {
    let placed = || builder().region("atlantis-1").cloud_domain("cloud.example.com");
    let [iam, cts] = requested(placed().endpoint("https://cts.example.com")).await;
    assert!(iam.starts_with("https://iam.atlantis-1.cloud.example.com/"), "{iam}");
    assert!(cts.starts_with("https://cts.example.com/"), "{cts}");
    let [iam, cts] =
        requested(placed().iam_endpoint("https://iam-apigateway-proxy.example.com")).await;
    assert!(iam.starts_with("https://iam-apigateway-proxy.example.com/"), "{iam}");
    assert!(cts.starts_with("https://cts.atlantis-1.cloud.example.com/"), "{cts}");
}

#[tokio::test]
async fn an_id_token_is_sent_to_iam_in_the_cloud_domain() {
    let placed = CtsClient::builder().region("atlantis-1").cloud_domain("cloud.example.com");
    let sent = id_token_goes_to(placed, None).await;
    assert!(sent.starts_with("https://iam.atlantis-1.cloud.example.com/v3.0/"), "{sent}");
}

#[test]
fn an_invalid_cloud_domain_is_refused_when_the_client_is_built() {
    for domain in
        ["https://example.com", "example.com/v3", "user:sentinel@example.com", "", "{domain}"]
    {
        let placed = || builder().region("eu-de").project_id(PROJECT).cloud_domain(domain);
        let said = refusal(placed());
        assert!(
            said.starts_with("the cloud domain \"") && said.contains("the region \"eu-de\""),
            "{said}"
        );
        let error = placed()
            .endpoint("https://cts.example.com")
            .transport(Answers::default())
            .build()
            .unwrap_err();
        assert!(matches!(error, BuildError::CloudDomain(_)), "{error}");
        assert!(!format!("{:?}", placed()).contains("sentinel"));
    }
}

/// Credentials of one operator must not be sent to the other, which has a region of the same name.
#[tokio::test]
async fn a_region_of_two_operators_is_resolved_by_its_endpoint() {
    for (region, domain) in
        [("ru-moscow-1", "hc.sbercloud.ru"), ("eu-west-0", "prod-cloud-ocb.orange-business.com")]
    {
        let [iam, _] =
            requested(builder().region(region).endpoint(format!("https://cts.{region}.{domain}")))
                .await;
        assert!(iam.starts_with(&format!("https://iam.{region}.{domain}/")), "{iam}");
        let custom = Region::custom(region, [format!("https://cts.{region}.{domain}")]);
        let [iam, _] = requested(builder().region(custom)).await;
        assert!(iam.starts_with(&format!("https://iam.{region}.{domain}/")), "{iam}");

        let [iam, _] = requested(builder().region(region)).await;
        assert!(iam.starts_with(&format!("https://iam.{region}.myhuaweicloud.com/")), "{iam}");
    }
    let [iam, _] =
        requested(builder().region("eu-west-0").endpoint("https://cts.xhc.sbercloud.ru")).await;
    assert!(iam.starts_with("https://iam.eu-west-0.myhuaweicloud.com/"), "{iam}");
}

#[tokio::test]
async fn an_unknown_access_key_in_a_region_of_two_operators_names_the_other_operator() {
    let body = r#"{"error_code":"APIGW.0301","error_msg":"Incorrect IAM authentication information: ak not exist"}"#;
    let said = async |builder: ClientBuilder| {
        let client = builder.transport(Answers::default().answer(401, body)).build().unwrap();
        client.list_notifications(&ListNotifications::smn()).await.unwrap_err().to_string()
    };
    for (region, hint) in [
        (
            "ru-moscow-1",
            "Cloud.ru has a region of this name too: if the key is of there, call cloud_domain(\"hc.sbercloud.ru\")",
        ),
        (
            "eu-west-0",
            "Flexible Engine has a region of this name too: if the key is of there, call cloud_domain(\"prod-cloud-ocb.orange-business.com\")",
        ),
    ] {
        for builder in [builder().region(region), builder().region(region).project_id(PROJECT)] {
            let said = said(builder).await;
            assert!(said.contains(hint), "{said}");
        }
    }
    for other in ["eu-de", "cn-north-4"] {
        let said = said(builder().region(other).project_id(PROJECT)).await;
        assert!(!said.contains("cloud_domain"), "{said}");
    }
}

/// Runs in a process of its own, which has the variables.
#[test]
fn a_regions_file_sets_the_endpoint_or_is_an_error() {
    /// Where the child writes the result.
    const CHILD: &str = "HUAWEICLOUD_CTS_TEST_TOLD";
    if let Some(path) = std::env::var_os(CHILD) {
        let builder =
            builder().region("eu-de").cloud_domain("cloud.example.com").project_id(PROJECT);
        let told = match builder.transport(Answers::default()).build() {
            Ok(client) => format!("goes to {}", client.endpoint()),
            Err(error) => format!("says {error}"),
        };
        std::fs::write(path, told).unwrap();
        return;
    }
    let told = |file: &Path, variables: &[(&str, &str)]| {
        let told = TestFile::new("");
        let name = "a_regions_file_sets_the_endpoint_or_is_an_error";
        pass(
            child!(name)
                .env(CHILD, told.path())
                .env("HUAWEICLOUD_SDK_REGIONS_FILE", file)
                .env_remove("HUAWEICLOUD_SDK_REGION_CTS_EU_DE")
                .envs(variables.iter().copied()),
        );
        std::fs::read_to_string(told.path()).unwrap()
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/field");
    for name in [
        "regions-flow-map.yaml",
        "regions-flow-map-quoted-keys.yaml",
        "regions-indented-service.yaml",
    ] {
        assert_eq!(told(&folder.join(name), &[]), "goes to https://private.example/", "{name}");
    }
    let typo = folder.join("regions-key-typo.yaml");
    let reason = "the key is unknown: did you mean \"endpoint\"?";
    let expected =
        format!("says line 3 of the regions file {} is invalid: {reason}", typo.display());
    assert_eq!(told(&typo, &[]), expected);

    let variable = ("HUAWEICLOUD_SDK_REGION_CTS_EU_DE", "https://variable.example.com");
    assert_eq!(
        told(&folder.join("regions-flow-map.yaml"), &[variable]),
        "goes to https://variable.example.com/"
    );
    let other = TestFile::new("CTS:\n- id: eu-nl\n  endpoint: https://file.example.com\n");
    assert_eq!(told(other.path(), &[]), "goes to https://cts.eu-de.cloud.example.com/");

    for (endpoint, reason) in [
        ("http://cts.example.com", "is not encrypted: use https://"),
        ("https://user:sentinel@cts.example.com", "it must not contain a user name or a password"),
        ("https:/cts.example.com", "its scheme is misspelt"),
    ] {
        let file = TestFile::new(format!("# mine\nCTS:\n- id: eu-de\n  endpoint: {endpoint}\n"));
        let said = told(file.path(), &[]);
        let origin = format!("(it is from line 4 of the regions file {})", file.path().display());
        assert!(
            said.contains(reason) && said.contains(&origin) && !said.contains("sentinel"),
            "{said}"
        );
    }
}
