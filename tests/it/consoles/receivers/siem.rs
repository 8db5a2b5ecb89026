//! The interfaces through which five products list their rules, written from their vendors' documents: how they page, what they
//! say of the list's extent, and what goes wrong on the way. Everything but reading is refused.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{
    cortex::proves_advanced_key,
    entra,
    http::{Request, Response, Server, answer, serve, wait},
    sumo::ACCESS_ID,
};

pub const TOKEN: &str = "hush-api-token";
pub const WORKSPACE: &str =
    "/subscriptions/0/resourceGroups/soc/providers/Microsoft.OperationalInsights/workspaces/soc";
/// Cortex sends no more at once.
const CORTEX_PAGE: u64 = 100;

/// Something that goes wrong with one page.
#[derive(Debug, Clone)]
pub enum Fault {
    Status(u16),
    Later(u16, &'static str),
    /// The connection ends without an answer.
    Cut,
    /// The connection ends in the middle of the page.
    Truncated,
    /// A proxy answers instead, and says that all is well.
    Page,
    /// A rule of an earlier page is deleted, so that the others move up.
    Deleted,
}

pub struct Siem {
    /// Rules by list: Cortex has two, the others one.
    pub lists: BTreeMap<String, Vec<Value>>,
    /// Rules that a page has at most, whatever was asked for.
    pub page: usize,
    /// One for each page; `None` is a good one.
    pub faults: VecDeque<Option<Fault>>,
    /// Rules that are announced and never sent.
    pub withheld: usize,
    /// Cortex's count is of the page, not of the list.
    pub counts_pages: bool,
    pub expired: bool,
    /// Pages that a token of Entra is good for.
    pub token_pages: usize,
    pub tokens: usize,
    /// Server that Sentinel's links lead to, instead of this one.
    pub elsewhere: Option<String>,
    /// Method and path of every request.
    pub asked: Vec<String>,
    nonces: Vec<String>,
    uses: usize,
}

#[derive(Clone)]
pub struct Rules {
    pub base: String,
    siem: Arc<Mutex<Siem>>,
}

impl Rules {
    /// A product with one list, or Cortex with its two.
    pub fn start(lists: BTreeMap<String, Vec<Value>>) -> Self {
        let siem = Siem {
            lists,
            page: usize::MAX,
            faults: VecDeque::new(),
            withheld: 0,
            counts_pages: false,
            expired: false,
            token_pages: usize::MAX,
            tokens: 0,
            elsewhere: None,
            asked: Vec::new(),
            nonces: Vec::new(),
            uses: 0,
        };
        let siem = Arc::new(Mutex::new(siem));
        let shared = Arc::clone(&siem);
        let Server { base, .. } = serve(move |request| handle(&mut shared.lock().unwrap(), request));
        Self { base, siem }
    }

    pub fn with(&self, change: impl FnOnce(&mut Siem)) {
        change(&mut self.siem.lock().unwrap());
    }

    pub fn take<T>(&self, read: impl FnOnce(&Siem) -> T) -> T {
        read(&self.siem.lock().unwrap())
    }
}

/// A part of a list, and its extent.
struct Part {
    rules: Vec<Value>,
    /// As the product announces it.
    total: usize,
    /// The part's end.
    end: usize,
}

fn handle(siem: &mut Siem, request: &Request) -> Response {
    siem.asked.push(format!("{} {}", request.method, request.path));
    let authorization = request.header("authorization").to_owned();
    let list = format!("{WORKSPACE}/providers/Microsoft.SecurityInsights/alertRules");
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/servicesNS/-/-/saved/searches") => match authorization == format!("Bearer {TOKEN}") {
            true => answered(siem, "rules", |siem| splunk(siem, request)),
            false => answer(
                401,
                json!({"messages": [{"type": "WARN", "text": "call not properly authenticated"}]}),
            ),
        },
        ("GET", "/api/detection_engine/rules/_find") => match authorization == format!("ApiKey {TOKEN}") {
            true => answered(siem, "rules", |siem| elastic(siem, request)),
            false => answer(401, json!({"statusCode": 401, "error": "Unauthorized"})),
        },
        ("POST", entra::PATH) => token(siem, request),
        ("GET", path) if path == list => sentinel(siem, request, &authorization),
        ("GET", "/api/sec/v1/rules") => {
            let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{ACCESS_ID}:{TOKEN}")));
            match authorization == basic && !siem.expired {
                true => answered(siem, "rules", |siem| sumo(siem, request)),
                false => answer(401, json!({"errors": [{"code": "unauthorized"}]})),
            }
        }
        ("POST", "/public_api/v1/correlations/get") => cortex(siem, request, "correlations"),
        ("POST", "/public_api/v1/bioc/get") => cortex(siem, request, "bioc"),
        ("GET", _) => answer(404, "{}"),
        _ => answer(405, "{}"),
    }
}

/// The answer, or what goes wrong with it.
fn answered(siem: &mut Siem, list: &str, page: impl FnOnce(&Siem) -> Result<Value, Response>) -> Response {
    match siem.faults.pop_front().flatten() {
        Some(Fault::Status(status)) => return answer(status, "{}"),
        Some(Fault::Later(status, seconds)) => return wait(status, seconds, "{}"),
        Some(Fault::Cut) => return Response::Cut,
        Some(Fault::Page) => return answer(200, "<html>Sign in</html>"),
        Some(Fault::Truncated) => {
            let text = page(siem).map(|page| page.to_string()).unwrap_or_default();
            return Response::Truncated { status: 200, body: text[..text.len() / 2].to_owned() };
        }
        Some(Fault::Deleted) => drop(siem.lists.get_mut(list).expect("the list").remove(0)),
        None => {}
    }
    match page(siem) {
        Ok(page) => answer(200, page),
        Err(refusal) => refusal,
    }
}

fn part(siem: &Siem, list: &str, start: usize, most: usize) -> Part {
    let rules = &siem.lists[list];
    let end = rules.len().min(start.saturating_add(most));
    let rules_of_page = rules.get(start..end).unwrap_or_default().to_vec();
    Part { rules: rules_of_page, total: rules.len() + siem.withheld, end }
}

fn asked_number(request: &Request, name: &str) -> Option<usize> {
    request.query.get(name).map(|text| text.parse().expect("a number"))
}

/// One answer; `count=0` asks for everything, and the answer says how many there are.
fn splunk(siem: &Siem, request: &Request) -> Result<Value, Response> {
    let count = asked_number(request, "count").unwrap_or(30);
    assert_eq!(request.query.get("output_mode").map(String::as_str), Some("json"));
    let part = part(siem, "rules", 0, if count == 0 { usize::MAX } else { count });
    Ok(
        json!({"entry": part.rules, "paging": {"total": part.total, "perPage": count, "offset": 0}, "messages": []}),
    )
}

fn elastic(siem: &Siem, request: &Request) -> Result<Value, Response> {
    let page = asked_number(request, "page").unwrap_or(1);
    let size = asked_number(request, "per_page").unwrap_or(20).min(siem.page);
    if page * size > 10_000 {
        return Err(answer(400, json!({"message": "Result window is too large"})));
    }
    let part = part(siem, "rules", (page - 1) * size, size);
    Ok(json!({"page": page, "perPage": size, "total": part.total, "data": part.rules}))
}

fn token(siem: &mut Siem, request: &Request) -> Response {
    if let Some(refused) = entra::refused(request, "https://management.azure.com/.default", siem.expired) {
        return refused;
    }
    siem.tokens += 1;
    siem.uses = 0;
    entra::issued(siem.tokens)
}

/// Pages of the service's own size; the link to the next is whole, and absent on the last.
fn sentinel(siem: &mut Siem, request: &Request, authorization: &str) -> Response {
    siem.uses += 1;
    if authorization != format!("Bearer token-{}", siem.tokens) || siem.uses > siem.token_pages {
        return answer(401, json!({"error": {"code": "ExpiredAuthenticationToken"}}));
    }
    if !request.query.contains_key("api-version") {
        return answer(400, json!({"error": {"code": "MissingApiVersionParameter"}}));
    }
    let start = asked_number(request, "$skipToken").unwrap_or(0);
    let here = format!("http://{}", request.header("host"));
    let path = request.path.clone();
    answered(siem, "rules", |siem| {
        let part = part(siem, "rules", start, siem.page);
        let mut page = json!({ "value": part.rules });
        let next = match part.end < siem.lists["rules"].len() {
            true => Some(part.end),
            // The last page leads to itself.
            false => (siem.withheld > 0).then_some(start),
        };
        if let Some(next) = next {
            let server = siem.elsewhere.as_ref().unwrap_or(&here);
            let version = &request.query["api-version"];
            page["nextLink"] = json!(format!("{server}{path}?api-version={version}&$skipToken={next}"));
        }
        Ok(page)
    })
}

fn sumo(siem: &Siem, request: &Request) -> Result<Value, Response> {
    let offset = asked_number(request, "offset").unwrap_or(0);
    let part = part(siem, "rules", offset, asked_number(request, "limit").unwrap_or(10).min(siem.page));
    let more = part.end < part.total;
    Ok(json!({"data": {"hasNextPage": more, "total": part.total, "objects": part.rules}, "errors": []}))
}

fn cortex(siem: &mut Siem, request: &Request, list: &str) -> Response {
    if !proves_advanced_key(request, &mut siem.nonces, 0) || siem.expired {
        return answer(
            401,
            json!({"reply": {"err_code": 401, "err_msg": "Public API request unauthorized"}}),
        );
    }
    let body = request.json().unwrap_or_default();
    let asked = |name: &str, usual: u64| body["request_data"][name].as_u64().unwrap_or(usual);
    let (from, to) = (asked("search_from", 0), asked("search_to", CORTEX_PAGE));
    if body.get("request_data").is_none() || to.saturating_sub(from) > CORTEX_PAGE {
        return answer(400, json!({"reply": {"err_code": 400, "err_msg": "Invalid search range"}}));
    }
    let (from, to) = (usize::try_from(from).unwrap(), usize::try_from(to).unwrap());
    answered(siem, list, |siem| {
        let part = part(siem, list, from, (to - from).min(siem.page));
        let count = if siem.counts_pages { part.rules.len() } else { part.total };
        Ok(json!({"objects_count": count, "objects_type": list, "objects": part.rules}))
    })
}
