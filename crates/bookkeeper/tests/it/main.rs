//! The book under crashes, crowds, failing disks and curious readers.

mod crash;
mod crowd;
mod door;
mod full;
mod index;
mod meanwhile;
mod mounts;
mod postgres;
mod reads;
mod slices;
mod support;
mod verify;
mod vouchers;
