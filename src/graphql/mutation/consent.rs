//! Consents recorded and withdrawn.

use super::{Conventions, input, outcome, payload};
use crate::domain::category::Category;
use crate::domain::consent::{GivenBy, GivenHow, Purpose};
use crate::domain::ids::{ConsentId, TypedId};
use crate::graphql::consent::Consent;
use crate::graphql::failure::{ApiError, UserError};
use crate::graphql::scalars::DateTime;
use crate::graphql::{query, request};
use crate::service::consent as service;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

/// A consent to record (C3).
#[derive(InputObject)]
pub struct ConsentInput {
    /// Global ids of the organisations that receive.
    recipients: Option<Vec<ID>>,
    /// All partners of the Alliance listed today, one by one.
    #[graphql(default)]
    all_partners: bool,
    /// What for.
    purposes: Vec<Purpose>,
    /// Which categories; special ones are opened only when named here.
    categories: Vec<Category>,
    /// Who gave it.
    given_by: GivenBy,
    /// How.
    given_how: GivenHow,
    /// Global id of the recorded parent, attorney or deputy who gave it; needed where one did, but on a referral's draft.
    proxy_id: Option<ID>,
    /// Their name, on a referral's draft: they are recorded with it.
    proxy_name: Option<String>,
    /// Who decided in the person's best interests; needed with BEST_INTERESTS_DECISION, which stands in consent's place.
    decided_by: Option<String>,
    /// Why, and how it was found that the person cannot decide; needed with the same.
    decision_reason: Option<String>,
    /// Where the evidence is kept, or what was said.
    evidence: String,
    /// When; now when left out.
    given_at: Option<DateTime>,
    /// Until when: at most two years after it was given.
    expires_at: DateTime,
}

impl From<ConsentInput> for service::ConsentAsked {
    fn from(c: ConsentInput) -> Self {
        Self {
            all_partners: c.all_partners,
            recipients: c.recipients.unwrap_or_default().into_iter().map(|id| id.0).collect(),
            purposes: c.purposes,
            categories: c.categories,
            given_by: c.given_by,
            given_how: c.given_how,
            proxy: c.proxy_id.map(|id| id.0),
            proxy_name: c.proxy_name,
            decided_by: c.decided_by,
            decision_reason: c.decision_reason,
            evidence: c.evidence,
            given_at: c.given_at.map(|t| t.0),
            expires_at: c.expires_at.0,
        }
    }
}

input! { "A consent to record on a client." ConsentRecordInput {
    /// Global id of the client.
    client_id: ID,
    /// The consent.
    consent: ConsentInput,
} }
payload!(ConsentRecordPayload, consent: Consent, "consent");

input! { "What is withdrawn: everything the consent gives, to whom the viewer is told of, when neither recipients nor categories are named. Takes no version." ConsentWithdrawInput {
    /// Global id of the consent.
    consent_id: ID,
    /// Global ids of the recipients it is withdrawn from; when left out, all of whom the viewer is told.
    recipients: Option<Vec<ID>>,
    /// The categories that are withdrawn; all when left out.
    categories: Option<Vec<Category>>,
    /// Who withdrew it, and how. A withdrawal is not refused for the want of it.
    withdrawn_by: Option<String>,
} }

/// What became of a withdrawal. It is refused only where nothing that was named is there (C4).
#[derive(SimpleObject)]
pub struct ConsentWithdrawPayload {
    /// The consent, read again under today's rights; `null` on errors, when only validated, or when the viewer no longer sees it.
    consent: Option<Consent>,
    /// Those of the recipients given that are no organisation there is, or none that the viewer may withdraw it from: from all
    /// others it was withdrawn.
    unknown_recipients: Vec<ID>,
    /// Whether it was withdrawn from the viewer's own organisation alone, because they are not told to whom it was given: what the
    /// person wishes of the others is then to be told to the team that leads the case, or to the hub. `null` on errors and when the
    /// viewer did not see the consent when it was asked.
    from_own_organisation_alone: Option<bool>,
    /// What is wrong; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Consents.
#[derive(Default)]
pub struct ConsentMutations;

/// Consents.
#[Object]
impl ConsentMutations {
    /// Records a consent (C3). For who works with the client.
    async fn consent_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and what.")] input: ConsentRecordInput,
    ) -> Result<ConsentRecordPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let done = service::record(request, &asked, &input.client_id, &input.consent.into()).await;
        let read = async |id: ConsentId| query::consent(request, &id.global()).await;
        Ok(ConsentRecordPayload::of(outcome(done, read).await?))
    }

    /// Withdraws a consent, whole or in part. It always succeeds, and closes the recipients and categories under every
    /// consent from the next statement on (C4). The lead and the hub withdraw from anybody, who recorded it from those it names, and
    /// whoever else sees it from their own organisation: what concerns others they pass on.
    async fn consent_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What.")] input: ConsentWithdrawInput,
    ) -> Result<ConsentWithdrawPayload, ApiError> {
        let request = request(ctx);
        let asked = input.asked();
        let withdrawal = service::WithdrawalAsked {
            consent: input.consent_id.0,
            recipients: input.recipients.unwrap_or_default().into_iter().map(|id| id.0).collect(),
            categories: input.categories.unwrap_or_default(),
            withdrawn_by: input.withdrawn_by,
        };
        let own_alone = service::reaches_own_alone(request, &withdrawal).await?;
        let done = service::withdraw(request, &asked, &withdrawal).await;
        let read = async |id: ConsentId| query::consent(request, &id.global()).await;
        let (consent, user_errors) = outcome(done, read).await?;
        let unknown = service::unknown_recipients(request, &withdrawal.consent, &withdrawal.recipients).await?;
        let unknown_recipients = unknown.into_iter().map(ID).collect();
        let from_own_organisation_alone = own_alone.filter(|_| user_errors.is_empty());
        Ok(ConsentWithdrawPayload { consent, unknown_recipients, from_own_organisation_alone, user_errors })
    }
}
