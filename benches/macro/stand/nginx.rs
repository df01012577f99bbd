//! nginx as the yardstick: it passes calls on and does nothing else.

use std::fs;
use std::net::SocketAddr;
use std::process::Command;

use tempfile::TempDir;

use super::process::{Process, free_address, is_there};

/// An nginx that runs.
pub struct Nginx {
    pub process: Process,
    _folder: TempDir,
}

impl Nginx {
    /// Starts it before this backend, if it is installed.
    pub fn start(backend: SocketAddr) -> Option<Self> {
        if !is_there("nginx") {
            return None;
        }
        let (folder, address) = (tempfile::tempdir().unwrap(), free_address());
        let file = folder.path().join("nginx.conf");
        fs::write(&file, configuration(address, backend)).unwrap();
        let mut command = Command::new("nginx");
        command.arg("-p").arg(folder.path()).arg("-c").arg(&file).args(["-e", "stderr"]);
        Some(Self { process: Process::start(command, address), _folder: folder })
    }
}

/// One process, no logs, connections kept on both sides.
fn configuration(address: SocketAddr, backend: SocketAddr) -> String {
    let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|kind| format!("{kind}_temp_path {kind};"));
    format!(
        "master_process off; daemon off; pid nginx.pid; error_log stderr crit;\n\
         events {{ worker_connections 4096; }}\n\
         http {{\n\
           access_log off; {folders} keepalive_requests 100000000;\n\
           upstream backend {{ server {backend}; keepalive 64; keepalive_requests 100000000; }}\n\
           server {{\n\
             listen {address};\n\
             location / {{ proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection \"\"; }}\n\
           }}\n\
         }}\n",
        folders = folders.join(" "),
    )
}
