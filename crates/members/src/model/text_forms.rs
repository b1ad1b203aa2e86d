//! Forms of phones, e-mail addresses, names and sign-in names; and a name's one spelling.

/// Whether this is a mainland mobile number: eleven digits, 1 then 3 to 9.
pub fn is_phone(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 11
        && bytes.iter().all(u8::is_ascii_digit)
        && bytes.first() == Some(&b'1')
        && bytes.get(1).is_some_and(|b| (b'3'..=b'9').contains(b))
}

/// Whether this may be the number of a ticket or an account elsewhere: 4 to 64 of
/// `A-Z a-z 0-9 . _ -`.
pub fn is_reference(text: &str) -> bool {
    (4..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

/// Whether this may be an e-mail address: one `@`, a dotted domain, printable ASCII, at most 254.
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let labels_hold = domain.split('.').all(|label| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    });
    text.len() <= 254
        && (1..=64).contains(&local.len())
        && local.bytes().all(|b| b.is_ascii_graphic() && b != b'@')
        && domain.contains('.')
        && labels_hold
}

/// Whether this may be a sign-in name: 3 to 32 of `a-z 0-9 _ . -`, led by a letter (so that it is
/// never taken for a phone number).
pub fn is_login_name(text: &str) -> bool {
    (3..=32).contains(&text.len())
        && text.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.-".contains(&b))
}

/// The one spelling of a person's name: upper case, single blanks, the middle dot `·` for its many
/// look-alikes, narrow forms for wide ones. Beside a Han character a blank is only layout and a full
/// stop is a middle dot. `None` if it is no name: empty, over 50 characters, or with other
/// characters than letters, blanks, dots, hyphens and apostrophes.
pub fn canonical_name(text: &str) -> Option<String> {
    let mut out = String::new();
    for c in text.chars().map(narrow).flat_map(char::to_uppercase) {
        if !(c.is_alphabetic() || " ·.-'".contains(c)) {
            return None;
        }
        let last = out.chars().next_back();
        if c == ' ' && last.is_none_or(|last| last == ' ' || is_joined(last)) {
            continue;
        }
        if is_joined(c) && last == Some(' ') {
            out.pop();
        }
        let of_han = is_han(c) && out.ends_with('.');
        if of_han {
            out.pop();
            out.push('·');
        }
        out.push(if c == '.' && out.chars().next_back().is_some_and(is_han) { '·' } else { c });
    }
    let name = out.trim_end().to_owned();
    let length = name.chars().count();
    (name.chars().any(char::is_alphabetic) && (2..=50).contains(&length)).then_some(name)
}

/// The one form of a character that keyboards and printers write in several.
fn narrow(c: char) -> char {
    match c {
        '•' | '‧' | '∙' | '⋅' | '・' | '･' | '．' => '·',
        '\u{3000}' => ' ',
        '’' => '\'',
        // Wide letters stand as far behind the narrow ones, each.
        'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '－' | '＇' => {
            u32::from(c).checked_sub(0xFEE0).and_then(char::from_u32).unwrap_or(c)
        }
        other => other,
    }
}

/// Whether no blank is written beside it: Han characters, and the dot between their parts.
const fn is_joined(c: char) -> bool {
    c == '·' || is_han(c)
}

/// Whether it is a Han character: those of GB 18030-2022, the rare ones behind the basic plane too.
const fn is_han(c: char) -> bool {
    matches!(c, '〇' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones() {
        for (text, holds) in [
            ("13000000000", true),
            ("19999999999", true),
            ("12999999999", false),
            ("23000000000", false),
            ("1300000000", false),
            ("130000000000", false),
            ("1300000000a", false),
            ("+8613000000000", false),
            ("１3000000000", false),
            ("", false),
        ] {
            assert_eq!(is_phone(text), holds, "{text}");
        }
    }

    #[test]
    fn emails() {
        let long = format!("{}@example.com", "a".repeat(65));
        for (text, holds) in [
            ("a@b.cn", true),
            ("first.last+tag@mail.example.com", true),
            ("a@b", false),
            ("@b.cn", false),
            ("a@@b.cn", false),
            ("a b@c.cn", false),
            ("a@-b.cn", false),
            ("a@b..cn", false),
            ("a@b.cn\r\nBcc: x", false),
            (long.as_str(), false),
            ("", false),
        ] {
            assert_eq!(is_email(text), holds, "{text}");
        }
    }

    #[test]
    fn login_names() {
        for (text, holds) in [
            ("abc", true),
            ("a.b-c_9", true),
            ("ab", false),
            ("9abc", false),
            ("Abc", false),
            ("张三abc", false),
            ("a".repeat(33).as_str(), false),
        ] {
            assert_eq!(is_login_name(text), holds, "{text}");
        }
    }

    #[test]
    fn names_have_one_spelling() {
        for (text, name) in [
            ("王小强", Some("王小强")),
            ("阿依古丽•买买提", Some("阿依古丽·买买提")),
            ("阿依古丽·买买提", Some("阿依古丽·买买提")),
            ("  li   na ", Some("LI NA")),
            ("O'Neil-Smith", Some("O'NEIL-SMITH")),
            ("O’Neil－Smith", Some("O'NEIL-SMITH")),
            ("王　强", Some("王强")),
            ("王 小强 ", Some("王小强")),
            ("阿依古丽 · 买买提", Some("阿依古丽·买买提")),
            ("阿依古丽.买买提", Some("阿依古丽·买买提")),
            ("阿依古丽⋅买买提", Some("阿依古丽·买买提")),
            ("ＬＩ　ｎａ", Some("LI NA")),
            ("John A. Smith", Some("JOHN A. SMITH")),
            ("\u{30EDE}玥", Some("\u{30EDE}玥")),
            ("𠮷 野", Some("𠮷野")),
            ("王", None),
            ("王1", None),
            ("", None),
            ("··", None),
            ("王\u{202e}强", None),
        ] {
            assert_eq!(canonical_name(text).as_deref(), name, "{text}");
        }
        assert_eq!(canonical_name(&"王".repeat(51)), None);
        assert!(canonical_name(&"王".repeat(50)).is_some());
    }
}
