//! What a source file must and must not contain.

use super::Fault;
use super::files::SourceFile;

/// Lines of a Rust file at most.
const LINES: usize = 800;

/// Words that say "not done". Split, so that this file does not contain them.
const UNFINISHED: [&str; 5] = [
    concat!("to", "do!"),
    concat!("un", "implemented!"),
    concat!("FIX", "ME"),
    concat!("TO", "DO"),
    concat!("#[ig", "nore"),
];

/// Beginnings of paths that exist on one machine only. Split for the same reason.
const MACHINE: [&str; 5] = [
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
    concat!("/wo", "rk/"),
    concat!("C:\\", "Users"),
];

/// Checks every file.
pub(crate) fn check(files: &[SourceFile]) -> Vec<Fault> {
    files.iter().flat_map(one).collect()
}

fn one(file: &SourceFile) -> Vec<Fault> {
    let mut faults = Vec::new();
    let is_rust = file.is_rust();
    if is_rust {
        if !file.text.starts_with("//! ") {
            faults.push(Fault::new(
                &file.path,
                1,
                "the file does not open with '//!' and its one idea",
            ));
        }
        let lines = file.text.lines().count();
        if lines > LINES {
            let what = format!("{lines} lines: a file stops at {LINES}, divide it by idea");
            faults.push(Fault::new(&file.path, LINES, what));
        }
    }
    for (place, line) in file.text.lines().enumerate() {
        if let Some(word) = UNFINISHED.iter().find(|word| is_rust && line.contains(**word)) {
            faults.push(Fault::new(&file.path, place + 1, format!("'{word}': unfinished work")));
        }
        if let Some(path) = MACHINE.iter().find(|path| names_path(line, path)) {
            let what = format!("'{path}': a path of one machine");
            faults.push(Fault::new(&file.path, place + 1, what));
        }
    }
    faults
}

/// Whether a path that begins so stands in the line: not in the middle of a longer one or a URL.
fn names_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before
            .is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '/' | '.' | '-' | '_' | '}' | '>'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_of(path: &str, text: &str) -> Vec<(usize, String)> {
        let file = SourceFile { path: path.into(), text: text.into() };
        one(&file).into_iter().map(|fault| (fault.line, fault.what)).collect()
    }

    #[test]
    fn a_clean_file_passes() {
        assert_eq!(faults_of("crates/x/src/a.rs", "//! One idea.\nfn a() {}\n"), []);
        assert_eq!(faults_of("README.md", "See https://example.com/home/x and ../notes/y.\n"), []);
    }

    #[test]
    fn each_rule_finds_its_fault_at_its_line() {
        let many = format!("//! One idea.\n{}", "\n".repeat(LINES));
        for (path, text, line) in [
            ("a.rs", "fn a() {}\n".to_owned(), 1),
            ("a.rs", many, LINES),
            ("a.rs", format!("//! A.\nfn a() {{ {}() }}\n", UNFINISHED[0]), 2),
            ("a.rs", format!("//! A.\n\n{}]\n", UNFINISHED[4]), 3),
            ("a.rs", format!("//! A.\n// {}: later\n", UNFINISHED[2]), 2),
            ("a.md", format!("run\n`{}someone/x`\n", MACHINE[0]), 2),
            ("a.toml", format!("dir = \"{}x\"\n", MACHINE[3]), 1),
        ] {
            let faults = faults_of(path, &text);
            assert_eq!(faults.iter().map(|f| f.0).collect::<Vec<_>>(), [line], "{faults:?}");
        }
    }
}
