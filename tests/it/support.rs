//! What the integration tests stand on: databases of their own, the real server, and the people who use it.

pub mod client;
pub mod community;
pub mod console;
pub mod contract;
pub mod costs;
pub mod in_process;
pub mod people;
pub mod postgres;
pub mod proxy;
pub mod raw;
pub mod server;
pub mod settled;
pub mod shared_data;
pub mod tools;

/// The kinds of database on which the service runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    Sqlite,
    Postgres,
}

/// Makes two tests of each function that takes a [`Store`]: `on_sqlite::name` and `on_postgres::name`.
///
/// ```ignore
/// on_both!(an_unknown_path_is_a_problem);
///
/// fn an_unknown_path_is_a_problem(store: Store) {
///     let service = Service::start(store);
///     service.anonymous().get("/nowhere").problem(404, "not-found");
/// }
/// ```
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[test] fn $name() { super::$name($crate::support::Store::Sqlite) })+
        }
        mod on_postgres {
            $(#[test] fn $name() { super::$name($crate::support::Store::Postgres) })+
        }
    };
}
pub(crate) use on_both;
