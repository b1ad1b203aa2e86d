-- What one person asks and another must allow before it is done. Kept for ever.
CREATE TABLE records_approval (
    number     BIGINT NOT NULL PRIMARY KEY,
    action     TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    terms      TEXT   NOT NULL, -- JSON: what exactly was asked
    maker      TEXT   NOT NULL,
    reason     TEXT   NOT NULL,
    asked_at   BIGINT NOT NULL, -- microseconds since 1970, as every moment here
    expires_at BIGINT NOT NULL,
    state      TEXT   NOT NULL CHECK (state IN ('waiting', 'approved', 'declined')),
    checker    TEXT,
    note       TEXT,
    decided_at BIGINT
);

CREATE INDEX records_approval_waiting ON records_approval (number) WHERE state = 'waiting';
CREATE INDEX records_approval_subject ON records_approval (subject, number);
