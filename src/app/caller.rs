//! The caller of a use case.

use crate::domain::{
    access::{ClientId, Scope},
    organisation::{OrganisationId, Tenant},
};

/// An authenticated client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub client: ClientId,
    /// `None` for the operator.
    pub organisation: Option<OrganisationId>,
    pub scopes: Vec<Scope>,
}

/// An authenticated client of an organisation: what the use cases on an organisation's own data take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub client: ClientId,
    pub organisation: OrganisationId,
}

impl Caller {
    /// The operator at the command line, who has the database itself.
    pub fn console() -> Self {
        Self { client: ClientId::new("console"), organisation: None, scopes: vec![Scope::PlatformAdmin] }
    }

    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|held| held.includes(scope))
    }

    /// The scopes that the caller may give to a client of an organisation, or of the operator where that is `None`: nobody
    /// gives what they don't hold. The operator holds nothing of an organisation, and makes its first client.
    pub fn may_give(&self, organisation: Option<&OrganisationId>) -> Vec<Scope> {
        let possible: &[Scope] = if organisation.is_some() { &Scope::MEMBER } else { &Scope::OPERATOR };
        let held = |scope: &Scope| self.organisation.is_none() || self.may(*scope);
        possible.iter().copied().filter(held).collect()
    }

    /// `None` for the operator.
    pub fn member(&self) -> Option<Member> {
        let organisation = self.organisation.clone()?;
        Some(Member { client: self.client.clone(), organisation })
    }

    pub fn tenant(&self) -> Tenant<'_> {
        self.organisation.as_ref().map_or(Tenant::Platform, Tenant::Organisation)
    }
}

impl Member {
    pub fn tenant(&self) -> Tenant<'_> {
        Tenant::Organisation(&self.organisation)
    }
}
