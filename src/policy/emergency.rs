//! Breaking the glass (C16): who may, when it waits for a co-signature, who co-signs, who reviews. Pure.
//!
//! Persons are compared, whatever membership they act under (C21).

use super::grants::{Grant, purpose};
use super::restriction::{PASSES_PROTECTION, PASSES_SEAL};
use crate::domain::basis::{Basis, Scope};
use crate::domain::category::{Categories, Category, LOCATING};
use crate::domain::clock::Timestamp;
use crate::domain::emergency::{OverrideStatus, Verdict};
use crate::domain::ids::{ClientId, OrganisationId, OverrideId, PersonId};
use crate::domain::role::Role;
use std::collections::BTreeSet;

/// Who may ask for an override.
pub const ASKERS: &[Role] = &[Role::SupportWorker, Role::TeamManager, Role::HubCoordinator, Role::SafeguardingLead];

/// What stands between somebody and a record that an override is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Barriers {
    /// The record is sealed, and the asker is not named on it.
    pub sealed: bool,
    /// Contact is protected, or goes through the lead worker by choice, and the asker is not among the named (C7).
    pub protected: bool,
    /// An earlier override of the asker's was not reviewed in time.
    pub unreviewed: bool,
}

/// What a co-signature is needed for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Restrictions that it would have to pass, as bits of [`Grant::passes`].
    pub passes: i64,
    /// The asker owes a review.
    pub unreviewed: bool,
}

impl Needs {
    /// Whether it waits at all.
    pub const fn cosignature(self) -> bool {
        self.passes != 0 || self.unreviewed
    }
}

/// Whether an override opens at once or waits for a co-signature, and what that lets it pass. Protected contact matters only to
/// who asks for CONTACT or EMPLOYMENT: everything else opens without it, and stays without whatever reveals a location.
pub const fn needs(barriers: Barriers, asked: Categories) -> Needs {
    let seal = if barriers.sealed { PASSES_SEAL } else { 0 };
    let contact = if barriers.protected && !asked.intersection(LOCATING).is_empty() { PASSES_PROTECTION } else { 0 };
    Needs { passes: seal | contact, unreviewed: barriers.unreviewed }
}

/// A safeguarding lead of an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lead {
    /// The person.
    pub person: PersonId,
    /// Acting for which organisation.
    pub organisation: OrganisationId,
}

/// The organisations that hold a client's case at a moment: those with a live HOLDER or TEAM grant.
pub fn holding(grants: &[Grant], now: Timestamp) -> BTreeSet<OrganisationId> {
    grants
        .iter()
        .filter(|g| matches!(g.basis, Basis::Holder | Basis::Team) && g.starts_at <= now && now < g.until_at)
        .map(|g| g.organisation)
        .collect()
}

/// The leads who are told at once: of the asker's organisation and of every one that holds the case. Where none of them is
/// anybody but the asker, all leads there are: somebody has to review it. Of a sealed record the asker hears nothing, under no hat, before
/// it is co-signed (C5, C21).
pub fn concerned(all: &[Lead], asker: Lead, holding: &BTreeSet<OrganisationId>, needs: Needs) -> Vec<Lead> {
    let near: Vec<_> = all
        .iter()
        .copied()
        .filter(|l| l.organisation == asker.organisation || holding.contains(&l.organisation))
        .collect();
    let mut told = if near.iter().any(|l| l.person != asker.person) { near } else { all.to_vec() };
    told.retain(|l| l.person != asker.person || needs.passes & PASSES_SEAL == 0);
    told
}

/// A safeguarding lead who might co-sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signer {
    /// The lead.
    pub lead: Lead,
    /// Whether the organisation hosts the hub.
    pub at_hub: bool,
    /// Whether they share an organisation with the asker, under whatever hats (C21).
    pub is_colleague: bool,
}

/// Where there is a lead, other than the asker and their colleagues, who might co-sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// In another organisation that holds the case.
    pub holder: bool,
    /// In the one that hosts the hub.
    pub hub: bool,
}

/// Whether a co-signature is for a lead who is no colleague: one who holds the case, before all others.
///
/// Where the asker's organisation holds it alone there is none, and what nobody can sign would lapse while somebody is in danger
/// (C16). A colleague never stands in, for that is the wall between a seal and those it is set against. The hub does, which
/// has had every referral in its hands; where the asker is of the hub's own organisation, any lead elsewhere. They read
/// the document and not the record.
pub const fn signs(needs: Needs, holds: bool, at_hub: bool, elsewhere: Elsewhere) -> bool {
    holds || (!elsewhere.holder && (needs.passes == 0 || at_hub || !elsewhere.hub))
}

/// The leads who are asked to co-sign: those for whom it is.
pub fn to_cosign(all: &[Signer], asker: Lead, holding: &BTreeSet<OrganisationId>, needs: Needs) -> Vec<Lead> {
    let may = |s: &&Signer| !s.is_colleague && s.lead.person != asker.person;
    let holds = |s: &Signer| holding.contains(&s.lead.organisation);
    let elsewhere =
        Elsewhere { holder: all.iter().filter(may).any(holds), hub: all.iter().filter(may).any(|s| s.at_hub) };
    all.iter().filter(may).filter(|s| signs(needs, holds(s), s.at_hub, elsewhere)).map(|s| s.lead).collect()
}

/// The leads to whom an override that nobody reviewed is escalated: of the other organisations that hold the case, or all.
pub fn escalated_to(all: &[Lead], asker: Lead, holding: &BTreeSet<OrganisationId>) -> Vec<Lead> {
    let others: Vec<_> = all
        .iter()
        .copied()
        .filter(|l| l.organisation != asker.organisation && holding.contains(&l.organisation))
        .filter(|l| l.person != asker.person)
        .collect();
    if others.is_empty() { all.iter().copied().filter(|l| l.person != asker.person).collect() } else { others }
}

/// Somebody about to co-sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cosigner {
    /// The person, and the organisation they act for.
    pub who: Lead,
    /// Whether they act as a safeguarding lead.
    pub is_lead: bool,
    /// Whether they share an organisation with the asker, whichever either acts for.
    pub is_colleague: bool,
    /// Whether the organisation they act for holds the case.
    pub holds: bool,
    /// Whether it hosts the hub.
    pub at_hub: bool,
}

/// Why somebody may not co-sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CosignRefusal {
    /// Nobody co-signs for themselves.
    Asker,
    /// Nobody co-signs for a colleague.
    Colleague,
    /// It is for a safeguarding lead of another organisation that holds the case, or who stands in for one.
    NotALead,
    /// It does not wait for a co-signature.
    NotWaiting,
}

/// Whether somebody may co-sign: a safeguarding lead for whom it is, neither the asker nor a colleague of theirs.
pub fn may_cosign(o: &Standing, by: Cosigner, elsewhere: Elsewhere, now: Timestamp) -> Result<(), CosignRefusal> {
    if by.who.person == o.asker.person {
        return Err(CosignRefusal::Asker);
    }
    if by.is_colleague {
        return Err(CosignRefusal::Colleague);
    }
    if !by.is_lead || !signs(o.needs, by.holds, by.at_hub, elsewhere) {
        return Err(CosignRefusal::NotALead);
    }
    if o.status(now) == OverrideStatus::Waiting { Ok(()) } else { Err(CosignRefusal::NotWaiting) }
}

/// An override as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Who asked.
    pub asker: Lead,
    /// What a co-signature is needed for.
    pub needs: Needs,
    /// Until when it waits for one.
    pub lapses_at: Timestamp,
    /// When it opened.
    pub opened_at: Option<Timestamp>,
    /// Until when it is open, as planned.
    pub until_at: Option<Timestamp>,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
    /// Who co-signed.
    pub cosigned_by: Option<PersonId>,
    /// Whether it was reviewed.
    pub reviewed: bool,
}

impl Standing {
    /// Where it stands at a moment.
    pub fn status(&self, now: Timestamp) -> OverrideStatus {
        if self.ended_at.is_some() {
            return OverrideStatus::Over;
        }
        match (self.opened_at, self.until_at) {
            (Some(_), Some(until)) if now < until => OverrideStatus::Open,
            (None, _) if now < self.lapses_at => OverrideStatus::Waiting,
            _ => OverrideStatus::Over,
        }
    }
}

/// Why somebody may not review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewRefusal {
    /// Nobody reviews what they asked for themselves.
    Asker,
    /// Nobody reviews what they co-signed.
    Cosigner,
    /// It is for safeguarding leads.
    NotALead,
    /// It was reviewed already, or never opened and may only be refused.
    NotToReview,
}

/// Whether somebody may review an override with this verdict: a safeguarding lead, another person than the asker and than the
/// co-signer. One that still waits may only be refused.
pub fn may_review(
    o: &Standing,
    person: PersonId,
    is_lead: bool,
    verdict: Verdict,
    now: Timestamp,
) -> Result<(), ReviewRefusal> {
    if person == o.asker.person {
        return Err(ReviewRefusal::Asker);
    }
    if o.cosigned_by == Some(person) {
        return Err(ReviewRefusal::Cosigner);
    }
    if !is_lead {
        return Err(ReviewRefusal::NotALead);
    }
    let refusable = verdict == Verdict::NotJustified && o.status(now) == OverrideStatus::Waiting;
    if o.reviewed || !(o.opened_at.is_some() || refusable) { Err(ReviewRefusal::NotToReview) } else { Ok(()) }
}

/// Whether somebody may end an override early: who asked gives it back.
pub fn may_end(o: &Standing, person: PersonId, now: Timestamp) -> bool {
    person == o.asker.person && o.status(now) != OverrideStatus::Over
}

/// A lead's task, as the projection needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskFacts {
    /// Whose.
    pub lead: Lead,
    /// Since when.
    pub given_at: Timestamp,
    /// When it was done.
    pub done_at: Option<Timestamp>,
}

/// What a co-signature still lets an override pass: what stood when it was given, and nothing that somebody set later and that stands
/// (C16).
pub const fn standing_passes(signed: i64, sealed_later: bool, protected_later: bool) -> i64 {
    let seal = if sealed_later { PASSES_SEAL } else { 0 };
    let contact = if protected_later { PASSES_PROTECTION } else { 0 };
    signed & !(seal | contact)
}

/// An override as the projection needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverrideFacts {
    /// The override.
    pub id: OverrideId,
    /// How it stands.
    pub standing: Standing,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// What it opens.
    pub categories: Categories,
    /// The restrictions that a co-signature lets it pass now ([`standing_passes`]).
    pub passes: i64,
    /// Who is to look at it.
    pub tasks: Vec<TaskFacts>,
}

/// The grants that follow from an override: the record for whoever asked while it is open, the document alone while it waits;
/// and the document alone for every lead whose task is open (C2 OVERRIDE, OVERSIGHT).
pub fn grants(client: ClientId, o: &OverrideFacts) -> Vec<Grant> {
    let s = &o.standing;
    let document = |basis, who: Lead, starts_at, until_at, categories: Categories| Grant {
        organisation: who.organisation,
        team: None,
        person: Some(who.person),
        basis,
        categories: categories.union(Categories::of(&[Category::Involvement])),
        scope: Scope::Item,
        scope_id: o.id.0,
        opens_client: false,
        names_until: Timestamp::NEVER,
        passes: 0,
        purpose: purpose(basis),
        starts_at,
        until_at,
        source_kind: "override",
        source_id: o.id.0,
    };
    let mut all = Vec::new();
    match (s.ended_at, s.opened_at, s.until_at) {
        (Some(_), ..) => {}
        (None, Some(opened), Some(until)) => {
            // Equalities are shown to nobody but who recorded them (C1).
            let opened_up = o.categories.minus(Categories::of(&[Category::Equalities]));
            all.push(Grant {
                scope: Scope::Client,
                scope_id: client.0,
                opens_client: true,
                passes: o.passes,
                ..document(Basis::Override, s.asker, opened, until, opened_up)
            });
        }
        _ => all.push(document(Basis::Override, s.asker, o.asked_at, s.lapses_at, Categories::NONE)),
    }
    for task in o.tasks.iter().filter(|t| t.done_at.is_none()) {
        let review = document(Basis::Oversight, task.lead, task.given_at, Timestamp::NEVER, o.categories);
        all.push(Grant { passes: PASSES_SEAL, ..review });
    }
    all.retain(|g| g.starts_at < g.until_at);
    all
}

#[cfg(test)]
#[path = "emergency_tests.rs"]
mod tests;
