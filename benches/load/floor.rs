//! The floor: what somebody would write by hand for exactly these two questions, with axum and sqlx and nothing else.
//!
//! It verifies tokens and keeps them as the API does, tests the same conditions in SQL (live grants of the viewer, the
//! membership they rest on, restrictions, protected contact), opens the same sections, withholds the same names of
//! organisations, and answers with the same bytes. It keeps no trace.

use alliance::domain::category::Categories;
use alliance::domain::clock::{Clock, SystemClock};
use alliance::domain::code::Coded;
use alliance::domain::ids::{CaseId, ClientId, OrganisationId, ReferralId, TypedId};
use alliance::domain::role::{Role, Roles};
use alliance::http::authentication::{AUDIENCE, DEVELOPMENT_ISSUER, TokenClaims};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, Uri, header};
use axum::routing::get;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use quick_cache::sync::Cache;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgRow};
use sea_orm::sqlx::{self, Row};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::Arc;
use uuid::Uuid;

/// The grant `g` is the viewer's, live, usable in a role, and no restriction stands before it: `$1` organisation, `$2`
/// holders, `$3` now, `$4` usable bases, `$5` and `$6` membership and version, `$7` person.
macro_rules! live {
    () => {
        "g.organisation_id = $1 AND g.holder_id = ANY($2) AND g.ended_at IS NULL \
        AND g.starts_at <= $3 AND g.until_at > $3 AND (g.basis_bit & $4) <> 0 \
        AND EXISTS (SELECT 1 FROM membership m WHERE m.id = $5 AND m.version = $6 AND m.ended_at IS NULL) \
        AND NOT EXISTS (SELECT 1 FROM restriction x WHERE x.client_id = g.client_id AND x.ended_at IS NULL AND ( \
        (x.kind = 'OBJECTION' AND (x.person_id = $7 OR (x.organisation_id = $1 \
        AND g.basis NOT IN ('OVERRIDE', 'LEGAL_GATEWAY', 'AUTHOR', 'REFERRER')))) \
        OR (x.kind = 'SEALED' AND NOT EXISTS (SELECT 1 FROM restriction_person y WHERE y.restriction_id = x.id \
        AND y.person_id = $7))))"
    };
}
/// The grant `g` opens the entry `e`, and the entry does not tell where somebody protected can be found.
macro_rules! opens {
    () => {
        "(g.categories & e.category_bit) <> 0 AND ((e.replaced_at IS NULL AND (g.scope_id = e.owner_id \
        OR g.scope IN ('CLIENT', 'REFERRAL', 'CASE'))) OR (g.scope = 'OWN_ITEMS' AND e.category_bit = 1 \
        AND e.recorded_at <= g.names_until AND (e.replaced_at IS NULL OR e.replaced_at > g.names_until))) \
        AND NOT (e.reveals_location AND EXISTS (SELECT 1 FROM restriction x WHERE x.client_id = e.client_id \
        AND x.ended_at IS NULL AND x.kind = 'PROTECTED_CONTACT' AND NOT EXISTS (SELECT 1 FROM restriction_person y \
        WHERE y.restriction_id = x.id AND y.person_id = $7)))"
    };
}

/// One row when the client is there for the viewer, none otherwise.
const POINT: &str = concat!(
    "WITH live AS MATERIALIZED (SELECT g.categories, g.scope, g.scope_id, g.names_until FROM access_grant g \
    WHERE g.client_id = $8 AND g.opens_client AND ",
    live!(),
    ") SELECT (SELECT e.body FROM client_entry e WHERE e.client_id = $8 AND e.category_bit = 1 \
    AND EXISTS (SELECT 1 FROM live g WHERE ",
    opens!(),
    ") ORDER BY e.recorded_at DESC, e.id DESC LIMIT 1), \
    (SELECT e.body FROM client_entry e WHERE e.client_id = $8 AND e.category_bit = 64 \
    AND EXISTS (SELECT 1 FROM live g WHERE ",
    opens!(),
    ") ORDER BY e.recorded_at DESC, e.id DESC LIMIT 1) WHERE EXISTS (SELECT 1 FROM live)"
);
/// The first clients the viewer sees, with their names. Every holder's grants are read in order of client, only as far as
/// the page needs.
const CLIENTS: &str = concat!(
    "WITH page AS (SELECT DISTINCT f.client_id FROM unnest($2) AS h (id) CROSS JOIN LATERAL ( \
    SELECT DISTINCT g.client_id FROM access_grant g WHERE g.holder_id = h.id AND g.opens_client AND ",
    live!(),
    " ORDER BY g.client_id LIMIT $8) f ORDER BY f.client_id LIMIT $8) \
    SELECT p.client_id, (SELECT e.body FROM client_entry e WHERE e.client_id = p.client_id AND e.category_bit = 1 \
    AND EXISTS (SELECT 1 FROM access_grant g WHERE g.client_id = e.client_id AND g.opens_client AND ",
    live!(),
    " AND ",
    opens!(),
    ") ORDER BY e.recorded_at DESC, e.id DESC LIMIT 1) FROM page p ORDER BY p.client_id"
);
/// The newest accepted referrals of each client. Who sees one only as its private sender is told of no state.
const REFERRALS: &str = concat!(
    "SELECT r.client_id, r.id, r.state, r.urgency FROM (SELECT r.client_id, r.id, r.state, r.urgency, \
    row_number() OVER (PARTITION BY r.client_id ORDER BY r.id DESC) AS place FROM referral r \
    WHERE r.client_id = ANY($8) AND r.state = 'ACCEPTED' AND EXISTS (SELECT 1 FROM access_grant g \
    WHERE g.client_id = r.client_id AND g.opens_client AND g.scope_id IN (r.id, r.client_id, r.case_id) \
    AND NOT (r.private_sender AND g.basis = 'REFERRER') AND ",
    live!(),
    ")) r WHERE r.place <= $9 ORDER BY r.id DESC"
);
/// The newest open cases of each client, with what is open to the viewer within each.
const CASES: &str = concat!(
    "SELECT k.client_id, k.id, k.stage, k.lead_organisation_id, o.name, o.implied_categories, w.name, k.open FROM ( \
    SELECT k.client_id, k.id, k.stage, k.lead_organisation_id, k.lead_worker_id, \
    bit_or(CASE WHEN g.scope_id = k.lead_organisation_id THEN 0 ELSE g.categories END) AS open, \
    row_number() OVER (PARTITION BY k.client_id ORDER BY k.id DESC) AS place FROM shared_case k \
    JOIN access_grant g ON g.client_id = k.client_id AND g.opens_client \
    AND g.scope_id IN (k.id, k.client_id, k.lead_organisation_id) \
    WHERE k.client_id = ANY($8) AND k.closed_at IS NULL AND ",
    live!(),
    " GROUP BY k.id) k JOIN organisation o ON o.id = k.lead_organisation_id JOIN person w ON w.id = k.lead_worker_id \
    WHERE k.place <= $9 ORDER BY k.id DESC"
);
const VIEWER: &str = "SELECT p.id, m.id, m.version, m.roles, t.id FROM identity i JOIN person p ON p.id = i.person_id \
    JOIN membership m ON m.person_id = p.id AND m.ended_at IS NULL \
    JOIN organisation o ON o.id = m.organisation_id AND o.status = 'ACTIVE' AND o.merged_into_id IS NULL \
    AND NOT o.is_category LEFT JOIN membership_team j ON j.membership_id = m.id \
    LEFT JOIN team t ON t.id = j.team_id AND t.organisation_id = m.organisation_id \
    WHERE i.issuer = $1 AND i.subject = $2 AND m.organisation_id = $3";

/// Who asks.
struct Viewer {
    person: Uuid,
    membership: Uuid,
    version: i64,
    organisation: Uuid,
    holders: Vec<Uuid>,
    bases: i64,
}

#[derive(Clone)]
struct Kept {
    viewer: Arc<Viewer>,
    read_at: i64,
    expires_at: i64,
}

struct Floor {
    pool: PgPool,
    key: DecodingKey,
    validation: Validation,
    kept: Cache<Box<str>, Kept>,
}

/// Why there is no answer.
enum Refused {
    Unauthenticated,
    Fault,
}

impl From<sqlx::Error> for Refused {
    fn from(_: sqlx::Error) -> Self {
        Self::Fault
    }
}

impl Floor {
    async fn viewer(&self, headers: &HeaderMap, now: i64) -> Result<Arc<Viewer>, Refused> {
        let given = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
        let token = given.and_then(|v| v.strip_prefix("Bearer ")).ok_or(Refused::Unauthenticated)?;
        if let Some(kept) = self.kept.get(token)
            && kept.expires_at > now
            && now - kept.read_at < 1_000_000
        {
            return Ok(kept.viewer);
        }
        let decoded = jsonwebtoken::decode::<TokenClaims>(token, &self.key, &self.validation);
        let claims = decoded.map_err(|_| Refused::Unauthenticated)?.claims;
        let organisation = OrganisationId::parse(&claims.org).ok_or(Refused::Unauthenticated)?.0;
        let query = sqlx::query(VIEWER).bind(&claims.iss).bind(&claims.sub).bind(organisation);
        let rows = query.fetch_all(&self.pool).await?;
        let first = rows.first().ok_or(Refused::Unauthenticated)?;
        let said: Roles = claims.roles.iter().filter_map(|r| Role::from_code(r)).collect();
        let person = first.try_get(0)?;
        let mut holders = vec![organisation, person];
        for row in &rows {
            holders.extend(row.try_get::<Option<Uuid>, _>(4)?);
        }
        let viewer = Arc::new(Viewer {
            person,
            membership: first.try_get(1)?,
            version: first.try_get(2)?,
            organisation,
            holders,
            bases: said.intersection(Roles::from_mask(first.try_get(3)?)).usable_bases(),
        });
        let kept = Kept { viewer: Arc::clone(&viewer), read_at: now, expires_at: claims.exp * 1_000_000 };
        self.kept.insert(token.into(), kept);
        Ok(viewer)
    }
}

/// The statement with the viewer's parameters.
macro_rules! asked {
    ($sql:expr, $v:expr, $now:expr) => {
        sqlx::query($sql)
            .bind($v.organisation)
            .bind(&$v.holders)
            .bind($now)
            .bind($v.bases)
            .bind($v.membership)
            .bind($v.version)
            .bind($v.person)
    };
}

#[derive(Deserialize)]
struct NameBody<'a> {
    #[serde(borrow)]
    given: Cow<'a, str>,
    #[serde(borrow)]
    family: Cow<'a, str>,
}

#[derive(Serialize)]
struct Name<'a> {
    given: Cow<'a, str>,
    family: Cow<'a, str>,
}

#[derive(Deserialize)]
struct HousingBody<'a> {
    #[serde(borrow)]
    tenure: Cow<'a, str>,
    arrears_pence: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Housing<'a> {
    tenure: Cow<'a, str>,
    arrears_pence: Option<i64>,
}

#[derive(Serialize)]
struct Data<T> {
    data: T,
}

#[derive(Serialize)]
struct Nodes<T> {
    nodes: Vec<T>,
}

#[derive(Serialize)]
struct PointData<'a> {
    client: Option<PointClient<'a>>,
}

#[derive(Serialize)]
struct PointClient<'a> {
    id: String,
    name: Option<Name<'a>>,
    housing: Option<Housing<'a>>,
}

#[derive(Serialize)]
struct PageData<'a> {
    clients: Nodes<Client<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Client<'a> {
    id: String,
    name: Option<Name<'a>>,
    referrals: Nodes<Referral<'a>>,
    shared_cases: Nodes<Case<'a>>,
}

#[derive(Serialize)]
struct Referral<'a> {
    id: String,
    state: &'a str,
    urgency: &'a str,
}

#[derive(Serialize)]
struct Case<'a> {
    id: String,
    stage: &'a str,
    lead: Lead<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Lead<'a> {
    organisation: Named<'a>,
    worker_name: Option<&'a str>,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
}

fn name(body: Option<&str>) -> Result<Option<Name<'_>>, Refused> {
    let Some(body) = body else { return Ok(None) };
    let read: NameBody<'_> = serde_json::from_str(body).map_err(|_| Refused::Fault)?;
    Ok(Some(Name { given: read.given, family: read.family }))
}

async fn point(floor: &Floor, headers: &HeaderMap, id: &str) -> Result<Vec<u8>, Refused> {
    let now = SystemClock.now().0;
    let viewer = floor.viewer(headers, now).await?;
    let client = ClientId::parse(id).unwrap_or(ClientId(Uuid::nil()));
    let found = asked!(POINT, viewer, now).bind(client.0).fetch_optional(&floor.pool).await?;
    let client = match &found {
        None => None,
        Some(row) => Some(PointClient {
            id: client.global(),
            name: name(row.try_get(0)?)?,
            housing: match row.try_get::<Option<&str>, _>(1)? {
                None => None,
                Some(body) => {
                    let read: HousingBody<'_> = serde_json::from_str(body).map_err(|_| Refused::Fault)?;
                    Some(Housing { tenure: read.tenure, arrears_pence: read.arrears_pence })
                }
            },
        }),
    };
    serde_json::to_vec(&Data { data: PointData { client } }).map_err(|_| Refused::Fault)
}

/// The rows of one client, in their order; rows are few, so they are looked through.
fn of(rows: &[PgRow], client: Uuid) -> impl Iterator<Item = &PgRow> {
    rows.iter().filter(move |row| row.try_get::<Uuid, _>(0).is_ok_and(|of| of == client))
}

fn referral(row: &PgRow) -> Result<Referral<'_>, Refused> {
    Ok(Referral { id: ReferralId(row.try_get(1)?).global(), state: row.try_get(2)?, urgency: row.try_get(3)? })
}

fn case<'a>(row: &'a PgRow, viewer: &Viewer) -> Result<Case<'a>, Refused> {
    let lead: Uuid = row.try_get(3)?;
    let open = Categories::from_mask(row.try_get(7)?);
    let named = lead == viewer.organisation || open.covers(Categories::from_mask(row.try_get(5)?));
    Ok(Case {
        id: CaseId(row.try_get(1)?).global(),
        stage: row.try_get(2)?,
        lead: Lead {
            organisation: Named { name: if named { row.try_get(4)? } else { "an organisation" } },
            worker_name: if named { row.try_get(6)? } else { None },
        },
    })
}

async fn page(floor: &Floor, headers: &HeaderMap, first: i64) -> Result<Vec<u8>, Refused> {
    let now = SystemClock.now().0;
    let viewer = floor.viewer(headers, now).await?;
    let clients = asked!(CLIENTS, viewer, now).bind(first).fetch_all(&floor.pool).await?;
    let ids = clients.iter().map(|row| row.try_get(0)).collect::<Result<Vec<Uuid>, _>>()?;
    let referrals = asked!(REFERRALS, viewer, now).bind(&ids).bind(5_i64).fetch_all(&floor.pool).await?;
    let cases = asked!(CASES, viewer, now).bind(&ids).bind(5_i64).fetch_all(&floor.pool).await?;
    let mut nodes = Vec::with_capacity(clients.len());
    for (row, id) in clients.iter().zip(ids) {
        nodes.push(Client {
            id: ClientId(id).global(),
            name: name(row.try_get(1)?)?,
            referrals: Nodes { nodes: of(&referrals, id).map(referral).collect::<Result<_, _>>()? },
            shared_cases: Nodes { nodes: of(&cases, id).map(|row| case(row, &viewer)).collect::<Result<_, _>>()? },
        });
    }
    serde_json::to_vec(&Data { data: PageData { clients: Nodes { nodes } } }).map_err(|_| Refused::Fault)
}

fn respond(answer: Result<Vec<u8>, Refused>) -> Response<Body> {
    let (status, body) = match answer {
        Ok(body) => (StatusCode::OK, body),
        Err(Refused::Unauthenticated) => (StatusCode::UNAUTHORIZED, Vec::new()),
        Err(Refused::Fault) => (StatusCode::INTERNAL_SERVER_ERROR, Vec::new()),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Serves until the process is ended.
pub async fn run(url: &str, key: &[u8], connections: u32) -> Result<(), String> {
    let options: PgConnectOptions = url.parse().map_err(|e: sqlx::Error| e.to_string())?;
    // What helps the API's connections helps these.
    let options =
        options.options([("plan_cache_mode", "force_generic_plan"), ("jit", "off"), ("random_page_cost", "1.1")]);
    let pool = PgPoolOptions::new().max_connections(connections).test_before_acquire(false);
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
    validation.set_issuer(&[DEVELOPMENT_ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.validate_nbf = true;
    validation.leeway = 0;
    let floor = Arc::new(Floor {
        pool: pool.connect_with(options).await.map_err(|e| e.to_string())?,
        key: DecodingKey::from_secret(key),
        validation,
        kept: Cache::new(10_000),
    });
    let router = Router::new()
        .route(
            "/clients/{id}",
            get(|State(floor): State<Arc<Floor>>, headers: HeaderMap, Path(id): Path<String>| async move {
                respond(point(&floor, &headers, &id).await)
            }),
        )
        .route(
            "/clients",
            get(|State(floor): State<Arc<Floor>>, headers: HeaderMap, uri: Uri| async move {
                let first = uri.query().and_then(|q| q.strip_prefix("first=")).and_then(|n| n.parse().ok());
                respond(page(&floor, &headers, first.unwrap_or(20)).await)
            }),
        )
        .with_state(floor);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.map_err(|e| e.to_string())?;
    println!("listening on http://{}", listener.local_addr().map_err(|e| e.to_string())?);
    axum::serve(listener, router).await.map_err(|e| e.to_string())
}
