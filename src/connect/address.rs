//! Addresses that credentials and numbers are sent to: HTTPS, or HTTP on this machine.

use std::net::IpAddr;

use ureq::http::Uri;

use super::ConnectError;

/// Checks an address and returns it without a slash at the end. No message repeats it, because some addresses are secrets;
/// `setting` names where it came from.
///
/// # Errors
/// Refuses what isn't an absolute address, has a user or a fragment, or isn't encrypted on its way.
pub fn checked(setting: &str, text: &str) -> Result<String, ConnectError> {
    let refused = |why: &str| Err(ConnectError::Refused(format!("The setting {setting} {why}.")));
    let Ok(uri) = text.trim().parse::<Uri>() else { return refused("is no address") };
    let Some(authority) = uri.authority() else {
        return refused("is no address: it must begin with https://");
    };
    if authority.as_str().contains('@') || text.contains('#') {
        return refused("must have no user, password or fragment in it");
    }
    match uri.scheme_str() {
        Some("https") => {}
        Some("http") if is_loopback(authority.host()) => {}
        Some("http") => {
            return refused("must begin with https://, because credentials would travel unencrypted");
        }
        _ => return refused("must begin with https://"),
    }
    Ok(text.trim().trim_end_matches('/').to_owned())
}

/// Checks an ID that becomes a part of an address's path, and returns it.
///
/// # Errors
/// Refuses an ID with other characters than IDs have, or with another beginning than `starts`.
pub fn part<'a>(setting: &str, text: &'a str, starts: &str) -> Result<&'a str, ConnectError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == '.';
    if !text.is_empty() && text.chars().all(fits) && text.starts_with(starts) {
        return Ok(text);
    }
    let starts = if starts.is_empty() { String::new() } else { format!(", beginning with {starts}") };
    Err(ConnectError::Refused(format!(
        "The setting {setting} is invalid: letters, digits, `-`, `_` and `.`{starts}. Nothing was sent."
    )))
}

/// Says that two addresses are of the same server, so that what one may know, the other may.
pub fn is_same_server(one: &str, other: &str) -> bool {
    let server = |text: &str| {
        let uri = text.parse::<Uri>().ok()?;
        let (scheme, host) = (uri.scheme_str()?.to_owned(), uri.host()?.to_ascii_lowercase());
        let has_user = uri.authority()?.as_str().contains('@');
        let port = uri.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
        (!has_user).then_some((scheme, host, port))
    };
    server(one).is_some_and(|one| Some(one) == server(other))
}

/// Says that a host is this machine.
pub fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The host of a checked address, for messages.
pub fn host(address: &str) -> String {
    let uri = address.parse::<Uri>().ok();
    uri.and_then(|uri| uri.host().map(str::to_owned)).unwrap_or_else(|| "the console".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_the_same_whatever_its_port_is_written_like() {
        let azure = "https://management.azure.com/subscriptions/1";
        assert!(is_same_server(azure, "https://MANAGEMENT.azure.com:443/x?$skipToken=a"));
        for other in [
            "http://management.azure.com/x",
            "https://management.azure.com:8443/x",
            "https://management.azure.com.example/x",
            "https://me@management.azure.com/x",
            "/x",
            "",
        ] {
            assert!(!is_same_server(azure, other), "{other}");
        }
    }

    #[test]
    fn only_encrypted_addresses_are_taken_except_on_this_machine() {
        for (text, expected) in [
            ("https://splunk.example:8088/", "https://splunk.example:8088"),
            ("http://127.0.0.1:9/x", "http://127.0.0.1:9/x"),
            ("http://[::1]:9", "http://[::1]:9"),
            ("http://localhost", "http://localhost"),
        ] {
            assert_eq!(checked("splunk.url", text).unwrap(), expected);
        }
        for text in [
            "http://splunk.example",
            "http://127.0.0.1.example",
            "splunk.example",
            "ftp://splunk.example",
            "https://me:hush@splunk.example",
            "https://splunk.example/#hush",
            "",
            "/services",
        ] {
            let error = checked("splunk.url", text).unwrap_err().to_string();
            assert!(error.contains("splunk.url") && !error.contains("hush"), "{text}: {error}");
        }
    }
}
