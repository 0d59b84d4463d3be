//! Referrals in bulk: `POST /referrals/import`, `GET /referrals/template`, `GET /referrals/export`.
//!
//! | | in | out |
//! | --- | --- | --- |
//! | import | CSV, as long as it likes up to a number of rows, each of at most 64 KiB | JSON, a line for whatever is not simply sent |
//! | template | | CSV: the header and an example |
//! | export | | CSV of what became of the viewer's own |
//!
//! Before the first line, errors look like those of `/graphql`. After it an import tells them in a line, and its last line is the summary:
//! an answer without one broke off. An export that cannot go on breaks its connection: a list that ends well is whole.

use super::accept::{MediaType, negotiate};
use super::handler::{Refused, refuse, viewer, with_request_id};
use super::server::Server;
use super::upload::upload;
use crate::domain::failure::UserErrorCode;
use crate::service::context::Failure;
use crate::service::referral_export::Export;
use crate::service::referral_import::{self as service, Import, Manner, Stopped, Told};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, Uri, header};
use futures_util::stream;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

/// The media type of an import's answer.
pub const LINES: &str = "application/x-ndjson";
const CSV: &str = "text/csv; charset=utf-8";

/// A piece of an answer.
type Piece = io::Result<Bytes>;

/// Answers with the header of a file of referrals and a row that would be taken.
pub async fn template(State(server): State<Arc<Server>>) -> Response<Body> {
    let mut answer = streamed(CSV, Body::from(service::template(server.app.clock.now())));
    name(&mut answer, "referrals-template.csv");
    answer
}

/// Imports the viewer's file of referrals; `dryRun=true` runs every check and stores nothing.
pub async fn import(State(server): State<Arc<Server>>, uri: Uri, headers: HeaderMap, body: Body) -> Response<Body> {
    let request_id: Arc<str> = server.app.random.uuid_random().simple().to_string().into();
    let answer = match begin_import(&server, &uri, &headers, body, &request_id).await {
        Ok(lines) => streamed(LINES, lines),
        Err(refused) => refuse(media(&headers), &refused),
    };
    with_request_id(answer, &request_id)
}

/// Answers with what became of the viewer's own referrals.
pub async fn export(State(server): State<Arc<Server>>, headers: HeaderMap) -> Response<Body> {
    let request_id: Arc<str> = server.app.random.uuid_random().simple().to_string().into();
    let answer = match begin_export(&server, &headers, &request_id).await {
        Ok(pages) => {
            let mut answer = streamed(CSV, pages);
            name(&mut answer, "referrals.csv");
            answer
        }
        Err(refused) => refuse(media(&headers), &refused),
    };
    with_request_id(answer, &request_id)
}

async fn begin_import(
    server: &Arc<Server>,
    uri: &Uri,
    headers: &HeaderMap,
    body: Body,
    request_id: &Arc<str>,
) -> Result<Body, Refused> {
    let viewer = viewer(server, headers, request_id).await?;
    if !is_csv(headers) {
        let message = "Send the file as text/csv in UTF-8.";
        return Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "BAD_REQUEST", message));
    }
    let dry_run = match uri.query() {
        None | Some("" | "dryRun=false") => false,
        Some("dryRun=true") => true,
        Some(_) => return Err(Refused::bad_request("The only parameter is `dryRun`, which is true or false.")),
    };
    let place = place(server)?;
    let patience = Duration::from_millis(server.limits.import_read_ms);
    let (file, take) = upload(body, patience);
    // Ends with the body, or when nobody reads it any more.
    tokio::spawn(take);
    let manner = Manner { dry_run, most_rows: server.limits.import_rows };
    let begun = Import::begin(Arc::clone(&server.app), (*viewer).clone(), Arc::clone(request_id), manner, file).await;
    let import = begun.map_err(|failure| said(&failure, request_id))?;
    let (lines, told) = mpsc::channel(16);
    let (pieces, answer) = mpsc::channel(4);
    // It comes to the end of a row whoever hangs up, and a service that stops waits for that.
    server.tasks.spawn(async move {
        import.run(&lines).await;
        drop(place);
    });
    tokio::spawn(pass_on(Arc::clone(server), headers.clone(), Arc::clone(request_id), told, pieces, patience));
    Ok(stream_of(answer))
}

/// Passes on what an import tells. It ends the import when nobody takes what is told any more, and when the token is no longer good.
async fn pass_on(
    server: Arc<Server>,
    headers: HeaderMap,
    request_id: Arc<str>,
    mut told: mpsc::Receiver<Told>,
    pieces: mpsc::Sender<Piece>,
    patience: Duration,
) {
    loop {
        let one = tokio::select! {
            () = pieces.closed() => return,
            one = told.recv() => one,
        };
        let Some(one) = one else { return };
        if matches!(one, Told::Progress { .. }) && viewer(&server, &headers, &request_id).await.is_err() {
            let message = "Sign in again, and send the file again to go on.".to_owned();
            let error = Stopped { code: "UNAUTHENTICATED", message };
            let _ = pieces.send_timeout(Ok(line(&Told::Stopped { error })), patience).await;
            return;
        }
        if pieces.send_timeout(Ok(line(&one)), patience).await.is_err() {
            return;
        }
    }
}

fn line(told: &Told) -> Bytes {
    let mut line = serde_json::to_vec(told).unwrap_or_default();
    line.push(b'\n');
    line.into()
}

async fn begin_export(server: &Arc<Server>, headers: &HeaderMap, request_id: &Arc<str>) -> Result<Body, Refused> {
    let of = viewer(server, headers, request_id).await?;
    let place = place(server)?;
    let begun = Export::begin(Arc::clone(&server.app), (*of).clone(), Arc::clone(request_id));
    let mut export = begun.map_err(|failure| said(&failure, request_id))?;
    // The first page before the answer begins: what cannot be recorded is an error like any other.
    let first = export.next().await.map_err(|failure| said(&failure, request_id))?;
    let (pieces, answer) = mpsc::channel(1);
    let (server, headers, request_id) = (Arc::clone(server), headers.clone(), Arc::clone(request_id));
    let patience = Duration::from_millis(server.limits.import_read_ms);
    tokio::spawn(async move {
        let _place = place;
        let mut page = first;
        while let Some(bytes) = page {
            // Who takes nothing any more holds no place.
            if pieces.send_timeout(Ok(bytes.into()), patience).await.is_err() {
                return;
            }
            let signed_in = viewer(&server, &headers, &request_id).await.is_ok();
            page = match export.next().await {
                Ok(next) if signed_in => next,
                _ => {
                    tracing::warn!(request_id = %request_id, "an export broke off");
                    let _ = pieces.send(Err(io::ErrorKind::ConnectionAborted.into())).await;
                    return;
                }
            };
        }
    });
    Ok(stream_of(answer))
}

/// A place among the imports and exports that may go on at once.
fn place(server: &Server) -> Result<OwnedSemaphorePermit, Refused> {
    Arc::clone(&server.bulk).try_acquire_owned().map_err(|_| Refused::unavailable())
}

/// Why nothing was begun, as errors of a whole request say it.
fn said(failure: &Failure, request_id: &str) -> Refused {
    match failure {
        Failure::User(errors) => {
            let messages: Vec<_> = errors.iter().map(|e| e.message.as_str()).collect();
            let message = messages.join(" ");
            if errors.iter().any(|e| e.code == UserErrorCode::NotAllowed) {
                return Refused::new(StatusCode::FORBIDDEN, "FORBIDDEN", message);
            }
            Refused::bad_request(message)
        }
        Failure::Forbidden => {
            Refused::new(StatusCode::FORBIDDEN, "FORBIDDEN", "This operation is not for your role.")
        }
        Failure::MembershipEnded => Refused::unauthenticated(),
        Failure::Fault(fault) => {
            tracing::error!(request_id = %request_id, error = fault.for_log(), "nothing was begun");
            Refused::unavailable()
        }
    }
}

fn is_csv(headers: &HeaderMap) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let mut parts = given.split(';').map(str::trim);
    let named = parts.next().is_some_and(|t| t.eq_ignore_ascii_case("text/csv"));
    let fits = |p: &str| {
        let p = p.to_ascii_lowercase();
        ["charset=utf-8", "charset=\"utf-8\"", "header=present"].contains(&&*p)
    };
    named && parts.all(fits)
}

fn media(headers: &HeaderMap) -> MediaType {
    negotiate(headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()))
}

fn stream_of(mut pieces: mpsc::Receiver<Piece>) -> Body {
    Body::from_stream(stream::poll_fn(move |cx| pieces.poll_recv(cx)))
}

fn streamed(media: &'static str, body: Body) -> Response<Body> {
    let mut answer = Response::new(body);
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

fn name(answer: &mut Response<Body>, file: &str) {
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{file}\"")) {
        answer.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
}
