//! Microsoft Entra ID's token endpoint for one application of one tenant.

use serde_json::json;

use super::http::{Request, Response, answer};

pub const TENANT: &str = "tenant-1";
pub const CLIENT: &str = "app-1";
pub const SECRET: &str = "hush~secret";
pub const PATH: &str = "/tenant-1/oauth2/v2.0/token";

/// The refusal of a request for a token, if it deserves one. Its description repeats the secret, as descriptions may.
pub fn refused(request: &Request, scope: &str, expired: bool) -> Option<Response> {
    let form = request.form();
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    if field("grant_type") != "client_credentials" || field("scope") != scope {
        return Some(answer(400, json!({"error": "invalid_scope", "error_codes": [70011]})));
    }
    let invalid = |code: u32, why: &str| {
        let description = format!("AADSTS{code}: {why}: {}", field("client_secret"));
        let body =
            json!({"error": "invalid_client", "error_description": description, "error_codes": [code]});
        Some(answer(401, body))
    };
    if expired {
        return invalid(7_000_222, "The provided client secret keys for app are expired");
    }
    if field("client_id") != CLIENT || field("client_secret") != SECRET {
        return invalid(7_000_215, "Invalid client secret provided");
    }
    None
}

/// The token of this number.
pub fn issued(number: usize) -> Response {
    answer(
        200,
        json!({"token_type": "Bearer", "expires_in": 3599, "access_token": format!("token-{number}")}),
    )
}
