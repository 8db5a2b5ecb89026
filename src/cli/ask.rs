//! Questions to the service that several commands ask alike: the peers and the evidence, the form of the answer, and printing
//! it.

use std::{fmt, sync::LazyLock};

use clap::{ValueEnum, builder::PossibleValue};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    Failure, output,
    remote::{Remote, typed},
};
use crate::{
    domain::{comparison::Word, snapshot::Basis},
    report::{Representation, text::NotListed},
};

/// The peers, the evidence and the release that a comparison is about.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Peers {
    /// Peers to compare with, such as `sector:finance` or `sector:finance~region:europe`. All members if omitted.
    #[arg(long)]
    pub cohort: Option<String>,
    /// Kind of evidence: `deployed` or `validated`. `deployed` if omitted.
    #[arg(long)]
    pub basis: Option<Basis>,
}

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    #[default]
    Text,
    /// As the service answers.
    As(Representation),
}

impl ValueEnum for Form {
    fn value_variants<'a>() -> &'a [Self] {
        static ALL: LazyLock<Vec<Form>> =
            LazyLock::new(|| [Form::Text].into_iter().chain(Representation::ALL.map(Form::As)).collect());
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self {
            Self::Text => "text",
            Self::As(form) => form.name(),
        }))
    }
}

impl From<output::Format> for Form {
    fn from(format: output::Format) -> Self {
        match format {
            output::Format::Text => Self::Text,
            output::Format::Json => Self::As(Representation::Json),
        }
    }
}

impl Form {
    /// The form that the service is asked for by name.
    pub fn named(self) -> Option<Representation> {
        match self {
            Self::Text | Self::As(Representation::Json) => None,
            Self::As(form) => Some(form),
        }
    }
}

/// The path and query of a request; options that aren't given are left out.
pub struct Question {
    path: String,
    query: form_urlencoded::Serializer<'static, String>,
}

impl Question {
    pub fn new(path: impl Into<String>) -> Self {
        Self { path: path.into(), query: form_urlencoded::Serializer::new(String::new()) }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: Option<impl fmt::Display>) -> Self {
        if let Some(value) = value {
            self.query.append_pair(name, &value.to_string());
        }
        self
    }

    #[must_use]
    pub fn among(self, peers: &Peers) -> Self {
        self.with("cohort", peers.cohort.as_ref()).with("basis", peers.basis)
    }

    #[must_use]
    pub fn in_form(self, form: Form) -> Self {
        self.with("format", form.named())
    }

    pub fn finish(mut self) -> String {
        match self.query.finish() {
            query if query.is_empty() => self.path,
            query => format!("{}?{query}", self.path),
        }
    }
}

/// Asks, and prints the answer: as the service sent it, or as text of the type `T`.
pub fn print<T: DeserializeOwned + fmt::Display>(
    remote: &Remote,
    path: &str,
    form: Form,
) -> Result<(), Failure> {
    let (answer, hidden) = remote.list(path)?;
    print_answer::<T>(&answer, form)?;
    not_listed(hidden);
    Ok(())
}

/// Says on standard error what a table leaves out: it has no place for that itself.
pub fn not_listed(hidden: impl IntoIterator<Item = (Word, u32)>) {
    for (word, count) in hidden {
        eprintln!("{}", NotListed(word, count));
    }
}

/// Prints an answer: as the service sent it, or as text of the type `T`.
pub fn print_answer<T: DeserializeOwned + fmt::Display>(answer: &str, form: Form) -> Result<(), Failure> {
    match form {
        Form::Text => output::page(&typed::<T>(answer)?),
        Form::As(Representation::Json) => output::json(&typed::<Value>(answer)?),
        Form::As(_) => output::text(answer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_given_is_asked() {
        assert_eq!(Question::new("/v1/x").among(&Peers::default()).in_form(Form::Text).finish(), "/v1/x");
        let peers = Peers { cohort: Some("sector:finance".to_owned()), basis: Some(Basis::Validated) };
        let asked = Question::new("/v1/x").among(&peers).with("limit", Some(5));
        let asked = asked.in_form(Form::As(Representation::Csv)).finish();
        assert_eq!(asked, "/v1/x?cohort=sector%3Afinance&basis=validated&limit=5&format=csv");
    }
}
