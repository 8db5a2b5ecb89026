//! A comparison as a page of text: what `demo` and `compare` print. Built from the service's own answers, so that
//! the page says what the API says.

mod answer;
mod page;
mod strip;
mod table;

pub use answer::{Fallback, Item, List, Own, Peers, Position, Release, Summary};
pub use page::{LEGEND, Page, techniques};
pub use table::{Align, Table, shorten};
