//! Metrics for the operator: requests by route template, method and status, and how long they took. Nothing in them
//! belongs to a tenant.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{OnceLock, PoisonError, RwLock},
    time::Duration,
};

use actix_web::{
    dev::ServiceRequest,
    http::{Method, StatusCode},
};
use metrics::{Counter, Histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

const REQUESTS: &str = "peerbench_http_requests_total";
const DURATION: &str = "peerbench_http_request_duration_seconds";
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
const NO_ROUTE: &str = "(none)";

/// The handles to the metrics of one route. To find one by its labels takes longer than to count.
#[derive(Default)]
pub struct Handles(RwLock<HashMap<(&'static str, StatusCode), Pair>>);

/// The number of answers and their durations.
type Pair = (Counter, Histogram);

/// The route that a request is counted under.
pub struct Route<'a> {
    name: Cow<'a, str>,
    method: &'static str,
    handles: Option<&'a Handles>,
}

impl<'a> Route<'a> {
    /// `known` is the template of the route and its handles, where it is one of the route table.
    pub fn of(request: &ServiceRequest, known: Option<(&'a str, &'a Handles)>) -> Self {
        let name = match known {
            Some((template, _)) => Cow::Borrowed(template),
            None => request.match_pattern().map_or(Cow::Borrowed(NO_ROUTE), Cow::Owned),
        };
        Self { name, method: method_label(request.method()), handles: known.map(|(_, handles)| handles) }
    }

    /// The template of the route, or one word for all paths that are none: a label must not grow with what callers try.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Counts an answer.
    pub fn count(&self, status: StatusCode, took: Duration) {
        let count = |(counter, histogram): &Pair| {
            counter.increment(1);
            histogram.record(took.as_secs_f64());
        };
        let Some(Handles(known)) = self.handles else { return count(&self.register(status)) };
        let key = (self.method, status);
        if let Some(handles) = known.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return count(handles);
        }
        let mut known = known.write().unwrap_or_else(PoisonError::into_inner);
        count(known.entry(key).or_insert_with(|| self.register(status)));
    }

    fn register(&self, status: StatusCode) -> Pair {
        let (route, method) = (self.name.clone().into_owned(), self.method);
        let status = status.as_str().to_owned();
        (
            metrics::counter!(REQUESTS, "route" => route.clone(), "method" => method, "status" => status),
            metrics::histogram!(DURATION, "route" => route, "method" => method),
        )
    }
}

/// The method's name, or one word for all that no operation has: a caller may send any text as one.
pub fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

/// The process's metrics; the first call starts collecting.
pub fn handle() -> Option<&'static PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let start = || {
        let recorder = PrometheusBuilder::new().set_buckets(&BUCKETS).ok()?.build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).ok()?;
        metrics::describe_counter!(REQUESTS, "Requests answered, by route template, method and status.");
        metrics::describe_histogram!(DURATION, metrics::Unit::Seconds, "Time until an answer began.");
        Some(handle)
    };
    HANDLE.get_or_init(start).as_ref()
}
