//! The address of a view: what it shows stands in the query, so that it can be kept and shared.

pub use crate::http::extract::compared::{Common, Compared as Place, Reading};

impl Place {
    /// The place that the fields of a form keep.
    pub fn of(field: impl Fn(&str) -> Option<String>) -> Self {
        let filled = |name| field(name).filter(|text| !text.is_empty());
        Self { cohort: filled("cohort"), basis: filled("basis"), release: filled("release") }
    }

    /// The hidden fields with which a form keeps the place.
    pub fn kept(&self) -> Vec<(&'static str, String)> {
        let all = [("cohort", &self.cohort), ("basis", &self.basis), ("release", &self.release)];
        all.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect()
    }

    /// A link to a view that keeps the place.
    pub fn link(&self, path: &str) -> String {
        self.with(path, &[])
    }

    /// A link that keeps the place but for these parameters; an empty value leaves a parameter out.
    pub fn with(&self, path: &str, changed: &[(&str, &str)]) -> String {
        let own = [("cohort", &self.cohort), ("basis", &self.basis), ("release", &self.release)];
        let own = own.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
        let own = own.filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
        let all = own.chain(changed.iter().copied()).filter(|(_, value)| !value.is_empty());
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(all).finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_keeps_the_place_and_changes_what_it_says() {
        let place = Place { cohort: Some("sector:finance".to_owned()), ..Place::default() };
        assert_eq!(place.link("/app/gaps"), "/app/gaps?cohort=sector%3Afinance");
        assert_eq!(place.with("/app", &[("cohort", ""), ("release", "2")]), "/app?release=2");
        assert_eq!(place.with("/app", &[("x", "a&b=\"<")]), "/app?cohort=sector%3Afinance&x=a%26b%3D%22%3C");
    }
}
