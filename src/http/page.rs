//! The page at `/app`: server-rendered HTML for people, from the same use cases and the same wire model as the API. It works
//! without script, and nothing in it comes from elsewhere. Each view is a file here and a template of the same name in
//! `templates/`; no template computes a number.

mod access;
mod assets;
mod attack_paths;
mod changes;
mod choice;
mod community;
mod data;
mod failure;
mod frame;
mod gaps;
mod line;
mod lists;
mod matrix;
mod measures;
mod overview;
pub mod paths;
mod place;
mod promise;
mod reasons;
mod refusal;
mod reply;
mod routes;
mod sign_in;
mod snapshot;
mod start;
mod strip;
mod technique;
mod trend;
mod upload;
mod what_if;
mod words;

pub use failure::document;
pub use routes::configure;
