//! Files for spreadsheets: RFC 4180, UTF-8 with the mark by which spreadsheets know it.

use axum::http::header;
use axum::response::{IntoResponse, Response};

const MARK: char = '\u{feff}';

/// A field. A text that a spreadsheet would take for a formula is made a text again.
fn field(text: &str) -> String {
    let formula =
        text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

fn write(lines: &[Vec<String>]) -> String {
    let mut text = String::from(MARK);
    for line in lines {
        let fields: Vec<String> = line.iter().map(|text| field(text)).collect();
        text.push_str(&fields.join(","));
        text.push_str("\r\n");
    }
    text
}

/// The file as a download; the name is ours, in plain ASCII.
pub(super) fn download(name: &str, lines: &[Vec<String>]) -> Response {
    let about = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (about, write(lines)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        let line = ["a", "b,c", "d\"e", "=1+1", "-1.50", ""].map(str::to_owned).to_vec();
        assert_eq!(write(&[line]), "\u{feff}a,\"b,c\",\"d\"\"e\",'=1+1,-1.50,\r\n");
    }
}
