//! The day cut (日切): the open date closes, the next one opens.

use crate::{Clearing, Error, store};
use ledger::{Command, Outcome};
use types::{BusinessDate, Timestamp};

impl Clearing {
    /// Closes `date` and opens the day after. Entries posted from then on belong to the new date;
    /// orders still under way finish there.
    ///
    /// # Errors
    /// [`Error::NotOpen`] unless `date` is open or was cut before.
    pub async fn cut_day(&self, date: BusinessDate, now: Timestamp) -> Result<(), Error> {
        let open = self.0.book.open_date();
        if date > open {
            return Err(Error::NotOpen { date, open });
        }
        if date == open {
            let cut = Command::CutDay { closing: date, opening: date.next() };
            for outcome in self.0.book.submit(vec![cut]).await? {
                if let Outcome::Refused(refusal) = outcome {
                    return Err(bookkeeper::PostError::Refused(refusal).into());
                }
            }
        }
        self.write(move |txn| Box::pin(store::put_day(txn, date, now))).await
    }
}
