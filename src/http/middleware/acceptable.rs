//! 406 for a read whose `Accept` allows none of the media types that the document lists for it.

use actix_web::{dev::ServiceRequest, http::Method};

use crate::http::{
    accept::preferred,
    problem::{Kind, Problem},
    route_table::Row,
};

/// Refuses a read that can't be answered in an acceptable form. A `format` in the query wins over `Accept`.
pub fn check(row: Option<&Row>, request: &ServiceRequest) -> Result<(), Problem> {
    let Some(row) = row.filter(|_| request.method() == Method::GET) else { return Ok(()) };
    let offered: Vec<&str> = row.read_as().iter().map(String::as_str).collect();
    let names_format = || row.takes_format() && has_format(request.query_string());
    if offered.is_empty() || preferred(request, &offered).is_some() || names_format() {
        return Ok(());
    }
    let detail = format!("Accept allows none of the available media types. Accept {}.", offered.join(" or "));
    Err(Problem::new(Kind::NotAcceptable, detail))
}

fn has_format(query: &str) -> bool {
    form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "format")
}
