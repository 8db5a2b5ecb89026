//! Attack paths that other programs draw: Attack Flows (files of the builder, versions 2 and 3, and STIX bundles) and layers
//! of the ATT&CK Navigator. The content tells which of them a text is. Readers are pure functions of bytes; what they don't
//! need is read over without being held.

mod builder;
mod error;
mod layer;
mod lenient;
mod stix;

use serde::{Deserialize, de::IgnoredAny};

use crate::domain::path::{Draft, Flow};
use error::typed;
pub use error::{MAX_BYTES, PathReadError};
use lenient::Text;

/// The members that tell what a text is.
#[derive(Deserialize)]
struct Probe {
    #[serde(default, rename = "type")]
    kind: Text,
    #[serde(default)]
    schema: Text,
    #[serde(default)]
    version: Text,
    objects: Option<IgnoredAny>,
    techniques: Option<IgnoredAny>,
}

/// Reads a flow or a layer.
///
/// # Errors
/// A text that is too large, no JSON, nested deeper than any flow, or neither a flow nor a layer of Enterprise ATT&CK; with
/// a pointer where there is a place to point at.
pub fn read(bytes: &[u8]) -> Result<Draft, PathReadError> {
    if bytes.len() > MAX_BYTES {
        return Err(PathReadError::TooLarge);
    }
    // Some editors begin a file with a byte order mark.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let probe: Probe = typed(bytes)?;
    let flow = match &probe {
        Probe { techniques: Some(_), .. } => return layer::read(bytes),
        Probe { kind, objects: Some(_), .. } if kind.is("bundle") => stix::read(bytes)?,
        Probe { schema, objects: Some(_), .. } if schema.starts_with("attack_flow_v") => {
            builder::read_3(bytes)?
        }
        Probe { version, objects: Some(_), .. } if version.starts_with("2.") => builder::read_2(bytes)?,
        _ => {
            return Err(PathReadError::at(
                "",
                "is neither an Attack Flow (a file of the builder, version 2 or 3, or a STIX bundle) nor a layer of the \
                 ATT&CK Navigator",
            ));
        }
    };
    drafted(&flow)
}

fn drafted(flow: &Flow) -> Result<Draft, PathReadError> {
    flow.draft().map_err(|error| PathReadError::at("/objects", error.to_string()))
}

#[cfg(test)]
mod tests;
