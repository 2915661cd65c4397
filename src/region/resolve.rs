//! The endpoints that a client uses for a region.

use std::path::PathBuf;

use super::{Region, RegionsFileError, file};

/// An endpoint of a region.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) endpoint: String,
    /// The variable or the line of the file that it is from, if any.
    pub(crate) origin: Option<String>,
}

impl Region {
    /// Returns the endpoints of CTS from the first source that has some, in the order of the
    /// official SDKs: the region's own endpoints, the variable `HUAWEICLOUD_SDK_REGION_CTS_<ID>`,
    /// the file `regions.yaml`, the domain, the table.
    pub(crate) fn resolve(
        &self,
        variable: impl Fn(&str) -> Option<String>,
        home: Option<PathBuf>,
    ) -> Result<Vec<Resolved>, RegionsFileError> {
        let without_origin = |endpoints: Vec<&str>| {
            endpoints
                .into_iter()
                .map(|endpoint| Resolved { endpoint: endpoint.to_owned(), origin: None })
                .collect()
        };
        if !self.endpoints.is_empty() {
            return Ok(without_origin(self.endpoints()));
        }
        let variable = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let name = format!(
            "HUAWEICLOUD_SDK_REGION_CTS_{}",
            self.id.to_ascii_uppercase().replace('-', "_")
        );
        let listed = variable(&name).unwrap_or_default();
        let listed = listed.split(',').map(str::trim).filter(|endpoint| !endpoint.is_empty());
        let endpoints: Vec<_> = listed
            .map(|endpoint| Resolved { endpoint: endpoint.to_owned(), origin: Some(name.clone()) })
            .collect();
        if !endpoints.is_empty() {
            return Ok(endpoints);
        }
        let named = variable("HUAWEICLOUD_SDK_REGIONS_FILE").map(PathBuf::from);
        let usual = home.map(|home| home.join(".huaweicloud").join("regions.yaml"));
        let endpoints = file::endpoints(named, usual, "CTS", &self.id)?;
        Ok(if endpoints.is_empty() { without_origin(self.endpoints()) } else { endpoints })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_the_table() {
        let home =
            std::env::temp_dir().join(format!("huaweicloud-cts-region-{}", std::process::id()));
        std::fs::create_dir_all(home.join(".huaweicloud")).unwrap();
        let file = home.join(".huaweicloud/regions.yaml");
        std::fs::write(&file, "cts:\n  - id: cn-north-4\n    endpoint: https://file.example.com\n")
            .unwrap();
        let region = Region::new("cn-north-4");
        let resolve = |variables: &[(&str, &str)], home: Option<&PathBuf>| {
            let find = |name: &str| {
                variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
            };
            region.resolve(find, home.cloned()).map(with_origin)
        };
        let in_file = || {
            (
                vec!["https://file.example.com".to_owned()],
                format!("line 3 of the regions file {}", file.display()),
            )
        };
        let variable = (
            "HUAWEICLOUD_SDK_REGION_CTS_CN_NORTH_4",
            "https://a.example.com, https://b.example.com",
        );
        let both = ["https://a.example.com", "https://b.example.com"].map(str::to_owned).to_vec();
        assert_eq!(
            resolve(&[variable], Some(&home)).unwrap(),
            (both.clone(), variable.0.to_owned())
        );
        let commas = (variable.0, ",https://a.example.com , ,https://b.example.com,");
        assert_eq!(resolve(&[commas], Some(&home)).unwrap(), (both, variable.0.to_owned()));
        for empty in ["", " ", ",", " , "] {
            assert_eq!(resolve(&[(variable.0, empty)], Some(&home)).unwrap(), in_file());
        }
        let table =
            ["https://cts.cn-north-4.myhuaweicloud.com", "https://cts.cn-north-4.myhuaweicloud.cn"];
        assert_eq!(resolve(&[], None).unwrap(), (table.map(str::to_owned).to_vec(), String::new()));
        let named = ("HUAWEICLOUD_SDK_REGIONS_FILE", file.to_str().unwrap());
        assert_eq!(resolve(&[named], None).unwrap(), in_file());
        let missing = resolve(&[("HUAWEICLOUD_SDK_REGIONS_FILE", "/nowhere/regions.yaml")], None)
            .unwrap_err();
        assert!(
            missing
                .to_string()
                .starts_with("the regions file /nowhere/regions.yaml can't be read: "),
            "{missing}"
        );
        std::fs::remove_dir_all(home).unwrap();
        let own = Region::custom("cn-north-4", ["https://own.example.com"])
            .resolve(|_| Some("x".into()), None);
        assert_eq!(
            with_origin(own.unwrap()),
            (vec!["https://own.example.com".to_owned()], String::new())
        );
    }

    /// Returns the endpoints, and the origin that all of them share.
    fn with_origin(resolved: Vec<Resolved>) -> (Vec<String>, String) {
        let origin = resolved[0].origin.clone();
        assert!(resolved.iter().all(|resolved| resolved.origin == origin), "{resolved:?}");
        (
            resolved.into_iter().map(|resolved| resolved.endpoint).collect(),
            origin.unwrap_or_default(),
        )
    }

    #[test]
    fn a_domain_wins_over_the_table_but_not_over_a_named_endpoint() {
        let home =
            std::env::temp_dir().join(format!("huaweicloud-cts-domain-{}", std::process::id()));
        std::fs::create_dir_all(home.join(".huaweicloud")).unwrap();
        std::fs::write(
            home.join(".huaweicloud/regions.yaml"),
            "CTS: [{id: eu-de, endpoint: file}]\n",
        )
        .unwrap();
        let in_domain = |region: Region| region.cloud_domain("example.com").unwrap();
        let variable = |name: &str| {
            (name == "HUAWEICLOUD_SDK_REGION_CTS_EU_DE").then(|| "variable".to_owned())
        };
        let first = |region: &Region,
                     variables: &dyn Fn(&str) -> Option<String>,
                     home: Option<&PathBuf>| {
            with_origin(region.resolve(variables, home.cloned()).unwrap()).0.remove(0)
        };
        let region = in_domain(Region::new("eu-de"));
        assert_eq!(
            first(&in_domain(Region::custom("eu-de", ["own"])), &variable, Some(&home)),
            "own"
        );
        assert_eq!(first(&region, &variable, Some(&home)), "variable");
        assert_eq!(first(&region, &|_| None, Some(&home)), "file");
        assert_eq!(first(&region, &|_| None, None), "https://cts.eu-de.example.com");
        assert_eq!(
            first(&Region::new("eu-de"), &|_| None, None),
            "https://cts.eu-de.otc.t-systems.com"
        );
        let other = in_domain(Region::new("atlantis-1"));
        assert_eq!(first(&other, &variable, Some(&home)), "https://cts.atlantis-1.example.com");
        std::fs::remove_dir_all(home).unwrap();
    }
}
