//! The rules of confidentiality, said once more and in the plainest way: for one viewer, one moment and one client, which
//! bases apply, what each opens and how far, and what restrictions take away. Loops over records, and nothing clever; each
//! paragraph names its rule.

use super::facts::{Case, Consent, Entry, Facts, Gateway, Note, Outward, Referral, Restriction, Signpost, Time};
use uuid::Uuid;

/// The categories (C1), in the order in which the documents number them.
pub const CATEGORIES: [&str; 20] = [
    "NAME",
    "BIRTH",
    "CONTACT",
    "ACCESS_NEEDS",
    "LONE_WORKING",
    "HOUSEHOLD",
    "HOUSING",
    "FINANCE",
    "EMPLOYMENT",
    "RISK",
    "SUPPORT_PLAN",
    "CASE_NOTES",
    "OUTCOMES",
    "INVOLVEMENT",
    "HEALTH",
    "SUBSTANCE_USE",
    "OFFENDING",
    "DOMESTIC_ABUSE",
    "IMMIGRATION",
    "EQUALITIES",
];

/// A set of categories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Set(pub i64);

impl Set {
    pub const NONE: Self = Self(0);

    pub fn of(names: &[&str]) -> Self {
        let place = |n: &&str| CATEGORIES.iter().position(|c| c == n).expect("a category");
        Self(names.iter().map(|n| 1 << place(n)).sum())
    }

    pub fn every() -> Self {
        Self::of(&CATEGORIES)
    }

    pub fn has(self, name: &str) -> bool {
        self.holds(Self::of(&[name]))
    }

    pub const fn holds(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub const fn shared(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub const fn less(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn names(self) -> Vec<&'static str> {
        CATEGORIES.into_iter().filter(|c| self.has(c)).collect()
    }
}

/// C2, the column "categories, at most". INVOLVEMENT is opened by any grant (C1).
fn hub() -> Set {
    Set::of(&[
        "NAME",
        "BIRTH",
        "CONTACT",
        "ACCESS_NEEDS",
        "LONE_WORKING",
        "HOUSEHOLD",
        "HOUSING",
        "RISK",
        "INVOLVEMENT",
    ])
}
fn offer() -> Set {
    Set::of(&["NAME", "CONTACT", "ACCESS_NEEDS", "LONE_WORKING", "HOUSEHOLD", "HOUSING", "INVOLVEMENT"])
}
fn holder() -> Set {
    hub()
}
fn every_member() -> Set {
    Set::of(&["NAME", "LONE_WORKING", "INVOLVEMENT"])
}
/// C7: "contact, workplace, school".
pub fn whereabouts() -> Set {
    Set::of(&["CONTACT", "EMPLOYMENT"])
}
/// C8: the strictest profile takes these.
fn strictest() -> Set {
    Set::of(&["NAME", "CONTACT", "ACCESS_NEEDS", "LONE_WORKING", "INVOLVEMENT"])
}

const DAY: Time = 24 * 3600 * 1_000_000;
pub const NEVER: Time = Time::MAX;
const ROLES: [&str; 9] = [
    "REFERRER",
    "SUPPORT_WORKER",
    "TEAM_MANAGER",
    "HUB_COORDINATOR",
    "SAFEGUARDING_LEAD",
    "INFORMATION_GOVERNANCE",
    "COMMISSIONER",
    "ADMINISTRATOR",
    "CLIENT",
];
const PURPOSES: [&str; 4] = ["REFERRAL", "CASE_COORDINATION", "SUPPORT", "RESEARCH"];

/// Whether a membership holds a role.
pub fn has_role(m: &super::facts::Membership, role: &str) -> bool {
    ROLES.iter().enumerate().any(|(i, r)| *r == role && m.roles & (1 << i) != 0)
}

/// The purposes that a consent names.
pub fn purposes(c: &Consent) -> Vec<&'static str> {
    PURPOSES.into_iter().enumerate().filter(|(i, _)| c.purposes & (1 << i) != 0).map(|(_, p)| p).collect()
}

/// Who asks (C21).
#[derive(Clone, Debug)]
pub struct Viewer {
    pub person: Uuid,
    pub organisation: Uuid,
    pub is_category: bool,
    pub teams: Vec<Uuid>,
    pub hub_teams: Vec<Uuid>,
    pub roles: Vec<&'static str>,
}

impl Viewer {
    /// C21: the issuer's subject is one person, who acts for one organisation while a membership of theirs lives, with the
    /// roles that the token and the membership both hold.
    pub fn of(f: &Facts, issuer: &str, subject: &str, organisation: Uuid, token_roles: &[&str]) -> Option<Self> {
        let person = f.identities.iter().find(|i| i.issuer == issuer && i.subject == subject)?.person_id;
        let mine = |m: &&super::facts::Membership| {
            m.person_id == person && m.organisation_id == organisation && m.ended_at.is_none()
        };
        let membership = f.memberships.iter().find(mine)?;
        let acts_for = f.organisations.iter().find(|o| o.id == organisation)?;
        // Nobody acts for an organisation that was merged: it is merged when nobody does any more.
        let merged = f.merges.iter().any(|m| m.merged_id == organisation && m.undone_at.is_none());
        if acts_for.status != "ACTIVE" || merged {
            return None;
        }
        let held = ROLES.iter().enumerate().filter(|(i, _)| membership.roles & (1 << i) != 0).map(|(_, r)| *r);
        let roles = held.filter(|r| token_roles.contains(r)).collect();
        let mut teams = Vec::new();
        let mut hub_teams = Vec::new();
        for j in f.membership_teams.iter().filter(|j| j.membership_id == membership.id) {
            for t in f.teams.iter().filter(|t| t.id == j.team_id && t.organisation_id == organisation) {
                teams.push(t.id);
                if t.is_hub {
                    hub_teams.push(t.id);
                }
            }
        }
        Some(Self { person, organisation, is_category: acts_for.is_category, teams, hub_teams, roles })
    }

    /// Who has nothing but a role at an organisation, and is in none of its teams.
    pub fn with_role(person: Uuid, organisation: Uuid, role: &'static str) -> Self {
        Self { person, organisation, is_category: false, teams: vec![], hub_teams: vec![], roles: vec![role] }
    }

    /// Whether they work with clients: support workers, and managers, who may what those may.
    pub fn works(&self) -> bool {
        self.roles.iter().any(|r| ["SUPPORT_WORKER", "TEAM_MANAGER"].contains(r))
    }

    pub fn coordinates(&self) -> bool {
        self.roles.contains(&"HUB_COORDINATOR")
    }

    pub fn safeguards(&self) -> bool {
        self.roles.contains(&"SAFEGUARDING_LEAD")
    }

    /// "A safeguarding or information governance lead" (C2 OVERSIGHT, C12).
    pub fn oversees(&self) -> bool {
        self.safeguards() || self.roles.contains(&"INFORMATION_GOVERNANCE")
    }

    /// Manages a team.
    pub fn manages(&self) -> bool {
        self.roles.contains(&"TEAM_MANAGER")
    }

    /// C16: "workers, managers, hub coordinators, safeguarding leads"; the rest has no client content, through any grant.
    pub fn has_client_content(&self) -> bool {
        self.works() || self.coordinates() || self.safeguards()
    }

    /// Roles that may draft and follow referrals: REFERRER, and those whose row says "the above, and".
    pub fn refers(&self) -> bool {
        self.roles.contains(&"REFERRER") || self.works() || self.coordinates()
    }
}

/// A basis (C2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    Referrer,
    Hub,
    Offer,
    Holder,
    Team,
    Author,
    Consent,
    Override,
    LegalGateway,
    Oversight,
}

impl Basis {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Referrer => "REFERRER",
            Self::Hub => "HUB",
            Self::Offer => "OFFER",
            Self::Holder => "HOLDER",
            Self::Team => "TEAM",
            Self::Author => "AUTHOR",
            Self::Consent => "CONSENT",
            Self::Override => "OVERRIDE",
            Self::LegalGateway => "LEGAL_GATEWAY",
            Self::Oversight => "OVERSIGHT",
        }
    }
}

/// Which restrictions a co-signature lets an override pass (C16).
#[derive(Clone, Copy, Debug, Default)]
pub struct Passes {
    pub seal: bool,
    pub protection: bool,
}

impl Passes {
    const fn of(needed: i64) -> Self {
        Self { seal: needed & 1 != 0, protection: needed & 2 != 0 }
    }
}

/// How far a basis reaches (C2, "Scope by basis").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Client,
    Referral(Uuid),
    Case(Uuid),
    /// What an organisation, or the hub team, recorded itself.
    Own(Uuid),
    /// What a referral brought, and nothing else of the record.
    Brought(Uuid),
    /// One document about the client, and not the client.
    Item(Uuid),
}

/// One reason for which the viewer sees something of the client now.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    pub basis: Basis,
    pub opens: Set,
    pub reach: Reach,
    /// Whose offer it is.
    pub team: Option<Uuid>,
    /// Which consent, override or gateway it is.
    pub document: Option<Uuid>,
    /// What it names, whatever protection takes off.
    pub names: Set,
    /// It was co-signed so as to pass a seal, or protected contact (C16).
    pub passes: Passes,
    /// What the team's profile refused (C8).
    pub refused: Set,
    /// Until when the names stood that an author keeps.
    pub names_until: Option<Time>,
    /// The document it comes from: its kind, and which (C2).
    pub source: (&'static str, Uuid),
    /// Since when.
    pub since: Time,
    /// Until when, as planned.
    pub until: Time,
}

impl Key {
    fn new(
        basis: Basis,
        opens: Set,
        reach: Reach,
        source: (&'static str, Uuid),
        (since, until): (Time, Time),
    ) -> Self {
        Self {
            basis,
            opens,
            reach,
            source,
            since,
            until,
            team: None,
            document: None,
            names: opens,
            passes: Passes::default(),
            refused: Set::NONE,
            names_until: None,
        }
    }

    /// Whether the client as such is there for it: a sender has its referral "and no client record"; OVERSIGHT, and an override that
    /// waits, reach the one document.
    pub fn opens_client(&self) -> bool {
        self.basis != Basis::Referrer && !matches!(self.reach, Reach::Item(_))
    }

    /// Whether it opens the sections of the record, not single items.
    fn opens_record(&self) -> bool {
        self.opens_client() && matches!(self.reach, Reach::Client | Reach::Referral(_) | Reach::Case(_))
    }

    pub fn reaches_referral(&self, r: &Referral) -> bool {
        match self.reach {
            Reach::Client => true,
            Reach::Referral(id) | Reach::Brought(id) => id == r.id,
            // "the case and the referral it grew from"
            Reach::Case(id) => Some(id) == r.case_id,
            Reach::Own(_) | Reach::Item(_) => false,
        }
    }

    pub fn reaches_case(&self, k: &Case) -> bool {
        match self.reach {
            Reach::Client => true,
            Reach::Case(id) => id == k.id,
            // The case is the record of the agency that led it.
            Reach::Own(owner) => owner == k.lead_organisation_id,
            Reach::Referral(_) | Reach::Brought(_) | Reach::Item(_) => false,
        }
    }

    fn reaches_note(&self, n: &Note) -> bool {
        match self.reach {
            Reach::Client => true,
            Reach::Case(id) => id == n.case_id,
            Reach::Own(owner) => owner == n.owner_id,
            Reach::Referral(_) | Reach::Brought(_) | Reach::Item(_) => false,
        }
    }

    /// A sender sees the signposts it was told (C2 REFERRER); a private one learns of progress alone (C23).
    pub fn reaches_signpost(&self, f: &Facts, s: &Signpost) -> bool {
        let referral = f.referrals.iter().find(|r| Some(r.id) == s.referral_id);
        if self.basis == Basis::Referrer && (s.told == "CLIENT" || referral.is_some_and(|r| r.private_sender)) {
            return false;
        }
        match self.reach {
            Reach::Client => true,
            Reach::Referral(id) | Reach::Brought(id) => Some(id) == s.referral_id,
            Reach::Case(id) => Some(id) == s.case_id || referral.is_some_and(|r| Some(id) == r.case_id),
            Reach::Own(owner) => owner == s.owner_id,
            Reach::Item(_) => false,
        }
    }
}

/// C3, C4: what a consent still gives an organisation, whenever it holds: its categories less every withdrawal that came
/// after it. Equalities are shown to nobody, "whatever a consent says" (C1). What came with a referral that was never sent
/// opens nothing yet, and what came with a contact request nothing at all: the person has yet to agree (C23).
fn still_given(f: &Facts, c: &Consent, to: Uuid) -> Set {
    if is_draft(f, c) || !names(f, c, to) {
        return Set::NONE;
    }
    let mut left = Set(c.categories).less(Set::of(&["EQUALITIES"]));
    for (_, taken) in withdrawals(f, c, to, None) {
        left = left.less(taken);
    }
    left
}

fn names(f: &Facts, c: &Consent, organisation: Uuid) -> bool {
    f.recipients.iter().any(|r| r.consent_id == c.id && r.organisation_id == organisation)
}

fn is_draft(f: &Facts, c: &Consent) -> bool {
    // Nor does what the sender of a contact request says of the person's consent, under whichever hat (C21, C23).
    let heard =
        f.referrals.iter().any(|r| r.client_id == c.client_id && r.contact_request && r.sent_by == c.recorded_by);
    heard
        || f.referrals.iter().any(|r| Some(r.id) == c.referral_id && (r.submitted_at.is_none() || r.contact_request))
}

/// C4: a withdrawal closes that recipient and category under every consent that was given or recorded until then.
fn withdrawals(f: &Facts, c: &Consent, from: Uuid, by: Option<Uuid>) -> Vec<(Time, Set)> {
    let mut all = Vec::new();
    for w in f.withdrawals.iter().filter(|w| w.client_id == c.client_id && by.is_none_or(|by| w.recorded_for == by)) {
        let theirs = f.withdrawn_from.iter().any(|x| x.withdrawal_id == w.id && x.organisation_id == from);
        if theirs && w.recorded_at >= c.recorded_at.min(c.given_at) {
            all.push((w.recorded_at, Set(w.categories)));
        }
    }
    all.sort_by_key(|(at, _)| *at);
    all
}

/// What was withdrawn from a recipient of a consent: all of it, or what one organisation recorded.
pub fn withdrawn(f: &Facts, c: &Consent, from: Uuid, by: Option<Uuid>) -> Set {
    withdrawals(f, c, from, by).into_iter().fold(Set::NONE, |all, (_, taken)| all.and(taken))
}

/// When withdrawals left nothing of what was wanted from a consent, if they did; nothing when there never was any.
fn used_up(f: &Facts, c: &Consent, to: Uuid, wanted: Set) -> Option<Time> {
    let mut left = Set(c.categories).less(Set::of(&["EQUALITIES"])).shared(wanted);
    if left.is_empty() {
        return None;
    }
    for (at, taken) in withdrawals(f, c, to, None) {
        left = left.less(taken);
        if left.is_empty() {
            return Some(at);
        }
    }
    Some(NEVER)
}

/// The day of death begins at midnight.
fn died(f: &Facts, client: Uuid) -> Option<Time> {
    let day = f.clients.iter().find(|c| c.id == client)?.died_on.clone()?;
    let day = chrono::NaiveDate::parse_from_str(&day, "%Y-%m-%d").expect("a day");
    Some(day.and_hms_opt(0, 0, 0).expect("midnight").and_utc().timestamp_micros())
}

/// C3, C24: until when whoever gave a consent had the authority to: a proxy until they are ended or excluded, or as planned; a parent
/// until the child is competent, or 18 by any date of birth there is.
fn authority(f: &Facts, c: &Consent) -> Time {
    let mut until = NEVER;
    for p in f.proxies.iter().filter(|p| Some(p.id) == c.proxy_id) {
        until = until.min(p.until_at).min(p.ended_at.unwrap_or(NEVER)).min(p.excluded_at.unwrap_or(NEVER));
    }
    if c.given_by == "PARENT" {
        for k in f.competence.iter().filter(|k| k.client_id == c.client_id) {
            until = until.min(k.assessed_at);
        }
        let births = f.entries.iter().filter(|e| e.client_id == c.client_id && e.category == "BIRTH");
        for e in births.filter(|e| e.replaced_at.is_none() && !e.third_party) {
            let day = e.search_key.as_deref().expect("a day");
            let born = chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").expect("a day");
            let of_age = born.checked_add_months(chrono::Months::new(18 * 12)).expect("a day");
            until = until.min(of_age.and_hms_opt(0, 0, 0).expect("midnight").and_utc().timestamp_micros());
        }
    }
    until
}

/// Until when a consent holds: until it expires or its giver's authority ends, and never after a death (C24).
fn consent_until(f: &Facts, c: &Consent) -> Time {
    c.expires_at.min(authority(f, c)).min(died(f, c.client_id).unwrap_or(NEVER))
}

/// Whether a consent holds at a moment, from when it was given.
fn holds(f: &Facts, c: &Consent, now: Time) -> bool {
    c.given_at <= now && now < consent_until(f, c)
}

/// A consent as the document that something comes from; what it widens lasts while both do.
fn by_consent(f: &Facts, c: &Consent, (since, until): (Time, Time)) -> ((&'static str, Uuid), (Time, Time)) {
    (("CONSENT", c.id), (since.max(c.given_at), until.min(consent_until(f, c))))
}

/// Until when the lead has a case: its closing; after a death what was open then for 28 days (C2 HOLDER).
fn held_until(f: &Facts, k: &Case) -> Time {
    match (died(f, k.client_id), k.closed_at) {
        (Some(death), Some(closed)) if closed < death => closed,
        (Some(death), _) => death + 28 * DAY,
        (None, closed) => closed.unwrap_or(NEVER),
    }
}

/// Until when the hub has a referral: 30 days after it left (C2 HUB).
fn with_hub_until(r: &Referral) -> Time {
    r.left_hub_at.map_or(NEVER, |t| t + 30 * DAY)
}

/// Until when a team is on a case: leaving, closure (C2 TEAM).
fn member_until(f: &Facts, m: &super::facts::Member) -> Time {
    let closed = f.cases.iter().find(|k| k.id == m.case_id).and_then(|k| k.closed_at);
    m.left_at.unwrap_or(NEVER).min(closed.unwrap_or(NEVER))
}

/// What one viewer has on one client at one moment.
#[derive(Clone, Debug)]
pub struct Sight {
    pub keys: Vec<Key>,
    /// Contact and location are for the named few, and the viewer is none of them (C7).
    pub protected: bool,
    /// Whose own items the viewer works for: the organisation's, the teams'.
    works_for: Vec<Uuid>,
    /// Whom they supervise (C10).
    supervised: Vec<Uuid>,
}

impl Sight {
    /// The table of C2, row by row, and then the restrictions.
    pub fn of(f: &Facts, v: &Viewer, client: Uuid, now: Time) -> Self {
        let mut keys = Vec::new();
        referrer(f, v, client, now, &mut keys);
        // "Organisations' categories ('Self', 'GP') … never hold, pass on or widen a grant" (C2).
        if !v.is_category {
            as_hub(f, v, client, now, &mut keys);
            offered(f, v, client, now, &mut keys);
            leading(f, v, client, now, &mut keys);
            member(f, v, client, now, &mut keys);
            author(f, v, client, now, &mut keys);
            consent(f, v, client, now, &mut keys);
            broke_the_glass(f, v, client, now, &mut keys);
            by_law(f, v, client, now, &mut keys);
            reviews(f, v, client, now, &mut keys);
            // Here PANEL and SUBJECT are added, a function each, when there are documents they come from; what an objection
            // leaves standing of them is in `restricted`.
        }
        restricted(f, v, client, now, keys)
    }

    /// Hidden means non-existent (C13): is the client there?
    pub fn sees_client(&self) -> bool {
        self.keys.iter().any(Key::opens_client)
    }

    /// The categories whose sections are open.
    pub fn open(&self) -> Set {
        open(&self.keys)
    }

    /// Whether an entry opens as a section of the record: current, and through the record or as an own item; or as the name
    /// that an author keeps as it stood (C2 AUTHOR).
    pub fn opens_entry(&self, e: &Entry) -> bool {
        if e.reveals_location && self.protected {
            return false;
        }
        // C9: what is of third parties stays with who works for the organisation, or the hub team, that recorded it.
        if e.third_party && !self.works_for.contains(&e.owner_id) {
            return false;
        }
        self.keys.iter().filter(|k| k.opens_client() && k.opens.has(&e.category)).any(|k| {
            let own = k.reach == Reach::Own(e.owner_id) || k.reach == Reach::Brought(e.owner_id);
            let current = e.replaced_at.is_none() && (k.opens_record() || own);
            let stood = |at: Time| e.recorded_at <= at && e.replaced_at.is_none_or(|r| r > at);
            current || (e.category == "NAME" && k.names_until.is_some_and(stood))
        })
    }

    /// C1: a note carries a set of categories, and all must be open. C9: what is of third parties stays with the organisation
    /// that recorded it. C10: a reflective log is its author's and the author's supervisor's. C7: what reveals the place.
    pub fn opens_note(&self, v: &Viewer, n: &Note) -> bool {
        let may = match n.visibility.as_str() {
            "TEAM" => true,
            // The hub is another than the agency that hosts it: what workers recorded is for those who work there.
            "AGENCY" | "THIRD_PARTY" => n.recorded_for == v.organisation && self.works_for.contains(&n.owner_id),
            _ => {
                n.recorded_for == v.organisation
                    && (n.recorded_by == v.person || self.supervised.contains(&n.recorded_by))
            }
        };
        let tells_where = n.reveals_location || !Set(n.categories).shared(whereabouts()).is_empty();
        let reaching = || self.keys.iter().filter(|k| k.opens_client() && k.reaches_note(n));
        let each = Set(n.categories).names().into_iter().all(|c| reaching().any(|k| k.opens.has(c)));
        n.replaced_at.is_none() && may && each && !(tells_where && self.protected)
    }

    /// The reasons to see a consent: the lead and who recorded it, who works with the referral it came with, and whom it
    /// names, to work under it or to support under it. Withdrawing always succeeds (C4): who was in the team that led a case knows
    /// of the consents to its agency what it knew while it worked.
    pub fn to_consent(&self, f: &Facts, v: &Viewer, c: &Consent) -> Vec<Key> {
        let named = names(f, c, v.organisation);
        let reaches = |k: &&Key| {
            let place = match k.reach {
                Reach::Client => k.basis != Basis::Consent || k.document == Some(c.id),
                Reach::Referral(id) | Reach::Brought(id) => Some(id) == c.referral_id,
                Reach::Own(owner) => owner == c.owner_id,
                Reach::Case(_) | Reach::Item(_) => false,
            };
            let works = named && matches!(k.basis, Basis::Team | Basis::Hub | Basis::Offer);
            let led = f.cases.iter().any(|x| x.client_id == c.client_id && v.teams.contains(&x.lead_team_id));
            let knew = k.reach == Reach::Own(v.organisation) && k.names_until.is_some_and(|at| c.recorded_at <= at);
            let excluded = f
                .restrictions
                .iter()
                .any(|r| r.client_id == c.client_id && r.ended_at.is_none() && excludes(f, r, v.organisation, NEVER));
            let comes_back = named && led && knew && !excluded;
            k.opens_client() && (place || k.basis == Basis::Holder || works || comes_back)
        };
        self.keys.iter().filter(reaches).copied().collect()
    }

    /// The reasons to see who speaks for a client, and competence (C3, C24): to take consent as the hub, the lead or a member; to have
    /// recorded it; an emergency.
    pub fn to_proxy(&self, owner: Uuid) -> Vec<Key> {
        let takes_consent = [Basis::Hub, Basis::Holder, Basis::Team, Basis::Override];
        let reaches =
            |k: &&Key| k.opens_client() && (takes_consent.contains(&k.basis) || k.reach == Reach::Own(owner));
        self.keys.iter().filter(reaches).copied().collect()
    }

    /// The reasons to see on which lawful basis an organisation processes what it has (C3): to work for it. It is an own item.
    pub fn opens_lawful_basis(&self, owner: Uuid) -> bool {
        self.keys.iter().any(|k| k.opens_client() && k.reach == Reach::Own(owner))
    }

    /// The reasons to see a legal gateway (C17): the client's record is open, it is an own item, the viewer's organisation leads or
    /// reviews; one that a consent or another gateway names sees its own document alone. All its categories must be named (C1).
    pub fn to_gateway(&self, g: &Gateway) -> Vec<Key> {
        let reaches = |k: &&Key| {
            let narrow = matches!(k.basis, Basis::Consent | Basis::LegalGateway) && k.document != Some(g.id);
            (to_document(k, g.owner_id) || k.reach == Reach::Item(g.id)) && !narrow
        };
        let keys: Vec<_> = self.keys.iter().filter(reaches).copied().collect();
        let named = keys.iter().fold(Set::NONE, |all, k| all.and(k.names));
        if named.holds(Set(g.categories)) { keys } else { Vec::new() }
    }

    /// The reasons to see what was told to somebody outside (C17), if it is seen: all that was told must be open, and no place
    /// told (C7).
    pub fn to_outward(&self, d: &Outward) -> Option<Vec<Key>> {
        let tells_where = d.reveals_location || !Set(d.categories).shared(whereabouts()).is_empty();
        let keys: Vec<_> = self.keys.iter().filter(|k| to_document(k, d.owner_id)).copied().collect();
        let open = keys.iter().fold(Set::NONE, |all, k| all.and(k.names));
        (open.holds(Set(d.categories)) && !(tells_where && self.protected)).then_some(keys)
    }
}

/// Documents about the client as such are of no referral and no case: they are for who sees the client, the lead, and whose own
/// items they are.
fn to_document(k: &Key, owner: Uuid) -> bool {
    k.reach == Reach::Client || k.reach == Reach::Own(owner) || k.basis == Basis::Holder
}

/// The categories whose sections keys open: for the hub also those that the referral brought.
pub fn open(keys: &[Key]) -> Set {
    let counts = |k: &&Key| k.opens_record() || matches!(k.reach, Reach::Brought(_));
    keys.iter().filter(counts).fold(Set::NONE, |all, k| all.and(k.opens))
}

/// What keys open within a referral or a case, and what belongs to it.
pub fn open_within(keys: &[Key], documents: &[Option<Uuid>]) -> Set {
    let within = |k: &&Key| match k.reach {
        Reach::Client => true,
        Reach::Referral(id) | Reach::Case(id) | Reach::Brought(id) | Reach::Item(id) => documents.contains(&Some(id)),
        Reach::Own(_) => false,
    };
    keys.iter().filter(within).fold(Set::NONE, |all, k| all.and(k.opens))
}

/// C24: "Retention runs from the last closure, is configurable by organisation, and legal holds win." What is open has not closed; an
/// accepted referral closes with its case, and a draft that was never sent counts from when it was made.
fn kept_until(f: &Facts, client: Uuid, organisation: Uuid) -> Time {
    let theirs = |h: &&super::facts::Hold| h.client_id == client && h.organisation_id == organisation;
    if f.holds.iter().filter(theirs).any(|h| h.lifted_at.is_none()) {
        return NEVER;
    }
    let mut last: Option<Time> = None;
    for k in f.cases.iter().filter(|k| k.client_id == client) {
        let Some(closed) = k.closed_at else { return NEVER };
        last = last.max(Some(closed));
    }
    for r in f.referrals.iter().filter(|r| r.client_id == client) {
        match r.state.as_str() {
            "ACCEPTED" => {}
            "DRAFT" => last = last.max(Some(r.created_at)),
            "CLOSED" => last = last.max(r.closed_at),
            _ => return NEVER,
        }
    }
    let Some(last) = last else { return NEVER };
    let years = f.organisations.iter().find(|o| o.id == organisation).expect("an organisation").retention_years;
    let last = chrono::DateTime::from_timestamp_micros(last).expect("a moment");
    let months = chrono::Months::new(12 * u32::try_from(years).expect("few"));
    last.checked_add_months(months).expect("a moment").timestamp_micros()
}

/// REFERRER: the organisation that sent it (a private person: that user alone); draft – retention.
pub fn referrer(f: &Facts, v: &Viewer, client: Uuid, now: Time, keys: &mut Vec<Key>) {
    for r in f.referrals.iter().filter(|r| r.client_id == client && r.organisation_id == v.organisation) {
        let theirs = if r.private_sender { r.sent_by == v.person } else { !v.is_category };
        let lasts = (r.created_at, kept_until(f, client, v.organisation));
        if v.refers() && theirs && lasts.0 <= now && now < lasts.1 {
            keys.push(Key::new(Basis::Referrer, Set::every(), Reach::Referral(r.id), ("REFERRAL", r.id), lasts));
        }
    }
}

/// HUB: the hub; submission – 30 days after it leaves the hub. "What else the referral brought under consent": the purpose
/// REFERRAL feeds it (C3), and it is the referral's own items that open, not what others record of that category later.
pub fn as_hub(f: &Facts, v: &Viewer, client: Uuid, now: Time, keys: &mut Vec<Key>) {
    if !v.coordinates() || v.hub_teams.is_empty() {
        return;
    }
    for r in f.referrals.iter().filter(|r| r.client_id == client) {
        let Some(submitted) = r.submitted_at.filter(|t| *t <= now && now < with_hub_until(r)) else { continue };
        let lasts = (submitted, with_hub_until(r));
        keys.push(Key::new(Basis::Hub, hub(), Reach::Referral(r.id), ("REFERRAL", r.id), lasts));
        for c in f.consents.iter().filter(|c| c.client_id == client && purposes(c).contains(&"REFERRAL")) {
            let more = still_given(f, c, v.organisation).shared(Set(r.brought)).less(hub());
            if holds(f, c, now) && !more.is_empty() {
                let (source, lasts) = by_consent(f, c, lasts);
                keys.push(Key::new(Basis::Hub, more, Reach::Brought(r.id), source, lasts));
            }
        }
    }
}

/// OFFER: the team a referral is offered to; offer – answer; less what its intake profile refuses (C8).
pub fn offered(f: &Facts, v: &Viewer, client: Uuid, now: Time, keys: &mut Vec<Key>) {
    for o in f.offers.iter().filter(|o| o.client_id == client) {
        if v.works() && v.teams.contains(&o.team_id) && o.offered_at <= now && o.answered_at.is_none() {
            let refused = Set(o.refuses).less(strictest()).shared(offer());
            let opens = offer().less(refused);
            let (team, lasts) = (Some(o.team_id), (o.offered_at, NEVER));
            let key = Key::new(Basis::Offer, opens, Reach::Referral(o.referral_id), ("OFFER", o.id), lasts);
            keys.push(Key { team, refused, ..key });
        }
    }
}

/// HOLDER: the team that leads an open case; acceptance – closure (28 days after a death); "the rest as consent covers it":
/// CASE_COORDINATION feeds it (C3).
pub fn leading(f: &Facts, v: &Viewer, client: Uuid, now: Time, keys: &mut Vec<Key>) {
    for k in f.cases.iter().filter(|k| k.client_id == client) {
        if !v.works() || !v.teams.contains(&k.lead_team_id) || now < k.opened_at || now >= held_until(f, k) {
            continue;
        }
        let lasts = (k.opened_at, held_until(f, k));
        keys.push(Key::new(Basis::Holder, holder(), Reach::Case(k.id), ("CASE", k.id), lasts));
        for c in f.consents.iter().filter(|c| c.client_id == client && purposes(c).contains(&"CASE_COORDINATION")) {
            let more = still_given(f, c, k.lead_organisation_id).less(holder());
            if holds(f, c, now) && !more.is_empty() {
                let (source, lasts) = by_consent(f, c, lasts);
                keys.push(Key::new(Basis::Holder, more, Reach::Case(k.id), source, lasts));
            }
        }
    }
}

/// TEAM: a member team of a shared case; "sharing agreement ∩ consent, on that case, with NAME and LONE_WORKING"; joining –
/// leaving, closure.
pub fn member(f: &Facts, v: &Viewer, client: Uuid, now: Time, keys: &mut Vec<Key>) {
    for m in f.members.iter().filter(|m| m.client_id == client) {
        if !v.works() || !v.teams.contains(&m.team_id) || now < m.joined_at || now >= member_until(f, m) {
            continue;
        }
        for c in f.consents.iter().filter(|c| c.client_id == client && purposes(c).contains(&"CASE_COORDINATION")) {
            let both = still_given(f, c, m.organisation_id).shared(Set(m.agreed));
            if holds(f, c, now) && !both.is_empty() {
                let (source, lasts) = by_consent(f, c, (m.joined_at, NEVER));
                keys.push(Key::new(Basis::Team, both.and(every_member()), Reach::Case(m.case_id), source, lasts));
            }
        }
    }
}

/// CONSENT: an organisation a consent names, for SUPPORT (C3), one by one: "all partners" names nobody; given – expiry,
/// withdrawal.
pub fn consent(f: &Facts, v: &Viewer, client: Uuid, now: Time, keys: &mut Vec<Key>) {
    for c in f.consents.iter().filter(|c| c.client_id == client && purposes(c).contains(&"SUPPORT")) {
        let given = still_given(f, c, v.organisation);
        if v.works() && !c.all_partners && holds(f, c, now) && !given.is_empty() {
            let opens = given.and(Set::of(&["INVOLVEMENT"]));
            let (source, lasts) = by_consent(f, c, (c.given_at, NEVER));
            keys.push(Key { document: Some(c.id), ..Key::new(Basis::Consent, opens, Reach::Client, source, lasts) });
        }
    }
}

/// What is opened without the client's consent: what was named, and that there is a record; equalities to nobody (C1).
fn without_consent(categories: i64) -> Set {
    Set(categories).less(Set::of(&["EQUALITIES"])).and(Set::of(&["INVOLVEMENT"]))
}

/// OVERRIDE: one person, those asked for; opening – at most 24 h. C16: what is sealed or protected needs a co-signature, and so does
/// somebody who owes a review; until there is one, the document alone is there for the asker. NOT_JUSTIFIED ends it.
pub fn broke_the_glass(f: &Facts, v: &Viewer, client: Uuid, now: Time, keys: &mut Vec<Key>) {
    for o in f.overrides.iter().filter(|o| o.client_id == client && o.person_id == v.person) {
        let over = o.ended_at.is_some() || o.verdict.as_deref() == Some("NOT_JUSTIFIED");
        if over || o.organisation_id != v.organisation || !v.has_client_content() {
            continue;
        }
        let (document, source) = (Some(o.id), ("OVERRIDE", o.id));
        let signed = o.cosigned_by.is_some();
        let waits = (o.needs_passes != 0 || o.needs_review) && !signed;
        match (o.opened_at, o.until_at) {
            (Some(from), Some(until)) if !waits => {
                let lasts = (from, until.min(from + DAY));
                if from <= now && now < lasts.1 {
                    // What was set after it was signed, and stands, it does not pass (C16).
                    let later = |kinds: &[&str]| {
                        let of = f.restrictions.iter().filter(|r| r.client_id == client && r.ended_at.is_none());
                        let mut of = of.filter(|r| kinds.contains(&r.kind.as_str()));
                        of.any(|r| o.cosigned_at.is_some_and(|at| r.recorded_at > at))
                    };
                    let signed_for = if signed { Passes::of(o.needs_passes) } else { Passes::default() };
                    let passes = Passes {
                        seal: signed_for.seal && !later(&["SEALED"]),
                        protection: signed_for.protection && !later(&["PROTECTED_CONTACT", "CONTACT_PREFERENCE"]),
                    };
                    let opens = without_consent(o.categories);
                    let key = Key::new(Basis::Override, opens, Reach::Client, source, lasts);
                    keys.push(Key { document, passes, ..key });
                }
            }
            _ => {
                if o.asked_at <= now && now < o.lapses_at {
                    let opens = Set::of(&["INVOLVEMENT"]);
                    let lasts = (o.asked_at, o.lapses_at);
                    keys.push(Key { document, ..Key::new(Basis::Override, opens, Reach::Item(o.id), source, lasts) });
                }
            }
        }
    }
}

/// Between which dates a gateway opens the record: once a safeguarding lead has granted it, until it is ended (C17).
fn by_its_dates(g: &Gateway) -> Option<(Time, Time)> {
    let granted = ["GRANTED", "ENDED"].contains(&g.state.as_str());
    granted.then(|| (g.starts_at, g.until_at.min(g.ended_at.unwrap_or(NEVER))))
}

/// LEGAL_GATEWAY: the organisation named; those named; its dates.
pub fn by_law(f: &Facts, v: &Viewer, client: Uuid, now: Time, keys: &mut Vec<Key>) {
    for g in f.gateways.iter().filter(|g| g.client_id == client && g.recipient_id == v.organisation) {
        let open = by_its_dates(g).filter(|(from, until)| *from <= now && now < *until);
        if let Some(lasts) = open.filter(|_| v.has_client_content()) {
            let (opens, source) = (without_consent(g.categories), ("LEGAL_GATEWAY", g.id));
            let key = Key::new(Basis::LegalGateway, opens, Reach::Client, source, lasts);
            keys.push(Key { document: Some(g.id), ..key });
        }
    }
}

/// OVERSIGHT: a safeguarding or information governance lead; the one document under review; task given – done. A gateway's task is
/// given with the asking, and done when it is refused or over.
pub fn reviews(f: &Facts, v: &Viewer, client: Uuid, now: Time, keys: &mut Vec<Key>) {
    if !v.oversees() {
        return;
    }
    for o in f.overrides.iter().filter(|o| o.client_id == client) {
        let mine = f.override_tasks.iter().find(|t| {
            let theirs = t.person_id == v.person && t.organisation_id == v.organisation;
            t.override_id == o.id && theirs && t.given_at <= now && t.done_at.is_none()
        });
        if let Some(task) = mine {
            let (opens, lasts) = (Set(o.categories).and(Set::of(&["INVOLVEMENT"])), (task.given_at, NEVER));
            let key = Key::new(Basis::Oversight, opens, Reach::Item(o.id), ("OVERRIDE", o.id), lasts);
            let passes = Passes { seal: true, ..Passes::default() };
            keys.push(Key { document: Some(o.id), passes, ..key });
        }
    }
    for g in f.gateways.iter().filter(|g| g.client_id == client && g.recorded_for == v.organisation) {
        let mine = f.watchers.iter().any(|w| w.gateway_id == g.id && w.person_id == v.person);
        let to_do = g.state == "ASKED" || (g.state == "GRANTED" && now < g.until_at);
        if mine && to_do && g.recorded_at <= now {
            let until = if g.state == "GRANTED" { g.until_at } else { NEVER };
            let (opens, lasts) = (without_consent(g.categories), (g.recorded_at, until));
            let key = Key::new(Basis::Oversight, opens, Reach::Item(g.id), ("LEGAL_GATEWAY", g.id), lasts);
            keys.push(Key { document: Some(g.id), ..key });
        }
    }
}

/// AUTHOR: an organisation that recorded items: those items, and the NAME as it stood when its other grants ended. What the
/// hub recorded is the hub team's, only while its HUB grant lives; what workers recorded is for those who work there.
pub fn author(f: &Facts, v: &Viewer, client: Uuid, now: Time, keys: &mut Vec<Key>) {
    let mut own = |owner: Uuid, until: Time, sights: Vec<(Time, Time)>| {
        if let Some(first) = first_recorded(f, client, owner).filter(|_| now < until) {
            let names_until = last_sight(&sights, now);
            let lasts = while_the_name_stands(&sights, (first, until), now);
            let key = Key::new(Basis::Author, Set::every(), Reach::Own(owner), ("CLIENT", client), lasts);
            keys.push(Key { names_until, ..key });
        }
    };
    if v.works() {
        let until = kept_until(f, client, v.organisation);
        own(v.organisation, until, sights_of_name(f, client, v.organisation));
    }
    for team in v.hub_teams.iter().filter(|_| v.works() || v.coordinates()) {
        let sent = f.referrals.iter().filter(|r| r.client_id == client && r.submitted_at.is_some());
        let spans: Vec<_> = sent.map(|r| (r.submitted_at.expect("submitted"), with_hub_until(r))).collect();
        if let Some(until) = spans.iter().map(|(_, to)| *to).max() {
            own(*team, until, outside_objections(f, client, v.organisation, spans));
        }
    }
}

/// When somebody recorded their first item: entries, notes, signposts, consents, gateways, what was told outside; and the cases an
/// agency leads are of its own recording.
fn first_recorded(f: &Facts, client: Uuid, owner: Uuid) -> Option<Time> {
    let mut all: Vec<Time> = Vec::new();
    let mut add = |of: Uuid, by: Uuid, at: Time| {
        if of == client && by == owner {
            all.push(at);
        }
    };
    f.entries.iter().for_each(|x| add(x.client_id, x.owner_id, x.recorded_at));
    f.notes.iter().for_each(|x| add(x.client_id, x.owner_id, x.recorded_at));
    f.signposts.iter().for_each(|x| add(x.client_id, x.owner_id, x.recorded_at));
    f.consents.iter().for_each(|x| add(x.client_id, x.owner_id, x.recorded_at));
    f.proxies.iter().for_each(|x| add(x.client_id, x.owner_id, x.recorded_at));
    f.competence.iter().for_each(|x| add(x.client_id, x.owner_id, x.recorded_at));
    f.lawful_bases.iter().for_each(|x| add(x.client_id, x.owner_id, x.recorded_at));
    f.gateways.iter().for_each(|x| add(x.client_id, x.owner_id, x.recorded_at));
    f.outward.iter().for_each(|x| add(x.client_id, x.owner_id, x.recorded_at));
    f.cases.iter().for_each(|x| add(x.client_id, x.lead_organisation_id, x.opened_at));
    all.into_iter().min()
}

/// When the last sight of the name ended, or will end as planned. One that ended before it began showed nothing, and what begins later
/// than now tells nothing yet.
fn last_sight(spans: &[(Time, Time)], now: Time) -> Option<Time> {
    spans.iter().filter(|(from, to)| from < to && *from <= now).map(|(_, to)| *to).max()
}

/// Between when and when an author's own items go with the name as it stands now: a sight of the name that begins anew, or is
/// planned to, is where one ends and the next begins (C2 AUTHOR).
fn while_the_name_stands(spans: &[(Time, Time)], (first, last): (Time, Time), now: Time) -> (Time, Time) {
    let spans: Vec<_> = spans.iter().filter(|(from, to)| from < to).collect();
    let anew = |at: &Time| !spans.iter().any(|(from, to)| from < at && at <= to);
    let (mut since, mut until) = (first, last);
    for at in spans.iter().map(|(from, _)| *from).filter(anew) {
        if at <= now {
            since = since.max(at);
        } else {
            until = until.min(at);
        }
    }
    (since, until)
}

/// When an organisation's other grants showed the name, or will as planned: following one's own referral shows none, the hub's
/// sight is the hub team's, and an override's is one person's. While the client excludes the organisation (C6) it sees no name but
/// through a gateway: an excluded agency keeps the one it knew when it was excluded.
fn sights_of_name(f: &Facts, client: Uuid, organisation: Uuid) -> Vec<(Time, Time)> {
    let mut spans = Vec::new();
    for o in f.offers.iter().filter(|o| o.client_id == client && o.organisation_id == organisation) {
        spans.push((o.offered_at, o.answered_at.unwrap_or(NEVER)));
    }
    for k in f.cases.iter().filter(|k| k.client_id == client && k.lead_organisation_id == organisation) {
        spans.push((k.opened_at, held_until(f, k)));
    }
    let death = died(f, client).unwrap_or(NEVER);
    let theirs = |c: &&Consent| c.client_id == client && names(f, c, organisation) && !is_draft(f, c);
    for c in f.consents.iter().filter(theirs) {
        let until = c.expires_at.min(death).min(authority(f, c));
        if purposes(c).contains(&"SUPPORT")
            && !c.all_partners
            && let Some(end) = used_up(f, c, organisation, Set::of(&["NAME"]))
        {
            spans.push((c.given_at, until.min(end)));
        }
        if purposes(c).contains(&"CASE_COORDINATION") {
            for m in f.members.iter().filter(|m| m.client_id == client && m.organisation_id == organisation) {
                if let Some(end) = used_up(f, c, organisation, Set(m.agreed)) {
                    spans.push((c.given_at.max(m.joined_at), until.min(end).min(member_until(f, m))));
                }
            }
        }
    }
    let mut spans = outside_objections(f, client, organisation, spans);
    for g in f.gateways.iter().filter(|g| g.client_id == client && g.recipient_id == organisation) {
        spans.extend(by_its_dates(g).filter(|_| Set(g.categories).has("NAME")));
    }
    spans
}

/// What stands for an organisation at a moment, by the merges that stand then: the last of the chain.
fn stands_for(f: &Facts, organisation: Uuid, at: Time) -> Uuid {
    let stands = |m: &&super::facts::Merge| {
        m.merged_id == organisation && m.merged_at <= at && m.undone_at.is_none_or(|undone| at < undone)
    };
    f.merges.iter().find(stands).map_or(organisation, |m| stands_for(f, m.into_id, at))
}

/// C6: whom a client excludes is a body: an objection to an organisation is one to all that are merged with it, while they are.
pub fn excludes(f: &Facts, r: &Restriction, organisation: Uuid, at: Time) -> bool {
    let same = |of: Uuid| stands_for(f, of, at) == stands_for(f, organisation, at);
    r.kind == "OBJECTION" && r.organisation_id.is_some_and(same)
}

/// What is left of spans of time when those are taken out in which the client excluded the organisation.
fn outside_objections(f: &Facts, client: Uuid, organisation: Uuid, spans: Vec<(Time, Time)>) -> Vec<(Time, Time)> {
    let theirs = |r: &&Restriction| r.client_id == client && r.organisation_id == Some(organisation);
    let mut left = spans;
    for r in f.restrictions.iter().filter(theirs).filter(|r| r.kind == "OBJECTION") {
        let (from, to) = (r.recorded_at, r.ended_at.unwrap_or(NEVER));
        left = left.into_iter().flat_map(|(a, b)| [(a, b.min(from)), (a.max(to), b)]).collect();
        left.retain(|(a, b)| a < b);
    }
    left
}

/// C5, C7: whether the viewer is one of the few that a restriction names; the worker an offer names is one until it is answered.
pub fn is_named(f: &Facts, v: &Viewer, r: &Restriction) -> bool {
    let still = |offer| f.offers.iter().any(|o| o.id == offer && o.answered_at.is_none());
    f.named.iter().any(|n| n.restriction_id == r.id && n.person_id == v.person && n.offer_id.is_none_or(still))
}

/// "Restrictions: they win over any basis, except as said."
fn restricted(f: &Facts, v: &Viewer, client: Uuid, now: Time, mut keys: Vec<Key>) -> Sight {
    // What a co-signature passes of protected contact is passed for the person, whatever else they hold.
    let passed = keys.iter().any(|k| k.passes.protection);
    let mut protected = false;
    for r in f.restrictions.iter().filter(|r| r.client_id == client && r.ended_at.is_none()) {
        match r.kind.as_str() {
            // C5: exists for the people named on it alone, not even the hub; a co-signed override passes it (C16), and who
            // co-signs or reviews one has that document.
            "SEALED" if !is_named(f, v, r) => keys.retain(|k| k.passes.seal),
            // C6: that person sees nothing, ever, override included …
            "OBJECTION" if r.person_id == Some(v.person) => keys.clear(),
            // … and an organisation "OVERRIDE, LEGAL_GATEWAY and its own items": what it recorded, and the referral it wrote.
            "OBJECTION" if excludes(f, r, v.organisation, now) => {
                let own = [Basis::Author, Basis::Referrer, Basis::Override, Basis::LegalGateway];
                keys.retain(|k| own.contains(&k.basis));
            }
            // C7: contact is seen by the named few; the preference reads exactly like it.
            "PROTECTED_CONTACT" | "CONTACT_PREFERENCE" if !is_named(f, v, r) && !passed => protected = true,
            _ => {}
        }
    }
    if protected {
        for k in &mut keys {
            k.opens = k.opens.less(whereabouts());
        }
    }
    let mut works_for = v.teams.clone();
    if v.works() {
        works_for.push(v.organisation);
    }
    let supervises = f.supervisions.iter().filter(|s| {
        let live = s.starts_at <= now && now < s.until_at && s.ended_at.is_none();
        // Only a manager supervises, and only while acting as one.
        live && v.manages() && s.organisation_id == v.organisation && s.supervisor_id == v.person
    });
    let supervised = supervises.map(|s| s.worker_id).collect();
    Sight { keys, protected, works_for, supervised }
}
