-- Moments are microseconds since 1970. Ids are their text. Personal values are sealed; what must be
-- found again stands beside them as a keyed hash (blind index).

CREATE TABLE member_customer (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    identity BLOB NOT NULL UNIQUE,
    name BLOB NOT NULL,
    id_type TEXT NOT NULL,
    id_number BLOB NOT NULL,
    class INTEGER,
    created_at BIGINT NOT NULL
);

CREATE TABLE member_user (
    id TEXT NOT NULL PRIMARY KEY,
    customer TEXT,
    account_class INTEGER,
    phone_index BLOB NOT NULL UNIQUE,
    phone BLOB NOT NULL,
    email_index BLOB UNIQUE,
    email BLOB,
    login_name TEXT UNIQUE,
    created_at BIGINT NOT NULL,
    verified_at BIGINT
);
CREATE INDEX member_user_customer ON member_user (customer);

CREATE TABLE member_check (
    request_no TEXT NOT NULL,
    user_id TEXT NOT NULL,
    identity BLOB NOT NULL,
    channel TEXT NOT NULL,
    provider TEXT NOT NULL,
    price BIGINT NOT NULL,
    matched INTEGER,
    evidence BLOB NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (provider, request_no)
);
CREATE INDEX member_check_identity ON member_check (identity, user_id);
CREATE INDEX member_check_at ON member_check (at);

CREATE TABLE member_password (
    user_id TEXT NOT NULL PRIMARY KEY,
    salt BLOB NOT NULL,
    hash BLOB NOT NULL,
    memory_kib BIGINT NOT NULL,
    passes BIGINT NOT NULL,
    lanes BIGINT NOT NULL,
    taken BIGINT NOT NULL,
    cleared BIGINT NOT NULL,
    locks BIGINT NOT NULL,
    locked_until BIGINT,
    set_at BIGINT NOT NULL
);

CREATE TABLE member_nonce (
    nonce TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX member_nonce_expiry ON member_nonce (expires_at);

CREATE TABLE member_agreement (
    user_id TEXT NOT NULL,
    merchant TEXT NOT NULL,
    per_order BIGINT NOT NULL,
    per_day BIGINT NOT NULL,
    agreed_at BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (user_id, merchant)
);

-- told: whether the book has been told of the entry's last change.
CREATE TABLE member_register (
    id TEXT NOT NULL PRIMARY KEY,
    target TEXT NOT NULL,
    who TEXT NOT NULL,
    reason TEXT NOT NULL,
    document TEXT,
    level TEXT NOT NULL,
    scope TEXT NOT NULL,
    from_at BIGINT NOT NULL,
    until_at BIGINT,
    lifted_at BIGINT,
    lifted_by TEXT,
    lifted_reason TEXT,
    told INTEGER NOT NULL
);
CREATE INDEX member_register_target ON member_register (target);

CREATE TABLE member_merchant (
    id TEXT NOT NULL PRIMARY KEY,
    customer TEXT NOT NULL UNIQUE,
    name_en TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    fee_plan TEXT NOT NULL,
    cycle TEXT NOT NULL,
    advance_d0 INTEGER NOT NULL,
    webhook_url TEXT,
    api_key_hash BLOB NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);
