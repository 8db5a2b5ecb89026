//! A21: another organisation's ids with one's own token.

use serde_json::{Value, json};

use super::{
    report::report,
    world::{Who, World},
};
use crate::support::{Store, client::Client, on_both};

on_both!(what_belongs_to_another_is_absent);

fn actions(reader: &Client) -> Vec<(String, Value)> {
    let log = reader.get("/v1/organisation/audit?limit=1000").expect(200).json();
    let entries = log["items"].as_array().unwrap().iter();
    entries.map(|entry| (entry["action"].as_str().unwrap().to_owned(), entry["object"].clone())).collect()
}

fn what_belongs_to_another_is_absent(store: Store) {
    let world = World::new(store);
    let (a, b) = (world.member(0, &Who::default()), world.member(1, &Who::default()));
    let (a, b) = (world.reader(&a), world.reader(&b));
    let id = |reader: &Client| {
        reader.get("/v1/snapshots").expect(200).json()["items"][0]["id"].as_str().unwrap().to_owned()
    };
    let (own, foreign) = (id(&a), id(&b));
    let client = b.get("/v1/organisation/clients").expect(200).json()["items"][0]["client_id"].clone();
    let client = client.as_str().unwrap();
    let before = actions(&b);
    let nothing = "01890000-0000-7000-8000-000000000000";
    for (method, path) in [
        ("GET", format!("/v1/snapshots/{foreign}")),
        ("DELETE", format!("/v1/snapshots/{foreign}")),
        ("GET", format!("/v1/snapshots/{own}/diff/{foreign}")),
        ("GET", format!("/v1/snapshots/{foreign}/diff/{own}")),
        ("DELETE", format!("/v1/organisation/clients/{client}")),
    ] {
        let refused = a.request(method, &path).send().problem(404, "not-found");
        // The same as for what does not exist at all.
        let absent = path.replace(&foreign, nothing).replace(client, nothing);
        let absent = a.request(method, &absent).send().problem(404, "not-found");
        assert_eq!(refused["detail"], absent["detail"], "{method} {path}");
    }
    // It stands in the asker's log and not in the other's, whose things are all still there.
    assert!(actions(&a).contains(&("access.refused".to_owned(), json!(foreign))));
    assert_eq!(actions(&b), before);
    b.get(&format!("/v1/snapshots/{foreign}")).expect(200);
    assert_eq!(b.get("/v1/organisation/clients").expect(200).json()["items"].as_array().unwrap().len(), 1);
    // The operator's administration is not a member's.
    a.get("/v1/admin/organisations").problem(403, "insufficient-scope");
    report(
        21,
        "another organisation's snapshots and clients are asked for, compared, withdrawn and revoked by id",
        "R23",
        "404, as for what does not exist; in the asker's log, not in the other's",
        "the owner's own token gets them",
    );
}
