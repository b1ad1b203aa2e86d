-- Runs and their breaks. Nothing here is ever deleted.
CREATE TABLE recon_run (
    id              TEXT    NOT NULL PRIMARY KEY,
    channel         TEXT    NOT NULL,
    date            BIGINT  NOT NULL,   -- days since 1970-01-01
    version         BIGINT  NOT NULL,
    state           TEXT    NOT NULL CHECK (state IN ('current', 'superseded')),
    statement_hash  TEXT    NOT NULL,
    daybook_hash    TEXT    NOT NULL,
    report          TEXT    NOT NULL,
    created_at      BIGINT  NOT NULL,
    UNIQUE (channel, date, version)
);
CREATE UNIQUE INDEX recon_run_current ON recon_run (channel, date) WHERE state = 'current';

CREATE TABLE recon_break (
    id               TEXT    NOT NULL PRIMARY KEY,
    run_id           TEXT    NOT NULL REFERENCES recon_run (id),
    seq              BIGINT  NOT NULL,
    class            TEXT    NOT NULL,
    pair             TEXT    NOT NULL,
    receivable_minor BIGINT  NOT NULL,
    fee_minor        BIGINT  NOT NULL,
    remedy           TEXT    NOT NULL,
    state            TEXT    NOT NULL CHECK (state IN ('found', 'treated', 'closed', 'withdrawn')),
    found_at         BIGINT  NOT NULL,
    treated_at       BIGINT,
    closed_at        BIGINT,
    undone_at        BIGINT,
    note             TEXT,
    UNIQUE (run_id, seq)
);
CREATE INDEX recon_break_state ON recon_break (state, run_id, seq);
