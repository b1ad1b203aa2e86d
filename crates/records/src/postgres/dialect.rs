//! The one place where SQL is put into PostgreSQL's words: the rooms' migrations.
//!
//! They are written for SQLite, whose types are few. Read word by word, outside quotes and
//! comments:
//!
//! | written | on PostgreSQL | because |
//! |---|---|---|
//! | `BLOB` | `BYTEA` | its name for bytes |
//! | `INTEGER` | `BIGINT` | SQLite's holds 64 bits, and every number is read as 64 bits |
//! | `TEXT` | `TEXT COLLATE "C"` | SQLite compares bytes; a locale's order would move pages and cursors |
//!
//! Statements need no translation: they say `$1` for their values, which both read.

/// The same migration for PostgreSQL.
pub(crate) fn translate(sql: &str) -> String {
    let mut translated = String::with_capacity(sql.len().saturating_mul(2));
    let mut rest = sql;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(length(rest));
        translated.push_str(word(piece));
        rest = after;
    }
    translated
}

/// How many bytes the first piece has: a quoted text, a comment, a word, or one character.
fn length(sql: &str) -> usize {
    let until = |end: &str, from: usize| {
        let body = sql.get(from..).unwrap_or_default();
        body.find(end).map_or(sql.len(), |at| from + at + end.len())
    };
    let of_word = |c: char| c.is_alphanumeric() || c == '_';
    match sql.chars().next() {
        Some('\'') => until("'", 1),
        Some('"') => until("\"", 1),
        _ if sql.starts_with("--") => until("\n", 2),
        _ if sql.starts_with("/*") => until("*/", 2),
        Some(c) if of_word(c) => sql.find(|c| !of_word(c)).unwrap_or(sql.len()),
        Some(c) => c.len_utf8(),
        None => 0,
    }
}

fn word(piece: &str) -> &str {
    match piece.to_ascii_uppercase().as_str() {
        "BLOB" => "BYTEA",
        "INTEGER" => "BIGINT",
        "TEXT" => "TEXT COLLATE \"C\"",
        _ => piece,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_translated_and_nothing_else() {
        for (sqlite, postgres) in [
            ("", ""),
            ("a TEXT NOT NULL,", "a TEXT COLLATE \"C\" NOT NULL,"),
            ("a text, b Blob, c INTEGER", "a TEXT COLLATE \"C\", b BYTEA, c BIGINT"),
            ("context TEXTS my_text BIGINT", "context TEXTS my_text BIGINT"),
            ("'TEXT' \"BLOB\" 'it''s TEXT'", "'TEXT' \"BLOB\" 'it''s TEXT'"),
            ("-- TEXT\nBLOB /* BLOB */ 注 TEXT", "-- TEXT\nBYTEA /* BLOB */ 注 TEXT COLLATE \"C\""),
            ("'never ends TEXT", "'never ends TEXT"),
            ("/* never ends TEXT", "/* never ends TEXT"),
            ("a -- b", "a -- b"),
        ] {
            assert_eq!(translate(sqlite), postgres, "{sqlite}");
        }
    }
}
