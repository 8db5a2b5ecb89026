//! Reads the settings from the file and the environment and refuses what does not exist.

use std::{collections::BTreeMap, fs, path::Path};

use config::{Config, ConfigError, File, FileFormat, Map, Source, Value, ValueKind};
use serde::de::DeserializeOwned;

use super::{DEFAULT_FILE, Settings, SettingsError};

/// Settings whose values no message repeats.
const SECRET: [&str; 10] = [
    "database.url",
    "client.secret",
    "client.url",
    "console.password",
    "splunk.token",
    "sentinel.client_secret",
    "cortex.key",
    "sumo.source_url",
    "sumo.access_key",
    "sync.token",
];

/// Names with this start belong to the project's own tests.
const TESTS: [&str; 2] = ["PEERBENCH_TEST_", "PEERBENCH_SHARED_"];

/// Environment variables as a source, each value knowing which variable it came from.
#[derive(Debug, Clone)]
struct Variables(Map<String, Value>);

impl Source for Variables {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.clone())
    }
}

impl Settings {
    /// Reads the file (the named one must exist, the default one may), then `environment`.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, SettingsError> {
        let mut builder = Config::builder();
        let path = file.unwrap_or_else(|| Path::new(DEFAULT_FILE));
        if path.exists() {
            let source = File::from_str(&text(path)?, FileFormat::Toml);
            known_only(path, &Config::builder().add_source(source.clone()).build()?)?;
            builder = builder.add_source(source);
        } else if file.is_some() {
            return Err(SettingsError::Missing(path.to_owned()));
        }
        let mut sections = builder.add_source(variables(environment)?).build()?;
        let mut general = Config::default();
        if let ValueKind::Table(top) = &mut sections.cache.kind {
            let outside = top.extract_if(|_, value| !matches!(value.kind, ValueKind::Table(_)));
            general.cache = Value::new(None, ValueKind::Table(outside.collect()));
        }
        let settings = Self { general: read(general)?, ..read(sections)? };
        settings.check()
    }
}

/// The text of a file that is TOML. What a parser says of one that isn't would repeat the line.
fn text(path: &Path) -> Result<String, SettingsError> {
    let file = || path.to_owned();
    let text = fs::read_to_string(path).map_err(|cause| SettingsError::File { file: file(), cause })?;
    if let Err(error) = text.parse::<toml::Table>() {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |start| start.chars().count()) + 1;
        return Err(SettingsError::Syntax { file: file(), line, column });
    }
    Ok(text)
}

fn read<T: DeserializeOwned>(config: Config) -> Result<T, SettingsError> {
    serde_path_to_error::deserialize(config).map_err(|error| {
        let key = error.path().to_string();
        match SECRET.iter().find(|secret| **secret == key) {
            Some(key) => SettingsError::Hidden { key, expected: "it must be one text".to_owned() },
            None => SettingsError::Value { key, cause: error.into_inner() },
        }
    })
}

fn known_only(path: &Path, config: &Config) -> Result<(), SettingsError> {
    let keys = Settings::keys();
    let unknown = |name: String| {
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_-.[]".contains(c);
        let name =
            if name.len() <= 60 && name.chars().all(is_name) { name } else { "of this name".to_owned() };
        SettingsError::Unknown { place: path.display().to_string(), name }
    };
    let ValueKind::Table(top) = &config.cache.kind else { return Ok(()) };
    for (name, value) in top {
        match &value.kind {
            ValueKind::Table(section) => {
                let known = |key: &String| keys.iter().any(|(s, k, _)| s == name && k == key);
                if let Some(key) = section.keys().find(|key| !known(key)) {
                    return Err(unknown(format!("{name}.{key}")));
                }
                if !keys.iter().any(|(s, ..)| s == name) {
                    return Err(unknown(format!("[{name}]")));
                }
            }
            _ if keys.iter().any(|(s, k, _)| s.is_empty() && k == name) => {}
            _ => return Err(unknown(name.clone())),
        }
    }
    Ok(())
}

fn variables(environment: impl IntoIterator<Item = (String, String)>) -> Result<Variables, SettingsError> {
    let by_name: BTreeMap<String, (&str, &str, bool)> = Settings::keys()
        .into_iter()
        .map(|(section, key, list)| {
            let path = if section.is_empty() { key.to_owned() } else { format!("{section}_{key}") };
            (format!("PEERBENCH_{}", path.to_ascii_uppercase()), (section, key, list))
        })
        .collect();
    let mut top = Map::new();
    let mut sections: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for (name, text) in environment {
        if !name.starts_with("PEERBENCH_") || TESTS.iter().any(|start| name.starts_with(start)) {
            continue;
        }
        let Some((section, key, list)) = by_name.get(&name) else {
            return Err(SettingsError::Unknown { place: "The environment".to_owned(), name });
        };
        let origin = format!("the environment variable {name}");
        let value = |text: &str| Value::new(Some(&origin), ValueKind::String(text.to_owned()));
        let value = if *list {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(value).collect();
            Value::new(Some(&origin), ValueKind::Array(items))
        } else {
            value(&text)
        };
        if section.is_empty() {
            top.insert((*key).to_owned(), value);
        } else {
            sections.entry(section).or_default().insert((*key).to_owned(), value);
        }
    }
    for (section, values) in sections {
        top.insert(section.to_owned(), Value::new(None, ValueKind::Table(values)));
    }
    Ok(Variables(top))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn env(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    #[test]
    fn the_environment_wins_over_the_file_and_both_over_the_defaults() {
        let file = file("listen = \"127.0.0.1:1\"\n[http]\nworkers = 3\n[privacy]\nk = 30\n");
        let settings = Settings::load(
            Some(file.path()),
            env(&[
                ("PEERBENCH_HTTP_WORKERS", "5"),
                ("PEERBENCH_METRICS_LISTEN", "127.0.0.1:9"),
                ("PEERBENCH_DIMENSIONS_SECTORS", "banks, insurers"),
                ("PEERBENCH_CLIENT_SECRET", "12345"),
                ("PEERBENCH_SHARED_DATA", "is for tests"),
                ("PATH", "/bin"),
            ]),
        )
        .unwrap();
        assert_eq!(settings.general.listen.port(), 1);
        assert_eq!(settings.http.workers, 5);
        assert_eq!(settings.privacy.changes, [("k", 30)].into());
        assert_eq!(settings.metrics.listen.unwrap().port(), 9);
        assert_eq!(settings.dimensions.sectors.unwrap(), ["banks", "insurers"]);
        assert_eq!(settings.client.secret.unwrap().reveal(), "12345");
        assert_eq!(settings.rate_limit, Default::default());
    }

    #[test]
    fn what_does_not_exist_is_named() {
        for text in ["lisen = 1\n", "[http]\nworker = 1\n", "[htpp]\nworkers = 1\n"] {
            let error = Settings::load(Some(file(text).path()), []).unwrap_err().to_string();
            assert!(error.contains("there is no setting"), "{error}");
        }
        let error = Settings::load(None, env(&[("PEERBENCH_HTTP_WORKER", "1")])).unwrap_err().to_string();
        assert!(error.contains("PEERBENCH_HTTP_WORKER"), "{error}");
        let error = Settings::load(Some(Path::new("missing.toml")), []).unwrap_err().to_string();
        assert!(error.contains("missing.toml"), "{error}");
    }

    #[test]
    fn no_message_repeats_a_secret() {
        for (text, told) in [
            ("[database]\nurl = \"postgres://u:hush@h/d\nlisten = 1\n", "line 2, column"),
            ("[client]\nsecret = hush\n", "line 2, column 10"),
            ("[client]\nsecret = [\"hush\"]\n", "client.secret"),
            ("[client]\nurl = \"https://me:hush@bench.example\"\n", "client.url"),
            ("[database]\nurl = \"postgres://u:hush/x@h/d\"\n", "database.url"),
            ("[database]\nurl = { hush = 1 }\n", "database.url"),
            ("\"postgres://u:hush@h\" = 1\n", "there is no setting"),
        ] {
            let error = Settings::load(Some(file(text).path()), []).unwrap_err();
            let said = format!("{error} {error:?}");
            assert!(said.contains(told) || error.to_string().contains(told), "{said}");
            assert!(!error.to_string().contains("hush"), "{error}");
        }
    }

    #[test]
    fn a_bad_value_is_named_with_its_key_and_its_place() {
        let error = Settings::load(None, env(&[("PEERBENCH_HTTP_WORKERS", "many")])).unwrap_err().to_string();
        assert!(error.contains("workers") && error.contains("PEERBENCH_HTTP_WORKERS"), "{error}");
        let error =
            Settings::load(Some(file("[log]\nformat = \"xml\"\n").path()), []).unwrap_err().to_string();
        assert!(error.contains("expected one of text, json"), "{error}");
        let error =
            Settings::load(None, env(&[("PEERBENCH_DATABASE_POOL_SIZE", "0")])).unwrap_err().to_string();
        assert!(error.contains("database.pool_size is 0"), "{error}");
        let error = Settings::load(None, env(&[("PEERBENCH_LISTEN", "everywhere")])).unwrap_err().to_string();
        assert!(error.contains("listen"), "{error}");
    }
}
