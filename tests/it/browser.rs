//! The page in a real Chromium on the demo's community: the walks of a security lead and a detection engineer, every view in both themes and at both widths, and what a browser must refuse.

mod demo;
mod driver;
mod safety;
mod speed;
mod views;
mod walks;
