//! Prints the settings as a commented file that can be used as it is.

use super::{Entry, Settings};

const WIDTH: usize = 100;

/// The settings in force as TOML, each under its meaning. What is unset or secret is a comment.
pub fn toml(settings: &Settings) -> String {
    let mut text = String::from(
        "# Settings of peerbench. The environment variable named beside each setting wins over this file.\n",
    );
    let mut section = "";
    for entry in settings.entries() {
        if entry.section != section {
            section = entry.section;
            text.push_str(&format!("\n[{section}]\n"));
        }
        text.push('\n');
        comment(&mut text, &entry);
        match &entry.value {
            Some(value) if entry.masked => text.push_str(&format!("# {} = {value}\n", entry.key)),
            Some(value) => text.push_str(&format!("{} = {value}\n", entry.key)),
            None => text.push_str(&format!("# {} =\n", entry.key)),
        }
    }
    text
}

fn comment(text: &mut String, entry: &Entry) {
    let mut line = String::from("#");
    for word in entry.meaning.split_whitespace().chain([format!("({})", entry.variable()).as_str()]) {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            text.push_str(&line);
            text.push_str("\n#");
            line.clear();
        }
        line.push(' ');
        line.push_str(word);
    }
    text.push_str(&line);
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::settings::{DatabaseUrl, Secret};

    #[test]
    fn what_is_printed_can_be_read_back() {
        let mut settings = Settings::default();
        settings.http.workers = 7;
        settings.privacy.changes.insert("k", 40);
        settings.dimensions.sectors = Some(vec!["banks".to_owned(), "in\"surers".to_owned()]);
        let mut file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        file.write_all(toml(&settings).as_bytes()).unwrap();
        assert_eq!(Settings::load(Some(file.path()), []).unwrap(), settings);
    }

    #[test]
    fn every_setting_is_there_with_its_meaning_and_no_secret_is() {
        let mut settings = Settings::default();
        settings.client.secret = Some(Secret::new("hush"));
        settings.database.url = Some(DatabaseUrl::new("postgres://u:hush@h/d"));
        let text = toml(&settings);
        assert!(!text.contains("hush"));
        for entry in settings.entries() {
            assert!(text.contains(&format!("({})", entry.variable())), "{}", entry.path());
            assert!(entry.meaning.ends_with('.') && entry.meaning.len() > 10, "{}", entry.path());
        }
    }
}
