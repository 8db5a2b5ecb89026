//! Attack paths: an ordered list of steps, each shown by a technique or a tactic, compared with what an organisation and its
//! peers can see. A path is drafted from a list, a threat group, an Attack Flow or a layer, and then read against one ATT&CK
//! version.

mod along;
mod draft;
mod flow;
mod known;
mod list;
mod named;
mod step;

pub use along::{Along, Seen, Stretch, all_of, along, any_of};
pub use draft::{Draft, DraftStep, DraftWay, NothingToCompare, read};
pub use flow::{Edge, Flow, MAX_EDGES, MAX_NODES, Node, TooLarge};
pub use list::{ListError, of_group, parse};
pub use named::{NamedPath, named_paths};
pub use step::{LeftOut, LeftOutReason, MAX_STEPS, Path, PathSource, ShownBy, Step, Way};
