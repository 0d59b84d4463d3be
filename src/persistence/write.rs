//! Documents written: one function per document and step, all inside the caller's transaction.
//!
//! Nothing here decides anything: `service` asks `policy` first. Rows that carry a version are updated only while it is
//! the one expected; the count of rows tells.

use super::database::Tx;
use super::fault::Fault;
use super::sql::{Sql, id, int, text};
use crate::domain::category::{Categories, Category};
use crate::domain::clock::Timestamp;
use crate::domain::code::Coded;
use crate::domain::consent::NewConsent;
use crate::domain::ids::{
    CaseId, CaseMemberId, ClientId, ConsentId, EntryId, NarrativeId, NoteId, OfferId, OrganisationId, PersonId,
    ProxyId, ReferralId, ServiceId, SignpostId, TeamId, TypedId,
};
use crate::domain::random::Randomness;
use crate::domain::referral::{DeclineReason, Ground, Outcome, ReferralActor, ReferralState, Urgency};
use crate::domain::section::Section;
use crate::domain::shared_case::{CaseStage, ClosureKind, ClosureReason, NoteVisibility};
use crate::domain::signpost::{Channel, FollowUp, Told};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, ModelTrait, Value};
use uuid::Uuid;

/// Inserts one row.
pub(super) async fn insert<M, A>(tx: &Tx, model: M) -> Result<(), Fault>
where
    M: ModelTrait + IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = M::Entity>,
{
    let row = model.into_active_model().reset_all();
    <M::Entity as EntityTrait>::insert(row).exec_without_returning(tx.connection()).await?;
    Ok(())
}

/// Who records something, for whom, when.
#[derive(Clone, Copy, Debug)]
pub struct Recorded {
    /// The person.
    pub by: PersonId,
    /// The organisation they act for.
    pub on_behalf_of: OrganisationId,
    /// When.
    pub at: Timestamp,
}

/// A new client, arising from a referral's draft (C23).
pub async fn client(tx: &Tx, client: ClientId, at: Timestamp) -> Result<(), Fault> {
    insert(tx, entity::client::Model { id: client.0, status: "PROVISIONAL".into(), died_on: None, created_at: at.0 })
        .await
}

static CONFIRM_CLIENT: Sql = Sql::new("UPDATE client SET status = 'CONFIRMED' WHERE id = $1");

/// The provisional client stands: a case opened.
pub async fn confirm_client(tx: &Tx, client: ClientId) -> Result<(), Fault> {
    tx.execute(&CONFIRM_CLIENT, vec![id(client.0)]).await.map(|_| ())
}

/// A new dated entry.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// Its id.
    pub id: EntryId,
    /// Whose record.
    pub client: ClientId,
    /// What it says.
    pub section: Section,
    /// Its category.
    pub category: Category,
    /// Whose own item it is.
    pub owner: Uuid,
    /// The referral it came with.
    pub referral: Option<ReferralId>,
    /// The entry it corrects, and why.
    pub corrects: Option<(EntryId, String)>,
    /// How far it goes.
    pub marks: Marks,
}

/// How far an entry goes, as whoever recorded it marked it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// It tells where the person can be found (C7); some sections do so whatever is said of them.
    pub reveals_location: bool,
    /// It is about somebody else, and stays with who recorded it (C9).
    pub third_party: bool,
}

static REPLACE_ENTRY: Sql = Sql::new(
    "UPDATE client_entry SET replaced_at = $1, version = version + 1 WHERE id = $2 AND version = $3 AND replaced_at IS NULL",
);

/// Marks an entry as replaced, if it still has this version.
pub async fn replace_entry(tx: &Tx, entry: EntryId, version: i64, at: Timestamp) -> Result<bool, Fault> {
    Ok(tx.execute(&REPLACE_ENTRY, vec![int(at.0), id(entry.0), int(version)]).await? == 1)
}

static MARK_ENTRY: Sql = Sql::new(
    "UPDATE client_entry SET reveals_location = $1, version = version + 1 WHERE id = $2 AND version = $3 AND replaced_at IS NULL",
);
static MARK_NARRATIVE: Sql = Sql::new(
    "UPDATE referral_narrative SET reveals_location = $1, version = version + 1 WHERE id = $2 AND version = $3",
);

/// Marks an entry as telling where the person can be found (C7), or takes the mark off, if it still has this version.
pub async fn mark_entry(tx: &Tx, entry: EntryId, version: i64, reveals: bool) -> Result<bool, Fault> {
    Ok(tx.execute(&MARK_ENTRY, vec![reveals.into(), id(entry.0), int(version)]).await? == 1)
}

/// The same of one text of a referral's narrative.
pub async fn mark_narrative(tx: &Tx, narrative: NarrativeId, version: i64, reveals: bool) -> Result<bool, Fault> {
    Ok(tx.execute(&MARK_NARRATIVE, vec![reveals.into(), id(narrative.0), int(version)]).await? == 1)
}

/// Writes an entry, and a household's members beside it.
pub async fn entry(tx: &Tx, e: &NewEntry, by: Recorded, random: &dyn Randomness) -> Result<(), Fault> {
    insert(
        tx,
        entity::client_entry::Model {
            id: e.id.0,
            client_id: e.client.0,
            category: e.category.code().into(),
            category_bit: e.category.bit(),
            body: serde_json::to_string(&e.section)?,
            search_key: e.section.search_key(),
            reveals_location: e.section.reveals_location() || e.marks.reveals_location,
            referral_id: e.referral.map(|r| r.0),
            recorded_by: by.by.0,
            recorded_for: by.on_behalf_of.0,
            owner_id: e.owner,
            controller_id: by.on_behalf_of.0,
            recorded_at: by.at.0,
            replaces_id: e.corrects.as_ref().map(|(old, _)| old.0),
            replaced_at: None,
            correction_reason: e.corrects.as_ref().map(|(_, why)| why.clone()),
            version: 1,
            third_party: e.marks.third_party,
        },
    )
    .await?;
    if let Section::Household { members } = &e.section {
        for m in members {
            insert(
                tx,
                entity::household_member::Model {
                    id: random.uuid_timed(by.at),
                    entry_id: e.id.0,
                    client_id: e.client.0,
                    name: m.name.clone(),
                    relationship: m.relationship.clone(),
                    age_band: m.age_band.clone(),
                    linked_client_id: m.client_id.as_deref().and_then(ClientId::parse).map(|c| c.0),
                },
            )
            .await?;
        }
    }
    Ok(())
}

/// A referral being drafted.
#[derive(Clone, Debug)]
pub struct NewReferral {
    /// Its id.
    pub id: ReferralId,
    /// Whom it is about.
    pub client: ClientId,
    /// How soon a home may be lost.
    pub urgency: Urgency,
    /// A private person sends it.
    pub private_sender: bool,
    /// It is a contact request: somebody else than the person or an agency sends it (C23).
    pub contact_request: bool,
    /// What categories it brings.
    pub brought: Categories,
    /// The consent it is sent under.
    pub consent: Option<ConsentId>,
    /// A coded ground in place of consent, with the reason.
    pub ground: Option<(Ground, String)>,
    /// Texts by category.
    pub narratives: Vec<NewNarrative>,
    /// The sender's own reference.
    pub sender_reference: Option<String>,
}

/// One text of a referral's narrative.
#[derive(Clone, Debug)]
pub struct NewNarrative {
    /// Its category.
    pub category: Category,
    /// The text.
    pub text: String,
    /// Whether it tells where the person can be found (C7); some categories do so whatever is said.
    pub reveals_location: bool,
}

/// Writes a draft.
pub async fn referral(tx: &Tx, r: &NewReferral, by: Recorded, random: &dyn Randomness) -> Result<(), Fault> {
    let (ground, ground_reason) =
        r.ground.clone().map_or((None, None), |(g, why)| (Some(g.code().into()), Some(why)));
    insert(
        tx,
        entity::referral::Model {
            id: r.id.0,
            client_id: r.client.0,
            organisation_id: by.on_behalf_of.0,
            sent_by: by.by.0,
            private_sender: r.private_sender,
            contact_request: r.contact_request,
            state: ReferralState::Draft.code().into(),
            urgency: r.urgency.code().into(),
            brought: r.brought.mask(),
            consent_id: r.consent.map(|c| c.0),
            case_id: None,
            ground,
            ground_reason,
            outcome: None,
            outcome_text: None,
            next_step: None,
            refused_signposting: None,
            created_at: by.at.0,
            submitted_at: None,
            triaged_at: None,
            accepted_at: None,
            closed_at: None,
            left_hub_at: None,
            version: 1,
            triage_due: None,
            urgency_rank: r.urgency.rank(),
            assigned_to: None,
            sent_urgency: r.urgency.code().into(),
            sender_reference: r.sender_reference.clone(),
        },
    )
    .await?;
    for n in &r.narratives {
        insert(
            tx,
            entity::referral_narrative::Model {
                id: random.uuid_timed(by.at),
                referral_id: r.id.0,
                client_id: r.client.0,
                category: n.category.code().into(),
                category_bit: n.category.bit(),
                body: n.text.clone(),
                reveals_location: n.reveals_location,
                version: 1,
            },
        )
        .await?;
    }
    Ok(())
}

static MOVE: Sql = Sql::new(
    "UPDATE referral SET state = $1, submitted_at = COALESCE(submitted_at, $2), triaged_at = COALESCE(triaged_at, $3), \
    accepted_at = COALESCE(accepted_at, $4), closed_at = COALESCE(closed_at, $5), left_hub_at = COALESCE(left_hub_at, $6), \
    outcome = COALESCE($7, outcome), outcome_text = COALESCE($8, outcome_text), next_step = COALESCE($9, next_step), \
    refused_signposting = COALESCE($10, refused_signposting), case_id = COALESCE($11, case_id), triage_due = COALESCE($12, triage_due), \
    version = version + 1 WHERE id = $13 AND version = $14",
);

/// How a referral is closed.
#[derive(Clone, Debug)]
pub struct Closing {
    /// Outcome.
    pub outcome: Outcome,
    /// In words.
    pub text: Option<String>,
    /// An onward referral.
    pub next_step: Option<String>,
    /// Why signposting was refused.
    pub refused_signposting: Option<String>,
}

/// A step of a referral's lifecycle.
#[derive(Clone, Debug)]
pub struct Move {
    /// The referral.
    pub referral: ReferralId,
    /// Whom it is about.
    pub client: ClientId,
    /// The version it must still have.
    pub version: i64,
    /// From where.
    pub from: ReferralState,
    /// Where to.
    pub to: ReferralState,
    /// On whose behalf.
    pub actor: ReferralActor,
    /// What there is to say.
    pub detail: Option<String>,
    /// How it is closed.
    pub closing: Option<Closing>,
    /// The case it grew into.
    pub case: Option<CaseId>,
    /// By when it is to be triaged, where the step changes that; `NEVER` while an answer is waited for.
    pub triage_due: Option<Timestamp>,
}

/// Takes the step, if the referral still has the version; writes it into the history.
pub async fn move_referral(tx: &Tx, m: &Move, by: Recorded, random: &dyn Randomness) -> Result<bool, Fault> {
    let at = |when: bool| Value::BigInt(when.then_some(by.at.0));
    let optional = |t: Option<&String>| Value::String(t.cloned());
    let closing = m.closing.as_ref();
    let leaves = matches!(m.to, ReferralState::Accepted | ReferralState::Closed);
    let was_submitted = m.from != ReferralState::Draft;
    let changed = tx
        .execute(
            &MOVE,
            vec![
                text(m.to.code()),
                at(m.to == ReferralState::Submitted),
                at(was_submitted && matches!(m.to, ReferralState::Offered | ReferralState::Closed)),
                at(m.to == ReferralState::Accepted),
                at(m.to == ReferralState::Closed),
                at(leaves && was_submitted),
                Value::String(closing.map(|c| c.outcome.code().to_owned())),
                optional(closing.and_then(|c| c.text.as_ref())),
                optional(closing.and_then(|c| c.next_step.as_ref())),
                optional(closing.and_then(|c| c.refused_signposting.as_ref())),
                Value::Uuid(m.case.map(|c| c.0)),
                Value::BigInt(m.triage_due.map(|t| t.0)),
                id(m.referral.0),
                int(m.version),
            ],
        )
        .await?;
    if changed != 1 {
        return Ok(false);
    }
    insert(
        tx,
        entity::referral_step::Model {
            id: random.uuid_timed(by.at),
            referral_id: m.referral.0,
            client_id: m.client.0,
            from_state: m.from.code().into(),
            to_state: m.to.code().into(),
            actor: m.actor.code().into(),
            detail: m.detail.clone(),
            recorded_by: by.by.0,
            recorded_for: by.on_behalf_of.0,
            recorded_at: by.at.0,
        },
    )
    .await?;
    Ok(true)
}

/// An offer about to be made.
#[derive(Clone, Debug)]
pub struct NewOffer {
    /// Its id.
    pub id: OfferId,
    /// The referral.
    pub referral: ReferralId,
    /// Whom it is about.
    pub client: ClientId,
    /// To which team.
    pub team: TeamId,
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// What its intake profile refuses at this time (C8).
    pub refuses: Categories,
    /// What was looked at: the criteria, in words.
    pub criteria_seen: String,
    /// The worker it is meant for (C7).
    pub worker: Option<PersonId>,
}

/// Writes an offer.
pub async fn offer(tx: &Tx, o: &NewOffer, by: Recorded) -> Result<(), Fault> {
    insert(
        tx,
        entity::referral_offer::Model {
            id: o.id.0,
            referral_id: o.referral.0,
            client_id: o.client.0,
            team_id: o.team.0,
            organisation_id: o.organisation.0,
            refuses: o.refuses.mask(),
            criteria_seen: o.criteria_seen.clone(),
            offered_by: by.by.0,
            offered_at: by.at.0,
            answer: None,
            answer_reason: None,
            answer_text: None,
            answered_by: None,
            answered_at: None,
            worker_id: o.worker.map(|w| w.0),
        },
    )
    .await
}

static ANSWER: Sql = Sql::new(
    "UPDATE referral_offer SET answer = $1, answer_reason = $2, answer_text = $3, answered_by = $4, answered_at = $5 \
    WHERE referral_id = $6 AND answered_at IS NULL",
);

/// How an open offer ends.
#[derive(Clone, Copy, Debug)]
pub enum OfferEnd<'a> {
    /// The team takes it.
    Accepted,
    /// The team declines.
    Declined(DeclineReason, Option<&'a str>),
    /// No answer came.
    NoAnswer,
    /// The referral closed under it.
    Ended,
}

/// Ends whatever offer of the referral is open, and what it brought to the worker it named.
pub async fn end_offer(tx: &Tx, referral: ReferralId, end: OfferEnd<'_>, by: Recorded) -> Result<(), Fault> {
    let (answer, reason, words) = match end {
        OfferEnd::Accepted => ("ACCEPTED", None, None),
        OfferEnd::Declined(reason, words) => ("DECLINED", Some(reason.code().to_owned()), words.map(str::to_owned)),
        OfferEnd::NoAnswer => ("NO_ANSWER", None, None),
        OfferEnd::Ended => ("ENDED", None, None),
    };
    let values =
        vec![text(answer), Value::String(reason), Value::String(words), id(by.by.0), int(by.at.0), id(referral.0)];
    tx.execute(&ANSWER, values).await?;
    // Whom the offer named where contact is for the few is named no longer (C7); who takes it is named anew.
    super::restriction::unname_offered(tx, referral).await
}

/// A case about to open.
#[derive(Clone, Debug)]
pub struct NewCase {
    /// Its id.
    pub id: CaseId,
    /// Whom it supports.
    pub client: ClientId,
    /// The referral it grows from.
    pub referral: Option<ReferralId>,
    /// The case before it.
    pub previous: Option<CaseId>,
    /// The lead organisation.
    pub organisation: OrganisationId,
    /// The lead team.
    pub team: TeamId,
    /// The lead worker.
    pub worker: PersonId,
}

/// Opens a case.
pub async fn open_case(tx: &Tx, k: &NewCase, by: Recorded) -> Result<(), Fault> {
    insert(
        tx,
        entity::shared_case::Model {
            id: k.id.0,
            client_id: k.client.0,
            referral_id: k.referral.map(|r| r.0),
            previous_case_id: k.previous.map(|p| p.0),
            lead_organisation_id: k.organisation.0,
            lead_team_id: k.team.0,
            lead_worker_id: k.worker.0,
            stage: CaseStage::DoingFor.code().into(),
            opened_at: by.at.0,
            closed_at: None,
            closure_kind: None,
            closure_reason: None,
            version: 1,
        },
    )
    .await
}

static DIED: Sql = Sql::new("UPDATE client SET died_on = $1 WHERE id = $2 AND died_on IS NULL");

/// Records the day a client died, `YYYY-MM-DD`; the first that was recorded stands. Nobody speaks for them any more (C24).
pub async fn died(tx: &Tx, client: ClientId, on: &str, at: Timestamp) -> Result<(), Fault> {
    tx.execute(&DIED, vec![text(on), id(client.0)]).await?;
    super::proxy::end_all(tx, client, at).await
}

static CLOSE_CASE: Sql = Sql::new(
    "UPDATE shared_case SET closed_at = $1, closure_kind = $2, closure_reason = $3, version = version + 1 \
    WHERE id = $4 AND version = $5 AND closed_at IS NULL",
);
static LEAVE_ALL: Sql = Sql::new(
    "UPDATE case_member SET left_at = $1, left_reason = $2, version = version + 1 WHERE case_id = $3 AND left_at IS NULL",
);

/// Closes a case, if it still has the version; its members leave with it.
pub async fn close_case(
    tx: &Tx,
    case: CaseId,
    version: i64,
    how: (ClosureKind, ClosureReason),
    at: Timestamp,
) -> Result<bool, Fault> {
    let values = vec![int(at.0), text(how.0.code()), text(how.1.code()), id(case.0), int(version)];
    if tx.execute(&CLOSE_CASE, values).await? != 1 {
        return Ok(false);
    }
    tx.execute(&LEAVE_ALL, vec![int(at.0), text("CASE_CLOSED"), id(case.0)]).await?;
    Ok(true)
}

/// A team about to join a case.
#[derive(Clone, Debug)]
pub struct NewMember {
    /// Its id.
    pub id: CaseMemberId,
    /// The case.
    pub case: CaseId,
    /// Whom it supports.
    pub client: ClientId,
    /// The organisation.
    pub organisation: OrganisationId,
    /// The team.
    pub team: TeamId,
    /// What it does on the case.
    pub role: String,
    /// The sharing agreement.
    pub agreed: Categories,
}

/// A team joins.
pub async fn join_case(tx: &Tx, m: &NewMember, by: Recorded) -> Result<(), Fault> {
    insert(
        tx,
        entity::case_member::Model {
            id: m.id.0,
            case_id: m.case.0,
            client_id: m.client.0,
            organisation_id: m.organisation.0,
            team_id: m.team.0,
            member_role: m.role.clone(),
            agreed: m.agreed.mask(),
            joined_by: by.by.0,
            joined_at: by.at.0,
            left_at: None,
            left_reason: None,
            version: 1,
        },
    )
    .await
}

static LEAVE: Sql = Sql::new(
    "UPDATE case_member SET left_at = $1, left_reason = $2, version = version + 1 \
    WHERE id = $3 AND left_at IS NULL AND version = COALESCE($4, version)",
);

/// A team leaves. With a version it must still have that one; a withdrawal takes none (C4).
pub async fn leave_case(
    tx: &Tx,
    member: CaseMemberId,
    version: Option<i64>,
    reason: &str,
    at: Timestamp,
) -> Result<bool, Fault> {
    let values = vec![int(at.0), text(reason), id(member.0), Value::BigInt(version)];
    Ok(tx.execute(&LEAVE, values).await? == 1)
}

/// A note about to be recorded.
#[derive(Clone, Debug)]
pub struct NewNote {
    /// Its id.
    pub id: NoteId,
    /// The case.
    pub case: CaseId,
    /// Whom it supports.
    pub client: ClientId,
    /// Its categories.
    pub categories: Categories,
    /// Who may see it.
    pub visibility: NoteVisibility,
    /// Whether it tells where the person can be found.
    pub reveals_location: bool,
    /// What it says.
    pub text: String,
    /// Whose own item it is.
    pub owner: Uuid,
    /// The note it corrects.
    pub corrects: Option<NoteId>,
}

/// Writes a note.
pub async fn note(tx: &Tx, n: &NewNote, by: Recorded) -> Result<(), Fault> {
    insert(
        tx,
        entity::case_note::Model {
            id: n.id.0,
            case_id: n.case.0,
            client_id: n.client.0,
            categories: n.categories.mask(),
            visibility: n.visibility.code().into(),
            reveals_location: n.reveals_location,
            body: n.text.clone(),
            recorded_by: by.by.0,
            recorded_for: by.on_behalf_of.0,
            recorded_team_id: None,
            owner_id: n.owner,
            controller_id: by.on_behalf_of.0,
            recorded_at: by.at.0,
            replaces_id: n.corrects.map(|c| c.0),
            replaced_at: None,
            version: 1,
        },
    )
    .await
}

static REPLACE_NOTE: Sql = Sql::new(
    "UPDATE case_note SET replaced_at = $1, version = version + 1 WHERE id = $2 AND version = $3 AND replaced_at IS NULL",
);

/// Marks a note as replaced, if it still has this version.
pub async fn replace_note(tx: &Tx, note: NoteId, version: i64, at: Timestamp) -> Result<bool, Fault> {
    Ok(tx.execute(&REPLACE_NOTE, vec![int(at.0), id(note.0), int(version)]).await? == 1)
}

/// On whose record a consent is written, and as whose own item.
#[derive(Clone, Copy, Debug)]
pub struct ConsentPlace {
    /// The client.
    pub client: ClientId,
    /// The referral it came with.
    pub referral: Option<ReferralId>,
    /// The proxy who gave it.
    pub proxy: Option<ProxyId>,
    /// Whose own item it is.
    pub owner: Uuid,
}

/// Writes a consent with its recipients, spelt out one by one.
pub async fn consent(
    tx: &Tx,
    consent: ConsentId,
    place: ConsentPlace,
    c: &NewConsent,
    by: Recorded,
) -> Result<(), Fault> {
    insert(
        tx,
        entity::consent::Model {
            id: consent.0,
            client_id: place.client.0,
            referral_id: place.referral.map(|r| r.0),
            all_partners: c.all_partners,
            purposes: c.purposes.mask(),
            categories: c.categories.mask(),
            given_by: c.given_by.code().into(),
            given_how: c.given_how.code().into(),
            evidence: c.evidence.clone(),
            given_at: c.given_at.0,
            expires_at: c.expires_at.0,
            recorded_by: by.by.0,
            recorded_for: by.on_behalf_of.0,
            recorded_at: by.at.0,
            owner_id: place.owner,
            proxy_id: place.proxy.map(|p| p.0),
            decided_by: c.decision.as_ref().map(|d| d.decided_by.clone()),
            decision_reason: c.decision.as_ref().map(|d| d.reason.clone()),
        },
    )
    .await?;
    for recipient in &c.recipients {
        insert(tx, entity::consent_recipient::Model { consent_id: consent.0, organisation_id: recipient.0 }).await?;
    }
    Ok(())
}

/// A withdrawal about to be recorded.
#[derive(Clone, Debug)]
pub struct NewWithdrawal {
    /// The consent it was asked under.
    pub consent: ConsentId,
    /// Whose.
    pub client: ClientId,
    /// From whom.
    pub recipients: Vec<OrganisationId>,
    /// Which categories.
    pub categories: Categories,
    /// Who withdrew it.
    pub withdrawn_by: String,
}

/// Writes a withdrawal.
pub async fn withdrawal(tx: &Tx, w: &NewWithdrawal, by: Recorded, random: &dyn Randomness) -> Result<(), Fault> {
    let withdrawal = random.uuid_timed(by.at);
    insert(
        tx,
        entity::consent_withdrawal::Model {
            id: withdrawal,
            consent_id: w.consent.0,
            client_id: w.client.0,
            categories: w.categories.mask(),
            withdrawn_by: w.withdrawn_by.clone(),
            recorded_by: by.by.0,
            recorded_for: by.on_behalf_of.0,
            recorded_at: by.at.0,
        },
    )
    .await?;
    for recipient in &w.recipients {
        insert(
            tx,
            entity::consent_withdrawal_recipient::Model { withdrawal_id: withdrawal, organisation_id: recipient.0 },
        )
        .await?;
    }
    Ok(())
}

/// A signpost about to be recorded.
#[derive(Clone, Debug)]
pub struct NewSignpost {
    /// Its id.
    pub id: SignpostId,
    /// Who is pointed.
    pub client: ClientId,
    /// On which referral.
    pub referral: Option<ReferralId>,
    /// On which case.
    pub case: Option<CaseId>,
    /// Where to.
    pub service: ServiceId,
    /// Who was told.
    pub told: Told,
    /// How.
    pub channel: Channel,
    /// Why.
    pub reason: String,
    /// Whose own item it is.
    pub owner: Uuid,
}

/// Writes a signpost.
pub async fn signpost(tx: &Tx, s: &NewSignpost, by: Recorded) -> Result<(), Fault> {
    insert(
        tx,
        entity::signpost::Model {
            id: s.id.0,
            client_id: s.client.0,
            referral_id: s.referral.map(|r| r.0),
            case_id: s.case.map(|c| c.0),
            service_id: s.service.0,
            told: s.told.code().into(),
            channel: s.channel.code().into(),
            reason: s.reason.clone(),
            recorded_by: by.by.0,
            recorded_for: by.on_behalf_of.0,
            recorded_at: by.at.0,
            owner_id: s.owner,
            follow_up: None,
            followed_up_by: None,
            followed_up_at: None,
            version: 1,
        },
    )
    .await
}

static FOLLOW_UP: Sql = Sql::new(
    "UPDATE signpost SET follow_up = $1, followed_up_by = $2, followed_up_at = $3, version = version + 1 \
    WHERE id = $4 AND version = $5",
);

/// Writes what became of a signpost, if it still has the version.
pub async fn follow_up(tx: &Tx, s: SignpostId, version: i64, what: FollowUp, by: Recorded) -> Result<bool, Fault> {
    let values = vec![text(what.code()), id(by.by.0), int(by.at.0), id(s.0), int(version)];
    Ok(tx.execute(&FOLLOW_UP, values).await? == 1)
}
