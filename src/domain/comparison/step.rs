//! Technology counts are published as steps (R15): a number stands for all counts from it to below the next step.

use std::fmt;

use super::position::points;
use crate::domain::release::{Coded, Parameters, Quantiles, Unit};

/// The counts that one published number stands for: from `from` to `to`, or `from` and more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub from: u8,
    pub to: Option<u8>,
}

impl Step {
    /// The step of a count.
    pub fn of(count: u8, parameters: &Parameters) -> Self {
        let next = parameters.count_steps.iter().copied().filter(|step| *step > count).min();
        Self {
            from: Coded::new(count, Unit::Count, parameters).value,
            to: next.map(|next| next.saturating_sub(1)),
        }
    }
}

/// The steps of a row of technology counts, by percentile.
pub fn steps(quantiles: &Quantiles, parameters: &Parameters) -> Vec<(u8, Step)> {
    let step = |(percentile, coded): (u8, Coded)| (percentile, Step::of(coded.value, parameters));
    points(quantiles).into_iter().map(step).collect()
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to {
            None => write!(f, "≥{}", self.from),
            Some(to) if to == self.from => write!(f, "{to}"),
            Some(to) => write!(f, "{}-{to}", self.from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::release::Preset;

    #[test]
    fn each_count_has_the_step_that_it_is_published_as() {
        let parameters = Parameters::preset(Preset::Default);
        let text = |count| Step::of(count, &parameters).to_string();
        assert_eq!(
            [0, 2, 4, 30, 49, 50, 79].map(text),
            ["0", "2", "3-4", "30-49", "30-49", "50-79", "50-79"]
        );
        assert_eq!([80, 100, 255].map(text), ["≥80"; 3]);
    }
}
