//! The books of gaps.

use diesel::prelude::*;

use crate::{
    domain::{
        calendar::Month,
        comparison::{AcceptedReason, BookEntry, Decision},
        organisation::OrganisationId,
    },
    store::{
        Conn, StoreError,
        connection::on,
        gap_book,
        schema::organisations,
        testing::databases,
        tests::{add_organisations, at},
    },
};

#[test]
fn a_book_is_its_organisations_and_goes_with_it() {
    for database in databases() {
        let [a, b] = ["a", "b"].map(OrganisationId::new);
        let month: Month = "2027-01".parse().unwrap();
        let entry = |technique: &str, decision| BookEntry {
            technique: technique.parse().unwrap(),
            attack: "19.2".parse().unwrap(),
            decision,
            decided_at: at("2026-11-03T00:00:00Z"),
        };
        let accepted = Decision::Accepted { reason: AcceptedReason::NoSource, until: month };
        let first = entry("T1190", accepted);
        let others = [entry("T1059.001", Decision::Planned { month }), entry("T1566", Decision::Open)];
        let work = |conn: &mut Conn| {
            add_organisations(conn, &["a", "b"])?;
            for entry in [entry("T1190", Decision::Planned { month }), first].iter().chain(&others) {
                gap_book::put(conn, &a, entry)?;
            }
            gap_book::put(conn, &b, &others[1])?;
            assert_eq!(gap_book::list(conn, &a)?, [others[0], first, others[1]]);
            assert_eq!(gap_book::list(conn, &b)?, [others[1]]);
            // Every write counts as a change of the owner's answers.
            let revisions: Vec<i64> = on!(conn, |c| organisations::table
                .order(organisations::id)
                .select(organisations::revision)
                .load(c))?;
            assert_eq!(revisions, [4, 1]);
            on!(conn, |c| diesel::delete(organisations::table.find("a")).execute(c))?;
            assert_eq!((gap_book::list(conn, &a)?, gap_book::list(conn, &b)?.len()), (Vec::new(), 1));
            Ok::<_, StoreError>(())
        };
        database.db.write("test", work).unwrap();
    }
}
