//! ATT&CK versions that the operator imported, in the compact form of the bundled ones.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::{
    Conn, StoreError,
    connection::on,
    schema::attack_catalogues,
    value::{moment, parsed, utc},
};
use crate::domain::attack::AttackVersion;

/// An imported version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    pub version: AttackVersion,
    /// Compact JSON.
    pub body: String,
    /// Whether a release may be computed in it.
    pub enabled: bool,
    pub imported_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = attack_catalogues)]
struct Row {
    version: String,
    body: String,
    enabled: bool,
    imported_at: NaiveDateTime,
}

/// Adds a version, or puts it in the place of the same version imported before.
pub fn put(conn: &mut Conn, imported: &Imported) -> Result<(), StoreError> {
    let row = Row {
        version: imported.version.to_string(),
        body: imported.body.clone(),
        enabled: imported.enabled,
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

/// Whether there was such an imported version.
pub fn set_enabled(conn: &mut Conn, version: AttackVersion, enabled: bool) -> Result<bool, StoreError> {
    let changed = on!(conn, |c| diesel::update(attack_catalogues::table.find(version.to_string()))
        .set(attack_catalogues::enabled.eq(enabled))
        .execute(c))?;
    Ok(changed > 0)
}

/// All imported versions, oldest version first.
pub fn list(conn: &mut Conn) -> Result<Vec<Imported>, StoreError> {
    let rows: Vec<Row> = on!(conn, |c| attack_catalogues::table.select(Row::as_select()).load(c))?;
    let mut imported: Vec<Imported> = rows
        .into_iter()
        .map(|row| {
            Ok(Imported {
                version: parsed("an imported ATT&CK version", &row.version)?,
                body: row.body,
                enabled: row.enabled,
                imported_at: utc(row.imported_at),
            })
        })
        .collect::<Result<_, StoreError>>()?;
    imported.sort_by_key(|imported| imported.version);
    Ok(imported)
}
