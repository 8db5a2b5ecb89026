//! The schemas of comparisons: for each list an item with the properties that its rows have, so that a client needn't ask
//! of every row what it is about.

use serde_json::{Map, Value, json};

use super::schemas::{self, reference, set, target};

/// A kind of own value.
struct Measure {
    /// The property that holds the value.
    key: &'static str,
    /// The schema of an own value or of none, and what it says.
    own: &'static str,
    own_about: &'static str,
    /// The schema of an own value, and what it says.
    assessed: &'static str,
    about: &'static str,
    /// The schema of a row that is shown instead of one that isn't released.
    fallback: &'static str,
}

const SCORE: Measure = Measure {
    key: "score",
    own: "OwnScore",
    assessed: "AssessedScore",
    about: "Your score of a technique.",
    own_about: "Your score, or `not_assessed` if you have none.",
    fallback: "ScoreFallback",
};
const SHARE: Measure = Measure {
    key: "share",
    own: "OwnShare",
    assessed: "AssessedShare",
    about: "Your share of covered techniques.",
    own_about: "Your share of covered techniques, or `not_assessed` if you have none.",
    fallback: "ShareFallback",
};
const COUNT: Measure = Measure {
    key: "count",
    own: "OwnCount",
    assessed: "AssessedCount",
    about: "Your number of techniques with a rule.",
    own_about: "Your number of covered techniques, or `not_assessed` if you have none.",
    fallback: "CountFallback",
};

/// The rows of one list.
struct Rows {
    /// The operation that answers them; none where only the summary has them.
    operation: Option<&'static str>,
    item: &'static str,
    about: &'static str,
    /// The properties that say what a row is about.
    subject: &'static [&'static str],
    measure: &'static Measure,
}

const ROWS: [Rows; 7] = [
    Rows {
        operation: Some("compare_techniques"),
        item: "TechniqueComparison",
        about: "A technique of yours compared with your peers'.",
        subject: &["technique", "name", "tactics"],
        measure: &SCORE,
    },
    Rows {
        operation: Some("compare_cells"),
        item: "CellComparison",
        about: "A technique through one technology compared with your peers'.",
        subject: &["technique", "technology", "name", "tactics"],
        measure: &SCORE,
    },
    Rows {
        operation: Some("compare_technologies"),
        item: "TechnologyComparison",
        about: "A technology of yours compared with your peers'.",
        subject: &["technology", "family", "name"],
        measure: &COUNT,
    },
    Rows {
        operation: Some("compare_families"),
        item: "FamilyComparison",
        about: "A family of technologies compared with your peers'.",
        subject: &["family", "name"],
        measure: &SHARE,
    },
    Rows {
        operation: Some("compare_tactics"),
        item: "TacticComparison",
        about: "Your coverage of a tactic compared with your peers'.",
        subject: &["tactic", "id", "name"],
        measure: &SHARE,
    },
    Rows {
        operation: Some("compare_groups"),
        item: "ThreatGroupComparison",
        about: "Your coverage of a threat group compared with your peers'.",
        subject: &["group", "name"],
        measure: &SHARE,
    },
    Rows {
        operation: None,
        item: "OverallComparison",
        about: "Your coverage of all techniques compared with your peers'.",
        subject: &["name"],
        measure: &SHARE,
    },
];

/// The lists of the summary, with their items.
const SUMMARY: [(&str, &str); 3] = [
    ("tactics", "TacticComparison"),
    ("gaps", "TechniqueComparison"),
    ("technologies", "TechnologyComparison"),
];

/// The lines of one kind in a comparison before and after changes.
struct Before {
    /// The property of the answer, and whether it is a list.
    property: &'static str,
    is_list: bool,
    line: &'static str,
    about: &'static str,
    /// The properties that say what a line is about.
    subject: &'static [&'static str],
    measure: &'static Measure,
}

const WHAT_IF: [Before; 5] = [
    Before {
        property: "overall",
        is_list: false,
        line: "WhatIfOverall",
        about: "Your coverage of all techniques before and after.",
        subject: &["name"],
        measure: &SHARE,
    },
    Before {
        property: "tactics",
        is_list: true,
        line: "WhatIfTactic",
        about: "Your coverage of a tactic before and after.",
        subject: &["tactic", "id", "name"],
        measure: &SHARE,
    },
    Before {
        property: "technologies",
        is_list: true,
        line: "WhatIfTechnology",
        about: "A technology of yours before and after.",
        subject: &["technology", "family", "name"],
        measure: &COUNT,
    },
    Before {
        property: "techniques",
        is_list: true,
        line: "WhatIfTechnique",
        about: "A technique of yours before and after.",
        subject: &["technique", "name", "tactics"],
        measure: &SCORE,
    },
    Before {
        property: "same_level",
        is_list: true,
        line: "WhatIfTechnique",
        about: "A technique of yours before and after.",
        subject: &["technique", "name", "tactics"],
        measure: &SCORE,
    },
];

/// Properties of other answers whose schema is known more exactly than their type: schema, property, exact schema.
const EXACTLY: [(&str, &str, &str); 8] = [
    ("TechniqueGap", "own", "OwnScore"),
    ("TechniqueGap", "peers", "ReleasedStatistics"),
    ("TechniqueGap", "position", "PeerPosition"),
    ("SetCounts", "share", "OverallComparison"),
    ("FewestChanges", "peers", "PeerStatistics"),
    ("WhatIfRequest", "snapshots/items", "CoverageSnapshot"),
    ("ReportContent", "techniques/items", "TechniqueComparison"),
    ("ReportContent", "groups/items", "ThreatGroupComparison"),
];

/// Replaces the schema of a row of whatever kind by one for each kind.
pub fn specialise(document: &mut Value) -> Option<()> {
    let schemas = schemas::of(document)?;
    let page = schemas.get("Comparison")?.clone();
    let mut side = schemas.get("ComparisonSide")?.clone();
    set(side.pointer_mut("/properties/position")?, "$ref", target("PeerPosition"));
    let subject = schemas.get("Subject")?.get("properties")?.as_object()?.clone();
    let own = schemas.get("Own")?.get("oneOf")?.as_array()?.clone();
    let mut unassessed = own.last()?.clone();
    set(&mut unassessed, "description", "A value that your organisation doesn't have.");
    schemas.insert("NotAssessed".to_owned(), unassessed);
    describe_peers(schemas)?;
    describe_position(schemas);
    for measure in [SCORE, SHARE, COUNT] {
        let mut assessed = own.iter().find(|own| own["properties"].get(measure.key).is_some())?.clone();
        set(&mut assessed, "description", measure.about);
        schemas.insert(measure.assessed.to_owned(), assessed);
        let own = union(measure.own_about, [("assessed", measure.assessed), ("not_assessed", "NotAssessed")]);
        schemas.insert(measure.own.to_owned(), own);
        let mut fallback = side.clone();
        *fallback.pointer_mut("/properties/own")? = reference(measure.own);
        *fallback.pointer_mut("/properties/peers")? = reference("ReleasedStatistics");
        set(
            &mut fallback,
            "description",
            "The nearest published row, with your value computed in its column.",
        );
        schemas.insert(measure.fallback.to_owned(), fallback);
    }
    for rows in ROWS {
        let mut item = side.clone();
        *item.pointer_mut("/properties/own")? = reference(rows.measure.own);
        *item.pointer_mut("/properties/peers")? = reference("PeerStatistics");
        set(&mut item, "description", rows.about);
        let properties = item.get_mut("properties")?.as_object_mut()?;
        let fallback = json!({
            "$ref": target(rows.measure.fallback),
            "description": "The nearest published row, if the requested row isn't released.",
        });
        properties.insert("fallback".to_owned(), fallback);
        for name in rows.subject {
            properties.insert((*name).to_owned(), subject.get(*name)?.clone());
        }
        let required = item.get_mut("required")?.as_array_mut()?;
        required.splice(0..0, rows.subject.iter().map(|name| json!(name)));
        schemas.insert(rows.item.to_owned(), item);
        if rows.operation.is_some() {
            let mut page = page.clone();
            *page.pointer_mut("/properties/items/items")? = reference(rows.item);
            set(&mut page, "description", format!("A page of comparisons. {}", rows.about));
            schemas.insert(format!("{}Page", rows.item), page);
        }
    }
    describe_what_if(schemas, &subject)?;
    for (name, property, exactly) in EXACTLY {
        let property = schemas.get_mut(name)?.pointer_mut(&format!("/properties/{property}"))?;
        let about = property.get("description").cloned();
        *property = reference(exactly);
        if let Some(about) = about {
            set(property, "description", about);
        }
    }
    let summary = schemas.get_mut("ComparisonSummary")?;
    *summary.pointer_mut("/properties/overall")? = reference("OverallComparison");
    for (list, item) in SUMMARY {
        *summary.pointer_mut(&format!("/properties/{list}/items"))? = reference(item);
    }
    for path in document.get_mut("paths")?.as_object_mut()?.values_mut() {
        for operation in path.as_object_mut()?.values_mut() {
            let of = |rows: &&Rows| {
                let named = operation["operationId"].as_str().map(|id| id.trim_end_matches("_of_set"));
                rows.operation.is_some() && named == rows.operation
            };
            let Some(rows) = ROWS.iter().find(of) else { continue };
            *operation.pointer_mut("/responses/200/content/application~1json/schema")? =
                reference(&format!("{}Page", rows.item));
        }
    }
    Some(())
}

/// The lines of a comparison before and after changes, one schema for each kind.
fn describe_what_if(schemas: &mut Map<String, Value>, subject: &Map<String, Value>) -> Option<()> {
    let (line, mut side) = (schemas.get("WhatIfLine")?.clone(), schemas.get("WhatIfSide")?.clone());
    set(side.pointer_mut("/properties/position")?, "$ref", target("PeerPosition"));
    for Before { property, is_list, line: name, about, subject: of, measure } in WHAT_IF {
        let named = format!("WhatIf{}", measure.own.trim_start_matches("Own"));
        let mut exact = side.clone();
        *exact.pointer_mut("/properties/own")? = reference(measure.own);
        schemas.insert(named.clone(), exact);
        let mut line = line.clone();
        set(&mut line, "description", about);
        let properties = line.get_mut("properties")?.as_object_mut()?;
        properties.retain(|name, _| ["peers", "before", "after"].contains(&name.as_str()));
        properties.insert("peers".to_owned(), reference("PeerStatistics"));
        for (moment, about) in [
            ("before", "Your value and position now."),
            ("after", "Your value and position after the changes."),
        ] {
            let side = json!({ "$ref": target(&named), "description": about });
            properties.insert(moment.to_owned(), side);
        }
        for name in of {
            properties.insert((*name).to_owned(), subject.get(*name)?.clone());
        }
        let required = of.iter().copied().chain(["peers", "before", "after"]).map(Value::from).collect();
        set(&mut line, "required", Value::Array(required));
        schemas.insert(name.to_owned(), line);
        let place =
            if is_list { format!("/properties/{property}/items") } else { format!("/properties/{property}") };
        *schemas.get_mut("WhatIf")?.pointer_mut(&place)? = reference(name);
    }
    Some(())
}

/// Refers to the schemas of peers and positions that say all they can be, wherever a schema refers to the general ones; and
/// to subjects by a name that means something alone.
pub fn refer(document: &mut Value) -> Option<()> {
    let schemas = schemas::of(document)?;
    let subject = schemas.get("Subject")?.clone();
    schemas.insert("MeasureSubject".to_owned(), subject);
    schemas::each_object(schemas::of_all(document)?, &mut |object| {
        let special =
            [("Peers", "PeerStatistics"), ("Position", "PeerPosition"), ("Subject", "MeasureSubject")];
        for (general, special) in special {
            if object.get("$ref").is_some_and(|target| *target == schemas::target(general)) {
                object.insert("$ref".to_owned(), schemas::target(special).into());
            }
        }
    });
    Some(())
}

/// A row is released with its numbers, or it isn't.
fn describe_peers(schemas: &mut Map<String, Value>) -> Option<()> {
    let mut released = schemas.get("Row")?.clone();
    set(&mut released, "description", "The published statistics of your peers.");
    let status = |value: &str| json!({"type": "string", "enum": [value], "description": "Status of the row in the release."});
    released.get_mut("properties")?.as_object_mut()?.insert("status".to_owned(), status("released"));
    released.get_mut("required")?.as_array_mut()?.insert(0, json!("status"));
    schemas.insert("ReleasedStatistics".to_owned(), released);
    let hidden = json!({
        "type": "object",
        "description": "Statistics that aren't released, for whatever reason.",
        "required": ["status"],
        "properties": { "status": status("not_released") },
    });
    schemas.insert("UnreleasedStatistics".to_owned(), hidden);
    let about = "Statistics of your peers, or `not_released` if the release doesn't have them.";
    let peers = union(about, [("released", "ReleasedStatistics"), ("not_released", "UnreleasedStatistics")]);
    schemas.insert("PeerStatistics".to_owned(), peers);
    Some(())
}

/// A position has a band and one of three statements about the percentile.
fn describe_position(schemas: &mut Map<String, Value>) {
    let percentile =
        |about: &str| json!({ "type": "integer", "minimum": 0, "maximum": 100, "description": about });
    let position = json!({
        "type": "object",
        "description": "Position of your value among the published quantiles: a band, and a percentile or a bound of it.",
        "required": ["band"],
        "minProperties": 2,
        "maxProperties": 2,
        "properties": {
            "band": {
                "$ref": "#/components/schemas/PositionBand",
                "description": "Band between the published quantiles that your value lies in.",
            },
            "percentile_estimate": percentile("Estimated percentile, linear between the published quantiles."),
            "percentile_at_most": percentile("Percentile that yours is at most, below the lowest published quantile."),
            "percentile_at_least": percentile("Percentile that yours is at least, above the highest published quantile."),
        },
    });
    schemas.insert("PeerPosition".to_owned(), position);
}

/// One of two schemas, told apart by `status`.
fn union(about: &str, members: [(&str, &str); 2]) -> Value {
    let mapping: Map<String, Value> =
        members.iter().map(|(status, name)| ((*status).to_owned(), target(name).into())).collect();
    json!({
        "description": about,
        "oneOf": members.map(|(_, name)| reference(name)),
        "discriminator": { "propertyName": "status", "mapping": mapping },
    })
}
