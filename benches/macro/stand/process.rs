//! A server in a process of its own, and what it uses.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The processor of what is measured. Clients and backend have the other ones.
const PROCESSOR: &str = "1";

/// How long a server may take until it listens.
const START: Duration = Duration::from_secs(60);

/// A server in a process of its own. It ends with this.
pub struct Process {
    child: Child,
    pub address: SocketAddr,
}

impl Process {
    /// Starts a command that listens at this address; on a processor of its own where there are several.
    pub fn start(mut command: Command, address: SocketAddr) -> Self {
        if thread::available_parallelism().is_ok_and(|processors| processors.get() > 1) && is_there("taskset") {
            let mut pinned = Command::new("taskset");
            pinned.args(["-c", PROCESSOR]).arg(command.get_program()).args(command.get_args());
            command.get_current_dir().map(|folder| pinned.current_dir(folder));
            for (name, value) in command.get_envs() {
                pinned.env(name, value.unwrap_or_default());
            }
            command = pinned;
        }
        let child = command.stdin(Stdio::null()).spawn().expect("the command starts");
        let mut process = Self { child, address };
        process.await_start();
        process
    }

    fn await_start(&mut self) {
        let since = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "it did not start: {ended:?}");
            assert!(since.elapsed() < START, "it does not listen");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The CPU time that its threads have used.
    pub fn cpu(&self) -> Duration {
        let threads = fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let nanoseconds = |path| fs::read_to_string(path).ok()?.split(' ').next()?.parse::<u64>().ok();
        Duration::from_nanos(threads.filter_map(|thread| nanoseconds(thread.unwrap().path().join("schedstat"))).sum())
    }

    /// What it holds in memory now, in KiB.
    pub fn resident(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most that it has held in memory since it was started, in KiB.
    pub fn peak(&self) -> u64 {
        self.status("VmHWM:")
    }

    fn status(&self, field: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
        line.trim_end_matches("kB").trim().parse().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().expect("it can be ended");
        self.child.wait().expect("it has ended");
    }
}

/// Whether the shell would find a program.
pub fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// An address at which nobody listens.
pub fn free_address() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}
