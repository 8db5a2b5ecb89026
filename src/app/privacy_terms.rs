//! The privacy terms of the service, in plain words and rule by rule, with the numbers in force.

use super::App;
use crate::domain::{
    dimension::Dimension,
    release::{Parameters, Preset},
};

/// The promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivacyTerms {
    pub parameters: Parameters,
    /// The paragraph "What others can learn".
    pub learnable: String,
    /// The paragraph "What is not promised".
    pub not_promised: String,
    /// Number and text of every rule that this version applies.
    pub rules: Vec<(&'static str, String)>,
}

/// The terms of the next release.
pub fn privacy_terms(app: &App) -> PrivacyTerms {
    terms_of(&app.parameters)
}

/// The terms under these parameters.
pub fn terms_of(parameters: &Parameters) -> PrivacyTerms {
    PrivacyTerms {
        learnable: learnable(parameters),
        not_promised: format!("{NOT_PROMISED} {}", colluders(parameters)),
        rules: rules(parameters),
        parameters: parameters.clone(),
    }
}

const NOT_PROMISED: &str = "If nearly all of a group has no rule for a technique, people will guess that you have none \
     either, whether or not you take part. Somebody who already knows almost every other member's scores could guess \
     yours better than chance. The operator can see your upload. This is tested against a public list of attacks; it is \
     not a mathematical proof.";

fn learnable(p: &Parameters) -> String {
    let Parameters { k, m, round_step, code_low, code_high, .. } = p;
    let small = match p.preset {
        Preset::SmallCommunity => {
            " Groups of 10 to 19 show only the median of the shares, and of techniques only whether at least half cover \
             them. These terms are weaker than the default ones."
        }
        Preset::Default | Preset::Conservative => "",
    };
    format!(
        "Numbers are published once per release for groups of at least {k} independent organisations; each number was \
         computed from at least as many. Each is the lower quartile, the median or the upper quartile, taken at a slightly random nearby rank, \
         rounded to the nearest {round_step}, never below {code_low} or above {code_high}; numbers of techniques are shown \
         from 0. A number changes only when at least {m} organisations changed theirs. Everybody sees the same table; \
         uploading does not change what you see of your peers until the next release. Your position is worked out from that \
         table alone.{small}"
    )
}

/// Says what members who act together learn, and how far numbers are off.
fn colluders(p: &Parameters) -> String {
    let Parameters { m, .. } = p;
    // The draw has one chance in m + 1 to be the lowest.
    format!(
        "{} members acting together can tell, for about one technique in {}, that somebody else changed it; {} can tell for \
         every technique. They can't tell who it was. At 20 members a technique's quartile is off by 10 points on average and can be off by 80; the overall share \
         and the tactics by 3.",
        m.saturating_sub(1),
        m + 1,
        2 * m
    )
}

/// The number and the text of every rule, with the numbers in force.
pub fn rules(p: &Parameters) -> Vec<(&'static str, String)> {
    let Parameters { k, d, m, tail_min, max_cg_share, round_step, code_low, code_high, .. } = p;
    let (low, high) = (p.jitter_below_100, p.jitter_below_500);
    let texts = [
        ("R1", "A score is an integer from 0 to 100 or not assessed; a fraction is refused, never rounded.".to_owned()),
        ("R2", "Only verified organisations contribute or read comparisons.".to_owned()),
        (
            "R3",
            format!(
                "The operator sets an organisation's {}, platforms and control group; a release takes them as of its \
                 cut-off.",
                Dimension::listed(", ")
            ),
        ),
        ("R4", "A release is computed in one ATT&CK version, to which every contribution is migrated.".to_owned()),
        ("R5", "Roll-ups are computed per organisation in integers; quantiles are never averaged.".to_owned()),
        ("R6", "A release is published in one transaction, and what is published never changes.".to_owned()),
        (
            "R7",
            format!(
                "Contributors are verified, at least {} days old, and have a snapshot whose period ended within {} days \
                 before the cut-off. The first release is not published before seven days after the first upload.",
                p.new_organisation_wait_days, p.freshness_days
            ),
        ),
        ("R8", "Between publications nothing of the peers' side depends on anything uploaded since the cut-off.".to_owned()),
        (
            "R9",
            format!(
                "A cohort and a cell hold at least {k} control groups: organisations under one parent company, one \
                 managed-service provider or another declared link count once."
            ),
        ),
        (
            "R10",
            format!(
                "Where one published cohort or column lies within another, the difference holds no control group or at \
                 least {d}."
            ),
        ),
        (
            "R11",
            format!(
                "What is left of a cohort beside its published parts holds no control group or at least {d}, and no \
                 smaller group can be added up from published cohorts."
            ),
        ),
        (
            "R12",
            format!("One control group holds at most {max_cg_share}% of a cohort's and of a cell's organisations."),
        ),
        (
            "R13",
            format!(
                "Cohorts are all members, each value of {} and, from {} contributors, each pair of these; there is no \
                 other filter.",
                Dimension::listed(" and "),
                p.pairs_min_n
            ),
        ),
        (
            "R14",
            format!(
                "A quantile is the value at a rank moved by up to {low} (in bands below 100) or {high} (below 500) ranks, drawn \
                 with a secret key from the list itself and its release; the {tail_min} lowest and highest ranks are never \
                 used. p10 and p90 need a band from {} on.",
                p.tails_min_n
            ),
        ),
        (
            "R15",
            format!(
                "Scores and shares are rounded to {round_step} and shown from {code_low} to {code_high}, the ends marked; \
                 counts are shown as the next lower step."
            ),
        ),
        ("R16", "A technique that few cover shows only that: no number, no band, and no release since which it is the same.".to_owned()),
        (
            "R17",
            format!(
                "A number changes only when at least {} control groups changed what it was computed from; until then it is \
                 published again as it was, and the changes add up (R32).",
                p.m
            ),
        ),
        ("R18", "The number of members appears only as a band, which is carried with the number.".to_owned()),
        ("R19", "What is not released looks the same whatever the reason.".to_owned()),
        ("R20", "A published number depends on release, cohort and cell only, never on who asks.".to_owned()),
        ("R21", "Your position follows from your value and the published quantiles alone.".to_owned()),
        ("R22", "Confidence is a grade and an interval of ranks from the band's lower end, the moved ranks included, never of scores.".to_owned()),
        (
            "R23",
            format!(
                "A verified organisation that is not under review and has assessed at least {} parent techniques in fresh \
                 deployed or validated snapshots reads all and the cohorts of its own profile, at once.",
                p.give_min_techniques
            ),
        ),
        ("R24", "No score is in a log, trace, metric or error.".to_owned()),
        ("R25", "A withdrawn snapshot is erased; published tables stay, and the next release is computed without it.".to_owned()),
        ("R26", "What cannot be evaluated is not released.".to_owned()),
        (
            "R28",
            "A looser parameter takes effect on a number when that number next changes. A tighter step, end or count step codes every \
             published number again at the next release; nothing is withheld because something changed."
                .to_owned(),
        ),
        (
            "R29",
            "At the cut-off a contribution is set aside until the operator has looked at it if all its cells are equal or if \
             it changed by more than 40 points on average. Its owner learns that it is under review, not why. Nobody is \
             set aside for having the same content as somebody else."
                .to_owned(),
        ),
        (
            "R30",
            "A release has a signed manifest; it covers every table and reveals neither which tables there are nor how many."
                .to_owned(),
        ),
        (
            "R31",
            "A quantile stays what it was as long as a rank that it might have been taken at has that value.".to_owned(),
        ),
        (
            "R32",
            format!(
                "A change is one of the value as it is shown. Between {m} and {} changes make a new number; how many is drawn \
                 with a secret key, once for all numbers of a technique. Organisations whose snapshots one declared writer \
                 uploads count as one change, unless the operator trusts the writer.",
                2 * m
            ),
        ),
        (
            "R33",
            format!(
                "A number is of one scale. It turns to another only when that leads by {m} control groups and {} have changed \
                 scale, joined or left.",
                2 * m
            ),
        ),
        (
            "R34",
            format!(
                "What today's contributions may not show stays as it was until {} control groups have changed, and what is \
                 not shown appears when as many have. A band stays while the number of control groups is near it.",
                2 * m
            ),
        ),
        (
            "R35",
            format!(
                "Where a technology, a family or a sub-technique holds the same control groups as what it is part of, and \
                 fewer than {d} of them have another value there, it shows the same numbers."
            ),
        ),
    ];
    texts.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_parameter_stands_in_the_text_of_its_rule() {
        let usual = Parameters::preset(Preset::Default);
        let before = rules(&usual);
        for parameter in Parameters::ALL.iter().filter(|parameter| !parameter.rule.is_empty()) {
            let value = (parameter.get)(&usual);
            let ends = [*parameter.limits.start(), *parameter.limits.end()];
            let other = ends.into_iter().find(|end| *end != value).unwrap();
            let after = rules(&Parameters::new(Preset::Default, [(parameter.name, other)]).unwrap());
            let (_, text) = after.iter().find(|(id, _)| *id == parameter.rule).expect("a rule");
            assert!(text.contains(&other.to_string()), "{}: {text}", parameter.name);
            assert!(!before.iter().any(|(_, known)| known == text), "{}: {text}", parameter.name);
        }
    }
}
