//! What Cargo.toml files may say: who knows whom, where heavy parts and versions stand.

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::Fault;
use super::files::SourceFile;

/// A crate of the house and the crates it may know directly; whom those know, it may know too.
/// The order is the order of the house: an arrow that points down is a fault of this list.
const HOUSE: &[(&str, &[&str])] = &[
    ("money", &[]),
    ("types", &["money"]),
    ("ledger", &["types"]),
    ("jsonform", &["ledger"]),
    ("pg", &[]),
    ("journal", &[]),
    ("journal-postgres", &["journal", "pg"]),
    ("archive", &["journal"]),
    ("bookkeeper", &["ledger", "journal", "archive"]),
    ("export", &["bookkeeper"]),
    ("records", &["types", "pg"]),
    ("keypad", &["types"]),
    ("webauthn", &["types"]),
    ("members", &["records", "bookkeeper", "keypad", "webauthn"]),
    ("sso", &["members", "records"]),
    ("risk", &["records"]),
    ("channels", &["records"]),
    ("payments", &["members", "risk", "channels", "bookkeeper"]),
    ("clearing", &["payments", "channels", "bookkeeper"]),
    ("recon", &["clearing", "bookkeeper"]),
    ("dayend", &["recon"]),
    ("server", &["dayend", "jsonform", "sso"]),
    ("simulators", &["channels", "members", "journal"]),
    ("countinghouse", &["server", "simulators", "export", "journal-postgres"]),
    ("testkit", &["types", "journal"]),
    ("testhouse", &["dayend", "simulators", "testkit", "journal-postgres"]),
    ("xtask", &[]),
];

/// Crates that any crate may use in its tests.
const FOR_TESTS: [&str; 4] = ["testkit", "simulators", "testhouse", "journal-postgres"];

/// Crates without tokio, files, net, clock or chance, and all that they may be built from.
const PURE: [&str; 3] = ["money", "types", "ledger"];
const PURE_PARTS: [&str; 6] = ["serde", "thiserror", "toml", "blake3", "jiff", "serde_json"];

/// Heavy parts, and the one crate that may name them.
const HEAVY: [(&str, &str); 5] = [
    ("datafusion", "recon"),
    ("ballista", "recon"),
    ("ballista-core", "recon"),
    ("askama", "server"),
    ("cel", "risk"),
];

const SECTIONS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Checks every `crates/*/Cargo.toml`.
pub(crate) fn check(files: &[SourceFile]) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    for file in files {
        let Some(folder) =
            file.path.strip_prefix("crates/").and_then(|p| p.strip_suffix("/Cargo.toml"))
        else {
            continue;
        };
        let manifest: Table = file.text.parse().with_context(|| file.path.clone())?;
        let mut fault = |word: &str, what: String| {
            faults.push(Fault::new(&file.path, line_of(&file.text, word), what));
        };
        shape(folder, &manifest, &mut fault);
        for (dependency, value, section) in dependencies(&manifest) {
            one(folder, &dependency, &value, section, &mut fault);
        }
    }
    faults.extend(binaries(files));
    Ok(faults)
}

/// Name, lints and what stands once for the whole workspace.
fn shape(folder: &str, manifest: &Table, fault: &mut impl FnMut(&str, String)) {
    let name = manifest.get("package").and_then(|p| p.get("name")).and_then(Value::as_str);
    if name != Some(folder) {
        fault("name", format!("the crate is not named as its folder, '{folder}'"));
    }
    if !HOUSE.iter().any(|(known, _)| *known == folder) {
        fault("name", format!("'{folder}' has no place in xtask's list of the house"));
    }
    let inherits = manifest.get("lints").and_then(|l| l.get("workspace"));
    if inherits.and_then(Value::as_bool) != Some(true) {
        fault(
            "lints",
            "the workspace's lints are not taken over ([lints] workspace = true)".into(),
        );
    }
}

fn one(
    folder: &str,
    dependency: &str,
    value: &Value,
    section: &str,
    fault: &mut impl FnMut(&str, String),
) {
    let of_tests = section == "dev-dependencies";
    let inherits = value.get("workspace").and_then(Value::as_bool) == Some(true);
    if !inherits {
        let what =
            format!("'{dependency}' is not from [workspace.dependencies], where versions stand");
        fault(dependency, what);
    }
    let of_house = HOUSE.iter().any(|(name, _)| *name == dependency);
    // Tests may use themselves with a feature that is only for tests.
    let helper = of_tests && (FOR_TESTS.contains(&dependency) || dependency == folder);
    if of_house && !helper && !may_know(folder, dependency) {
        fault(
            dependency,
            format!("'{folder}' may not know '{dependency}': arrows point up the list"),
        );
    }
    let pure = PURE.contains(&folder) && !of_house && !of_tests;
    if pure && !PURE_PARTS.contains(&dependency) {
        fault(dependency, format!("'{folder}' is pure and may not be built from '{dependency}'"));
    }
    if let Some((_, owner)) = HEAVY.iter().find(|(heavy, _)| *heavy == dependency)
        && *owner != folder
    {
        fault(dependency, format!("only '{owner}' names '{dependency}'"));
    }
}

/// Whether an arrow from `from` to `to` points up the list.
fn may_know(from: &str, to: &str) -> bool {
    HOUSE
        .iter()
        .find(|(name, _)| *name == from)
        .is_some_and(|(_, known)| known.iter().any(|next| *next == to || may_know(next, to)))
}

/// (dependency, value, section), those of one platform too.
fn dependencies(manifest: &Table) -> Vec<(String, Value, &'static str)> {
    let platforms = manifest.get("target").and_then(Value::as_table);
    let platforms = platforms.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    let mut found = Vec::new();
    for table in std::iter::once(manifest).chain(platforms) {
        for section in SECTIONS {
            let Some(list) = table.get(section).and_then(Value::as_table) else { continue };
            found.extend(list.iter().map(|(name, value)| (name.clone(), value.clone(), section)));
        }
    }
    found
}

/// A crate has one integration binary at most: each further one is linked anew.
fn binaries(files: &[SourceFile]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, _) in HOUSE {
        let prefix = format!("crates/{name}/tests/");
        let direct = files.iter().filter(|file| {
            let rest = file.path.strip_prefix(&prefix).filter(|_| file.is_rust());
            rest.is_some_and(|rest| !rest.contains('/') || rest.ends_with("/main.rs"))
        });
        for extra in direct.skip(1) {
            let what = "a second integration binary: make it a module of the first";
            faults.push(Fault::new(&extra.path, 1, what));
        }
    }
    faults
}

/// The first line that begins with `word`; 1 if none does.
fn line_of(text: &str, word: &str) -> usize {
    text.lines()
        .position(|line| {
            let line = line.trim_start_matches('[');
            line.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', '.', '=', ']']))
        })
        .map_or(1, |place| place + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_of(folder: &str, dependencies: &str) -> Vec<String> {
        let text =
            format!("[package]\nname = \"{folder}\"\n[lints]\nworkspace = true\n{dependencies}");
        let file = SourceFile { path: format!("crates/{folder}/Cargo.toml"), text };
        let faults = check(&[file]).expect("parses");
        faults.iter().map(|fault| format!("{}: {}", fault.line, fault.what)).collect()
    }

    #[test]
    fn the_list_points_up_only() {
        for (place, (name, known)) in HOUSE.iter().enumerate() {
            for other in *known {
                let above =
                    HOUSE.iter().position(|(n, _)| n == other).expect("a crate of the list");
                assert!(above < place, "{name} -> {other}");
            }
        }
    }

    #[test]
    fn arrows_up_pass_and_arrows_down_or_aside_do_not() {
        for (folder, dependency, fits) in [
            ("payments", "members", true),
            ("payments", "money", true),
            ("members", "payments", false),
            ("risk", "members", false),
            ("journal", "types", false),
            ("records", "ledger", false),
            ("recon", "members", true),
            ("server", "simulators", false),
        ] {
            let faults =
                faults_of(folder, &format!("[dependencies]\n{dependency}.workspace = true\n"));
            assert_eq!(faults.is_empty(), fits, "{folder} -> {dependency}: {faults:?}");
        }
    }

    #[test]
    fn tests_may_use_the_helpers_only() {
        for (dependency, fits) in [("testkit", true), ("simulators", true), ("recon", false)] {
            let section = format!("[dev-dependencies]\n{dependency} = {{ workspace = true }}\n");
            assert_eq!(faults_of("payments", &section).is_empty(), fits, "{dependency}");
        }
        assert!(!faults_of("payments", "[dependencies]\ntestkit.workspace = true\n").is_empty());
    }

    #[test]
    fn heavy_and_impure_parts_stay_where_they_belong() {
        for (folder, dependency, fits) in [
            ("recon", "datafusion", true),
            ("clearing", "datafusion", false),
            ("server", "cel", false),
            ("ledger", "tokio", false),
            ("ledger", "toml", true),
        ] {
            let faults =
                faults_of(folder, &format!("[dependencies]\n{dependency}.workspace = true\n"));
            assert_eq!(faults.is_empty(), fits, "{folder} -> {dependency}: {faults:?}");
        }
    }

    #[test]
    fn versions_stand_in_the_workspace_only() {
        for section in [
            "[dependencies]\nserde = \"1\"\n",
            "[dependencies]\nserde = { version = \"1\" }\n",
            "[dependencies]\ntypes = { path = \"../types\" }\n",
            "[target.'cfg(unix)'.dependencies]\nrustix = \"1\"\n",
            "[dependencies.serde]\nversion = \"1\"\n",
        ] {
            assert_eq!(faults_of("records", section).len(), 1, "{section}");
        }
        assert_eq!(
            faults_of("records", "[dependencies]\nthiserror.workspace = true\nserde = \"1\"\n"),
            ["7: 'serde' is not from [workspace.dependencies], where versions stand"]
        );
    }

    #[test]
    fn a_crate_has_a_place_its_folders_name_and_the_lints() {
        assert_eq!(faults_of("cellar", "").len(), 1);
        let text = "[package]\nname = \"other\"\n".to_owned();
        let file = SourceFile { path: "crates/money/Cargo.toml".into(), text };
        assert_eq!(check(&[file]).expect("parses").len(), 2);
    }

    #[test]
    fn one_integration_binary_a_crate() {
        let file = |path: &str| SourceFile { path: path.into(), text: String::new() };
        let files = [
            file("crates/money/tests/it.rs"),
            file("crates/money/tests/cases/a.rs"),
            file("crates/money/tests/second.rs"),
            file("crates/money/tests/third/main.rs"),
            file("crates/types/tests/it.rs"),
        ];
        let found: Vec<String> = binaries(&files).into_iter().map(|f| f.file).collect();
        assert_eq!(found, ["crates/money/tests/second.rs", "crates/money/tests/third/main.rs"]);
    }
}
