//! A release on its way: frozen, computed, published (R6). Each step is one transaction of the caller's, and all but the
//! last can be taken back.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{prelude::*, sql_query, sql_types::Integer};

use super::{PUBLISHED, Row, Table, WHAT, ledger};
use crate::{
    domain::{
        attack::AttackVersion,
        dimension::Dimension,
        organisation::{OrganisationId, Profile, Standing},
        release::{Hash, Ledger},
    },
    store::{
        Conn, StoreError,
        connection::on,
        schema::{FrozenDimensionColumns, release_organisations, release_tables, releases},
        value::{from_json, moment, number, parsed, unreadable, utc},
    },
};

const FROZEN: &str = "frozen";
const COMPUTED: &str = "computed";

/// The stage of an unpublished release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Frozen,
    Computed,
}

/// A release that is not published yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    pub number: u32,
    pub stage: Stage,
    pub cut_off: DateTime<Utc>,
    pub attack: AttackVersion,
    pub preset: String,
    /// The terms that it is published under, as JSON.
    pub parameters: String,
    /// Over the ids of the snapshots that it was computed from; empty before.
    pub inputs: String,
}

/// The contents that computing adds to a frozen release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    pub parameters: String,
    pub inputs: String,
    pub digest: String,
    pub manifest: String,
    /// Each with what stands for it in the release's seal.
    pub tables: Vec<(Table, Hash)>,
    pub ledgers: Vec<Ledger>,
}

/// An organisation as it was at the cut-off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    pub id: OrganisationId,
    pub profile: Profile,
    pub standing: Standing,
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = release_organisations)]
struct SubjectRow {
    organisation_id: String,
    #[diesel(embed)]
    dimensions: FrozenDimensionColumns,
    control_group: String,
    platforms: String,
    standing: String,
    created_at: NaiveDateTime,
}

impl SubjectRow {
    fn read(self) -> Result<Subject, StoreError> {
        Ok(Subject {
            id: OrganisationId::new(self.organisation_id),
            profile: Profile {
                dimensions: self.dimensions.into(),
                control_group: self.control_group,
                platforms: from_json(WHAT, &self.platforms)?,
            },
            standing: parsed(WHAT, &self.standing)?,
            created_at: utc(self.created_at),
        })
    }
}

/// The release that is not published yet, if there is one.
pub fn open(conn: &mut Conn) -> Result<Option<Open>, StoreError> {
    let row: Option<Row> = on!(conn, |c| releases::table
        .filter(releases::state.ne(PUBLISHED))
        .order(releases::number.desc())
        .select(Row::as_select())
        .first(c)
        .optional())?;
    row.map(|row| {
        Ok(Open {
            number: number(WHAT, row.number)?,
            stage: if row.state == COMPUTED { Stage::Computed } else { Stage::Frozen },
            cut_off: utc(row.cut_off),
            attack: parsed(WHAT, &row.attack_version)?,
            preset: row.preset,
            parameters: row.parameters,
            inputs: row.inputs,
        })
    })
    .transpose()
}

/// Begins a release, and keeps every organisation as it is now (R3). A number that exists is refused by its key.
pub fn freeze(conn: &mut Conn, open: &Open) -> Result<(), StoreError> {
    let release_number: i32 = number(WHAT, open.number)?;
    let row = Row {
        number: release_number,
        state: FROZEN.to_owned(),
        cut_off: moment(open.cut_off),
        attack_version: open.attack.to_string(),
        preset: open.preset.clone(),
        parameters: open.parameters.clone(),
        digest: String::new(),
        published_at: None,
        inputs: String::new(),
        manifest: String::new(),
    };
    on!(conn, |c| diesel::insert_into(releases::table).values(&row).execute(c))?;
    let kept = format!(
        "{}, control_group, platforms, standing, created_at",
        Dimension::ALL.map(Dimension::name).join(", ")
    );
    let copied = format!(
        "INSERT INTO release_organisations (release_number, organisation_id, {kept}) SELECT $1, id, {kept} \
         FROM organisations"
    );
    on!(conn, |c| sql_query(&copied).bind::<Integer, _>(release_number).execute(c))?;
    Ok(())
}

/// The organisations as they were at the cut-off, by id; from the first after `after`, at most `limit`.
pub fn subjects(
    conn: &mut Conn,
    release: u32,
    after: Option<&OrganisationId>,
    limit: u32,
) -> Result<Vec<Subject>, StoreError> {
    let release: i32 = number(WHAT, release)?;
    let after = after.map_or("", OrganisationId::as_str);
    let rows: Vec<SubjectRow> = on!(conn, |c| release_organisations::table
        .filter(release_organisations::release_number.eq(release))
        .filter(release_organisations::organisation_id.gt(after))
        .order(release_organisations::organisation_id)
        .limit(i64::from(limit))
        .select(SubjectRow::as_select())
        .load(c))?;
    rows.into_iter().map(SubjectRow::read).collect()
}

/// Keeps what a frozen release will publish. Nobody reads it yet.
pub fn compute(conn: &mut Conn, release: u32, contents: &Contents) -> Result<(), StoreError> {
    let release: i32 = number(WHAT, release)?;
    let changed =
        on!(conn, |c| diesel::update(releases::table.find(release).filter(releases::state.eq(FROZEN)))
            .set((
                releases::state.eq(COMPUTED),
                releases::parameters.eq(&contents.parameters),
                releases::inputs.eq(&contents.inputs),
                releases::digest.eq(&contents.digest),
                releases::manifest.eq(&contents.manifest),
            ))
            .execute(c))?;
    require(changed, "it is not frozen")?;
    for (table, leaf) in &contents.tables {
        let row = (
            release_tables::release_number.eq(release),
            release_tables::basis.eq(table.basis.name()),
            release_tables::cohort.eq(table.cohort.to_string()),
            release_tables::body.eq(table.body.0.as_slice()),
            release_tables::leaf.eq(leaf.to_string()),
        );
        on!(conn, |c| diesel::insert_into(release_tables::table).values(row).execute(c))?;
    }
    ledger::keep(conn, release, &contents.ledgers)
}

/// Publishes a computed release: from now on it is read, and it never changes.
pub fn publish(conn: &mut Conn, release: u32, published_at: DateTime<Utc>) -> Result<(), StoreError> {
    let release: i32 = number(WHAT, release)?;
    forget_subjects(conn, release)?;
    let changed =
        on!(conn, |c| diesel::update(releases::table.find(release).filter(releases::state.eq(COMPUTED)))
            .set((releases::state.eq(PUBLISHED), releases::published_at.eq(moment(published_at))))
            .execute(c))?;
    require(changed, "it is not computed")?;
    ledger::settle(conn, release)
}

/// Throws away what a release was computed to; it stays frozen.
pub fn freeze_again(conn: &mut Conn, release: u32) -> Result<(), StoreError> {
    ledger::forget(conn, release)?;
    let release: i32 = number(WHAT, release)?;
    forget_tables(conn, release)?;
    let changed =
        on!(conn, |c| diesel::update(releases::table.find(release).filter(releases::state.ne(PUBLISHED)))
            .set(releases::state.eq(FROZEN))
            .execute(c))?;
    require(changed, "it is published")
}

/// Takes back a release that is not published, as if it had never begun.
pub fn thaw(conn: &mut Conn, release: u32) -> Result<(), StoreError> {
    ledger::forget(conn, release)?;
    let release: i32 = number(WHAT, release)?;
    forget_tables(conn, release)?;
    forget_subjects(conn, release)?;
    let changed =
        on!(conn, |c| diesel::delete(releases::table.find(release).filter(releases::state.ne(PUBLISHED)))
            .execute(c))?;
    require(changed, "it is published")
}

fn forget_tables(conn: &mut Conn, release: i32) -> Result<(), StoreError> {
    on!(conn, |c| diesel::delete(release_tables::table.filter(release_tables::release_number.eq(release)))
        .execute(c))?;
    Ok(())
}

fn forget_subjects(conn: &mut Conn, release: i32) -> Result<(), StoreError> {
    on!(conn, |c| diesel::delete(
        release_organisations::table.filter(release_organisations::release_number.eq(release))
    )
    .execute(c))?;
    Ok(())
}

/// Exactly one release was in the stage that a step needs.
fn require(changed: usize, otherwise: &'static str) -> Result<(), StoreError> {
    if changed == 1 { Ok(()) } else { Err(unreadable(WHAT, otherwise)) }
}
