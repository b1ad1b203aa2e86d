//! Makes the seeds of every target: `seeds <corpus>` writes `<corpus>/<target>/<seed>`.

use fuzz::{pad, segment, sound};
use jsonform::requests::TransactionItem;
use keypad::Envelope;
use ledger::codec::Encoded;
use ledger::wire::{
    self, AccountRecord, Found, HoldRecord, Lookups, MoveRecord, TransactionRecord,
};
use ledger::{
    Action, Command, Condition, Controls, CorrectedBy, Correction, CorrectionKind, Flags,
    FundStates, GlCode, Lot, NewAccount, Owner, Posting, Receipt, Side, Transaction,
    TransactionState, UpTo,
};
use money::{Amount, CNY};
use serde_json::{Value, json};
use std::io;
use std::path::{Path, PathBuf};
use types::{AccountId, BusinessDate, MerchantId, OrderId, Timestamp, TransactionId, UserId};
use webauthn::PublicKey;
use webauthn::soft::{Attest, Authenticator};

fn main() -> io::Result<()> {
    let corpus = std::env::args_os().nth(1).map(PathBuf::from);
    let corpus = corpus.ok_or_else(|| io::Error::other("usage: seeds <corpus>"))?;
    put(&corpus.join("journal_reader"), journal_reader())?;
    put(&corpus.join("batch_api"), batch_api())?;
    put(&corpus.join("batch_json"), batch_json())?;
    put(&corpus.join("command_codec"), command_codec())?;
    put(&corpus.join("envelope"), envelope())?;
    put(&corpus.join("device_keys"), device_keys())?;
    put(&corpus.join("oauth_forms"), oauth_forms())?;
    put(&corpus.join("member_forms"), member_forms())
}

/// A request that holds, addresses near those that do, scopes, and the head of a proof.
fn oauth_forms() -> Vec<Vec<u8>> {
    let request = "response_type=code&redirect_uri=https%3A%2F%2Fshop.example%2Fcb&scope=openid+bind\
        &state=s&nonce=n&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
        &code_challenge_method=S256&prompt=login&max_age=60";
    let texts = [
        request,
        "https://shop.example/cb",
        "http://127.0.0.1:49152/cb",
        "http://[::1]/cb",
        "cn.example.app:/cb",
        "https://shop.example/%2e%2e/cb?x#y",
        "openid profile phone offline_access bind pay:password-free",
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIn19.e30.AA",
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

fn put(dir: &Path, seeds: Vec<Vec<u8>>) -> io::Result<()> {
    std::fs::create_dir_all(dir)?;
    for (number, seed) in seeds.iter().enumerate() {
        std::fs::write(dir.join(format!("seed-{number:03}")), seed)?;
    }
    Ok(())
}

/// The segments of the sound log as they are; then edits to it: none, a block left out, the tail
/// cut, a byte changed early and late.
fn journal_reader() -> Vec<Vec<u8>> {
    let disk = sound();
    let raw = (1..).map_while(|number| disk.bytes(&segment(number)).ok());
    let raw = raw.map(|bytes| [&[0][..], &bytes].concat());
    let edits: [&[u8]; 6] = [
        &[],
        &[0, 0, 2, 255, 0],
        &[1, 0, 16, 0, 0],
        &[0, 140, 0, 1, 7],
        &[2, 200, 0, 1, 9],
        &[0, 128, 0, 200, 0, 0, 72, 1, 200, 0],
    ];
    let edits = edits.into_iter().map(|edits| [&[1][..], edits].concat());
    raw.chain(edits).collect()
}

/// An envelope of each suite, sound; the same with parts that are cut, wrong or no base64url.
fn envelope() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for key in [pad::hpke(), pad::rsa()] {
        let sound = pad::sealed(&key);
        let cut = |text: &str| text.get(..8).unwrap_or_default().to_owned();
        for envelope in [
            sound.clone(),
            Envelope { enc: cut(&sound.enc), ..sound.clone() },
            Envelope { ciphertext: cut(&sound.ciphertext), ..sound.clone() },
            Envelope { enc: sound.ciphertext.clone(), ..sound.clone() },
            Envelope { ciphertext: "!".to_owned(), ..sound },
        ] {
            seeds.push(serde_json::to_vec(&envelope).expect("JSON"));
        }
    }
    seeds
}

/// One sound text of every form, and one that is nearly so.
fn member_forms() -> Vec<Vec<u8>> {
    let texts = [
        "11010519491231002X",
        "110105194912310021",
        "810000199408230021",
        "H12345678",
        "1234567890B",
        "E12345678",
        "4111111111111111",
        "91330100799655058B",
        "13800138000",
        "li@shop.example",
        "li.na",
        "阿依古丽·买买提",
        "O'Neil-Smith",
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

fn account(number: u128) -> AccountId {
    AccountId::from_u128(number)
}

fn amount(minor: u64) -> Amount {
    Amount::new(minor).expect("an amount")
}

fn date() -> BusinessDate {
    BusinessDate::from_days(20_738)
}

fn posting(minor: u64) -> Posting {
    Posting::exact(account(1), account(2), amount(minor))
}

fn plain() -> Transaction {
    Transaction {
        id: TransactionId::from_u128(77),
        event: 1,
        order: None,
        reference: 0,
        date: None,
        action: Action::Post,
        postings: vec![posting(12_345)],
        conditions: Vec::new(),
        corrects: None,
    }
}

/// One of each kind that has a form of its own.
fn transactions() -> Vec<Transaction> {
    let hold = TransactionId::from_u128(5);
    let until = Action::Hold { expires_at: Some(Timestamp::from_micros(1_800_000_000_000_000)) };
    let correction = |kind| Some(Correction { of: hold, kind });
    let balancing = |up_to| vec![Posting { up_to, ..posting(Amount::MAX.minor()) }, posting(1)];
    let at_least = amount(9);
    vec![
        plain(),
        Transaction { order: Some(OrderId::from_u128(3)), reference: 9, ..plain() },
        Transaction { date: Some(date()), action: Action::Hold { expires_at: None }, ..plain() },
        Transaction { action: until, postings: vec![posting(1), posting(2)], ..plain() },
        Transaction { action: Action::PostHold { hold }, postings: Vec::new(), ..plain() },
        Transaction { action: Action::PostHold { hold }, ..plain() },
        Transaction { action: Action::VoidHold { hold }, postings: Vec::new(), ..plain() },
        Transaction { corrects: correction(CorrectionKind::Reversal), ..plain() },
        Transaction { corrects: correction(CorrectionKind::Supplement), ..plain() },
        Transaction { conditions: vec![Condition { account: account(4), at_least }], ..plain() },
        Transaction { postings: balancing(UpTo::AvailableOfDebit), ..plain() },
        Transaction { postings: balancing(UpTo::AvailableOfCredit), ..plain() },
        Transaction { postings: vec![posting(1).settled()], ..plain() },
    ]
}

fn new_account(owner: Owner) -> NewAccount {
    let flags = Flags { history: true, ..Flags::default() };
    NewAccount { id: account(6), asset: CNY, leaf: GlCode(2_001), owner, flags }
}

fn owners() -> [Owner; 5] {
    [
        Owner::House,
        Owner::User(UserId::from_u128(8)),
        Owner::Merchant(MerchantId::from_u128(9)),
        Owner::Channel(1),
        Owner::Bank(2),
    ]
}

fn batch_api() -> Vec<Vec<u8>> {
    let all = transactions();
    let frame = |transactions: &[Transaction]| {
        let mut out = Vec::new();
        wire::encode_transactions(transactions.iter(), &mut out);
        out
    };
    let mut seeds: Vec<Vec<u8>> = all.iter().map(|one| frame(std::slice::from_ref(one))).collect();
    seeds.push(frame(&[]));
    seeds.push(frame(&all));
    let lookups = Lookups {
        accounts: vec![account(1), account(2)],
        transactions: vec![plain().id],
        orders: vec![OrderId::from_u128(3)],
        holds_of: vec![account(1)],
    };
    for lookups in [Lookups::default(), lookups] {
        let mut out = Vec::new();
        wire::encode_lookups(&lookups, &mut out);
        seeds.push(out);
    }
    for found in [Found::default(), found()] {
        let mut out = Vec::new();
        wire::encode_found(&found, &mut out);
        seeds.push(out);
    }
    seeds.push(outcomes());
    seeds
}

/// Each transaction by itself and all together; what is done with accounts; both ways of reading.
fn batch_json() -> Vec<Vec<u8>> {
    let items: Vec<TransactionItem> = transactions().into_iter().map(Into::into).collect();
    let mut bodies: Vec<Value> = items.iter().map(|item| json!({ "items": [item] })).collect();
    bodies.push(json!({ "items": items }));
    let (account, id) = (account(6), plain().id);
    let accounts = owners().map(|owner| {
        let NewAccount { id, asset, leaf, owner, flags } = new_account(owner);
        json!({ "type": "open", "id": id, "asset": asset, "leaf": leaf, "owner": owner,
            "flags": flags })
    });
    bodies.push(json!({ "items": accounts }));
    bodies.push(json!({ "items": [
        { "type": "set_controls", "id": id, "account": account, "controls": Controls::default(),
            "reference": "000000000000000000000000000000ff" },
        { "type": "settle", "id": id, "source": account, "through": date() },
    ] }));
    bodies.push(json!({ "accounts": [account], "transactions": [id],
        "orders": [OrderId::from_u128(3)], "holds_of": [account] }));
    bodies.push(json!({
        "entries": [{ "account": account, "from": date(), "to": date(), "after": 1, "limit": 2 }],
        "balances": [{ "account": account, "at": receipt(1).at }],
    }));
    bodies.iter().map(|body| body.to_string().into_bytes()).collect()
}

fn receipt(seq: u64) -> Receipt {
    let at = Timestamp::from_micros(1_800_000_000_000_000);
    Receipt { seq, at, date: date(), state: TransactionState::Posted }
}

fn outcomes() -> Vec<u8> {
    use ledger::Outcome::{Done, Exists};
    let mut out = Vec::new();
    let told = [Ok(Done(receipt(7))), Ok(Exists(receipt(2))), Err("account_unknown")];
    wire::encode_outcomes(&told, &mut out).expect("of one submission");
    out
}

fn as_it_stands(owner: Owner) -> AccountRecord {
    AccountRecord {
        opened: new_account(owner),
        normal: Side::Credit,
        controls: Controls::default(),
        debits_pending: 1,
        debits_posted: 2,
        credits_pending: 3,
        credits_posted: 4,
        opened_seq: 1,
        opened_at: receipt(1).at,
        opened_date: date(),
        funds: FundStates {
            settled_free: -5,
            settled_held: 1,
            transit_free: 2,
            transit_held: 3,
            lots: vec![Lot { source: account(7), date: date(), free: 2, held: 3 }],
        },
        settled_through: Some(date()),
    }
}

fn found() -> Found {
    let opened = owners().map(|owner| Some(as_it_stands(owner)));
    let moved = MoveRecord {
        debit: account(1),
        credit: account(2),
        amount: amount(5),
        debit_balance: -5,
        credit_balance: 5,
    };
    let corrected = CorrectedBy { by: plain().id, kind: CorrectionKind::Reversal };
    let record = |transaction| TransactionRecord {
        transaction,
        receipt: receipt(3),
        moves: vec![moved],
        corrected_by: vec![corrected],
    };
    let hold = HoldRecord {
        id: plain().id,
        event: 1,
        order: Some(OrderId::from_u128(3)),
        account: account(1),
        side: Side::Debit,
        amount: amount(5),
        state: TransactionState::Pending,
        at: receipt(3).at,
        expires_at: Some(receipt(3).at),
        ended_at: None,
    };
    Found {
        accounts: opened.into_iter().chain([None]).collect(),
        transactions: transactions().into_iter().map(record).map(Some).chain([None]).collect(),
        orders: vec![vec![record(plain())], Vec::new()],
        holds_of: vec![vec![hold], Vec::new()],
    }
}

/// A registration of each kind, client data first, led by its length; and each part by itself.
fn device_keys() -> Vec<Vec<u8>> {
    let device = Authenticator::new("localhost", "http://localhost:8787");
    let sign = |message: &[u8]| device.sign(message);
    let maker = Attest::Maker { x5c: vec![vec![0x30, 0]], sign: &sign };
    let mut seeds = Vec::new();
    for attest in [Attest::None, Attest::SelfSigned, maker] {
        let made = device.register(&[0x5a; 32], &attest);
        let length = u16::try_from(made.client_data.len()).expect("short").to_be_bytes();
        seeds.push([&length, &made.client_data[..], &made.attestation_object].concat());
        seeds.push(made.attestation_object);
    }
    seeds.push(device.client_data("webauthn.get", &[0x5a; 32]).to_string().into_bytes());
    seeds.push(device.authenticator_data(0, &[]));
    seeds.push(device.authenticator_data(0xc0, &[&device.attested()[..], &[0xa0]].concat()));
    seeds.push(device.public_key().to_bytes());
    seeds.push(PublicKey::EdDsa { x: [9; 32] }.to_bytes());
    seeds.push(PublicKey::Rs256 { n: vec![0xc5; 256], e: vec![1, 0, 1] }.to_bytes());
    seeds
}

fn command_codec() -> Vec<Vec<u8>> {
    let id = TransactionId::from_u128(12);
    let controls = Controls { debits_blocked: true, ..Controls::default() };
    let mut commands: Vec<Command> = transactions().into_iter().map(Command::Transact).collect();
    commands.extend(owners().map(|owner| Command::OpenAccount(new_account(owner))));
    commands.extend([
        Command::SetControls { id, account: account(1), controls, reference: 4 },
        Command::Settle { id, source: account(1), through: date(), reference: 4 },
        Command::CutDay { closing: date(), opening: BusinessDate::from_days(20_739) },
    ]);
    let one = |command: &Command| Encoded::of(std::slice::from_ref(command)).bytes().to_vec();
    let mut seeds: Vec<Vec<u8>> = commands.iter().map(one).collect();
    seeds.push(Encoded::of(&commands).bytes().to_vec());
    seeds
}
