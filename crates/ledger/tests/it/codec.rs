//! The canonical form: every command comes back, and no bytes make it panic.

use crate::book::{account, amount, first_date, id, post};
use ledger::codec::{Encoded, MAX_PIECE_COMMANDS, PIECE_BYTES, decode, decode_piece, encode};
use ledger::{
    Action, Command, Condition, Controls, Correction, CorrectionKind, Flags, GlCode,
    MAX_CONDITIONS, MAX_POSTINGS, NewAccount, Owner, Posting, Transaction, UpTo,
};
use money::{Amount, AssetId};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use types::{AccountId, BusinessDate, MerchantId, OrderId, Timestamp, TransactionId, UserId};

fn accounts() -> impl Strategy<Value = AccountId> {
    any::<u128>().prop_map(AccountId::from_u128)
}

fn ids() -> impl Strategy<Value = TransactionId> {
    any::<u128>().prop_map(TransactionId::from_u128)
}

fn amounts() -> impl Strategy<Value = Amount> {
    (0..=i64::MAX).prop_map(|minor| Amount::try_from(minor).expect("not negative"))
}

fn moments() -> impl Strategy<Value = Timestamp> {
    any::<i64>().prop_map(Timestamp::from_micros)
}

fn dates() -> impl Strategy<Value = BusinessDate> {
    (-4_000_000..2_900_000).prop_map(BusinessDate::from_days)
}

fn owners() -> impl Strategy<Value = Owner> {
    prop_oneof![
        any::<u128>().prop_map(|id| Owner::User(UserId::from_u128(id))),
        any::<u128>().prop_map(|id| Owner::Merchant(MerchantId::from_u128(id))),
        any::<u32>().prop_map(Owner::Channel),
        any::<u32>().prop_map(Owner::Bank),
        Just(Owner::House),
    ]
}

fn new_accounts() -> impl Strategy<Value = NewAccount> {
    (accounts(), any::<u32>(), any::<u32>(), owners(), any::<[bool; 3]>()).prop_map(
        |(id, asset, leaf, owner, [debits, credits, history])| NewAccount {
            id,
            asset: AssetId(asset),
            leaf: GlCode(leaf),
            owner,
            flags: Flags {
                debits_must_not_exceed_credits: debits,
                credits_must_not_exceed_debits: credits,
                history,
            },
        },
    )
}

fn actions() -> impl Strategy<Value = Action> {
    prop_oneof![
        Just(Action::Post),
        option::of(moments()).prop_map(|expires_at| Action::Hold { expires_at }),
        ids().prop_map(|hold| Action::PostHold { hold }),
        ids().prop_map(|hold| Action::VoidHold { hold }),
    ]
}

fn postings() -> impl Strategy<Value = Posting> {
    let up_to =
        prop_oneof![Just(UpTo::Exact), Just(UpTo::AvailableOfDebit), Just(UpTo::AvailableOfCredit)];
    (accounts(), accounts(), amounts(), up_to, any::<bool>()).prop_map(
        |(debit, credit, amount, up_to, settled_only)| Posting {
            debit,
            credit,
            amount,
            up_to,
            settled_only,
        },
    )
}

fn corrections() -> impl Strategy<Value = Correction> {
    let kind = prop_oneof![Just(CorrectionKind::Reversal), Just(CorrectionKind::Supplement)];
    (ids(), kind).prop_map(|(of, kind)| Correction { of, kind })
}

fn transactions() -> impl Strategy<Value = Transaction> {
    let conditions =
        (accounts(), amounts()).prop_map(|(account, at_least)| Condition { account, at_least });
    let order = any::<u128>().prop_map(OrderId::from_u128);
    let head = (ids(), any::<u16>(), option::of(order), any::<u128>(), option::of(dates()));
    let body = (vec(postings(), 0..5), vec(conditions, 0..3), option::of(corrections()));
    (head, actions(), body).prop_map(
        |((id, event, order, reference, date), action, (postings, conditions, corrects))| {
            Transaction {
                id,
                event,
                order,
                reference,
                date,
                action,
                postings,
                conditions,
                corrects,
            }
        },
    )
}

fn commands() -> impl Strategy<Value = Command> {
    let controls = (ids(), accounts(), any::<[bool; 3]>(), any::<u128>()).prop_map(
        |(id, account, [debits_blocked, credits_blocked, closed], reference)| {
            let controls = Controls { debits_blocked, credits_blocked, closed };
            Command::SetControls { id, account, controls, reference }
        },
    );
    prop_oneof![
        new_accounts().prop_map(Command::OpenAccount),
        controls,
        transactions().prop_map(Command::Transact),
        (dates(), dates()).prop_map(|(closing, opening)| Command::CutDay { closing, opening }),
        (ids(), accounts(), dates(), any::<u128>()).prop_map(|(id, source, through, reference)| {
            Command::Settle { id, source, through, reference }
        }),
    ]
}

fn encoded(command: &Command) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(command, &mut bytes);
    bytes
}

fn read_back(run: &Encoded) -> Vec<Command> {
    run.pieces().flat_map(|piece| decode_piece(piece).expect("a piece")).collect()
}

proptest! {
    #[test]
    fn commands_come_back(batch in vec(commands(), 0..6)) {
        let encoded = Encoded::of(&batch);
        prop_assert_eq!(encoded.len(), batch.len());
        prop_assert_eq!(read_back(&encoded), batch.clone());
        for command in &batch {
            prop_assert_eq!(decode(&self::encoded(command)), Ok(command.clone()));
        }
    }

    #[test]
    fn runs_that_are_put_together_hold_what_each_held(
        runs in vec(vec(commands(), 0..80), 0..6)
    ) {
        let mut all = Encoded::new();
        for run in &runs {
            all.append(Encoded::of(run));
        }
        prop_assert_eq!(all.len(), runs.iter().map(Vec::len).sum::<usize>());
        prop_assert_eq!(read_back(&all), runs.concat());
        let checked = Encoded::check(all.bytes().to_vec()).expect("canonical");
        prop_assert_eq!(read_back(&checked), runs.concat());
        for piece in all.pieces().chain(checked.pieces()) {
            let count = decode_piece(piece).expect("whole commands").len();
            prop_assert!(piece.len() <= PIECE_BYTES || count == 1, "{} bytes", piece.len());
            prop_assert!(count <= MAX_PIECE_COMMANDS);
        }
    }

    #[test]
    fn no_bytes_panic_and_what_is_read_is_canonical(bytes in vec(any::<u8>(), 0..300)) {
        if let Ok(command) = decode(&bytes) {
            prop_assert_eq!(encoded(&command), bytes.clone());
        }
        if let Ok(run) = Encoded::check(bytes.clone()) {
            prop_assert_eq!(run.bytes(), bytes);
        }
    }

    /// Bytes near good ones reach deeper than chance does.
    #[test]
    fn spoiled_bytes_are_refused_or_another_command(
        command in commands(), place in any::<prop::sample::Index>(), byte in any::<u8>()
    ) {
        let mut bytes = encoded(&command);
        let place = place.index(bytes.len());
        bytes[place] = byte;
        if let Ok(read) = decode(&bytes) {
            prop_assert_eq!(encoded(&read), bytes);
        }
    }

    #[test]
    fn no_part_of_a_command_is_one(command in commands(), cut in any::<prop::sample::Index>()) {
        let mut bytes = encoded(&command);
        let longer = [bytes.as_slice(), &[0]].concat();
        prop_assert_eq!(decode(&longer).map_err(|e| e.reason), Err("bytes follow the end"));
        bytes.truncate(cut.index(bytes.len()));
        prop_assert!(decode(&bytes).is_err());
    }
}

#[test]
fn a_transfer_is_as_small_as_promised() {
    let pay = post(5, &[(account("ann"), account("bob"), 10)]);
    assert_eq!(encoded(&Command::Transact(pay.clone())).len(), 53);
    let ordered = Transaction { order: Some(OrderId::from_u128(1)), ..pay };
    assert_eq!(encoded(&Command::Transact(ordered)).len(), 69);
}

/// The journal of a year must still be read: this form changes only with the version.
#[test]
fn the_form_is_pinned() {
    let cut = Command::CutDay { closing: first_date(), opening: first_date().next() };
    assert_eq!(encoded(&cut), [4, 0, 0, 81, 2, 0, 0, 81, 3]);
    let (ann, bob) = (AccountId::from_u128(1), AccountId::from_u128(2));
    let pay = Transaction { reference: 7, ..post(5, &[(ann, bob, 300)]) };
    let wide = |number: u8| [[0; 15].as_slice(), &[number]].concat();
    let plain = [&[5, 2][..], &wide(5), &[0, 1], &wide(7), &wide(1), &wide(2), &[0xAC, 2]].concat();
    assert_eq!(encoded(&Command::Transact(pay.clone())), plain);
    let mut split = pay;
    split.postings[0].up_to = UpTo::AvailableOfDebit;
    let listed =
        [&[3, 2][..], &wide(5), &[0, 1], &wide(7), &[1], &wide(1), &wide(2), &[0xAC, 2, 1]];
    assert_eq!(encoded(&Command::Transact(split)), listed.concat());
}

#[test]
fn faults_say_where() {
    let reason = |bytes: &[u8]| decode(bytes).expect_err("refused").reason;
    assert_eq!(reason(&[9]), "no such command");
    assert_eq!(decode(&[]).expect_err("nothing").offset, 0);
    let far = [[4u8].as_slice(), &i32::MAX.to_be_bytes(), &[0; 4]].concat();
    assert_eq!(reason(&far), "no date of the calendar");
    let head = |tag, flags: u8| [[tag, flags].as_slice(), &[0; 18]].concat();
    let transfer = |amount: &[u8]| [head(5, 0), vec![1; 32], amount.to_vec()].concat();
    assert!(decode(&transfer(&[5])).is_ok());
    assert_eq!(reason(&transfer(&[0x85, 0])), "the number is not in its shortest form");
    assert_eq!(reason(&transfer(&[0xFF; 10])), "the number is past 64 bits");
    let past = [[0xFF; 9].as_slice(), &[1]].concat();
    assert_eq!(reason(&transfer(&past)), "the amount is past its bound");
    let listed = [head(3, 0), vec![1], vec![1; 32], vec![5, 0]].concat();
    assert_eq!(reason(&listed), "this is a plain transfer");
    assert_eq!(reason(&[head(3, 2), vec![0; 16]].concat()), "a reference of zero is left out");
    assert_eq!(reason(&[head(3, 8), vec![0, 0]].concat()), "an empty list is left out");
    assert_eq!(reason(&head(3, 5 << 5)), "no such action");
    let many = [head(3, 0), vec![0xFF, 0x7F]].concat();
    assert_eq!(reason(&many), "the list is longer than its bound");
}

/// What the ledger refuses as too long is read back as something it refuses as well, so that a
/// journal that holds it can be replayed.
#[test]
fn lists_past_their_bound_stay_past_it() {
    let posting = Posting::exact(account("ann"), account("bob"), amount(1));
    let condition = Condition { account: account("ann"), at_least: amount(1) };
    let long = Transaction {
        postings: vec![posting; 70_000],
        conditions: vec![condition; 300],
        ..post(5, &[])
    };
    let Ok(Command::Transact(read)) = decode(&encoded(&Command::Transact(long))) else {
        panic!("is read");
    };
    assert_eq!(read.id, id(5));
    assert_eq!(read.postings.len(), MAX_POSTINGS + 1);
    assert_eq!(read.conditions.len(), MAX_CONDITIONS + 1);
}
