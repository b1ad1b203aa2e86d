//! The layout of a moment: `%Y-%m-%d %H:%M:%S`, fixed width, in a fixed zone.

use types::{BusinessDate, Timestamp};

const SECONDS_PER_DAY: i64 = 86_400;
const MICROS_PER_SECOND: i64 = 1_000_000;

/// What a layout or a zone lacks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// A field the layout does not know, or has twice, or lacks.
    #[error("the layout '{layout}' must have each of %Y %m %d once, and of %H %M %S at most once")]
    Fields {
        /// The layout as written.
        layout: String,
    },
    /// Not of the form +08:00.
    #[error("'{zone}' is no zone of the form +08:00")]
    Zone {
        /// The zone as written.
        zone: String,
    },
}

/// A compiled layout.
#[derive(Debug, Clone)]
pub(crate) struct TimeLayout {
    text: String,
    pieces: Vec<Piece>,
    offset_seconds: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Byte(u8),
    /// Which of year, month, day, hour, minute, second; and how many digits.
    Field(usize, usize),
}

impl TimeLayout {
    pub fn parse(layout: &str, zone: &str) -> Result<Self, LayoutError> {
        let wrong = || LayoutError::Fields { layout: layout.to_owned() };
        let mut pieces = Vec::new();
        let mut seen = [0u8; 6];
        let mut bytes = layout.bytes();
        while let Some(byte) = bytes.next() {
            if byte != b'%' {
                pieces.push(Piece::Byte(byte));
                continue;
            }
            let letter = bytes.next().ok_or_else(wrong)?;
            let field = b"YmdHMS".iter().position(|b| *b == letter).ok_or_else(wrong)?;
            let count = seen.get_mut(field).ok_or_else(wrong)?;
            *count = count.saturating_add(1);
            pieces.push(Piece::Field(field, if field == 0 { 4 } else { 2 }));
        }
        let (date, clock) = seen.split_at(3);
        if date.iter().any(|n| *n != 1) || clock.iter().any(|n| *n > 1) {
            return Err(wrong());
        }
        let offset_seconds =
            zone_seconds(zone).ok_or_else(|| LayoutError::Zone { zone: zone.to_owned() })?;
        Ok(Self { text: layout.to_owned(), pieces, offset_seconds })
    }

    /// As written in the format file.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The moment, or `None` if `text` is not of the layout or names no day or hour there is.
    pub fn read(&self, text: &str) -> Option<Timestamp> {
        let mut rest = text.as_bytes();
        let mut fields = [0i64; 6];
        for piece in &self.pieces {
            match *piece {
                Piece::Byte(byte) => rest = rest.strip_prefix(&[byte])?,
                Piece::Field(field, digits) => {
                    let (head, tail) = rest.split_at_checked(digits)?;
                    *fields.get_mut(field)? = number(head)?;
                    rest = tail;
                }
            }
        }
        if !rest.is_empty() {
            return None;
        }
        let [year, month, day, hour, minute, second] = fields;
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let date = BusinessDate::new(
            i16::try_from(year).ok()?,
            i8::try_from(month).ok()?,
            i8::try_from(day).ok()?,
        )
        .ok()?;
        let seconds = i64::from(date.days())
            .checked_mul(SECONDS_PER_DAY)?
            .checked_add(hour.checked_mul(3_600)?)?
            .checked_add(minute.checked_mul(60)?)?
            .checked_add(second)?
            .checked_sub(self.offset_seconds)?;
        seconds.checked_mul(MICROS_PER_SECOND).map(Timestamp::from_micros)
    }
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0i64, |value, byte| {
        let digit = byte.is_ascii_digit().then(|| i64::from(byte.saturating_sub(b'0')))?;
        value.checked_mul(10)?.checked_add(digit)
    })
}

fn zone_seconds(zone: &str) -> Option<i64> {
    let bytes = zone.as_bytes();
    let (sign, rest) = match bytes.split_first()? {
        (b'+', rest) => (1, rest),
        (b'-', rest) => (-1, rest),
        _ => return None,
    };
    let [h1, h2, b':', m1, m2] = *rest else { return None };
    let hours = number(&[h1, h2])?;
    let minutes = number(&[m1, m2])?;
    if hours > 14 || minutes > 59 {
        return None;
    }
    hours.checked_mul(3_600)?.checked_add(minutes.checked_mul(60)?)?.checked_mul(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_in_its_zone() {
        let layout = TimeLayout::parse("%Y-%m-%d %H:%M:%S", "+08:00").expect("valid");
        assert_eq!(
            layout.read("2026-10-12 00:04:39").map(|t| t.to_string()),
            Some("2026-10-12T00:04:39.000+08:00".to_owned())
        );
        let utc = TimeLayout::parse("%Y%m%d", "+00:00").expect("valid");
        assert_eq!(
            utc.read("20261012").map(|t| t.to_string()),
            Some("2026-10-12T08:00:00.000+08:00".to_owned())
        );
    }

    #[test]
    fn what_is_not_of_the_layout_is_refused() {
        let layout = TimeLayout::parse("%Y-%m-%d %H:%M:%S", "+08:00").expect("valid");
        for text in [
            "",
            "2026-10-12",
            "2026-02-30 00:00:00",
            "2026-10-12 24:00:00",
            "2026-10-12 00:60:00",
            "2026-1-12 00:00:00",
            "2026-10-12 00:00:00 ",
            "2026-10-12T00:00:00",
            "２026-10-12 00:00",
        ] {
            assert_eq!(layout.read(text), None, "{text}");
        }
    }

    #[test]
    fn wrong_layouts_and_zones_are_refused() {
        for (layout, zone) in [
            ("%Y-%m", "+08:00"),
            ("%Y-%m-%d %Y", "+08:00"),
            ("%Y-%m-%d %j", "+08:00"),
            ("%Y-%m-%d %", "+08:00"),
            ("%Y-%m-%d", "08:00"),
            ("%Y-%m-%d", "+8"),
            ("%Y-%m-%d", "+15:00"),
            ("%Y-%m-%d", "Asia/Shanghai"),
        ] {
            assert!(TimeLayout::parse(layout, zone).is_err(), "{layout} {zone}");
        }
    }
}
