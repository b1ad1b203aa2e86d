//! Reading the chart of accounts strictly.

use super::{Chart, Class, Fund, GlCode, Node};
use crate::account::Side;
use crate::books::{BooksError, Source};
use crate::lots::LotRole;
use money::AssetId;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;
use types::Text;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    node: Vec<Spanned<Raw>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    code: GlCode,
    en: String,
    zh: String,
    class: Class,
    normal: Option<Side>,
    parent: Option<GlCode>,
    fund: Option<Fund>,
    role: Option<String>,
    #[serde(default)]
    overdraft: bool,
    #[serde(default)]
    house: Vec<AssetId>,
    mirror: Option<String>,
    lots: Option<LotRole>,
}

/// What is known of the file while its nodes are checked one by one.
struct Checker<'a> {
    source: Source<'a>,
    classes: BTreeMap<GlCode, (Class, Option<GlCode>)>,
    parents: BTreeSet<GlCode>,
}

pub(super) fn parse(toml: &str, file: &str) -> Result<Chart, BooksError> {
    let source = Source { file, text: toml };
    let read: File = source.read()?;
    let mut checker = Checker { source, classes: BTreeMap::new(), parents: BTreeSet::new() };
    checker.codes(&read.node)?;
    let mut nodes: Vec<Node> = Vec::with_capacity(read.node.len());
    let mut places = BTreeMap::new();
    for spanned in read.node {
        let at = spanned.span().start;
        let raw = spanned.into_inner();
        checker.family(&raw, at)?;
        checker.leaf_only(&raw, at)?;
        if let Some(role) = &raw.role
            && nodes.iter().any(|n| n.role.as_ref() == Some(role))
        {
            let en = format!("role '{role}' is given twice");
            return Err(checker.fault(at, "chart_duplicate", en, format!("角色“{role}”重复")));
        }
        places.insert(raw.code, at);
        nodes.push(checker.node(raw));
    }
    let chart = Chart::new(nodes);
    for node in chart.nodes() {
        let at = places.get(&node.code).copied().unwrap_or_default();
        checker.mirror(&chart, node, at)?;
    }
    Ok(chart)
}

impl Checker<'_> {
    fn fault(
        &self,
        at: usize,
        code: &'static str,
        en: impl Into<String>,
        zh: impl Into<String>,
    ) -> BooksError {
        self.source.fault(Some(at), code, en, zh)
    }

    /// First pass: codes are unique; who is a parent.
    fn codes(&mut self, nodes: &[Spanned<Raw>]) -> Result<(), BooksError> {
        for spanned in nodes {
            let raw = spanned.get_ref();
            let code = raw.code;
            if self.classes.insert(code, (raw.class, raw.parent)).is_some() {
                let en = format!("code {code} is given twice");
                let zh = format!("科目代码 {code} 重复");
                return Err(self.fault(spanned.span().start, "chart_duplicate", en, zh));
            }
            self.parents.extend(raw.parent);
        }
        Ok(())
    }

    /// The parent exists, has the same class, and its code starts the child's. As the child's
    /// code is the longer one, no node can be its own ancestor.
    fn family(&self, raw: &Raw, at: usize) -> Result<(), BooksError> {
        let code = raw.code;
        if raw.en.is_empty() || raw.zh.is_empty() {
            let en = format!("{code} needs both names");
            return Err(self.fault(at, "chart_unnamed", en, format!("{code} 缺少中英文名称")));
        }
        let Some(parent) = raw.parent else { return Ok(()) };
        let Some((class, _)) = self.classes.get(&parent) else {
            let en = format!("{code} names the parent {parent}, which does not exist");
            let zh = format!("{code} 的上级科目 {parent} 不存在");
            return Err(self.fault(at, "chart_parent_unknown", en, zh));
        };
        let (text, start) = (code.to_string(), parent.to_string());
        if !text.starts_with(&start) || text.len() <= start.len() {
            let en = format!("{code} does not start with its parent's code {parent}");
            let zh = format!("{code} 未以上级科目代码 {parent} 开头");
            return Err(self.fault(at, "chart_parent_prefix", en, zh));
        }
        if *class != raw.class {
            let en = format!("{code} is of another class than its parent {parent}");
            let zh = format!("{code} 与上级科目 {parent} 类别不同");
            return Err(self.fault(at, "chart_class", en, zh));
        }
        Ok(())
    }

    /// Funds, roles and the rest belong to leaves; every leaf has a fund that suits its class.
    fn leaf_only(&self, raw: &Raw, at: usize) -> Result<(), BooksError> {
        let code = raw.code;
        if self.parents.contains(&code) {
            let bare = raw.fund.is_none()
                && raw.role.is_none()
                && raw.mirror.is_none()
                && raw.house.is_empty()
                && raw.lots.is_none()
                && !raw.overdraft;
            if bare {
                return Ok(());
            }
            let en = format!("{code} has children; fund, role and the like belong to leaves");
            let zh = format!("{code} 不是末级科目，不得设置资金、角色等属性");
            return Err(self.fault(at, "chart_not_leaf", en, zh));
        }
        let Some(fund) = raw.fund else {
            let en = format!("leaf {code} names no fund");
            return Err(self.fault(
                at,
                "chart_fund",
                en,
                format!("末级科目 {code} 未指明资金归属"),
            ));
        };
        let suits = match fund {
            Fund::Memo => raw.class == Class::Memo,
            Fund::Own => raw.class != Class::Memo,
            Fund::Reserve => matches!(raw.class, Class::Asset | Class::Liability),
        };
        if !suits {
            let en = format!("leaf {code}: this class has no place in this fund");
            let zh = format!("末级科目 {code} 的类别与资金归属不符");
            return Err(self.fault(at, "chart_fund", en, zh));
        }
        // A claim has a debit balance, what is owed a credit one.
        let normal = raw.normal.unwrap_or(raw.class.normal());
        let side = raw.lots.map(|lots| match lots {
            LotRole::Source => Side::Debit,
            LotRole::Follow => Side::Credit,
        });
        if side.is_some_and(|side| side != normal) {
            let en = format!("leaf {code}: a source of lots is debit-normal, a follower credit");
            let zh = format!("末级科目 {code}：在途来源须为借方科目，在途归属须为贷方科目");
            return Err(self.fault(at, "chart_lots", en, zh));
        }
        let role_shape = |role: &String| {
            !role.is_empty()
                && role.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        if raw.role.as_ref().is_some_and(|role| !role_shape(role)) {
            let en = format!("the role of {code} is not of the characters a-z 0-9 _");
            let zh = format!("{code} 的角色名只能用 a-z 0-9 _");
            return Err(self.fault(at, "chart_role", en, zh));
        }
        let assets: BTreeSet<_> = raw.house.iter().collect();
        if assets.len() != raw.house.len() || (raw.role.is_none() && !assets.is_empty()) {
            let en = format!("{code}: house accounts need a role, and each asset once");
            let zh = format!("{code} 的自有账户须有角色，且每种资产只列一次");
            return Err(self.fault(at, "chart_house", en, zh));
        }
        Ok(())
    }

    fn node(&self, raw: Raw) -> Node {
        let mut depth = 0u8;
        let mut above = raw.parent;
        while let Some(code) = above {
            depth = depth.saturating_add(1);
            above = self.classes.get(&code).and_then(|(_, parent)| *parent);
        }
        Node {
            code: raw.code,
            name: Text::new(raw.en, raw.zh),
            class: raw.class,
            normal: raw.normal.unwrap_or(raw.class.normal()),
            parent: raw.parent,
            depth,
            fund: raw.fund,
            role: raw.role,
            overdraft: raw.overdraft,
            house: raw.house,
            mirror: raw.mirror,
            lots: raw.lots,
            leaf: !self.parents.contains(&raw.code),
        }
    }

    /// A mirror is another leaf, in another fund: within one fund the books already balance.
    fn mirror(&self, chart: &Chart, node: &Node, at: usize) -> Result<(), BooksError> {
        let Some(mirror) = &node.mirror else { return Ok(()) };
        let other = chart.role(mirror).and_then(|code| chart.leaf(code));
        if other.is_some_and(|other| other.fund != node.fund) {
            return Ok(());
        }
        let en = format!("{}: mirror '{mirror}' is no leaf of another fund", node.code);
        let zh = format!("{} 的镜像“{mirror}”不是另一资金下的末级科目", node.code);
        Err(self.fault(at, "chart_mirror", en, zh))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::house_account;

    const GOOD: &str = include_str!("../../../../books/chart.toml");

    #[test]
    fn the_shipped_chart_is_good() {
        let chart = Chart::parse(GOOD, "chart.toml").expect("valid");
        assert!(chart.nodes().count() >= 40);
        let payer = chart.role("customer_balance_2").expect("there");
        let leaf = chart.leaf(payer).expect("a leaf");
        assert_eq!((leaf.fund, leaf.normal), (Some(Fund::Reserve), Side::Credit));
        assert!(chart.flags(payer).debits_must_not_exceed_credits);
        let bank = chart.role("reserve_bank").expect("there");
        assert!(chart.flags(bank).credits_must_not_exceed_debits);
        let quotas: Vec<_> = chart.children(GlCode(9001)).map(|n| n.code.0).collect();
        assert_eq!(quotas, [900_101, 900_102, 900_103]);
        let house = chart.house_accounts();
        assert!(house.iter().any(|a| a.id == house_account("reserve_bank", money::CNY)));
    }

    #[test]
    fn a_parent_stands_right_before_its_children() {
        let chart = Chart::parse(GOOD, "chart.toml").expect("valid");
        let mut last_top = None;
        for node in chart.nodes() {
            match node.parent {
                None => last_top = Some(node.code),
                Some(parent) => assert_eq!(Some(parent), last_top, "{}", node.code),
            }
        }
    }

    #[test]
    fn faults_are_named_with_their_line() {
        let parent = "[[node]]\ncode = 10\nen = \"a\"\nzh = \"甲\"\nclass = \"asset\"\n";
        let leaf = "[[node]]\ncode = 1001\nparent = 10\nen = \"b\"\nzh = \"乙\"\n\
                    class = \"asset\"\nfund = \"own\"\nrole = \"bank\"\n";
        let twin = leaf.replace("1001", "1002");
        let table = [
            ("chart_duplicate", 14, format!("{parent}{leaf}{leaf}")),
            ("chart_duplicate", 14, format!("{parent}{leaf}{twin}")),
            ("chart_unnamed", 6, format!("{parent}{}", leaf.replace("\"乙\"", "\"\""))),
            ("chart_parent_unknown", 1, leaf.to_owned()),
            ("chart_parent_prefix", 6, format!("{parent}{}", leaf.replace("1001", "2001"))),
            ("chart_class", 6, format!("{parent}{}", leaf.replace("asset", "expense"))),
            ("chart_not_leaf", 1, format!("{parent}fund = \"own\"\n{leaf}")),
            ("chart_fund", 6, format!("{parent}{}", leaf.replace("fund = \"own\"\n", ""))),
            ("chart_fund", 6, format!("{parent}{}", leaf.replace("own", "memo"))),
            ("chart_role", 6, format!("{parent}{}", leaf.replace("bank", "Bank"))),
            ("chart_house", 6, format!("{parent}{leaf}house = [1, 1]\n")),
            ("chart_mirror", 6, format!("{parent}{leaf}mirror = \"nobody\"\n")),
            ("books_malformed", 14, format!("{parent}{leaf}colour = 1\n")),
            ("books_malformed", 10, format!("{parent}{}", leaf.replace("\"乙\"", "乙"))),
        ];
        for (code, line, text) in table {
            let error = Chart::parse(&text, "chart.toml").expect_err(code);
            assert_eq!((error.code, error.line), (code, Some(line)), "{error}\n{text}");
        }
    }
}
