//! The rows of the comparison, page by page, all of one release and of one state of the organisation's own values.

use crate::{
    cli::{
        Failure,
        ask::{Peers, Question},
        remote::Remote,
    },
    domain::cohort::Cohort,
    wire::console::{ConsoleRow, ConsoleRows},
};

/// Rows of a page.
const LIMIT: u32 = 1_000;
/// Times that the list is begun anew because it changed in between.
const ATTEMPTS: u32 = 3;

/// The rows that are asked for.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Asked {
    #[command(flatten)]
    pub peers: Peers,
    /// Column that techniques are compared in: `any`, a family or a technology. `any` if omitted.
    #[arg(long)]
    pub column: Option<String>,
}

impl Asked {
    /// The words that a state file is bound to.
    pub fn told(&self) -> String {
        format!("{:?}", self)
    }
}

/// Reads all rows.
///
/// # Errors
/// Refuses a cohort that isn't released, and fails if the service does.
pub fn rows(remote: &Remote, asked: &Asked) -> Result<Vec<ConsoleRow>, Failure> {
    released(remote, asked)?;
    let mut last = None;
    for _ in 0..ATTEMPTS {
        match all(remote, asked) {
            Ok(rows) => return Ok(rows),
            // A release was published or a snapshot uploaded between two pages, whose cursor is of no use then.
            Err((page, error)) if page > 0 => last = Some(error),
            Err((_, error)) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| Failure::remote("The service sent no rows.")))
}

fn all(remote: &Remote, asked: &Asked) -> Result<Vec<ConsoleRow>, (u32, Failure)> {
    let (mut rows, mut cursor, mut page) = (Vec::new(), None::<String>, 0);
    loop {
        let question = Question::new("/v1/console/rows")
            .among(&asked.peers)
            .with("column", asked.column.as_ref())
            .with("limit", Some(LIMIT))
            .with("cursor", cursor.as_ref());
        let answer: ConsoleRows = remote.get(&question.finish()).map_err(|error| (page, error))?;
        rows.extend(answer.items);
        page += 1;
        cursor = answer.next;
        if cursor.is_none() {
            return Ok(rows);
        }
    }
}

/// Refuses a cohort whose rows would all be those of another.
fn released(remote: &Remote, asked: &Asked) -> Result<(), Failure> {
    #[derive(serde::Deserialize)]
    struct Cohorts {
        items: Vec<Listed>,
    }
    #[derive(serde::Deserialize)]
    struct Listed {
        cohort: String,
        status: String,
    }
    let question = Question::new("/v1/cohorts").with("basis", asked.peers.basis).finish();
    let cohorts: Cohorts = remote.get(&question)?;
    let cohort = asked.peers.cohort.clone().unwrap_or_else(|| Cohort::All.to_string());
    match cohorts.items.iter().find(|listed| listed.cohort == cohort) {
        Some(listed) if listed.status == "released" => Ok(()),
        Some(_) => Err(Failure::refused(format!(
            "The cohort {cohort} isn't released. `peerbench cohorts` lists those that are. Nothing was sent."
        ))),
        None => Err(Failure::refused(format!(
            "The cohort {cohort} isn't one of yours: see `peerbench cohorts`. Nothing was sent."
        ))),
    }
}
