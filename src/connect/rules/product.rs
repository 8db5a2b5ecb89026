//! The interface of a product whose rules are read, and the reading until the lists are whole.

use serde_json::Value;

use super::listing::{Listing, RuleFile};
use crate::connect::{
    ConnectError,
    call::{Caller, Reply},
};

/// Times that the lists are begun anew because they changed in between.
const ATTEMPTS: u32 = 3;
/// More pages than any product has rules.
pub const PAGES: usize = 1_000;

/// A product whose rules are read.
pub trait Product {
    fn name(&self) -> &'static str;

    /// The settings to check, by the status of a refusal.
    fn todo(&self, status: u16) -> &'static str;

    /// Reads the lists of rules.
    ///
    /// # Errors
    /// Fails if the product can't be reached, refuses or answers something else.
    fn read(&self, caller: &Caller) -> Result<Vec<Listing>, ConnectError>;
}

/// Reads the lists until all are whole.
pub fn whole(product: &dyn Product, caller: &Caller) -> Result<Vec<RuleFile>, ConnectError> {
    let mut extents = Vec::new();
    for _ in 0..ATTEMPTS {
        let lists = product.read(caller)?;
        if lists.iter().all(Listing::is_whole) {
            return Ok(lists.into_iter().flat_map(Listing::into_files).collect());
        }
        extents = lists.iter().filter(|list| !list.is_whole()).map(Listing::extent).collect();
    }
    Err(ConnectError::Unfinished(format!(
        "{} didn't send all of its rules: {} ({ATTEMPTS} attempts). Run the command again later.",
        product.name(),
        extents.join(", ")
    )))
}

/// The answer as JSON, if it is a success.
pub fn json(product: &dyn Product, reply: &Reply) -> Result<Value, ConnectError> {
    if !reply.is_success() {
        return Err(ConnectError::Console(format!(
            "{} didn't send its rules ({}). {}",
            product.name(),
            reply.status,
            product.todo(reply.status)
        )));
    }
    reply.json().ok_or_else(|| other(product))
}

/// The list at a JSON pointer.
pub fn list<'a>(
    product: &dyn Product,
    answer: &'a Value,
    pointer: &str,
) -> Result<&'a [Value], ConnectError> {
    let list = answer.pointer(pointer).and_then(Value::as_array);
    list.map(Vec::as_slice).ok_or_else(|| other(product))
}

/// The number at a JSON pointer.
pub fn number(answer: &Value, pointer: &str) -> Option<usize> {
    answer.pointer(pointer).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok())
}

/// The error for an answer that isn't the product's, such as a proxy's page.
pub fn other(product: &dyn Product) -> ConnectError {
    ConnectError::Console(format!(
        "The answer isn't a list of rules as {} sends it. Check sync.url.",
        product.name()
    ))
}
