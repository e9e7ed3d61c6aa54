//! The HTTP side: routes, problem documents, headers, the client's files.

mod api;
pub mod assets;
mod body;
mod client;
mod federation;
mod headers;
pub mod health;
mod identities;
mod live;
mod mailboxes;
pub mod monitor;
mod node;
pub mod problem;
mod sending;
mod trace;
mod unread;
mod vaults;

use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::middleware::from_fn;
use actix_web::{App as Server, Error, HttpRequest, Resource, ResponseError as _, web};
use shared_crypto::problem::ProblemCode;

use crate::service::App;
use assets::Assets;
use problem::Problem;

/// What handlers share.
pub type Shared = web::Data<Arc<App>>;

/// The whole server: every route, with what applies to all of them.
pub fn server(
    app: Arc<App>,
    assets: Arc<Assets>,
) -> Server<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let headers = headers::Headers::new(app.settings.is_loopback());
    Server::new()
        .app_data(web::Data::new(app))
        .app_data(web::Data::new(assets))
        .app_data(web::Data::new(headers))
        .wrap(from_fn(sending::apply))
        .wrap(from_fn(client::apply))
        .wrap(from_fn(problem::ensure))
        .wrap(from_fn(headers::apply))
        .wrap(from_fn(trace::apply))
        .wrap(from_fn(unread::apply))
        .configure(|config| routes(config, &mut Routes::default()))
}

/// The resources of the API, as they are made: for comparing them with their description.
#[derive(Default)]
struct Routes(Vec<(String, &'static str)>);

impl Routes {
    fn resource(&mut self, path: &str, allowed: &'static str) -> Resource {
        self.0.push((path.to_owned(), allowed));
        resource(path, allowed)
    }

    fn below_v1(&mut self, path: &str, allowed: &'static str) -> Resource {
        self.0.push((format!("/v1{path}"), allowed));
        resource(path, allowed)
    }
}

fn routes(config: &mut web::ServiceConfig, routes: &mut Routes) {
    config
        .service(
            routes
                .resource("/livez", "GET")
                .route(web::get().to(health::live)),
        )
        .service(
            routes
                .resource("/readyz", "GET")
                .route(web::get().to(health::ready)),
        )
        .service(
            routes
                .resource("/.well-known/zechat/client", "GET")
                .route(web::get().to(assets::manifest)),
        )
        .service(
            web::scope("/v1")
                // They are tried in this order: what comes most often is the first.
                .service(
                    routes
                        .below_v1("/mailboxes/{mailbox}/messages/{message}", "PUT")
                        .route(web::put().to(mailboxes::put)),
                )
                .service(
                    routes
                        .below_v1("/openapi.json", "GET")
                        .route(web::get().to(api::openapi)),
                )
                .service(
                    routes
                        .below_v1("/live.schema.json", "GET")
                        .route(web::get().to(api::live_schema)),
                )
                .service(
                    routes
                        .below_v1("/node", "GET")
                        .route(web::get().to(node::document)),
                )
                .service(
                    routes
                        .below_v1("/identities/{identity}", "GET, PUT")
                        .route(web::get().to(identities::get))
                        .route(web::put().to(identities::put)),
                )
                .service(
                    routes
                        .below_v1("/vaults/{vault}", "GET, PUT")
                        .route(web::get().to(vaults::get_manifest))
                        .route(web::put().to(vaults::put_manifest)),
                )
                .service(
                    routes
                        .below_v1("/vaults/{vault}/owner", "PUT")
                        .route(web::put().to(vaults::put_owner)),
                )
                .service(
                    routes
                        .below_v1("/vaults/{vault}/forgotten", "PUT")
                        .route(web::put().to(vaults::put_forgotten)),
                )
                .service(
                    routes
                        .below_v1("/vaults/{vault}/chunks/{chunk}", "GET, PUT")
                        .route(web::get().to(vaults::get_chunk))
                        .route(web::put().to(vaults::put_chunk)),
                )
                .service(
                    routes
                        .below_v1("/live", "GET")
                        .route(web::get().to(live::open)),
                )
                .service(
                    routes
                        .below_v1("/federation/deliver", "POST")
                        .route(web::post().to(federation::deliver)),
                )
                .service(
                    routes
                        .below_v1("/federation/lookup", "POST")
                        .route(web::post().to(federation::lookup)),
                )
                .default_service(web::to(not_found)),
        )
        .service(
            resource("/{path:.*}", "GET, HEAD")
                .route(web::get().to(assets::file))
                .route(web::head().to(assets::file)),
        );
}

/// A resource that answers other methods in the same words as everything else.
fn resource(path: &str, allowed: &'static str) -> Resource {
    let refuse = move |request: HttpRequest| async move {
        let mut response = Problem::method_not_allowed(request.method()).error_response();
        response
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static(allowed));
        response
    };
    web::resource(path).default_service(web::to(refuse))
}

async fn not_found() -> Problem {
    Problem::from(ProblemCode::NotFound)
}
