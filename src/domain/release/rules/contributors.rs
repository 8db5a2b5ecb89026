//! R2 and R7: whose contribution counts at a cut-off.

use chrono::{DateTime, Days, Utc};

use crate::domain::{organisation::Standing, release::parameters::Parameters};

/// The facts that decide whether an organisation contributes; the freshness of its snapshots is decided feed by feed.
#[derive(Debug, Clone, Copy)]
pub struct Candidate {
    pub standing: Standing,
    pub created_at: DateTime<Utc>,
}

/// R7: says that an organisation is verified, and past the wait of a new one.
pub fn contributes(candidate: Candidate, cut_off: DateTime<Utc>, parameters: &Parameters) -> bool {
    let wait = Days::new(parameters.new_organisation_wait_days.into());
    candidate.standing == Standing::Verified
        && candidate.created_at.checked_add_days(wait).is_some_and(|counts_from| counts_from <= cut_off)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::release::Preset;

    #[test]
    fn only_verified_organisations_past_the_wait_contribute() {
        let parameters = Parameters::preset(Preset::Default);
        let created_at: DateTime<Utc> = "2026-11-01T00:00:00Z".parse().unwrap();
        let at = |day: &str, standing| {
            contributes(
                Candidate { standing, created_at },
                format!("2026-11-{day}T00:00:00Z").parse().unwrap(),
                &parameters,
            )
        };
        assert!(at("08", Standing::Verified));
        assert!(!at("07", Standing::Verified));
        assert!(!at("20", Standing::Unverified));
        assert!(!at("20", Standing::Suspended));
    }
}
