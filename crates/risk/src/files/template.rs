//! The sentence of a rule, with places for the numbers that made it hit:
//! `{feature.user_orders_60s} orders within a minute`, `{event.amount_minor|yuan} yuan`.

use types::Text;

use crate::catalog::{Cell, Type};
use crate::names::{Names, Slot, Values};

/// Decimals of an amount in yuan.
const FEN: u8 = 2;
/// Longest sentence, characters.
const LONGEST: usize = 200;

/// A sentence in both languages, its places found.
#[derive(Debug)]
pub(crate) struct Template {
    en: Vec<Part>,
    zh: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Words(String),
    Value(Slot),
    Yuan(Slot),
}

impl Template {
    pub(crate) fn parse(text: &Text, names: &Names) -> Result<Self, String> {
        Ok(Self { en: parse(&text.en, names)?, zh: parse(&text.zh, names)? })
    }

    /// Fills the places; what the event lacks shows as `?`.
    pub(crate) fn fill(&self, values: &Values<'_>) -> Text {
        Text::new(fill(&self.en, values), fill(&self.zh, values))
    }
}

fn parse(sentence: &str, names: &Names) -> Result<Vec<Part>, String> {
    if sentence.trim().is_empty() || sentence.chars().count() > LONGEST {
        return Err(format!("its text has between 1 and {LONGEST} characters in each language"));
    }
    let mut parts = Vec::new();
    let mut rest = sentence;
    while let Some((words, behind)) = rest.split_once('{') {
        let (place, after) = behind.split_once('}').ok_or("a { in its text is not closed")?;
        parts.push(Part::Words(words.to_owned()));
        let (name, yuan) = match place.split_once('|') {
            Some((name, "yuan")) => (name, true),
            Some((_, other)) => return Err(format!("'|{other}' in its text: only |yuan is known")),
            None => (place, false),
        };
        let name_found = names.get(name);
        let found = name_found.ok_or_else(|| format!("'{name}' in its text is not declared"))?;
        if yuan && found.ty != Type::Int {
            return Err(format!("'{name}' in its text is {}, no amount", found.ty.name()));
        }
        parts.push(if yuan { Part::Yuan(found.slot) } else { Part::Value(found.slot) });
        rest = after;
    }
    if rest.contains('}') {
        return Err("a } in its text was not opened".to_owned());
    }
    parts.push(Part::Words(rest.to_owned()));
    Ok(parts)
}

fn fill(parts: &[Part], values: &Values<'_>) -> String {
    let mut out = String::new();
    for part in parts {
        match part {
            Part::Words(words) => out.push_str(words),
            Part::Value(slot) => match values.get(*slot) {
                Some(Cell::Int(v)) => out.push_str(&v.to_string()),
                Some(Cell::Bool(v)) => out.push_str(&v.to_string()),
                // Texts come from outside: a sentence shows no more than a glimpse of them.
                Some(Cell::Text(v)) => out.extend(v.chars().take(40)),
                None => out.push('?'),
            },
            Part::Yuan(slot) => match values.get(*slot) {
                Some(Cell::Int(v)) => out.push_str(&money::format_minor(v, FEN)),
                _ => out.push('?'),
            },
        }
    }
    out
}
