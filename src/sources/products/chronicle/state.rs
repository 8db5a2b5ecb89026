//! The state of a rule, live and alerting or not: beside the rule in an answer, in the answer that lists deployments, or in
//! the content manager's `rule_config.yaml`.

use std::sync::Arc;

use serde_json::Value;

use crate::sources::{
    formats::{
        json::{self, Object},
        text, yaml,
    },
    reading::{Enabled, ReadError, Reading, Silent, State},
};

const LIVE: [&str; 3] = ["liveModeEnabled", "liveRuleEnabled", "enabled"];
const ALERTING: [&str; 2] = ["alertingEnabled", "alerting"];
/// Objects that hold the state of a rule among its other members.
const AROUND: [&str; 4] = ["deployment_state", "deploymentState", "deployment", "ruleDeployment"];
const OTHERS: [&str; 5] = ["archived", "archivedTime", "archiveTime", "executionState", "runFrequency"];

/// Returns true for a member that tells something of a rule's state.
pub fn is_member(key: &str) -> bool {
    [&LIVE[..], &ALERTING, &AROUND, &OTHERS].iter().any(|keys| keys.contains(&key))
}

/// The id of the rule in the name of a resource, as in `projects/p/…/rules/ru_1/deployment`.
pub fn rule_of(resource: &str) -> Option<&str> {
    let (_, rest) = resource.split_once("/rules/")?;
    rest.split(['/', '@']).next().filter(|id| !id.is_empty())
}

/// Returns true for an object that tells a rule's state and nothing else.
pub fn is_deployment(object: &Object) -> bool {
    json::text(object, "name").is_some_and(|name| name.ends_with("/deployment"))
}

/// The parts of a state that a file tells of some rule at least.
#[derive(Debug, Clone, Copy, Default)]
pub struct Told {
    live: bool,
    alerting: bool,
}

impl Told {
    pub const ALL: Self = Self { live: true, alerting: true };

    pub fn of<'o>(objects: impl Iterator<Item = &'o Object>) -> Self {
        objects.fold(Self::default(), |told, object| {
            let object = inner(object);
            let has = |keys: &[&str]| keys.iter().any(|key| object.contains_key(*key));
            Self { live: told.live || has(&LIVE), alerting: told.alerting || has(&ALERTING) }
        })
    }

    /// The state that an object tells. What it leaves out is false, if the file tells it of others.
    pub fn state(self, object: &Object) -> State {
        let object = inner(object);
        let flag = |keys: &[&str], told: bool| {
            keys.iter().find_map(|key| json::flag(object, key)).or(told.then_some(false))
        };
        let archived = json::flag(object, "archived") == Some(true)
            || ["archivedTime", "archiveTime"].iter().any(|key| json::text(object, key).is_some())
            || json::text(object, "executionState").is_some_and(|state| state.eq_ignore_ascii_case("PAUSED"));
        let live = flag(&LIVE, self.live);
        let quiet = flag(&ALERTING, self.alerting) == Some(false);
        State {
            enabled: if archived { Enabled::No } else { live.into() },
            silent: quiet.then_some(Silent::NoAlertAction),
        }
    }
}

fn inner(object: &Object) -> &Object {
    AROUND.iter().find_map(|key| object.get(*key)?.as_object()).unwrap_or(object)
}

/// Recognises the content manager's file of states.
pub fn is_config(text: &str) -> bool {
    let has =
        |start: &str| text.lines().any(|line| line.strip_prefix("  ").is_some_and(|l| l.starts_with(start)));
    !json::is_json(text) && text::has(text, "alerting:") && has("enabled:") && has("alerting:")
}

/// Reads that file: the name of a rule -> its state.
pub fn config(file: &Arc<str>, text: &str, reading: &mut Reading) -> Result<(), ReadError> {
    for (_, document) in yaml::documents::<Value>(file, text)? {
        for (name, state) in document.as_object().into_iter().flatten() {
            if let Some(object) = state.as_object() {
                reading.states.insert(name.to_lowercase(), Told::ALL.state(object));
            }
        }
    }
    Ok(())
}
