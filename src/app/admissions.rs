//! Admissions: what clients were last found to be allowed, and at which moment of the database. At any other it is asked anew, so
//! nothing here is ever late.

use std::sync::Arc;

use quick_cache::sync::Cache;

use crate::{
    domain::access::ClientId,
    store::{Moment, client::Admission},
};

/// Number of clients whose admissions are remembered.
const REMEMBERED: usize = 8192;

#[derive(Debug)]
pub(super) struct Admissions(Cache<ClientId, (Moment, Arc<Admission>)>);

impl Default for Admissions {
    fn default() -> Self {
        Self(Cache::new(REMEMBERED))
    }
}

impl Admissions {
    /// Returns what was found at this very moment.
    pub fn get(&self, client: &ClientId, now: Moment) -> Option<Arc<Admission>> {
        let (moment, found) = self.0.get(client)?;
        (moment == now).then_some(found)
    }

    pub fn remember(&self, client: &ClientId, now: Moment, found: &Arc<Admission>) {
        self.0.insert(client.clone(), (now, Arc::clone(found)));
    }
}
