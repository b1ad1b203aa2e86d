-- Whether it has been looked at whether the user's account was used in its first months.
ALTER TABLE member_user ADD COLUMN activity_seen BIGINT NOT NULL DEFAULT 0;
CREATE INDEX member_user_dormancy ON member_user (verified_at) WHERE activity_seen = 0;

-- Accounts that were suspended for not being used, with the register's entry.
CREATE TABLE member_dormant (
    user_id TEXT NOT NULL PRIMARY KEY,
    entry TEXT NOT NULL,
    since BIGINT NOT NULL
);

-- Keyed hash of kind and number of the document alone, for lists.
ALTER TABLE member_customer ADD COLUMN document_index BLOB;
