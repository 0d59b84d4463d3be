//! What the service must answer when somebody asks why a category is seen (C12): every reason there is for anybody to see it,
//! whoever they are, and the restrictions that stand before it.

use super::facts::{Facts, Restriction, Time};
use super::rules::{self, Basis, Key, Reach, Set, Viewer, whereabouts};
use super::shown::{Field, Oracle, global, moment, moment_or_null, object};
use serde_json::{Value, json};
use uuid::Uuid;

/// Somebody's reason to see something of a client (C2), and whose it is.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    pub organisation: Uuid,
    /// The team it is narrowed to.
    pub team: Option<Uuid>,
    /// The person it is narrowed to.
    pub person: Option<Uuid>,
    pub key: Key,
}

/// A row of the table of C2.
type Row = fn(&Facts, &Viewer, Uuid, Time, &mut Vec<Key>);

fn keys_of(f: &Facts, who: &Viewer, client: Uuid, now: Time, rows: &[Row]) -> Vec<Key> {
    let mut keys = Vec::new();
    for row in rows {
        row(f, who, client, now, &mut keys);
    }
    keys
}

/// The table of C2 once more, for everybody it gives something to: each team, each organisation, each person a document names.
pub fn given(f: &Facts, client: Uuid, now: Time) -> Vec<Given> {
    let mut all = Vec::new();
    let nobody = Uuid::nil();
    for t in &f.teams {
        let organisation = t.organisation_id;
        let mut worker = Viewer::with_role(nobody, organisation, "SUPPORT_WORKER");
        worker.teams.push(t.id);
        let mut keys = keys_of(f, &worker, client, now, &[rules::offered, rules::leading, rules::member]);
        if t.is_hub {
            let mut hub = Viewer::with_role(nobody, organisation, "HUB_COORDINATOR");
            hub.hub_teams.push(t.id);
            keys.extend(keys_of(f, &hub, client, now, &[rules::as_hub, rules::author]));
        }
        all.extend(keys.into_iter().map(|key| Given { organisation, team: Some(t.id), person: None, key }));
    }
    for organisation in f.organisations.iter().map(|o| o.id) {
        let worker = Viewer::with_role(nobody, organisation, "SUPPORT_WORKER");
        let keys = keys_of(f, &worker, client, now, &[rules::author, rules::consent, rules::by_law]);
        all.extend(keys.into_iter().map(|key| Given { organisation, team: None, person: None, key }));
    }
    for r in f.referrals.iter().filter(|r| r.client_id == client) {
        let who = Viewer::with_role(r.sent_by, r.organisation_id, "REFERRER");
        let person = r.private_sender.then_some(r.sent_by);
        all.extend(through(f, &who, client, now, (rules::referrer, r.id)).map(|g| Given { person, ..g }));
    }
    for o in f.overrides.iter().filter(|o| o.client_id == client) {
        let who = Viewer::with_role(o.person_id, o.organisation_id, "SUPPORT_WORKER");
        all.extend(through(f, &who, client, now, (rules::broke_the_glass, o.id)));
        for t in f.override_tasks.iter().filter(|t| t.override_id == o.id) {
            let lead = Viewer::with_role(t.person_id, t.organisation_id, "SAFEGUARDING_LEAD");
            all.extend(through(f, &lead, client, now, (rules::reviews, o.id)));
        }
    }
    for g in f.gateways.iter().filter(|g| g.client_id == client) {
        for w in f.watchers.iter().filter(|w| w.gateway_id == g.id) {
            let lead = Viewer::with_role(w.person_id, g.recorded_for, "SAFEGUARDING_LEAD");
            all.extend(through(f, &lead, client, now, (rules::reviews, g.id)));
        }
    }
    all
}

/// What a person has by one document.
fn through(
    f: &Facts,
    who: &Viewer,
    client: Uuid,
    now: Time,
    (row, document): (Row, Uuid),
) -> impl Iterator<Item = Given> + use<> {
    let (organisation, person) = (who.organisation, Some(who.person));
    let keys = keys_of(f, who, client, now, &[row]);
    keys.into_iter().filter(move |k| k.source.1 == document).map(move |key| Given {
        organisation,
        team: None,
        person,
        key,
    })
}

/// Whether an organisation works with the person: it leads a case of theirs, or is on one (C12).
pub fn works_with(f: &Facts, client: Uuid, organisation: Uuid, now: Time) -> bool {
    let works = |g: &Given| matches!(g.key.basis, Basis::Holder | Basis::Team);
    given(f, client, now).iter().any(|g| g.organisation == organisation && works(g))
}

impl Oracle<'_> {
    /// "Those entitled (the lead's manager, safeguarding and information governance leads)" (C12): while the case is open, and
    /// while their organisation works with the person.
    fn is_told_why(&self, client: Uuid) -> bool {
        let (f, v) = (self.facts, self.viewer);
        if v.is_category {
            return false;
        }
        let running = |id| f.cases.iter().any(|k| k.id == id && k.closed_at.is_none());
        let leads = self.sight(client).keys.iter().any(|k| {
            let Reach::Case(id) = k.reach else { return false };
            k.basis == Basis::Holder && running(id)
        });
        let shut_out = f.restrictions.iter().any(|r| {
            let theirs = r.person_id == Some(v.person) || rules::excludes(f, r, v.organisation, self.now);
            let stands = match r.kind.as_str() {
                "SEALED" => !rules::is_named(f, v, r),
                "OBJECTION" => theirs,
                _ => false,
            };
            r.client_id == client && r.ended_at.is_none() && stands
        });
        (v.manages() && leads) || (v.oversees() && works_with(f, client, v.organisation, self.now) && !shut_out)
    }

    /// Why a category is seen, by whom, and what stands against it; with `only`, by that organisation, as far as it may be
    /// named (C14).
    pub fn explanation(&self, fields: &[Field], client: Uuid, category: &str, only: Option<Uuid>) -> Value {
        if !self.is_told_why(client) {
            return Value::Null;
        }
        let open = self.sight(client).open();
        let mut grants = given(self.facts, client, self.now);
        // INVOLVEMENT is opened by any grant (C1).
        grants.retain(|g| category == "INVOLVEMENT" || g.key.opens.has(category));
        grants.retain(|g| only.is_none_or(|o| o == g.organisation && self.may_name(o, open, false)));
        grants.sort_by_key(|g| g.key.since);
        let mut stands: Vec<_> = self.facts.restrictions.iter().collect();
        stands.retain(|r| r.client_id == client && r.ended_at.is_none());
        stands.sort_by_key(|r| (r.recorded_at, r.id));
        object(fields, |f| match f.name {
            "category" => json!(category),
            "grants" => {
                Value::Array(grants.iter().map(|g| self.of_given(&f.sub, g, category, open, &stands)).collect())
            }
            "restrictions" => Value::Array(stands.iter().map(|r| self.of_restriction(&f.sub, r, open)).collect()),
            name => panic!("no such field of an explanation: {name}"),
        })
    }

    fn of_given(&self, fields: &[Field], g: &Given, category: &str, open: Set, stands: &[&Restriction]) -> Value {
        let f = self.facts;
        let named = self.may_name(g.organisation, open, false);
        let team = f.teams.iter().find(|t| named && Some(t.id) == g.team).map(|t| &t.name);
        let person = f.people.iter().find(|p| named && Some(p.id) == g.person).map(|p| &p.name);
        let (kind, id) = g.key.source;
        let tag = if kind == "LEGAL_GATEWAY" { "gateway".into() } else { kind.to_lowercase() };
        let mut before: Vec<_> =
            stands.iter().filter(|r| stands_before(f, r, g, category, self.now)).map(|r| &r.kind).collect();
        let order = ["SEALED", "OBJECTION", "PROTECTED_CONTACT", "CONTACT_PREFERENCE"];
        before.sort_by_key(|kind| order.iter().position(|k| k == kind));
        before.dedup();
        object(fields, |f| match f.name {
            "organisation" => self.link(&f.sub, g.organisation, open, false),
            "teamName" => json!(team),
            "personName" => json!(person),
            "basis" => json!(g.key.basis.name()),
            "scope" => json!(scope(g.key.reach)),
            "documentKind" => json!(kind),
            "documentId" => global(&tag, id),
            "since" => moment(g.key.since),
            "until" => moment_or_null((g.key.until < Time::MAX).then_some(g.key.until)),
            "restrictedBy" => json!(before),
            name => panic!("no such field of an explained grant: {name}"),
        })
    }

    /// A restriction that stands: never whom it names, only how many; and whom it excludes where they may be named (C11).
    fn of_restriction(&self, fields: &[Field], r: &Restriction, open: Set) -> Value {
        let f = self.facts;
        let named = f.named.iter().filter(|n| n.restriction_id == r.id && !n.alike).count();
        let excluded = f.people.iter().find(|p| Some(p.id) == r.person_id && self.may_name_person(p.id, open));
        object(fields, |f| match f.name {
            "kind" => json!(r.kind),
            "since" => moment(r.recorded_at),
            "organisation" => r.organisation_id.map_or(Value::Null, |o| self.link(&f.sub, o, open, false)),
            "personName" => json!(excluded.map(|p| &p.name)),
            "peopleNamed" => json!(named),
            name => panic!("no such field of an explained restriction: {name}"),
        })
    }

    /// Nobody is named whose work for somebody else would speak (C11).
    fn may_name_person(&self, person: Uuid, open: Set) -> bool {
        let mut theirs = self.facts.memberships.iter().filter(|m| m.person_id == person && m.ended_at.is_none());
        person == self.viewer.person || theirs.all(|m| self.may_name(m.organisation_id, open, false))
    }
}

/// How far a reason reaches (C2).
const fn scope(reach: Reach) -> &'static str {
    match reach {
        Reach::Client => "CLIENT",
        Reach::Referral(_) => "REFERRAL",
        Reach::Case(_) => "CASE",
        Reach::Own(_) => "OWN_ITEMS",
        Reach::Brought(_) | Reach::Item(_) => "ITEM",
    }
}

/// "Restrictions: they win over any basis, except as said", for anybody who is not named on them.
fn stands_before(f: &Facts, r: &Restriction, g: &Given, category: &str, now: Time) -> bool {
    let kept = [Basis::Author, Basis::Referrer, Basis::Override, Basis::LegalGateway];
    match r.kind.as_str() {
        "SEALED" => g.key.basis != Basis::Oversight && !g.key.passes.seal,
        "OBJECTION" if r.person_id.is_some() => r.person_id == g.person,
        "OBJECTION" => rules::excludes(f, r, g.organisation, now) && !kept.contains(&g.key.basis),
        _ => whereabouts().has(category) && !g.key.passes.protection,
    }
}
