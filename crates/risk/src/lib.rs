//! Events, features, rules, decisions.
