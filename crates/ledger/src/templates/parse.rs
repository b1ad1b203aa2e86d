//! Reading posting templates strictly.

use super::{Leg, Template};
use crate::account::Side;
use crate::assets::Assets;
use crate::books::{BooksError, Source};
use crate::chart::{Chart, Fund, Node};
use crate::command::UpTo;
use money::AssetId;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;
use types::Text;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    template: Vec<Spanned<Raw>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    event: String,
    code: u16,
    en: String,
    zh: String,
    #[serde(default)]
    slots: BTreeMap<String, Vec<String>>,
    params: Vec<String>,
    #[serde(default)]
    optional: Vec<String>,
    legs: Vec<Spanned<RawLeg>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLeg {
    debit: Option<String>,
    credit: Option<String>,
    amount: String,
    up_to: Option<Side>,
    #[serde(default)]
    settled_only: bool,
    asset: Option<String>,
}

/// One template while it is checked.
struct Checker<'a> {
    source: Source<'a>,
    chart: &'a Chart,
    assets: &'a Assets,
    event: String,
    at: usize,
}

pub(super) fn parse(
    toml: &str,
    file: &str,
    chart: &Chart,
    assets: &Assets,
) -> Result<BTreeMap<String, Template>, BooksError> {
    let source = Source { file, text: toml };
    let read: File = source.read()?;
    let mut list: BTreeMap<String, Template> = BTreeMap::new();
    for spanned in read.template {
        let at = spanned.span().start;
        let raw = spanned.into_inner();
        let checker = Checker { source, chart, assets, event: raw.event.clone(), at };
        let twice = list.contains_key(&raw.event) || list.values().any(|t| t.code == raw.code);
        if twice {
            let code = raw.code;
            return Err(checker.fault(
                at,
                "template_duplicate",
                format!("the event or its code {code} is given twice"),
                format!("业务事件或其代码 {code} 重复"),
            ));
        }
        let template = checker.template(raw)?;
        list.insert(template.event.clone(), template);
    }
    Ok(list)
}

impl Checker<'_> {
    fn fault(
        &self,
        at: usize,
        code: &'static str,
        en: impl std::fmt::Display,
        zh: impl std::fmt::Display,
    ) -> BooksError {
        let en = format!("template '{}': {en}", self.event);
        let zh = format!("模板“{}”：{zh}", self.event);
        self.source.fault(Some(at), code, en, zh)
    }

    fn template(&self, raw: Raw) -> Result<Template, BooksError> {
        self.form(&raw)?;
        let mut slots = BTreeMap::new();
        for (slot, patterns) in &raw.slots {
            slots.insert(slot.clone(), self.slot(slot, patterns)?);
        }
        let mut template = Template {
            event: raw.event,
            code: raw.code,
            name: Text::new(raw.en, raw.zh),
            slots,
            params: raw.params,
            optional: raw.optional,
            legs: Vec::with_capacity(raw.legs.len()),
        };
        for spanned in raw.legs {
            let at = spanned.span().start;
            let leg = self.leg(&template, spanned.into_inner(), at)?;
            template.legs.push(leg);
        }
        self.all_used(&template)?;
        self.mirrors_balance(&template)?;
        Ok(template)
    }

    /// Names are there and once; what is optional is declared.
    fn form(&self, raw: &Raw) -> Result<(), BooksError> {
        if raw.event.is_empty() || raw.en.is_empty() || raw.zh.is_empty() || raw.code == 0 {
            let en = "it needs an event, a code above 0 and both names";
            return Err(self.fault(self.at, "template_unnamed", en, "缺少事件、代码或中英文名称"));
        }
        let params: BTreeSet<&String> = raw.params.iter().collect();
        if params.len() != raw.params.len() {
            let en = "an amount is declared twice";
            return Err(self.fault(self.at, "template_param", en, "金额参数重复"));
        }
        if let Some(param) = raw.optional.iter().find(|p| !params.contains(p)) {
            let en = format!("'{param}' is optional but no amount of it");
            let zh = format!("可选金额“{param}”未声明");
            return Err(self.fault(self.at, "template_param", en, zh));
        }
        if raw.legs.is_empty() {
            return Err(self.fault(self.at, "template_empty", "it has no legs", "没有分录"));
        }
        Ok(())
    }

    /// The roles a slot may have, patterns resolved.
    fn slot(&self, slot: &str, patterns: &[String]) -> Result<Vec<String>, BooksError> {
        if self.chart.role(slot).is_some() {
            let en = format!("slot '{slot}' has the name of a role");
            let zh = format!("账户“{slot}”与角色重名");
            return Err(self.fault(self.at, "template_slot", en, zh));
        }
        let mut roles = BTreeSet::new();
        for pattern in patterns {
            let before = roles.len();
            match pattern.strip_suffix('*') {
                Some(start) => {
                    let named = self.chart.roles().map(|(role, _)| role);
                    roles.extend(named.filter(|r| r.starts_with(start)).map(str::to_owned));
                }
                None if self.chart.role(pattern).is_some() => {
                    roles.insert(pattern.clone());
                }
                None => {}
            }
            if roles.len() == before {
                let en = format!("slot '{slot}' names the role '{pattern}', which no leaf has");
                let zh = format!("账户“{slot}”的角色“{pattern}”不存在");
                return Err(self.fault(self.at, "template_role_unknown", en, zh));
            }
        }
        if roles.is_empty() {
            let en = format!("slot '{slot}' allows no role");
            let zh = format!("账户“{slot}”未列角色");
            return Err(self.fault(self.at, "template_slot", en, zh));
        }
        Ok(roles.into_iter().collect())
    }

    fn leg(&self, template: &Template, raw: RawLeg, at: usize) -> Result<Leg, BooksError> {
        let (Some(debit), Some(credit)) = (raw.debit, raw.credit) else {
            let en = format!("unbalanced: '{}' has only one side", raw.amount);
            let zh = format!("借贷不平：“{}”只有一方", raw.amount);
            return Err(self.fault(at, "template_unbalanced", en, zh));
        };
        if debit == credit {
            let en = format!("'{debit}' stands on both sides of a leg");
            let zh = format!("分录借贷双方同为“{debit}”");
            return Err(self.fault(at, "template_same_sides", en, zh));
        }
        if !template.params.contains(&raw.amount) {
            let en = format!("the amount '{}' is not declared", raw.amount);
            let zh = format!("金额“{}”未声明", raw.amount);
            return Err(self.fault(at, "template_param", en, zh));
        }
        let asset = match raw.asset {
            None => None,
            Some(code) => {
                let known = self.assets.by_code(&code).ok_or_else(|| {
                    let en = format!("asset '{code}' does not exist");
                    self.fault(at, "template_asset", en, format!("资产“{code}”不存在"))
                })?;
                Some(known.id)
            }
        };
        let mut funds = self.funds(template, &debit, asset, at)?;
        funds.extend(self.funds(template, &credit, asset, at)?);
        if funds.len() != 1 {
            let en = format!("debit '{debit}' and credit '{credit}' may lie in different funds");
            let zh = format!("借方“{debit}”与贷方“{credit}”资金归属不同");
            return Err(self.fault(at, "template_funds", en, zh));
        }
        let other = template.legs.iter().find(|l| l.amount == raw.amount && l.asset != asset);
        if other.is_some() {
            let en = format!("unbalanced: '{}' counts two assets", raw.amount);
            let zh = format!("借贷不平：“{}”用于两种资产", raw.amount);
            return Err(self.fault(at, "template_unbalanced", en, zh));
        }
        let up_to = match raw.up_to {
            None => UpTo::Exact,
            Some(Side::Debit) => UpTo::AvailableOfDebit,
            Some(Side::Credit) => UpTo::AvailableOfCredit,
        };
        let settled_only = raw.settled_only;
        Ok(Leg { debit, credit, amount: raw.amount, up_to, settled_only, asset })
    }

    /// The funds in which a side's account may lie; the side is a slot or a role the house has
    /// an account for.
    fn funds(
        &self,
        template: &Template,
        side: &str,
        asset: Option<AssetId>,
        at: usize,
    ) -> Result<BTreeSet<Fund>, BooksError> {
        if let Some(roles) = template.slots.get(side) {
            let nodes = roles.iter().filter_map(|role| self.node(role));
            return Ok(nodes.filter_map(|node| node.fund).collect());
        }
        let Some(node) = self.node(side) else {
            let en = format!("'{side}' is neither a slot nor the role of a leaf");
            let zh = format!("“{side}”既不是账户也不是末级科目的角色");
            return Err(self.fault(at, "template_role_unknown", en, zh));
        };
        let owned = match asset {
            None => !node.house.is_empty(),
            Some(asset) => node.house.contains(&asset),
        };
        if !owned {
            let en = format!("the house has no account of role '{side}' in this asset: use a slot");
            let zh = format!("“{side}”没有该资产的自有账户，须由调用方指定");
            return Err(self.fault(at, "template_role_house", en, zh));
        }
        Ok(node.fund.into_iter().collect())
    }

    fn node(&self, role: &str) -> Option<&Node> {
        self.chart.role(role).and_then(|code| self.chart.leaf(code))
    }

    fn all_used(&self, template: &Template) -> Result<(), BooksError> {
        for param in &template.params {
            if !template.legs.iter().any(|leg| leg.amount == *param) {
                let en = format!("the amount '{param}' is declared but not used");
                let zh = format!("金额“{param}”声明而未用");
                return Err(self.fault(self.at, "template_param", en, zh));
            }
        }
        for slot in template.slots.keys() {
            if !template.legs.iter().any(|leg| leg.debit == *slot || leg.credit == *slot) {
                let en = format!("the slot '{slot}' is declared but not used");
                let zh = format!("账户“{slot}”声明而未用");
                return Err(self.fault(self.at, "template_slot", en, zh));
            }
        }
        Ok(())
    }

    /// A leaf and its mirror change by the same amounts: what the reserve owes the house is what
    /// the house has to get from the reserve.
    fn mirrors_balance(&self, template: &Template) -> Result<(), BooksError> {
        for node in self.chart.nodes() {
            let (Some(role), Some(mirror)) = (&node.role, &node.mirror) else { continue };
            let Some(other) = self.node(mirror) else { continue };
            let own = changes(template, role, node.normal);
            let mirrored = changes(template, mirror, other.normal);
            if own != mirrored {
                let en = format!("unbalanced: '{role}' and its mirror '{mirror}' change unalike");
                let zh = format!("借贷不平：“{role}”与镜像“{mirror}”变动不一致");
                return Err(self.fault(self.at, "template_unbalanced", en, zh));
            }
        }
        Ok(())
    }
}

/// How often each amount raises (or, negative, lowers) the balance of a role or of a slot that may
/// have it.
fn changes<'a>(template: &'a Template, role: &str, normal: Side) -> BTreeMap<&'a str, i32> {
    let is = |side: &str| match template.slots.get(side) {
        Some(roles) => roles.iter().any(|r| r == role),
        None => side == role,
    };
    let mut changes: BTreeMap<&str, i32> = BTreeMap::new();
    for leg in &template.legs {
        let raised = i32::from(is(&leg.debit)).saturating_sub(i32::from(is(&leg.credit)));
        let raised = if normal == Side::Debit { raised } else { raised.saturating_neg() };
        let sum = changes.entry(leg.amount.as_str()).or_default();
        *sum = sum.saturating_add(raised);
    }
    changes.retain(|_, sum| *sum != 0);
    changes
}
