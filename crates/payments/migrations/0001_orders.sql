-- Orders: what somebody wanted, and what became of it. Moments are microseconds since 1970 (UTC),
-- days are days since 1970-01-01, amounts are minor units.
CREATE TABLE payments_orders (
    id               TEXT   NOT NULL PRIMARY KEY,
    scope            TEXT   NOT NULL,
    order_key        TEXT   NOT NULL,
    fingerprint      TEXT   NOT NULL,
    kind             TEXT   NOT NULL,
    stage            TEXT   NOT NULL,
    payer            TEXT,
    customer         TEXT,
    merchant         TEXT,
    payee            TEXT,
    amount           BIGINT NOT NULL CHECK (amount > 0),
    asset            BIGINT NOT NULL,
    channel          TEXT,
    channel_order_no TEXT,
    refund_of        TEXT,
    refunded         BIGINT NOT NULL DEFAULT 0 CHECK (refunded >= 0 AND refunded <= amount),
    subject          TEXT   NOT NULL,
    created_at       BIGINT NOT NULL,
    created_day      BIGINT NOT NULL,
    created_hour     BIGINT NOT NULL,
    finished_at      BIGINT,
    accounting_day   BIGINT,
    sent             BIGINT NOT NULL DEFAULT 0,
    failure_code     TEXT,
    failure_en       TEXT,
    failure_zh       TEXT,
    decision         TEXT,
    attempts         BIGINT NOT NULL DEFAULT 0,
    next_at          BIGINT,
    plan             TEXT   NOT NULL,
    trail            TEXT   NOT NULL
);

-- One key, one order, for ever.
CREATE UNIQUE INDEX payments_orders_key ON payments_orders (scope, order_key);
-- What recovery looks at: orders that are not final.
CREATE INDEX payments_orders_open ON payments_orders (created_at, id)
    WHERE finished_at IS NULL;
-- What clearing reads: the final orders of an accounting date.
CREATE INDEX payments_orders_accounting ON payments_orders (accounting_day, id)
    WHERE accounting_day IS NOT NULL;
-- The board.
CREATE INDEX payments_orders_created ON payments_orders (created_day);
CREATE INDEX payments_orders_merchant ON payments_orders (merchant, id)
    WHERE merchant IS NOT NULL;
CREATE INDEX payments_orders_payer ON payments_orders (payer, id)
    WHERE payer IS NOT NULL;
CREATE INDEX payments_orders_payee ON payments_orders (payee, id)
    WHERE payee IS NOT NULL;
CREATE INDEX payments_orders_refund ON payments_orders (refund_of, id)
    WHERE refund_of IS NOT NULL;
