//! Figures for the operator: requests by route template, method and status, and how long they took. Nothing in them
//! belongs to a tenant.

use std::{sync::OnceLock, time::Instant};

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::Method,
    middleware::Next,
    web,
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::http::server::Context;

const REQUESTS: &str = "peerbench_http_requests_total";
const DURATION: &str = "peerbench_http_request_duration_seconds";
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// The template of a request's route, or one word for all paths that are none: a label must not grow with what callers try.
pub fn route(request: &ServiceRequest) -> String {
    let context = request.app_data::<web::Data<Context>>();
    if context.is_some_and(|context| context.table().is_fixed(request.path())) {
        return request.path().to_owned();
    }
    request.match_pattern().unwrap_or_else(|| "(none)".to_owned())
}

fn method_label(method: &Method) -> &'static str {
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

/// The process's figures; the first call starts collecting.
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

pub async fn figures<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let began = Instant::now();
    let method = method_label(request.method());
    let route = route(&request);
    let outcome = next.call(request).await;
    let status = match &outcome {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    let status = status.as_str().to_owned();
    metrics::counter!(REQUESTS, "route" => route.clone(), "method" => method, "status" => status)
        .increment(1);
    metrics::histogram!(DURATION, "route" => route, "method" => method).record(began.elapsed().as_secs_f64());
    outcome
}
