//! People and orders in a house, and what they do.

use crate::{House, World};
use channels::Differences;
use channels::contract::CloseDay;
use ledger::TransactionHead;
use members::{Class, Cycle, NewMerchant, NewUser};
use money::Amount;
use payments::{Auth, Kind, Method, NewOrder, NewRefund, Order, Origin, Status};
use simulators::people;
use types::{BusinessDate, Clock, MerchantId, OrderId, Text, TransactionId, UserId};

impl House {
    /// The house's owners pay in own money, in fen.
    pub async fn endow(&self, minor: u64) {
        let event = "capital_contribution";
        let head = TransactionHead::new(TransactionId::of(&[event.as_bytes()]));
        let amount = Amount::new(minor).expect("small");
        let posted = self.templates.transaction(event, head, &[], &[("amount", amount)]);
        self.book.post(posted.expect("the template fits")).await.expect("posted");
    }

    /// A verified user.
    pub async fn user(&self, world: &World) -> UserId {
        let (serial, now) = (world.serial(), world.clock.now());
        let new = NewUser { phone: people::phone(serial), email: None, login_name: None };
        let user = self.members.register(new, now).await.expect("registered");
        let claim = people::claim(serial, Class::II);
        self.members.verify_real_name(user, claim, now).await.expect("verified");
        user
    }

    /// A merchant settled at T+1, perhaps advanced at D0.
    pub async fn merchant(&self, world: &World, advance_d0: bool) -> MerchantId {
        let new = NewMerchant {
            name: Text::new("Tea house", "茶馆"),
            uscc: people::uscc(world.serial()),
            legal_name: None,
            fee_plan: "standard".to_owned(),
            cycle: Cycle::T1,
            advance_d0,
            webhook_url: None,
        };
        let made = self.members.register_merchant(new, world.clock.now()).await;
        made.expect("registered").merchant
    }

    /// A payment that succeeded, by this channel, in fen.
    pub async fn pay(
        &self,
        world: &World,
        payer: UserId,
        merchant: MerchantId,
        amount: i64,
        channel: &str,
    ) -> Order {
        let new = NewOrder {
            kind: Kind::Payment,
            merchant: Some(merchant),
            placed_by: None,
            key: format!("pay-{}", world.serial()),
            payer,
            payee: None,
            amount,
            currency: "CNY".to_owned(),
            method: Method::Channel {
                code: channel.to_owned(),
                instrument: format!("{channel}_4321"),
            },
            auth: Auth::ByChannel,
            origin: Origin { device: Some("phone-1".to_owned()), ip: None },
            subject: "茶".to_owned(),
            notify_url: None,
        };
        let order = self.payments.place(new, world.clock.now()).await.expect("placed");
        assert_eq!(order.status(), Status::Succeeded, "{order:?}");
        order
    }

    /// A refund that succeeded, in fen.
    pub async fn refund(&self, world: &World, merchant: MerchantId, of: OrderId, amount: i64) {
        let new = NewRefund {
            merchant,
            key: format!("refund-{}", world.serial()),
            of,
            amount,
            subject: "退货".to_owned(),
            notify_url: None,
        };
        let order = self.payments.refund(new, world.clock.now()).await.expect("placed");
        assert_eq!(order.status(), Status::Succeeded, "{order:?}");
    }

    /// The channels end their day, truthfully.
    pub async fn end_channels_day(&self, date: BusinessDate) {
        for view in self.channels.list() {
            let channel = self.channels.get(&view.terms.code).expect("a channel");
            let close = CloseDay { date, differences: Differences::default() };
            channel.close_day(&close).await.expect("closed");
        }
    }

    /// All four proofs hold.
    pub async fn prove(&self) {
        let proofs = recon::prove(&self.book, &self.payments).await.expect("proved");
        assert!(proofs.hold(), "{:?}", proofs.findings);
    }
}
