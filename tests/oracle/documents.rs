//! What the service must answer about documents on a client as such: overrides, legal gateways, and what was told to somebody
//! outside (C16, C17). To whom the last two went, on which ground and why speaks (C11).

use super::explained::works_with;
use super::facts::{Gateway, Outward, Override};
use super::rules::{self, Basis, Key, Reach, Set};
use super::shown::{Field, Oracle, asked, global, moment, moment_or_null, object};
use serde_json::{Value, json};
use uuid::Uuid;

/// What a ground says of the person: a court and the police are concerned with offending, a conference on domestic abuse with that.
fn said_by_ground(ground: &str) -> Set {
    match ground {
        "COURT_ORDER" | "POLICE_REQUEST" | "MAPPA" => Set::of(&["OFFENDING"]),
        "MARAC" | "MARAC_PROTOCOL" => Set::of(&["DOMESTIC_ABUSE"]),
        _ => Set::NONE,
    }
}

/// What the name of somebody outside says, as somebody wrote it.
fn said_by_name(name: &str) -> Set {
    let name = name.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|w| name.contains(w));
    let mut all = Set::NONE;
    if says(&["police", "constabulary", "court", "probation", "prison"]) {
        all = all.and(Set::of(&["OFFENDING"]));
    }
    if says(&["refuge", "marac", "women's aid"]) {
        all = all.and(Set::of(&["DOMESTIC_ABUSE"]));
    }
    all
}

/// What keys open of a document, whatever protection takes off the record.
fn named(keys: &[Key]) -> Set {
    keys.iter().fold(Set::NONE, |all, k| all.and(k.names))
}

/// Whose own item a document is, and who recorded it for which organisation.
#[derive(Clone, Copy)]
struct Recorded {
    owner: Uuid,
    by: Uuid,
    of: Uuid,
}

impl Oracle<'_> {
    /// An own item of whoever the viewer works for, for as long as they keep it (C2 AUTHOR); or the viewer wrote it.
    fn is_own(&self, keys: &[Key], r: Recorded) -> bool {
        let wrote = r.by == self.viewer.person && r.of == self.viewer.organisation;
        wrote || keys.iter().any(|k| k.reach == Reach::Own(r.owner))
    }

    /// C18: whether the client is told is for safeguarding leads, the lead team and who recorded it.
    fn is_told_of_telling(&self, keys: &[Key], r: Recorded) -> bool {
        self.viewer.safeguards() || self.is_own(keys, r) || keys.iter().any(|k| k.basis == Basis::Holder)
    }

    /// An override: for the asker while it lasts or waits, and for the leads whose task it is (C16, C2 OVERSIGHT).
    pub fn glass(&self, fields: &[Field], o: &Override) -> Value {
        let sight = self.sight(o.client_id);
        let keys: Vec<_> = sight.keys.iter().filter(|k| k.document == Some(o.id)).copied().collect();
        if keys.is_empty() {
            return Value::Null;
        }
        let open = named(&keys);
        let asker = self.facts.people.iter().find(|p| p.id == o.person_id).map(|p| p.name.clone());
        object(fields, |f| match f.name {
            "id" => global("override", o.id),
            "version" => json!(o.version),
            "status" => json!(self.stands(o)),
            "categories" => json!(Set(o.categories).names()),
            "ground" => json!(o.ground),
            "reason" => json!(o.reason),
            "hours" => json!(o.hours),
            "askedAt" => moment(o.asked_at),
            "openedAt" => moment_or_null(o.opened_at),
            "until" => moment_or_null(o.until_at),
            "endedAt" => moment_or_null(o.ended_at),
            "cosignedAt" => moment_or_null(o.cosigned_at),
            "reviewDueAt" => moment_or_null(o.review_due_at),
            "escalatedAt" => moment_or_null(o.escalated_at),
            "reviewedAt" => moment_or_null(o.reviewed_at),
            "verdict" => json!(o.verdict),
            "reviewReason" => json!(o.review_reason),
            "askedFor" => self.link(&f.sub, o.organisation_id, open, false),
            "askedByName" => json!(asker.as_ref().filter(|_| self.may_name(o.organisation_id, open, false))),
            "client" => self.client(&f.sub, o.client_id),
            "outwardDisclosures" => {
                let mut all: Vec<_> = self.facts.outward.iter().filter(|d| d.owner_id == o.id).collect();
                all.sort_by_key(|d| std::cmp::Reverse(d.id));
                Value::Array(all.into_iter().map(|d| self.outward(&f.sub, d)).filter(|d| !d.is_null()).collect())
            }
            "viewerAccess" => asked(&f.sub, &self.steps_with(o)),
            name => panic!("no such field of an override: {name}"),
        })
    }

    /// The overrides on a record that the viewer sees, newest first.
    pub fn overrides_of(&self, fields: &[Field], client: Uuid) -> Value {
        let mut all: Vec<_> = self.facts.overrides.iter().filter(|o| o.client_id == client).collect();
        all.sort_by_key(|o| std::cmp::Reverse(o.id));
        Value::Array(all.into_iter().map(|o| self.glass(fields, o)).filter(|o| !o.is_null()).collect())
    }

    /// Where an override stands now.
    fn stands(&self, o: &Override) -> &'static str {
        match (o.ended_at, o.opened_at, o.until_at) {
            (None, Some(_), Some(until)) if self.now < until => "OPEN",
            (None, None, _) if self.now < o.lapses_at => "WAITING",
            _ => "OVER",
        }
    }

    /// What is the viewer's to do with an override (C16): who asked gives it back; another person reviews it, who did not sign it
    /// either; what still waits can only be refused.
    fn steps_with(&self, o: &Override) -> Value {
        let (v, stands) = (self.viewer, self.stands(o));
        let another = o.person_id != v.person;
        let to_review = o.reviewed_at.is_none() && (o.opened_at.is_some() || stands == "WAITING");
        json!({
            "canEnd": !another && stands != "OVER",
            "canReview": v.safeguards() && another && o.cosigned_by != Some(v.person) && to_review,
            "canCosign": v.safeguards() && stands == "WAITING" && self.may_cosign(o, v.person, v.organisation),
        })
    }

    /// C16: a safeguarding lead of a holding organisation co-signs, "never the asker's colleague"; where there is none, the hub's,
    /// and where there is none of those either, or what waits is neither sealed nor protected, any other.
    fn may_cosign(&self, o: &Override, person: Uuid, organisation: Uuid) -> bool {
        let f = self.facts;
        let live = |p: Uuid| f.memberships.iter().filter(move |m| m.person_id == p && m.ended_at.is_none());
        let colleague = |p: Uuid| {
            let with_asker = |of: Uuid| of == o.organisation_id || live(o.person_id).any(|m| m.organisation_id == of);
            p == o.person_id || live(p).any(|m| with_asker(m.organisation_id))
        };
        let excluded = |p: Uuid| {
            let theirs = |r: &&super::facts::Restriction| r.client_id == o.client_id && r.person_id == Some(p);
            f.restrictions.iter().filter(theirs).any(|r| r.kind == "OBJECTION" && r.ended_at.is_none())
        };
        let merged = |of: Uuid| f.merges.iter().any(|m| m.merged_id == of && m.undone_at.is_none());
        let there = |of: Uuid| f.organisations.iter().any(|x| x.id == of && x.status == "ACTIVE") && !merged(of);
        let others: Vec<_> = f
            .memberships
            .iter()
            .filter(|m| m.ended_at.is_none() && rules::has_role(m, "SAFEGUARDING_LEAD") && there(m.organisation_id))
            .filter(|m| !colleague(m.person_id) && !excluded(m.person_id))
            .collect();
        let holds = |of: Uuid| works_with(f, o.client_id, of, self.now);
        let at_hub = |of: Uuid| f.teams.iter().any(|t| t.organisation_id == of && t.is_hub);
        let a_holder = others.iter().any(|m| holds(m.organisation_id));
        let a_hub = others.iter().any(|m| at_hub(m.organisation_id));
        let stands_in = !a_holder && (o.needs_passes == 0 || at_hub(organisation) || !a_hub);
        !colleague(person) && (holds(organisation) || stands_in)
    }

    /// A legal gateway. To whom it opens the record, on which ground and why is for who may be told what either implies; for who
    /// recorded it, who reviews it and whom it names it is no news (C11).
    pub fn gateway(&self, fields: &[Field], g: &Gateway) -> Value {
        let keys = self.sight(g.client_id).to_gateway(g);
        if keys.is_empty() {
            return Value::Null;
        }
        let open = named(&keys);
        let reviews = keys.iter().any(|k| k.basis == Basis::Oversight);
        let speaks = self.may_name(g.recipient_id, open, false) && open.holds(said_by_ground(&g.kind));
        let recorded = Recorded { owner: g.owner_id, by: g.recorded_by, of: g.recorded_for };
        let told = self.is_own(&keys, recorded) || reviews || g.recipient_id == self.viewer.organisation || speaks;
        let telling = self.is_told_of_telling(&keys, recorded);
        let recipient = self.facts.organisations.iter().find(|o| o.id == g.recipient_id).expect("an organisation");
        let over = g.state == "GRANTED" && g.until_at <= self.now;
        let state = if over { "ENDED" } else { &g.state };
        object(fields, |f| match f.name {
            "id" => global("gateway", g.id),
            "version" => json!(g.version),
            "state" => json!(state),
            "categories" => json!(Set(g.categories).names()),
            "from" => moment(g.starts_at),
            "until" => moment(g.until_at),
            "recordedAt" => moment(g.recorded_at),
            "decidedAt" => moment_or_null(g.decided_at),
            "endedAt" => moment_or_null(g.ended_at),
            "client" => self.client(&f.sub, g.client_id),
            "recordedFor" => self.link(&f.sub, g.recorded_for, open, false),
            "recipient" if told => {
                asked(&f.sub, &json!({ "id": global("organisation", recipient.id), "name": recipient.name }))
            }
            "recipient" => asked(&f.sub, &json!({ "id": null, "name": "an organisation" })),
            "kind" => json!(told.then_some(&g.kind)),
            "reference" => json!(told.then_some(&g.reference)),
            "reason" => json!(told.then_some(&g.reason)),
            "decisionReason" => json!(g.decision_reason.as_ref().filter(|_| told)),
            "endReason" => json!(g.end_reason.as_ref().filter(|_| told)),
            "tell" => json!(g.tell.as_ref().filter(|_| telling)),
            "withholdUntil" => moment_or_null(g.withhold_until.filter(|_| telling)),
            "withholdReason" => json!(g.withhold_reason.as_ref().filter(|_| telling && told)),
            "viewerAccess" => asked(&f.sub, &self.steps_of_law(g, state)),
            name => panic!("no such field of a gateway: {name}"),
        })
    }

    /// C17: another person decides, a safeguarding lead of the organisation that asked, and nobody in favour of their own; a lead
    /// of that organisation, or of the one that is named, ends it.
    fn steps_of_law(&self, g: &Gateway, state: &str) -> Value {
        let v = self.viewer;
        let own = self
            .facts
            .memberships
            .iter()
            .any(|m| m.person_id == v.person && m.organisation_id == g.recipient_id && m.ended_at.is_none());
        let asked_here = v.safeguards() && v.organisation == g.recorded_for;
        let named_here = v.safeguards() && v.organisation == g.recipient_id;
        json!({
            "canDecide": asked_here && v.person != g.recorded_by && !own && state == "ASKED",
            "canEnd": (asked_here || named_here) && state == "GRANTED",
        })
    }

    /// That somebody outside was told. Who, on what basis and what is told like the ground of a gateway.
    pub fn outward(&self, fields: &[Field], d: &Outward) -> Value {
        let Some(keys) = self.sight(d.client_id).to_outward(d) else { return Value::Null };
        let open = named(&keys);
        let implied = said_by_ground(&d.basis).and(said_by_name(&d.recipient));
        let recorded = Recorded { owner: d.owner_id, by: d.recorded_by, of: d.recorded_for };
        let told = self.is_own(&keys, recorded) || open.holds(implied);
        let telling = self.is_told_of_telling(&keys, recorded);
        object(fields, |f| match f.name {
            "id" => global("disclosure", d.id),
            "categories" => json!(Set(d.categories).names()),
            "disclosedAt" => moment(d.disclosed_at),
            "recordedAt" => moment(d.recorded_at),
            "client" => self.client(&f.sub, d.client_id),
            "recordedFor" => self.link(&f.sub, d.recorded_for, open, false),
            "recipient" => json!(if told { &d.recipient } else { "an organisation" }),
            "basis" => json!(told.then_some(&d.basis)),
            "reference" => json!(d.reference.as_ref().filter(|_| told)),
            "summary" => json!(told.then_some(&d.summary)),
            "tell" => json!(telling.then_some(&d.tell)),
            "withholdUntil" => moment_or_null(d.withhold_until.filter(|_| telling)),
            "withholdReason" => json!(d.withhold_reason.as_ref().filter(|_| telling && told)),
            name => panic!("no such field of an outward disclosure: {name}"),
        })
    }
}
