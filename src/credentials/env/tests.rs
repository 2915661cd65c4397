use super::*;
use crate::credentials::CredentialsErrorKind::{Invalid, NotConfigured};

fn found(variables: &[(&str, &str)]) -> Result<Source, CredentialsError> {
    let variable = |name: &str| {
        variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).into())
    };
    read(variable)?
        .find(&Iam::default())?
        .ok_or_else(|| unset("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK"))
}

fn with(variables: &[(&str, &str)]) -> Result<Credentials, CredentialsError> {
    match found(variables)? {
        Source::Fixed(credentials) => Ok(credentials),
        other => panic!("{other:?}"),
    }
}

#[test]
fn official_names_win_over_older_ones() {
    let both = [
        ("CLOUD_SDK_AK", "old"),
        ("CLOUD_SDK_SK", "old"),
        ("HUAWEICLOUD_SDK_AK", "new"),
        ("HUAWEICLOUD_SDK_SK", "new"),
        ("HUAWEICLOUD_SDK_SECURITY_TOKEN", "token"),
        ("HUAWEICLOUD_SDK_PROJECT_ID", "p1"),
    ];
    let found = with(&both).unwrap();
    assert_eq!(
        (found.access_key(), found.session_token(), found.project_id()),
        ("new", Some("token"), Some("p1"))
    );
    assert_eq!(with(&both[..2]).unwrap().access_key(), "old");
    let half = with(&both[..3]).unwrap_err();
    assert_eq!(half.kind(), Invalid, "the older names do not complete a pair: {half}");
}

#[test]
fn changed_variables_are_noticed_and_unchanged_ones_keep_the_provider() {
    let (last, iam) = (Last::default(), Iam::default());
    let found = |token: &str| {
        let set = [
            ("HUAWEICLOUD_SDK_AK", "a"),
            ("HUAWEICLOUD_SDK_SK", "s"),
            ("HUAWEICLOUD_SDK_SECURITY_TOKEN", token),
        ];
        let variable =
            |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).into());
        last.find(read(variable).unwrap_or_else(|error| panic!("{error}")), None, &iam)
            .unwrap()
            .unwrap()
    };
    let first = found("OLDTOKEN");
    assert!(Arc::ptr_eq(&first, &found("OLDTOKEN")));
    let Source::Fixed(second) = &*found("NEWTOKEN") else { panic!("an identity provider") };
    assert_eq!(second.session_token(), Some("NEWTOKEN"));
}

#[test]
fn an_identity_provider_wins_over_an_access_key() {
    let all = [
        ("HUAWEICLOUD_SDK_IDP_ID", "idp"),
        ("HUAWEICLOUD_SDK_ID_TOKEN_FILE", "/var/run/token"),
        ("HUAWEICLOUD_SDK_AK", "a"),
        ("HUAWEICLOUD_SDK_SK", "s"),
        ("HUAWEICLOUD_SDK_PROJECT_ID", "p1"),
    ];
    let Source::Federated(federated) = found(&all).unwrap() else { panic!("credentials") };
    let shown = format!("{federated:?}");
    for part in ["\"idp\"", "/var/run/token", "p1"] {
        assert!(shown.contains(part), "{shown}");
    }
    let half = found(&all[1..]).unwrap_err();
    assert_eq!(half.kind(), Invalid);
    assert_eq!(
        half.to_string(),
        "HUAWEICLOUD_SDK_ID_TOKEN_FILE is set but HUAWEICLOUD_SDK_IDP_ID is not: set both"
    );
}

#[test]
fn an_invalid_value_is_reported_with_its_variable() {
    let right = [
        ("HUAWEICLOUD_SDK_AK", "AKAKAKAKAKAKAKAKAKAK"),
        ("HUAWEICLOUD_SDK_SK", "secret"),
        ("HUAWEICLOUD_SDK_SECURITY_TOKEN", "token"),
        ("HUAWEICLOUD_SDK_PROJECT_ID", "p1"),
    ];
    with(&right).unwrap();
    for (at, (name, _)) in right.iter().enumerate() {
        for (value, part) in [
            ("\"AKAKAKAKAKAKAKAKAKAK\"", "has a quotation mark at position 1 of 22"),
            ("'AKAKAKAKAKAKAKAKAKAK'", "has a quotation mark at position 1 of 22"),
            ("\u{200b}AKAKAKAKAKAKAKAKAKAK", "has the character U+200B at position 1 of 21"),
            ("{your_ak_string}", "has a brace"),
            ("YOUR_VALUE", "is a placeholder"),
        ] {
            let mut variables = right;
            variables[at].1 = value;
            let error = with(&variables).unwrap_err();
            let message = error.to_string();
            assert_eq!(error.kind(), Invalid, "{message}");
            assert!(
                message.starts_with(&format!("{name} {part}")) && !message.contains("KAKA"),
                "{message}"
            );
        }
    }
}

#[test]
fn the_variables_of_other_tools_are_read_by_name_and_never_mixed() {
    let read = |family: Family, set: &[&str]| {
        let variable =
            |name: &str| set.contains(&name).then(|| OsString::from(name.replace('_', "-")));
        let found = family.read(variable)?.find(&Iam::default())?;
        Ok::<_, CredentialsError>(found.map(|found| match found {
            Source::Fixed(found) => {
                format!(
                    "{} {:?} {:?}",
                    found.access_key(),
                    found.session_token(),
                    found.project_id()
                )
            }
            other => panic!("{other:?}"),
        }))
    };
    let hw = ["HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_SECURITY_TOKEN", "HW_PROJECT_ID"];
    let os = ["OS_ACCESS_KEY", "OS_SECRET_KEY", "OS_PROJECT_ID", "OS_PASSWORD"];
    let both = [&hw[..], &os[..]].concat();
    let of_hw =
        Some("HW-ACCESS-KEY Some(\"HW-SECURITY-TOKEN\") Some(\"HW-PROJECT-ID\")".to_owned());
    let of_os = Some("OS-ACCESS-KEY None Some(\"OS-PROJECT-ID\")".to_owned());
    for (family, set, expected) in [
        (Family::Terraform, &both[..], &of_hw),
        (Family::Terraform, &os[..], &of_os),
        (Family::OpenStack, &both[..], &of_os),
        (Family::OpenStack, &hw[..], &None),
        (Family::Terraform, &["HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK"][..], &None),
        (Family::Sdk, &both[..], &None),
    ] {
        assert_eq!(
            read(family, set).unwrap_or_else(|error| panic!("{error}")),
            *expected,
            "{family:?}"
        );
    }
    let mixed = read(Family::Terraform, &["HW_ACCESS_KEY", "OS_SECRET_KEY"]).unwrap_err();
    assert_eq!(mixed.to_string(), "HW_ACCESS_KEY is set but HW_SECRET_KEY is not: set both");
}

#[cfg(unix)]
#[test]
fn a_value_that_is_not_unicode_is_an_error() {
    use std::os::unix::ffi::OsStringExt;
    let variable =
        |name: &str| (name == "HUAWEICLOUD_SDK_SK").then(|| OsString::from_vec(vec![b's', 0xff]));
    let error = read(variable).err().unwrap();
    assert_eq!(
        (error.kind(), error.to_string().as_str()),
        (Invalid, "HUAWEICLOUD_SDK_SK is not valid Unicode")
    );
}

#[test]
fn half_a_pair_empty_values_and_stray_line_breaks_have_their_own_errors() {
    let cases: [(&[(&str, &str)], _, &str); 5] = [
        (&[], NotConfigured, "HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK are not set"),
        (&[("HUAWEICLOUD_SDK_AK", ""), ("HUAWEICLOUD_SDK_SK", "")], NotConfigured, "are not set"),
        (
            &[("HUAWEICLOUD_SDK_AK", "a")],
            Invalid,
            "HUAWEICLOUD_SDK_AK is set but HUAWEICLOUD_SDK_SK is not",
        ),
        (
            &[("HUAWEICLOUD_SDK_SK", "s")],
            Invalid,
            "HUAWEICLOUD_SDK_SK is set but HUAWEICLOUD_SDK_AK is not",
        ),
        (
            &[("HUAWEICLOUD_SDK_AK", "a"), ("HUAWEICLOUD_SDK_SK", "s3cr3t\n")],
            Invalid,
            "at position 7 of 7",
        ),
    ];
    for (variables, kind, part) in cases {
        let error = with(variables).unwrap_err();
        assert_eq!(error.kind(), kind, "{variables:?}");
        assert!(error.to_string().contains(part), "{error}");
        assert!(!error.to_string().contains("s3cr3t"), "{error}");
    }
}
