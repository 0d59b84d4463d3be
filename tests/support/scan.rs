//! Nothing marked gets out (C13, C14): every answer of every world, and every line that the process logs, is looked through
//! for what must not be in it. What is found fails the test that sees it, and every test after it.
//!
//! In answers: the marks of the kept record (`support::marked`) and its ids, unless its keeper asks. In the log, whoever asked:
//! the same marks, and whatever [`super::draft`] says about people.

use super::marked::{KEEPER, MARK};
use alliance::domain::ids::TypedId;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use http_body_util::BodyExt;
use std::collections::BTreeSet;
use std::fmt::{Debug, Write};
use std::sync::{Arc, LazyLock, Mutex, Once, PoisonError, RwLock};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// What was found where it must not be.
#[derive(Default)]
pub struct Finds(Mutex<Vec<String>>);

impl Finds {
    pub fn all(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, find: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(find);
    }
}

/// Of the whole process.
static FOUND: LazyLock<Arc<Finds>> = LazyLock::new(Arc::default);
/// What a test wrote into the log on purpose.
static FOUND_ON_PURPOSE: LazyLock<Arc<Finds>> = LazyLock::new(Arc::default);
/// A line of the log that says so is there to be found.
pub const ON_PURPOSE: &str = "written on purpose, to be found";

/// Fails when anything was found so far, in whatever test.
pub fn nothing_was_found() {
    let found = FOUND.all();
    assert!(found.is_empty(), "{} things got out:\n{}", found.len(), found.join("\n"));
}

/// What was written into the log on purpose, as it was found.
pub fn found_on_purpose() -> Vec<String> {
    FOUND_ON_PURPOSE.all()
}

/// Looks once more when a world ends: a task may have logged after the last answer.
pub struct Watch;

impl Drop for Watch {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            nothing_was_found();
        }
    }
}

/// Ids of the kept record, 32 digits each.
static IDS: RwLock<BTreeSet<String>> = RwLock::new(BTreeSet::new());
/// Family names that tests gave to their people.
static FAMILIES: RwLock<BTreeSet<String>> = RwLock::new(BTreeSet::new());

/// What `draft()` says about everybody beside the family name, in lower case.
const EVERYBODYS: &[&str] = &[
    "maren",
    "1 test row",
    "ox1 1bx",
    "07700 900123",
    "meet at the office",
    "takes medication",
    "universal credit",
    "behind with the rent",
    "low for months",
    "signed form",
];

/// Whole values of the kept record that have no room for the mark.
pub const UNMARKED: &[&str] = &["1911-11-11", "87654321", "zk9 9zz", "2027-11-23"];

/// Takes down the ids of the kept record.
pub fn take_down_ids(ids: impl IntoIterator<Item = String>) {
    IDS.write().unwrap_or_else(PoisonError::into_inner).extend(ids);
}

/// Takes down the family name of somebody; very short ones are parts of words.
pub fn take_down_family(name: &str) {
    if name.len() > 3 {
        FAMILIES.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
    }
}

/// The first mark or whole value of the kept record in a text, if there is one.
fn marked(lower: &str) -> Option<String> {
    let marks = UNMARKED.iter().copied().chain([MARK.as_str()]);
    marks.into_iter().find(|m| lower.contains(m)).map(str::to_owned)
}

/// The first mark, value or id of the kept record in a text, if there is one.
fn kept(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    marked(&lower).or_else(|| {
        // As a global id has it, and as UUIDs are written elsewhere.
        let bare = lower.replace('-', "");
        let ids = IDS.read().unwrap_or_else(PoisonError::into_inner);
        ids.iter().find(|id| lower.contains(id.as_str()) || bare.contains(id.as_str())).cloned()
    })
}

/// What must not be in a line of the log.
fn unloggable(line: &str) -> Option<String> {
    let lower = line.to_lowercase();
    marked(&lower).or_else(|| EVERYBODYS.iter().find(|v| lower.contains(**v)).map(|v| (*v).to_owned())).or_else(
        || {
            let families = FAMILIES.read().unwrap_or_else(PoisonError::into_inner);
            families.iter().find(|name| line.contains(name.as_str())).cloned()
        },
    )
}

/// Decodes base64 of either alphabet as far as it goes.
fn base64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0u32, 0);
    for c in text.bytes() {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => break,
        };
        bits = (bits << 6 | u32::from(value)) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).expect("eight bits"));
        }
    }
    bytes
}

/// What is kept in a text, plainly or within something in base64, as a cursor may be.
fn kept_within(text: &str) -> Option<String> {
    let letters = |c: char| c.is_ascii_alphanumeric() || "+/-_".contains(c);
    kept(text).or_else(|| {
        let words = text.split(|c| !letters(c)).filter(|word| word.len() >= 12);
        words.into_iter().find_map(|word| {
            let bytes = base64(word);
            // An id may also be there as its sixteen bytes.
            let hex = bytes.iter().fold(String::new(), |mut hex, b| {
                let _ = write!(hex, "{b:02x}");
                hex
            });
            kept(&String::from_utf8_lossy(&bytes)).or_else(|| kept(&hex))
        })
    })
}

/// Looks through an answer; what is in it that must not be.
pub fn in_answer(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Option<String> {
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Some("a body that is encoded and cannot be looked through".to_owned());
    }
    let head = format!("{status:?} {headers:?}");
    kept_within(&head).or_else(|| kept_within(&String::from_utf8_lossy(body)))
}

/// Whether the keeper of the marked record asks, going by the token's own words.
fn the_keeper_asks(headers: &HeaderMap) -> bool {
    let token = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let said = base64(token.split('.').nth(1).unwrap_or_default());
    let said: serde_json::Value = serde_json::from_slice(&said).unwrap_or_default();
    said["org"] == KEEPER.global()
}

/// A router whose every answer is looked through, whoever sends the request and over whatever.
pub fn scanned(router: Router) -> Router {
    scanned_into(router, Arc::clone(&FOUND))
}

/// The same, with finds of its own.
pub fn scanned_into(router: Router, finds: Arc<Finds>) -> Router {
    router.layer(from_fn(move |request, next| scan(request, next, Arc::clone(&finds))))
}

async fn scan(request: Request, next: Next, finds: Arc<Finds>) -> Response {
    let exempt = the_keeper_asks(request.headers());
    let (parts, body) = next.run(request).await.into_parts();
    let body: Bytes = body.collect().await.expect("a whole body").to_bytes();
    if !exempt && let Some(what) = in_answer(parts.status, &parts.headers, &body) {
        finds.add(format!("{what} in an answer: {:?}\n{}", parts.headers, String::from_utf8_lossy(&body)));
    }
    Response::from_parts(parts, Body::from(body))
}

/// Looks through every line that is logged.
pub struct LogScan {
    finds: Arc<Finds>,
    on_purpose: Arc<Finds>,
}

impl LogScan {
    /// With finds of its own.
    pub fn into(finds: Arc<Finds>) -> Self {
        Self { on_purpose: Arc::clone(&finds), finds }
    }

    fn look(&self, metadata: &Metadata<'_>, record: impl FnOnce(&mut Line)) {
        let mut line = Line(format!("{} {}", metadata.target(), metadata.name()));
        record(&mut line);
        if let Some(what) = unloggable(&line.0) {
            let finds = if line.0.contains(ON_PURPOSE) { &self.on_purpose } else { &self.finds };
            finds.add(format!("{what} in the log: {}", line.0));
        }
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for LogScan {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        self.look(attributes.metadata(), |line| attributes.record(line));
    }

    fn on_record(&self, span: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(span) {
            self.look(span.metadata(), |line| values.record(line));
        }
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        self.look(event.metadata(), |line| event.record(line));
    }
}

/// What is looked at: all that this service says, and what its libraries say short of their innermost.
pub fn levels() -> Targets {
    Targets::new().with_default(Level::DEBUG).with_target("alliance", Level::TRACE)
}

/// Looks through the log of this process from now on.
pub fn the_log() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let scan = LogScan { finds: Arc::clone(&FOUND), on_purpose: Arc::clone(&FOUND_ON_PURPOSE) };
        let all = tracing_subscriber::registry().with(scan.with_filter(levels()));
        tracing::subscriber::set_global_default(all).expect("nobody else took the log");
    });
}
