-- Keys that sign tokens: the newest that has not been retired signs, the others verify until they go.
CREATE TABLE sso_key (
    kid        TEXT   NOT NULL PRIMARY KEY,
    sealed     BLOB   NOT NULL,
    made_at    BIGINT NOT NULL,
    retired_at BIGINT,
    gone_at    BIGINT
);

-- Business systems and apps. The document is the client as its operator registered it.
CREATE TABLE sso_client (
    id          TEXT   NOT NULL PRIMARY KEY,
    document    TEXT   NOT NULL,
    secret      BLOB,
    made_at     BIGINT NOT NULL,
    disabled_at BIGINT
);

-- Authorisation requests: pushed by a client (no browser yet), or open in a browser.
CREATE TABLE sso_request (
    handle     BLOB   NOT NULL PRIMARY KEY,
    client     TEXT   NOT NULL,
    browser    BLOB,
    document   TEXT   NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sso_request_by_end ON sso_request (expires_at);

-- Users who have signed in here.
CREATE TABLE sso_session (
    handle       BLOB   NOT NULL PRIMARY KEY,
    user_id      TEXT   NOT NULL,
    level        BIGINT NOT NULL,
    signed_in_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX sso_session_by_end ON sso_session (expires_at);

-- What a user has let a client do: the family of one code, its tokens, and what was passed on.
CREATE TABLE sso_grant (
    id           TEXT    NOT NULL PRIMARY KEY,
    client       TEXT    NOT NULL,
    user_id      TEXT    NOT NULL,
    scope        TEXT    NOT NULL,
    level        BIGINT NOT NULL,
    signed_in_at BIGINT  NOT NULL,
    redirect_uri TEXT    NOT NULL,
    challenge    TEXT    NOT NULL,
    nonce        TEXT,
    jkt          TEXT,
    code         BLOB,
    code_ends_at BIGINT  NOT NULL,
    code_used_at BIGINT,
    parent       TEXT,
    made_at      BIGINT  NOT NULL,
    expires_at   BIGINT  NOT NULL,
    revoked_at   BIGINT
);
CREATE UNIQUE INDEX sso_grant_by_code ON sso_grant (code);
CREATE INDEX sso_grant_by_user ON sso_grant (user_id, client);
CREATE INDEX sso_grant_by_parent ON sso_grant (parent);

CREATE TABLE sso_refresh (
    token      BLOB   NOT NULL PRIMARY KEY,
    grant_id   TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);
CREATE INDEX sso_refresh_by_end ON sso_refresh (expires_at);

-- One-time values of others (DPoP proofs, client assertions) that were seen.
CREATE TABLE sso_seen (
    value      BLOB   NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sso_seen_by_end ON sso_seen (expires_at);

-- Business users: a user id of a business system, found by its blind index.
CREATE TABLE sso_binding (
    id             TEXT   NOT NULL PRIMARY KEY,
    client         TEXT   NOT NULL,
    business_index BLOB   NOT NULL,
    business_user  BLOB   NOT NULL,
    user_id        TEXT   NOT NULL,
    bound_at       BIGINT NOT NULL,
    unbound_at     BIGINT
);
CREATE UNIQUE INDEX sso_binding_in_force ON sso_binding (client, business_index) WHERE unbound_at IS NULL;
CREATE INDEX sso_binding_by_user ON sso_binding (user_id, client);

-- Federated identities: (issuer, subject), found by its blind index.
CREATE TABLE sso_identity (
    identity  BLOB   NOT NULL PRIMARY KEY,
    issuer    TEXT   NOT NULL,
    user_id   TEXT   NOT NULL,
    linked_at BIGINT NOT NULL
);
CREATE INDEX sso_identity_by_user ON sso_identity (user_id);

-- Federated sign-ins that are under way at a provider.
CREATE TABLE sso_login (
    state      BLOB   NOT NULL PRIMARY KEY,
    browser    BLOB   NOT NULL,
    provider   TEXT   NOT NULL,
    sealed     BLOB   NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sso_login_by_end ON sso_login (expires_at);
