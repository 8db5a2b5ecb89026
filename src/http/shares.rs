//! Shares of what one process has only so much of: bytes of bodies, connections, work. The whole is bounded, and nobody
//! gets more than a part of it, so that one caller can't take it from all others.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// The payer of a request: the organisation of a checked token, the operator, or an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Payer(Arc<str>);

impl Payer {
    pub fn organisation(id: Option<&str>) -> Self {
        Self(match id {
            Some(id) => format!("organisation {id}").into(),
            None => "operator".into(),
        })
    }

    pub fn address(address: &str) -> Self {
        Self(format!("address {address}").into())
    }
}

/// Nothing is left, of the whole or of the payer's part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exhausted;

/// An amount that is shared. Cheap to clone; a clone is the same amount.
#[derive(Debug, Clone)]
pub struct Shares(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    whole: u64,
    part: u64,
    used: Mutex<Used>,
}

#[derive(Debug, Default)]
struct Used {
    whole: u64,
    by_payer: HashMap<Payer, u64>,
}

/// The amount that one request holds. It is given back with the value.
#[derive(Debug)]
pub struct Share {
    of: Arc<Inner>,
    payer: Payer,
    amount: u64,
}

impl Shares {
    /// `whole` for everybody together, `part` for each payer at most.
    pub fn new(whole: u64, part: u64) -> Self {
        Self(Arc::new(Inner { whole, part, used: Mutex::default() }))
    }

    /// Takes an amount, which may grow.
    pub fn take(&self, payer: &Payer, amount: u64) -> Result<Share, Exhausted> {
        let mut share = Share { of: Arc::clone(&self.0), payer: payer.clone(), amount: 0 };
        share.grow(amount)?;
        Ok(share)
    }

    #[cfg(test)]
    fn used(&self) -> (u64, usize) {
        let used = self.0.used.lock().unwrap();
        (used.whole, used.by_payer.len())
    }
}

impl Share {
    /// Takes more. Where nothing is left the share stays as it was.
    pub fn grow(&mut self, by: u64) -> Result<(), Exhausted> {
        if by == 0 {
            return Ok(());
        }
        let mut used = self.of.used.lock().unwrap_or_else(PoisonError::into_inner);
        let whole = used.whole.saturating_add(by);
        let part = used.by_payer.get(&self.payer).copied().unwrap_or_default().saturating_add(by);
        if whole > self.of.whole || part > self.of.part {
            return Err(Exhausted);
        }
        used.whole = whole;
        used.by_payer.insert(self.payer.clone(), part);
        self.amount += by;
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.amount == 0 {
            return;
        }
        let mut used = self.of.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.whole = used.whole.saturating_sub(self.amount);
        if let Some(part) = used.by_payer.get_mut(&self.payer) {
            *part = part.saturating_sub(self.amount);
            if *part == 0 {
                used.by_payer.remove(&self.payer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_and_each_part_are_bounded_and_everything_comes_back() {
        let shares = Shares::new(10, 6);
        let (a, b) = (Payer::address("a"), Payer::organisation(Some("b")));
        let mut first = shares.take(&a, 4).unwrap();
        first.grow(2).unwrap();
        assert_eq!(first.grow(1), Err(Exhausted), "no more than a part");
        let second = shares.take(&b, 4).unwrap();
        assert!(shares.take(&b, 1).is_err(), "no more than there is");
        drop(first);
        let third = shares.take(&b, 2).unwrap();
        assert_eq!(shares.used(), (6, 1));
        drop((second, third));
        assert_eq!(shares.used(), (0, 0));
    }
}
