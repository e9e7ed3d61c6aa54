//! The private listener: figures, and the same questions as in public with reasons in the answers.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::{App as Pages, HttpResponse, HttpServer, web};
use metrics_exporter_prometheus::PrometheusHandle;

use super::{Shared, health};
use crate::service::App;

type Handle = web::Data<Option<PrometheusHandle>>;

/// Listens for the operator's own programs.
///
/// # Errors
/// [`std::io::Error`] when the address cannot be used.
pub fn serve(
    address: SocketAddr,
    app: &Arc<App>,
) -> std::io::Result<(SocketAddr, impl Future<Output = ()> + use<>)> {
    let handle = crate::metrics::install();
    let measured = handle.clone();
    let listener = TcpListener::bind(address)?;
    let bound = listener.local_addr()?;
    let app = Arc::clone(app);
    let server = HttpServer::new(move || {
        Pages::new()
            .app_data(web::Data::new(Arc::clone(&app)))
            .app_data(web::Data::new(handle.clone()))
            .route("/metrics", web::get().to(metrics))
            .route("/livez", web::get().to(health::live))
            .route("/readyz", web::get().to(ready))
    })
    .workers(1)
    .disable_signals()
    .listen(listener)?
    .run();
    let serving = async move {
        tokio::select! {
            _ = server => {} // it ends with the node
            () = crate::metrics::tidy(measured) => {}
        }
    };
    Ok((bound, serving))
}

async fn metrics(app: Shared, handle: Handle) -> HttpResponse {
    let Some(handle) = handle.get_ref() else {
        return HttpResponse::ServiceUnavailable().body("another node of this process counts\n");
    };
    match crate::metrics::render(&app, handle).await {
        Ok(text) => HttpResponse::Ok()
            .content_type("text/plain; version=0.0.4")
            .body(text),
        Err(error) => HttpResponse::ServiceUnavailable().body(format!("{error}\n")),
    }
}

async fn ready(app: Shared) -> HttpResponse {
    match health::unready(&app).await {
        None if app.high_water.is_full() => {
            HttpResponse::Ok().body("ready, but there is no room for new mail\n")
        }
        None => HttpResponse::Ok().body("ready\n"),
        Some(words) => HttpResponse::ServiceUnavailable().body(format!("{words}\n")),
    }
}
