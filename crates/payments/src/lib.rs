//! Orders and their life: try, confirm, cancel; products.
