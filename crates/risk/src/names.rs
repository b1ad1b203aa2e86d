//! The names that rules and reason texts may use, and their values for one event.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use cel::common::types::{CelBool, CelInt, CelString};
use cel::common::value::CowVal;
use cel::context::VariableResolver;

use crate::catalog::{Cell, Type};
use crate::files::Declarations;
use crate::lists::{Level, Listed};

/// Where a name finds its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Slot {
    /// `event.amount_minor`: an element, missing where the event lacks it.
    Event(usize),
    /// `known.device`: whether the event carries the element.
    Known(usize),
    /// `feature.user_orders_60s`.
    Feature(usize),
    /// `list.device`: `black`, `grey`, `white` or `none`.
    List(Listed),
    /// `score`: what the rules before added up to.
    Score,
}

/// A name: where its value is, and of which type.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    pub(crate) slot: Slot,
    pub(crate) ty: Type,
}

/// All names.
#[derive(Debug)]
pub(crate) struct Names(HashMap<String, Name>);

impl Names {
    pub(crate) fn new(declarations: &Declarations) -> Self {
        let mut names = HashMap::new();
        for (slot, element) in declarations.catalog.elements().iter().enumerate() {
            let event = Name { slot: Slot::Event(slot), ty: element.ty.clone() };
            names.insert(format!("event.{}", element.name), event);
            let known = Name { slot: Slot::Known(slot), ty: Type::Bool };
            names.insert(format!("known.{}", element.name), known);
        }
        for (slot, feature) in declarations.features.iter().enumerate() {
            let name = Name { slot: Slot::Feature(slot), ty: Type::Int };
            names.insert(format!("feature.{}", feature.name), name);
        }
        let levels: Arc<[String]> =
            ["black", "grey", "white", "none"].map(str::to_owned).as_slice().into();
        for listed in Listed::ALL {
            let name = Name { slot: Slot::List(listed), ty: Type::Text(Some(levels.clone())) };
            names.insert(format!("list.{}", listed.code()), name);
        }
        names.insert("score".to_owned(), Name { slot: Slot::Score, ty: Type::Int });
        Self(names)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Name> {
        self.0.get(name)
    }
}

/// The values of all names for one event.
pub(crate) struct Values<'a> {
    pub(crate) names: &'a Names,
    pub(crate) cells: &'a [Option<Cell<'a>>],
    pub(crate) features: &'a [Option<i64>],
    pub(crate) listed: &'a BTreeMap<Listed, Level>,
    /// Grows while the rules are asked in their order.
    pub(crate) score: AtomicI64,
}

impl<'a> Values<'a> {
    /// The value at a slot; `None` if the event lacks it.
    pub(crate) fn get(&self, slot: Slot) -> Option<Cell<'a>> {
        match slot {
            Slot::Event(place) => match self.cells.get(place)?.as_ref()? {
                Cell::Bool(v) => Some(Cell::Bool(*v)),
                Cell::Int(v) => Some(Cell::Int(*v)),
                Cell::Text(v) => Some(Cell::Text(Cow::Borrowed(v.as_ref()))),
            },
            Slot::Known(place) => Some(Cell::Bool(matches!(self.cells.get(place), Some(Some(_))))),
            Slot::Feature(place) => self.features.get(place).copied().flatten().map(Cell::Int),
            Slot::List(listed) => {
                let level = self.listed.get(&listed).map_or("none", |level| level.code());
                Some(Cell::Text(Cow::Borrowed(level)))
            }
            Slot::Score => Some(Cell::Int(self.score.load(Ordering::Relaxed))),
        }
    }
}

impl Values<'_> {
    /// Whether the event gives a value at this slot.
    pub(crate) fn has(&self, slot: Slot) -> bool {
        match slot {
            Slot::Event(place) => matches!(self.cells.get(place), Some(Some(_))),
            Slot::Feature(place) => matches!(self.features.get(place), Some(Some(_))),
            Slot::Known(_) | Slot::List(_) | Slot::Score => true,
        }
    }
}

impl VariableResolver for Values<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        let name = self.names.get(variable)?;
        Some(match self.get(name.slot)? {
            Cell::Bool(v) => CowVal::owned(CelBool::from(v)),
            Cell::Int(v) => CowVal::owned(CelInt::from(v)),
            Cell::Text(Cow::Borrowed(v)) => CowVal::owned(CelString::from(v)),
            Cell::Text(Cow::Owned(v)) => CowVal::owned(CelString::from(v)),
        })
    }
}
