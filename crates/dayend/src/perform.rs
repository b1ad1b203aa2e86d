//! What each step does. Every one may be taken again and changes nothing when it was done before.

use crate::store::{self, Progress};
use crate::{DayEnd, Step, problems, statements};
use recon::RunRequest;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use types::{BusinessDate, Problem, Timestamp};

/// What the fetching of a statement leaves to its reconciliation.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// The name that the channel gave it.
    file: String,
    /// The name under which it is kept.
    kept: String,
}

impl DayEnd {
    /// Takes a step; returns what came of it as a JSON object.
    pub(crate) async fn perform(&self, of: &Progress, now: Timestamp) -> Result<Value, Problem> {
        let parts = self.parts();
        let (date, channel, clearing) = (of.date, of.channel.as_str(), &parts.clearing);
        Ok(match of.step {
            Step::Advance => json!({ "advanced": clearing.advance(date).await?.len() }),
            Step::CutDay => {
                clearing.cut_day(date, now).await?;
                json!({})
            }
            Step::Clear => json!({ "lines": clearing.clear(date, now).await? }),
            Step::WriteDayBooks => {
                let books = clearing.write_day_books(date).await?;
                let rows = books.iter().map(|book| book.rows).fold(0, usize::saturating_add);
                json!({ "rows": rows })
            }
            Step::FetchStatement => self.fetch(date, channel).await?,
            Step::Reconcile => self.reconcile(date, channel, now).await?,
            Step::TreatBreaks => {
                let run = parts.recon.current(channel, date).await?;
                let run = run.ok_or_else(|| problems::blocked(of.step, Step::Reconcile))?;
                json!({ "treated": parts.recon.treat(run.run, now).await?.treated })
            }
            Step::SettleChannel => {
                let settled = clearing.settle_channel(channel, date, now).await?;
                json!({ "net_minor": settled.net_minor, "cost_minor": settled.cost_minor })
            }
            Step::SettleMerchants => {
                let settled = clearing.settle_merchants(now.date(), now).await?;
                json!({ "merchants": settled.merchants, "net_minor": settled.net_minor })
            }
            Step::TransferFees => {
                json!({ "amount_minor": clearing.transfer_fees(date).await?.minor() })
            }
            Step::Prove => {
                let proofs = recon::prove(&parts.book, &parts.payments).await?;
                if !proofs.hold() {
                    return Err(problems::unproved(&proofs.findings));
                }
                json!({})
            }
        })
    }

    async fn fetch(&self, date: BusinessDate, channel: &str) -> Result<Value, Problem> {
        let parts = self.parts();
        let file = parts.channels.get(channel)?.statement(date).await?;
        let (folder, code) = (parts.statements.join(date.to_string()), channel.to_owned());
        let name = file.name.clone();
        let keeping = move || statements::keep(&folder, &code, &file);
        let kept = match tokio::task::spawn_blocking(keeping).await {
            Ok(kept) => kept.map_err(|fault| problems::statement_file(&fault))?,
            Err(fault) => return Err(problems::statement_file(&fault)),
        };
        serde_json::to_value(Kept { file: name, kept })
            .map_err(|fault| problems::statement_file(&fault))
    }

    async fn reconcile(
        &self,
        date: BusinessDate,
        channel: &str,
        now: Timestamp,
    ) -> Result<Value, Problem> {
        let parts = self.parts();
        let rows = store::of_date(parts.records.db(), date).await?;
        let fetched = rows
            .iter()
            .find(|row| row.step == Step::FetchStatement && row.channel == channel)
            .and_then(|row| serde_json::from_str::<Kept>(row.result.as_deref()?).ok());
        let kept =
            fetched.ok_or_else(|| problems::blocked(Step::Reconcile, Step::FetchStatement))?;
        let path = parts.statements.join(date.to_string()).join(&kept.kept);
        let statement = match tokio::task::spawn_blocking(move || std::fs::read(path)).await {
            Ok(bytes) => bytes.map_err(|fault| problems::statement_file(&fault))?,
            Err(fault) => return Err(problems::statement_file(&fault)),
        };
        let request = RunRequest {
            channel: channel.to_owned(),
            date,
            format: parts.channels.get(channel)?.terms().statement_format.clone(),
            file_name: kept.file,
            statement,
            daybook: clearing::daybook::path(parts.clearing.day_books(), date, channel),
        };
        let report = parts.recon.run(request, now).await?;
        Ok(json!({ "matched": report.matched, "breaks": report.sheet.breaks() }))
    }
}
