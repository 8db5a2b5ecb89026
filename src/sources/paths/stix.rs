//! Attack Flows as STIX 2.1 bundles (version 2.0.0 of the language).

use std::collections::HashMap;

use serde::Deserialize;

use super::{
    error::{PathReadError, typed},
    lenient::{Capped, Text},
};
use crate::domain::path::{Edge, Flow, MAX_EDGES, Node};

/// Objects of a bundle: a flow of the public corpus has a few hundred.
const MAX_OBJECTS: usize = 50_000;

type Refs = Capped<String, MAX_EDGES>;

#[derive(Deserialize)]
struct Bundle {
    objects: Capped<Object, MAX_OBJECTS>,
}

/// The members of all types of object that matter; each type has some of them.
#[derive(Deserialize)]
struct Object {
    #[serde(default, rename = "type")]
    kind: Text,
    #[serde(default)]
    id: Text,
    #[serde(default)]
    name: Text,
    #[serde(default)]
    technique_id: Text,
    #[serde(default)]
    operator: Text,
    #[serde(default)]
    start_refs: Refs,
    #[serde(default)]
    effect_refs: Refs,
    #[serde(default)]
    on_true_refs: Refs,
    #[serde(default)]
    on_false_refs: Refs,
}

pub fn read(bytes: &[u8]) -> Result<Flow, PathReadError> {
    let Bundle { objects: Capped(objects) } = typed(bytes)?;
    let Some(whole) = objects.iter().find(|object| object.kind.is("attack-flow")) else {
        return Err(PathReadError::at(
            "/objects",
            "has no object of the type attack-flow, so the bundle is no Attack Flow",
        ));
    };
    let mut flow = Flow { title: whole.name.clone().into_option(), ..Flow::default() };
    let mut positions: HashMap<&str, usize> = HashMap::new();
    let mut members: Vec<&Object> = Vec::new();
    for object in &objects {
        let node = match object.kind.as_deref() {
            Some("attack-action") => Node::Action {
                title: object.name.clone().into_option(),
                technique: object.technique_id.clone().into_option(),
            },
            Some("attack-condition") => Node::Condition,
            Some("attack-operator") if object.operator.is("OR") => Node::Or,
            Some("attack-operator") => Node::And,
            _ => continue,
        };
        if let Some(id) = object.id.as_deref() {
            positions.insert(id, flow.nodes.len());
        }
        members.push(object);
        flow.nodes.push(node);
    }
    for (from, object) in members.iter().enumerate() {
        let refs = [
            (&object.effect_refs, None),
            (&object.on_true_refs, Some(true)),
            (&object.on_false_refs, Some(false)),
        ];
        for (Capped(refs), branch) in refs {
            // What leads to an asset or an observable leads no path on.
            let targets = refs.iter().filter_map(|id| positions.get(id.as_str()));
            flow.edges.extend(targets.map(|to| Edge { from, to: *to, branch }));
        }
    }
    flow.starts = whole.start_refs.0.iter().filter_map(|id| positions.get(id.as_str()).copied()).collect();
    Ok(flow)
}
