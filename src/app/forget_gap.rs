//! Takes a decision about a gap out of the organisation's own book.

use thiserror::Error;

use super::{App, Member, log};
use crate::{
    domain::{attack::TechniqueId, audit::Action},
    store::{StoreError, audit, gap_book},
};

/// The reason why nothing was taken out.
#[derive(Debug, Error)]
pub enum ForgetGapError {
    #[error("your book has no decision about this technique")]
    NotInBook,
    #[error("the database could not be changed")]
    Store(#[from] StoreError),
}

/// Takes a decision out by the ID that the book has it under. That there was one stays in the log.
pub fn forget_gap(app: &App, member: &Member, technique: &str) -> Result<(), ForgetGapError> {
    let id: TechniqueId = technique.parse().map_err(|_| ForgetGapError::NotInBook)?;
    let was_there = app.db.write("forget_gap", |conn| {
        let was_there = gap_book::delete(conn, &member.organisation, id)?;
        if was_there {
            let done = log::entry(app, &member.client, Action::GapForgotten, &id.to_string());
            audit::record(conn, member.tenant(), &[done])?;
        }
        Ok::<_, ForgetGapError>(was_there)
    })?;
    if was_there { Ok(()) } else { Err(ForgetGapError::NotInBook) }
}
