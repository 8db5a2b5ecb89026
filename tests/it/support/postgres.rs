//! Databases on a PostgreSQL server: a fresh, empty one for each test, dropped when the test ends.
//!
//! The server is the one of `PEERBENCH_TEST_POSTGRES_URL`, which `./test` sets; without it, the first test that
//! asks starts `scripts/with-postgres` once for the whole run. A PostgreSQL that is not installed fails the tests
//! that need it, everywhere: a run that passed has passed on both databases.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::{Connection, PgConnection, RunQueryDsl, sql_query};

/// An empty database of its own, dropped with the value.
pub struct Database {
    name: String,
    server: Server,
}

impl Database {
    /// Creates the database.
    pub fn create() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let name = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let database = Self { name, server: server().clone() };
        database.server.execute(&format!("CREATE DATABASE {}", database.name));
        database
    }

    /// The address in the form of `PEERBENCH_DATABASE_URL`.
    pub fn url(&self) -> String {
        self.server.url_of(&self.name)
    }

    /// A connection for a test that looks at the rows themselves.
    pub fn connect(&self) -> PgConnection {
        PgConnection::establish(&self.url())
            .unwrap_or_else(|e| panic!("{} cannot be reached: {e}", self.name))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.server.execute(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

/// A server by the address of its maintenance database, split before the database's name.
#[derive(Clone)]
struct Server {
    before_name: String,
    maintenance: String,
    after_name: String,
}

impl Server {
    fn at(url: &str) -> Self {
        let (address, options) =
            url.split_once('?').map_or((url, String::new()), |(a, o)| (a, format!("?{o}")));
        let authority =
            address.find("://").map(|at| at + 3).expect("PEERBENCH_TEST_POSTGRES_URL has no scheme");
        let slash = address[authority..].find('/').map(|at| authority + at);
        let slash =
            slash.expect("PEERBENCH_TEST_POSTGRES_URL must end in a database's name, such as /postgres");
        Self {
            before_name: address[..=slash].to_owned(),
            maintenance: address[slash + 1..].to_owned(),
            after_name: options,
        }
    }

    fn url_of(&self, database: &str) -> String {
        format!("{}{database}{}", self.before_name, self.after_name)
    }

    /// Runs one statement in the maintenance database. A failing statement panics; during a panic it is only told,
    /// so that the first cause stays readable.
    fn execute(&self, statement: &str) {
        let outcome = PgConnection::establish(&self.url_of(&self.maintenance))
            .map_err(|e| e.to_string())
            .and_then(|mut c| sql_query(statement).execute(&mut c).map_err(|e| e.to_string()));
        match outcome {
            Ok(_) => {}
            Err(why) if std::thread::panicking() => eprintln!("`{statement}` failed: {why}"),
            Err(why) => panic!("`{statement}` failed: {why}"),
        }
    }
}

fn server() -> &'static Server {
    static SERVER: OnceLock<(Server, Option<Private>)> = OnceLock::new();
    let (server, _) = SERVER.get_or_init(|| match env::var("PEERBENCH_TEST_POSTGRES_URL") {
        Ok(url) if !url.is_empty() => (Server::at(&url), None),
        _ => {
            let (private, url) = Private::start();
            (Server::at(&url), Some(private))
        }
    });
    server
}

/// A server of this test run. The script stops it when its standard input closes, which the operating system does
/// for us however this process ends, so nothing needs to be dropped.
struct Private {
    _script: Child,
    _open_while_we_live: ChildStdin,
}

impl Private {
    fn start() -> (Self, String) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/with-postgres");
        let mut child = Command::new(&script)
            .args(["sh", "-c", r#"echo "$PEERBENCH_TEST_POSTGRES_URL"; exec cat >/dev/null"#])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("{} cannot be run: {e}", script.display()));
        let stdin = child.stdin.take().expect("stdin is a pipe");
        let mut url = String::new();
        BufReader::new(child.stdout.take().expect("stdout is a pipe")).read_line(&mut url).expect("UTF-8");
        let url = url.trim().to_owned();
        assert!(
            !url.is_empty(),
            "no PostgreSQL server for the tests (the reason is printed above). Run ./test, which installs it, or \
             set PEERBENCH_TEST_POSTGRES_URL to a superuser's address on a server of yours."
        );
        (Self { _script: child, _open_while_we_live: stdin }, url)
    }
}

#[test]
fn each_database_is_empty_and_goes_away_with_the_test() {
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        count: i64,
    }
    let count = |connection: &mut PgConnection, query: &str| {
        sql_query(query).get_result::<Count>(connection).unwrap().count
    };
    let survivor = Database::create();
    let gone = {
        let database = Database::create();
        let mut connection = database.connect();
        let tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'";
        assert_eq!(count(&mut connection, tables), 0);
        sql_query("CREATE TABLE leftover (id int)").execute(&mut connection).unwrap();
        database.name.clone()
    };
    let named = format!("SELECT count(*) FROM pg_database WHERE datname = '{gone}'");
    assert_eq!(count(&mut survivor.connect(), &named), 0, "{gone} is still there");
}

#[test]
fn a_servers_address_may_carry_options() {
    let server = Server::at("postgres://u:p@host:5433/postgres?sslmode=disable");
    assert_eq!(server.url_of("test_1"), "postgres://u:p@host:5433/test_1?sslmode=disable");
}
