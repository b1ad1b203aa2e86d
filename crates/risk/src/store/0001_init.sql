-- Every judgement, whole: the event as sent, the features as they were, the reasons as read.
-- The id begins with the event's millisecond, so a day is a range of ids.
CREATE TABLE risk_decision (
    id       BLOB    NOT NULL PRIMARY KEY,
    order_id BLOB,
    outcome  TEXT    NOT NULL,
    score    BIGINT  NOT NULL,
    fallback BOOLEAN NOT NULL,
    rules    TEXT    NOT NULL, -- names of the rules that hit, separated by spaces
    version  TEXT    NOT NULL, -- of the rule set, see risk_ruleset
    event    TEXT    NOT NULL, -- JSON
    detail   TEXT    NOT NULL, -- JSON: reasons, factors, features, lists, rules passed over
    micros   BIGINT  NOT NULL
);
CREATE INDEX risk_decision_order ON risk_decision (order_id);
CREATE INDEX risk_decision_outcome ON risk_decision (outcome, id);

-- The texts of every rule set that was ever in force, so that any judgement can be made again.
CREATE TABLE risk_ruleset (
    version   TEXT   NOT NULL PRIMARY KEY,
    features  TEXT   NOT NULL,
    rules     TEXT   NOT NULL,
    loaded_at BIGINT NOT NULL
);

CREATE TABLE risk_list (
    listed     TEXT   NOT NULL,
    value      TEXT   NOT NULL,
    level      TEXT   NOT NULL,
    source     TEXT   NOT NULL,
    reason     TEXT   NOT NULL,
    expires_at BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (listed, value)
);
