//! The demo's message once it serves: addresses and credentials.

use crate::{app::create_client::Created, domain::cohort::Cohort};

/// URLs, credentials, and commands that can be copied. `base` is the API's address without a slash at the end; `page`
/// is a link that signs in at the page, once; `program` is how this one was called, which need not be on the path; `rules` is
/// an export to try, and `log` the file that requests are logged to.
pub fn text(
    program: &str,
    (base, page): (&str, &str),
    cohort: &Cohort,
    (name, member): (&str, &Created),
    console: &Created,
    operator: &Created,
    (rules, log): (&str, &str),
) -> String {
    let (id, secret) = credentials(member);
    let (operator_id, operator_secret) = credentials(operator);
    let (console_id, console_secret) = credentials(console);
    let width = name.chars().count().max("operator".len());
    format!(
        "
The page, signed in as {name} (the link works once):

  {page}

The API is at {base}, its documentation at {base}/docs/

  {name:width$}  client ID {id}  secret {secret}
  {:width$}  client ID {console_id}  secret {console_secret}  (reads comparisons only: for a console)
  {:width$}  client ID {operator_id}  secret {operator_secret}

As {name}, in another terminal:

  export PEERBENCH_CLIENT_URL={base}
  export PEERBENCH_CLIENT_ID={id}
  export PEERBENCH_CLIENT_SECRET={secret}
  {program} compare --cohort {cohort}
  {program} gaps --cohort {cohort}
  {program} snapshot build {rules} -o snapshot.json && {program} snapshot upload snapshot.json

The same with curl:

  TOKEN=$(curl -s {base}/oauth/token -d grant_type=client_credentials \\
    -d client_id={id} -d client_secret={secret} \\
    | sed 's/.*\"access_token\": *\"\\([^\"]*\\)\".*/\\1/')
  curl -s -H \"Authorization: Bearer $TOKEN\" '{base}/v1/comparisons/techniques?cohort={cohort}'
  curl -s -H \"Authorization: Bearer $TOKEN\" '{base}/v1/comparisons/techniques?cohort={cohort}&format=csv'

The service logs its requests to {log}.

Ctrl-C ends the demo.
",
        "console", "operator"
    )
}

/// The client's ID and its secret.
pub fn credentials(created: &Created) -> (&str, &str) {
    // Nothing of the demo is a repetition, so there is a secret.
    (created.client.id.as_str(), created.secret.as_ref().map_or("", |secret| secret.reveal()))
}
