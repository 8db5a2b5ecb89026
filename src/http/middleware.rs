//! What every request passes through, outermost first: its id, the trace, the figures, HEAD, the security headers, the
//! rate limit, problem documents, ETags per coding, compression.

pub mod coded_etag;
pub mod figures;
pub mod head;
pub mod problems;
pub mod rate_limit;
pub mod request_id;
pub mod security_headers;
pub mod trace;
