//! The tables, and every statement that touches them.

/// Makes what is missing, beside [`guard`]; both take locks that a long reader keeps them waiting for,
/// so they are asked for only where [`STANDS`] says no. A frame is stored as it is: it hardly shrinks, and a
/// record in its middle can be read without the rest.
pub(crate) const MAKE: &str = "
CREATE TABLE IF NOT EXISTS journal_head (
    one      BOOLEAN NOT NULL PRIMARY KEY DEFAULT TRUE CHECK (one),
    log      UUID    NOT NULL DEFAULT gen_random_uuid(),
    kind     TEXT    NOT NULL,
    epoch    BIGINT  NOT NULL,
    sequence BIGINT  NOT NULL,
    chain    BYTEA   NOT NULL
);
CREATE TABLE IF NOT EXISTS journal_batches (
    sequence BIGINT NOT NULL PRIMARY KEY,
    epoch    BIGINT NOT NULL,
    place    BIGINT NOT NULL UNIQUE,
    frame    BYTEA  NOT NULL
);
ALTER TABLE journal_batches ALTER COLUMN frame SET STORAGE EXTERNAL;
";

/// Keeps batches from being changed.
pub(crate) fn guard() -> String {
    pg::append_only("journal", "journal_batches", "the journal")
}

/// Whether tables and guards are there, in the schema that is written. No parameter.
pub(crate) const STANDS: &str = "
SELECT to_regclass(quote_ident(current_schema()) || '.journal_head') IS NOT NULL AND 2 = (
    SELECT COUNT(*) FROM pg_trigger
    WHERE tgrelid = to_regclass(quote_ident(current_schema()) || '.journal_batches')
      AND tgname IN ('journal_no_change', 'journal_no_truncate'))";

/// What tells the log from others. No parameter.
pub(crate) const LOG: &str = "SELECT CAST(log AS TEXT) FROM journal_head";

/// The head of a new log: kind, first chain.
pub(crate) const BEGIN: &str = "INSERT INTO journal_head (kind, epoch, sequence, chain)
VALUES ($1, 0, 0, $2) ON CONFLICT DO NOTHING";

/// Takes the next epoch of a log of this kind.
pub(crate) const CLAIM: &str =
    "UPDATE journal_head SET epoch = epoch + 1 WHERE kind = $1 RETURNING epoch";

/// Commits after everything that was committed before: whatever the server waits for with this
/// commit (a standby), it has waited for with those. By epoch.
pub(crate) const SETTLE: &str = "UPDATE journal_head SET epoch = epoch WHERE epoch = $1";

/// Kind, epoch, sequence and chain.
pub(crate) const HEAD: &str = "SELECT kind, epoch, sequence, chain FROM journal_head";

/// Appends by expected position: epoch, expected sequence and chain; new sequence and chain, place,
/// frame. One row if it was done, none if the head is another.
pub(crate) const APPEND: &str = "
WITH moved AS (
    UPDATE journal_head SET sequence = $4, chain = $5
    WHERE epoch = $1 AND sequence = $2 AND chain = $3 RETURNING one
)
INSERT INTO journal_batches (sequence, epoch, place, frame) SELECT $4, $1, $6, $7 FROM moved";

/// The batches behind a sequence, as many as fit in a number of bytes, but at least one:
/// sequence, bytes.
pub(crate) const PAGE: &str = "
SELECT sequence, place, frame FROM (
    SELECT sequence, place, frame,
           SUM(OCTET_LENGTH(frame)) OVER (ORDER BY sequence) - OCTET_LENGTH(frame) AS before
    FROM (SELECT sequence, place, frame FROM journal_batches
          WHERE sequence > $1 ORDER BY sequence LIMIT 4096) AS next
) AS page WHERE before < $2 ORDER BY sequence";

/// By sequence: the epoch of a batch's writer, its place, its length, the head of its frame.
pub(crate) const BATCH: &str = "SELECT epoch, place, OCTET_LENGTH(frame),
    SUBSTRING(frame FROM 1 FOR 128) FROM journal_batches WHERE sequence = $1";

/// The batch in which a place is, and bytes of it from there: place, number of bytes.
pub(crate) const RECORD: &str = "
SELECT place, OCTET_LENGTH(frame), SUBSTRING(frame FROM CAST($1 - place + 1 AS INTEGER) FOR $2)
FROM (SELECT place, frame FROM journal_batches WHERE place <= $1 ORDER BY place DESC LIMIT 1) AS one
WHERE $1 - place < OCTET_LENGTH(frame)";
