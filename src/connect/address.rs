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
