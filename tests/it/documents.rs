//! The README and the guides: what rustdoc and the doc tests don't check.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

fn root() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

/// The README and the guides, by their paths.
fn pages() -> Vec<(PathBuf, String)> {
    let guides =
        std::fs::read_dir(root().join("src/guide")).unwrap().map(|entry| entry.unwrap().path());
    let paths = guides.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let pages: Vec<_> =
        paths.chain([root().join("README.md")]).map(|path| (path.clone(), read(path))).collect();
    assert!(pages.len() > 5);
    pages
}

/// The reference definitions of a page: label and target.
fn definitions(page: &str) -> Vec<(&str, &str)> {
    let definition = |line: &'_ str| -> Option<(usize, usize)> {
        let end = line.starts_with('[').then(|| line.find("]: "))??;
        Some((end, end + 3))
    };
    page.lines()
        .filter_map(|line| definition(line).map(|(end, target)| (&line[1..end], &line[target..])))
        .collect()
}

#[test]
fn code_in_the_readme_and_the_guides_is_narrow_enough_for_docs_rs() {
    let mut wide = Vec::new();
    for (name, page) in pages() {
        let mut in_code = false;
        for line in page.lines() {
            if line.starts_with("```") {
                in_code = !in_code;
            } else if in_code && !line.starts_with("# ") && line.chars().count() > 88 {
                wide.push(format!("{}: {line}", name.display()));
            }
        }
    }
    assert_eq!(wide, [""; 0]);
    assert!(read("README.md").lines().count() <= 200);
}

#[test]
fn every_link_of_the_readme_has_a_definition_that_rustdoc_checks() {
    let readme = read("README.md");
    let library = read("src/lib.rs").replace("//! ", "");
    let checked: BTreeSet<_> = definitions(&library).into_iter().map(|(label, _)| label).collect();
    let all = definitions(&readme);
    assert!(all.len() > 20);
    for (label, target) in all {
        // Of pictures, rustdoc knows nothing. They are in the repository, and not in the package.
        let repository =
            env!("CARGO_PKG_REPOSITORY").replace("://github.com/", "://raw.githubusercontent.com/");
        if let Some(picture) =
            target.strip_prefix(&repository).and_then(|path| path.strip_prefix("/main/"))
        {
            assert!(root().join(picture).exists(), "{picture}");
            continue;
        }
        assert!(checked.contains(label), "lib.rs defines no link [{label}]");
        if !target.starts_with("https://") {
            assert!(root().join(target).exists(), "{target}");
        }
    }
    assert!(
        !readme.contains("]("),
        "rustdoc can't replace a link whose target is not a reference definition"
    );
}

#[test]
fn every_example_is_in_the_index_of_examples() {
    let index = read("examples/README.md");
    for entry in std::fs::read_dir(root().join("examples")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if let Some(example) = name.strip_suffix(".rs") {
            assert!(index.contains(&format!("| [{example}]({name}) |")), "{example} is missing");
        }
    }
}
