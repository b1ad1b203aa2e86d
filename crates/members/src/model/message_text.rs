//! What the messages with one-time codes say, in both languages: what the code is for, so that
//! nobody reads out a code for something else than he believes, and for an order how much is paid
//! and to whom.

use super::code::CodePurpose;
use money::{Amount, format_minor};
use types::Text;

/// What a code for an order lets be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodePayment {
    /// How much, fen.
    pub amount: Amount,
    /// Who is paid, as others may see it: a merchant's name, a user's masked phone. None where
    /// nobody is, as when money is put in or taken out.
    pub payee: Option<Text>,
}

impl CodePayment {
    /// The amount in yuan, as people read it: `12.99`.
    pub fn yuan(&self) -> String {
        format_minor(self.amount.signed(), 2)
    }
}

/// The whole text. Holds the code in the clear: it is made where it is sent.
pub fn text(purpose: CodePurpose, payment: Option<&CodePayment>, code: &str, minutes: u32) -> Text {
    let Text { en, zh } = used_for(purpose, payment);
    Text::new(
        format!("Code {code}: {en}. Good for {minutes} minutes. Tell it to nobody."),
        format!("验证码 {code}，用于{zh}，{minutes} 分钟内有效，请勿告知他人。"),
    )
}

fn used_for(purpose: CodePurpose, payment: Option<&CodePayment>) -> Text {
    match (purpose, payment) {
        (CodePurpose::Merge, _) => {
            Text::new("to add another sign-up to your real name", "将另一用户归并到您名下")
        }
        (CodePurpose::PasswordReset, _) => {
            Text::new("to reset your payment password", "重置支付密码")
        }
        (CodePurpose::SignIn, _) => Text::new("to sign in", "登录"),
        (CodePurpose::Order, None) => Text::new("to confirm an order", "确认订单"),
        (CodePurpose::Order, Some(payment)) => {
            let yuan = payment.yuan();
            match &payment.payee {
                Some(Text { en, zh }) => Text::new(
                    format!("to pay CNY {yuan} to {en}"),
                    format!("向{zh}支付人民币 {yuan} 元"),
                ),
                None => Text::new(
                    format!("to confirm an order of CNY {yuan}"),
                    format!("确认人民币 {yuan} 元的订单"),
                ),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payment(fen: u64, payee: Option<Text>) -> CodePayment {
        CodePayment { amount: Amount::new(fen).expect("small"), payee }
    }

    #[test]
    fn an_orders_text_says_how_much_and_to_whom_in_both_languages() {
        let tea = Some(Text::new("Lotus Tea", "莲花茶铺"));
        for (payment, en, zh) in [
            (
                payment(120_005, tea),
                "Code 012345: to pay CNY 1200.05 to Lotus Tea. Good for 5 minutes. Tell it to nobody.",
                "验证码 012345，用于向莲花茶铺支付人民币 1200.05 元，5 分钟内有效，请勿告知他人。",
            ),
            (
                payment(1, None),
                "Code 012345: to confirm an order of CNY 0.01. Good for 5 minutes. Tell it to nobody.",
                "验证码 012345，用于确认人民币 0.01 元的订单，5 分钟内有效，请勿告知他人。",
            ),
        ] {
            let text = text(CodePurpose::Order, Some(&payment), "012345", 5);
            assert_eq!((text.en.as_str(), text.zh.as_str()), (en, zh));
        }
    }

    #[test]
    fn every_purpose_reads_otherwise() {
        use CodePurpose::{Merge, Order, PasswordReset, SignIn};
        let texts = [Merge, PasswordReset, SignIn, Order].map(|of| text(of, None, "012345", 5));
        for (index, one) in texts.iter().enumerate() {
            assert!(one.en.contains("012345") && one.zh.contains("012345"));
            for other in &texts[..index] {
                assert!(one.en != other.en && one.zh != other.zh, "{one:?}");
            }
        }
    }
}
