CREATE TABLE ledger_key (
    name       TEXT    NOT NULL PRIMARY KEY,
    key_hash   BLOB    NOT NULL UNIQUE,
    scopes     TEXT    NOT NULL,
    leaves     TEXT,
    created_at BIGINT  NOT NULL,
    revoked_at BIGINT
);
