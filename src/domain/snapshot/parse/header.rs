//! The header's members: what each may be.

use super::{
    context::Context,
    grammar::MAX_TECHNOLOGIES,
    read::{Object, Said},
    refusals::{Place, Refusals},
};
use crate::domain::{
    attack::AttackVersion,
    calendar::Month,
    scale::Scale,
    snapshot::{AdapterVersion, Basis, DOMAIN, Header, Producer, SCHEMA, Source},
    technology::{Registry, TechnologyRef},
};

/// Checks everything but the cells. `None` if a member that it needs can't be used.
pub fn read(object: &Object<'_>, context: Context<'_>, refusals: &mut Refusals) -> Option<Header> {
    refusals.members(object, Place::Whole);
    refusals.text(object, Place::Whole, "schema", literal(SCHEMA));
    let period = refusals.text(object, Place::Whole, "period", |text| match text.parse::<Month>() {
        Ok(month) if month > context.current => Err("is in the future"),
        Ok(month) => Ok(month),
        Err(_) => Err("must be a month as in 2026-11"),
    });
    let attack = attack(object, context, refusals);
    let producer = producer(object, refusals);
    let basis = refusals.text(object, Place::Whole, "basis", str::parse::<Basis>);
    let window_days = refusals.integer(object, Place::Whole, "window_days", 1, 3660);
    let scale = scale(object, refusals);
    if scale == Some(Scale::Outcome) && !matches!(basis, None | Some(Basis::Validated | Basis::Observed)) {
        refusals.refuse::<()>("/scale", "outcome/1 goes with the basis validated or observed only");
    }
    let technologies = technologies(object, context.registry, refusals);
    let complete = complete(object, context.registry, technologies.as_deref(), refusals);
    Some(Header {
        period: period?,
        attack: attack?,
        producer: producer?,
        basis: basis?,
        window_days,
        scale: scale?,
        technologies: technologies?,
        complete: complete?,
    })
}

fn literal(expected: &'static str) -> impl Fn(&str) -> Result<(), String> {
    move |text| if text == expected { Ok(()) } else { Err(format!("must be \"{expected}\"")) }
}

fn object<'o, 'a>(
    object: &'o Object<'a>,
    name: &'static str,
    refusals: &mut Refusals,
) -> Option<(&'o Object<'a>, Place)> {
    let at = Place::Member(name);
    match object.get(name)? {
        Said::Object(inner) => {
            refusals.members(inner, at);
            Some((inner, at))
        }
        _ => refusals.refuse(at, "must be an object"),
    }
}

pub fn attack(whole: &Object<'_>, context: Context<'_>, refusals: &mut Refusals) -> Option<AttackVersion> {
    let (attack, at) = object(whole, "attack", refusals)?;
    refusals.text(attack, at, "domain", literal(DOMAIN));
    refusals.text(attack, at, "version", |text| {
        let version: Option<AttackVersion> = text.parse().ok();
        version.filter(|version| context.catalogues.get(*version).is_some()).ok_or_else(|| {
            let versions: Vec<String> = context.catalogues.versions().map(|v| v.to_string()).collect();
            format!("unknown ATT&CK version: this service has {}", versions.join(", "))
        })
    })
}

fn producer(whole: &Object<'_>, refusals: &mut Refusals) -> Option<Producer> {
    let (producer, at) = object(whole, "producer", refusals)?;
    let source = refusals.text(producer, at, "source", str::parse::<Source>);
    let feed = refusals.integer(producer, at, "feed", 1, 99).and_then(|feed| u8::try_from(feed).ok());
    let adapter = refusals.text(producer, at, "adapter", str::parse::<AdapterVersion>);
    Some(Producer { source: source?, feed: feed?, adapter: adapter? })
}

pub fn scale(whole: &Object<'_>, refusals: &mut Refusals) -> Option<Scale> {
    refusals.text(whole, Place::Whole, "scale", str::parse::<Scale>)
}

pub fn technologies(whole: &Object<'_>, registry: &Registry, refusals: &mut Refusals) -> Option<Vec<String>> {
    names(whole, "technologies", refusals, |name| match registry.reference(name) {
        Some(_) => Ok(()),
        None => Err("unknown technology: see GET /v1/technologies, or use other.<family> or other.unknown"),
    })
}

fn complete(
    whole: &Object<'_>,
    registry: &Registry,
    technologies: Option<&[String]>,
    refusals: &mut Refusals,
) -> Option<Vec<String>> {
    names(whole, "complete", refusals, |name| {
        if !technologies.is_none_or(|declared| declared.iter().any(|known| known == name)) {
            return Err("must also be one of /technologies");
        }
        match registry.reference(name) {
            Some(TechnologyRef::Known(position))
                if registry.get(position).is_some_and(|t| t.native_detections) =>
            {
                Err("has built-in detections that no export shows, so it cannot be complete")
            }
            Some(TechnologyRef::Known(_)) => Ok(()),
            _ => Err("only a technology of the registry can be complete"),
        }
    })
}

/// A list of names that `check` accepts, each once, sorted.
fn names(
    whole: &Object<'_>,
    member: &'static str,
    refusals: &mut Refusals,
    check: impl Fn(&str) -> Result<(), &'static str>,
) -> Option<Vec<String>> {
    let items = match whole.get(member)? {
        Said::List(Some(items)) => items,
        Said::List(None) => {
            let detail = format_args!("has more than {MAX_TECHNOLOGIES} items");
            return refusals.refuse(Place::Member(member), detail);
        }
        _ => return refusals.refuse(Place::Member(member), "must be an array"),
    };
    let mut names: Vec<String> = Vec::with_capacity(items.len());
    for (position, item) in items.iter().enumerate() {
        let checked = match item {
            Said::Text(name) if names.iter().any(|known| known == name) => Err("is listed twice"),
            Said::Text(name) => check(name).map(|()| names.push(name.clone().into_owned())),
            _ => Err("must be a string"),
        };
        if let Err(detail) = checked {
            refusals.refuse::<()>(format_args!("/{member}/{position}"), detail);
        }
    }
    names.sort_unstable();
    Some(names)
}
