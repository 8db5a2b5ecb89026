//! The addresses of the page.

/// The overview, and the folder of everything else.
pub const ROOT: &str = "/app";
pub const GAPS: &str = "/app/gaps";
pub const MATRIX: &str = "/app/matrix";
pub const TECHNOLOGIES: &str = "/app/technologies";
pub const GROUPS: &str = "/app/groups";
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
    fn views_take_a_session_and_doors_do_not() {
        assert!(takes_session("/app") && takes_session("/app/gaps"));
        for path in ["/app/sign-in", "/app/enter/x", "/app/static/page.css", "/app/promise", "/v1/privacy"] {
            assert!(!takes_session(path), "{path}");
        }
    }
}
