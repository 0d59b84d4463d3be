//! `GraphiQL` for the development profile, served from assets embedded in the binary.
//!
//! The page loads nothing from another origin, runs no inline script and keeps no token in the
//! browser's storage. A switcher above the editor picks a demo persona, whose bearer token then
//! goes with every request. Mount [`router`] only when the development profile is active:
//! `/graphiql/personas` hands the demo tokens to whoever asks.

use std::{fmt, sync::Arc};

use axum::{
    Json, Router,
    extract::Path,
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Serialize;

/// Everything from this origin only, nothing inline.
///
/// The hash is the one style element `GraphiQL` adds, when a dialog or a menu locks scrolling;
/// `data:` images are the editor's lint markers. An update of `GraphiQL` may change the hash:
/// `tests/conformance/graphiql.mjs` fails then, and the browser's console names the new one.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; \
     style-src 'self' 'sha256-Y/huXlwoYkVyQlxwSVcCi1RCDGDCSVBzDt0hYP9qlTc='; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// Not among the constants of the `http` crate.
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// For files whose name carries their version.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// For files that change with this crate.
const REVALIDATE: &str = "no-cache";

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

const INDEX: Asset = Asset {
    name: "index.html",
    content_type: "text/html; charset=utf-8",
    gzip: false,
    cache_control: REVALIDATE,
    bytes: include_bytes!("graphiql/index.html"),
};

/// What `/graphiql/{asset}` serves. Versions, origins and licences: `graphiql/LICENSES.md`.
const ASSETS: [Asset; 7] = [
    Asset {
        name: "app.js",
        content_type: JAVASCRIPT,
        gzip: false,
        cache_control: REVALIDATE,
        bytes: include_bytes!("graphiql/app.js"),
    },
    Asset {
        name: "app.css",
        content_type: CSS,
        gzip: false,
        cache_control: REVALIDATE,
        bytes: include_bytes!("graphiql/app.css"),
    },
    Asset {
        name: "LICENSES.md",
        content_type: "text/markdown; charset=utf-8",
        gzip: false,
        cache_control: REVALIDATE,
        bytes: include_bytes!("graphiql/LICENSES.md"),
    },
    Asset {
        name: "react-18.3.1.min.js",
        content_type: JAVASCRIPT,
        gzip: true,
        cache_control: IMMUTABLE,
        bytes: include_bytes!("graphiql/react-18.3.1.min.js.gz"),
    },
    Asset {
        name: "react-dom-18.3.1.min.js",
        content_type: JAVASCRIPT,
        gzip: true,
        cache_control: IMMUTABLE,
        bytes: include_bytes!("graphiql/react-dom-18.3.1.min.js.gz"),
    },
    Asset {
        name: "graphiql-3.8.3.min.js",
        content_type: JAVASCRIPT,
        gzip: true,
        cache_control: IMMUTABLE,
        bytes: include_bytes!("graphiql/graphiql-3.8.3.min.js.gz"),
    },
    Asset {
        name: "graphiql-3.8.3.min.css",
        content_type: CSS,
        gzip: true,
        cache_control: IMMUTABLE,
        bytes: include_bytes!("graphiql/graphiql-3.8.3.min.css.gz"),
    },
];

/// A demo identity the persona switcher of `GraphiQL` offers.
///
/// `Debug` leaves the token out, so that a card in a log line gives nobody access.
#[derive(Clone, Serialize)]
pub struct PersonaCard {
    /// Short unique name, shown in the switcher and remembered by the browser tab.
    pub name: String,
    /// One sentence on who this is and what the persona may do.
    pub description: String,
    /// Bearer token that authenticates as the persona, without the `Bearer` prefix.
    pub token: String,
    /// GraphQL document that "Load example" puts into the editor; empty when there is none.
    pub example: String,
}

impl fmt::Debug for PersonaCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PersonaCard")
            .field("name", &self.name)
            .field("description", &self.description)
            .field("token", &"[redacted]")
            .field("example", &self.example)
            .finish()
    }
}

/// Routes of `GraphiQL`: `/graphiql`, `/graphiql/{asset}` and `/graphiql/personas`.
///
/// The page posts to `/graphql` on the same origin. Embedded libraries are served gzip-encoded
/// whatever the request accepts, as every browser that runs `GraphiQL` does.
pub fn router<S: Clone + Send + Sync + 'static>(personas: Arc<Vec<PersonaCard>>) -> Router<S> {
    Router::new()
        .route("/graphiql", get(async || INDEX.into_response()))
        .route("/graphiql/personas", get(async move || persona_list(&personas)))
        .route("/graphiql/{asset}", get(asset))
}

/// The personas with their tokens; never stored by a cache.
fn persona_list(personas: &[PersonaCard]) -> Response {
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
    ];
    (headers, Json(personas)).into_response()
}

async fn asset(Path(name): Path<String>) -> Response {
    ASSETS
        .into_iter()
        .find(|asset| asset.name == name)
        .map_or_else(|| StatusCode::NOT_FOUND.into_response(), Asset::into_response)
}

/// A file embedded in the binary.
#[derive(Clone, Copy)]
struct Asset {
    name: &'static str,
    content_type: &'static str,
    /// Whether `bytes` are gzip-compressed.
    gzip: bool,
    cache_control: &'static str,
    bytes: &'static [u8],
}

impl IntoResponse for Asset {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, self.content_type),
            (header::CACHE_CONTROL, self.cache_control),
            (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
            (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
        ];
        let encoding = self.gzip.then_some([(header::CONTENT_ENCODING, "gzip")]);
        (headers, encoding, self.bytes).into_response()
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use axum::{body::Body, http::Request};
    use http_body_util::BodyExt as _;
    use tower::Service as _;

    use super::*;

    type TestResult = Result<(), Box<dyn Error>>;

    fn coordinator() -> PersonaCard {
        PersonaCard {
            name: "hub-coordinator".to_owned(),
            description: "Sees every open referral.".to_owned(),
            token: "secret-token".to_owned(),
            example: "query { viewer { __typename } }".to_owned(),
        }
    }

    async fn response_to(path: &str) -> Result<Response, Box<dyn Error>> {
        let mut service = router::<()>(Arc::new(vec![coordinator()]));
        Ok(service.call(Request::get(path).body(Body::empty())?).await?)
    }

    #[tokio::test]
    async fn the_page_allows_nothing_inline_and_nothing_foreign() -> TestResult {
        let page = response_to("/graphiql").await?;
        assert_eq!(page.status(), StatusCode::OK);
        let policy = page.headers()[header::CONTENT_SECURITY_POLICY].to_str()?;
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"));
        assert!(!policy.contains("unsafe"));
        Ok(())
    }

    #[tokio::test]
    async fn every_file_the_page_names_is_embedded() -> TestResult {
        let page = String::from_utf8(INDEX.bytes.to_vec())?;
        let paths: Vec<&str> = page.split('"').filter(|part| part.starts_with("/graphiql/")).collect();
        assert_eq!(paths.len(), 6);
        for path in paths {
            let file = response_to(path).await?;
            assert_eq!(file.status(), StatusCode::OK, "{path}");
            assert_eq!(file.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        }
        Ok(())
    }

    #[test]
    fn an_asset_is_declared_gzip_exactly_when_it_is() {
        for asset in ASSETS {
            assert_eq!(asset.gzip, asset.bytes.starts_with(&[0x1f, 0x8b]), "{}", asset.name);
        }
    }

    #[tokio::test]
    async fn an_unknown_asset_is_not_found() -> TestResult {
        for path in ["/graphiql/nothing.js", "/graphiql/..%2fgraphiql.rs"] {
            assert_eq!(response_to(path).await?.status(), StatusCode::NOT_FOUND);
        }
        Ok(())
    }

    #[tokio::test]
    async fn personas_are_listed_and_never_cached() -> TestResult {
        let list = response_to("/graphiql/personas").await?;
        assert_eq!(list.headers()[header::CACHE_CONTROL], "no-store");
        let body = list.into_body().collect().await?.to_bytes();
        let cards: serde_json::Value = serde_json::from_slice(&body)?;
        assert_eq!(cards, serde_json::json!([coordinator()]));
        Ok(())
    }

    #[test]
    fn a_logged_card_shows_no_token() {
        assert!(!format!("{:?}", coordinator()).contains("secret-token"));
    }
}
