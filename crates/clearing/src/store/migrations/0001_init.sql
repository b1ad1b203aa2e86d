-- Dates are days since 1970-01-01; amounts are minor units of CNY; moments are microseconds.

CREATE TABLE clearing_day (
  date BIGINT PRIMARY KEY,
  cut_at BIGINT NOT NULL,
  cleared_at BIGINT
);

CREATE TABLE clearing_line (
  order_id TEXT PRIMARY KEY,
  date BIGINT NOT NULL,
  merchant_id TEXT NOT NULL,
  method TEXT NOT NULL,
  refund_of TEXT,
  amount_minor BIGINT NOT NULL,
  fee_minor BIGINT NOT NULL,
  explanation TEXT NOT NULL
);
CREATE INDEX clearing_line_by_merchant ON clearing_line (merchant_id, date);
CREATE INDEX clearing_line_by_refund ON clearing_line (refund_of) WHERE refund_of IS NOT NULL;

CREATE TABLE merchant_settlement (
  batch_id TEXT PRIMARY KEY,
  merchant_id TEXT NOT NULL,
  date BIGINT NOT NULL,
  due_date BIGINT NOT NULL,
  payments_minor BIGINT NOT NULL,
  refunds_minor BIGINT NOT NULL,
  fees_minor BIGINT NOT NULL,
  fees_returned_minor BIGINT NOT NULL,
  -- filled in when it is settled
  fees_taken_minor BIGINT NOT NULL DEFAULT 0,
  repaid_minor BIGINT NOT NULL DEFAULT 0,
  settled_minor BIGINT NOT NULL DEFAULT 0,
  carried_minor BIGINT NOT NULL DEFAULT 0,
  fees_owed_minor BIGINT NOT NULL DEFAULT 0,
  state TEXT NOT NULL,
  settled_at BIGINT,
  UNIQUE (merchant_id, date)
);
CREATE INDEX merchant_settlement_by_due ON merchant_settlement (state, due_date);

CREATE TABLE advance (
  merchant_id TEXT NOT NULL,
  date BIGINT NOT NULL,
  amount_minor BIGINT NOT NULL,
  fee_minor BIGINT NOT NULL,
  repaid_minor BIGINT NOT NULL DEFAULT 0,
  state TEXT NOT NULL,
  PRIMARY KEY (merchant_id, date)
);

CREATE TABLE channel_settlement (
  channel TEXT NOT NULL,
  date BIGINT NOT NULL,
  due_date BIGINT NOT NULL,
  expected_cost_minor BIGINT NOT NULL,
  gross_minor BIGINT NOT NULL DEFAULT 0,
  refunds_minor BIGINT NOT NULL DEFAULT 0,
  cost_minor BIGINT NOT NULL DEFAULT 0,
  net_minor BIGINT NOT NULL DEFAULT 0,
  state TEXT NOT NULL,
  settled_at BIGINT,
  PRIMARY KEY (channel, date)
);
