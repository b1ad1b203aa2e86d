//! What the institution's own data calls things: channels, risk rules and features, fee plans,
//! business events, leaves of the chart. What has no name there is shown by its code.

use super::words;
use crate::app::Site;
use ledger::{Chart, GlCode, Templates};
use std::collections::BTreeMap;
use types::{Locale, Text};

/// The names, as one reader wants them.
pub(super) struct Names {
    locale: Locale,
    channels: BTreeMap<String, Text>,
    rules: BTreeMap<String, Text>,
    features: BTreeMap<String, Text>,
    plans: BTreeMap<String, Text>,
}

impl Names {
    pub(super) fn new(site: &Site, locale: Locale) -> Self {
        let channels = site.channels.list().into_iter();
        let plans = site.clearing.schedule().plans();
        Self {
            locale,
            channels: channels.map(|view| (view.terms.code, view.terms.name)).collect(),
            rules: site.risk.titles(),
            features: site.risk.features(),
            plans: plans.map(|p| (p.code.clone(), Text::new(&*p.en, &*p.zh))).collect(),
        }
    }

    fn pick(&self, names: &BTreeMap<String, Text>, code: &str) -> String {
        names.get(code).map_or(code, |name| name.get(self.locale)).to_owned()
    }

    pub(super) fn channel(&self, code: &str) -> String {
        self.pick(&self.channels, code)
    }

    /// A rule's title; the reasons that are the house's own have theirs here.
    pub(super) fn rule(&self, name: &str) -> String {
        match name {
            "blacklist" => words::pick(self.locale, "Black list", "黑名单命中").to_owned(),
            "fallback" => words::pick(self.locale, "Fallback", "超时兜底").to_owned(),
            _ => self.pick(&self.rules, name),
        }
    }

    pub(super) fn feature(&self, name: &str) -> String {
        self.pick(&self.features, name)
    }

    pub(super) fn plan(&self, code: &str) -> String {
        self.pick(&self.plans, code)
    }
}

/// A business event's name.
pub(super) fn event(templates: &Templates, code: u16, l: Locale) -> String {
    let template = templates.by_code(code);
    template.map_or_else(|| code.to_string(), |template| template.name.get(l).to_owned())
}

/// A leaf's code and name.
pub(super) fn leaf(chart: &Chart, code: GlCode, l: Locale) -> String {
    let name = chart.node(code).map(|node| node.name.get(l)).unwrap_or_default();
    format!("{code} {name}")
}

#[cfg(test)]
impl Names {
    /// Without any: everything is shown by its code.
    pub(super) fn none(locale: Locale) -> Self {
        let [channels, rules, features, plans] = [(); 4].map(|()| BTreeMap::new());
        Self { locale, channels, rules, features, plans }
    }
}
