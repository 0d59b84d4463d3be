//! A page of clients with the sections, referrals and cases asked for, in one statement: the ledger is tested once for all of them,
//! and every row and what opens it come from the same moment.
//!
//! Each part of the statement fills its own of some typed places: ids `u1`-`u6`, texts `t1`-`t8`, numbers `i1`-`i7`, truths `b1`, `b2`.

use super::access::{ReadScope, live_grants};
use super::client::{Entry, Slice, category_of_bit};
use super::fault::Fault;
use super::referral::{Referral, state_value};
use super::shared_case::{SharedCase, status_value};
use super::sql::{Columns, Sql, id, int};
use crate::domain::category::Categories;
use crate::domain::code::Coded;
use crate::domain::ids::ClientId;
use crate::domain::referral::{ReferralState, Urgency};
use crate::domain::shared_case::CaseStatus;
use crate::policy::disclosure::{Disclosure, LiveGrant};
use std::collections::HashMap;
use uuid::Uuid;

/// What comes along with a page of clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Along {
    /// The sections.
    pub sections: Categories,
    /// The newest referrals of each client: in which state, and how many at most.
    pub referrals: Option<(Option<ReferralState>, i64)>,
    /// The newest cases of each client.
    pub cases: Option<(Option<CaseStatus>, i64)>,
}

/// A page of clients, and what came along.
#[derive(Clone, Debug, Default)]
pub struct ClientPage {
    /// The clients, in the order of the page.
    pub clients: Vec<Disclosure>,
    /// The latest visible entries of the sections.
    pub entries: Vec<Entry>,
    /// Referrals, newest first.
    pub referrals: Vec<Referral>,
    /// Cases, newest first.
    pub cases: Vec<SharedCase>,
}

/// `$10` sections as bits; `$11` state, `$12` so many referrals; `$13` status, `$14` so many cases. `$page` brings the ids; `$referral`
/// and `$case` say whether a grant that opens the client reaches the document.
macro_rules! statement {
    ($page:expr, $scopes:expr, $told:expr, $bits:expr, $referral:expr, $case:expr) => {
        concat!(
            "WITH page AS (",
            $page,
            "), open AS (SELECT g.client_id, MAX(CASE WHEN g.restricted THEN 1 ELSE 0 END) = 1 AND @protected(g) AS protected, \
            @grants(g) AS grants, ",
            $scopes,
            " AS scopes, ",
            $told,
            " AS told FROM page p JOIN access_grant g ON g.client_id = p.client_id WHERE @live(g) GROUP BY g.client_id) \
            SELECT 0, c.client_id, CAST(NULL AS uuid), CAST(NULL AS uuid), CAST(NULL AS uuid), CAST(NULL AS uuid), \
            CAST(NULL AS uuid), CAST(NULL AS uuid), c.grants, CAST(NULL AS text), CAST(NULL AS text), CAST(NULL AS text), \
            CAST(NULL AS text), CAST(NULL AS text), CAST(NULL AS text), CAST(NULL AS text), CAST(NULL AS text), CAST(NULL AS bigint), \
            CAST(NULL AS bigint), CAST(NULL AS bigint), CAST(NULL AS bigint), CAST(NULL AS bigint), CAST(NULL AS bigint), \
            CAST(NULL AS bigint), c.protected, CAST(NULL AS boolean) FROM open c \
            UNION ALL \
            SELECT 1, e.client_id, e.id, e.owner_id, e.recorded_by, e.recorded_for, NULL, NULL, e.body, o.name, NULL, NULL, NULL, \
            NULL, NULL, NULL, NULL, e.category_bit, o.implied_categories, e.recorded_at, e.version, NULL, NULL, NULL, \
            e.reveals_location, e.third_party FROM (SELECT e.*, row_number() OVER (PARTITION BY e.client_id, e.category_bit \
            ORDER BY e.recorded_at DESC, e.id DESC) AS place FROM page p JOIN client_entry e ON e.client_id = p.client_id WHERE ",
            $bits,
            " AND EXISTS (SELECT 1 FROM access_grant g WHERE g.client_id = e.client_id AND g.opens_client AND @live(g) \
            AND @opens_entry(g, e)) AND NOT (e.reveals_location AND @protected(e))) e \
            JOIN organisation o ON o.id = e.recorded_for WHERE e.place = 1 \
            UNION ALL \
            SELECT 2, r.client_id, r.id, r.organisation_id, r.sent_by, r.case_id, NULL, NULL, o.name, r.state, r.urgency || ' ' || r.sent_urgency, r.ground, \
            r.outcome, r.outcome_text, r.next_step, r.refused_signposting, r.sender_reference, o.implied_categories, r.brought, r.created_at, \
            r.submitted_at, r.accepted_at, r.closed_at, r.version, r.private_sender, NULL FROM (SELECT r.*, \
            row_number() OVER (PARTITION BY r.client_id ORDER BY r.id DESC) AS place \
            FROM open c JOIN referral r ON r.client_id = c.client_id WHERE $12 > 0 AND ($11 = '' OR r.state = $11) AND ",
            $referral,
            ") r JOIN organisation o ON o.id = r.organisation_id WHERE r.place <= $12 \
            UNION ALL \
            SELECT 3, k.client_id, k.id, k.referral_id, k.previous_case_id, k.lead_organisation_id, k.lead_team_id, \
            k.lead_worker_id, o.name, t.name, w.name, k.stage, k.closure_kind, k.closure_reason, NULL, NULL, NULL, o.implied_categories, \
            k.opened_at, k.closed_at, k.version, NULL, NULL, NULL, NULL, NULL FROM (SELECT k.*, \
            row_number() OVER (PARTITION BY k.client_id ORDER BY k.id DESC) AS place \
            FROM open c JOIN shared_case k ON k.client_id = c.client_id WHERE $14 > 0 AND ($13 = '' \
            OR ($13 = 'OPEN' AND k.closed_at IS NULL) OR ($13 = 'CLOSED' AND k.closed_at IS NOT NULL)) AND ",
            $case,
            ") k JOIN organisation o ON o.id = k.lead_organisation_id JOIN team t ON t.id = k.lead_team_id \
            JOIN person w ON w.id = k.lead_worker_id WHERE k.place <= $14"
        )
    };
}
/// SQLite: ids as text, and looked for in the text, where no id would be found in any.
macro_rules! sqlite {
    ($after:literal, $order:literal) => {
        statement!(
            concat!(
                "SELECT DISTINCT g.client_id FROM access_grant g WHERE g.opens_client AND @live(g) AND g.client_id ",
                $after,
                " $8 ORDER BY g.client_id ",
                $order,
                " LIMIT $9"
            ),
            "group_concat(hex(g.scope_id)) FILTER (WHERE g.opens_client)",
            "group_concat(hex(g.scope_id)) FILTER (WHERE g.opens_client AND g.basis <> 'REFERRER')",
            "(e.category_bit & $10) <> 0",
            "(instr(CASE WHEN $11 <> '' AND r.private_sender THEN c.told ELSE c.scopes END, hex(r.id)) > 0 \
            OR instr(CASE WHEN $11 <> '' AND r.private_sender THEN c.told ELSE c.scopes END, hex(r.client_id)) > 0 \
            OR (r.case_id IS NOT NULL \
            AND instr(CASE WHEN $11 <> '' AND r.private_sender THEN c.told ELSE c.scopes END, hex(r.case_id)) > 0))",
            "(instr(c.scopes, hex(k.id)) > 0 OR instr(c.scopes, hex(k.client_id)) > 0 \
            OR instr(c.scopes, hex(k.lead_organisation_id)) > 0)"
        )
    };
}
/// PostgreSQL: ids as arrays, and every holder's grants read in order of client, only as far as the page needs.
macro_rules! postgres {
    ($after:literal, $order:literal) => {
        statement!(
            concat!(
                "SELECT DISTINCT f.client_id FROM unnest($2) AS h (id) CROSS JOIN LATERAL ( \
                SELECT DISTINCT g.client_id FROM access_grant g WHERE g.holder_id = h.id AND g.opens_client AND @live(g) \
                AND g.client_id ",
                $after,
                " $8 ORDER BY g.client_id ",
                $order,
                " LIMIT $9) f ORDER BY f.client_id ",
                $order,
                " LIMIT $9"
            ),
            "array_agg(g.scope_id) FILTER (WHERE g.opens_client)",
            "array_agg(g.scope_id) FILTER (WHERE g.opens_client AND g.basis <> 'REFERRER')",
            "e.category_bit = ANY($10)",
            "ARRAY[r.id, r.client_id, r.case_id] && CASE WHEN $11 <> '' AND r.private_sender THEN c.told ELSE c.scopes END",
            "ARRAY[k.id, k.client_id, k.lead_organisation_id] && c.scopes"
        )
    };
}
static FORWARDS: Sql = Sql::of_each(sqlite!(">", "ASC"), postgres!(">", "ASC"));
static BACKWARDS: Sql = Sql::of_each(sqlite!("<", "DESC"), postgres!("<", "DESC"));

/// Where each kind of place begins.
const IDS: usize = 2;
const TEXTS: usize = 8;
const NUMBERS: usize = 17;
const TRUTHS: usize = 24;

impl ReadScope<'_> {
    /// A page of the clients the viewer sees, in order of id, with what is to come along.
    pub async fn clients_with(&self, slice: Slice, along: Along) -> Result<ClientPage, Fault> {
        let edge = if slice.backwards { Uuid::max() } else { Uuid::nil() };
        let (referral_state, referrals) = along.referrals.unwrap_or_default();
        let (case_status, cases) = along.cases.unwrap_or_default();
        let values = vec![
            id(slice.key.unwrap_or(edge)),
            int(slice.limit),
            self.bits(along.sections),
            state_value(referral_state),
            int(referrals),
            status_value(case_status),
            int(cases),
        ];
        let sql = if slice.backwards { &BACKWARDS } else { &FORWARDS };
        let rows = self.rows(sql, values).await?;
        let mut page = ClientPage::default();
        let mut grants: HashMap<ClientId, Vec<LiveGrant>> = HashMap::new();
        for row in &rows {
            let mut c = Columns::of(row);
            if c.take::<i32>()? == 0 {
                let (client, protected) = (c.id()?, Columns::at(row, TRUTHS).take()?);
                let all = live_grants(&mut Columns::at(row, TEXTS), protected)?;
                let opening: Vec<_> = all.iter().filter(|g| g.opens_client).copied().collect();
                page.clients.push(Disclosure::new(client, opening));
                grants.insert(client, all);
            }
        }
        page.clients.sort_by_key(|d| d.client);
        if slice.backwards {
            page.clients.reverse();
        }
        let opened = |client: ClientId, by: &dyn Fn(&LiveGrant) -> bool| {
            let all = grants.get(&client).map(Vec::as_slice).unwrap_or_default();
            Disclosure::new(client, all.iter().filter(|g| by(g)).copied().collect())
        };
        for row in &rows {
            let mut c = Columns::of(row);
            let (part, client) = (c.take::<i32>()?, c.id()?);
            match part {
                1 => page.entries.push(entry(row, client)?),
                2 => page.referrals.push(referral(row, client, &opened)?),
                3 => page.cases.push(shared_case(row, client, &opened)?),
                _ => {}
            }
        }
        page.referrals.sort_by_key(|r| std::cmp::Reverse(r.id));
        page.cases.sort_by_key(|k| std::cmp::Reverse(k.id));
        Ok(page)
    }
}

/// The grants of a client that a document is opened by.
type Opened<'a> = &'a dyn Fn(ClientId, &dyn Fn(&LiveGrant) -> bool) -> Disclosure;

fn entry(row: &sea_orm::QueryResult, client: ClientId) -> Result<Entry, Fault> {
    let (mut u, mut t, mut i, mut b) = places(row);
    Ok(Entry {
        id: u.id()?,
        client,
        category: category_of_bit(i.take()?)?,
        section: serde_json::from_str(&t.take::<String>()?)?,
        owner: u.take()?,
        recorded_by: u.id()?,
        recorded_for: u.id()?,
        recorded_for_name: t.take()?,
        recorded_for_implies: i.categories()?,
        recorded_at: i.time()?,
        reveals_location: b.take()?,
        version: i.take()?,
        third_party: b.take()?,
    })
}

fn referral(row: &sea_orm::QueryResult, client: ClientId, opened: Opened<'_>) -> Result<Referral, Fault> {
    let (mut u, mut t, mut i, mut b) = places(row);
    let id: crate::domain::ids::ReferralId = u.id()?;
    let (organisation, sent_by) = (u.id()?, u.id()?);
    let case: Option<crate::domain::ids::CaseId> = u.id_or_none()?;
    let reached = [Some(id.0), Some(client.0), case.map(|k| k.0)];
    let (name, state, urgencies): (_, _, String) = (t.take()?, t.code()?, t.take()?);
    let (urgency, sent_urgency) = urgencies.split_once(' ').unwrap_or_default();
    let urgency_of = |code: &str| Urgency::from_code(code).ok_or_else(|| Fault::new("unknown code of Urgency"));
    Ok(Referral {
        id,
        client,
        organisation,
        organisation_name: name,
        organisation_implies: i.categories()?,
        sent_by,
        private_sender: b.take()?,
        state,
        urgency: urgency_of(urgency)?,
        sent_urgency: urgency_of(sent_urgency)?,
        brought: i.categories()?,
        ground: t.code_or_none()?,
        outcome: t.code_or_none()?,
        outcome_text: t.take()?,
        next_step: t.take()?,
        refused_signposting: t.take()?,
        sender_reference: t.take()?,
        case,
        created_at: i.time()?,
        submitted_at: i.time_or_none()?,
        accepted_at: i.time_or_none()?,
        closed_at: i.time_or_none()?,
        version: i.take()?,
        disclosure: opened(client, &|g| reached.contains(&Some(g.scope_id))),
    })
}

fn shared_case(row: &sea_orm::QueryResult, client: ClientId, opened: Opened<'_>) -> Result<SharedCase, Fault> {
    let (mut u, mut t, mut i, _) = places(row);
    let id: crate::domain::ids::CaseId = u.id()?;
    let (referral, previous) = (u.id_or_none()?, u.id_or_none()?);
    let lead_organisation: crate::domain::ids::OrganisationId = u.id()?;
    let reached = [id.0, client.0, lead_organisation.0];
    Ok(SharedCase {
        id,
        client,
        referral,
        previous,
        lead_organisation,
        lead_name: t.take()?,
        lead_implies: i.categories()?,
        lead_team: u.id()?,
        lead_team_name: t.take()?,
        lead_worker: u.id()?,
        lead_worker_name: t.take()?,
        stage: t.code()?,
        opened_at: i.time()?,
        closed_at: i.time_or_none()?,
        closure_kind: t.code_or_none()?,
        closure_reason: t.code_or_none()?,
        version: i.take()?,
        disclosure: opened(client, &|g| g.opens_client && reached.contains(&g.scope_id)),
    })
}

fn places(row: &sea_orm::QueryResult) -> (Columns<'_>, Columns<'_>, Columns<'_>, Columns<'_>) {
    (Columns::at(row, IDS), Columns::at(row, TEXTS), Columns::at(row, NUMBERS), Columns::at(row, TRUTHS))
}
