//! The files that are watched while the gateway runs: tokens, configuration and packs, certificate.
//!
//! Contents are compared, so files may be written in place, renamed over, or change under links. A new set is loaded and
//! checked whole before it is in force; a broken one changes nothing and is told once. What the token file held is noted
//! before it is loaded: what changes meanwhile is found at the next look.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::signal::unix::{SignalKind, signal};

use crate::access::{Tokens, store};
use crate::config::Config;
use crate::fault::Faults;
use crate::file;
use crate::gateway::load::{Loaded, load};
use crate::metrics::Reload;

use super::Running;
use super::seen::Seen;

/// How often the token file is looked at: a revoked token is unknown within this time (T-08).
const LOOK: Duration = Duration::from_millis(500);

/// Every how many looks the other files are looked at too: every 2 s.
const OTHERS: u64 = 4;

/// Watches for ever. `tokens` is what was seen of the token file before it was loaded.
pub(super) async fn watch(running: Running, config: PathBuf, tokens: Seen) {
    let Ok(mut hangup) = signal(SignalKind::hangup()) else {
        tracing::error!("SIGHUP can't be listened for; no file is watched");
        return;
    };
    let mut watch = Watch::new(running, config, tokens);
    let mut ticks = tokio::time::interval(LOOK);
    let mut count: u64 = 0;
    loop {
        tokio::select! {
            _ = ticks.tick() => count += 1,
            _ = hangup.recv() => count = 0,
        }
        let all = count.is_multiple_of(OTHERS);
        // Files are read, and packs compiled, beside the threads that answer calls.
        let looked = tokio::task::spawn_blocking(move || {
            watch.look(all);
            watch
        });
        match looked.await {
            Ok(same) => watch = same,
            Err(fault) => {
                tracing::error!(%fault, "looking at files has panicked; no file is watched any more");
                return;
            }
        }
    }
}

/// What was last seen.
struct Watch {
    running: Running,
    config: PathBuf,
    tokens: Seen,
    certificate: Vec<Option<Vec<u8>>>,
    /// What was told of a set that is broken.
    told: Option<String>,
}

impl Watch {
    fn new(running: Running, config: PathBuf, tokens: Seen) -> Self {
        let certificate = certificate(&running.force.load().config);
        Self { running, config, tokens, certificate, told: None }
    }

    fn look(&mut self, all: bool) {
        self.look_at_tokens();
        if all {
            self.look_at_config();
            self.look_at_certificate();
        }
    }

    fn look_at_tokens(&mut self) {
        let loaded = self.running.force.load_full();
        if !self.tokens.has_changed(&loaded.config.tokens) {
            return;
        }
        match store::read(&loaded.config.tokens) {
            Ok(register) => {
                loaded.gateway.replace_tokens(Tokens::new(&register));
                self.running.metrics.reloaded(Reload::Tokens, SystemTime::now());
                tracing::info!(tokens = register.entries().len(), "the token file has changed");
                self.warn_if_nobody_can_call();
            }
            Err(fault) => {
                self.running.metrics.reload_failed(Reload::Tokens);
                tracing::error!(%fault, "the token file has changed and can't be used; the former tokens stay");
            }
        }
    }

    fn look_at_config(&mut self) {
        let former = self.running.force.load_full();
        if self.told.is_none() && !former.config.sources.have_changed() {
            return;
        }
        match read(&self.config, &self.running, &former) {
            Ok((loaded, tokens)) => {
                self.told = None;
                self.take_over(loaded, &former);
                self.tokens = tokens;
            }
            Err(fault) if self.told.as_ref() == Some(&fault) => {}
            Err(fault) => {
                self.running.metrics.reload_failed(Reload::Config);
                tracing::error!(
                    generation = %former.config.generation, faults = %fault,
                    "the configuration has changed and can't be used; the former one stays"
                );
                self.told = Some(fault);
            }
        }
    }

    fn take_over(&mut self, loaded: Loaded, former: &Loaded) {
        let (old, new) = (&former.config, &loaded.config);
        if old.listener != new.listener || old.admin != new.admin || old.timeouts != new.timeouts {
            tracing::warn!("`listen`, `admin` and `timeouts` take effect at the next start");
        }
        self.running.metrics.configured(&new.generation);
        self.running.metrics.reloaded(Reload::Config, SystemTime::now());
        tracing::info!(former = %old.generation, generation = %new.generation, "another configuration is in force");
        self.running.force.store(Arc::new(loaded));
        self.warn_if_nobody_can_call();
    }

    /// A token file that is gone takes every token with it, which may be meant, and may be a file that was moved.
    fn warn_if_nobody_can_call(&self) {
        let loaded = self.running.force.load();
        if !loaded.gateway.has_tokens() {
            let file = loaded.config.tokens.display();
            tracing::warn!(%file, "there is no live token in the token file, or no such file: every call is a 401 now");
        }
    }

    fn look_at_certificate(&mut self) {
        let loaded = self.running.force.load_full();
        let now = certificate(&loaded.config);
        let (false, Some(tls)) = (self.certificate == now, &self.running.tls) else { return };
        self.certificate = now;
        match tls.reload() {
            Ok(()) => {
                self.running.metrics.reloaded(Reload::Certificates, SystemTime::now());
                tracing::info!("another certificate is in force for new connections");
            }
            Err(fault) => {
                self.running.metrics.reload_failed(Reload::Certificates);
                tracing::error!(%fault, "the certificate has changed and can't be used; the former one stays");
            }
        }
    }
}

/// The whole set, loaded and checked, and what was seen of its token file; what is wrong with it, as text.
fn read(path: &Path, running: &Running, former: &Loaded) -> Result<(Loaded, Seen), String> {
    let mut faults = Faults::default();
    let config = Config::load(path, &crate::cli::environment, &mut faults).ok_or_else(|| faults.render(false))?;
    let seen = Seen::now(&config.tokens);
    let register = store::read(&config.tokens).map_err(|fault| fault.to_string())?;
    let loaded = load(config, Tokens::new(&register), &running.metrics, Some(former));
    Ok((loaded.map_err(|fault| fault.to_string())?, seen))
}

/// The bytes of a file; nothing if it can't be read, which whoever uses it then explains.
fn bytes(path: &Path) -> Option<Vec<u8>> {
    file::read(path).ok()
}

fn certificate(config: &Config) -> Vec<Option<Vec<u8>>> {
    let files = config.listener.tls.iter().flat_map(|tls| [&tls.certificate, &tls.key]);
    files.map(|path| bytes(path)).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use crate::access::{ConnectionName, Grant, Label, ScopeSet, os_random};
    use crate::metrics::Metrics;

    use super::*;

    const CONFIG: &str = "version: 1
listen: { address: \"127.0.0.1:0\" }
tokens: tokens.json
public-url: http://127.0.0.1
backends: { b: { url: \"http://127.0.0.1:9/scim\", pack: own } }
connections: { c: { client: standard, backend: b } }
";

    const PACK: &str = "version: 1\npack: own\nside: backend\nabout: a pack that changes\n";

    struct Home(tempfile::TempDir, Watch);

    impl Home {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir(folder.path().join("backends")).unwrap();
            let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
            write("gateway.yaml", CONFIG);
            write("backends/own.yaml", PACK);
            let path = folder.path().join("gateway.yaml");
            let config = Config::load(&path, &|_| None, &mut Faults::default()).unwrap();
            let seen = Seen::now(&config.tokens);
            let running = Running::start(config, &Metrics::new()).unwrap();
            Self(folder, Watch::new(running, path, seen))
        }

        /// Adds a token to the token file.
        fn add_token(&self) {
            let mut edit = store::Edit::begin(&self.0.path().join("tokens.json")).unwrap();
            let (connection, name) = (ConnectionName::parse("c").unwrap(), Label::parse("t").unwrap());
            let grant = Grant { connection, name, scopes: ScopeSet::every(&[]), lifetime: None, at_most: 9 };
            edit.register.create(grant, SystemTime::now(), &mut os_random).unwrap();
            edit.save().unwrap();
        }

        fn has_tokens(&self) -> bool {
            self.1.running.force.load().gateway.has_tokens()
        }

        fn write(&self, name: &str, text: &str) {
            fs::write(self.0.path().join(name), text).unwrap();
        }

        /// Looks at everything; the generation in force behind that.
        fn look(&mut self) -> String {
            self.1.look(true);
            self.1.running.force.load().config.generation.clone()
        }

        fn metrics(&self) -> String {
            self.1.running.metrics.encode()
        }
    }

    #[tokio::test]
    async fn a_changed_pack_is_in_force_at_the_next_look() {
        let mut home = Home::new();
        let first = home.look();
        assert_eq!(home.look(), first);
        home.write("backends/own.yaml", &format!("{PACK}can: {{ media: application/json }}\n"));
        assert_ne!(home.look(), first);
    }

    #[tokio::test]
    async fn a_broken_set_changes_nothing_and_a_mended_one_is_taken() {
        let mut home = Home::new();
        let first = home.look();
        home.write("backends/own.yaml", "version: 1\npack: own\nside: bakend\nabout: broken\n");
        assert_eq!(home.look(), first);
        assert_eq!(home.look(), first);
        let failed = "scimgate_reloads_total{kind=\"config\",result=\"failure\"} 1\n";
        assert!(home.metrics().contains(failed), "told and counted once");
        assert!(home.metrics().contains("scimgate_last_reload_successful{kind=\"config\"} 0\n"));
        home.write("backends/own.yaml", PACK);
        assert_eq!(home.look(), first);
        assert!(home.metrics().contains("scimgate_last_reload_successful{kind=\"config\"} 1\n"));
    }

    #[tokio::test]
    async fn tokens_come_and_a_file_that_others_may_read_changes_nothing() {
        let mut home = Home::new();
        assert!(!home.has_tokens());
        home.add_token();
        home.look();
        assert!(home.has_tokens());
        fs::set_permissions(home.0.path().join("tokens.json"), fs::Permissions::from_mode(0o644)).unwrap();
        home.write("tokens.json", "");
        home.look();
        assert!(home.has_tokens(), "the former tokens stay");
        assert!(home.metrics().contains("scimgate_reloads_total{kind=\"tokens\",result=\"failure\"} 1\n"));
    }

    #[tokio::test]
    async fn what_changes_while_tokens_are_loaded_is_found_at_the_next_look() {
        let mut home = Home::new();
        let former = home.1.running.force.load_full();
        let (loaded, seen) = read(&home.1.config, &home.1.running, &former).unwrap();
        home.add_token();
        home.1.take_over(loaded, &former);
        home.1.tokens = seen;
        assert!(!home.has_tokens());
        home.look();
        assert!(home.has_tokens());
    }
}
