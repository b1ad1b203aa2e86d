//! A house that serves leaves no core dump: keys and passwords in its memory reach no disk.
#![cfg(target_os = "linux")]

use crate::api::founded;
use crate::house::House;

#[test]
fn a_house_that_serves_may_dump_no_core() {
    let folder = tempfile::tempdir().expect("a folder");
    founded(folder.path());
    let house = House::open(folder.path());
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", house.pid()));
    let limits = limits.expect("a running process has limits");
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size"));
    let core: Vec<&str> = core.expect("a limit of cores").split_whitespace().collect();
    assert_eq!(core[..2], ["0", "0"], "soft and hard, so that nothing can raise it again");
    house.kill();
}
