//! GraphQL over HTTP: `POST /graphql`, JSON in, JSON out, with the status codes and media types of the specification.

use super::accept::{MediaType, is_json, negotiate};
use super::document::DocumentProblem;
use super::execution::{Execution, Panicked};
use super::server::Server;
use super::shape::null_at;
use crate::policy::viewer::Viewer;
use crate::service::context::Context;
use async_graphql::{PathSegment, Request, Response as GraphqlResponse, ServerError, Value, Variables};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde_json::Map;
use std::sync::Arc;
use std::time::Duration;

/// An error of the whole request, before or instead of an execution.
pub(super) struct Refused {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refused {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
    }

    pub(super) fn unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", "The service cannot answer now. Try again.")
    }

    pub(super) fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", "Sign in: a valid bearer token is needed.")
    }

    pub(super) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "INTERNAL",
            "Something went wrong on our side. The request id is in the x-request-id header.",
        )
    }
}

/// Answers a GraphQL request.
pub async fn graphql(State(server): State<Arc<Server>>, headers: HeaderMap, body: Body) -> Response<Body> {
    let request_id: Arc<str> = server.app.random.uuid_random().simple().to_string().into();
    let text = |name| headers.get(name).and_then(|v: &HeaderValue| v.to_str().ok());
    let media = negotiate(text(header::ACCEPT));
    let answer = match run(&server, &headers, body, &request_id).await {
        Ok(response) => respond(media, &response),
        Err(refused) => refuse(media, &refused),
    };
    with_request_id(answer, &request_id)
}

/// Anything but POST.
pub async fn method_not_allowed(headers: HeaderMap) -> Response<Body> {
    let media = negotiate(headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()));
    let refused = Refused::new(StatusCode::METHOD_NOT_ALLOWED, "BAD_REQUEST", "Send GraphQL requests by POST.");
    let mut answer = refuse(media, &refused);
    answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    answer
}

async fn run(
    server: &Arc<Server>,
    headers: &HeaderMap,
    body: Body,
    request_id: &Arc<str>,
) -> Result<GraphqlResponse, Refused> {
    let text = |name| headers.get(name).and_then(|v: &HeaderValue| v.to_str().ok());
    let viewer = viewer(server, headers, request_id).await?;
    if !is_json(text(header::CONTENT_TYPE)) {
        return Err(Refused::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "BAD_REQUEST",
            "Send the request as application/json in UTF-8.",
        ));
    }
    let limit = server.limits.body_bytes;
    let bytes = to_bytes(body, limit).await.map_err(|_| {
        Refused::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "BAD_REQUEST",
            format!("The body could not be read whole; it may have at most {limit} bytes."),
        )
    })?;
    let asked = read_body(&bytes)?;
    let document = match server.documents.parse(&asked.query) {
        Ok(document) => document,
        Err(DocumentProblem::Syntax(why)) => return Ok(request_error("BAD_REQUEST", &why)),
        Err(DocumentProblem::TooComplex(why)) => return Ok(request_error("TOO_COMPLEX", &why)),
    };
    let operation = document.called(asked.operation_name.as_deref());
    let context = Arc::new(Context::new(
        Arc::clone(&server.app),
        (*viewer).clone(),
        Arc::clone(request_id),
        Arc::clone(&operation),
    ));
    let mut request = Request::new(String::new()).variables(asked.variables).data(Arc::clone(&context));
    if let Some(name) = &asked.operation_name {
        request = request.operation_name(name);
    }
    request.set_parsed_query(document.parsed.clone());
    let permit = tokio::time::timeout(deadline(server), Arc::clone(&server.gate).acquire_owned()).await;
    let Ok(Ok(permit)) = permit else { return Err(Refused::unavailable()) };
    let known = document.is_known_valid(asked.operation_name.as_deref(), &request.variables);
    let schema = if known { server.schema_of_valid.clone() } else { server.schema.clone() };
    let execution = Execution::new(&server.tasks, async move {
        let response = schema.execute(request).await;
        let recorded = context.commit_trace().await;
        drop(permit);
        recorded.map(|()| response)
    });
    match tokio::time::timeout(deadline(server), execution).await {
        Ok(Ok(Ok(response))) => {
            tracing::debug!(request_id = %request_id, operation = %operation, errors = response.errors.len(), "answered");
            if response.errors.is_empty() {
                document.found_valid(asked.operation_name.as_deref());
            }
            let mut response = coded(response);
            in_order(&mut response);
            for error in &response.errors {
                null_at(&mut response.data, &error.path);
            }
            if let Some(shape) = document.shape(asked.operation_name.as_deref()) {
                shape.lay_over(&mut response.data);
            }
            Ok(response)
        }
        // Not recorded: nothing may be disclosed (C20).
        Ok(Ok(Err(_))) => Err(Refused::unavailable()),
        Ok(Err(Panicked)) => {
            tracing::error!(request_id = %request_id, operation = %operation, "an execution panicked");
            Err(Refused::internal())
        }
        Err(_) => {
            tracing::warn!(request_id = %request_id, operation = %operation, "the deadline passed");
            Err(Refused::unavailable())
        }
    }
}

/// Whoever the bearer token speaks for.
pub(super) async fn viewer(server: &Server, headers: &HeaderMap, request_id: &str) -> Result<Arc<Viewer>, Refused> {
    let token = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    let viewer = server.authenticator.viewer(&server.app, token).await.map_err(|fault| {
        tracing::error!(request_id = %request_id, error = fault.for_log(), "a viewer could not be read");
        Refused::unavailable()
    })?;
    viewer.ok_or_else(Refused::unauthenticated)
}

fn deadline(server: &Server) -> Duration {
    Duration::from_millis(server.limits.deadline_ms)
}

struct Asked {
    query: String,
    operation_name: Option<String>,
    variables: Variables,
}

fn read_body(bytes: &Bytes) -> Result<Asked, Refused> {
    let parsed: serde_json::Value = serde_json::from_slice(bytes).map_err(|e| {
        Refused::bad_request(format!("The body is not JSON: line {} column {}.", e.line(), e.column()))
    })?;
    let serde_json::Value::Object(mut fields) = parsed else {
        return Err(Refused::bad_request("The body is one JSON object; batches are not taken."));
    };
    let Some(serde_json::Value::String(query)) = fields.remove("query") else {
        return Err(Refused::bad_request("`query` must be a string."));
    };
    let operation_name = match fields.remove("operationName") {
        None | Some(serde_json::Value::Null) => None,
        Some(serde_json::Value::String(name)) => Some(name),
        Some(_) => return Err(Refused::bad_request("`operationName` must be a string.")),
    };
    let variables = object(fields.remove("variables"), "variables")?;
    object(fields.remove("extensions"), "extensions")?;
    Ok(Asked { query, operation_name, variables: Variables::from_json(serde_json::Value::Object(variables)) })
}

fn object(value: Option<serde_json::Value>, name: &str) -> Result<Map<String, serde_json::Value>, Refused> {
    match value {
        None | Some(serde_json::Value::Null) => Ok(Map::new()),
        Some(serde_json::Value::Object(map)) => Ok(map),
        Some(_) => Err(Refused::bad_request(format!("`{name}` must be an object."))),
    }
}

fn request_error(code: &str, message: &str) -> GraphqlResponse {
    let mut error = ServerError::new(message, None);
    error.extensions.get_or_insert_with(Default::default).set("code", code);
    GraphqlResponse::from_errors(vec![error])
}

/// Gives every error a code. Resolvers code theirs; what is left are requests that do not fit the schema or the limits,
/// whose messages are the executor's own and quote nothing but the request.
fn coded(mut response: GraphqlResponse) -> GraphqlResponse {
    for error in &mut response.errors {
        let extensions = error.extensions.get_or_insert_with(Default::default);
        if extensions.get("code").is_none() {
            let limits = ["too deep", "too complex", "recursion depth"];
            let too_much = limits.iter().any(|words| error.message.contains(words));
            extensions.set("code", if too_much { "TOO_COMPLEX" } else { "BAD_REQUEST" });
        }
    }
    response
}

/// Errors in the order of the document, like the data: not in the order in which statements happened to return.
///
/// Where a document does not fit the schema, what the reckoning of its cost could not read comes after what the rules say of
/// the same value: it stands at the field, which is before the value, and tells less.
fn in_order(response: &mut GraphqlResponse) {
    response.errors.sort_by_cached_key(|error| {
        let places: Vec<_> = error.locations.iter().map(|p| (p.line, p.column)).collect();
        let items: Vec<_> = error
            .path
            .iter()
            .filter_map(|part| if let PathSegment::Index(i) = part { Some(*i) } else { None })
            .collect();
        (error.path.is_empty() && is_of_reckoning(&error.message), places, items)
    });
}

/// Whether these are async-graphql's words for a value that it could not read, before anything ran.
fn is_of_reckoning(message: &str) -> bool {
    ["Expected input type ", "Failed to parse "].iter().any(|words| message.starts_with(words))
}

fn respond(media: MediaType, response: &GraphqlResponse) -> Response<Body> {
    // Nothing was executed when there are errors and no data.
    let refused = response.data == Value::Null && !response.errors.is_empty();
    let status = match media {
        MediaType::GraphqlResponse if refused => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    let body = if refused {
        // `data` is left out altogether when there was no execution.
        serde_json::to_vec(&serde_json::json!({ "errors": response.errors }))
    } else {
        serde_json::to_vec(response)
    };
    match body {
        Ok(body) => answer(status, media, body),
        Err(_) => refuse(media, &Refused::internal()),
    }
}

pub(super) fn refuse(media: MediaType, refused: &Refused) -> Response<Body> {
    let body = serde_json::json!({
        "errors": [{ "message": refused.message, "extensions": { "code": refused.code } }],
    });
    let mut response = answer(refused.status, media, body.to_string().into_bytes());
    if refused.status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn answer(status: StatusCode, media: MediaType, body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media.header()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub(super) fn with_request_id(mut response: Response<Body>, request_id: &str) -> Response<Body> {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::Pos;

    fn error(message: &str, line: usize, column: usize, path: &[PathSegment]) -> ServerError {
        let mut error = ServerError::new(message, Some(Pos { line, column }));
        error.path = path.to_vec();
        error
    }

    fn sorted(errors: Vec<ServerError>) -> Vec<String> {
        let mut response = GraphqlResponse::from_errors(errors);
        in_order(&mut response);
        response.errors.into_iter().map(|e| e.message).collect()
    }

    #[test]
    fn what_the_rules_say_comes_before_what_the_reckoning_could_not_read() {
        let rule = error("Invalid value for argument \"first\", expected type \"Int\"", 1, 34, &[]);
        let second = error("Unknown field \"secret\" on type \"Client\".", 2, 3, &[]);
        let reckoned = error("Expected input type \"Int\", found \"1\".", 1, 19, &[]);
        let unread = error("Failed to parse \"Int\": Only integers.", 1, 12, &[]);
        let expected = [&rule, &second, &unread, &reckoned].map(|e| e.message.clone());
        assert_eq!(sorted(vec![reckoned.clone(), second.clone(), unread.clone(), rule.clone()]), expected);
        assert_eq!(sorted(vec![rule, second, reckoned, unread]), expected);
    }

    #[test]
    fn what_failed_while_it_ran_comes_in_the_order_of_the_document_whatever_it_says() {
        let at = |i| [PathSegment::Field("all".into()), PathSegment::Index(i), PathSegment::Field("x".into())];
        let first = error("Expected input type \"Int\", found 0.", 1, 9, &at(0));
        let second = error("The second.", 1, 9, &at(1));
        let last = error("Further on.", 2, 1, &[PathSegment::Field("y".into())]);
        let expected = [&first, &second, &last].map(|e| e.message.clone());
        assert_eq!(sorted(vec![last, second, first]), expected);
    }
}
