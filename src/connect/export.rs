//! Files to install in consoles: those of `consoles/`, compiled into the program, with the address of a service in them.

use super::{ConnectError, address};
use crate::domain::named::named;

include!(concat!(env!("OUT_DIR"), "/consoles.rs"));

/// The page that every console's page links to, one folder above it.
const CLIENT: &str = "client.md";
const ABOVE: &str = "](../client.md)";
/// The address that the files have in its place.
const PLACEHOLDER: &str = "https://peerbench.example.org";

named! {
    /// A console that something is installed in.
    pub enum Artefact("console") {
        Splunk = "splunk",
        Sentinel = "sentinel",
        Cortex = "cortex",
        Sumo = "sumo",
        Checkpoint = "checkpoint",
        Grafana = "grafana",
    }
}

/// A file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Path below the folder, with slashes.
    pub path: &'static str,
    pub bytes: Vec<u8>,
}

/// The files of a console, with the address of the service in them.
///
/// # Errors
/// Refuses an address without TLS, and one that could end a text that it stands in.
pub fn files(artefact: Artefact, service: &str) -> Result<Vec<Exported>, ConnectError> {
    let service = service_address(service)?;
    // An exported folder stands alone, so it has the page above it in it.
    let above = FILES.iter().filter(|(path, _)| *path == CLIENT).copied();
    let all = of(artefact).chain(above).map(|(path, bytes)| Exported {
        path,
        bytes: match std::str::from_utf8(bytes) {
            Ok(text) => {
                text.replace(PLACEHOLDER, &service).replace(ABOVE, &format!("]({CLIENT})")).into_bytes()
            }
            Err(_) => bytes.to_vec(),
        },
    });
    Ok(all.collect())
}

/// A file as it is, such as `page/index.html` of Check Point.
pub fn file(artefact: Artefact, path: &str) -> Option<&'static [u8]> {
    of(artefact).find(|(known, _)| *known == path).map(|(_, bytes)| bytes)
}

/// Sumo Logic's dashboard.
///
/// # Errors
/// Fails if the program was built without it.
pub fn sumo_dashboard() -> Result<&'static [u8], ConnectError> {
    file(Artefact::Sumo, "dashboard.json")
        .ok_or_else(|| ConnectError::Refused("This program was built without the dashboard.".to_owned()))
}

fn of(artefact: Artefact) -> impl Iterator<Item = (&'static str, &'static [u8])> {
    let folder = format!("{}/", artefact.name());
    FILES.iter().filter_map(move |(path, bytes)| Some((path.strip_prefix(folder.as_str())?, *bytes)))
}

/// An address that can stand in JSON, XML, Python and a settings file without ending a text.
fn service_address(text: &str) -> Result<String, ConnectError> {
    let address = address::checked("client.url", text)?;
    let fits = |c: char| c.is_ascii_alphanumeric() || "-._~:/[]".contains(c);
    match address.chars().all(fits) {
        true => Ok(address),
        false => Err(ConnectError::Refused(
            "The address of the service has characters that no address of a console's file may have."
                .to_owned(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_console_has_files_and_the_address_stands_in_them() {
        for artefact in Artefact::ALL {
            let files = files(artefact, "https://bench.example/").unwrap();
            assert!(!files.is_empty(), "{artefact}");
            let text = |file: &Exported| String::from_utf8_lossy(&file.bytes).into_owned();
            let left: Vec<&str> =
                files.iter().filter(|file| text(file).contains(PLACEHOLDER)).map(|file| file.path).collect();
            assert_eq!(left, [""; 0], "{artefact}");
            // Cortex and Sumo Logic show what is pushed to them and ask nobody.
            let asks = ![Artefact::Cortex, Artefact::Sumo].contains(&artefact);
            let named = |file: &Exported| text(file).contains("https://bench.example");
            let installed = files.iter().filter(|file| !file.path.ends_with(".md"));
            assert!(!asks || installed.into_iter().any(named), "{artefact}");
            for file in files.iter().filter(|file| file.path.ends_with(".json")) {
                serde_json::from_slice::<serde_json::Value>(&file.bytes).unwrap();
            }
            // No page links to what isn't there.
            for page in files.iter().filter(|file| file.path.ends_with(".md")) {
                let written = text(page);
                let links = written.split("](").skip(1).filter_map(|rest| rest.split(')').next());
                for link in links.filter(|link| !link.starts_with("https://")) {
                    assert!(files.iter().any(|file| file.path == link), "{artefact}: {}: {link}", page.path);
                }
            }
        }
    }

    #[test]
    fn an_address_that_could_end_a_text_is_refused() {
        for address in
            ["http://bench.example", "https://bench.example/\"x", "https://bench.example/?a=b", "bench"]
        {
            assert!(files(Artefact::Splunk, address).is_err(), "{address}");
        }
    }
}
