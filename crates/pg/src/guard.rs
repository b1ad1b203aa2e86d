//! Tables that only grow.

/// The statements after which the server refuses every change of what stands in a table, and its
/// emptying: a function and two triggers of these names' beginning. May be run again.
pub fn append_only(name: &str, table: &str, what: &str) -> String {
    format!(
        "
CREATE OR REPLACE FUNCTION {name}_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{what} is append-only'; END $$;
CREATE OR REPLACE TRIGGER {name}_no_change BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION {name}_refuse();
CREATE OR REPLACE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION {name}_refuse();
"
    )
}
