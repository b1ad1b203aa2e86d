//! The book under crashes, crowds, failing disks and curious readers.

mod crash;
mod crowd;
mod door;
mod full;
mod index;
mod mounts;
mod reads;
mod support;
mod verify;
