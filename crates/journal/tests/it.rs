//! The log under crashes, torn writes, flipped bits and full disks.
