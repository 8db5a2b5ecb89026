//! What a later version of the program left in the database: this one reads what it can, and says what it can't.

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};

use crate::support::{Store, client::Client, community::settle, console::Ran, server::Service};

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
                "the privacy parameters `breadth`, `calm`",
                "run that version or a newer one to publish",
            ],
        );
        assert_eq!(summary(&reader).expect(200).json(), before);
    }
    let problem = service.operator().request("POST", "/v1/admin/releases").send();
    assert_eq!(problem.status, 409, "{}", String::from_utf8_lossy(&problem.body));
}
