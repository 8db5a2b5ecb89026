//! Phrases that no text of the project has: translated German, and words of the code that users never need.

/// The phrase, in lower case, and what to write instead.
const PHRASES: &[(&str, &str)] = &[
    ("its rights", "say what is revoked"),
    ("cannot be seen by their technology", "name what ATT&CK lists"),
    ("tell nobody", "without an alert action"),
    ("techniques that apply to you", "applicable techniques"),
    ("nothing is known", "not assessed"),
    ("nothing was found of", "no … has the ID"),
    ("nothing is found of", "no … has the ID"),
    ("of whom", "name the people"),
    ("of which nothing", "without …"),
    ("of which only", "with only …"),
    ("files' content tells", "detected from the files"),
    ("where some are not", "if some can't be read"),
    ("the own techniques", "your techniques"),
    ("the own side", "your values"),
    ("is of now", "is current"),
    ("are of now", "are current"),
    ("no such thing", "not found"),
    ("'s form is unknown", "unsupported media type"),
    ("not possible here", "not allowed"),
    ("is said in plain words", "… explains"),
    ("stands for its id", "is resolved to its ID"),
    ("beside its own sub-technique", "tags both"),
    ("switched off that it meets", "with the relevant rule disabled"),
    ("it may be less than they are", "is a lower bound"),
    ("what lies within what", "name the nouns"),
    ("thing is unknown", "unknown …"),
    ("meaning is unknown", "unknown …"),
    ("product is unknown", "unknown …"),
    ("gets to see", "sees"),
    ("get to see", "see"),
    ("numbers are as they were", "unchanged"),
    ("if not said", "if omitted"),
    ("where not said", "if omitted"),
    ("when not said", "if omitted"),
    ("it is told", "say who reports what"),
    ("is told what", "say who reports what"),
    ("cannot be told", "can't be determined"),
    ("in terms of att&ck", "in ATT&CK"),
    ("makes up where", "name the share"),
    ("footing", "baseline"),
    ("whom to remind", "members to remind"),
    ("of whichever", "of any"),
    ("nor since when", "name what is missing"),
    ("own reckoning", "own estimate"),
    ("has to do with", "concerns"),
    ("to the byte", "byte for byte"),
    ("by the way", "leave it out"),
    ("this page's", "name the page"),
    ("mend ", "fix, correct"),
    ("so many of", "name the number"),
    ("once more", "again"),
];

/// Lists everything that is found in a text, with its line.
pub fn found(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let lower = line.to_lowercase();
        for (phrase, better) in PHRASES.iter().filter(|(phrase, _)| lower.contains(phrase)) {
            found.push(format!("{number}: `{phrase}` (better: {better})"));
        }
        if spaced_percent(line) {
            found.push(format!("{number}: ` %` (percent stands without a space: 25%)"));
        }
    }
    found
}

/// Finds a number, or the place of one, and a percent sign with a space between them and no operand behind.
fn spaced_percent(line: &str) -> bool {
    line.match_indices(" %").any(|(at, sign)| {
        let before = line[..at].chars().next_back();
        let after = line[at + sign.len()..].trim_start().chars().next();
        before.is_some_and(|c| c.is_ascii_digit() || c == '}')
            && !after.is_some_and(|c| c.is_ascii_digit() || c == '(' || c == '{')
    })
}
