//! Records against real SQLite files.
