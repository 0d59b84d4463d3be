//! Shared cases, their members and notes.

use super::client::{Client, linked_client};
use super::direct::Direct;
use super::failure::ApiError;
use super::pagination::{self, Page, connection};
use super::referral::Referral;
use super::scalars::DateTime;
use super::siblings::{Siblings, What};
use super::signpost::Signpost;
use super::{OrganisationLink, Redaction, organisation_link, request};
use crate::domain::basis::Basis;
use crate::domain::category::{Categories, Category};
use crate::domain::ids::{CaseId, ClientId, NoteId, ReferralId, TypedId};
use crate::domain::shared_case::{CaseStage, CaseStatus, ClosureKind, ClosureReason, NoteVisibility};
use crate::persistence::shared_case::{CaseMember as MemberRow, Note as NoteRow, SharedCase as Row};
use crate::policy::disclosure::Disclosure;
use crate::policy::writing;
use crate::service::context::Context as Request;
use async_graphql::{Context, ID, Object, SimpleObject};
use std::collections::HashMap;
use std::sync::Arc;

/// Cases that came in one statement.
pub struct CaseGroup {
    rows: Arc<Siblings<CaseId>>,
    clients: Arc<Siblings<ClientId>>,
    referrals: Arc<Siblings<ReferralId>>,
    previous: Arc<Siblings<CaseId>>,
}

/// A shared case: one episode of support, led by one agency, shared with teams of others under consent (C2 HOLDER, TEAM).
#[derive(Clone)]
pub struct SharedCase {
    row: Arc<Row>,
    group: Arc<CaseGroup>,
}

/// Who leads a case. INVOLVEMENT (C1), under C11.
#[derive(SimpleObject)]
pub struct CaseLead {
    /// The lead agency. INVOLVEMENT (C1), under C11.
    organisation: Direct<OrganisationLink>,
    /// The lead team's name, where the agency may be named. INVOLVEMENT (C1), under C11.
    team_name: Option<String>,
    /// The lead worker's name, where the agency may be named. INVOLVEMENT (C1), under C11.
    worker_name: Option<String>,
}

/// A team on the case. INVOLVEMENT (C1), under C11.
#[derive(SimpleObject)]
pub struct CaseMember {
    /// Global id. INVOLVEMENT (C1).
    id: ID,
    /// Its agency. INVOLVEMENT (C1), under C11.
    organisation: OrganisationLink,
    /// Its name, where the agency may be named. INVOLVEMENT (C1), under C11.
    team_name: Option<String>,
    /// What it does on the case, where the agency may be named. INVOLVEMENT (C1), under C11.
    role: Option<String>,
    /// Its sharing agreement: what it may see of the case, as far as consent covers it (C2 TEAM). For the lead and the team
    /// itself. INVOLVEMENT (C1).
    agreed: Option<Vec<Category>>,
    /// When it joined. INVOLVEMENT (C1).
    joined_at: DateTime,
    /// When it left. INVOLVEMENT (C1).
    left_at: Option<DateTime>,
    /// Version, to change it by. INVOLVEMENT (C1).
    version: i64,
}

/// What the viewer may do with the case, by the same predicates that the mutations enforce (C22).
#[derive(SimpleObject)]
pub struct CaseAccess {
    /// Record notes. INVOLVEMENT (C1, C22).
    can_record_notes: bool,
    /// Add and remove member teams. INVOLVEMENT (C1, C22).
    can_add_members: bool,
    /// Signpost on it. INVOLVEMENT (C1, C22).
    can_signpost: bool,
    /// Close it. INVOLVEMENT (C1, C22).
    can_close: bool,
    /// Start a new case after it. INVOLVEMENT (C1, C22).
    can_reenter: bool,
}

/// What the viewer may do with a note, by the same predicate that the mutation enforces (C22).
#[derive(SimpleObject)]
pub struct NoteAccess {
    /// Correct it. INVOLVEMENT (C1, C22).
    can_correct: bool,
}

/// A note of a case. It carries a set of categories, and all of them must be open to read it (C1).
#[derive(Clone)]
pub struct Note {
    row: Arc<NoteRow>,
    disclosure: Arc<Disclosure>,
    open: Categories,
}

impl Note {
    /// A note that opens through this disclosure, noted in the trace; nothing when it does not open.
    pub fn open(request: &Request, row: NoteRow, disclosure: &Arc<Disclosure>) -> Option<Self> {
        let grants = disclosure.opening(&row.facts());
        if grants.is_empty() {
            return None;
        }
        request.note(disclosure.client, row.categories, &grants);
        let open = disclosure.open_within(&[row.case.0]);
        Some(Self { row: Arc::new(row), disclosure: Arc::clone(disclosure), open })
    }
}

/// A note of a case. It carries a set of categories, and all of them must be open to read it (C1).
#[Object]
impl Note {
    /// Global id. The note's own categories (C1).
    pub async fn id(&self) -> ID {
        self.row.id.global().into()
    }

    /// Version, to correct it by. The note's own categories (C1).
    async fn version(&self) -> i64 {
        self.row.version
    }

    /// What it tells of. The note's own categories (C1).
    async fn categories(&self) -> Vec<Category> {
        self.row.categories.iter().collect()
    }

    /// Who of those with the categories may see it. The note's own categories (C1, C9, C10).
    async fn visibility(&self) -> NoteVisibility {
        self.row.visibility
    }

    /// What it says. The note's own categories (C1, C7, C9, C10): all of them must be open, CASE_NOTES among them.
    async fn text(&self) -> &str {
        &self.row.text
    }

    /// When it was recorded. The note's own categories (C1).
    async fn recorded_at(&self) -> DateTime {
        DateTime(self.row.recorded_at)
    }

    /// For which organisation. The note's own categories (C1), under C11.
    async fn recorded_for(&self, ctx: &Context<'_>) -> OrganisationLink {
        let n = &self.row;
        organisation_link(
            request(ctx),
            n.recorded_for,
            &n.recorded_for_name,
            n.recorded_for_implies,
            self.open,
            false,
        )
    }

    /// What the viewer may do. INVOLVEMENT (C1, C22).
    async fn viewer_access(&self, ctx: &Context<'_>) -> NoteAccess {
        let (viewer, n) = (&request(ctx).viewer, &self.row);
        NoteAccess { can_correct: writing::may_correct_note(viewer, &self.disclosure, n.owner, n.recorded_by) }
    }
}

connection!(
    NoteConnection "A page of notes.",
    NoteEdge "One of a page of notes, with its cursor.",
    Note,
    |n| n.row.id.global()
);

impl SharedCase {
    /// Cases from what one statement brought; each is noted in the trace.
    pub fn group(request: &Request, found: Vec<Row>) -> Vec<Self> {
        let mut clients: Vec<_> = found.iter().map(|k| k.client).collect();
        clients.sort();
        clients.dedup();
        let group = Arc::new(CaseGroup {
            rows: Siblings::of(found.iter().map(|k| k.id).collect()),
            clients: Siblings::of(clients),
            referrals: Siblings::of(found.iter().filter_map(|k| k.referral).collect()),
            previous: Siblings::of(found.iter().filter_map(|k| k.previous).collect()),
        });
        found
            .into_iter()
            .map(|row| {
                request.note_involvement(&row.disclosure);
                Self { row: Arc::new(row), group: Arc::clone(&group) }
            })
            .collect()
    }

    /// The case.
    pub fn key(&self) -> CaseId {
        self.row.id
    }

    /// Whom it supports.
    pub fn client_key(&self) -> ClientId {
        self.row.client
    }

    fn open(&self) -> Categories {
        self.row.disclosure.open_within(&self.row.documents())
    }
}

/// A shared case: one episode of support, led by one agency, shared with teams of others under consent (C2 HOLDER, TEAM).
#[Object]
impl SharedCase {
    /// Global id. INVOLVEMENT (C1).
    pub async fn id(&self) -> ID {
        self.row.id.global().into()
    }

    /// Version, to change it by. INVOLVEMENT (C1).
    async fn version(&self) -> i64 {
        self.row.version
    }

    /// Whether it is open. INVOLVEMENT (C1).
    async fn status(&self) -> CaseStatus {
        if self.row.closed_at.is_some() { CaseStatus::Closed } else { CaseStatus::Open }
    }

    /// Where the support stands. INVOLVEMENT (C1).
    async fn stage(&self) -> CaseStage {
        self.row.stage
    }

    /// When it opened. INVOLVEMENT (C1).
    async fn opened_at(&self) -> DateTime {
        DateTime(self.row.opened_at)
    }

    /// When it closed. INVOLVEMENT (C1).
    async fn closed_at(&self) -> Option<DateTime> {
        self.row.closed_at.map(DateTime)
    }

    /// How it ended. INVOLVEMENT (C1).
    async fn closure_kind(&self) -> Option<ClosureKind> {
        self.row.closure_kind
    }

    /// Why it ended. INVOLVEMENT (C1), under C11: `null` where the reason implies a category that is not open; the lead agency reads
    /// what it recorded.
    async fn closure_reason(&self, ctx: &Context<'_>) -> Option<ClosureReason> {
        let own = self.row.lead_organisation == request(ctx).viewer.organisation;
        let open = self.open();
        self.row.closure_reason.filter(|reason| own || open.covers(reason.implies()))
    }

    /// Who leads it. INVOLVEMENT (C1), under C11.
    async fn lead(&self, ctx: &Context<'_>) -> Direct<CaseLead> {
        let k = &self.row;
        let organisation =
            organisation_link(request(ctx), k.lead_organisation, &k.lead_name, k.lead_implies, self.open(), false);
        let named = organisation.id.is_some();
        Direct(CaseLead {
            organisation: Direct(organisation),
            team_name: named.then(|| k.lead_team_name.clone()),
            worker_name: named.then(|| k.lead_worker_name.clone()),
        })
    }

    /// The client, for who sees the record. INVOLVEMENT (C1).
    async fn client(&self, ctx: &Context<'_>) -> Result<Option<Client>, ApiError> {
        linked_client(ctx, &self.group.clients, self.row.client).await
    }

    /// The referral it grew from, for who sees it. INVOLVEMENT (C1).
    async fn referral(&self, ctx: &Context<'_>) -> Result<Option<Referral>, ApiError> {
        let Some(of) = self.row.referral else { return Ok(None) };
        let request = request(ctx);
        let referrals = &self.group.referrals;
        let all = referrals
            .load::<Vec<Referral>, _>("referrals", async {
                Ok(Referral::group(request, request.scope().referrals_by_id(&referrals.keys).await?))
            })
            .await?;
        Ok(all.iter().find(|r| r.key() == of).cloned())
    }

    /// The case before it, when the person came back, for who sees it. INVOLVEMENT (C1).
    async fn previous_case(&self, ctx: &Context<'_>) -> Result<Option<SharedCase>, ApiError> {
        let Some(of) = self.row.previous else { return Ok(None) };
        let request = request(ctx);
        let previous = &self.group.previous;
        let all = previous
            .load::<Vec<SharedCase>, _>("cases", async {
                Ok(SharedCase::group(request, request.scope().cases_by_id(&previous.keys).await?))
            })
            .await?;
        Ok(all.iter().find(|k| k.key() == of).cloned())
    }

    /// Member teams, past ones too. INVOLVEMENT (C1), under C11.
    async fn members(&self, ctx: &Context<'_>) -> Result<Vec<CaseMember>, ApiError> {
        let request = request(ctx);
        let rows = &self.group.rows;
        let all = rows
            .load::<Vec<MemberRow>, _>("members", async { Ok(request.scope().members(&rows.keys).await?) })
            .await?;
        let open = self.open();
        let leads = self.row.disclosure.has(Basis::Holder);
        Ok(all
            .iter()
            .filter(|m| m.case == self.row.id)
            .map(|m| {
                let organisation = organisation_link(
                    request,
                    m.organisation,
                    &m.organisation_name,
                    m.organisation_implies,
                    open,
                    false,
                );
                let named = organisation.id.is_some();
                let own = request.viewer.in_team(m.team);
                CaseMember {
                    id: m.id.global().into(),
                    organisation,
                    team_name: named.then(|| m.team_name.clone()),
                    role: named.then(|| m.role.clone()),
                    agreed: (leads || own).then(|| m.agreed.iter().collect()),
                    joined_at: DateTime(m.joined_at),
                    left_at: m.left_at.map(DateTime),
                    version: m.version,
                }
            })
            .collect())
    }

    /// Notes that the viewer may read, newest first. CASE_NOTES (C1, C7, C9, C10), and what else each note tells of.
    #[graphql(complexity = "pagination::cost(first, None) * child_complexity + 1")]
    async fn notes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
    ) -> Result<NoteConnection, ApiError> {
        let request = request(ctx);
        let slice = pagination::Asked { first, after, ..pagination::Asked::default() }.slice::<NoteId>()?;
        let rows = &self.group.rows;
        let all = rows
            .load::<Vec<NoteRow>, _>(What::page("notes", None::<i64>, slice), async {
                Ok(request.scope().notes(&rows.keys, slice).await?)
            })
            .await?;
        let total = if ctx.look_ahead().field("totalCount").exists() {
            let counts = rows
                .load::<HashMap<CaseId, i64>, _>("count notes", async {
                    Ok(request.scope().count_notes(&rows.keys).await?.into_iter().collect())
                })
                .await?;
            Some(counts.get(&self.row.id).copied().unwrap_or(0))
        } else {
            None
        };
        let disclosure = self.all_grants(ctx).await?;
        let mine = all.iter().filter(|n| n.case == self.row.id).cloned().collect();
        // The page is cut before anything is opened: what is not shown is not traced as shown.
        let page = Page::of(mine, slice, total);
        let open = |row| Note::open(request, row, &disclosure);
        Ok(NoteConnection(page.open(|rows| rows.into_iter().filter_map(open).collect())))
    }

    /// Signposts on it. INVOLVEMENT (C1).
    async fn signposts(&self, ctx: &Context<'_>) -> Result<Vec<Signpost>, ApiError> {
        let request = request(ctx);
        let rows = &self.group.rows;
        let all = rows
            .load::<Vec<Signpost>, _>("signposts", async {
                Ok(Signpost::group(request, request.scope().signposts_of_cases(&rows.keys).await?))
            })
            .await?;
        Ok(all.iter().filter(|s| s.case_key() == Some(self.row.id)).cloned().collect())
    }

    /// The categories withheld from the viewer on this case, each with a reason and a remedy. INVOLVEMENT (C1, C12).
    async fn redactions(&self) -> Vec<Redaction> {
        self.row.disclosure.redactions_within(&self.row.documents()).into_iter().map(Redaction::from).collect()
    }

    /// What the viewer may do. INVOLVEMENT (C1, C22).
    async fn viewer_access(&self, ctx: &Context<'_>) -> Result<CaseAccess, ApiError> {
        let request = request(ctx);
        let (viewer, rows) = (&request.viewer, &self.group.rows);
        let open = self.row.closed_at.is_none();
        let (d, team) = (&self.row.disclosure, self.row.lead_team);
        // Asked for all cases of the page, whoever leads them: the number of statements tells nothing.
        let can_reenter = if ctx.look_ahead().field("canReenter").exists() {
            let last = rows
                .load::<Vec<CaseId>, _>("followed", async { Ok(request.scope().may_be_followed(&rows.keys).await?) })
                .await?;
            writing::may_reenter(viewer, team) && last.contains(&self.row.id)
        } else {
            false
        };
        Ok(CaseAccess {
            can_record_notes: open && writing::may_record_notes(viewer, &self.row.disclosure),
            can_add_members: open && writing::may_lead(viewer, d, team),
            // A referral or a case may be signposted on after it closed, while its grants last.
            can_signpost: writing::may_signpost(viewer, &self.row.disclosure),
            can_close: open && writing::may_close(viewer, d, team, false),
            can_reenter,
        })
    }
}

impl SharedCase {
    /// All grants of the viewer on the case's client: a note may open through its author's own items as well as through the
    /// case.
    async fn all_grants(&self, ctx: &Context<'_>) -> Result<Arc<Disclosure>, ApiError> {
        let request = request(ctx);
        let clients = &self.group.clients;
        let all = clients
            .load::<HashMap<ClientId, Arc<Disclosure>>, _>("grants", async {
                let found = request.scope().clients_by_id(&clients.keys).await?;
                Ok(found.into_iter().map(|d| (d.client, Arc::new(d))).collect())
            })
            .await?;
        let none = || Arc::new(Disclosure::new(self.row.client, Vec::new()));
        Ok(all.get(&self.row.client).cloned().unwrap_or_else(none))
    }
}

connection!(
    SharedCaseConnection "A page of shared cases.",
    SharedCaseEdge "One of a page of shared cases, with its cursor.",
    SharedCase,
    |k| k.key().global()
);
