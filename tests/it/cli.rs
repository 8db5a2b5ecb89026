//! The command line through the real binary: what it prints, what it refuses and with which exit code.

mod catalogues;
mod clients;
mod compare;
mod demo;
mod gaps;
mod libraries;
mod local;
mod migrate;
mod newer_attack;
mod organisations;
mod releases;
mod remote;
mod simulate;
mod snapshots;
mod verify;
