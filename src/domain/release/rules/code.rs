//! R15: scores and shares are rounded half up to the step and clamped to the coded ends; technology counts are coded
//! down to fixed steps. R16: a technique cell whose coded p75 is coded low shows only "few".

use crate::domain::release::parameters::{Parameters, Rule};

/// The unit of a published number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Scores and shares, 0..=100.
    Points,
    /// Numbers of techniques.
    Count,
}

/// The end that a number was clamped to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// This or less.
    Low,
    /// This or more.
    High,
}

/// A number as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Coded {
    pub value: u8,
    pub end: Option<End>,
}

impl Coded {
    /// R15: codes a value the way every published number is coded.
    pub fn new(value: u8, unit: Unit, parameters: &Parameters) -> Self {
        if !parameters.holds(Rule::R15) {
            return Self { value, end: None };
        }
        match unit {
            Unit::Points => points(value, parameters),
            Unit::Count => count(value, parameters),
        }
    }

    pub fn is_low(self) -> bool {
        self.end == Some(End::Low)
    }

    pub fn is_high(self) -> bool {
        self.end == Some(End::High)
    }
}

/// The coding of a list's values: the number that each is shown as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coding([u8; 256]);

impl Coding {
    pub fn new(unit: Unit, parameters: &Parameters) -> Self {
        let mut codes = [0; 256];
        codes.iter_mut().zip(0..=u8::MAX).for_each(|(code, value)| {
            *code = Coded::new(value.min(GREATEST), unit, parameters).value;
        });
        Self(codes)
    }

    /// Every value as itself.
    pub fn raw() -> Self {
        let mut codes = [0; 256];
        codes.iter_mut().zip(0..=u8::MAX).for_each(|(code, value)| *code = value.min(GREATEST));
        Self(codes)
    }

    pub fn code(&self, value: u8) -> u8 {
        self.0.get(usize::from(value)).copied().unwrap_or_default()
    }

    /// The values that are shown as one.
    pub fn shown_as(&self, code: u8) -> impl Iterator<Item = u8> {
        (0..=GREATEST).filter(move |value| self.code(*value) == code)
    }
}

/// Scores run from 0 to 100, and counts are coded far below.
const GREATEST: u8 = 100;

fn points(value: u8, parameters: &Parameters) -> Coded {
    let step = u16::from(parameters.round_step.max(1));
    let rounded = (u16::from(value) * 2 + step) / (2 * step) * step;
    let rounded = u8::try_from(rounded).unwrap_or(u8::MAX);
    if rounded <= parameters.code_low {
        Coded { value: parameters.code_low, end: Some(End::Low) }
    } else if rounded >= parameters.code_high {
        Coded { value: parameters.code_high, end: Some(End::High) }
    } else {
        Coded { value: rounded, end: None }
    }
}

fn count(value: u8, parameters: &Parameters) -> Coded {
    let step = parameters.count_steps.iter().copied().filter(|step| *step <= value).max().unwrap_or(0);
    let high = parameters.count_steps.iter().max() == Some(&step) && step > 0;
    Coded { value: step, end: high.then_some(End::High) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::release::Preset;

    #[test]
    fn points_are_rounded_half_up_and_clamped() {
        let p = Parameters::preset(Preset::Default);
        let coded = |v| Coded::new(v, Unit::Points, &p);
        assert_eq!(coded(0), Coded { value: 10, end: Some(End::Low) });
        assert_eq!(coded(12), Coded { value: 10, end: Some(End::Low) });
        assert_eq!(coded(13), Coded { value: 15, end: None });
        assert_eq!(coded(87), Coded { value: 85, end: None });
        assert_eq!(coded(88), Coded { value: 90, end: Some(End::High) });
        assert_eq!(coded(100), Coded { value: 90, end: Some(End::High) });
    }

    #[test]
    fn counts_are_coded_down_to_steps() {
        let p = Parameters::preset(Preset::Default);
        let coded = |v| Coded::new(v, Unit::Count, &p).value;
        assert_eq!([0, 1, 4, 5, 7, 19, 20, 79, 80, 101].map(coded), [0, 1, 3, 5, 5, 12, 20, 50, 80, 80]);
    }
}
