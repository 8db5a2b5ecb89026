//! Types that are written as text, declared once: enums whose variants have names, opaque ids, and types with a text form
//! of their own.

use std::{fmt, marker::PhantomData, str::FromStr};

use serde::{
    Deserializer,
    de::{Error, Visitor},
};

/// A text that is none of the names of an enum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what}: expected one of {}", .names.join(", "))]
pub struct UnknownName {
    /// The name of the enum, in words.
    pub what: &'static str,
    pub names: &'static [&'static str],
}

/// Declares an enum and, once, the name of each variant: `ALL`, `name()`, `position()`, `Display`, and serde by name. The
/// text says what it is, for errors.
///
/// `enum` reads exactly these names; an `open enum` has a `FromStr` of its own, whose error is `unknown()`.
macro_rules! named {
    ($(#[$meta:meta])* $vis:vis enum $name:ident($what:literal) { $($variants:tt)* }) => {
        $crate::domain::named::named! { $(#[$meta])* $vis open enum $name($what) { $($variants)* } }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::named::UnknownName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.into_iter().find(|one| one.name() == text).ok_or(Self::unknown())
            }
        }
    };
    ($(#[$meta:meta])* $vis:vis open enum $name:ident($what:literal) {
        $($(#[$variant_meta:meta])* $variant:ident = $text:literal),+ $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name { $($(#[$variant_meta])* $variant),+ }

        impl $name {
            pub const NAMES: [&'static str; [$($text),+].len()] = [$($text),+];
            pub const ALL: [Self; Self::NAMES.len()] = [$(Self::$variant),+];

            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The position in [`Self::ALL`].
            #[expect(clippy::as_conversions, reason = "the number of a variant, of which there are few")]
            pub const fn position(self) -> u8 {
                self as u8
            }

            /// Refuses a name that is none of these.
            pub const fn unknown() -> $crate::domain::named::UnknownName {
                $crate::domain::named::UnknownName { what: $what, names: &Self::NAMES }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        $crate::domain::named::as_text!(@serde $name);
    };
}

/// Shows and serializes a type as its text, which it has from `Display` and `FromStr`.
macro_rules! as_text {
    ($name:ident) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }

        $crate::domain::named::as_text!(@serde $name);
    };
    (@serde $name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::domain::named::from_text(deserializer)
            }
        }
    };
}

/// A text that can't be anybody's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an id: 1 to 64 letters, digits, `-`, `_` and `.`")]
pub struct NoId;

/// Returns whether a text can be an id. Others are absent before a database is asked, because databases refuse some texts.
pub fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

/// Declares the id of something: an opaque text, which need not belong to anything. What comes from outside is read with
/// `TryFrom` or serde, which refuse what can't be an id.
macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl TryFrom<String> for $name {
            type Error = $crate::domain::named::NoId;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                if $crate::domain::named::is_id(&text) { Ok(Self(text)) } else { Err($crate::domain::named::NoId) }
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl $name {
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

pub(crate) use {as_text, id, named};

/// Characters of a refused text that an error repeats.
const SHOWN: usize = 40;

/// Reads a value from its text.
pub fn from_text<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(
    deserializer: D,
) -> Result<T, D::Error> {
    struct Text<T>(PhantomData<T>);

    impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for Text<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            let refused: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
            text.parse().map_err(|error| E::custom(format_args!("{error}, not `{refused}`")))
        }
    }

    deserializer.deserialize_str(Text(PhantomData))
}

#[cfg(test)]
mod tests {
    named! {
        /// Sizes of coffee.
        enum Size("size") {
            Small = "small",
            VeryLarge = "very-large",
        }
    }

    id! {
        /// An order.
        OrderId
    }

    #[test]
    fn a_variant_is_its_name_everywhere() {
        for (position, size) in (0..).zip(Size::ALL) {
            assert_eq!(size.position(), position);
            assert_eq!(size.name().parse(), Ok(size));
            let text = serde_json::to_string(&size).unwrap();
            assert_eq!(text, format!("\"{size}\""));
            assert_eq!(serde_json::from_str::<Size>(&text).unwrap(), size);
        }
    }

    #[test]
    fn another_name_is_refused_with_those_that_there_are() {
        let expected = "unknown size: expected one of small, very-large";
        assert_eq!("Small".parse::<Size>().unwrap_err().to_string(), expected);
        let refused = serde_json::from_str::<Size>("\"huge\\n\"").unwrap_err().to_string();
        assert!(refused.starts_with(&format!("{expected}, not `huge\\n`")), "{refused}");
        assert!(serde_json::from_str::<Size>("1").unwrap_err().to_string().contains("expected a string"));
    }

    #[test]
    fn an_id_is_its_text() {
        let id = OrderId::new("a-1");
        assert_eq!((id.as_str(), id.to_string()), ("a-1", "a-1".to_owned()));
        assert_eq!(serde_json::from_str::<OrderId>("\"a-1\"").unwrap(), id);
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"a-1\"");
        for text in ["", "a\0", "a b", "ä", "a/b", "a\u{202e}", &"a".repeat(65)] {
            assert!(OrderId::try_from(text.to_owned()).is_err(), "{text:?}");
        }
    }
}
