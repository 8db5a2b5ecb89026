//! ATT&CK versions that the operator imported, in the compact form of the bundled ones.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::{
    Conn, StoreError,
    connection::on,
    schema::{attack_catalogues, attack_disabled},
    value::{moment, parsed, utc},
};
use crate::domain::attack::AttackVersion;

const WHAT: &str = "an ATT&CK version";

/// An imported version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    pub version: AttackVersion,
    /// Compact JSON.
    pub body: String,
    pub imported_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = attack_catalogues)]
struct Row {
    version: String,
    body: String,
    imported_at: NaiveDateTime,
}

/// Adds a version, or puts it in the place of the same version imported before.
pub fn put(conn: &mut Conn, imported: &Imported) -> Result<(), StoreError> {
    let row = Row {
        version: imported.version.to_string(),
        body: imported.body.clone(),
        imported_at: moment(imported.imported_at),
    };
    on!(conn, |c| diesel::insert_into(attack_catalogues::table)
        .values(&row)
        .on_conflict(attack_catalogues::version)
        .do_update()
        .set(&row)
        .execute(c))?;
    Ok(())
}

/// Lets releases be computed in a version, bundled or imported, or no longer.
pub fn set_enabled(conn: &mut Conn, version: AttackVersion, enabled: bool) -> Result<(), StoreError> {
    let version = version.to_string();
    if enabled {
        on!(conn, |c| diesel::delete(attack_disabled::table.find(version)).execute(c))?;
    } else {
        on!(conn, |c| diesel::insert_into(attack_disabled::table)
            .values(attack_disabled::version.eq(version))
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// The versions that no release is computed in, oldest first.
pub fn disabled(conn: &mut Conn) -> Result<Vec<AttackVersion>, StoreError> {
    let rows: Vec<String> = on!(conn, |c| attack_disabled::table.select(attack_disabled::version).load(c))?;
    let mut versions: Vec<AttackVersion> =
        rows.iter().map(|version| parsed(WHAT, version)).collect::<Result<_, StoreError>>()?;
    versions.sort_unstable();
    Ok(versions)
}

/// Lists when each version was imported, oldest version first: a new time tells that a body changed.
pub fn imports(conn: &mut Conn) -> Result<Vec<(AttackVersion, DateTime<Utc>)>, StoreError> {
    let rows: Vec<(String, NaiveDateTime)> = on!(conn, |c| attack_catalogues::table
        .select((attack_catalogues::version, attack_catalogues::imported_at))
        .load(c))?;
    let mut imports: Vec<_> = rows
        .into_iter()
        .map(|(version, at)| Ok((parsed(WHAT, &version)?, utc(at))))
        .collect::<Result<_, StoreError>>()?;
    imports.sort_unstable();
    Ok(imports)
}

/// All imported versions, oldest version first.
pub fn list(conn: &mut Conn) -> Result<Vec<Imported>, StoreError> {
    let rows: Vec<Row> = on!(conn, |c| attack_catalogues::table.select(Row::as_select()).load(c))?;
    let mut imported: Vec<Imported> = rows
        .into_iter()
        .map(|row| {
            Ok(Imported {
                version: parsed(WHAT, &row.version)?,
                body: row.body,
                imported_at: utc(row.imported_at),
            })
        })
        .collect::<Result<_, StoreError>>()?;
    imported.sort_by_key(|imported| imported.version);
    Ok(imported)
}
