//! The text files of the workspace.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Folders that hold nothing of ours.
const SKIPPED: [&str; 4] = ["target", "node_modules", "vendor", "data"];

/// What is text here, by the end of the name.
const TEXT: [&str; 14] = [
    ".rs", ".toml", ".md", ".sql", ".html", ".css", ".js", ".ts", ".json", ".yml", ".yaml", ".sh",
    ".service", "/test",
];

/// One file.
#[derive(Debug, Clone)]
pub(crate) struct SourceFile {
    /// Its path from the root, with `/`.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
}

impl SourceFile {
    /// Whether it is Rust.
    pub(crate) fn is_rust(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|end| end == "rs")
    }
}

/// Every text file under `root`, by path. Hidden folders but `.ci` and `.config` are left out.
pub(crate) fn read(root: &Path) -> Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    walk(root, "", &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn walk(dir: &Path, prefix: &str, files: &mut Vec<SourceFile>) -> Result<()> {
    for entry in fs::read_dir(dir).with_context(|| dir.display().to_string())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let hidden = name.starts_with('.') && !matches!(name.as_str(), ".ci" | ".config");
        if hidden || SKIPPED.contains(&name.as_str()) {
            continue;
        }
        let path = format!("{prefix}/{name}");
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), &path, files)?;
        } else if TEXT.iter().any(|end| path.ends_with(end)) || prefix == "/.ci" {
            let text = fs::read_to_string(entry.path())
                .with_context(|| format!("{path} is not UTF-8 text"))?;
            files.push(SourceFile { path: path.trim_start_matches('/').to_owned(), text });
        }
    }
    Ok(())
}
