//! The people who use the service: an operator, and members with organisations of their own.

use serde_json::Value;

use super::client::Client;
use super::server::Service;

/// What the operator says of an organisation.
#[derive(Debug, Clone)]
pub struct Profile {
    pub name: String,
    pub sector: &'static str,
    pub size: &'static str,
    pub region: &'static str,
    /// A control group shared with others; its own by default.
    pub control_group: Option<String>,
    /// ATT&CK platforms; the command's default where empty.
    pub platforms: Vec<&'static str>,
}

impl Profile {
    /// A medium European finance organisation.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            sector: "finance",
            size: "medium",
            region: "europe",
            control_group: None,
            platforms: Vec::new(),
        }
    }
}

/// The id and the secret of a client.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub id: String,
    pub secret: String,
}

impl Credentials {
    fn from(created: &Value) -> Self {
        let text =
            |name: &str| created[name].as_str().unwrap_or_else(|| panic!("no {name}: {created}")).to_owned();
        Self { id: text("client_id"), secret: text("client_secret") }
    }
}

/// An organisation with one client, whose token `http` carries.
pub struct Member {
    pub organisation: String,
    pub credentials: Credentials,
    pub http: Client,
}

impl Service {
    /// The operator of the platform, signed in.
    pub fn operator(&self) -> Client {
        let created = self.run_json(&["client", "create", "--operator", "--format", "json"]);
        self.signed_in(&Credentials::from(&created))
    }

    /// A verified organisation, signed in.
    pub fn member(&self, profile: &Profile) -> Member {
        let member = self.newcomer(profile);
        let verified = self.run(&["organisation", "verify", &member.organisation]);
        assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
        member
    }

    /// An organisation that the operator has not verified yet, signed in.
    pub fn newcomer(&self, profile: &Profile) -> Member {
        let mut arguments = vec!["organisation", "create", "--format", "json", "--name", &profile.name];
        arguments.extend(["--sector", profile.sector, "--size", profile.size, "--region", profile.region]);
        if let Some(group) = &profile.control_group {
            arguments.extend(["--control-group", group]);
        }
        for platform in &profile.platforms {
            arguments.extend(["--platform", platform]);
        }
        let created = self.run_json(&arguments);
        let organisation = created["id"].as_str().expect("an id").to_owned();
        let credentials = self.credentials_of(&organisation);
        Member { http: self.signed_in(&credentials), organisation, credentials }
    }

    /// A new client of an organisation that is there already, signed in.
    pub fn client_of(&self, organisation: &str) -> Client {
        self.signed_in(&self.credentials_of(organisation))
    }

    fn credentials_of(&self, organisation: &str) -> Credentials {
        let created =
            self.run_json(&["client", "create", "--organisation", organisation, "--format", "json"]);
        Credentials::from(&created)
    }

    /// A client that carries a fresh token with every scope that the credentials allow.
    pub fn signed_in(&self, credentials: &Credentials) -> Client {
        self.anonymous().with_token(self.bearer(credentials))
    }

    /// Such a token itself.
    pub fn bearer(&self, credentials: &Credentials) -> String {
        let anonymous = self.anonymous();
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", &credentials.id),
            ("client_secret", &credentials.secret),
        ];
        let answer = anonymous.post_form("/oauth/token", &fields).expect(200).json();
        answer["access_token"].as_str().expect("an access token").to_owned()
    }
}
