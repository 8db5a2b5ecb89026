//! Rule exports -> snapshot, on the user's own machine. The walk: [`files`] finds and reads the files, [`detect()`] tells
//! which product they come from, the product's reader turns bytes into a [`Reading`], [`build()`] turns that into
//! the snapshot and a report of what was left out. Readers are pure functions of bytes and never panic.

pub mod counts;
pub mod cve;
pub mod files;
pub mod lint;
pub mod paths;
pub mod tags;

mod build;
mod collect;
mod crosswalk;
mod detect;
mod formats;
mod link;
mod looks;
mod pages;
mod products;
mod reading;
mod repeats;
mod technique_ids;

pub use build::{
    BuildError, Built, Complete, Context, Counted, MAX_TECHNIQUES, Options, Reason, build, count_library,
    target, to_bytes,
};
pub use collect::collect;
pub use detect::{Reader, detect};
pub use files::{CollectError, Collected, Progress, text_of};
pub use products::{READERS, checkpoint::LOG_WITHOUT_TECHNIQUE, reader, sentinel::templates};
pub use reading::{Input, Place, ReadError, Reading, Rule};
pub use repeats::Repeat;
