//! The part that all views have: whose page it is, the views, and the peers, the evidence and the release that are shown.

use super::{
    assets::{Assets, addresses},
    paths,
    place::{Common, Place, Reading},
    words,
};
use crate::{
    app::{
        list_releases::list_releases,
        read_organisation::{ReadOrganisationError, read_own_organisation},
    },
    domain::{access::Scope, cohort::Cohort, organisation::Organisation, snapshot::Basis},
    http::{
        extract::{access::Inside, visit::FORM_TOKEN},
        problem::Problem,
        sessions::Session,
    },
    store::release::Release,
};

/// Releases that the menu lists.
const RELEASES: u32 = 24;

/// The views that a signed-in member has.
const VIEWS: [(&str, &str); 9] = [
    ("Overview", paths::ROOT),
    ("Matrix", paths::MATRIX),
    ("Gaps", paths::GAPS),
    ("Technologies", paths::TECHNOLOGIES),
    ("Threat groups", paths::GROUPS),
    ("Paths", paths::PATHS),
    ("Trend", paths::TREND),
    ("What if", paths::WHAT_IF),
    ("Data", paths::DATA),
];

/// A link, and whether it leads to what is shown.
pub struct Link {
    pub name: String,
    pub href: String,
    pub current: bool,
}

/// A choice.
pub struct Menu {
    pub label: &'static str,
    pub chosen: String,
    pub links: Vec<Link>,
}

/// The surroundings of every view.
pub struct Frame {
    pub assets: &'static Assets,
    pub title: &'static str,
    pub organisation: String,
    pub form_token: &'static str,
    pub views: Vec<Link>,
    /// Links beside the sign-out.
    pub account: Vec<Link>,
    pub menus: Vec<Menu>,
    pub place: Place,
    /// Set where the peers' numbers are of an earlier release and stand beside today's own ones.
    pub earlier: Option<Earlier>,
}

/// An earlier release.
pub struct Earlier {
    pub number: u32,
    /// Links to the own numbers of then, and to the same view of the latest release.
    pub trend: String,
    pub latest: String,
}

/// The subject of a view, once the defaults are known.
pub struct Scene {
    pub organisation: Organisation,
    /// The latest first.
    pub releases: Vec<Release>,
    pub cohort: Cohort,
    pub basis: Basis,
    /// The latest where `None`.
    pub release: Option<u32>,
}

/// True if a session may do what a scope allows.
pub fn may(session: &Session, scope: Scope) -> bool {
    session.claims.scopes().any(|has| has.includes(scope))
}

fn account(session: &Session, path: &str) -> Vec<Link> {
    let access = may(session, Scope::OrganisationAdmin).then_some(("Clients and audit", paths::ACCESS));
    let links = access.into_iter().chain([("What others can learn", paths::PROMISE)]);
    links
        .map(|(name, href)| Link { name: name.to_owned(), href: href.to_owned(), current: href == path })
        .collect()
}

impl Frame {
    /// The frame of a view that compares nothing: without peers, evidence and release.
    pub fn plain(
        title: &'static str,
        path: &str,
        inside: &Inside,
        place: &Place,
        session: &Session,
    ) -> Result<Self, Problem> {
        let scene = Scene::read(inside, &place.read(&mut Reading::of_form()))?;
        Ok(Self { menus: Vec::new(), earlier: None, ..scene.frame(title, path, place, session) })
    }

    /// The frame of the operator's view.
    pub fn of_operator(title: &'static str, path: &str) -> Self {
        let view = Link { name: title.to_owned(), href: path.to_owned(), current: true };
        Self {
            assets: addresses(),
            title,
            organisation: "Operator".to_owned(),
            form_token: FORM_TOKEN,
            views: vec![view],
            account: Vec::new(),
            menus: Vec::new(),
            place: Place::default(),
            earlier: None,
        }
    }
}

impl Scene {
    /// Reads what every view needs. Without a cohort in the address, the peers are the organisation's own sector.
    pub fn read(inside: &Inside, common: &Common) -> Result<Self, Problem> {
        let (organisation, _) =
            read_own_organisation(&inside.app, &inside.member).map_err(|error| match error {
                ReadOrganisationError::UnknownOrganisation => Problem::not_found("organisation"),
                ReadOrganisationError::Store(error) => error.into(),
            })?;
        let releases = list_releases(&inside.app, None, RELEASES)?.items;
        let own = || Cohort::of(&organisation.profile.dimensions).into_iter().nth(1);
        let cohort = common.cohort.clone().or_else(own).unwrap_or(Cohort::All);
        Ok(Self { cohort, releases, basis: common.basis, release: common.release, organisation })
    }

    /// True if the latest release is shown.
    pub fn is_latest(&self) -> bool {
        self.release.is_none_or(|number| self.releases.first().is_none_or(|latest| latest.number == number))
    }

    /// The frame of a view at `path`.
    pub fn frame(&self, title: &'static str, path: &str, place: &Place, session: &Session) -> Frame {
        let views = VIEWS.map(|(name, href)| Link {
            name: name.to_owned(),
            href: place.link(href),
            current: href == path,
        });
        Frame {
            assets: addresses(),
            title,
            organisation: self.organisation.name.clone(),
            form_token: FORM_TOKEN,
            views: views.into(),
            account: account(session, path),
            menus: vec![self.cohorts(path, place), self.bases(path, place), self.all_releases(path, place)],
            place: place.clone(),
            earlier: self.earlier(path, place),
        }
    }

    /// A trend has own numbers as of each release, every other view today's.
    fn earlier(&self, path: &str, place: &Place) -> Option<Earlier> {
        if path == paths::TREND || self.is_latest() {
            return None;
        }
        Some(Earlier {
            number: self.release?,
            trend: place.with(paths::TREND, &[("release", "")]),
            latest: place.with(path, &[("release", "")]),
        })
    }

    fn cohorts(&self, path: &str, place: &Place) -> Menu {
        let links = Cohort::of(&self.organisation.profile.dimensions).into_iter().map(|cohort| Link {
            name: words::label(&cohort),
            href: place.with(path, &[("cohort", &cohort.to_string())]),
            current: cohort == self.cohort,
        });
        Menu { label: "Peers", chosen: words::label(&self.cohort), links: links.collect() }
    }

    fn bases(&self, path: &str, place: &Place) -> Menu {
        let links = Basis::BENCHMARKED.iter().map(|basis| Link {
            name: words::capital(basis.name()),
            href: place.with(path, &[("basis", basis.name())]),
            current: *basis == self.basis,
        });
        Menu { label: "Basis", chosen: words::capital(self.basis.name()), links: links.collect() }
    }

    fn all_releases(&self, path: &str, place: &Place) -> Menu {
        let named =
            |release: &Release| format!("{} · {}", release.number, release.cut_off.format("%-d %b %Y"));
        let shown = self.release.or(self.releases.first().map(|latest| latest.number));
        let is_shown = |release: &&Release| Some(release.number) == shown;
        let chosen = self
            .releases
            .iter()
            .find(is_shown)
            .map_or_else(|| shown.map_or_else(|| "none yet".to_owned(), |number| number.to_string()), named);
        let links = self.releases.iter().map(|release| Link {
            name: named(release),
            href: place.with(path, &[("release", &release.number.to_string())]),
            current: is_shown(&release),
        });
        Menu { label: "Release", chosen, links: links.collect() }
    }
}
