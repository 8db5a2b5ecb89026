//! The page in a real Chromium on the demo's community: the walks of a security lead and a detection engineer, every view in both themes and at both widths, what a browser must refuse, and what comes between two clicks.

mod demo;
mod driver;
mod mishaps;
mod numbers;
mod safety;
mod speed;
mod views;
mod walks;
