//! The tables, as diesel sees them on both databases.

use diesel::{allow_tables_to_appear_in_same_query, joinable, prelude::*, table};

use crate::domain::dimension::ByDimension;

/// The two tables with a column for each dimension, and those columns of a row of either.
macro_rules! with_dimensions {
    ($($dimension:ident),+) => {
        table! {
            organisations (id) {
                id -> Text,
                name -> Text,
                $($dimension -> Text,)+
                control_group -> Text,
                platforms -> Text,
                standing -> Text,
                created_at -> Timestamp,
                updated_at -> Timestamp,
                revision -> BigInt,
                writer -> Nullable<Text>,
            }
        }

        table! {
            release_organisations (release_number, organisation_id) {
                release_number -> Integer,
                organisation_id -> Text,
                $($dimension -> Text,)+
                control_group -> Text,
                platforms -> Text,
                standing -> Text,
                created_at -> Timestamp,
            }
        }

        with_dimensions!(@row organisations, DimensionColumns: $($dimension),+);
        with_dimensions!(@row release_organisations, FrozenDimensionColumns: $($dimension),+);
    };
    (@row $table:ident, $row:ident: $($dimension:ident),+) => {
        #[derive(Queryable, Selectable, Insertable, AsChangeset)]
        #[diesel(table_name = $table)]
        pub struct $row {
            $($dimension: String,)+
        }

        impl From<&ByDimension<String>> for $row {
            fn from(values: &ByDimension<String>) -> Self {
                let value = |name: &str| values.get(name.parse().ok()?).cloned();
                Self { $($dimension: value(stringify!($dimension)).unwrap_or_default(),)+ }
            }
        }

        impl From<$row> for ByDimension<String> {
            fn from(row: $row) -> Self {
                let columns = [$((stringify!($dimension), row.$dimension)),+];
                columns.into_iter().filter_map(|(name, value)| Some((name.parse().ok()?, value))).collect()
            }
        }
    };
}

// The names of `Dimension::ALL`.
with_dimensions!(sector, size, region);

table! {
    clients (id) {
        id -> Text,
        organisation_id -> Nullable<Text>,
        scopes -> Text,
        created_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
        name -> Text,
        created_by -> Nullable<Text>,
        expires_at -> Nullable<Timestamp>,
        last_used_at -> Nullable<Timestamp>,
        secret_removed_at -> Nullable<Timestamp>,
    }
}

table! {
    client_secrets (client_id, id) {
        client_id -> Text,
        id -> Text,
        hash -> Text,
        created_at -> Timestamp,
    }
}

table! {
    snapshots (organisation_id, id) {
        organisation_id -> Text,
        id -> Text,
        period -> Text,
        attack_version -> Text,
        source -> Text,
        feed -> Integer,
        adapter -> Text,
        basis -> Text,
        window_days -> Nullable<Integer>,
        scale -> Text,
        technologies -> Text,
        complete -> Text,
        cells -> Binary,
        cell_count -> Integer,
        digest -> Text,
        uploaded_at -> Timestamp,
        writer -> Nullable<Text>,
    }
}

table! {
    trusted_writers (name) {
        name -> Text,
        trusted_at -> Timestamp,
    }
}

table! {
    idempotency_keys (tenant, client_id, key) {
        tenant -> Text,
        client_id -> Text,
        key -> Text,
        operation -> Text,
        request_hash -> Text,
        answer -> Text,
        created_at -> Timestamp,
    }
}

table! {
    audit (tenant, id) {
        tenant -> Text,
        id -> Text,
        at -> Timestamp,
        actor -> Text,
        action -> Text,
        object -> Nullable<Text>,
    }
}

table! {
    releases (number) {
        number -> Integer,
        state -> Text,
        cut_off -> Timestamp,
        attack_version -> Text,
        preset -> Text,
        parameters -> Text,
        digest -> Text,
        published_at -> Nullable<Timestamp>,
        inputs -> Text,
        manifest -> Text,
    }
}

table! {
    release_tables (release_number, basis, cohort) {
        release_number -> Integer,
        basis -> Text,
        cohort -> Text,
        leaf -> Text,
        body -> Binary,
    }
}

table! {
    release_ledgers (release_number, basis) {
        release_number -> Integer,
        basis -> Text,
        state -> Binary,
        stands_on -> Text,
        head -> Binary,
    }
}

table! {
    release_footings (release_number, basis, part) {
        release_number -> Integer,
        basis -> Text,
        part -> Integer,
        body -> Binary,
    }
}

table! {
    attack_catalogues (version) {
        version -> Text,
        body -> Text,
        imported_at -> Timestamp,
    }
}

table! {
    leases (name) {
        name -> Text,
        owner -> Text,
        expires_at -> Timestamp,
    }
}

table! {
    quarantine (organisation_id, release_number, basis, reason, vector) {
        organisation_id -> Text,
        release_number -> Integer,
        basis -> Text,
        reason -> Text,
        vector -> Text,
        found_at -> Timestamp,
        cleared_at -> Nullable<Timestamp>,
    }
}

table! {
    gap_book (organisation_id, technique) {
        organisation_id -> Text,
        technique -> Text,
        attack_version -> Text,
        decision -> Text,
        month -> Nullable<Text>,
        reason -> Nullable<Text>,
        decided_at -> Timestamp,
    }
}

table! {
    attack_disabled (version) {
        version -> Text,
    }
}

table! {
    clock (name) {
        name -> Text,
        seen_at -> Timestamp,
    }
}

table! {
    key_fingerprints (name) {
        name -> Text,
        fingerprint -> Text,
    }
}

joinable!(quarantine -> organisations (organisation_id));
joinable!(clients -> organisations (organisation_id));
allow_tables_to_appear_in_same_query!(clients, organisations, quarantine, releases, snapshots);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dimension_has_its_columns() {
        let of = ByDimension::examples();
        assert_eq!(ByDimension::from(DimensionColumns::from(&of)), of);
        assert_eq!(ByDimension::from(FrozenDimensionColumns::from(&of)), of);
    }
}
