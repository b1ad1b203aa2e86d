//! Customer, user, account: real name, credentials, freeze, limits.
