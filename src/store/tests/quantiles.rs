//! The quantile of a release is PostgreSQL's `percentile_disc`, which is what others would publish with.

use diesel::{
    Connection as _, PgConnection, RunQueryDsl as _, select,
    sql_types::{Array, Integer},
};
use proptest::prelude::*;

use crate::{domain::release::plain, store::testing::databases};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn quantiles_are_those_of_postgresql(
        lists in proptest::collection::vec(proptest::collection::vec(0_u8..=100, 2..300), 50),
    ) {
        for database in databases().iter().filter(|database| database.url.starts_with("postgres")) {
            let mut connection = PgConnection::establish(&database.url).unwrap();
            for values in lists.iter() {
                let text: Vec<String> = values.iter().map(u8::to_string).collect();
                let statement = format!(
                    "(SELECT percentile_disc(ARRAY[0.1, 0.25, 0.5, 0.75, 0.9]) WITHIN GROUP (ORDER BY value) \
                     FROM unnest(ARRAY[{}]) AS list(value))",
                    text.join(", "),
                );
                let expected: Vec<i32> =
                    select(diesel::dsl::sql::<Array<Integer>>(&statement)).get_result(&mut connection).unwrap();
                let plain: Vec<i32> = plain(values, &[10, 25, 50, 75, 90]).into_iter().map(i32::from).collect();
                prop_assert_eq!(plain, expected);
            }
        }
    }
}
