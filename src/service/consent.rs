//! Consents recorded and withdrawn (C3, C4).

use super::context::{Context, Failure};
use super::merge::must_stand;
use super::unit::{Done, Unit, begin};
use crate::domain::category::{Categories, Category};
use crate::domain::clock::Timestamp;
use crate::domain::consent::{
    BestInterests, GivenBy, GivenHow, GivingProxy, LONGEST_DAYS, NewConsent, Purpose, Purposes,
};
use crate::domain::failure::{Problems, UserError, UserErrorCode};
use crate::domain::ids::{CaseId, ClientId, ConsentId, OrganisationId, ProxyId, TypedId};
use crate::domain::inbox::InboxKind;
use crate::domain::mutation::Asked;
use crate::domain::proxy::ProxyKind;
use crate::domain::role::Role;
use crate::domain::text;
use crate::persistence::consent::Consent;
use crate::persistence::inbox::{self, NewInboxItem};
use crate::persistence::organisation::Organisation;
use crate::persistence::write::{self, ConsentPlace};
use crate::persistence::{ledger, merge, organisation, person, shared_case};
use crate::policy::coverage::{covered_at, covering};
use crate::policy::{lives, writing};

/// A consent as it is asked to be recorded; ids still as they came.
#[derive(Clone, Debug)]
pub struct ConsentAsked {
    /// All partners listed today.
    pub all_partners: bool,
    /// Named organisations.
    pub recipients: Vec<String>,
    /// What for.
    pub purposes: Vec<Purpose>,
    /// Which categories.
    pub categories: Vec<Category>,
    /// Who gave it.
    pub given_by: GivenBy,
    /// How.
    pub given_how: GivenHow,
    /// The recorded proxy who gave it, by global id.
    pub proxy: Option<String>,
    /// The name of the proxy who gave it, on a draft.
    pub proxy_name: Option<String>,
    /// Who decided in the person's best interests.
    pub decided_by: Option<String>,
    /// Why.
    pub decision_reason: Option<String>,
    /// Evidence.
    pub evidence: String,
    /// When; now when left out.
    pub given_at: Option<Timestamp>,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Who decided in place of consent, given exactly with a best-interests decision (C3).
fn decision(
    asked: &ConsentAsked,
    at: &(impl Fn(&str) -> String + Sync),
    problems: &mut Problems,
) -> Option<BestInterests> {
    let decided = asked.given_by == GivenBy::BestInterestsDecision;
    let mut wrong = |field: &str, words: &str| problems.add(UserError::at(UserErrorCode::Invalid, &at(field), words));
    if decided != (asked.given_how == GivenHow::BestInterests) {
        wrong("givenHow", "BEST_INTERESTS goes with BEST_INTERESTS_DECISION, and with nothing else.");
    }
    for (field, given) in [("decidedBy", &asked.decided_by), ("decisionReason", &asked.decision_reason)] {
        match (decided, given) {
            (true, None) => wrong(field, "A best-interests decision says who decided, and why."),
            (false, Some(_)) => wrong(field, "Goes with a best-interests decision only."),
            _ => {}
        }
    }
    let decided_by = problems.optional(&at("decidedBy"), asked.decided_by.as_deref(), text::NAME);
    let reason = problems.optional(&at("decisionReason"), asked.decision_reason.as_deref(), text::FREE);
    decided_by.zip(reason).map(|(decided_by, reason)| BestInterests { decided_by, reason })
}

/// The parent, attorney or deputy who gave a consent: one on the client's record who may act now and could when it was given;
/// on a draft, which opens the record, their name (C3, C24).
async fn proxy(
    unit: &Unit<'_>,
    asked: &ConsentAsked,
    client: Option<ClientId>,
    at: &(impl Fn(&str) -> String + Sync),
    problems: &mut Problems,
) -> Result<Option<GivingProxy>, Failure> {
    let mut wrong = |code, field: &str, words: &str| problems.add(UserError::at(code, &at(field), words));
    let Some(kind) = ProxyKind::giving(asked.given_by) else {
        if asked.proxy.is_some() || asked.proxy_name.is_some() {
            wrong(UserErrorCode::Invalid, "proxyId", "A parent, an attorney or a deputy is a proxy, nobody else.");
        }
        return Ok(None);
    };
    let Some(client) = client else {
        if asked.proxy.is_some() || asked.proxy_name.is_none() {
            wrong(UserErrorCode::Invalid, "proxyName", "Name who gave it: the record opens with this draft.");
        }
        let name = problems.optional(&at("proxyName"), asked.proxy_name.as_deref(), text::NAME);
        return Ok(name.map(GivingProxy::Named));
    };
    if asked.proxy_name.is_some() || asked.proxy.is_none() {
        wrong(UserErrorCode::Invalid, "proxyId", "Say which recorded proxy gave it.");
        return Ok(None);
    }
    let given = asked.proxy.as_deref().and_then(ProxyId::parse).unwrap_or(ProxyId(uuid::Uuid::nil()));
    let found = unit.scope().proxy(given).await?.filter(|p| p.client == client);
    let competent =
        unit.scope().competence_of(&[client]).await?.iter().map(|c| c.facts).min_by_key(|c| c.assessed_at);
    let Some(found) = found else {
        unit.ctx().note_nothing_found(asked.proxy.as_deref().unwrap_or_default());
        problems.add(UserError::not_found(&at("proxyId")));
        return Ok(None);
    };
    unit.ctx().note_involvement(&found.disclosure);
    let now = unit.by.at;
    if found.facts.kind != kind {
        wrong(UserErrorCode::Invalid, "givenBy", "The proxy is recorded as another kind.");
    } else if ![now, asked.given_at.unwrap_or(now)].iter().all(|t| lives::may_act(&found.facts, competent, *t)) {
        wrong(UserErrorCode::ProxyCannotAct, "proxyId", "This proxy does not act for the person, or did not then.");
    }
    Ok(Some(GivingProxy::Recorded(found.id)))
}

/// Checks a consent's form and spells out its recipients; `path` is the input field it came in. Without a client it is one of a
/// draft.
pub(super) async fn checked(
    unit: &Unit<'_>,
    asked: &ConsentAsked,
    client: Option<ClientId>,
    path: &str,
) -> Result<NewConsent, Failure> {
    let at = |field: &str| if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") };
    let mut problems = Problems::default();
    let evidence = problems.text(&at("evidence"), &asked.evidence, text::FREE);
    let now = unit.by.at;
    let given_at = asked.given_at.unwrap_or(now);
    if given_at > now {
        problems.add(UserError::at(UserErrorCode::Invalid, &at("givenAt"), "Lies in the future."));
    }
    if asked.expires_at <= given_at || asked.expires_at <= now {
        problems.add(UserError::at(
            UserErrorCode::Invalid,
            &at("expiresAt"),
            "Must lie after the giving, and after now.",
        ));
    } else if asked.expires_at > given_at.plus_days(LONGEST_DAYS) {
        problems.add(UserError::at(
            UserErrorCode::ConsentTooLong,
            &at("expiresAt"),
            "A consent lasts at most two years.",
        ));
    }
    if asked.purposes.is_empty() {
        problems.add(UserError::at(UserErrorCode::Invalid, &at("purposes"), "Name at least one purpose."));
    }
    if asked.categories.is_empty() {
        problems.add(UserError::at(UserErrorCode::Invalid, &at("categories"), "Name at least one category."));
    }
    let mut recipients = Vec::new();
    for given in &asked.recipients {
        let known = match OrganisationId::parse(given) {
            Some(id) => organisation::one(unit.tx(), id).await?,
            None => None,
        };
        match known {
            None => problems.add(UserError::not_found(&at("recipients"))),
            Some(o) if o.is_category => problems.add(UserError::at(
                UserErrorCode::Invalid,
                &at("recipients"),
                "A category of organisations cannot receive anything: name the organisation.",
            )),
            Some(o) => match must_stand(unit, &o, &at("recipients"), UserErrorCode::Invalid).await {
                Err(Failure::User(told)) => told.into_iter().for_each(|e| problems.add(e)),
                Err(other) => return Err(other),
                Ok(()) => recipients.push(o.id),
            },
        }
    }
    if asked.all_partners {
        recipients.extend(organisation::partners(unit.tx()).await?);
    }
    if asked.recipients.is_empty() && !asked.all_partners {
        problems.add(UserError::at(
            UserErrorCode::ConsentWithoutRecipients,
            &at("recipients"),
            "Name at least one organisation, or all partners.",
        ));
    }
    let decision = decision(asked, &at, &mut problems);
    let proxy = proxy(unit, asked, client, &at, &mut problems).await?;
    problems.done()?;
    recipients.sort();
    recipients.dedup();
    Ok(NewConsent {
        all_partners: asked.all_partners,
        recipients,
        purposes: asked.purposes.iter().copied().collect::<Purposes>(),
        categories: asked.categories.iter().copied().collect(),
        given_by: asked.given_by,
        proxy,
        decision,
        given_how: asked.given_how,
        evidence,
        given_at,
        expires_at: asked.expires_at,
    })
}

/// Records a consent.
pub async fn record(
    ctx: &Context,
    asked: &Asked,
    client: &str,
    consent: &ConsentAsked,
) -> Result<Done<ConsentId>, Failure> {
    ctx.require(&[Role::SupportWorker, Role::TeamManager, Role::HubCoordinator])?;
    let mut unit: Unit<'_> = begin!(ctx, "consentRecord", asked);
    let (client, disclosure) = super::client::visible(&unit, client, "clientId").await?;
    if !writing::may_record_consent(&ctx.viewer, &disclosure) {
        return Err(Failure::user(
            UserErrorCode::NotAllowed,
            "clientId",
            "Recording consent is for those who work with the person.",
        ));
    }
    // After whatever was withdrawn while this waited for the lock.
    unit.by.at = ctx.now();
    let new = checked(&unit, consent, Some(client), "consent").await?;
    let works_for = person::organisations_of(unit.tx(), ctx.viewer.person).await?;
    let beyond = writing::beyond_own_recording(&ctx.viewer, &disclosure, &works_for, &new.recipients, new.categories);
    if !beyond.is_empty() {
        return Err(Failure::user(
            UserErrorCode::NotAllowed,
            "consent.categories",
            "A consent that opens more to an agency you work for is recorded by the team that leads the case, or by the hub.",
        ));
    }
    let id = ConsentId(ctx.app.random.uuid_timed(unit.by.at));
    let owner = writing::owner(&ctx.viewer, &disclosure);
    let place = ConsentPlace { client, referral: None, proxy: recorded(&new), owner };
    write::consent(unit.tx(), id, place, &new, unit.by).await?;
    unit.touch(client, Categories::of(&[Category::Involvement]));
    unit.finish("consent.recorded", id).await
}

/// The proxy on the record who gives a consent.
pub(super) fn recorded(new: &NewConsent) -> Option<ProxyId> {
    match new.proxy {
        Some(GivingProxy::Recorded(id)) => Some(id),
        _ => None,
    }
}

/// What is withdrawn: everything the consent gives, when nothing is named.
#[derive(Clone, Debug)]
pub struct WithdrawalAsked {
    /// The consent.
    pub consent: String,
    /// From whom; from all its recipients of whom the viewer is told when empty.
    pub recipients: Vec<String>,
    /// Which categories; all when empty.
    pub categories: Vec<Category>,
    /// Who withdrew it, in words.
    pub withdrawn_by: Option<String>,
}

/// Who withdrew, as far as it can be kept: words that are missing, too long or unreadable refuse no withdrawal (C4).
fn kept(words: Option<&str>) -> String {
    let readable: String = words.unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
    let kept: String = readable.trim().chars().take(text::LINE).collect();
    if kept.is_empty() { "Not said.".to_owned() } else { kept }
}

/// Whether somebody may pass on that a consent is withdrawn from an organisation. The lead and the hub: from any there is, for they
/// honour it whoever it was given to. Who recorded it: from those it names, whom they named themselves (C4). All who see it: from their own.
fn may_withdraw_from(
    consent: Option<&Consent>,
    own: OrganisationId,
    named: &[OrganisationId],
    to: &Organisation,
) -> bool {
    to.id == own || consent.is_some_and(|c| c.honours() || (c.wrote() && named.contains(&to.id)))
}

/// Those of the recipients given that are no organisation there is, or none from which the viewer may withdraw.
pub async fn unknown_recipients(ctx: &Context, consent: &str, given: &[String]) -> Result<Vec<String>, Failure> {
    let ids: Vec<_> = given.iter().filter_map(|g| OrganisationId::parse(g)).collect();
    if given.is_empty() {
        return Ok(Vec::new());
    }
    let consent = ConsentId::parse(consent).unwrap_or(ConsentId(uuid::Uuid::nil()));
    let seen = ctx.scope().consent(consent).await?;
    let named: Vec<_> = ctx.scope().recipients(&[consent]).await?.iter().map(|r| r.organisation).collect();
    let may = |o: &Organisation| may_withdraw_from(seen.as_ref(), ctx.viewer.organisation, &named, o);
    let known: Vec<_> =
        organisation::by_id(&ctx.app.database, &ids).await?.into_iter().filter(may).map(|o| o.id).collect();
    let unknown = |g: &&String| OrganisationId::parse(g).is_none_or(|id| !known.contains(&id));
    Ok(given.iter().filter(unknown).cloned().collect())
}

/// Whether a withdrawal that names nobody reaches no further than the viewer's own organisation, because they are not told to whom the
/// consent was given; nothing where they do not see the consent.
pub async fn reaches_own_alone(ctx: &Context, w: &WithdrawalAsked) -> Result<Option<bool>, Failure> {
    let consent = ConsentId::parse(&w.consent).unwrap_or(ConsentId(uuid::Uuid::nil()));
    let seen = ctx.scope().consent(consent).await?;
    Ok(seen.map(|c| w.recipients.is_empty() && !c.tells_all()))
}

/// Withdraws. Takes no version and depends on nothing but that the consent is seen: it always succeeds (C4). An id that is no
/// organisation's hinders no other's withdrawal; where all that are named are none, there is nothing to withdraw from. Who is not
/// told to whom it was given passes on what concerns their own organisation, and an id of another reads like one of none.
pub async fn withdraw(ctx: &Context, asked: &Asked, w: &WithdrawalAsked) -> Result<Done<ConsentId>, Failure> {
    if !writing::may_withdraw_consent(&ctx.viewer) {
        return Err(Failure::Forbidden);
    }
    let withdrawn_by = kept(w.withdrawn_by.as_deref());
    let mut unit: Unit<'_> = begin!(ctx, "consentWithdraw", asked);
    let found = unit.scope().consent(ConsentId::parse(&w.consent).unwrap_or(ConsentId(uuid::Uuid::nil()))).await?;
    let Some(consent) = found else {
        ctx.note_nothing_found(&w.consent);
        return Err(UserError::not_found("consentId").into());
    };
    let client = consent.client;
    ctx.note_involvement(&consent.disclosure);
    unit.lock(client).await?;
    let facts = ledger::facts(unit.tx(), client).await?;
    let mine = facts.consents.iter().find(|c| c.id == consent.id);
    let of_consent = mine.map(|c| c.recipients.clone()).unwrap_or_default();
    let mut recipients = Vec::new();
    for given in &w.recipients {
        // For the lead and the hub any there is: whether it receives anything is not told to who may not know its name (C11).
        let known = match OrganisationId::parse(given) {
            Some(o) => organisation::one(unit.tx(), o).await?,
            None => None,
        };
        let own = ctx.viewer.organisation;
        recipients.extend(known.filter(|o| may_withdraw_from(Some(&consent), own, &of_consent, o)).map(|o| o.id));
    }
    if recipients.is_empty() && !w.recipients.is_empty() {
        return Err(UserError::not_found("recipients").into());
    }
    if w.recipients.is_empty() {
        recipients = if consent.tells_all() { of_consent } else { vec![ctx.viewer.organisation] };
    }
    // From a body under all its names (C4).
    recipients = merge::body_of(unit.tx(), &recipients).await?;
    // Once each, however often they are named: a withdrawal always succeeds.
    recipients.sort();
    recipients.dedup();
    let categories: Categories =
        if w.categories.is_empty() { consent.categories } else { w.categories.iter().copied().collect() };
    // Every consent recorded before this lock was taken is closed, whatever another clock said when it was recorded.
    let last = facts.consents.iter().map(|c| c.recorded_at).max().unwrap_or(consent.recorded_at);
    unit.by.at = unit.by.at.max(last);
    let new = write::NewWithdrawal { consent: consent.id, client, recipients, categories, withdrawn_by };
    write::withdrawal(unit.tx(), &new, unit.by, &*ctx.app.random).await?;
    end_uncovered(&unit, client, "CONSENT_WITHDRAWN").await?;
    unit.touch(client, Categories::of(&[Category::Involvement]));
    unit.finish("consent.withdrawn", consent.id).await
}

/// Ends the case memberships that no consent covers any more (C4).
pub(super) async fn end_uncovered(unit: &Unit<'_>, client: ClientId, why: &str) -> Result<(), Failure> {
    let facts = ledger::facts(unit.tx(), client).await?;
    for m in facts.members.iter().filter(|m| m.left_at.is_none()) {
        let organisation = m.who.organisation;
        let left = covering(&facts.consents, &facts.withdrawals, organisation, Purpose::CaseCoordination);
        if covered_at(&left, unit.by.at).intersection(m.agreed).is_empty() {
            write::leave_case(unit.tx(), m.id, None, why, unit.by.at).await?;
            let random = &*unit.ctx().app.random;
            let kind = "case_member.left_uncovered";
            crate::persistence::convention::event(unit.tx(), kind, m.case.global(), Some(client), unit.by, random)
                .await?;
            tell_lead(unit, client, m.case).await?;
        }
    }
    Ok(())
}

/// The lead worker of a case is told that a team has left it (C4).
async fn tell_lead(unit: &Unit<'_>, client: ClientId, case: CaseId) -> Result<(), Failure> {
    if let Some((person, organisation)) = shared_case::lead_worker(unit.tx(), case).await? {
        let item = NewInboxItem {
            person,
            organisation,
            kind: InboxKind::MemberUncovered,
            subject: case,
            client: Some(client),
            due_at: None,
        };
        inbox::post(unit.tx(), &item, unit.by.at, &*unit.ctx().app.random).await?;
    }
    Ok(())
}
