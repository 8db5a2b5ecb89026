//! MITRE's copyright designation, which every copy of ATT&CK data carries.

/// The designation of a year.
pub fn notice(year: u16) -> String {
    format!(
        "© {year} The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE \
         Corporation."
    )
}

/// The last year that a copyright line names.
pub fn last_year(line: &str) -> Option<u16> {
    let mut numbers = line.rsplit(|c: char| !c.is_ascii_digit());
    numbers.find(|number| number.len() == 4).and_then(|year| year.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_is_found_in_every_form() {
        assert_eq!(last_year("Copyright 2015-2026, The MITRE Corporation. All of 24."), Some(2026));
        assert_eq!(last_year(&notice(2025)), Some(2025));
        assert_eq!(last_year("none"), None);
    }
}
