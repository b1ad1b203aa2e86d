-- Who may work at the console and the operators' endpoints. Moments are microseconds since 1970.
CREATE TABLE operator (
    name       TEXT   NOT NULL PRIMARY KEY,
    token_hash BLOB   NOT NULL UNIQUE,
    roles      TEXT   NOT NULL, -- separated by spaces
    created_at BIGINT NOT NULL,
    removed_at BIGINT
);
