-- A customer that was split off another, until its user's identity is established anew.
ALTER TABLE member_customer ADD COLUMN split_from TEXT;

-- What counts as used in a quota's period from its beginning. quota: the account of what is left.
CREATE TABLE member_carried (
    quota TEXT NOT NULL,
    period TEXT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (quota, period)
);
