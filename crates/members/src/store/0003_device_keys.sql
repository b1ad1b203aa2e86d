-- Device keys. A removed one stays, as evidence for the orders it signed. marked_at: its counter
-- once did not move on, so it may have been copied. counter is of 32 bits.
CREATE TABLE member_device_key (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL,
    credential_id BLOB NOT NULL UNIQUE,
    public_key BLOB NOT NULL,
    counter BIGINT NOT NULL,
    attestation TEXT NOT NULL,
    aaguid BLOB NOT NULL,
    user_verified INTEGER NOT NULL,
    backup_eligible INTEGER NOT NULL,
    backed_up INTEGER NOT NULL,
    name TEXT NOT NULL,
    device TEXT,
    integrity TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    marked_at BIGINT,
    removed_at BIGINT
);
CREATE INDEX member_device_key_user ON member_device_key (user_id);

-- Challenges given out and not answered yet: one for a user's next key, one for each order.
-- order_id is empty for a new key; page is the payee's, where the browser is to show the payment.
CREATE TABLE member_device_challenge (
    user_id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    challenge BLOB NOT NULL UNIQUE,
    nonce BLOB NOT NULL,
    page TEXT,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, order_id)
);
CREATE INDEX member_device_challenge_expiry ON member_device_challenge (expires_at);
