//! `peerbench openapi`: the document that `openapi/openapi.json` keeps.

use super::{Failure, output};
use crate::http::openapi;

pub fn run() -> Result<(), Failure> {
    output::text(&openapi::json().map_err(Failure::remote)?)
}
