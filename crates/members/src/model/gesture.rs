//! Gesture passwords (手势密码): a path over a grid of three by three, written as the digits of its
//! points, 1 to 9 by rows. Weaker than a payment password: for opening the app and small amounts.

use money::Amount;
use types::{Problem, ProblemKind, Text, Timestamp};

/// Paths that people draw first: rows and columns joined, corners, letters.
const COMMON: [&str; 22] = [
    "1236",
    "1478",
    "3214",
    "3698",
    "7412",
    "7896",
    "9632",
    "9874",
    "1235789",
    "3215987",
    "1478963",
    "123654789",
    "321456987",
    "14789",
    "12369",
    "32147",
    "98741",
    "7415369",
    "1237",
    "12357",
    "123698745",
    "147852369",
];

/// The point between two that lie opposite: a finger cannot pass it by.
fn between(from: u8, to: u8) -> Option<u8> {
    let (low, high) = (from.min(to), from.max(to));
    match (low, high) {
        (1, 3 | 7 | 9) | (7 | 3, 9) | (3, 7) | (2, 8) | (4, 6) => {
            // The middle of two points of the grid is the middle of their numbers.
            Some(low.saturating_add(high) / 2)
        }
        _ => None,
    }
}

/// Why a path is no gesture, or too easily guessed.
pub fn weakness(path: &str) -> Option<Text> {
    let points: Vec<u8> = path.bytes().map(|b| b.wrapping_sub(b'0')).collect();
    if !(4..=9).contains(&points.len()) || points.iter().any(|p| !(1..=9).contains(p)) {
        return Some(Text::new("it is not four to nine points", "手势应经过四至九个点"));
    }
    let mut seen = [false; 10];
    let mut last: Option<u8> = None;
    for point in points {
        let passed = last.and_then(|last| between(last, point));
        let was = |p: u8| seen.get(usize::from(p)).copied().unwrap_or(true);
        if was(point) || passed.is_some_and(|p| !was(p)) {
            return Some(Text::new("no finger can draw this path", "该手势轨迹无法绘制"));
        }
        if let Some(place) = seen.get_mut(usize::from(point)) {
            *place = true;
        }
        last = Some(point);
    }
    let backwards: String = path.chars().rev().collect();
    COMMON
        .iter()
        .any(|common| *common == path || *common == backwards)
        .then(|| Text::new("it is one of the first guesses", "属于常见手势"))
}

/// Why a gesture is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GestureRefusal {
    /// It is no path, or too easily guessed.
    #[error("the gesture is weak: {}", reason.en)]
    Weak {
        /// Which rule.
        reason: Text,
    },
    /// It is wrong.
    #[error("wrong gesture; {left} tries left")]
    Wrong {
        /// Tries left before the lock.
        left: u32,
    },
    /// Too many wrong tries.
    #[error("the gesture is locked until {until}")]
    Locked {
        /// Until then.
        until: Timestamp,
    },
    /// There is none.
    #[error("no gesture is set")]
    NotSet,
    /// Too much for a gesture alone.
    #[error("a gesture is enough up to {}", money::format_minor(most.signed(), 2))]
    Amount {
        /// The most.
        most: Amount,
    },
}

impl GestureRefusal {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Weak { .. } => "gesture_weak",
            Self::Wrong { .. } => "gesture_wrong",
            Self::Locked { .. } => "gesture_locked",
            Self::NotSet => "gesture_not_set",
            Self::Amount { .. } => "gesture_amount",
        }
    }
}

impl From<GestureRefusal> for Problem {
    fn from(refusal: GestureRefusal) -> Self {
        let zh = match &refusal {
            GestureRefusal::Weak { reason } => format!("手势密码不可用：{}", reason.zh),
            GestureRefusal::Wrong { left } => format!("手势密码错误，还可尝试 {left} 次"),
            GestureRefusal::Locked { until } => format!("手势密码已锁定至 {until}"),
            GestureRefusal::NotSet => "尚未设置手势密码".to_owned(),
            GestureRefusal::Amount { most } => {
                let most = money::format_minor(most.signed(), 2);
                format!("手势密码最多可用于 {most} 元")
            }
        };
        Self::new(ProblemKind::Refused, refusal.code(), refusal.to_string(), zh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_a_finger_can_draw_and_nobody_guesses() {
        for (path, reason) in [
            ("", Some("four to nine")),
            ("159", Some("four to nine")),
            ("1234567890", Some("four to nine")),
            ("1a59", Some("four to nine")),
            ("0159", Some("four to nine")),
            ("1215", Some("no finger")),
            ("1346", Some("no finger")),
            ("1937", Some("no finger")),
            ("1236", Some("first guesses")),
            ("6321", Some("first guesses")),
            ("14789", Some("first guesses")),
            ("2581", None),
            ("5194", None),
            ("5193", Some("no finger")),
            ("2137", Some("no finger")),
            ("2136", None),
            ("26847", None),
        ] {
            let got = weakness(path).map(|t| t.en);
            match (reason, &got) {
                (None, None) => {}
                (Some(part), Some(text)) => assert!(text.contains(part), "{path}: {text}"),
                _ => panic!("{path}: {got:?}"),
            }
        }
    }
}
