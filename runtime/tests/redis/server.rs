//! A real `redis-server` (or `valkey-server`), started for a test and stopped after it.

use std::{
    env,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

/// A server of nobody else, on a free port of loopback, that keeps nothing on disk.
pub(crate) struct RedisServer {
    child: Child,
    port: u16,
    /// The port for TLS, if it speaks that.
    tls_port: Option<u16>,
    folder: PathBuf,
}

impl RedisServer {
    pub(crate) fn start() -> Self {
        Self::start_in(None)
    }

    /// One that speaks TLS on a second port, with the certificate `server.crt` in its folder.
    #[cfg(feature = "redis-tls")]
    pub(crate) fn start_with_tls() -> Self {
        Self::start_in(Some(free_port()))
    }

    fn start_in(tls_port: Option<u16>) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("tollgate-redis-{}-{count}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let port = free_port();
        #[cfg(feature = "redis-tls")]
        if tls_port.is_some() {
            let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
            std::fs::write(folder.join("server.crt"), made.cert.pem()).unwrap();
            std::fs::write(folder.join("server.key"), made.signing_key.serialize_pem()).unwrap();
        }
        let server = Self {
            child: spawn(port, tls_port, &folder),
            port,
            tls_port,
            folder,
        };
        server.wait_until_it_answers();
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    #[cfg(feature = "redis-tls")]
    pub(crate) fn tls_url(&self) -> String {
        format!("rediss://127.0.0.1:{}", self.tls_port.unwrap())
    }

    /// Where its files are.
    #[cfg(feature = "redis-tls")]
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn connection(&self) -> redis::Connection {
        let client = redis::Client::open(self.url()).unwrap();
        client.get_connection().unwrap()
    }

    /// Kills it, and what it knew is gone.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Another process on the same port.
    pub(crate) fn start_again(&mut self) {
        self.child = spawn(self.port, self.tls_port, &self.folder);
        self.wait_until_it_answers();
    }

    /// Lets it answer nobody, until [`resume`](Self::resume).
    pub(crate) fn stop(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn resume(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    fn wait_until_it_answers(&self) {
        let begin = Instant::now();
        let client = redis::Client::open(self.url()).unwrap();
        while begin.elapsed() < Duration::from_secs(30) {
            if let Ok(mut connection) = client.get_connection()
                && redis::cmd("PING").query::<String>(&mut connection).is_ok()
            {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("the server did not answer on port {} within half a minute", self.port);
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A port below those that systems give to whoever asks for any, so that nobody else gets it while a server is away.
fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        // Several processes do not begin with the same one.
        let nth = std::process::id()
            .wrapping_mul(97)
            .wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = 12_000 + u16::try_from(nth % 20_000).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn spawn(port: u16, tls_port: Option<u16>, folder: &Path) -> Child {
    let mut command = Command::new(program());
    if let Some(tls_port) = tls_port {
        command.args(["--tls-port", &tls_port.to_string(), "--tls-auth-clients", "no"]);
        command.args(["--tls-cert-file", "server.crt", "--tls-key-file", "server.key"]);
    }
    command
        .current_dir(folder)
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
        .args(["--save", "", "--appendonly", "no", "--daemonize", "no"])
        .arg("--dir")
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// There is no mock of it: without the real one these tests fail.
fn program() -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = ["redis-server", "valkey-server"]
        .iter()
        .flat_map(|name| env::split_paths(&path).map(move |folder| folder.join(name)))
        .find(|program| program.is_file());
    found.unwrap_or_else(|| {
        panic!(
            "these tests need a real `redis-server` or `valkey-server` in PATH, and there is none; `cargo xtask test` \
             installs one, or `apt-get install redis-server`, or `brew install redis`"
        )
    })
}

/// A server for tests that do not disturb others: the one in `TOLLGATE_TEST_REDIS`, or one of this test's own.
pub(crate) struct AnyServer {
    _own: Option<RedisServer>,
    pub(crate) url: String,
}

pub(crate) fn any() -> AnyServer {
    if let Ok(url) = env::var("TOLLGATE_TEST_REDIS") {
        AnyServer { _own: None, url }
    } else {
        let own = RedisServer::start();
        AnyServer {
            url: own.url(),
            _own: Some(own),
        }
    }
}
