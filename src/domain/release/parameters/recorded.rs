//! Parameters as a release recorded them, read by an earlier or a later version of the program.

use serde::{Serialize, Serializer};

/// Parameters as a release recorded them. A parameter that an earlier version didn't know has the value that the table
/// of parameters gives for it, which does what the program did then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded<P> {
    pub known: P,
    /// The names of the parameters that a later version recorded and this version doesn't know, ascending.
    pub unknown: Vec<String>,
}

impl<P> Recorded<P> {
    /// The unknown parameters in words; `None` where this version knows all.
    pub fn unknown_named(&self) -> Option<String> {
        let names: Vec<String> = self.unknown.iter().map(|name| format!("`{name}`")).collect();
        match names.as_slice() {
            [] => None,
            [name] => Some(format!("the privacy parameter {name}")),
            names => Some(format!("the privacy parameters {}", names.join(", "))),
        }
    }
}

impl<P> From<P> for Recorded<P> {
    fn from(known: P) -> Self {
        Self { known, unknown: Vec::new() }
    }
}

/// Writes the known parameters: this version records no others.
impl<P: Serialize> Serialize for Recorded<P> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.known.serialize(serializer)
    }
}
