//! A real Redis for tests and measurements: found or installed, started on a free port of loopback, stopped afterwards.

use crate::process;
use std::{
    env,
    ffi::OsStr,
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Where tests and measurements look for its URL.
pub(crate) const VARIABLE: &str = "TOLLGATE_TEST_REDIS";

/// What the program is called, in the order of preference.
const PROGRAMS: [&str; 2] = ["redis-server", "valkey-server"];

/// A server that ends with this value. It keeps nothing on disk.
pub(crate) struct Server {
    child: Child,
    port: u16,
    folder: PathBuf,
}

impl Server {
    /// Starts one, installing it before where nobody has it and that is possible.
    pub(crate) fn start() -> io::Result<Self> {
        let program = match find() {
            Some(program) => program,
            None => install()?,
        };
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let folder = env::temp_dir().join(format!("tollgate-redis-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let child = Command::new(&program)
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no", "--daemonize", "no"])
            .arg("--dir")
            .arg(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let name = program.file_name().unwrap_or(OsStr::new("redis-server"));
        let server = Self { child, port, folder };
        server.wait()?;
        println!("    {} answers at {}", name.to_string_lossy(), server.url());
        Ok(server)
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Until it answers.
    fn wait(&self) -> io::Result<()> {
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(30) {
            if self.answers().unwrap_or_default() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Err(io::Error::other("the Redis that was started does not answer"))
    }

    fn answers(&self) -> io::Result<bool> {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port))?;
        connection.set_read_timeout(Some(Duration::from_secs(1)))?;
        connection.write_all(b"PING\r\n")?;
        let mut answer = [0; 7];
        connection.read_exact(&mut answer)?;
        Ok(&answer == b"+PONG\r\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is stopping anyway if this fails.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
        println!("    the Redis at {} is stopped", self.url());
    }
}

/// The first of the programs that is in `PATH`.
fn find() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    let places = PROGRAMS
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    places.into_iter().find(|place| place.is_file())
}

/// Installs it with what the system has, where that needs no password.
fn install() -> io::Result<PathBuf> {
    println!("    neither `redis-server` nor `valkey-server` is in PATH");
    for commands in ways() {
        let is_done = commands.iter().all(|line| {
            println!("    {}", line.join(" "));
            let mut command = Command::new(line[0]);
            command.args(&line[1..]).env("DEBIAN_FRONTEND", "noninteractive");
            process::succeeds(command).unwrap_or_default()
        });
        if is_done && let Some(program) = find() {
            return Ok(program);
        }
    }
    Err(io::Error::other(
        "the tests of shared limits need a real Redis or Valkey, and it could not be installed; run `sudo apt-get install \
         redis-server`, or `brew install redis`, or put a `redis-server` or `valkey-server` into PATH",
    ))
}

/// The package managers that are there and may be used, each with its commands.
fn ways() -> Vec<Vec<Vec<&'static str>>> {
    let is_there = |program: &str, argument: &str| {
        let mut command = Command::new(program);
        command.arg(argument);
        process::available(command)
    };
    let mut ways = Vec::new();
    if is_root() && is_there("apt-get", "--version") {
        ways.push(vec![
            vec!["apt-get", "update"],
            vec!["apt-get", "install", "-y", "redis-server"],
        ]);
    }
    if is_root() && is_there("apk", "--version") {
        ways.push(vec![vec!["apk", "add", "redis"]]);
    }
    if is_root() && is_there("dnf", "--version") {
        ways.push(vec![vec!["dnf", "install", "-y", "redis"]]);
        ways.push(vec![vec!["dnf", "install", "-y", "valkey"]]);
    }
    if is_there("brew", "--version") {
        ways.push(vec![vec!["brew", "install", "redis"]]);
    }
    ways
}

#[cfg(unix)]
fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}
