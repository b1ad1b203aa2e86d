//! A claim whose forms have been checked, and the one key under which its identity is known.

use crate::error::Error;
use crate::members::Members;
use crate::model::id_number::{IdNumber, IdNumberError};
use crate::model::need::{Inputs, Need};
use crate::model::realname::{CardClaim, Further, RealNameClaim};
use crate::model::{card, text_forms};
use std::collections::{BTreeMap, BTreeSet};
use types::{Masked, Timestamp};

/// Cards looked at in one claim.
const MOST_CARDS: usize = 10;

/// A claim in its one spelling.
pub(crate) struct Claim {
    pub(crate) name: Masked,
    pub(crate) id: IdNumber,
    /// Keyed hash of name, kind of document and number: who this is.
    pub(crate) identity: [u8; 32],
    /// Cards with the code of their issuer.
    cards: Vec<(String, CardClaim)>,
    /// What else is offered.
    further: BTreeMap<Need, Masked>,
}

impl Claim {
    /// What is offered, as far as a choice of providers depends on it.
    pub(crate) fn inputs(&self) -> Inputs {
        let has = self.further.keys().copied().chain([Need::Name, Need::Document]).collect();
        let issuers = self.cards.iter().map(|(issuer, _)| issuer.clone()).collect();
        Inputs { id_type: self.id.id_type, has, issuers }
    }

    /// Just these of what is claimed, with the card of this index.
    pub(crate) fn facts(
        &self,
        needs: &BTreeSet<Need>,
        card: Option<usize>,
    ) -> BTreeMap<Need, Masked> {
        let card = card.and_then(|index| self.cards.get(index)).map(|(_, card)| card);
        let fact = |need: &Need| {
            let value = match need {
                Need::Name => Some(&self.name),
                Need::Document => Some(&self.id.number),
                Need::Card => card.map(|card| &card.number),
                Need::CardPhone => card.map(|card| &card.phone),
                other => self.further.get(other),
            };
            value.map(|value| (*need, value.clone()))
        };
        needs.iter().filter_map(fact).collect()
    }
}

impl Members {
    /// Checks a claim's forms.
    pub(crate) fn check_claim(&self, claim: RealNameClaim, now: Timestamp) -> Result<Claim, Error> {
        let name = text_forms::canonical_name(claim.name.expose()).ok_or_else(|| {
            let en = "a name is 2 to 50 letters, with blanks, dots, hyphens or apostrophes";
            Error::invalid("name", "name_invalid", en, "姓名应为 2 至 50 个文字")
        })?;
        let today = now.date();
        let id = IdNumber::parse(claim.id_type, &claim.id_number, today).map_err(id_number)?;
        let min_age = self.inner.config.min_age;
        if id.age(today).is_some_and(|age| age < min_age) {
            let en = format!("a real name needs an age of {min_age} or more");
            let zh = format!("实名用户须年满 {min_age} 周岁");
            return Err(Error::invalid("id_number", "under_age", en, zh));
        }
        let identity = self.identity(&name, &id);
        let cards = claim.cards.into_iter().take(MOST_CARDS).map(|card| self.check_card(card));
        let cards = cards.collect::<Result<_, _>>()?;
        let further = check_further(claim.further)?;
        Ok(Claim { name: Masked::new(name), id, identity, cards, further })
    }

    fn identity(&self, name: &str, id: &IdNumber) -> [u8; 32] {
        // A line break is in none of the three, so they cannot run into one another.
        let number = id.of_holder();
        let value = format!("{name}\n{}\n{}", id.id_type.code(), number.expose());
        self.inner.secrets.blind_index("identity", value.as_bytes())
    }

    fn check_card(&self, card: CardClaim) -> Result<(String, CardClaim), Error> {
        card::check_card(&card.number).map_err(|fault| {
            let en = format!("this is no card number: {fault}");
            Error::invalid("cards.number", "card_number_invalid", en, "银行卡号不正确")
        })?;
        if !text_forms::is_phone(card.phone.expose()) {
            let en = "the card's phone is eleven digits, led by 13 to 19";
            return Err(Error::invalid("cards.phone", "phone_invalid", en, "银行预留手机号不正确"));
        }
        let issuer = self.inner.issuers.of(&card.number).ok_or_else(|| {
            let en = "no bank known here issues cards with these first digits";
            Error::invalid("cards.number", "card_issuer_unknown", en, "无法识别的发卡银行")
        })?;
        Ok((issuer.code.clone(), card))
    }
}

/// What else is offered, each of its form.
fn check_further(further: Further) -> Result<BTreeMap<Need, Masked>, Error> {
    let mobile = further.mobile;
    if mobile.as_ref().is_some_and(|mobile| !text_forms::is_phone(mobile.expose())) {
        let en = "the mobile number is eleven digits, led by 13 to 19";
        return Err(Error::invalid("further.mobile", "phone_invalid", en, "手机号不正确"));
    }
    let mut offered: BTreeMap<Need, Masked> =
        mobile.into_iter().map(|mobile| (Need::Mobile, mobile)).collect();
    for (need, field, value) in [
        (Need::LiveFace, "further.live_face", further.live_face),
        (Need::UtilityAccount, "further.utility_account", further.utility_account),
        (Need::HousingFundAccount, "further.housing_fund_account", further.housing_fund_account),
        (Need::TaxRecord, "further.tax_record", further.tax_record),
    ] {
        let Some(value) = value else { continue };
        if !text_forms::is_reference(value.expose()) {
            let en = "a ticket or account number is 4 to 64 of A-Z a-z 0-9 . _ -";
            let zh = "凭证或户号应为 4 至 64 位字母、数字或 . _ -";
            return Err(Error::invalid(field, "evidence_invalid", en, zh));
        }
        offered.insert(need, value);
    }
    Ok(offered)
}

fn id_number(fault: IdNumberError) -> Error {
    let zh = match fault {
        IdNumberError::Form => "应为 17 位数字加一位数字或 X",
        IdNumberError::Region => "前两位不是有效的地区代码",
        IdNumberError::BirthDate => "第 7 至 14 位不是有效的出生日期",
        IdNumberError::Checksum => "校验位不正确",
        IdNumberError::HongKongMacau => "应为 H 或 M 加 8 位或 10 位数字",
        IdNumberError::Taiwan => "应为 8 位数字，或 10 位数字加一个字母",
        IdNumberError::Passport => "应为 5 至 9 位字母和数字，且至少有一位数字",
    };
    let en = format!("this is no document number of its type: {fault}");
    Error::invalid("id_number", fault.code(), en, format!("证件号码不正确：{zh}"))
}
