//! A choice of a filters' form.

use crate::domain::facts::Facts;

pub struct Choice {
    pub name: &'static str,
    pub label: &'static str,
    pub options: Vec<ChoiceOption>,
}

pub struct ChoiceOption {
    pub value: String,
    pub name: String,
    pub chosen: bool,
}

impl Choice {
    /// `any` is the option of an empty value, if there is one.
    pub fn new(
        name: &'static str,
        label: &'static str,
        any: &str,
        named: Vec<(String, String)>,
        chosen: &str,
    ) -> Self {
        let any = (!any.is_empty()).then(|| (String::new(), any.to_owned()));
        let options = any.into_iter().chain(named).map(|(value, name)| ChoiceOption {
            chosen: value == chosen,
            value,
            name,
        });
        Self { name, label, options: options.collect() }
    }
}

/// IDs and names of the registry's technologies, by name.
pub fn technologies(facts: &Facts) -> Vec<(String, String)> {
    let registry = facts.registry();
    let mut all: Vec<(String, String)> = (0..)
        .map_while(|position| registry.get(position))
        .map(|technology| (technology.id.clone(), technology.name.clone()))
        .collect();
    all.sort_by(|a, b| a.1.cmp(&b.1));
    all
}
