//! `/health/live`, `/health/ready`, `/metrics`: how we are, for who watches over us.
//!
//! Live means that the process answers at all; ready means that it can do its work. Both are open
//! to all and say nothing more. Measurements are counts and times without names or contents, but
//! they tell how much goes on here: they are for the operator.

use super::Problem;
use super::admin::Guard;
use super::serve::Peer;
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::Arc;
use warp::filters::BoxedFilter;
use warp::http::header::CONTENT_TYPE;
use warp::reply::Response;
use warp::{Filter, Reply};

/// Says whether we can work; the error says in a few words why not.
pub type Ready = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

/// The Prometheus text format.
const METRICS_MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The three doors. `ready` is asked at each call of `/health/ready` and must not wait.
pub fn health(ready: Ready, metrics: PrometheusHandle, guard: Guard) -> BoxedFilter<(Response,)> {
    let live = warp::path!("health" / "live").map(|| "ok\n".into_response());
    let ready = warp::path!("health" / "ready").map(move || match ready() {
        Ok(()) => "ok\n".into_response(),
        Err(reason) => Problem::unavailable(reason).into_response(),
    });
    let metrics = warp::path!("metrics")
        .and(warp::header::headers_cloned())
        .and(warp::ext::optional::<Peer>())
        .map(move |headers, peer| match guard.check(&headers, peer) {
            Ok(()) => {
                let text = metrics.render();
                warp::reply::with_header(text, CONTENT_TYPE, METRICS_MEDIA_TYPE).into_response()
            }
            Err(problem) => problem.into_response(),
        });
    let doors = live.or(ready).unify().or(metrics).unify();
    // After the path, so that another method is 405 and another path 404.
    doors.and(warp::get().or(warp::head()).unify()).boxed()
}

/// The methods of these doors, for the Allow header.
#[must_use]
pub fn allow(path: &str) -> Option<&'static str> {
    matches!(path, "/health/live" | "/health/ready" | "/metrics").then_some("GET, HEAD")
}
