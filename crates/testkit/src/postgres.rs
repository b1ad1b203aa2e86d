//! A PostgreSQL of the tests' own: its binaries are the system's, its data is a folder that goes
//! with the test process, it listens on a Unix socket only.
//!
//! `./test` starts one for all test processes and names its socket's folder in
//! [`SHARED`]; a test process that finds none starts its own when it first asks for a database.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// The variable that names the folder of a running server's socket.
pub const SHARED: &str = "COUNTINGHOUSE_TEST_POSTGRES";
/// The variable that, as `postgres`, lets [`records_url`] and
/// [`journal_url`] name databases instead of files.
pub const ENGINE: &str = "COUNTINGHOUSE_TEST_ENGINE";

/// The name of the server's one user.
const USER: &str = "house";
/// How long a server may take to start; the machine may be busy.
const STARTING: Duration = Duration::from_mins(1);
/// Ends the server of the folder `$0`, if it runs, and removes the folder.
const END: &str = r#"
kill -QUIT "$(head -n 1 "$0/data/postmaster.pid")"
tries=0
while [ -e "$0/data/postmaster.pid" ] && [ $tries -lt 200 ]; do sleep 0.05; tries=$((tries + 1)); done
rm -rf "$0"
"#;

/// The URL of records that belong to this folder: a file in it, or a database of the tests' server
/// where [`ENGINE`] says so. The same folder has the same records.
pub fn records_url(folder: &Path) -> String {
    if std::env::var(ENGINE).as_deref() == Ok("postgres") {
        return database_of(folder);
    }
    format!("sqlite://{}", folder.join("records.db").display())
}

/// The URL of the journal that belongs to this folder, where [`ENGINE`] says that it is not in files:
/// in the database of the records.
pub fn journal_url(folder: &Path) -> Option<String> {
    (std::env::var(ENGINE).as_deref() == Ok("postgres")).then(|| database_of(folder))
}

/// The URL of the database that belongs to this folder; made when it is first asked for.
pub fn database_of(folder: &Path) -> String {
    static KNOWN: Mutex<BTreeMap<PathBuf, Database>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.entry(folder.to_owned()).or_default().url().to_owned()
}

/// Runs a statement behind the program's back; the rows it gives, or its command tag (`UPDATE 1`).
///
/// # Panics
/// If the server refuses it.
pub fn execute(url: &str, sql: &str) -> String {
    let mut command = Command::new(binaries().join("psql"));
    command.args(["-At", "--no-psqlrc", "--dbname", url, "-c", sql]);
    let done = command.output().expect("psql runs");
    assert!(done.status.success(), "{sql}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("text").trim_end().to_owned()
}

/// Every byte that lies on the disk of the records that [`records_url`] names for this folder.
pub fn stored(folder: &Path) -> Vec<u8> {
    let url = records_url(folder);
    let place = match url.strip_prefix("postgres://house@").and_then(|rest| rest.split_once('/')) {
        Some((host, name)) => database_files(Path::new(&host.replace("%2F", "/")), name),
        None => folder.to_owned(),
    };
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(place).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            bytes.extend(std::fs::read(path).expect("readable"));
        }
    }
    bytes
}

/// The folder of a database's tables, everything that is in memory written out.
fn database_files(socket: &Path, name: &str) -> PathBuf {
    let url =
        format!("postgres://{USER}@{}/{name}", socket.display().to_string().replace('/', "%2F"));
    execute(&url, "CHECKPOINT");
    let oid = "SELECT oid FROM pg_database WHERE datname = current_database()";
    socket.join("data/base").join(execute(&url, oid))
}

/// An empty database, dropped with the value or, at the latest, with the process.
pub struct Database {
    url: String,
    _end: Guard,
}

impl Database {
    /// A new database on the server that the tests share.
    pub fn new() -> Self {
        static OWN: OnceLock<Server> = OnceLock::new();
        match std::env::var_os(SHARED) {
            Some(socket) => Self::on(Path::new(&socket)),
            None => OWN.get_or_init(Server::start).database(),
        }
    }

    fn on(socket: &Path) -> Self {
        static SERIAL: AtomicU32 = AtomicU32::new(0);
        let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
        let name = format!("t{}_{serial}", std::process::id());
        let tool = |program: &str, forced: &[&str]| {
            let mut command = Command::new(binaries().join(program));
            command.args(["--no-password", "--username", USER, "--host"]).arg(socket);
            command.args(forced).arg(&name).stdout(Stdio::null());
            command
        };
        let made = tool("createdb", &[]).status().expect("createdb runs");
        assert!(made.success(), "createdb: {made}");
        let mut drop = tool("dropdb", &["--force", "--if-exists"]);
        drop.stderr(Stdio::null());
        let host = socket.display().to_string().replace('/', "%2F");
        Self { url: format!("postgres://{USER}@{host}/{name}"), _end: Guard::new(&drop) }
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Default for Database {
    fn default() -> Self {
        Self::new()
    }
}

/// A server of one test's own, that can be killed and started again. It ends with the value or, at
/// the latest, with the process.
pub struct Server {
    process: Child,
    settings: Vec<String>,
    _end: Guard,
    dir: tempfile::TempDir,
}

impl Server {
    /// A new server. It does not sync: what it committed outlives it, not the machine.
    pub fn start() -> Self {
        let dir = tempfile::Builder::new().prefix("pg").tempdir().expect("a folder");
        if is_root() {
            let owned = Command::new("chown").arg("nobody").arg(dir.path()).status();
            assert!(owned.expect("chown runs").success(), "chown");
        }
        let initdb = [
            "--no-sync",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            // Not the order of bytes: a table that left its order to the server would be found.
            "--locale-provider=icu",
            "--icu-locale=en-US",
        ];
        let mut command = unprivileged(&binaries().join("initdb"));
        command.arg("-U").arg(USER).args(initdb).arg(dir.path().join("data"));
        let made = command.output().expect("initdb runs");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let settings: Vec<String> =
            ["listen_addresses=", "max_connections=300", "shared_buffers=32MB"]
                .into_iter()
                .chain(["fsync=off", "full_page_writes=off"])
                .map(str::to_owned)
                .collect();
        let mut end = Command::new("sh");
        end.args(["-c", END]).arg(dir.path());
        let process = serve(dir.path(), &settings);
        Self { process, settings, _end: Guard::new(&end), dir }
    }

    /// Lets it listen on `localhost` too, with TLS under a certificate for that name only; the
    /// port, and the file with the certificate.
    pub fn listen_with_tls(&mut self) -> (u16, PathBuf) {
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr());
        let port = free.expect("a free port").port();
        let (certificate, key) = (self.dir.path().join("tls.crt"), self.dir.path().join("tls.key"));
        let mut openssl = unprivileged(Path::new("openssl"));
        openssl.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]);
        openssl.args(["-addext", "subjectAltName=DNS:localhost"]);
        openssl.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
        let made = openssl.arg("-keyout").arg(&key).arg("-out").arg(&certificate).output();
        assert!(made.as_ref().is_ok_and(|made| made.status.success()), "openssl: {made:?}");
        self.shut_down();
        self.settings.extend([
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={port}"),
            "ssl=on".to_owned(),
            format!("ssl_cert_file={}", certificate.display()),
            format!("ssl_key_file={}", key.display()),
        ]);
        self.resume();
        (port, certificate)
    }

    /// A new database on it.
    pub fn database(&self) -> Database {
        Database::on(self.socket())
    }

    /// The folder of its socket.
    pub fn socket(&self) -> &Path {
        self.dir.path()
    }

    /// Ends it at once, as a crash of the server would: open transactions are lost, and what was
    /// committed is recovered from its log at the next start.
    pub fn crash(&mut self) {
        self.stop("-QUIT");
    }

    /// Ends it in an orderly way, connections or not.
    pub fn shut_down(&mut self) {
        self.stop("-INT");
    }

    /// Starts it again.
    pub fn resume(&mut self) {
        self.process = serve(self.dir.path(), &self.settings);
    }

    fn stop(&mut self, signal: &str) {
        let pid = self.process.id().to_string();
        Command::new("kill").args([signal, &pid]).status().expect("kill runs");
        self.process.wait().expect("the server ends");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            self.stop("-QUIT");
        }
    }
}

/// Starts the server of this folder and waits until it answers.
fn serve(dir: &Path, settings: &[String]) -> Child {
    let mut command = unprivileged(&binaries().join("postgres"));
    command.arg("-D").arg(dir.join("data")).arg("-k").arg(dir);
    for setting in settings {
        command.arg("-c").arg(setting);
    }
    let log = std::fs::File::create(dir.join("log")).expect("a log");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    let mut process = command.spawn().expect("the server starts");
    let begun = Instant::now();
    let mut ready = Command::new(binaries().join("pg_isready"));
    ready.arg("--quiet").arg("--host").arg(dir);
    if let Some(port) = settings.iter().find_map(|setting| setting.strip_prefix("port=")) {
        ready.args(["--port", port]);
    }
    while !ready.status().expect("pg_isready runs").success() {
        let ended = process.try_wait().expect("a process");
        let log = || std::fs::read_to_string(dir.join("log")).unwrap_or_default();
        assert!(ended.is_none() && begun.elapsed() < STARTING, "no server: {}", log());
        std::thread::sleep(Duration::from_millis(20));
    }
    process
}

/// Runs a command when it is dropped, or when this process ends in whatever way: a shell waits at
/// the other end of a pipe.
struct Guard(Child);

impl Guard {
    fn new(command: &Command) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", "cat; exec \"$@\" >/dev/null 2>&1", "sh"]);
        shell.arg(command.get_program()).args(command.get_args());
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(shell.spawn().expect("a shell"))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(mut pipe) = self.0.stdin.take() {
            let _ = pipe.flush();
        }
        let _ = self.0.wait();
    }
}

/// The folder of the newest PostgreSQL's binaries.
fn binaries() -> &'static Path {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    FOUND.get_or_init(|| {
        let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let version = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.and_then(|name| name.parse::<u32>().ok())
        };
        let newest = versions.map(|entry| entry.path()).filter_map(|p| Some((version(&p)?, p)));
        if let Some((_, newest)) = newest.max() {
            return newest.join("bin");
        }
        let told = Command::new("pg_config").arg("--bindir").output();
        let told = told.expect("PostgreSQL is installed (Debian: postgresql)").stdout;
        PathBuf::from(String::from_utf8(told).expect("a path").trim())
    })
}

/// A program under a user that is not root, as whom the server refuses to run.
fn unprivileged(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]).arg(program);
    command.current_dir("/");
    command
}

fn is_root() -> bool {
    static ROOT: OnceLock<bool> = OnceLock::new();
    *ROOT.get_or_init(|| {
        let id = Command::new("id").arg("-u").output().expect("id runs").stdout;
        id.trim_ascii() == b"0"
    })
}
