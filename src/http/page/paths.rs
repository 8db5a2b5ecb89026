//! The addresses of the page.

/// The overview, and the folder of everything else.
pub const ROOT: &str = "/app";
pub const GAPS: &str = "/app/gaps";
pub const MATRIX: &str = "/app/matrix";
pub const TECHNOLOGIES: &str = "/app/technologies";
pub const GROUPS: &str = "/app/groups";
pub const PATHS: &str = "/app/paths";
pub const TREND: &str = "/app/trend";
pub const WHAT_IF: &str = "/app/what-if";
/// A whole snapshot to think about.
pub const WHAT_IF_PACK: &str = "/app/what-if/pack";
/// One more change to think about.
pub const WHAT_IF_ADD: &str = "/app/what-if/add";
pub const DATA: &str = "/app/data";
/// A snapshot file before it is sent.
pub const DATA_CHECK: &str = "/app/data/check";
pub const SNAPSHOT: &str = "/app/data/{id}";
pub const SNAPSHOT_DIFF: &str = "/app/data/{id}/diff/{other}";
pub const WITHDRAW: &str = "/app/data/{id}/withdraw";
pub const ACCESS: &str = "/app/access";
pub const CLIENTS: &str = "/app/access/clients";
pub const REVOKE: &str = "/app/access/clients/{id}/revoke";
/// The operator's view.
pub const COMMUNITY: &str = "/app/community";
/// One technique.
pub const TECHNIQUE: &str = "/app/techniques/{id}";
/// A decision about a gap.
pub const DECISION: &str = "/app/techniques/{id}/decision";
pub const PROMISE: &str = "/app/promise";
pub const SIGN_IN: &str = "/app/sign-in";
pub const SIGN_OUT: &str = "/app/sign-out";
/// An invitation.
pub const ENTER: &str = "/app/enter/{code}";
/// Parts of the program.
pub const STATIC: &str = "/app/static/{name}";

/// Says that a path belongs to the page.
pub fn is_page(path: &str) -> bool {
    path.strip_prefix(ROOT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Says that a path's handler takes a session, and therefore counts the request itself.
pub fn takes_session(path: &str) -> bool {
    let open = [PROMISE, SIGN_IN, SIGN_OUT].contains(&path);
    let folder = |template: &str| path.starts_with(template.split('{').next().unwrap_or(template));
    is_page(path) && !open && ![ENTER, STATIC].into_iter().any(folder)
}

/// The address of a technique.
pub fn technique(id: &str) -> String {
    TECHNIQUE.replace("{id}", id)
}

/// The address of a snapshot.
pub fn snapshot(id: &str) -> String {
    SNAPSHOT.replace("{id}", id)
}

/// The page with the form that posts to an address.
pub fn page_of(path: &str) -> String {
    let folders = [ACCESS, DATA, WHAT_IF, PATHS];
    match path.strip_suffix("/decision") {
        Some(page) => page.to_owned(),
        None => folders.into_iter().find(|folder| path.starts_with(folder)).unwrap_or(ROOT).to_owned(),
    }
}

/// The address at which an invitation is used.
pub fn enter(code: &str) -> String {
    ENTER.replace("{code}", code)
}

/// The form for signing in that leads back to an address afterwards.
pub fn sign_in_and_back(back: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    format!("{SIGN_IN}?{}", query.append_pair("back", back).finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_a_folder_and_no_prefix() {
        for path in ["/app", "/app/", "/app/gaps"] {
            assert!(is_page(path), "{path}");
        }
        for path in ["/", "/application", "/v1/app"] {
            assert!(!is_page(path), "{path}");
        }
    }

    #[test]
    fn a_form_has_a_page() {
        for (path, page) in [
            ("/app/techniques/T1059/decision", "/app/techniques/T1059"),
            ("/app/access/clients/1/revoke", ACCESS),
            ("/app/data/check", DATA),
            ("/app/what-if/add", WHAT_IF),
            ("/app/nowhere", ROOT),
        ] {
            assert_eq!(page_of(path), page);
        }
    }

    #[test]
    fn views_take_a_session_and_doors_do_not() {
        assert!(takes_session("/app") && takes_session("/app/gaps"));
        for path in ["/app/sign-in", "/app/enter/x", "/app/static/page.css", "/app/promise", "/v1/privacy"] {
            assert!(!takes_session(path), "{path}");
        }
    }
}
