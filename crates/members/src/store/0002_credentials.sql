-- One-time codes as sent: only their keyed hash. state: live, used, replaced, failed (not carried).
CREATE TABLE member_code (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    subject TEXT NOT NULL,
    phone_index BLOB NOT NULL,
    hash BLOB NOT NULL,
    sent_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    state TEXT NOT NULL
);
CREATE INDEX member_code_phone ON member_code (phone_index, sent_at);
CREATE INDEX member_code_for ON member_code (user_id, purpose, subject, sent_at);

-- Secrets of authenticator apps, sealed. step: the last time step that was used, which never is again.
CREATE TABLE member_totp (
    user_id TEXT NOT NULL PRIMARY KEY,
    secret BLOB NOT NULL,
    enrolled_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    step BIGINT NOT NULL,
    taken BIGINT NOT NULL,
    cleared BIGINT NOT NULL,
    locks BIGINT NOT NULL,
    locked_until BIGINT
);

-- Gesture passwords: kept as payment passwords are, with a lock of their own.
CREATE TABLE member_gesture (
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

-- Withholding agreements, shaped as password-free ones.
CREATE TABLE member_withholding (
    user_id TEXT NOT NULL,
    merchant TEXT NOT NULL,
    per_order BIGINT NOT NULL,
    per_day BIGINT NOT NULL,
    agreed_at BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (user_id, merchant)
);

-- Keys that payment passwords are sealed to; the private half sealed.
CREATE TABLE member_keypad_key (
    key_id TEXT NOT NULL PRIMARY KEY,
    suite TEXT NOT NULL,
    secret BLOB NOT NULL,
    made_at BIGINT NOT NULL,
    retired_at BIGINT
);
