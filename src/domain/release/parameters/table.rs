//! The table of privacy parameters. Struct, presets, settings, answers and help follow from it.

use super::{
    declare::{Parameter, ParameterError, common, each, every, larger, parameters, smaller},
    preset::{Preset, Rule},
    recorded::Recorded,
};

/// No upper limit.
const OPEN: u32 = u32::MAX;

// The floors below k = 20 exist for the preset `small-community` alone; elsewhere its weaker display rules for 10 to 19
// control groups don't apply.
parameters! {
    k: u32 {
        help: "Minimum number of control groups in a cell and in its cohort.",
        value: each(20, 40, 10),
        set: "k", 10..=OPEN, "R9",
    }
    d: u32 {
        help: "Minimum number of control groups in the difference of two nested cohorts, unless it has none.",
        value: each(10, 20, 5),
        set: "d", 5..=OPEN, "R10",
    }
    m: u32 {
        help: "Minimum number of control groups that must have changed before a cell is refreshed; up to twice as many, as is drawn. Twice as many before it appears or goes.",
        value: each(5, 10, 3),
        set: "m", 3..=OPEN, "R17",
    }
    release_days: u32 {
        help: "Days between two cut-offs.",
        value: every(30),
        set: "release_days", 7..=3660, "",
    }
    round_step: u8 {
        help: "Scores and shares are rounded to a multiple of this many points.",
        value: every(5),
        set: "round_step", 5..=50, "R15",
        shows: larger,
    }
    code_low: u8 {
        help: "Scores and shares of this or less are published as this value, marked as coded.",
        value: every(10),
        set: "code_low", 5..=45, "R15",
        shows: larger,
    }
    code_high: u8 {
        help: "Scores and shares of this or more are published as this value, marked as coded.",
        value: every(90),
        set: "code_high", 55..=95, "R15",
        shows: smaller,
    }
    count_steps: Vec<u8> {
        help: "Technology counts are published as the next lower of these.",
        value: every(vec![0, 1, 2, 3, 5, 8, 12, 20, 30, 50, 80]),
        shows: common,
    }
    jitter_below_100: u32 {
        help: "Maximum number of ranks that a quantile moves in cells whose band is below 100.",
        value: every(2),
        set: "jitter", 1..=10, "R14",
        shows: larger,
    }
    jitter_below_500: u32 {
        help: "Maximum number of ranks that a quantile moves in cells whose band is from 100 to 499; from 500 on none.",
        value: every(1),
        shows: larger,
    }
    tail_min: u32 {
        help: "Number of ranks at either end that no quantile uses.",
        value: every(3),
        set: "tail_min", 3..=100, "R14",
        shows: larger,
    }
    max_cg_share: u32 {
        help: "Maximum share of a cell's organisations, in percent, that one control group may hold.",
        value: every(20),
        set: "max_cg_share", 1..=50, "R12",
    }
    tails_min_n: u32 {
        help: "Minimum lower end of a cell's band for p10 and p90.",
        value: every(100),
        set: "tails_min_n", 100..=OPEN, "R14",
        shows: larger,
    }
    pairs_min_n: u32 {
        help: "Minimum number of contributors for cohorts of two dimensions.",
        value: every(400),
        set: "pairs_min_n", 0..=OPEN, "R13",
    }
    freshness_days: u32 {
        help: "Days after the end of its period for which a snapshot counts.",
        value: every(365),
        set: "freshness_days", 1..=3660, "R7",
    }
    new_organisation_wait_days: u32 {
        help: "Days after its creation before an organisation's contribution counts.",
        value: every(7),
        set: "new_organisation_wait_days", 0..=3660, "R7",
    }
    give_min_techniques: u32 {
        help: "Number of parent techniques that a member must have assessed before it reads comparisons.",
        value: every(20),
        set: "give_min_techniques", 0..=1000, "R23",
        before: 0,
    }
}

impl Parameters {
    /// The preset with the operator's changes, within the limits.
    pub fn new<'n>(
        preset: Preset,
        changes: impl IntoIterator<Item = (&'n str, u32)>,
    ) -> Result<Self, ParameterError> {
        let mut parameters = Self::preset(preset);
        for (name, value) in changes {
            let parameter = Self::ALL.iter().find(|parameter| parameter.name == name);
            let parameter = parameter.ok_or_else(|| ParameterError::Unknown(name.to_owned()))?;
            parameter.change(&mut parameters, value)?;
        }
        Ok(parameters)
    }

    /// Tells if equal lists show equal numbers under both.
    pub(in crate::domain::release) fn shows_like(&self, other: &Self) -> bool {
        self.strictest(other) == *self && other.strictest(self) == *other
    }

    pub fn holds(&self, rule: Rule) -> bool {
        !self.off.contains(&rule)
    }

    /// J(n): how many ranks a quantile of n organisations may move.
    pub fn jitter(&self, n: u32) -> u32 {
        match n {
            _ if !self.holds(Rule::R14) => 0,
            0..100 => self.jitter_below_100,
            100..500 => self.jitter_below_500,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parameters that stand in signed manifests and in ledgers: neither their order nor their form may change.
    const DEFAULT: &str = concat!(
        r#"{"preset":"default","k":20,"d":10,"m":5,"release_days":30,"round_step":5,"code_low":10,"code_high":90,"#,
        r#""count_steps":[0,1,2,3,5,8,12,20,30,50,80],"jitter_below_100":2,"jitter_below_500":1,"tail_min":3,"#,
        r#""max_cg_share":25,"tails_min_n":100,"pairs_min_n":400,"freshness_days":365,"new_organisation_wait_days":7}"#,
    );

    #[test]
    fn what_is_beyond_a_limit_is_refused_by_name() {
        for parameter in Parameters::ALL {
            let (low, high) = (*parameter.limits.start(), *parameter.limits.end());
            for value in [low.checked_sub(1), high.checked_add(1)].into_iter().flatten() {
                let refused = Parameters::new(Preset::Default, [(parameter.name, value)]).unwrap_err();
                let limit = parameter.limit();
                assert_eq!(refused, ParameterError::Refused { name: parameter.name, value, limit });
            }
            for value in [low, high] {
                let set = Parameters::new(Preset::Default, [(parameter.name, value)]).unwrap();
                assert_eq!((parameter.get)(&set), value, "{}", parameter.name);
            }
        }
        let unknown = Parameters::new(Preset::Default, [("p", 1)]).unwrap_err();
        assert_eq!(unknown, ParameterError::Unknown("p".to_owned()));
    }

    #[test]
    fn every_preset_is_within_the_limits_of_which_none_may_move() {
        for preset in Preset::ALL {
            let parameters = Parameters::preset(preset);
            for parameter in Parameters::ALL {
                let value = (parameter.get)(&parameters);
                assert!(parameter.limits.contains(&value), "{} = {value}", parameter.name);
            }
        }
        let floors: Vec<(&str, u32)> =
            Parameters::ALL.iter().map(|of| (of.name, *of.limits.start())).collect();
        for floor in [
            ("k", 10),
            ("d", 5),
            ("m", 3),
            ("release_days", 7),
            ("round_step", 5),
            ("code_low", 5),
            ("jitter", 1),
            ("tail_min", 3),
            ("tails_min_n", 100),
        ] {
            assert!(floors.contains(&floor), "{floor:?}");
        }
        let ceilings: Vec<(&str, u32)> =
            Parameters::ALL.iter().map(|of| (of.name, *of.limits.end())).collect();
        assert!(ceilings.contains(&("code_high", 95)) && ceilings.contains(&("max_cg_share", 50)));
    }

    #[test]
    fn the_strictest_of_two_shows_the_least_of_either() {
        let one =
            Parameters { code_low: 15, count_steps: vec![0, 5, 8], ..Parameters::preset(Preset::Default) };
        let other = Parameters {
            code_high: 80,
            count_steps: vec![0, 8],
            k: 40,
            ..Parameters::preset(Preset::Default)
        };
        let both = Parameters { code_low: 15, code_high: 80, count_steps: vec![0, 8], ..one.clone() };
        assert_eq!(one.strictest(&other), both);
        assert!(both.shows_like(&Parameters { k: 10, d: 7, ..both.clone() }));
        assert!(!one.shows_like(&both) && !both.shows_like(&one));
    }

    #[test]
    fn what_the_first_version_wrote_is_read_and_written_in_its_order() {
        // The second edition lowered the share of a control group.
        let today = Parameters { max_cg_share: 25, ..Parameters::preset(Preset::Default) };
        let read: Recorded<Parameters> = serde_json::from_str(DEFAULT).unwrap();
        assert!(read.unknown.is_empty());
        let text = serde_json::to_string(&Recorded::from(today)).unwrap();
        let members: serde_json::Map<String, serde_json::Value> = serde_json::from_str(DEFAULT).unwrap();
        for (name, value) in &members {
            assert!(text.contains(&format!("\"{name}\":{value}")), "{name}: {text}");
        }
        let place = |name: &String, text: &str| text.find(&format!("\"{name}\":")).unwrap();
        let order = |text: &str| {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort_by_key(|name| place(name, text));
            names
        };
        assert_eq!(order(&text), order(DEFAULT));
        // Until a parameter is added it is the same text.
        assert!(text.len() > DEFAULT.len() || text == DEFAULT, "{text}");
    }

    #[test]
    fn each_parameter_of_the_first_version_must_be_there() {
        let whole: serde_json::Map<String, serde_json::Value> = serde_json::from_str(DEFAULT).unwrap();
        for name in whole.keys() {
            let mut less = whole.clone();
            less.remove(name);
            let error = serde_json::from_value::<Recorded<Parameters>>(less.into()).unwrap_err().to_string();
            assert!(error.contains(name.as_str()), "{error}");
        }
    }
}
