//! A database whose schema is not the program's.

use crate::support::{Store, console::Console, on_both};

on_both!(commands_and_the_server_refuse_a_database_that_is_not_migrated, migrating_again_changes_nothing);

fn commands_and_the_server_refuse_a_database_that_is_not_migrated(store: Store) {
    let console = Console::without_schema(store);
    for command in [
        &["serve"] as &[&str],
        &["organisation", "list"],
        &["client", "list", "--operator"],
        &["release", "publish"],
        &["catalogue", "list"],
    ] {
        let refused = console.run(command).failed(3, &["`peerbench migrate`"]);
        assert_eq!(refused.out, "", "{command:?}");
    }
    assert!(!console.folder().join("peerbench.db").exists(), "a wrong path never becomes a database");
    console.run(&["migrate"]).done();
    console.run(&["organisation", "list"]).done();
}

fn migrating_again_changes_nothing(store: Store) {
    let console = Console::without_schema(store);
    assert!(console.run(&["migrate"]).done().out.contains("applied"));
    let id = console.organisation("Kept");
    assert!(console.run(&["migrate"]).done().out.contains("is up to date"));
    assert_eq!(console.json(&["organisation", "list"])["items"][0]["id"], id);
}

#[test]
fn what_is_printed_of_a_database_holds_no_password() {
    let console = Console::without_schema(Store::Sqlite);
    let mut command = console.command(&["migrate"]);
    command.env("PEERBENCH_DATABASE_URL", "postgres://bench:hush@127.0.0.1:1/nothing");
    let refused = crate::support::console::Ran::of(&mut command).failed(3, &["PostgreSQL server"]);
    assert!(!refused.err.contains("hush") && !refused.out.contains("hush"), "{}", refused.err);
}

#[test]
fn a_url_of_another_kind_is_a_wrong_setting() {
    let console = Console::without_schema(Store::Sqlite);
    let mut command = console.command(&["organisation", "list"]);
    command.env("PEERBENCH_DATABASE_URL", "mysql://localhost/bench");
    crate::support::console::Ran::of(&mut command).failed(2, &["sqlite:PATH or postgres://"]);
}

#[test]
fn privacy_settings_beyond_their_limit_stop_the_service_by_name() {
    let console = Console::new(Store::Sqlite);
    for (variable, value, said) in [
        ("PEERBENCH_PRIVACY_K", "9", "privacy.k is 9, but must be at least 10"),
        ("PEERBENCH_PRIVACY_M", "2", "privacy.m is 2, but must be at least 3"),
        ("PEERBENCH_PRIVACY_JITTER", "0", "privacy.jitter is 0"),
        ("PEERBENCH_PRIVACY_PRESET", "loose", "small-community"),
    ] {
        let mut command = console.command(&["serve"]);
        command.env(variable, value);
        crate::support::console::Ran::of(&mut command).failed(2, &[said]);
    }
}
