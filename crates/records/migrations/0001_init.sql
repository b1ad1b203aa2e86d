-- Messages to outsiders, kept after delivery so that any can be replayed.
CREATE TABLE records_outbox (
    seq          BIGINT  NOT NULL PRIMARY KEY,
    topic        TEXT    NOT NULL,
    order_key    TEXT    NOT NULL,
    destination  TEXT    NOT NULL,
    payload      TEXT    NOT NULL,
    created_at   BIGINT  NOT NULL, -- microseconds since 1970, as every moment here
    state        TEXT    NOT NULL CHECK (state IN ('waiting', 'delivered', 'exhausted')),
    attempts     INTEGER NOT NULL,
    next_at      BIGINT  NOT NULL,
    delivered_at BIGINT,
    last_error   TEXT
);

CREATE INDEX records_outbox_due ON records_outbox (next_at, seq) WHERE state = 'waiting';
CREATE INDEX records_outbox_order ON records_outbox (destination, order_key, seq) WHERE state = 'waiting';
CREATE INDEX records_outbox_key ON records_outbox (order_key, seq);

-- Who changed what. Each line's hash covers the line before it.
CREATE TABLE records_audit (
    seq         BIGINT NOT NULL PRIMARY KEY,
    at          BIGINT NOT NULL,
    actor       TEXT   NOT NULL,
    action      TEXT   NOT NULL,
    subject     TEXT   NOT NULL,
    before_json TEXT,
    after_json  TEXT,
    hash        TEXT   NOT NULL
);

CREATE INDEX records_audit_subject ON records_audit (subject, seq);
