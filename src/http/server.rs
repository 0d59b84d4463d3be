//! The router, and what a running server shares.

use super::authentication::Authenticator;
use super::bulk;
use super::document::Documents;
use super::graphiql::{self, PersonaCard};
use super::handler;
use crate::config::{Config, Limits};
use crate::graphql::{DocumentLimits, Schema, root_fields, schema, schema_of_valid, sdl};
use crate::service::context::App;
use crate::service::doctor::pending_migrations;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// What a running server shares.
pub struct Server {
    /// The application.
    pub app: Arc<App>,
    /// The schema.
    pub schema: Schema,
    /// The same for documents that are known to be valid.
    pub schema_of_valid: Schema,
    /// The schema as a document.
    pub sdl: String,
    /// Verifies tokens.
    pub authenticator: Authenticator,
    /// Parsed documents.
    pub documents: Documents,
    /// Limits.
    pub limits: Limits,
    /// How many may execute at once.
    pub gate: Arc<Semaphore>,
    /// How many imports and exports may go on at once.
    pub bulk: Arc<Semaphore>,
    /// Executions going on.
    pub tasks: TaskTracker,
}

impl Server {
    /// Puts a server together.
    pub fn new(app: Arc<App>, config: &Config, authenticator: Authenticator) -> Arc<Self> {
        let limits = config.limits;
        let of_documents = DocumentLimits { depth: limits.depth, complexity: limits.complexity };
        let schema = schema(of_documents);
        let sdl = sdl(&schema);
        let roots = root_fields(&sdl);
        Arc::new(Self {
            app,
            schema,
            schema_of_valid: schema_of_valid(of_documents),
            sdl,
            authenticator,
            documents: Documents::new(limits.cached_documents, limits.tokens, limits.aliases, roots),
            limits,
            gate: Arc::new(Semaphore::new(limits.concurrency)),
            bulk: Arc::new(Semaphore::new(limits.bulk)),
            tasks: TaskTracker::new(),
        })
    }
}

/// The router; with persona cards it serves GraphiQL, which only the development profile does.
pub fn router(server: Arc<Server>, config: &Config, personas: Option<Vec<PersonaCard>>) -> Router {
    let mut router = Router::new()
        .route("/graphql", post(handler::graphql).fallback(handler::method_not_allowed))
        .route("/referrals/import", post(bulk::import))
        .route("/referrals/export", get(bulk::export))
        .route("/referrals/template", get(bulk::template))
        .route("/schema.graphql", get(schema_document))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(server);
    if let Some(cards) = personas {
        router = router.merge(graphiql::router(Arc::new(cards)));
    }
    if !config.cors_origins.is_empty() {
        let origins: Vec<HeaderValue> = config.cors_origins.iter().filter_map(|o| o.parse().ok()).collect();
        let cors = CorsLayer::new()
            .allow_origin(AllowOrigin::list(origins))
            .allow_methods([axum::http::Method::POST, axum::http::Method::GET])
            .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT])
            .expose_headers([axum::http::HeaderName::from_static("x-request-id")]);
        router = router.layer(cors);
    }
    // Lines that tell how far an import is are not to wait in a compressor.
    let worth_it = DefaultPredicate::new().and(NotForContentType::const_new(bulk::LINES));
    router.layer(CompressionLayer::new().compress_when(worth_it)).layer(CatchPanicLayer::new())
}

async fn schema_document(State(server): State<Arc<Server>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/graphql; charset=utf-8")], server.sdl.clone())
}

/// Ready when the database answers and every migration is applied.
async fn ready(State(server): State<Arc<Server>>) -> impl IntoResponse {
    match pending_migrations(&server.app.database).await {
        Ok(pending) if pending.is_empty() => (StatusCode::OK, "ready\n"),
        Ok(_) => (StatusCode::SERVICE_UNAVAILABLE, "migrations are pending\n"),
        Err(fault) => {
            tracing::warn!(error = fault.for_log(), "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}

/// Serves until `stop`, then lets what is going on come to its end, for at most ten seconds.
pub async fn serve(
    listener: TcpListener,
    server: Arc<Server>,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (stopped, stopping) = tokio::sync::oneshot::channel::<()>();
    let signal = async move {
        stop.await;
        drop(stopped);
    };
    let serving = axum::serve(listener, router).with_graceful_shutdown(signal).into_future();
    let grace = async {
        // Resolves when the signal came.
        let _ = stopping.await;
        tokio::time::sleep(Duration::from_secs(10)).await;
    };
    let result = tokio::select! {
        done = serving => done,
        () = grace => {
            tracing::warn!("connections were still open after ten seconds");
            Ok(())
        }
    };
    server.tasks.close();
    if tokio::time::timeout(Duration::from_secs(10), server.tasks.wait()).await.is_err() {
        tracing::warn!("executions were still going on after ten seconds");
    }
    result
}
