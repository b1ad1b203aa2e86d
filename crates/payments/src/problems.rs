//! Every refusal of this room: its stable code, the field at fault and a sentence in two languages.

/// The static form of a failure's code; `order_failed` for one that is not this room's own.
pub fn known_code(code: &str) -> &'static str {
    let _ = code;
    "order_failed"
}
