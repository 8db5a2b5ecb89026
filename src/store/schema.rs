//! The tables, as diesel sees them on both databases.

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    organisations (id) {
        id -> Text,
        name -> Text,
        sector -> Text,
        size -> Text,
        region -> Text,
        control_group -> Text,
        platforms -> Text,
        standing -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        revision -> BigInt,
    }
}

table! {
    clients (id) {
        id -> Text,
        organisation_id -> Nullable<Text>,
        secret_hash -> Text,
        scopes -> Text,
        created_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
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
    release_organisations (release_number, organisation_id) {
        release_number -> Integer,
        organisation_id -> Text,
        sector -> Text,
        size -> Text,
        region -> Text,
        control_group -> Text,
        platforms -> Text,
        standing -> Text,
        created_at -> Timestamp,
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
    attack_disabled (version) {
        version -> Text,
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
