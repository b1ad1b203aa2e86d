//! What the institution's own data calls things: channels, merchants, risk rules and features, fee plans,
//! business events, leaves of the chart. What has no name there is shown by its code.

use super::words;
use crate::app::Site;
use ledger::{Chart, GlCode, Templates};
use members::Members;
use std::collections::BTreeMap;
use types::{Locale, MerchantId, Text};

/// The names, as one reader wants them.
pub(super) struct Names {
    locale: Locale,
    channels: BTreeMap<String, Text>,
    /// Channels' codes by the numbers under which the book knows them.
    numbers: BTreeMap<u32, String>,
    /// Who knows the merchants; absent in samples.
    members: Option<Members>,
    rules: BTreeMap<String, Text>,
    features: BTreeMap<String, Text>,
    plans: BTreeMap<String, Text>,
}

impl Names {
    pub(super) fn new(site: &Site, locale: Locale) -> Self {
        let channels: Vec<_> = site.channels.list().into_iter().map(|view| view.terms).collect();
        let plans = site.clearing.schedule().plans();
        Self {
            locale,
            numbers: channels.iter().map(|terms| (terms.id, terms.code.clone())).collect(),
            channels: channels.into_iter().map(|terms| (terms.code, terms.name)).collect(),
            members: Some(site.members.clone()),
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

    /// The channel of this number.
    pub(super) fn channel_by_number(&self, number: u32) -> Option<String> {
        self.numbers.get(&number).map(|code| self.channel(code))
    }

    /// The merchant's name, if there is such a merchant.
    pub(super) fn merchant(&self, id: MerchantId) -> Option<String> {
        let merchant = self.members.as_ref()?.merchant(id)?;
        Some(merchant.name.get(self.locale).to_owned())
    }

    /// Every channel's code and name.
    pub(super) fn channels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.channels.iter().map(|(code, name)| (code.as_str(), name.get(self.locale)))
    }

    /// The reader's language.
    pub(super) const fn locale(&self) -> Locale {
        self.locale
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
        let (numbers, members) = (BTreeMap::new(), None);
        Self { locale, channels, numbers, members, rules, features, plans }
    }
}
