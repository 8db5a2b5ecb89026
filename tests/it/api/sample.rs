//! A small valid snapshot, and ways to change it.

use serde_json::{Value, json};

/// Of a month that has long ended, but is still fresh in a test that runs within a year of it.
pub fn snapshot() -> Value {
    json!({
        "schema": "coverage-snapshot/1", "period": "2026-10",
        "attack": {"domain": "enterprise-attack", "version": "18.1"},
        "producer": {"source": "splunk", "feed": 1, "adapter": "0.1.0"},
        "basis": "deployed", "window_days": 180, "scale": "rule-count/1",
        "technologies": ["microsoft.windows", "aws.cloudtrail", "crowdstrike.falcon"],
        "complete": ["microsoft.windows", "aws.cloudtrail"],
        "cells": [{"technique": "T1059.001", "technology": "microsoft.windows", "value": 5},
                  {"technique": "T1562.001", "technology": "microsoft.windows", "value": 2},
                  {"technique": "T1530", "technology": "aws.cloudtrail", "state": "not_assessed"}],
    })
}

/// The same with another number in its first cell.
pub fn snapshot_with(value: u8) -> Value {
    let mut snapshot = snapshot();
    snapshot["cells"][0]["value"] = value.into();
    snapshot
}
