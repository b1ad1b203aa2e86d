//! SQL connection, migrations, group commit, outbox, audit, secrets.
