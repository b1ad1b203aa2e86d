//! `verify`: walks the journal from the first byte, checks every checksum and the chain, replays it
//! and proves the book that comes out; each claim in a sentence of its own, or as JSON.

use super::Context;
use crate::books::Books;
use crate::charter::Folder;
use anyhow::Result;
use bookkeeper::{Progress, Verification};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `verify`.
#[derive(Args)]
pub struct Arguments {
    /// The institution's folder. Nobody may have it open.
    #[arg(long, value_name = "D")]
    data_dir: PathBuf,
    /// Where to keep what it notes on the way, some 40 bytes a transaction; by default where the
    /// system keeps temporary files.
    #[arg(long, value_name = "S")]
    scratch: Option<PathBuf>,
    /// One JSON object instead of sentences.
    #[arg(long)]
    json: bool,
}

/// Exit code 0 only if everything holds.
#[expect(clippy::print_stdout, reason = "stdout is data")]
pub fn run(arguments: &Arguments, context: &Context) -> Result<ExitCode> {
    let books = Books::load(context.config.books.as_deref())?;
    let folder = Folder::new(&arguments.data_dir);
    let bar = indicatif::ProgressBar::new_spinner();
    let scratch = arguments.scratch.clone().unwrap_or_else(std::env::temp_dir);
    let scratch = tempfile::Builder::new().prefix("countinghouse-verify-").tempdir_in(&scratch)?;
    let mut walked = |walked: Progress| bar.set_position(walked.batches);
    let (storage, book) = (context.config.book.storage()?, folder.book());
    let verification =
        bookkeeper::verify(&storage, &book, scratch.path(), books.chart, &mut walked)?;
    bar.finish_and_clear();
    println!(
        "{}",
        if arguments.json { json(&verification).to_string() } else { told(&verification) }
    );
    Ok(if verification.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Every claim of a walk, by the name it has in the JSON object and in a sentence.
fn claims(found: &Verification) -> [(&'static str, &'static str, bool); 9] {
    let proofs = &found.proofs;
    [
        ("debits_equal_credits", "debits equal credits", proofs.debits_equal_credits),
        (
            "subledger_equals_gl",
            "every account sums to the general ledger",
            proofs.subledger_equals_gl,
        ),
        (
            "reserve_covers_liabilities",
            "the reserve covers what customers are owed",
            proofs.reserve_covers_liabilities,
        ),
        (
            "openings_follow_closings",
            "every date opens as the last closed",
            proofs.openings_follow_closings,
        ),
        ("holds_agree", "holds agree with what accounts have pending", proofs.holds_agree),
        ("lots_agree", "money in transit agrees with its lots", proofs.lots_agree),
        (
            "mirrors_agree",
            "the house's part of the reserve mirrors its own books",
            proofs.mirrors_agree,
        ),
        ("entries_lead_to_balances", "entries lead to balances", found.entries_lead_to_balances),
        (
            "index_agrees",
            "checkpoint and index agree with the journal",
            found.index_agrees != Some(false),
        ),
    ]
}

fn told(found: &Verification) -> String {
    let mut lines = vec![
        format!(
            "{} batches in {} segments, {} bytes: {} commands, {} took effect, {} accounts; {} is open",
            found.batches,
            found.segments,
            found.bytes,
            found.commands,
            found.effects,
            found.accounts,
            found.open_date
        ),
        format!("chain {}", hex::encode(found.chain)),
        format!("state {}", hex::encode(found.state_hash)),
    ];
    if found.torn_bytes > 0 {
        lines.push(format!("{} bytes of a batch that was never acknowledged", found.torn_bytes));
    }
    let mark = |holds| if holds { '\u{2713}' } else { '\u{2717}' };
    lines.extend(claims(found).map(|(_, sentence, holds)| format!("  {} {sentence}", mark(holds))));
    lines.extend(found.proofs.findings.iter().map(|finding| {
        let (left, right) = (finding.left, finding.right);
        format!("    {}: {} ({left} against {right})", finding.proof, finding.text.en)
    }));
    lines.join("\n")
}

fn json(found: &Verification) -> serde_json::Value {
    let claims = claims(found).map(|(name, _, holds)| (name.to_owned(), holds.into()));
    serde_json::json!({
        "batches": found.batches,
        "segments": found.segments,
        "bytes": found.bytes,
        "commands": found.commands,
        "effects": found.effects,
        "accounts": found.accounts,
        "open_date": found.open_date.to_string(),
        "chain": hex::encode(found.chain),
        "state_hash": hex::encode(found.state_hash),
        "torn_bytes": found.torn_bytes,
        "proofs": serde_json::Map::from_iter(claims),
        "holds": found.holds(),
    })
}
