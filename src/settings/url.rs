//! Addresses that may hold a password: read strictly before anything else sees them, because the libraries behind repeat
//! parts of what they can't read; and shown only as far as they were understood.

use thiserror::Error;

/// Reason why an address can't be used. The text repeats nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("character {position} is not what an address has there: {expected}")]
pub struct UrlError {
    /// From 1.
    pub position: usize,
    pub expected: &'static str,
}

/// Parameters whose values are no secret.
const SHOWN: [&str; 14] = [
    "application_name",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "port",
    "sslmode",
    "sslrootcert",
    "target_session_attrs",
    "tcp_user_timeout",
];
const MASK: &str = "********";

/// Reads `postgres://USER:PASSWORD@HOST:PORT/NAME?PARAMETERS` and gives it without what may be secret.
pub fn shown(url: &str) -> Result<String, UrlError> {
    let at = |rest: &str, expected| UrlError { position: url.len() - rest.len() + 1, expected };
    let (scheme, rest) = url.split_once("://").ok_or(at(url, "sqlite:PATH or postgres://USER@HOST/NAME"))?;
    if !matches!(scheme, "postgres" | "postgresql") {
        return Err(at(url, "sqlite:PATH or postgres://USER@HOST/NAME"));
    }
    if let Some(bad) = rest.find(|c: char| !c.is_ascii_graphic() || "\"#<>\\^`{|}".contains(c)) {
        let rest = rest.get(bad..).unwrap_or_default();
        return Err(at(rest, "write such a character with % and its two hexadecimal digits"));
    }
    let mut percents = rest.match_indices('%');
    let is_coded = |position: usize| {
        let digits = rest.get(position + 1..position + 3);
        digits.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    if let Some((position, _)) = percents.find(|(position, _)| !is_coded(*position)) {
        return Err(at(rest.get(position..).unwrap_or_default(), "% and two hexadecimal digits"));
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let (user, hosts) = match authority.split_once('@') {
        Some((user, hosts)) => (Some(user), hosts),
        None => (None, authority),
    };
    if let Some(second) = hosts.find('@') {
        let rest = rest.get(authority.len() - hosts.len() + second..).unwrap_or_default();
        return Err(at(rest, "write an @ of a user or password as %40"));
    }
    let mut before = authority.len() - hosts.len();
    for host in hosts.split(',') {
        let port = match host.rfind(']') {
            Some(end) => host.get(end + 1..).unwrap_or_default().strip_prefix(':'),
            None => host.split_once(':').map(|(_, port)| port),
        };
        if port.is_some_and(|port| !port.is_empty() && port.parse::<u16>().is_err()) {
            let rest = rest.get(before..).unwrap_or_default();
            return Err(at(
                rest,
                "HOST:PORT with a number; write a / of a password as %2F and a : of a user as %3A",
            ));
        }
        before += host.len() + 1;
    }
    let (path, parameters) =
        tail.split_once('?').map_or((tail, None), |(path, parameters)| (path, Some(parameters)));
    let mut text = format!("{scheme}://");
    if let Some(user) = user {
        let user = user.split_once(':').map_or_else(|| user.to_owned(), |(name, _)| format!("{name}:{MASK}"));
        text.push_str(&format!("{user}@"));
    }
    text.push_str(hosts);
    text.push_str(path);
    if let Some(parameters) = parameters {
        let shown = parameters.split('&').map(|pair| match pair.split_once('=') {
            Some((name, _)) if SHOWN.contains(&name) => pair.to_owned(),
            Some((name, _)) if name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') => {
                format!("{name}={MASK}")
            }
            _ => MASK.to_owned(),
        });
        text.push_str(&format!("?{}", shown.collect::<Vec<_>>().join("&")));
    }
    Ok(text)
}

/// The text for an address that can't be read.
pub fn hidden(url: &str) -> String {
    let scheme =
        ["postgres", "postgresql"].into_iter().find(|scheme| url.starts_with(&format!("{scheme}://")));
    format!("{}://{MASK}", scheme.unwrap_or("postgres"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_secret_is_masked() {
        for (url, expected) in [
            ("postgres://user:p%40ss@db:5432/x", "postgres://user:********@db:5432/x"),
            ("postgresql://user@db/x?sslmode=require", "postgresql://user@db/x?sslmode=require"),
            ("postgres:///x?host=db&password=secret", "postgres:///x?host=db&password=********"),
            ("postgres:///x?p%61ssword=secret", "postgres:///x?********"),
            ("postgres:///x?PASSWORD=secret", "postgres:///x?********"),
            (
                "postgres:///x?options=-c%20secret&sslpassword=s",
                "postgres:///x?options=********&sslpassword=********",
            ),
            ("postgres://u:a:b@[::1]:5432,h2/x", "postgres://u:********@[::1]:5432,h2/x"),
            ("postgres:///x", "postgres:///x"),
        ] {
            assert_eq!(shown(url).unwrap(), expected);
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_by_its_place_alone() {
        for (url, position) in [
            ("postgres://user:hush/word@db/x", 12),
            ("postgres://user:hush@word@db/x", 26),
            ("postgres://user:hush?word@db/x", 12),
            ("postgres://user:hush#word@db/x", 21),
            ("postgres://user:hu sh@db/x", 19),
            ("postgres://user:hu%sh@db/x", 19),
            ("postgres://user:hush@db:hush/x", 22),
            ("postgres://user:hush@a,db:70000/x", 24),
            ("http://user:hush@db/x", 1),
            ("postgres://user:hüsh@db/x", 18),
        ] {
            let error = shown(url).unwrap_err();
            assert_eq!(error.position, position, "{url}");
            let told = format!("{error} {}", hidden(url));
            assert!(!told.contains("hush") && !told.contains("word@"), "{told}");
        }
    }
}
