//! What an outside party must offer, who is registered, and how one is chosen and asked.
