//! features.toml: event kinds, further elements, features, limits, deadline and fallbacks.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;
use types::Text;

use super::{Source, check_name, kind_bits};
use crate::catalog::{Catalog, Type};
use crate::windows::{Limits, Space};
use crate::{Factor, FileError, Outcome};

/// Most kinds of events: they are kept as the bits of one word.
const MOST_KINDS: usize = 32;
/// Most features, and most further elements.
const MOST_FEATURES: usize = 64;
/// Longest window, seconds: 90 days.
const LONGEST_WINDOW: i64 = 90 * 86_400;

/// What features.toml declares.
#[derive(Debug)]
pub(crate) struct Declarations {
    pub(crate) kinds: Vec<String>,
    pub(crate) catalog: Catalog,
    pub(crate) features: Vec<Feature>,
    /// The windows' tables; features share those of their key.
    pub(crate) spaces: Vec<Space>,
    pub(crate) limits: Limits,
    /// How long judging may take, microseconds.
    pub(crate) deadline_micros: u64,
    pub(crate) fallbacks: Vec<Fallback>,
}

/// A number that is measured over a window of events of one key, as of the event judged.
#[derive(Debug, Clone)]
pub(crate) struct Feature {
    pub(crate) name: String,
    pub(crate) measure: Measure,
    /// Length of the window in microseconds: it holds (at - window, at].
    pub(crate) window: i64,
    /// Which kinds of events are measured.
    pub(crate) kinds: u64,
    /// Whether the event judged is left out.
    pub(crate) past: bool,
    /// Events that carry the element of this column are not measured.
    pub(crate) unless: Option<usize>,
    /// Which of the spaces holds its events.
    pub(crate) space: usize,
    /// Whether events of its key arrive one after another ([`crate::catalog::Element::own`]).
    pub(crate) own: bool,
    /// What people call it.
    pub(crate) text: Text,
}

/// What is measured; the number is a column of the space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    Count,
    Sum(usize),
    Max(usize),
    Min(usize),
    /// Rounded towards zero; 0 over nothing.
    Mean(usize),
    Distinct(usize),
    /// Seconds since the event before; the window's length if there is none.
    SinceLast,
    /// Seconds since the first event of the window; 0 if this is the first.
    SinceFirst,
}

/// What is answered when time ran out.
#[derive(Debug)]
pub(crate) struct Fallback {
    pub(crate) kinds: u64,
    /// It answers events up to this amount; `None` = any event.
    pub(crate) up_to_minor: Option<i64>,
    pub(crate) outcome: Outcome,
    pub(crate) factors: Vec<Factor>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    kinds: Vec<String>,
    limits: RawLimits,
    deadline_micros: u64,
    fallback: Vec<RawFallback>,
    #[serde(default)]
    element: Vec<RawElement>,
    #[serde(default)]
    feature: Vec<RawFeature>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLimits {
    keys: usize,
    entries_per_key: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFallback {
    kinds: Option<Vec<String>>,
    up_to_minor: Option<i64>,
    outcome: Outcome,
    #[serde(default)]
    factors: Vec<Factor>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawElement {
    name: Spanned<String>,
    #[serde(rename = "type")]
    ty: RawType,
    #[expect(dead_code, reason = "read to be checked: an element must be explained")]
    text: Text,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum RawType {
    Bool,
    Int,
    Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFeature {
    name: Spanned<String>,
    key: Vec<String>,
    measure: RawMeasure,
    of: Option<String>,
    window: String,
    kinds: Option<Vec<String>>,
    #[serde(default)]
    past: bool,
    unless: Option<String>,
    text: Text,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum RawMeasure {
    Count,
    Sum,
    Max,
    Min,
    Mean,
    Distinct,
    SinceLast,
    SinceFirst,
}

impl Declarations {
    /// Reads features.toml.
    pub(crate) fn parse(source: Source<'_>) -> Result<Self, FileError> {
        let raw: RawFile = source.read()?;
        check_kinds(&raw.kinds).map_err(|reason| source.refuse("kinds", reason))?;
        if raw.deadline_micros == 0 {
            return Err(source.refuse("deadline_micros", "no event can be judged in no time"));
        }
        let limits = Limits::new(raw.limits.keys, raw.limits.entries_per_key)
            .map_err(|reason| source.refuse("limits", reason))?;
        let catalog = catalog(source, &raw)?;
        let fallbacks = fallbacks(&raw).map_err(|reason| source.refuse("fallback", reason))?;
        let mut declarations = Self {
            kinds: raw.kinds,
            catalog,
            features: Vec::new(),
            spaces: Vec::new(),
            limits,
            deadline_micros: raw.deadline_micros,
            fallbacks,
        };
        if raw.feature.len() > MOST_FEATURES {
            return Err(source.refuse("feature", format!("more than {MOST_FEATURES} of them")));
        }
        for feature in raw.feature {
            let item = source.item("feature", &feature.name);
            declarations.add(feature).map_err(|reason| source.refuse(item, reason))?;
        }
        Ok(declarations)
    }

    /// The bit of a kind; `None` if it is not declared.
    pub(crate) fn kind_bit(&self, kind: &str) -> Option<u64> {
        let place = self.kinds.iter().position(|k| k == kind)?;
        1u64.checked_shl(u32::try_from(place).ok()?)
    }

    fn add(&mut self, raw: RawFeature) -> Result<(), String> {
        let name = raw.name.into_inner();
        check_name(&name)?;
        if self.features.iter().any(|f| f.name == name) {
            return Err("the name is declared twice".to_owned());
        }
        let window = window(&raw.window)?;
        let kinds = kind_bits(raw.kinds.as_deref(), &self.kinds)?;
        let key = self.key(&raw.key)?;
        let own = key.iter().any(|slot| self.catalog.elements().get(*slot).is_some_and(|e| e.own));
        let since = matches!(raw.measure, RawMeasure::SinceLast | RawMeasure::SinceFirst);
        if raw.past && since {
            return Err("past says nothing here: time since is measured from this event".into());
        }
        let coalesce = raw.measure == RawMeasure::SinceFirst;
        if coalesce && raw.unless.is_some() {
            return Err("unless says nothing here: first moments are kept, not events".into());
        }
        let space = self.space(&key, coalesce);
        let measure = self.measure(raw.measure, raw.of.as_deref(), space)?;
        let unless = match &raw.unless {
            Some(name) => Some(self.column(name, space, true)?),
            None => None,
        };
        let held = self.spaces.get_mut(space).ok_or("no space")?;
        held.cover(window, kinds);
        self.features.push(Feature {
            name,
            measure,
            window,
            kinds,
            past: raw.past,
            unless,
            space,
            own,
            text: raw.text,
        });
        Ok(())
    }

    /// The column of a space that keeps this element: its number, or its digest.
    fn column(&mut self, name: &str, space: usize, hashed: bool) -> Result<usize, String> {
        let slot =
            self.catalog.slot(name).ok_or_else(|| format!("'{name}' is no declared element"))?;
        let ty = self.catalog.elements().get(slot).map(|e| &e.ty);
        if !hashed && ty != Some(&Type::Int) {
            return Err(format!("'{name}' is no int: only ints are summed or compared"));
        }
        self.spaces.get_mut(space).ok_or("no space")?.column(slot, hashed)
    }

    fn key(&self, names: &[String]) -> Result<Vec<usize>, String> {
        if names.is_empty() || names.len() > 2 {
            return Err("a key has one or two elements".to_owned());
        }
        let slot = |name: &String| {
            let slot = self.catalog.slot(name);
            slot.ok_or_else(|| format!("'{name}' in its key is no declared element"))
        };
        let key = names.iter().map(slot).collect::<Result<Vec<_>, _>>()?;
        if key.first() == key.get(1) {
            return Err("its key names the same element twice".to_owned());
        }
        Ok(key)
    }

    fn space(&mut self, key: &[usize], coalesce: bool) -> usize {
        let same = |s: &Space| s.key == key && s.coalesce == coalesce;
        if let Some(found) = self.spaces.iter().position(same) {
            return found;
        }
        self.spaces.push(Space::new(key.to_vec(), coalesce));
        self.spaces.len().saturating_sub(1)
    }

    fn measure(
        &mut self,
        measure: RawMeasure,
        of: Option<&str>,
        space: usize,
    ) -> Result<Measure, String> {
        let plain = match measure {
            RawMeasure::Count => Some(Measure::Count),
            RawMeasure::SinceLast => Some(Measure::SinceLast),
            RawMeasure::SinceFirst => Some(Measure::SinceFirst),
            _ => None,
        };
        if let Some(plain) = plain {
            return match of {
                None => Ok(plain),
                Some(_) => Err("this measure counts events: it takes no 'of'".to_owned()),
            };
        }
        let of = of.ok_or("this measure needs 'of', the element it measures")?;
        let column = self.column(of, space, measure == RawMeasure::Distinct)?;
        Ok(match measure {
            RawMeasure::Sum => Measure::Sum(column),
            RawMeasure::Max => Measure::Max(column),
            RawMeasure::Min => Measure::Min(column),
            RawMeasure::Mean => Measure::Mean(column),
            _ => Measure::Distinct(column),
        })
    }
}

fn check_kinds(kinds: &[String]) -> Result<(), String> {
    if kinds.is_empty() || kinds.len() > MOST_KINDS {
        return Err(format!("between 1 and {MOST_KINDS} event kinds are declared"));
    }
    let mut seen = BTreeSet::new();
    for kind in kinds {
        check_name(kind).map_err(|reason| format!("'{kind}': {reason}"))?;
        if !seen.insert(kind) {
            return Err(format!("'{kind}' is declared twice"));
        }
    }
    Ok(())
}

fn catalog(source: Source<'_>, raw: &RawFile) -> Result<Catalog, FileError> {
    let mut catalog = Catalog::new(&raw.kinds);
    if raw.element.len() > MOST_FEATURES {
        return Err(source.refuse("element", format!("more than {MOST_FEATURES} of them")));
    }
    for element in &raw.element {
        let refuse = |reason: String| source.refuse(source.item("element", &element.name), reason);
        check_name(element.name.get_ref()).map_err(refuse)?;
        let ty = match element.ty {
            RawType::Bool => Type::Bool,
            RawType::Int => Type::Int,
            RawType::Text => Type::Text(None),
        };
        if !catalog.add(element.name.get_ref(), ty) {
            return Err(refuse("the name is taken".to_owned()));
        }
    }
    Ok(catalog)
}

fn fallbacks(raw: &RawFile) -> Result<Vec<Fallback>, String> {
    let last = raw.fallback.last().ok_or("there is none")?;
    if last.kinds.is_some() || last.up_to_minor.is_some() {
        return Err("the last one must answer every event: no kinds, no up_to_minor".to_owned());
    }
    let read = |f: &RawFallback| {
        super::rules::check_factors(f.outcome, &f.factors)?;
        Ok(Fallback {
            kinds: kind_bits(f.kinds.as_deref(), &raw.kinds)?,
            up_to_minor: f.up_to_minor,
            outcome: f.outcome,
            factors: f.factors.clone(),
        })
    };
    raw.fallback.iter().map(read).collect()
}

/// Reads `60s`, `10m`, `24h`, `30d` into microseconds.
fn window(text: &str) -> Result<i64, String> {
    let refuse = || format!("'{text}' is no window of the form 60s, 10m, 24h or 30d, at most 90d");
    let unit = match text.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3_600,
        Some('d') => 86_400,
        _ => return Err(refuse()),
    };
    let digits = text.get(..text.len().saturating_sub(1)).unwrap_or_default();
    let plain =
        !digits.is_empty() && digits.len() <= 7 && digits.bytes().all(|b| b.is_ascii_digit());
    let number: i64 = if plain { digits.parse().unwrap_or_default() } else { 0 };
    let seconds = number.saturating_mul(unit);
    if !(1..=LONGEST_WINDOW).contains(&seconds) {
        return Err(refuse());
    }
    Ok(seconds.saturating_mul(1_000_000))
}
