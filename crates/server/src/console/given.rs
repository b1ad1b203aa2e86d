//! What a form's field says: nothing, or something that is read strictly.

use types::{BusinessDate, Problem, ProblemKind, Timestamp};

fn malformed(field: &str, text: &str, form: &str) -> Problem {
    let text: String = text.chars().take(40).collect();
    let en = format!("'{text}' is no date of the form {form}");
    let zh = format!("“{text}”不是 {form} 形式的日期");
    Problem::new(ProblemKind::Invalid, "date_malformed", en, zh).at(field)
}

/// A date, `2026-10-12`.
pub(super) fn date(text: &str, field: &str) -> Result<Option<BusinessDate>, Problem> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| malformed(field, text, "2026-10-12")),
    }
}

/// A moment in Shanghai as browsers write it: `2026-10-12T09:30`, with or without seconds.
pub(super) fn moment(text: &str, field: &str) -> Result<Option<Timestamp>, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let seconds = if text.len() == 16 { ":00" } else { "" };
    let read = Timestamp::parse(&format!("{text}{seconds}+08:00"));
    read.map(Some).map_err(|_| malformed(field, text, "2026-10-12T09:30:00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_strictly() {
        assert_eq!(date(" ", "from").expect("nothing"), None);
        assert_eq!(date("2026-10-12", "from").expect("a date"), "2026-10-12".parse().ok());
        let at = Timestamp::parse("2026-10-12T09:30:00+08:00").expect("valid");
        for text in ["2026-10-12T09:30", "2026-10-12T09:30:00"] {
            assert_eq!(moment(text, "at").expect("a moment"), Some(at), "{text}");
        }
        for text in ["2026-2-3", "today", "2026-10-12T09:30:00Z"] {
            assert_eq!(date(text, "from").expect_err(text).field.as_deref(), Some("from"));
        }
        for text in ["09:30", "2026-10-12", "2026-10-12T09:30:00Z"] {
            assert_eq!(moment(text, "at").expect_err(text).code, "date_malformed", "{text}");
        }
    }
}
