//! A8: a victim among others that join with it. A19: guessing a member's gaps from the table. Both on the pure function,
//! since they need hundreds of releases; the database has no part in them.

use peerbench::domain::{
    comparison::{Word, word},
    release::{Rule, Shown},
};

use super::{
    fixture::Fixture,
    joining::changes,
    pure::{Chain, Community, auc, default, quartiles, without},
    report::report,
};

/// Without memory, and with as many changes as in the first edition.
const EXACT: [Rule; 4] = [Rule::R14, Rule::R15, Rule::R31, Rule::R32];

/// 20 members; the victim, whose scores are all low or all high, and so many others join; then a release.
fn joined_by(others: usize, worlds: u64, off: &[Rule]) -> f64 {
    let mut arms = [Vec::new(), Vec::new()];
    for seed in 0..worlds {
        for (arm, scores) in arms.iter_mut().enumerate() {
            // The two arms are different communities: nothing but the victim's score may tell them apart.
            let seed = 2 * seed + arm as u64;
            let mut fixture = Fixture::new(seed);
            let mut community = Community::of(fixture.members(20));
            let mut chain = Chain::new(seed);
            let before = chain.publish(&community, &without(off));
            community.join(fixture.member_where(|score| if arm == 0 { score <= 10 } else { score >= 40 }));
            fixture.members(others).into_iter().for_each(|scores| community.join(scores));
            let after = chain.publish(&community, &without(off));
            scores.extend(changes(&before, &after));
        }
    }
    auc(&arms[0], &arms[1])
}

#[test]
fn one_among_five_who_join_is_hardly_told_apart() {
    let with = joined_by(4, 50, &[]);
    let ten = joined_by(9, 50, &[]);
    let exact = joined_by(4, 50, &EXACT);
    let alone = joined_by(0, 50, &[EXACT.as_slice(), &[Rule::R17]].concat());
    println!(
        "A8: AUC {with:.3}, with nine others {ten:.3}; without R14 and R15 {exact:.3}; the victim alone, without R17 too, {alone:.3}"
    );
    assert!(with <= 0.66 && ten <= 0.66, "{with} {ten}");
    assert!(exact > 0.66 && alone >= 0.85, "{exact} {alone}");
    report(
        8,
        "a victim and four others join 20; was its score low (10 or less) or high (40 or more)? 50 communities of 40 \
         techniques each, on the pure function",
        "R17, R32, R14, R15",
        &format!("AUC {with:.2}; where nine others join with it, {ten:.2}"),
        &format!(
            "without jitter and rounding, and where five changes always show, {exact:.2}; where the victim also comes alone, without R17, {alone:.2}"
        ),
    );
}

#[test]
fn gaps_are_guessed_from_the_words_as_well_as_from_the_table() {
    let (mut by_table, mut by_words, mut exact) =
        ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    let (mut few, mut few_exact) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for seed in 0..50 {
        let mut members = Fixture::new(seed).members(30);
        // Of techniques that hardly anybody covers, half are covered by nobody at all.
        for technique in 0..8 {
            for (number, scores) in members.iter_mut().enumerate() {
                scores[technique] = if technique % 2 == 0 && number < 10 { 8 } else { 0 };
            }
        }
        let community = Community::of(members);
        let table = Chain::new(seed).publish(&community, &default());
        let raw = Chain::new(seed).publish(&community, &without(&[Rule::R14, Rule::R15, Rule::R16]));
        for (technique, (shown, raw)) in table.iter().zip(&raw).enumerate() {
            let sum = |shown: &Shown| f64::from(-quartiles(shown).iter().sum::<i32>());
            let words = match word(shown) {
                Word::Most => 0.0,
                Word::Half => 1.0,
                Word::Quarter => 2.0,
                Word::Few | Word::LessThanHalf => 3.0,
            };
            for scores in &community.scores {
                let gap = usize::from(scores[technique] <= 10);
                by_table[gap].push(sum(shown));
                by_words[gap].push(words);
                exact[gap].push(sum(raw));
            }
            if *shown == Shown::Few {
                let nobody = usize::from(community.scores.iter().all(|scores| scores[technique] == 0));
                few[nobody].push(sum(shown));
                few_exact[nobody].push(sum(raw));
            }
        }
    }
    let auc = |arms: &[Vec<f64>; 2]| auc(&arms[0], &arms[1]);
    let (table, words, exact) = (auc(&by_table), auc(&by_words), auc(&exact));
    let (few, few_exact) = (auc(&few), auc(&few_exact));
    println!(
        "A19: gaps AUC {table:.3} by table, {words:.3} by words, {exact:.3} exact; few {few:.3}, {few_exact:.3}"
    );
    assert!(table - words <= 0.02, "{table} {words}");
    assert!((few - 0.5).abs() < 1e-9, "{few}");
    assert!(few_exact > 0.6, "{few_exact}");
    report(
        19,
        "guessing which members have a gap (10 or less) from the numbers, and from the words `most`, `half`, \
         `quarter`, `few` alone; and among techniques that say `few`, which of them nobody covers. 50 communities of \
         30, on the pure function",
        "R16, R15",
        &format!("AUC {table:.2} from the numbers, {words:.2} from the words; {few:.2} among `few`"),
        &format!("{exact:.2} from the numbers; {few_exact:.2} among those that said `few`"),
    );
}
