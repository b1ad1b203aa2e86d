//! Whatever bytes arrive, the reader answers and never panics.

use crate::day::{pay, refund};
use crate::formats::shipped;
use crate::layouts::{alipay, gb18030, generic, wechat, zip};
use proptest::prelude::*;
use recon::{Format, Limits, check, read};

fn small() -> Limits {
    Limits { bytes: 1 << 16, line_bytes: 1 << 10, rows: 100, findings: 5, ..Limits::default() }
}

fn files() -> Vec<Vec<u8>> {
    let trades = [pay("P1", 1_000, 6), refund("R1", "P1", 500, 3)];
    let packed = gb18030(&alipay(&trades));
    let name = gb18030("业务明细.csv");
    vec![
        wechat(&trades).into_bytes(),
        packed.clone(),
        generic(&trades).into_bytes(),
        zip(&[(&name, &packed)]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..Default::default() })]

    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        for format in shipped().iter() {
            let _ = read(format, &bytes, small());
            let _ = check(format, &bytes, small(), 10);
        }
    }

    #[test]
    fn a_true_file_with_some_bytes_changed(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
        cuts in any::<bool>(),
    ) {
        for mut bytes in files() {
            for (at, byte) in &changes {
                let at = at.index(bytes.len());
                if let Some(place) = bytes.get_mut(at) {
                    *place = *byte;
                }
            }
            if cuts {
                bytes.truncate(cut.index(bytes.len()));
            }
            for format in shipped().iter() {
                // Read or refused; and a refusal says why.
                if let Err(refusal) = read(format, &bytes, small()) {
                    prop_assert!(!refusal.findings.is_empty());
                }
            }
        }
    }

    #[test]
    fn arbitrary_format_texts(text in "\\PC{0,400}") {
        prop_assert!(Format::parse(&text, "x.toml").is_err());
    }
}
