-- An organisation may have several merchants: the table anew, without the key that allowed one.
CREATE TABLE member_merchant_of (
    id TEXT NOT NULL PRIMARY KEY,
    customer TEXT NOT NULL,
    name_en TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    fee_plan TEXT NOT NULL,
    cycle TEXT NOT NULL,
    advance_d0 INTEGER NOT NULL,
    webhook_url TEXT,
    api_key_hash BLOB NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);
INSERT INTO member_merchant_of (id, customer, name_en, name_zh, fee_plan, cycle, advance_d0,
    webhook_url, api_key_hash, created_at)
    SELECT id, customer, name_en, name_zh, fee_plan, cycle, advance_d0, webhook_url, api_key_hash,
    created_at FROM member_merchant;
DROP TABLE member_merchant;
ALTER TABLE member_merchant_of RENAME TO member_merchant;
CREATE INDEX member_merchant_customer ON member_merchant (customer);

-- On what a user may act for the organisation it hangs under.
CREATE TABLE member_authority (
    user_id TEXT NOT NULL PRIMARY KEY,
    document TEXT NOT NULL,
    authorised_by TEXT NOT NULL,
    authorised_at BIGINT NOT NULL
);

-- Users whose orders another user of the same customer may open.
CREATE TABLE member_secondary (
    user_id TEXT NOT NULL PRIMARY KEY,
    primary_user TEXT NOT NULL,
    since BIGINT NOT NULL
);
CREATE INDEX member_secondary_primary ON member_secondary (primary_user);
