//! Made-up people and shops with numbers that pass every checksum: GB 11643 ID numbers, Luhn
//! cards, GB 32100 credit codes. None belongs to anybody.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng as _;

/// Draws from a seeded generator; the same seed always draws the same.
pub struct Draw(ChaCha8Rng);

impl Draw {
    /// A generator for one purpose of one seed; purposes do not disturb one another.
    pub fn new(seed: u64, purpose: u64) -> Self {
        use rand_chacha::rand_core::SeedableRng as _;
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(purpose);
        Self(generator)
    }

    /// A number in `0..bound`; zero when the bound is.
    pub fn below(&mut self, bound: u64) -> u64 {
        // The bias of a remainder of 64 bits is far below anything a made-up day could show.
        self.0.next_u64().checked_rem(bound).unwrap_or_default()
    }

    /// A number in `from..=to`.
    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        from.saturating_add(self.below(to.saturating_sub(from).saturating_add(1)))
    }

    /// Whether an event of this many in a thousand happens.
    pub fn per_mille(&mut self, chance: u64) -> bool {
        self.below(1_000) < chance
    }

    /// One of the items; `None` of an empty list.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let length = u64::try_from(items.len()).unwrap_or_default();
        items.get(usize::try_from(self.below(length)).unwrap_or_default())
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0'.saturating_add(self.digit()))).collect()
    }

    fn digit(&mut self) -> u8 {
        u8::try_from(self.below(10)).unwrap_or_default()
    }
}

const SURNAMES: [&str; 24] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林",
    "何", "郭", "马", "罗", "梁", "宋", "郑", "谢",
];
const GIVEN: [&str; 32] = [
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明",
    "超", "霞", "平", "刚", "桂英", "建华", "文博", "子涵", "欣怡", "浩然", "雨桐", "志强", "秀兰",
    "晓东", "海燕", "思远",
];
const REGIONS: [&str; 8] =
    ["110101", "310104", "440305", "330106", "510107", "320102", "420106", "610113"];
const TRADES: [(&str, &str); 10] = [
    ("Coffee", "咖啡"),
    ("Books", "书店"),
    ("Taxi", "出行"),
    ("Noodles", "面馆"),
    ("Grocery", "生鲜超市"),
    ("Cinema", "影院"),
    ("Clothing", "服饰"),
    ("Pharmacy", "药房"),
    ("Electronics", "数码"),
    ("Bakery", "烘焙"),
];

/// A person's name, in Chinese.
pub fn name(draw: &mut Draw) -> String {
    let surname = draw.pick(&SURNAMES).copied().unwrap_or("王");
    let given = draw.pick(&GIVEN).copied().unwrap_or("伟");
    format!("{surname}{given}")
}

/// A resident ID number of somebody born between 1960 and 2003 (GB 11643: 17 digits and a check
/// character modulo 11). `serial` makes it unique.
pub fn id_number(draw: &mut Draw, serial: u64) -> String {
    let region = draw.pick(&REGIONS).copied().unwrap_or("110101");
    // Serials walk through the birthdays, so that no two of the first 14,784 people share one.
    let place = |divisor: u64, size: u64| serial.checked_div(divisor).unwrap_or(0) % size;
    let (year, month, day) = (place(1, 44), place(44, 12), place(528, 28));
    let body = format!(
        "{region}{:04}{:02}{:02}{}",
        year.saturating_add(1960),
        month.saturating_add(1),
        day.saturating_add(1),
        draw.digits(3)
    );
    let weights = [7u32, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 =
        body.chars().zip(weights).filter_map(|(c, w)| c.to_digit(10)?.checked_mul(w)).sum();
    let check = "10X98765432".chars().nth(usize::try_from(sum % 11).unwrap_or(0)).unwrap_or('0');
    format!("{body}{check}")
}

/// A mobile number; `serial` makes it unique.
pub fn phone(draw: &mut Draw, serial: u64) -> String {
    let head = draw.pick(&["138", "139", "150", "186", "177", "199"]).copied().unwrap_or("138");
    format!("{head}{:08}", 10_000_000_u64.saturating_add(serial))
}

/// Card prefixes of four banks in `books/bins.toml`.
const BANKS: [&str; 4] = ["622202", "621700", "622848", "621661"];

/// A debit card of 19 digits (Luhn) of one of four banks.
pub fn card(draw: &mut Draw, bank: usize) -> String {
    let head = BANKS.get(bank).copied().unwrap_or("622202");
    let body = format!("{head}{}", draw.digits(12));
    let sum: u32 = body
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .zip([2u32, 1].into_iter().cycle())
        .map(|(digit, factor)| {
            let product = digit.saturating_mul(factor);
            if product > 9 { product.saturating_sub(9) } else { product }
        })
        .sum();
    let check = 10_u32.saturating_sub(sum % 10) % 10;
    format!("{body}{check}")
}

/// A six-digit payment password that no rule calls weak.
pub fn password(draw: &mut Draw) -> String {
    loop {
        let digits = draw.digits(6);
        let distinct: std::collections::BTreeSet<char> = digits.chars().collect();
        if distinct.len() >= 4 && !has_run(&digits) {
            return digits;
        }
    }
}

fn has_run(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    bytes.windows(3).any(|w| {
        let step = |a: u8, b: u8| i16::from(b).saturating_sub(i16::from(a));
        matches!(w, [a, b, c] if step(*a, *b) == step(*b, *c) && step(*a, *b).abs() <= 1)
    })
}

/// A unified social credit code (GB 32100: 17 characters and a check character modulo 31).
pub fn credit_code(draw: &mut Draw, serial: u64) -> String {
    const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let region = draw.pick(&REGIONS).copied().unwrap_or("110101");
    let body = format!("91{region}MA{serial:07}");
    let weights = [1u32, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let sum: u32 = body
        .chars()
        .zip(weights)
        .filter_map(|(c, w)| u32::try_from(ALPHABET.find(c)?).ok()?.checked_mul(w))
        .sum();
    let check = 31_u32.saturating_sub(sum % 31) % 31;
    let check = ALPHABET.chars().nth(usize::try_from(check).unwrap_or(0)).unwrap_or('0');
    format!("{body}{check}")
}

/// A shop's name in English and Chinese.
pub fn shop(draw: &mut Draw, serial: u64) -> (String, String) {
    let (en, zh) = draw.pick(&TRADES).copied().unwrap_or(("Shop", "商店"));
    let owner = draw.pick(&SURNAMES).copied().unwrap_or("王");
    (format!("{en} No. {serial}"), format!("{owner}记{zh}{serial}号店"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same() {
        let draw = |seed, purpose| {
            let mut draw = Draw::new(seed, purpose);
            (name(&mut draw), card(&mut draw, 0), id_number(&mut draw, 7))
        };
        assert_eq!(draw(1, 2), draw(1, 2));
        assert_ne!(draw(1, 2), draw(1, 3));
        assert_ne!(draw(1, 2), draw(2, 2));
    }

    #[test]
    fn runs_are_seen() {
        for (digits, run) in
            [("123456", true), ("907111", true), ("321950", true), ("905271", false)]
        {
            assert_eq!(has_run(digits), run, "{digits}");
        }
    }
}
