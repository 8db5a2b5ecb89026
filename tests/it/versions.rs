//! What a later version of the program left in the database: this one reads what it can, and says what it can't.

use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection,
    sql_query,
    sql_types::{Binary, Text},
};

use crate::support::{Store, client::Client, community::settle, console::Ran, server::Service};

#[derive(QueryableByName)]
struct Ledger {
    #[diesel(sql_type = Text)]
    basis: String,
    #[diesel(sql_type = Binary)]
    head: Vec<u8>,
}

/// A length as ledgers write it: seven bits a byte, the lowest first.
fn length(value: usize) -> Vec<u8> {
    assert!((128..16384).contains(&value));
    vec![u8::try_from(value & 0x7f).unwrap() | 0x80, u8::try_from(value >> 7).unwrap()]
}

/// The head of a ledger with one parameter more.
fn with_parameter(head: &[u8], parameter: &str) -> Vec<u8> {
    let find = |text: &[u8]| head.windows(text.len()).position(|window| window == text).unwrap();
    let (start, end) = (find(br#"{"preset""#), find(b"}"));
    let json = [&head[start..end], parameter.as_bytes(), b"}"].concat();
    [&head[..start - 2], &length(json.len()), &json, &head[end + 1..]].concat()
}

#[test]
fn a_parameter_of_a_later_version_stops_publication_and_no_comparison() {
    let mut service = Service::start(Store::Sqlite);
    let organisations = settle(&service, 40);
    let publish = |service: &Service| Ran::of(&mut service.command(&["release", "publish"]));
    publish(&service).done();
    let summary = |reader: &Client| reader.get("/v1/comparisons/summary");
    let mut readers = organisations.iter().map(|organisation| service.client_of(organisation.id.as_str()));
    let reader = readers.find(|reader| summary(reader).status != 403).expect("somebody contributes");
    let before = summary(&reader).expect(200).json();
    service.terminate();

    let path = service.setting("PEERBENCH_DATABASE_URL").strip_prefix("sqlite:").unwrap().to_owned();
    let mut conn = SqliteConnection::establish(&path).unwrap();
    conn.batch_execute(
        "DROP TRIGGER releases_keep;
         UPDATE releases SET parameters = replace(parameters, '\"k\":20', '\"k\":20,\"calm\":[4],\"breadth\":3');",
    )
    .unwrap();
    let ledgers: Vec<Ledger> = sql_query("SELECT basis, head FROM release_ledgers").load(&mut conn).unwrap();
    assert_eq!(ledgers.len(), 2);
    for Ledger { basis, head } in ledgers {
        let statement = sql_query("UPDATE release_ledgers SET head = ? WHERE basis = ?");
        let head = with_parameter(&head, r#","breadth":3"#);
        statement.bind::<Binary, _>(head).bind::<Text, _>(basis).execute(&mut conn).unwrap();
    }
    drop(conn);

    service.start_again();
    assert_eq!(summary(&reader).expect(200).json(), before);
    assert!(service.log().contains("this version doesn't know the privacy parameters `breadth`, `calm`"));
    for _ in 0..2 {
        publish(&service).failed(
            1,
            &[
                "Nothing was published",
                "Release 1 was published by a later version of peerbench",
                "the privacy parameter `breadth`",
                "run that version or a newer one to publish",
            ],
        );
        assert_eq!(summary(&reader).expect(200).json(), before);
    }
    let problem = service.operator().request("POST", "/v1/admin/releases").send();
    assert_eq!(problem.status, 409, "{}", String::from_utf8_lossy(&problem.body));
}
