//! `Accept`: the media type that a caller prefers among those that an operation can send (RFC 9110, section 12.5.1).

use actix_web::{
    HttpMessage,
    http::header::{Accept, Quality},
};

/// The precision with which a range names a media type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Precision {
    Anything,
    Type,
    Suffix,
    Exact,
}

/// The one of `offered` that the request prefers; the first where it doesn't say. `None` if none is acceptable.
pub fn preferred<'a>(request: &impl HttpMessage, offered: &[&'a str]) -> Option<&'a str> {
    let ranges = request.get_header::<Accept>().map(|accept| accept.0).unwrap_or_default();
    if ranges.is_empty() {
        return offered.first().copied();
    }
    let ranked = offered.iter().enumerate().filter_map(|(position, media_type)| {
        let matches = ranges.iter().enumerate().filter_map(|(order, range)| {
            Some((precision(range.item.essence_str(), media_type)?, range.quality, order))
        });
        // The closest range decides about a media type.
        let (precision, quality, order) = matches.max_by_key(|(precision, ..)| *precision)?;
        let earlier = (std::cmp::Reverse(order), std::cmp::Reverse(position));
        (quality > Quality::ZERO).then_some((quality, precision, earlier, *media_type))
    });
    ranked.max_by(|a, b| (a.0, a.1, a.2).cmp(&(b.0, b.1, b.2))).map(|(.., media_type)| media_type)
}

/// The precision with which a range such as `text/*` names a media type, parameters aside. `application/json` matches every
/// `+json`.
fn precision(range: &str, media_type: &str) -> Option<Precision> {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let within = range.strip_suffix('*').filter(|start| start.ends_with('/'));
    match within {
        Some("*/") => Some(Precision::Anything),
        Some(start) => essence.starts_with(start).then_some(Precision::Type),
        None if range == essence => Some(Precision::Exact),
        None => (range == "application/json" && essence.ends_with("+json")).then_some(Precision::Suffix),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{http::header, test::TestRequest};

    use super::*;

    const LIST: [&str; 2] = ["application/json", "text/csv; charset=utf-8"];

    #[test]
    fn the_closest_and_highest_range_decides() {
        for (accept, expected) in [
            ("*/*", Some(LIST[0])),
            ("text/csv", Some(LIST[1])),
            ("text/*", Some(LIST[1])),
            ("text/csv, application/json", Some(LIST[1])),
            ("application/json;q=0.5, text/csv", Some(LIST[1])),
            ("text/csv;q=0.5, */*;q=0.1", Some(LIST[1])),
            ("text/html, */*;q=0.8", Some(LIST[0])),
            ("application/json;q=0, */*", Some(LIST[1])),
            ("application/*;q=0, application/json", Some(LIST[0])),
            ("application/json; charset=utf-8", Some(LIST[0])),
            ("image/png", None),
            ("*/*;q=0", None),
            ("application/problem+json", None),
        ] {
            let request = TestRequest::get().insert_header((header::ACCEPT, accept)).to_http_request();
            assert_eq!(preferred(&request, &LIST), expected, "{accept}");
        }
        assert_eq!(preferred(&TestRequest::get().to_http_request(), &LIST), Some(LIST[0]));
    }

    #[test]
    fn json_takes_kinds_of_json() {
        let request =
            TestRequest::get().insert_header((header::ACCEPT, "application/json")).to_http_request();
        assert!(preferred(&request, &["application/schema+json"]).is_some());
    }
}
