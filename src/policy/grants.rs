//! The projection (C2): from the documents about one client to the access grants that follow from them.
//!
//! [`project`] is the only place that says who may see what. Writes apply its result to the ledger, `doctor` compares the
//! ledger with it. It knows no clock: planned times are part of a grant, and what has ended is simply not projected.

use super::coverage::{ConsentFacts, WithdrawalFacts, covering};
use super::emergency::{self, OverrideFacts};
use super::gateway::{self, GatewayFacts};
use super::lives::{self, Keeping};
use super::restriction::ORGANISATION_OBJECTION_BEATS;
use crate::domain::basis::{Basis, Scope};
use crate::domain::category::{Categories, Category};
use crate::domain::clock::Timestamp;
use crate::domain::consent::Purpose;
use crate::domain::ids::{CaseId, CaseMemberId, ClientId, OfferId, OrganisationId, PersonId, ReferralId, TeamId};
use crate::domain::referral::ReferralState;
use uuid::Uuid;

/// What the hub sees of what it triages, whatever consent says.
pub const HUB: Categories = Categories::of(&[
    Category::Name,
    Category::Birth,
    Category::Contact,
    Category::AccessNeeds,
    Category::LoneWorking,
    Category::Household,
    Category::Housing,
    Category::Risk,
    Category::Involvement,
]);
/// What a team sees of an offer, less what its intake profile refuses (C8).
pub const OFFER: Categories = Categories::of(&[
    Category::Name,
    Category::Contact,
    Category::AccessNeeds,
    Category::LoneWorking,
    Category::Household,
    Category::Housing,
    Category::Involvement,
]);
/// What no intake profile can refuse: the strictest takes these (C8).
pub const NEVER_REFUSED: Categories = Categories::of(&[
    Category::Name,
    Category::Contact,
    Category::AccessNeeds,
    Category::LoneWorking,
    Category::Involvement,
]);
/// What the team that leads an open case sees without further consent.
pub const HOLDER: Categories = HUB;
/// What every member team sees beside its sharing agreement.
pub const TEAM: Categories = Categories::of(&[Category::Name, Category::LoneWorking, Category::Involvement]);
/// Days the hub keeps sight of a referral that left it.
pub const HUB_DAYS_AFTER: i64 = 30;
/// Days the lead keeps sight of a case after a death.
pub const DAYS_AFTER_DEATH: i64 = 28;

/// A team of the Alliance, as grants narrow to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TeamFacts {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Its team.
    pub team: TeamId,
}

/// A referral as the projection needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferralFacts {
    /// The referral.
    pub id: ReferralId,
    /// Who sent it.
    pub organisation: OrganisationId,
    /// The person who wrote it.
    pub sent_by: PersonId,
    /// A private person sent it: that person alone sees it.
    pub private_sender: bool,
    /// It is a contact request: family, a friend or a landlord sent it (C23).
    pub contact_request: bool,
    /// Where it stands.
    pub state: ReferralState,
    /// The categories it brought.
    pub brought: Categories,
    /// When it was drafted.
    pub created_at: Timestamp,
    /// When it was submitted.
    pub submitted_at: Option<Timestamp>,
    /// When it left the hub: accepted or closed.
    pub left_hub_at: Option<Timestamp>,
    /// When it closed, a draft too.
    pub closed_at: Option<Timestamp>,
}

/// An offer as the projection needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferFacts {
    /// The offer.
    pub id: OfferId,
    /// The referral.
    pub referral: ReferralId,
    /// The team it is offered to.
    pub to: TeamFacts,
    /// What the team's intake profile refused when the offer was made.
    pub refuses: Categories,
    /// When.
    pub offered_at: Timestamp,
    /// Whether it was answered or taken back.
    pub answered_at: Option<Timestamp>,
}

/// A case as the projection needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFacts {
    /// The case.
    pub id: CaseId,
    /// The lead team.
    pub lead: TeamFacts,
    /// When it opened.
    pub opened_at: Timestamp,
    /// When it closed.
    pub closed_at: Option<Timestamp>,
}

/// A member team as the projection needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberFacts {
    /// The membership.
    pub id: CaseMemberId,
    /// The case.
    pub case: CaseId,
    /// The member team.
    pub who: TeamFacts,
    /// Its sharing agreement.
    pub agreed: Categories,
    /// When it joined.
    pub joined_at: Timestamp,
    /// When it left.
    pub left_at: Option<Timestamp>,
}

/// That somebody recorded items of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorFacts {
    /// The organisation the items were recorded for.
    pub organisation: OrganisationId,
    /// The hub team, when they were recorded for the hub.
    pub hub_team: Option<TeamId>,
    /// When the first was recorded.
    pub first_at: Timestamp,
}

/// That the client excluded an organisation (C6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectionFacts {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Since when.
    pub since: Timestamp,
    /// When it was lifted.
    pub lifted_at: Option<Timestamp>,
}

/// All documents about one client that grants follow from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The client.
    pub client: ClientId,
    /// When the client died.
    pub died_at: Option<Timestamp>,
    /// The hub teams.
    pub hubs: Vec<TeamFacts>,
    /// Referrals.
    pub referrals: Vec<ReferralFacts>,
    /// Offers.
    pub offers: Vec<OfferFacts>,
    /// Cases.
    pub cases: Vec<CaseFacts>,
    /// Member teams.
    pub members: Vec<MemberFacts>,
    /// Consents.
    pub consents: Vec<ConsentFacts>,
    /// Withdrawals.
    pub withdrawals: Vec<WithdrawalFacts>,
    /// Authors.
    pub authors: Vec<AuthorFacts>,
    /// Overrides.
    pub overrides: Vec<OverrideFacts>,
    /// Legal gateways.
    pub gateways: Vec<GatewayFacts>,
    /// Objections to organisations: they end no grant, but the sight of a name.
    pub objections: Vec<ObjectionFacts>,
    /// How those who recorded something or sent a referral keep it.
    pub keeping: Vec<Keeping>,
}

impl Facts {
    /// Until when an organisation keeps what it has of the client (C24).
    fn kept_until(&self, organisation: OrganisationId) -> Timestamp {
        let keeping = self.keeping.iter().find(|k| k.organisation == organisation);
        lives::kept_until(lives::last_closure(&self.referrals, &self.cases), keeping)
    }
}

/// A grant that the documents call for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Grant {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The team, where narrowed to one.
    pub team: Option<TeamId>,
    /// The person, where narrowed to one.
    pub person: Option<PersonId>,
    /// The basis.
    pub basis: Basis,
    /// What it opens.
    pub categories: Categories,
    /// How far it reaches.
    pub scope: Scope,
    /// The id of what it reaches.
    pub scope_id: Uuid,
    /// Whether the client as such exists for the holder; a sender has its referral and no client (C2 REFERRER).
    pub opens_client: bool,
    /// The name is shown as it stood then (C2 AUTHOR).
    pub names_until: Timestamp,
    /// Which restrictions a co-signature lets it pass: bits of [`super::restriction::PASSES_SEAL`] and the like (C16).
    pub passes: i64,
    /// What for.
    pub purpose: &'static str,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when, as planned.
    pub until_at: Timestamp,
    /// What kind of document it comes from.
    pub source_kind: &'static str,
    /// The document.
    pub source_id: Uuid,
}

/// From when until when a grant opened the name (`NEVER` for one without an end): whose, and on which basis.
#[derive(Clone, Copy)]
struct Sight {
    organisation: OrganisationId,
    team: Option<TeamId>,
    basis: Basis,
    from: Timestamp,
    until: Timestamp,
}

/// All grants of a client, ended ones included, so that what follows from their ends can be told.
struct Projection {
    live: Vec<Grant>,
    sights: Vec<Sight>,
}

impl Projection {
    /// Adds a grant unless it has ended.
    fn add(&mut self, grant: Grant, ended_at: Option<Timestamp>) {
        if grant.categories.is_empty() || grant.starts_at >= grant.until_at {
            return;
        }
        if grant.opens_client && grant.categories.has(Category::Name) {
            self.saw(&grant, ended_at.unwrap_or(grant.until_at).min(grant.until_at));
        }
        if ended_at.is_none() {
            self.live.push(grant);
        }
    }

    /// Notes that a grant showed the name until then. What ended before it began showed none: a consent given after its team
    /// had left.
    fn saw(&mut self, grant: &Grant, until: Timestamp) {
        if grant.starts_at < until {
            let Grant { organisation, team, basis, starts_at: from, .. } = *grant;
            self.sights.push(Sight { organisation, team, basis, from, until });
        }
    }
}

/// The grants that the documents about one client call for, sorted.
pub fn project(facts: &Facts) -> Vec<Grant> {
    let mut p = Projection { live: Vec::new(), sights: Vec::new() };
    for referral in &facts.referrals {
        referrer(&mut p, facts, referral);
        hub(&mut p, facts, referral);
    }
    for offer in &facts.offers {
        p.add(
            Grant {
                scope: Scope::Referral,
                scope_id: offer.referral.0,
                ..to_team(
                    Basis::Offer,
                    offer.to,
                    OFFER.minus(offer.refuses.minus(NEVER_REFUSED)),
                    offer.offered_at,
                    ("offer", offer.id.0),
                )
            },
            offer.answered_at,
        );
    }
    for case in &facts.cases {
        holder(&mut p, facts, case);
    }
    for member in &facts.members {
        team(&mut p, facts, member);
    }
    named_recipients(&mut p, facts);
    for g in &facts.gateways {
        for (grant, ended_at) in gateway::grants(facts.client, g) {
            p.add(grant, ended_at);
        }
    }
    for author in &facts.authors {
        own_items(&mut p, facts, author);
    }
    for o in &facts.overrides {
        // What one person saw in an emergency is no name that their organisation keeps.
        p.live.extend(emergency::grants(facts.client, o));
    }
    p.live.sort();
    p.live.dedup();
    p.live
}

fn to_team(
    basis: Basis,
    who: TeamFacts,
    categories: Categories,
    from: Timestamp,
    source: (&'static str, Uuid),
) -> Grant {
    Grant {
        organisation: who.organisation,
        team: Some(who.team),
        person: None,
        basis,
        categories,
        scope: Scope::Case,
        scope_id: source.1,
        opens_client: true,
        names_until: Timestamp::NEVER,
        passes: 0,
        purpose: purpose(basis),
        starts_at: from,
        until_at: Timestamp::NEVER,
        source_kind: source.0,
        source_id: source.1,
    }
}

pub(super) const fn purpose(basis: Basis) -> &'static str {
    match basis {
        Basis::Referrer => "REFERRAL_FOLLOW_UP",
        Basis::Hub => "TRIAGE",
        Basis::Offer => "INTAKE",
        Basis::Holder | Basis::Team => "CASE_COORDINATION",
        Basis::Author => "OWN_RECORDS",
        Basis::Consent => "SUPPORT",
        Basis::Panel => "PANEL",
        Basis::Override => "EMERGENCY",
        Basis::LegalGateway => "LEGAL_DUTY",
        Basis::Oversight => "REVIEW",
        Basis::Subject => "OWN_RECORD",
    }
}

fn referrer(p: &mut Projection, facts: &Facts, r: &ReferralFacts) {
    p.add(
        Grant {
            organisation: r.organisation,
            team: None,
            person: r.private_sender.then_some(r.sent_by),
            basis: Basis::Referrer,
            categories: Categories::ALL,
            scope: Scope::Referral,
            scope_id: r.id.0,
            opens_client: false,
            names_until: Timestamp::NEVER,
            passes: 0,
            purpose: purpose(Basis::Referrer),
            starts_at: r.created_at,
            until_at: facts.kept_until(r.organisation),
            source_kind: "referral",
            source_id: r.id.0,
        },
        None,
    );
}

fn hub(p: &mut Projection, facts: &Facts, r: &ReferralFacts) {
    let Some(submitted_at) = r.submitted_at else { return };
    let until_at = r.left_hub_at.map_or(Timestamp::NEVER, |t| t.plus_days(HUB_DAYS_AFTER));
    for hub in &facts.hubs {
        let base = Grant {
            scope: Scope::Referral,
            until_at,
            ..to_team(Basis::Hub, *hub, HUB, submitted_at, ("referral", r.id.0))
        };
        for c in covering(&facts.consents, &facts.withdrawals, hub.organisation, Purpose::Referral) {
            let more = c.categories.intersection(r.brought).minus(HUB);
            // What the referral itself brought, not what others record of the same category later.
            p.add(Grant { scope: Scope::Item, ..widened(&base, more, c, facts) }, c.ended_at);
        }
        p.add(base, None);
    }
}

fn holder(p: &mut Projection, facts: &Facts, case: &CaseFacts) {
    let until_at = facts.died_at.map_or(Timestamp::NEVER, |t| t.plus_days(DAYS_AFTER_DEATH));
    let base = Grant { until_at, ..to_team(Basis::Holder, case.lead, HOLDER, case.opened_at, ("case", case.id.0)) };
    // After a death the lead keeps the case that was open then for 28 days, even when it is closed on the day.
    let ended_at = case.closed_at.filter(|c| facts.died_at.is_none_or(|d| *c < d));
    for c in covering(&facts.consents, &facts.withdrawals, case.lead.organisation, Purpose::CaseCoordination) {
        p.add(widened(&base, c.categories.minus(HOLDER), c, facts), earlier(ended_at, c.ended_at));
    }
    p.add(base, ended_at);
}

fn team(p: &mut Projection, facts: &Facts, member: &MemberFacts) {
    let closed_at = facts.cases.iter().find(|c| c.id == member.case).and_then(|c| c.closed_at);
    let ended_at = [member.left_at, closed_at].into_iter().flatten().min();
    let base = Grant {
        scope_id: member.case.0,
        ..to_team(Basis::Team, member.who, TEAM, member.joined_at, ("case_member", member.id.0))
    };
    for consent in &facts.consents {
        for c in covering(std::slice::from_ref(consent), &[], member.who.organisation, Purpose::CaseCoordination) {
            lost(p, facts, consent, widened(&base, TEAM, c, facts), earlier(ended_at, c.ended_at), |left| {
                !left.intersection(member.agreed).is_empty()
            });
        }
    }
    for c in covering(&facts.consents, &facts.withdrawals, member.who.organisation, Purpose::CaseCoordination) {
        let agreed = c.categories.intersection(member.agreed);
        if !agreed.is_empty() {
            p.add(widened(&base, agreed.union(TEAM), c, facts), earlier(ended_at, c.ended_at));
        }
    }
}

/// The first of two ends.
fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

/// A grant of the same basis and scope that a consent widens, as long as both last.
fn widened(base: &Grant, categories: Categories, c: super::coverage::Coverage, facts: &Facts) -> Grant {
    Grant {
        categories,
        starts_at: base.starts_at.max(c.starts_at),
        until_at: base.until_at.min(c.until_at).min(facts.died_at.unwrap_or(Timestamp::NEVER)),
        source_kind: "consent",
        source_id: c.consent.0,
        ..base.clone()
    }
}

/// Notes when a grant that withdrawals have ended came to its end, so that the name an author keeps is the one that stood
/// then (C2 AUTHOR, C4). `holds` says whether what is left of the consent still opens the grant.
fn lost(
    p: &mut Projection,
    facts: &Facts,
    consent: &ConsentFacts,
    grant: Grant,
    ended_at: Option<Timestamp>,
    holds: impl Fn(Categories) -> bool,
) {
    let mut withdrawals: Vec<_> = facts
        .withdrawals
        .iter()
        .filter(|w| w.recorded_at >= consent.recorded_at.min(consent.given_at))
        .filter(|w| w.recipients.contains(&grant.organisation))
        .collect();
    withdrawals.sort_by_key(|w| w.recorded_at);
    let mut left = consent.categories.minus(Categories::of(&[Category::Equalities]));
    if !holds(left) {
        return;
    }
    for w in withdrawals {
        left = left.minus(w.categories);
        if !holds(left) {
            let end = w.recorded_at.min(grant.until_at).min(ended_at.unwrap_or(Timestamp::NEVER));
            p.saw(&grant, end);
            return;
        }
    }
}

fn named_recipients(p: &mut Projection, facts: &Facts) {
    for consent in facts.consents.iter().filter(|c| !c.all_partners && !c.draft && c.purposes.has(Purpose::Support)) {
        for recipient in &consent.recipients {
            let this = std::slice::from_ref(consent);
            for c in covering(this, &[], *recipient, Purpose::Support) {
                let base = to_team(
                    Basis::Consent,
                    TeamFacts { organisation: *recipient, team: TeamId(Uuid::nil()) },
                    TEAM,
                    c.starts_at,
                    ("consent", c.consent.0),
                );
                lost(p, facts, consent, Grant { team: None, ..widened(&base, TEAM, c, facts) }, c.ended_at, |left| {
                    left.has(Category::Name)
                });
            }
            for c in covering(this, &facts.withdrawals, *recipient, Purpose::Support) {
                p.add(
                    Grant {
                        organisation: *recipient,
                        team: None,
                        person: None,
                        basis: Basis::Consent,
                        categories: c.categories.union(Categories::of(&[Category::Involvement])),
                        scope: Scope::Client,
                        scope_id: facts.client.0,
                        opens_client: true,
                        names_until: Timestamp::NEVER,
                        passes: 0,
                        purpose: purpose(Basis::Consent),
                        starts_at: c.starts_at,
                        until_at: c.until_at.min(facts.died_at.unwrap_or(Timestamp::NEVER)),
                        source_kind: "consent",
                        source_id: c.consent.0,
                    },
                    c.ended_at,
                );
            }
        }
    }
}

fn own_items(p: &mut Projection, facts: &Facts, author: &AuthorFacts) {
    // The hub's sight of a name is the hub team's, not its host organisation's.
    let others = |s: &&Sight| match author.hub_team {
        Some(_) => s.team == author.hub_team && s.basis == Basis::Hub,
        None => s.organisation == author.organisation && s.basis != Basis::Hub,
    };
    let others: Vec<Sight> = p.sights.iter().filter(others).copied().collect();
    // The hub keeps its own items only while its grant lives; everybody else for as long as records are kept (C24). An
    // objection ends neither (C6).
    let until_at = match author.hub_team {
        Some(_) => others.iter().map(|s| s.until).max().unwrap_or(author.first_at),
        None => facts.kept_until(author.organisation),
    };
    // Who never saw the name keeps none; who is to see it again at a time to come keeps the old one until then.
    let mut at = author.first_at;
    let mut names_until = Timestamp(i64::MIN);
    for (from, until) in spans(&others, &facts.objections) {
        if from > at {
            p.keep(author, facts.client, names_until, at, from.min(until_at));
            at = from;
        }
        names_until = until;
    }
    p.keep(author, facts.client, names_until, at, until_at);
}

/// The spans of time in which a name was seen, in order, those that touch as one: every sight less the objections that stand
/// before its basis (C6).
fn spans(sights: &[Sight], objections: &[ObjectionFacts]) -> Vec<(Timestamp, Timestamp)> {
    let mut parts = Vec::new();
    for s in sights {
        let beaten = s.basis.bit() & ORGANISATION_OBJECTION_BEATS != 0;
        let mut stood: Vec<_> = objections.iter().filter(|o| beaten && o.organisation == s.organisation).collect();
        stood.sort_by_key(|o| o.since);
        let mut from = s.from;
        for o in stood {
            parts.push((from, s.until.min(o.since)));
            from = from.max(o.lifted_at.unwrap_or(Timestamp::NEVER));
        }
        parts.push((from, s.until));
    }
    parts.retain(|(from, until)| from < until);
    parts.sort();
    let mut all: Vec<(Timestamp, Timestamp)> = Vec::new();
    for (from, until) in parts {
        match all.last_mut() {
            Some((_, end)) if from <= *end => *end = until.max(*end),
            _ => all.push((from, until)),
        }
    }
    all
}

impl Projection {
    /// An author's own items, with the name as it stood at a moment (C2 AUTHOR).
    fn keep(
        &mut self,
        author: &AuthorFacts,
        client: ClientId,
        names_until: Timestamp,
        starts_at: Timestamp,
        until_at: Timestamp,
    ) {
        let grant = Grant {
            organisation: author.organisation,
            team: author.hub_team,
            person: None,
            basis: Basis::Author,
            categories: Categories::ALL,
            scope: Scope::OwnItems,
            scope_id: author.hub_team.map_or(author.organisation.0, |t| t.0),
            opens_client: true,
            names_until,
            passes: 0,
            purpose: purpose(Basis::Author),
            starts_at,
            until_at,
            source_kind: "client",
            source_id: client.0,
        };
        if grant.starts_at < grant.until_at {
            self.live.push(grant);
        }
    }
}

#[cfg(test)]
#[path = "grants_tests.rs"]
mod tests;
