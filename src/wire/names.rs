//! Schemas of the closed lists of names in requests and answers, each of which the API document lists as an enum, and of
//! documents that other standards describe.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ArrayBuilder, ObjectBuilder, Ref, RefOr, Schema, Type,
        schema::{KnownFormat, SchemaFormat},
    },
};

use super::choices;
use crate::{
    app::{compare, read_report},
    domain::{
        access, attack, audit, comparison, organisation, path, quarantine, release, scale, snapshot,
        technology,
    },
};

/// Rules that keep a cohort with enough members from being published.
const WITHHELD: [release::Reason; 5] = [
    release::Reason::Threshold,
    release::Reason::Dominance,
    release::Reason::Difference,
    release::Reason::Remainder,
    release::Reason::Span,
];

macro_rules! names {
    ($($name:ident = $names:expr, $description:literal;)+) => {
        $(
            #[doc = $description]
            pub struct $name;

            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    one_of(&$names, $description)
                }
            }

            impl ToSchema for $name {}
        )+
    };
}

names! {
    Basis = snapshot::Basis::NAMES,
        "Kind of evidence behind a snapshot's values. Peer statistics exist for `deployed` and `validated`.";
    BenchmarkedBasis = [snapshot::Basis::Deployed.name(), snapshot::Basis::Validated.name()],
        "Kind of evidence that peer statistics exist for.";
    Source = snapshot::Source::NAMES,
        "Product or format that a snapshot was built from.";
    ScaleName = scale::Scale::NAMES,
        "Name and version of a scale of `GET /v1/scales`.";
    AttackDomain = [snapshot::DOMAIN],
        "Domain of ATT&CK. Only Enterprise is supported.";
    Level = scale::Level::NAMES,
        "Level of a score: `none` is 0, `partial` is 1 to 74, `full` is 75 or more.";
    CellStateName = ["not_assessed"],
        "State of a cell that the snapshot says nothing about.";
    Ok = ["ok"],
        "State of a service that answers requests.";
    GrantType = ["client_credentials"],
        "Grant type of OAuth 2.0 that the service supports.";
    TokenType = ["Bearer"],
        "Type of the tokens that the service issues.";
    TokenErrorCode = ["invalid_request", "invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope"],
        "Error code of OAuth 2.0 (RFC 6749, section 5.2).";
    ClientAuthentication = ["client_secret_basic", "client_secret_post"],
        "Way in which a client sends its secret.";
    KeyType = ["OKP"],
        "Type of key for Edwards curves (RFC 8037).";
    KeyCurve = ["Ed25519"],
        "Curve of the service's signing keys.";
    KeyAlgorithm = ["EdDSA"],
        "Algorithm of the service's signatures.";
    KeyUse = ["sig"],
        "Use of a key that checks signatures.";
    ReleaseStatus = ["released", "not_released"],
        "Status of peer statistics: published, or not released for whatever reason.";
    Granularity = ["parent", "sub"],
        "Granularity of a list of techniques: parent techniques or sub-techniques.";
    ListFormat = ["json", "csv"],
        "Format that a list is returned in.";
    RowsFormat = ["json", "ndjson", "csv"],
        "Format that console rows are returned in.";
    RowKindName = compare::rows::RowKind::NAMES,
        "Kind of console row: all techniques together, or one technique, technology, tactic, family or threat group.";
    ReportFormat = choices::ReportForm::NAMES,
        "Format that a report is returned in.";
    ReportPaper = choices::Paper::NAMES,
        "Size of the paper of a PDF.";
    ReportDrawing = choices::Poster::NAMES,
        "Drawing of an SVG: `heat_map` techniques by tactic, `tactics`, `technologies` and `groups` your values among your peers', `trend` your overall share by release.";
    NavigatorLayerKind = choices::LayerOf::NAMES,
        "Number that a Navigator layer shows: `own` your score, `p25`, `p50` or `p75` of your peers, `difference` your score minus their median, `word` the share of peers that cover a technique, from 0 (few) to 3 (most).";
    ReportStatus = read_report::ReportStatus::NAMES,
        "Status of a report: `complete`, `not_published` no release has been published yet, `nothing_contributed` you haven't contributed a recent snapshot.";
    ReminderReason = ["not_verified", "never_uploaded", "stale", "soon_stale", "under_review"],
        "Reason why a member doesn't contribute, or soon won't.";
    WithheldReason = WITHHELD.map(release::Reason::name),
        "Rule by which a cohort is withheld: `threshold` (R9), `dominance` (R12), `difference` (R10), `remainder` (R11), `span` (R11b).";
    TechnologyFamily = technology::Family::NAMES,
        "Family of technologies, such as all endpoint products.";
    TechnologyKind = technology::Kind::NAMES,
        "Kind of technology: runs on a host, as a service, or in the network.";
    Platform = attack::Platform::NAMES,
        "ATT&CK platform that an organisation or a technology runs.";
    MemberBand = release::Band::NAMES,
        "Band of the number of independent control groups.";
    Confidence = ["A", "B", "C", "D"],
        "Confidence in a row by its number of control groups: A 200 or more, B 50 to 199, C 20 to 49, D 10 to 19.";
    Coverage = comparison::Word::NAMES,
        "Share of peers that cover a technique: `most` about three quarters or more, `half` about half or more, `quarter` about a quarter or more, `few` fewer, `less_than_half` fewer than half where a small peer group shows no more.";
    PositionBand = comparison::Place::NAMES,
        "Band between the published quantiles that your value lies in.";
    OwnStatus = ["assessed", "not_assessed"],
        "Status of your value: `not_assessed` if nothing that applies is assessed.";
    SeriesBreak = comparison::Break::NAMES,
        "Reason why two points of a series must not be joined: `attack` another ATT&CK version, `basis` peer statistics of the basis exist in one of them only, `parameters` other privacy parameters, `catalogue` other technologies or sets of techniques, `cohort` rows of different cohorts or columns.";
    PathSourceName = path::PathSource::NAMES,
        "Kind of input that a path is made of.";
    LeftOutReasonName = path::LeftOutReason::NAMES,
        "Reason why a technique is in no step: `other_domain` an ID of another domain, `unknown_technique` an ID of no known version of Enterprise ATT&CK, `deprecated` withdrawn without a successor.";
    TechniqueStatus = ["active", "revoked", "deprecated"],
        "Status of a technique in an ATT&CK version: in force, revoked in favour of others, or withdrawn.";
    Preset = release::Preset::NAMES,
        "Preset of the privacy parameters. `small-community` is weaker than the others.";
    ScopeName = access::Scope::NAMES,
        "Scope that a token grants its client.";
    Standing = organisation::Standing::NAMES,
        "Standing of an organisation. Only verified organisations contribute and read comparisons.";
    AuditAction = audit::Action::NAMES,
        "Action that the audit log records.";
    QuarantineReason = quarantine::Reason::NAMES,
        "Reason for a finding: `all_equal` all scores equal, `all_extreme` all 0 or all 100, `jump` an implausible change since the last release, `copied` or `shared` equal to other contributions.";
    Feasibility = comparison::Feasibility::NAMES,
        "Feasibility of covering a technique: `ready` one of your technologies can see it, and half or more of its owners cover it through it, `possible` one of yours can see it, `source_missing` none can.";
    GapStatus = comparison::GapStatus::NAMES,
        "Status of a gap in your book. `closed` is set by itself when your score reaches the median or your level is full.";
    GapDecisionStatus = [comparison::GapStatus::Open.name(), comparison::GapStatus::Planned.name(), comparison::GapStatus::Accepted.name()],
        "Status that you can give a gap.";
    AcceptedReason = comparison::AcceptedReason::NAMES,
        "Reason why a gap is left open.";
    GapSortOrder = compare::gaps::GapSort::NAMES,
        "Order of gaps: `priority` highest first, `distance` furthest behind first, `threat` most used by threat groups first, `technique` by ID. Techniques that you haven't assessed come last.";
    NoEffect = comparison::NoEffect::NAMES,
        "Reason why a change has no effect: `technology_not_owned` you don't have the technology, `technology_owned` you have it already, `cannot_see` the technology can't see the technique, `score_is_full` the score is the highest already.";
    SortOrder = compare::Sort::NAMES,
        "Order of the rows: `distance` furthest behind the median first, `-distance` furthest ahead first, `id` by ID, `own` lowest own value first, `peers` highest median first.";
}

/// Schema of a file that is no text.
pub struct BinaryFile;

impl PartialSchema for BinaryFile {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
            .description(Some("File that is no text."))
            .into()
    }
}

impl ToSchema for BinaryFile {}

macro_rules! documents {
    ($($name:ident = $description:literal;)+) => {
        $(
            #[doc = $description]
            pub struct $name;

            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    ObjectBuilder::new().schema_type(Type::Object).description(Some($description)).into()
                }
            }

            impl ToSchema for $name {}
        )+
    };
}

macro_rules! by_quantile {
    ($($name:ident = $of:expr, $what:literal, $description:literal;)+) => {
        $(
            #[doc = $description]
            pub struct $name;

            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    let object = ObjectBuilder::new().schema_type(Type::Object).description(Some($description));
                    let object = QUANTILES.iter().fold(object, |object, (key, name)| {
                        object.property(*key, described($of, &format!("{} of the {name}.", $what)))
                    });
                    object.into()
                }
            }

            impl ToSchema for $name {}
        )+
    };
}

/// The quantiles that a row may show, by name.
const QUANTILES: [(&str, &str); 5] = [
    ("p10", "10th percentile"),
    ("p25", "25th percentile"),
    ("p50", "median"),
    ("p75", "75th percentile"),
    ("p90", "90th percentile"),
];

by_quantile! {
    CodedQuantiles = one_of(&["low", "high"], ""), "Coded end",
        "Ends that quantiles are coded to: `low` means this or less, `high` this or more.";
    QuantileSteps = Ref::from_schema_name("CountStep").into(), "Step",
        "Counts that the quantiles of a technology count stand for.";
    QuantileRanks = ranks(), "Lowest and highest rank",
        "Ranks, in percent of the members, between which each true quantile lies with 95% confidence.";
}

/// A schema with a description of its own.
fn described(schema: RefOr<Schema>, description: &str) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            object.description = Some(description.to_owned());
            object.into()
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.description = Some(description.to_owned());
            array.into()
        }
        RefOr::Ref(mut reference) => {
            reference.description = description.to_owned();
            reference.into()
        }
        other => other,
    }
}

/// Two ranks.
fn ranks() -> RefOr<Schema> {
    let rank = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).maximum(Some(100));
    ArrayBuilder::new().items(rank).min_items(Some(2)).max_items(Some(2)).into()
}

documents! {
    AttackPathDocument = "An Attack Flow of the builder (version 2 or 3), an Attack Flow as a STIX bundle, or a layer of the ATT&CK Navigator.";
    AttackCatalogue = "The facts of an ATT&CK version in one file: tactics, techniques and threat groups.";
    JsonSchema = "A JSON Schema document (draft 2020-12).";
    OpenApiDocument = "An OpenAPI 3.1 document in JSON.";
}

fn one_of(names: &[&'static str], description: &str) -> RefOr<Schema> {
    let names = names.iter().copied();
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
        .enum_values(Some(names))
        .into()
}
