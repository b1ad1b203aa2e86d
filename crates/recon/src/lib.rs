//! Statement formats, matching, breaks and their treatment, proofs.
