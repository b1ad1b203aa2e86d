-- The progress of every day's end: a row a step. Dates are days since 1970-01-01, moments microseconds.

CREATE TABLE day_end_step (
  date BIGINT NOT NULL,
  step TEXT NOT NULL,
  -- the channel's code; empty for a step of the whole house
  channel TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts BIGINT NOT NULL DEFAULT 0,
  started_at BIGINT,
  finished_at BIGINT,
  -- not tried again before
  next_at BIGINT,
  error_code TEXT,
  error_en TEXT,
  error_zh TEXT,
  alarmed_at BIGINT,
  result TEXT,
  PRIMARY KEY (date, step, channel)
);
CREATE INDEX day_end_step_undone ON day_end_step (date) WHERE state <> 'done';
