//! Breaking the glass: overrides, and requests that led to no single record.

use super::client::{Client, linked_client};
use super::failure::ApiError;
use super::outward_disclosure::OutwardDisclosure;
use super::scalars::{Date, DateTime};
use super::siblings::Siblings;
use super::{OrganisationLink, organisation_link, request};
use crate::domain::category::Category;
use crate::domain::emergency::{OverrideStatus, Verdict};
use crate::domain::ids::{ClientId, OverrideId, OverrideRequestId, TypedId};
use crate::domain::referral::Ground;
use crate::persistence::emergency_read::{Override as Row, OverrideRequest as RequestRow};
use crate::policy::emergency::{may_cosign, may_end, may_review};
use crate::service::context::Context as Request;
use async_graphql::{Context, ID, Object, SimpleObject};
use std::sync::Arc;

/// An override: one person breaking the glass on one record, for some hours (C16). It is there for whoever asked while it lasts,
/// and for the safeguarding leads whose task it is (C2 OVERSIGHT). INVOLVEMENT (C1).
#[derive(Clone)]
pub struct Override {
    row: Arc<Row>,
    clients: Arc<Siblings<ClientId>>,
    siblings: Arc<Siblings<OverrideId>>,
}

impl Override {
    /// Overrides from what one statement brought; each is noted in the trace.
    pub fn group(request: &Request, found: Vec<Row>) -> Vec<Self> {
        let clients = Siblings::of(found.iter().map(|o| o.client).collect());
        let siblings = Siblings::of(found.iter().map(|o| o.id).collect());
        found
            .into_iter()
            .map(|row| {
                request.note_involvement(&row.disclosure);
                Self { row: Arc::new(row), clients: Arc::clone(&clients), siblings: Arc::clone(&siblings) }
            })
            .collect()
    }

    /// The override.
    pub fn key(&self) -> OverrideId {
        self.row.id
    }

    /// On whose record.
    pub fn client_key(&self) -> ClientId {
        self.row.client
    }

    fn link(&self, request: &Request) -> OrganisationLink {
        let o = &self.row;
        let open = o.disclosure.open_within(&[o.id.0]);
        let (name, implies) = (&o.organisation_name, o.organisation_implies);
        organisation_link(request, o.standing.asker.organisation, name, implies, open, false)
    }
}

/// What the viewer may do with an override, by the same predicates that the mutations enforce (C22).
#[derive(SimpleObject)]
pub struct OverrideAccess {
    /// Co-sign it. INVOLVEMENT (C1, C16, C22).
    can_cosign: bool,
    /// Review it. INVOLVEMENT (C1, C16, C22).
    can_review: bool,
    /// Give it back. INVOLVEMENT (C1, C16, C22).
    can_end: bool,
}

/// An override: one person breaking the glass on one record, for some hours (C16). It is there for whoever asked while it lasts,
/// and for the safeguarding leads whose task it is (C2 OVERSIGHT). INVOLVEMENT (C1).
#[Object]
impl Override {
    /// Global id. INVOLVEMENT (C1).
    pub async fn id(&self) -> ID {
        self.row.id.global().into()
    }

    /// Version, to change it by. INVOLVEMENT (C1).
    async fn version(&self) -> i64 {
        self.row.version
    }

    /// Where it stands. INVOLVEMENT (C1).
    async fn status(&self, ctx: &Context<'_>) -> OverrideStatus {
        self.row.standing.status(request(ctx).now())
    }

    /// On whose record, where the viewer sees the record: a lead sees this document and not the record. INVOLVEMENT (C1).
    async fn client(&self, ctx: &Context<'_>) -> Result<Option<Client>, ApiError> {
        linked_client(ctx, &self.clients, self.row.client).await
    }

    /// The categories asked for: their names, nothing of what is in them. INVOLVEMENT (C1).
    async fn categories(&self) -> Vec<Category> {
        self.row.categories.iter().collect()
    }

    /// The coded ground. INVOLVEMENT (C1).
    async fn ground(&self) -> Ground {
        self.row.ground
    }

    /// Why, in words. INVOLVEMENT (C1).
    async fn reason(&self) -> &str {
        &self.row.reason
    }

    /// For how many hours. INVOLVEMENT (C1).
    async fn hours(&self) -> i64 {
        self.row.hours
    }

    /// When it was asked for. INVOLVEMENT (C1).
    async fn asked_at(&self) -> DateTime {
        DateTime(self.row.asked_at)
    }

    /// The name of whoever asked, where the organisation may be named (C11). INVOLVEMENT (C1).
    async fn asked_by_name(&self, ctx: &Context<'_>) -> Option<&str> {
        self.link(request(ctx)).id.is_some().then_some(self.row.asker_name.as_str())
    }

    /// For which organisation they asked (C11). INVOLVEMENT (C1).
    async fn asked_for(&self, ctx: &Context<'_>) -> OrganisationLink {
        self.link(request(ctx))
    }

    /// When it opened. INVOLVEMENT (C1).
    async fn opened_at(&self) -> Option<DateTime> {
        self.row.standing.opened_at.map(DateTime)
    }

    /// Until when it is open, as planned. INVOLVEMENT (C1).
    async fn until(&self) -> Option<DateTime> {
        self.row.standing.until_at.map(DateTime)
    }

    /// When it was ended before that. INVOLVEMENT (C1).
    async fn ended_at(&self) -> Option<DateTime> {
        self.row.standing.ended_at.map(DateTime)
    }

    /// When it was co-signed. INVOLVEMENT (C1).
    async fn cosigned_at(&self) -> Option<DateTime> {
        self.row.cosigned_at.map(DateTime)
    }

    /// By when it is to be reviewed. INVOLVEMENT (C1).
    async fn review_due_at(&self) -> Option<DateTime> {
        self.row.review_due_at.map(DateTime)
    }

    /// When it was escalated, because nobody had reviewed it. INVOLVEMENT (C1).
    async fn escalated_at(&self) -> Option<DateTime> {
        self.row.escalated_at.map(DateTime)
    }

    /// When it was reviewed. INVOLVEMENT (C1).
    async fn reviewed_at(&self) -> Option<DateTime> {
        self.row.reviewed_at.map(DateTime)
    }

    /// What the review found. INVOLVEMENT (C1).
    async fn verdict(&self) -> Option<Verdict> {
        self.row.verdict
    }

    /// Why. INVOLVEMENT (C1).
    async fn review_reason(&self) -> Option<&str> {
        self.row.review_reason.as_deref()
    }

    /// What was told to somebody outside the system of what the override alone opened, newest first: for whoever asked while it lasts,
    /// and for those who review it. INVOLVEMENT (C1) and the categories that were told (C16, C17).
    async fn outward_disclosures(&self, ctx: &Context<'_>) -> Result<Vec<OutwardDisclosure>, ApiError> {
        let request = request(ctx);
        let siblings = &self.siblings;
        let all = siblings
            .load::<Vec<OutwardDisclosure>, _>("outward disclosures", async {
                let found = request.scope().outward_disclosures_under(&siblings.keys).await?;
                Ok(OutwardDisclosure::group(request, found))
            })
            .await?;
        Ok(all.iter().filter(|d| d.is_of(self.key())).cloned().collect())
    }

    /// What the viewer may do with it. INVOLVEMENT (C1, C22).
    async fn viewer_access(&self, ctx: &Context<'_>) -> OverrideAccess {
        let request = request(ctx);
        let (o, viewer, now) = (&self.row, &request.viewer, request.now());
        let by = o.cosigner(viewer);
        OverrideAccess {
            can_cosign: may_cosign(&o.standing, by, o.elsewhere, now).is_ok(),
            can_review: [Verdict::Justified, Verdict::NotJustified]
                .into_iter()
                .any(|v| may_review(&o.standing, viewer.person, by.is_lead, v, now).is_ok()),
            can_end: may_end(&o.standing, viewer.person, now),
        }
    }
}

/// A request for an override that led to no single record: whether there is none or several is told to nobody (C15, C16). It is
/// there for the safeguarding leads it was sent to, so that somebody rings back.
#[derive(Clone)]
pub struct OverrideRequest(Arc<RequestRow>);

impl OverrideRequest {
    /// From its row; it is noted in the trace.
    pub fn of(request: &Request, row: RequestRow) -> Self {
        request.note_document(row.id.global(), Category::Involvement);
        Self(Arc::new(row))
    }

    fn note(&self, ctx: &Context<'_>, category: Category) {
        request(ctx).note_document(self.0.id.global(), category);
    }

    /// The request.
    pub fn key(&self) -> OverrideRequestId {
        self.0.id
    }
}

/// A request for an override that led to no single record: whether there is none or several is told to nobody (C15, C16). It is
/// there for the safeguarding leads it was sent to, so that somebody rings back.
#[Object]
impl OverrideRequest {
    /// Global id. INVOLVEMENT (C1).
    pub async fn id(&self) -> ID {
        self.0.id.global().into()
    }

    /// Given names, as asked. NAME (C1).
    async fn given_name(&self, ctx: &Context<'_>) -> &str {
        self.note(ctx, Category::Name);
        &self.0.given
    }

    /// Family name, as asked. NAME (C1).
    async fn family_name(&self, ctx: &Context<'_>) -> &str {
        self.note(ctx, Category::Name);
        &self.0.family
    }

    /// Date of birth, as asked. BIRTH (C1).
    async fn date_of_birth(&self, ctx: &Context<'_>) -> Date {
        self.note(ctx, Category::Birth);
        Date(self.0.birth.clone())
    }

    /// The categories asked for. INVOLVEMENT (C1).
    async fn categories(&self) -> Vec<Category> {
        self.0.categories.iter().collect()
    }

    /// The coded ground. INVOLVEMENT (C1).
    async fn ground(&self) -> Ground {
        self.0.ground
    }

    /// Why, in words. INVOLVEMENT (C1).
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// When. INVOLVEMENT (C1).
    async fn asked_at(&self) -> DateTime {
        DateTime(self.0.asked_at)
    }

    /// The name of whoever asked. INVOLVEMENT (C1).
    async fn asked_by_name(&self) -> &str {
        &self.0.asker_name
    }

    /// The name of the organisation they asked for. INVOLVEMENT (C1).
    async fn asked_for_name(&self) -> &str {
        &self.0.organisation_name
    }
}
