//! What the process uses, read from `/proc` when metrics are asked for. Where there is no `/proc`, there are no series.

use std::fs;

use super::catalogue::Families;

/// Clock ticks a second in `/proc/self/stat`: the kernel's fixed `USER_HZ`, whatever its own tick is.
const TICKS: f64 = 100.0;

/// Brings the `process_` series up to date.
pub(super) fn refresh(families: &Families) {
    if let Some(seconds) = read("stat").as_deref().and_then(processor_seconds) {
        let counter = families.process_cpu.with_label_values::<&str>(&[]);
        // A float that went down would be a counter reset; two scrapes at once may each have read an older value.
        counter.inc_by((seconds - counter.get()).max(0.0));
    }
    if let Some(bytes) = read("status").as_deref().and_then(resident_bytes) {
        families.process_memory.with_label_values::<&str>(&[]).set(bytes);
    }
    if let Some(most) = read("limits").as_deref().and_then(most_files) {
        families.process_max_fds.with_label_values::<&str>(&[]).set(most);
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        families.process_fds.with_label_values::<&str>(&[]).set(i64::try_from(open.count()).unwrap_or(i64::MAX));
    }
}

fn read(name: &str) -> Option<String> {
    fs::read_to_string(format!("/proc/self/{name}")).ok()
}

/// User and system time: fields 14 and 15, counted behind the command's name, which may hold spaces and brackets.
fn processor_seconds(stat: &str) -> Option<f64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS)
}

fn resident_bytes(status: &str) -> Option<i64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

fn most_files(limits: &str) -> Option<i64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_behind_a_name_with_brackets() {
        let stat = "7 (a) b (c)) S 1 7 7 0 -1 4194560 900 0 0 0 150 50 0 0 20 0 3 0 100 1000 20";
        assert_eq!(processor_seconds(stat), Some(2.0));
        assert_eq!(processor_seconds("7 (a"), None);
    }

    #[test]
    fn memory_is_in_bytes() {
        assert_eq!(resident_bytes("Name:\tx\nVmRSS:\t    2048 kB\n"), Some(2_097_152));
        assert_eq!(resident_bytes("Name:\tx\n"), None);
    }

    #[test]
    fn the_soft_limit_of_files_is_the_one_in_force() {
        assert_eq!(
            most_files("Max open files            1024                 4096                 files\n"),
            Some(1024)
        );
        assert_eq!(most_files("Max open files            unlimited            unlimited            files\n"), None);
    }
}
