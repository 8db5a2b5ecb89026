//! The forms of JSON in which rules are exported, as one list of objects with members of one spelling: ARM templates with
//! lists, symbolic names and nested deployments; answers in pages; flat objects, in PowerShell's spelling too; rules listed
//! by kind.

use std::sync::Arc;

use serde_json::Value;

use crate::sources::{
    formats::{
        json::{self, Kept, Object, Objects, Use, Wanted},
        text,
    },
    pages::{self, Page},
    reading::{Place, ReadError},
};

/// The kinds of rules.
pub const KINDS: [&str; 7] = [
    "Scheduled",
    "NRT",
    "Fusion",
    "MLBehaviorAnalytics",
    "MicrosoftSecurityIncidentCreation",
    "ThreatIntelligence",
    "Anomaly",
];

/// Deployments in deployments: deeper than any template nests.
const MAX_DEPTH: usize = 8;

/// The key of the rules of one kind in a module's export that has no kinds.
const ANALYTICS: &str = "analytics";

/// Recognises a JSON text that holds rules of this product or of Defender.
pub fn is_of_this_product(text: &str) -> bool {
    let has = |what: &str| text::has(text, what);
    let member = |name: &str, pascal: &str| has(name) || has(pascal);
    let resources = has("/alertRule") && member("\"kind\"", "\"Kind\"");
    let module = || has("\"triggerOperator\"") && has("\"queryFrequency\"") && has("\"displayName\"");
    let defender = || has("\"queryCondition\"") && has("\"detectionAction\"");
    resources || defender() || module()
}

/// The members of a rule that are read, and those around rules.
struct Members;

const LISTS: [&str; 2] = ["resources", "value"];
const WHOLE: [&str; 19] = [
    "alertRuleTemplateName",
    "detectionAction",
    "displayName",
    "enabled",
    "id",
    "isEnabled",
    "kind",
    "lastModifiedDateTime",
    "lastModifiedUtc",
    "name",
    "query",
    "queryCondition",
    "queryFrequency",
    "relevantTechniques",
    "requiredDataConnectors",
    "severity",
    "subTechniques",
    "techniques",
    "type",
];

impl Wanted for Members {
    fn of(key: &str) -> Use {
        if let Some(name) = WHOLE.iter().find(|name| **name == key) {
            return Use::WholeAs(name);
        }
        if let Some(name) = LISTS.iter().chain(&KINDS).chain([&ANALYTICS]).find(|name| **name == key) {
            return Use::List(name);
        }
        match key {
            "properties" | "template" => Use::Inside,
            _ if pages::is_member(key) => Use::Whole,
            // PowerShell's objects say one word for a list, and begin with a capital.
            "Technique" => Use::WholeAs("techniques"),
            "SubTechnique" => Use::WholeAs("subTechniques"),
            "Properties" => Use::InsideAs("properties"),
            _ if key.starts_with(|c: char| c.is_ascii_uppercase()) => {
                let found = WHOLE.iter().find(|name| name.eq_ignore_ascii_case(key));
                found.map_or(Use::Nothing, |name| Use::WholeAs(name))
            }
            _ => Use::Nothing,
        }
    }
}

/// The objects of a text that may be rules.
pub fn objects(file: &Arc<str>, text: &str) -> Result<Objects, ReadError> {
    let mut all = Objects::default();
    for (line, document) in json::documents::<Kept<Members>>(file, text)? {
        let single = document.as_object().is_some_and(|object| !holds_list(object)).then_some(line);
        let mut walk = Walk { file, single, all: &mut all };
        walk.value(document, None, 0);
    }
    Ok(all)
}

/// The objects of a document in YAML that may be rules.
pub fn of_yaml(place: &Place, document: Value) -> Objects {
    let mut all = Objects::default();
    Walk { file: &place.file, single: place.line, all: &mut all }.value(document, None, 0);
    all
}

/// Returns true for an object that is around rules.
pub fn holds_list(object: &Object) -> bool {
    lists().any(|key| matches!(object.get(key), Some(Value::Array(_))))
}

fn lists() -> impl Iterator<Item = &'static str> {
    LISTS.into_iter().chain(KINDS).chain([ANALYTICS])
}

struct Walk<'a> {
    file: &'a Arc<str>,
    /// The line of a document that is a rule itself.
    single: Option<usize>,
    all: &'a mut Objects,
}

impl Walk<'_> {
    /// Adds the objects of a value; `kind` is the key that lists rules of one kind.
    fn value(&mut self, value: Value, kind: Option<&str>, depth: usize) {
        match value {
            Value::Array(items) => items.into_iter().for_each(|item| self.value(item, kind, depth)),
            Value::Object(object) if depth < MAX_DEPTH => self.object(object, kind, depth),
            _ => {}
        }
    }

    fn object(&mut self, mut object: Object, kind: Option<&str>, depth: usize) {
        let template = object.get_mut("properties").and_then(|properties| properties.get_mut("template"));
        if let Some(template) = template.map(Value::take).filter(Value::is_object) {
            return self.value(template, None, depth + 1);
        }
        if !holds_list(&object) {
            if let Some(kind) = kind {
                object.entry("kind").or_insert_with(|| kind.into());
            }
            let place = match self.single {
                Some(line) => Place::line(self.file, line),
                None => Place::item(self.file, self.all.found.len() + 1),
            };
            self.all.found.push((place, object));
            return;
        }
        let before = self.all.found.len();
        let mut answer = false;
        for key in lists() {
            match object.remove(key) {
                Some(list @ Value::Array(_)) => {
                    answer |= key == "value";
                    let kind = KINDS.contains(&key).then_some(key);
                    self.value(list, kind, depth + 1);
                }
                Some(other) => {
                    object.insert(key.to_owned(), other);
                }
                None => {}
            }
        }
        let items = self.all.found.len() - before;
        match Page::read(self.file, &object, items) {
            Some(page) => self.all.pages.push(page),
            // The last page of an answer has no link.
            None if answer => self.all.pages.push(Page::of(self.file, items)),
            None => {}
        }
    }
}
