//! Organisations.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    dsl::{count, exists},
    prelude::*,
};

use super::{
    Conn, StoreError,
    connection::on,
    schema::{DimensionColumns, organisations, snapshots},
    value::{from_json, moment, number, parsed, to_json, utc},
};
use crate::domain::organisation::{Organisation, OrganisationId, Profile, Standing};

const WHAT: &str = "an organisation";
/// Rows of one INSERT: PostgreSQL takes 65,535 values in a statement.
const BATCH: usize = 1000;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = organisations)]
pub(super) struct Row {
    id: String,
    name: String,
    #[diesel(embed)]
    dimensions: DimensionColumns,
    control_group: String,
    platforms: String,
    standing: String,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    writer: Option<String>,
}

impl Row {
    fn of(organisation: &Organisation) -> Result<Self, StoreError> {
        let Organisation { id, name, profile, standing, writer, created_at } = organisation;
        Ok(Self {
            id: id.as_str().to_owned(),
            name: name.clone(),
            dimensions: (&profile.dimensions).into(),
            control_group: profile.control_group.clone(),
            platforms: to_json(WHAT, &profile.platforms)?,
            standing: standing.name().to_owned(),
            created_at: moment(*created_at),
            updated_at: moment(*created_at),
            writer: writer.clone(),
        })
    }

    pub(super) fn read(self) -> Result<Organisation, StoreError> {
        Ok(Organisation {
            id: OrganisationId::new(self.id),
            name: self.name,
            profile: Profile {
                dimensions: self.dimensions.into(),
                control_group: self.control_group,
                platforms: from_json(WHAT, &self.platforms)?,
            },
            standing: parsed(WHAT, &self.standing)?,
            writer: self.writer,
            created_at: utc(self.created_at),
        })
    }
}

/// Adds new organisations.
pub fn insert(conn: &mut Conn, organisations: &[Organisation]) -> Result<(), StoreError> {
    for batch in organisations.chunks(BATCH) {
        let rows: Vec<Row> = batch.iter().map(Row::of).collect::<Result<_, _>>()?;
        on!(conn, |c| diesel::insert_into(organisations::table).values(&rows).execute(c))?;
    }
    Ok(())
}

pub fn get(conn: &mut Conn, id: &OrganisationId) -> Result<Option<Organisation>, StoreError> {
    let row = on!(conn, |c| organisations::table
        .find(id.as_str())
        .select(Row::as_select())
        .get_result(c)
        .optional())?;
    row.map(Row::read).transpose()
}

/// Counts up with every change that an organisation's comparisons depend on; 0 where there is none.
pub fn revision(conn: &mut Conn, id: &OrganisationId) -> Result<i64, StoreError> {
    let revision: Option<i64> = on!(conn, |c| organisations::table
        .find(id.as_str())
        .select(organisations::revision)
        .get_result(c)
        .optional())?;
    Ok(revision.unwrap_or_default())
}

/// By id, that is in the order of creation; from the first after `after`, at most `limit`.
pub fn list(
    conn: &mut Conn,
    after: Option<&OrganisationId>,
    limit: u32,
) -> Result<Vec<Organisation>, StoreError> {
    let after = after.map_or("", OrganisationId::as_str);
    let rows: Vec<Row> = on!(conn, |c| organisations::table
        .filter(organisations::id.gt(after))
        .order(organisations::id)
        .limit(i64::from(limit))
        .select(Row::as_select())
        .load(c))?;
    rows.into_iter().map(Row::read).collect()
}

/// Counts the control groups with a verified organisation that has uploaded something: no release can have more.
pub fn contributing_groups(conn: &mut Conn) -> Result<u32, StoreError> {
    let uploaded = exists(snapshots::table.filter(snapshots::organisation_id.eq(organisations::id)));
    let groups: i64 = on!(conn, |c| organisations::table
        .filter(organisations::standing.eq(Standing::Verified.name()))
        .filter(uploaded)
        .select(count(organisations::control_group).aggregate_distinct())
        .get_result(c))?;
    number(WHAT, groups)
}

/// Sets the profile; returns whether there is such an organisation.
pub fn set_profile(
    conn: &mut Conn,
    id: &OrganisationId,
    profile: &Profile,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let platforms = to_json(WHAT, &profile.platforms)?;
    let changed = on!(conn, |c| diesel::update(organisations::table.find(id.as_str()))
        .set((
            DimensionColumns::from(&profile.dimensions),
            organisations::control_group.eq(&profile.control_group),
            organisations::platforms.eq(&platforms),
            organisations::updated_at.eq(moment(now)),
        ))
        .execute(c))?;
    Ok(changed > 0)
}

/// Sets the writer that uploads for an organisation from now on; returns whether there is such an organisation.
pub fn set_writer(
    conn: &mut Conn,
    id: &OrganisationId,
    writer: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let changed = on!(conn, |c| diesel::update(organisations::table.find(id.as_str()))
        .set((organisations::writer.eq(writer), organisations::updated_at.eq(moment(now))))
        .execute(c))?;
    Ok(changed > 0)
}

/// Sets the standing; returns whether there is such an organisation.
pub fn set_standing(
    conn: &mut Conn,
    id: &OrganisationId,
    standing: Standing,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let changed = on!(conn, |c| diesel::update(organisations::table.find(id.as_str()))
        .set((organisations::standing.eq(standing.name()), organisations::updated_at.eq(moment(now))))
        .execute(c))?;
    Ok(changed > 0)
}

/// Renames the organisation; returns whether there is such an organisation.
pub fn rename(
    conn: &mut Conn,
    id: &OrganisationId,
    name: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let changed = on!(conn, |c| diesel::update(organisations::table.find(id.as_str()))
        .set((
            organisations::name.eq(name),
            organisations::updated_at.eq(moment(now)),
            // Reports that were made before say another name.
            organisations::revision.eq(organisations::revision + 1),
        ))
        .execute(c))?;
    Ok(changed > 0)
}
