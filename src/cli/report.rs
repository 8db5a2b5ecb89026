//! A comparison as a page of text: what `demo` and `compare` print. Built from the service's own answers, so that
//! the page says what the API says.

mod answer;
mod page;
mod strip;
mod table;

pub use answer::{Answer, Fallback, Item, Own, Peers, Position, Release};
pub use page::Page;
pub use table::{Align, Table, shorten};
