//! Files of the Attack Flow Builder (`.afb`), versions 2 and 3: drawings, in which an edge leads from an anchor of one block
//! to an anchor of another.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::{
    error::{PathReadError, typed},
    lenient::{Capped, Properties, Text},
};
use crate::domain::path::{Edge, Flow, Node};

/// Objects of a file: a block has a dozen anchors, and each line ends.
const MAX_OBJECTS: usize = 50_000;
/// Anchors of a block, latches of an anchor, and blocks of a flow.
type Ids = Capped<String, MAX_OBJECTS>;

#[derive(Deserialize)]
struct File<T> {
    objects: Capped<T, MAX_OBJECTS>,
}

/// An object of version 3.
#[derive(Deserialize)]
struct Object3 {
    /// Name of its template.
    #[serde(default)]
    id: Text,
    #[serde(default)]
    instance: Text,
    #[serde(default)]
    properties: Properties,
    /// Anchors of a block by position.
    #[serde(default)]
    anchors: Option<BTreeMap<String, String>>,
    /// Line ends at an anchor.
    #[serde(default)]
    latches: Ids,
    /// Line ends of a line.
    #[serde(default)]
    source: Text,
    #[serde(default)]
    target: Text,
}

/// An object of version 2.
#[derive(Deserialize)]
struct Object2 {
    #[serde(default)]
    id: Text,
    #[serde(default)]
    template: Text,
    #[serde(default)]
    children: Ids,
    #[serde(default)]
    properties: Properties,
}

/// The places at which lines end: by the id of the end, the node and the branch.
type Ends<'a> = HashMap<&'a str, (usize, Option<bool>)>;

/// The node that a block is; `None` for what hangs at the side.
fn node(template: &Text, properties: &Properties) -> Option<Node> {
    Some(match template.as_deref()? {
        "action" => Node::Action {
            title: properties.name.clone().into_option(),
            technique: properties.technique().map(str::to_owned),
        },
        "condition" => Node::Condition,
        "AND_operator" | "and" => Node::And,
        "OR_operator" | "or" => Node::Or,
        "operator" if properties.operator.is("OR") => Node::Or,
        "operator" => Node::And,
        _ => return None,
    })
}

fn edge(ends: &Ends<'_>, source: Option<&str>, target: Option<&str>) -> Option<Edge> {
    let ((from, branch), (to, _)) = (*ends.get(source?)?, *ends.get(target?)?);
    Some(Edge { from, to, branch })
}

/// Reads a file of version 3.
pub fn read_3(bytes: &[u8]) -> Result<Flow, PathReadError> {
    let File { objects: Capped(objects) } = typed::<File<Object3>>(bytes)?;
    let anchors: HashMap<&str, &Object3> =
        objects.iter().filter_map(|object| Some((object.instance.as_deref()?, object))).collect();
    let mut flow = Flow::default();
    let mut ends = Ends::new();
    for object in &objects {
        if object.id.is("flow") {
            flow.title = object.properties.name.clone().into_option();
        }
        let Some(node) = node(&object.id, &object.properties) else { continue };
        for (position, anchor) in object.anchors.iter().flatten() {
            let branch = match position.to_ascii_lowercase().as_str() {
                "branch:true" => Some(true),
                "branch:false" => Some(false),
                _ => None,
            };
            let latches = anchors.get(anchor.as_str()).into_iter().flat_map(|anchor| &anchor.latches.0);
            ends.extend(latches.map(|latch| (latch.as_str(), (flow.nodes.len(), branch))));
        }
        flow.nodes.push(node);
    }
    let lines = objects.iter().map(|line| edge(&ends, line.source.as_deref(), line.target.as_deref()));
    flow.edges = lines.flatten().collect();
    Ok(flow)
}

/// Reads a file of version 2.
pub fn read_2(bytes: &[u8]) -> Result<Flow, PathReadError> {
    let File { objects: Capped(objects) } = typed::<File<Object2>>(bytes)?;
    let by_id: HashMap<&str, &Object2> =
        objects.iter().filter_map(|object| Some((object.id.as_deref()?, object))).collect();
    let children = |object: &Object2| object.children.0.clone();
    let mut flow = Flow::default();
    let mut ends: HashMap<String, (usize, Option<bool>)> = HashMap::new();
    for object in &objects {
        if object.template.is("flow") {
            flow.title = object.properties.name.clone().into_option();
        }
        let Some(node) = node(&object.template, &object.properties) else { continue };
        for anchor in object.children.0.iter().filter_map(|id| by_id.get(id.as_str())) {
            let branch = match anchor.template.as_deref() {
                Some("true_anchor") => Some(true),
                Some("false_anchor") => Some(false),
                _ => None,
            };
            ends.extend(children(anchor).into_iter().map(|end| (end, (flow.nodes.len(), branch))));
        }
        flow.nodes.push(node);
    }
    let ends: Ends<'_> = ends.iter().map(|(id, end)| (id.as_str(), *end)).collect();
    for line in objects.iter().filter(|object| object.template.starts_with("@__builtin__line_")) {
        let end = |template: &str| {
            let mut parts = line
                .children
                .0
                .iter()
                .filter(|id| by_id.get(id.as_str()).is_some_and(|part| part.template.is(template)));
            parts.next().map(String::as_str)
        };
        flow.edges.extend(edge(&ends, end("@__builtin__line_source"), end("@__builtin__line_target")));
    }
    Ok(flow)
}
