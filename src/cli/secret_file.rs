//! Secrets of settings: the text itself, or the file that holds it. A command's arguments never have one, because other
//! programs see them.

use std::path::Path;

use super::Failure;
use crate::settings::Secret;

/// A file with more than this holds something else.
const LONGEST: usize = 16_384;

/// Returns the secret of a setting: `text`, or the content of `file` without the line's end.
pub fn secret(key: &str, text: Option<&Secret>, file: Option<&Path>) -> Result<Secret, Failure> {
    let variable = format!("PEERBENCH_{}", key.replace('.', "_").to_ascii_uppercase());
    let Some(path) = file else {
        let missing =
            || Failure::Usage(format!("The setting {key} is missing: set {variable} or {variable}_FILE."));
        return text.cloned().ok_or_else(missing);
    };
    if text.is_some() {
        return Err(Failure::Usage(format!("Set either {key} or {key}_file, not both.")));
    }
    let refused = |why: &str| Failure::Usage(format!("The file of {key}_file, {}, {why}.", path.display()));
    let read = std::fs::read_to_string(path).map_err(|error| refused(&format!("can't be read: {error}")))?;
    match read.trim_end_matches(['\r', '\n']) {
        "" => Err(refused("is empty")),
        secret if secret.len() > LONGEST || secret.contains(char::is_control) => {
            Err(refused("holds something other than one secret"))
        }
        secret => Ok(Secret::new(secret)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_the_text_or_the_files_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "hush hush\n").unwrap();
        let of = |text: Option<&Secret>, file| {
            secret("splunk.token", text, file).map(|secret| secret.reveal().to_owned())
        };
        assert_eq!(of(None, Some(&path)).unwrap(), "hush hush");
        let text = Secret::new("hush");
        assert_eq!(of(Some(&text), None).unwrap(), "hush");
        for (content, told) in [("", "is empty"), ("\n", "is empty"), ("hush\nhush", "other than one secret")]
        {
            std::fs::write(&path, content).unwrap();
            let error = of(None, Some(&path)).unwrap_err().to_string();
            assert!(error.contains(told) && !error.contains("hush"), "{error}");
        }
        assert!(of(Some(&text), Some(&path)).unwrap_err().to_string().contains("not both"));
        assert!(of(None, None).unwrap_err().to_string().contains("PEERBENCH_SPLUNK_TOKEN_FILE"));
        assert!(of(None, Some(&folder.path().join("none"))).is_err());
    }
}
