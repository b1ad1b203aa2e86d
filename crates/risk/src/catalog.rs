//! The elements an event may carry: their names, their types, and how they are read.

use std::borrow::Cow;
use std::sync::Arc;

use crate::event::{ElementValue, Event};
use crate::lists::Listed;

/// The type of an element as rules see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Type {
    /// Yes or no.
    Bool,
    /// A whole number.
    Int,
    /// A text; if a domain is given, one of these.
    Text(Option<Arc<[String]>>),
}

impl Type {
    /// Its name for messages.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Text(_) => "text",
        }
    }
}

/// The value of an element, borrowed from the event where it can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell<'a> {
    Bool(bool),
    Int(i64),
    Text(Cow<'a, str>),
}

impl Cell<'_> {
    /// 128 bits of digest: two values of one element meet with probability 2^-128.
    pub(crate) fn digest(&self) -> u128 {
        let mut hasher = blake3::Hasher::new();
        match self {
            Self::Bool(value) => hasher.update(&[0, u8::from(*value)]),
            Self::Int(value) => hasher.update(&[1]).update(&value.to_be_bytes()),
            Self::Text(value) => hasher.update(&[2]).update(value.as_bytes()),
        };
        let mut out = [0; 16];
        hasher.finalize_xof().fill(&mut out);
        u128::from_be_bytes(out)
    }
}

/// One element.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) ty: Type,
    /// Whether only one customer's events carry the same value, so that they arrive one after
    /// another. Values that many share (a merchant, an address) see events in any order.
    pub(crate) own: bool,
    source: Read,
}

/// Where in the event it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Read {
    Kind,
    Amount,
    Channel,
    Device,
    Ip,
    Card,
    Merchant,
    User,
    Customer,
    Account,
    Phone,
    Document,
    Payee,
    Factors,
    Age,
    Hour,
    Extra,
}

/// All elements, the house's own first.
#[derive(Debug, Clone)]
pub(crate) struct Catalog {
    elements: Vec<Element>,
}

impl Catalog {
    /// The house's own elements; `kinds` is the closed list of event kinds.
    pub(crate) fn new(kinds: &[String]) -> Self {
        let text = || Type::Text(None);
        let own = [
            ("kind", Type::Text(Some(kinds.into())), false, Read::Kind),
            ("amount_minor", Type::Int, false, Read::Amount),
            ("channel", text(), false, Read::Channel),
            ("device", text(), false, Read::Device),
            ("ip", text(), false, Read::Ip),
            ("card", text(), false, Read::Card),
            ("merchant", text(), false, Read::Merchant),
            ("user", text(), true, Read::User),
            ("customer", text(), true, Read::Customer),
            ("account", text(), true, Read::Account),
            ("phone", text(), true, Read::Phone),
            ("document", text(), true, Read::Document),
            ("payee_user", text(), false, Read::Payee),
            ("factors", Type::Int, false, Read::Factors),
            ("account_age_days", Type::Int, false, Read::Age),
            ("hour", Type::Int, false, Read::Hour),
        ];
        let elements = own
            .into_iter()
            .map(|(name, ty, own, source)| Element { name: name.to_owned(), ty, own, source })
            .collect();
        Self { elements }
    }

    /// Declares a further element; false if the name is taken.
    pub(crate) fn add(&mut self, name: &str, ty: Type) -> bool {
        if self.slot(name).is_some() {
            return false;
        }
        let name = name.to_owned();
        self.elements.push(Element { name, ty, own: false, source: Read::Extra });
        true
    }

    /// Where an element of this name stands.
    pub(crate) fn slot(&self, name: &str) -> Option<usize> {
        self.elements.iter().position(|e| e.name == name)
    }

    /// All elements in the order of their slots.
    pub(crate) fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// Reads every element; `None` for what the event does not carry, or carries with another
    /// type than declared.
    pub(crate) fn read<'a>(&self, event: &'a Event) -> Vec<Option<Cell<'a>>> {
        self.elements.iter().map(|element| element.read(event)).collect()
    }

    /// The slot of the element that a list names.
    pub(crate) fn listed(&self, listed: Listed) -> Option<usize> {
        self.slot(listed.code())
    }
}

impl Element {
    fn read<'a>(&self, event: &'a Event) -> Option<Cell<'a>> {
        fn text(value: Option<&str>) -> Option<Cell<'_>> {
            value.map(|v| Cell::Text(Cow::Borrowed(v)))
        }
        fn id<'a>(value: Option<impl ToString>) -> Option<Cell<'a>> {
            value.map(|v| Cell::Text(Cow::Owned(v.to_string())))
        }
        match self.source {
            Read::Kind => text(Some(&event.kind)),
            Read::Amount => event.amount_minor.map(Cell::Int),
            Read::Channel => text(event.channel.as_deref()),
            Read::Device => text(event.device.as_deref()),
            Read::Ip => text(event.ip.as_deref()),
            Read::Card => text(event.card.as_deref()),
            Read::Merchant => id(event.merchant),
            Read::User => id(event.user),
            Read::Customer => id(event.customer),
            Read::Account => id(event.account),
            Read::Phone => text(event.phone.as_deref()),
            Read::Document => text(event.document.as_deref()),
            Read::Payee => id(event.payee_user),
            Read::Factors => event.factors.map(Cell::Int),
            Read::Age => event.account_age_days.map(Cell::Int),
            Read::Hour => Some(Cell::Int(i64::from(event.at.civil().hour()))),
            Read::Extra => match (event.extra.get(&self.name)?, &self.ty) {
                (ElementValue::Bool(v), Type::Bool) => Some(Cell::Bool(*v)),
                (ElementValue::Int(v), Type::Int) => Some(Cell::Int(*v)),
                (ElementValue::Text(v), Type::Text(_)) => text(Some(v)),
                _ => None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use types::Timestamp;

    use super::*;

    #[test]
    fn an_extra_of_another_type_counts_as_missing() {
        let mut catalog = Catalog::new(&["payment".to_owned()]);
        assert!(catalog.add("left_minor", Type::Int));
        assert!(!catalog.add("user", Type::Int), "the house's own names are taken");
        let slot = catalog.slot("left_minor").expect("declared");
        let mut event = Event::new("payment", Timestamp::from_millis(0), None);
        event.extra.insert("left_minor".into(), ElementValue::Text("12".into()));
        assert_eq!(catalog.read(&event)[slot], None);
        event.extra.insert("left_minor".into(), ElementValue::Int(12));
        assert_eq!(catalog.read(&event)[slot], Some(Cell::Int(12)));
    }

    #[test]
    fn the_hour_is_shanghais() {
        let catalog = Catalog::new(&[]);
        let at = Timestamp::parse("2026-10-12T00:30:00+08:00").expect("valid");
        let slot = catalog.slot("hour").expect("own");
        assert_eq!(catalog.read(&Event::new("x", at, None))[slot], Some(Cell::Int(0)));
    }
}
