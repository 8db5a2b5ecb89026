//! Declaration of a section of the settings: once, with its documentation, so that what is printed, what is read from
//! the file and what is read from the environment cannot drift apart.

use std::{fmt, net::SocketAddr, path::PathBuf};

use serde::Deserialize;

use super::url::{self, UrlError};
use crate::domain::named::named;

/// One setting as `peerbench config` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Empty for the settings outside any section.
    pub section: &'static str,
    pub key: &'static str,
    /// Meaning, units and range included.
    pub meaning: String,
    /// The value in TOML; `None` where nothing is set.
    pub value: Option<String>,
    /// The value is hidden, so its line cannot be used as it is printed.
    pub masked: bool,
}

impl Entry {
    /// `http.workers`, or `listen` outside the sections.
    pub fn path(&self) -> String {
        if self.section.is_empty() { self.key.to_owned() } else { format!("{}.{}", self.section, self.key) }
    }

    /// The environment variable that sets it.
    pub fn variable(&self) -> String {
        format!("PEERBENCH_{}", self.path().replace('.', "_").to_ascii_uppercase())
    }
}

/// A value that can be printed as TOML.
pub trait Shown {
    /// True if the environment's text is a list separated by commas.
    const LIST: bool = false;

    fn toml(&self) -> Option<String>;

    fn masked(&self) -> bool {
        false
    }
}

macro_rules! shown {
    ($($ty:ty),*) => {
        $(impl Shown for $ty {
            fn toml(&self) -> Option<String> {
                Some(self.to_string())
            }
        })*
    };
}
shown!(bool, u8, u16, u32, u64, usize);

fn quoted(text: &str) -> String {
    // A TOML basic string escapes what a JSON string escapes.
    serde_json::Value::from(text).to_string()
}

impl Shown for String {
    fn toml(&self) -> Option<String> {
        Some(quoted(self))
    }
}

impl Shown for SocketAddr {
    fn toml(&self) -> Option<String> {
        Some(quoted(&self.to_string()))
    }
}

impl Shown for PathBuf {
    fn toml(&self) -> Option<String> {
        Some(quoted(&self.to_string_lossy()))
    }
}

impl Shown for Vec<String> {
    const LIST: bool = true;

    fn toml(&self) -> Option<String> {
        let items: Vec<String> = self.iter().map(|item| quoted(item)).collect();
        Some(format!("[{}]", items.join(", ")))
    }
}

impl<T: Shown> Shown for Option<T> {
    const LIST: bool = T::LIST;

    fn toml(&self) -> Option<String> {
        self.as_ref().and_then(T::toml)
    }

    fn masked(&self) -> bool {
        self.as_ref().is_some_and(T::masked)
    }
}

/// A text that no output shows.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that uses it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Shown for Secret {
    fn toml(&self) -> Option<String> {
        Some(quoted("********"))
    }

    fn masked(&self) -> bool {
        true
    }
}

/// A URL whose password no output shows.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The URL itself, password included.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Checks that the URL can be read. No library that might repeat parts of it sees one that can't.
    pub fn check(&self) -> Result<(), UrlError> {
        match self.0.strip_prefix("sqlite:") {
            // Likely an address of PostgreSQL, whose password a message about a file would repeat.
            Some(path) if path.contains("://") => {
                Err(UrlError { position: "sqlite:".len() + 1, expected: "the path of a file" })
            }
            Some(_) => Ok(()),
            None => url::shown(&self.0).map(drop),
        }
    }

    /// Returns the URL with all passwords replaced, those among the parameters included.
    pub fn without_password(&self) -> String {
        if self.0.starts_with("sqlite:") {
            return self.0.clone();
        }
        url::shown(&self.0).unwrap_or_else(|_| url::hidden(&self.0))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.without_password())
    }
}

impl Shown for DatabaseUrl {
    fn toml(&self) -> Option<String> {
        Some(quoted(&self.without_password()))
    }

    fn masked(&self) -> bool {
        self.without_password() != self.0
    }
}

named! {
    /// The format of log lines.
    pub enum LogFormat("log format") {
        Text = "text",
        Json = "json",
    }
}

impl Shown for LogFormat {
    fn toml(&self) -> Option<String> {
        Some(quoted(self.name()))
    }
}

/// Declares a section: a struct that a file may fill in part, its defaults, and the list of its entries.
macro_rules! section {
    (
        $(#[doc = $about:literal])*
        $name:ident($section:literal) {
            $( $(#[doc = $doc:literal])* $key:ident : $ty:ty = $default:expr ),* $(,)?
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $( $(#[doc = $doc])* pub $key: $ty, )*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $( $key: $default, )* }
            }
        }

        impl $name {
            pub(super) fn entries(&self) -> Vec<$crate::settings::Entry> {
                vec![$(
                    $crate::settings::Entry {
                        section: $section,
                        key: stringify!($key),
                        meaning: [$($doc),*].map(str::trim).join(" "),
                        value: $crate::settings::section::Shown::toml(&self.$key),
                        masked: $crate::settings::section::Shown::masked(&self.$key),
                    },
                )*]
            }

            /// The keys, and whether each is a list.
            pub(super) fn keys() -> Vec<(&'static str, &'static str, bool)> {
                vec![$(
                    ($section, stringify!($key), <$ty as $crate::settings::section::Shown>::LIST),
                )*]
            }
        }
    };
}
pub(super) use section;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_masked_wherever_a_url_can_carry_them() {
        for (url, shown) in [
            ("postgres://user:p%40ss@db:5432/x", "postgres://user:********@db:5432/x"),
            ("postgres://user:pass/word@db", "postgres://********"),
            ("mysql://user:password@db", "postgres://********"),
            ("sqlite:data/peerbench.db", "sqlite:data/peerbench.db"),
        ] {
            assert_eq!(DatabaseUrl::new(url).without_password(), shown);
            assert_eq!(format!("{:?}", DatabaseUrl::new(url)), shown);
        }
        assert!(!format!("{:?}", Secret::new("hush")).contains("hush"));
    }
}
