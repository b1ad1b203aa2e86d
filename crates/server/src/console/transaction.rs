//! `/transactions/{id}`: one transaction: what moved, as a flow and as T-accounts, and what belongs
//! with it: its order, its hold, its corrections.

use super::account::state;
use super::figures::{count, exact, moment};
use super::frame::{Frame, Section, Visit};
use super::names::{self, Names};
use super::party::Party;
use super::unit::Unit;
use super::words::{self, Tone};
use super::{Page, page};
use crate::app::Site;
use crate::extract::Id;
use askama::Template;
use axum::extract::State;
use bookkeeper::{Bookkeeper, TransactionView};
use ledger::{Account, Action, Assets, Chart, CorrectionKind, Templates, TransactionState, UpTo};
use money::AssetId;
use std::collections::BTreeMap;
use types::{AccountId, BusinessDate, Locale, OrderId, Problem, ProblemKind, TransactionId};

/// Moves drawn one by one; a payroll of thousands has its account's statement.
const MOST_MOVES: usize = 200;
/// Corrections listed.
const MOST_CORRECTIONS: usize = 100;

/// One side of a move.
struct Side {
    account: AccountId,
    leaf: String,
    owner: String,
}

/// One move.
struct Flow {
    debit: Side,
    credit: Side,
    amount: String,
    asset: String,
    money: bool,
    /// What was asked for, where it is more than was found.
    asked: Option<String>,
}

/// What the transaction did to one account.
struct TAccount {
    side: Side,
    asset: String,
    debits: Vec<String>,
    credits: Vec<String>,
    /// The balance after it; absent if nothing was posted.
    after: Option<String>,
}

/// Another transaction that belongs with it.
struct Relative {
    id: TransactionId,
    what: &'static str,
    event: String,
    at: String,
    state: &'static str,
    tone: Tone,
}

/// The transaction.
#[derive(Template)]
#[template(path = "transaction.html")]
pub(super) struct Transaction {
    frame: Frame,
    id: TransactionId,
    event: String,
    code: u16,
    action: &'static str,
    state: &'static str,
    tone: Tone,
    seq: String,
    at: String,
    date: BusinessDate,
    order: Option<OrderId>,
    expires: String,
    flows: Vec<Flow>,
    more: usize,
    accounts: Vec<TAccount>,
    conditions: Vec<(Side, String)>,
    relatives: Vec<Relative>,
}

/// What is known of a transaction.
struct Facts<'a> {
    view: TransactionView,
    /// Its own order, or its hold's.
    order: Option<OrderId>,
    accounts: BTreeMap<AccountId, Account>,
    /// The others of its order, its hold, what it corrects, what corrects it.
    others: Vec<TransactionView>,
    names: &'a Names,
    templates: &'a Templates,
    chart: &'a Chart,
    assets: &'a Assets,
}

fn not_found() -> Problem {
    let (en, zh) = ("there is no such transaction", "凭证不存在");
    Problem::new(ProblemKind::NotFound, "transaction_not_found", en, zh)
}

/// The hold that it ends.
const fn hold_of(view: &TransactionView) -> Option<TransactionId> {
    match view.transaction.action {
        Action::PostHold { hold } | Action::VoidHold { hold } => Some(hold),
        Action::Post | Action::Hold { .. } => None,
    }
}

pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    Id(id): Id<TransactionId>,
) -> Page {
    let view = site.book.transaction(id)?.ok_or_else(not_found)?;
    let (order, others) = beside(&site.book, &view)?;
    let moved = view.moves.iter().flat_map(|m| [m.debit, m.credit]);
    let asked = view.transaction.conditions.iter().map(|condition| condition.account);
    let ids: Vec<AccountId> = moved.chain(asked).collect();
    let accounts = site.book.accounts(&ids).into_iter().flatten();
    let facts = Facts {
        accounts: accounts.map(|account| (account.id, account)).collect(),
        order,
        others,
        names: &Names::new(&site, visit.locale),
        templates: &site.templates,
        chart: &site.chart,
        assets: &site.assets,
        view,
    };
    page(&Transaction::new(Frame::new(&site, visit, Section::Ledger), &facts))
}

/// Its order, and the transactions that belong with it, oldest first.
fn beside(
    book: &Bookkeeper,
    view: &TransactionView,
) -> Result<(Option<OrderId>, Vec<TransactionView>), bookkeeper::Error> {
    let find = |id: Option<TransactionId>| id.map_or(Ok(None), |id| book.transaction(id));
    let hold = find(hold_of(view))?;
    let order = view.transaction.order.or(hold.as_ref().and_then(|hold| hold.transaction.order));
    let corrected = find(view.transaction.corrects.map(|of| of.of))?;
    let mut others = order.map_or(Ok(Vec::new()), |order| book.transactions_of(order))?;
    others.extend(hold);
    others.extend(corrected);
    for correction in view.corrected_by.iter().take(MOST_CORRECTIONS) {
        others.extend(book.transaction(correction.by)?);
    }
    others.retain(|other| other.transaction.id != view.transaction.id);
    others.sort_by_key(|other| other.seq);
    others.dedup_by_key(|other| other.seq);
    Ok((order, others))
}

/// What a transaction does.
pub(super) const fn action(action: Action, l: Locale) -> &'static str {
    let (en, zh) = match action {
        Action::Post => ("Posting", "入账"),
        Action::Hold { .. } => ("Hold", "冻结"),
        Action::PostHold { .. } => ("Posting of a hold", "冻结转入账"),
        Action::VoidHold { .. } => ("Release of a hold", "冻结释放"),
    };
    words::pick(l, en, zh)
}

/// How another transaction belongs with this one.
fn relation(l: Locale, view: &TransactionView, other: &TransactionView) -> &'static str {
    let corrects = |a: &TransactionView, b: &TransactionView| {
        a.transaction.corrects.filter(|c| c.of == b.transaction.id).map(|c| c.kind)
    };
    let (en, zh) = match (corrects(view, other), corrects(other, view)) {
        (Some(CorrectionKind::Reversal), _) => ("reversed by this one", "被本凭证红冲"),
        (Some(CorrectionKind::Supplement), _) => ("completed by this one", "由本凭证蓝补"),
        (_, Some(CorrectionKind::Reversal)) => ("reverses this one", "红冲本凭证"),
        (_, Some(CorrectionKind::Supplement)) => ("completes this one", "蓝补本凭证"),
        _ if hold_of(view) == Some(other.transaction.id) => ("the hold it ends", "所处理的冻结单"),
        _ if hold_of(other) == Some(view.transaction.id) => ("ends this hold", "处理本冻结单"),
        _ => ("of the same order", "同一订单"),
    };
    words::pick(l, en, zh)
}

impl Facts<'_> {
    fn side(&self, l: Locale, id: AccountId) -> Side {
        let account = self.accounts.get(&id);
        Side {
            account: id,
            leaf: account.map_or_else(|| id.to_string(), |a| names::leaf(self.chart, a.leaf, l)),
            owner: account.map(|a| Party::owner(a.owner, self.names).name).unwrap_or_default(),
        }
    }

    fn asset(&self, id: AccountId) -> AssetId {
        self.accounts.get(&id).map_or(money::CNY, |account| account.asset)
    }

    fn unit(&self, l: Locale, id: AccountId) -> Unit {
        Unit::of(self.assets, self.asset(id), l)
    }

    fn flows(&self, l: Locale) -> Vec<Flow> {
        let asked = self.view.transaction.postings.iter().map(Some).chain(std::iter::repeat(None));
        let moves = self.view.moves.iter().zip(asked).take(MOST_MOVES);
        moves
            .map(|(moved, posting)| {
                let unit = self.unit(l, moved.debit);
                let more = posting.filter(|p| p.up_to != UpTo::Exact && p.amount != moved.amount);
                Flow {
                    debit: self.side(l, moved.debit),
                    credit: self.side(l, moved.credit),
                    amount: unit.amount(moved.amount.signed()),
                    asset: unit.short().to_owned(),
                    money: unit.is_cny,
                    asked: more.map(|posting| unit.amount(posting.amount.signed())),
                }
            })
            .collect()
    }

    /// One for each account, money first, in the order of the moves.
    fn t_accounts(&self, l: Locale) -> Vec<TAccount> {
        let posted = self.view.state == TransactionState::Posted;
        let mut order: Vec<AccountId> = Vec::new();
        let mut all: BTreeMap<AccountId, TAccount> = BTreeMap::new();
        for moved in self.view.moves.iter().take(MOST_MOVES) {
            let sides = [(moved.debit, moved.debit_balance), (moved.credit, moved.credit_balance)];
            for (id, balance) in sides {
                let unit = self.unit(l, id);
                let one = all.entry(id).or_insert_with(|| {
                    order.push(id);
                    let asset = unit.short().to_owned();
                    let (debits, credits, after) = (Vec::new(), Vec::new(), None);
                    TAccount { side: self.side(l, id), asset, debits, credits, after }
                });
                let amount = unit.amount(moved.amount.signed());
                if id == moved.debit {
                    one.debits.push(amount);
                } else {
                    one.credits.push(amount);
                }
                one.after = posted.then(|| unit.amount(balance));
            }
        }
        order.sort_by_key(|id| self.asset(*id));
        order.into_iter().filter_map(|id| all.remove(&id)).collect()
    }
}

impl Transaction {
    fn new(frame: Frame, facts: &Facts<'_>) -> Self {
        let l = frame.locale;
        let view = &facts.view;
        let (state_name, tone) = state(view.state, l);
        let relative = |other: &TransactionView| {
            let (state, tone) = state(other.state, l);
            Relative {
                id: other.transaction.id,
                what: relation(l, view, other),
                event: names::event(facts.templates, other.transaction.event, l),
                at: exact(other.at),
                state,
                tone,
            }
        };
        let condition = |condition: &ledger::Condition| {
            let unit = facts.unit(l, condition.account);
            let least = unit.amount(condition.at_least.signed());
            (facts.side(l, condition.account), least)
        };
        Self {
            id: view.transaction.id,
            event: names::event(facts.templates, view.transaction.event, l),
            code: view.transaction.event,
            action: action(view.transaction.action, l),
            state: state_name,
            tone,
            seq: count(view.seq),
            at: exact(view.at),
            date: view.date,
            order: facts.order,
            expires: match view.transaction.action {
                Action::Hold { expires_at } => expires_at.map(moment).unwrap_or_default(),
                _ => String::new(),
            },
            flows: facts.flows(l),
            more: view.moves.len().saturating_sub(MOST_MOVES),
            accounts: facts.t_accounts(l),
            conditions: view.transaction.conditions.iter().map(condition).collect(),
            relatives: facts.others.iter().map(relative).collect(),
            frame,
        }
    }
}

#[cfg(test)]
impl Transaction {
    pub(super) fn sample(locale: Locale) -> Self {
        let assets = super::unit::sample_assets();
        let chart = super::accounts::sample_chart();
        let text = include_str!("../../../../books/templates.toml");
        let templates = Templates::parse(text, "t", &chart, &assets).expect("valid");
        let account = super::account::sample_account();
        let view = super::transactions::sample_view();
        let mut reversal = super::transactions::sample_view();
        reversal.transaction.id = TransactionId::of(&[b"r"]);
        reversal.transaction.corrects =
            Some(ledger::Correction { of: view.transaction.id, kind: CorrectionKind::Reversal });
        let facts = Facts {
            order: view.transaction.order,
            accounts: [(account.id, account)].into(),
            others: vec![reversal],
            names: &Names::none(locale),
            templates: &templates,
            chart: &chart,
            assets: &assets,
            view,
        };
        Self::new(Frame::sample(locale, Section::Ledger), &facts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_each_side_of_its_own_moves() {
        let page = Transaction::sample(Locale::En);
        assert_eq!(page.flows.len(), 1);
        let [debit, credit] = page.accounts.as_slice() else { panic!("two accounts") };
        assert_eq!((debit.debits.as_slice(), debit.credits.len()), (&["12.34".to_owned()][..], 0));
        assert_eq!(
            (credit.debits.len(), credit.credits.as_slice()),
            (0, &["12.34".to_owned()][..])
        );
        assert_eq!(debit.after.as_deref(), Some("−5.00"));
        assert_eq!(page.relatives.first().map(|one| one.what), Some("reverses this one"));
    }
}
