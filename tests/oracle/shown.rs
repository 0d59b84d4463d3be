//! What the service must answer, said from the rules alone: every field of clients, consents and sections. Referrals are in
//! `referral.rs`, cases, notes and signposts in `shared_case.rs`.

use super::facts::{Competence, Consent, Entry, Facts, LawfulBasis, Proxy, Time};
use super::rules::{self, CATEGORIES, Set, Sight, Viewer, open, withdrawn};
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use uuid::Uuid;

/// A field that is asked for, with what is asked for below it.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: &'static str,
    pub sub: Vec<Field>,
    /// The first so many of a list.
    pub first: Option<usize>,
    /// Only those in this state or status.
    pub only: Option<(&'static str, &'static str)>,
}

impl Field {
    pub fn plain(name: &'static str) -> Self {
        Self::with(name, Vec::new())
    }

    pub fn with(name: &'static str, sub: Vec<Self>) -> Self {
        Self { name, sub, first: None, only: None }
    }

    /// As it stands in the document.
    pub fn text(&self) -> String {
        let first = self.first.map(|n| format!("first: {n}"));
        let only = self.only.map(|(argument, value)| format!("{argument}: {value}"));
        let arguments: Vec<_> = first.into_iter().chain(only).collect();
        let arguments = if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
        format!("{}{arguments}{}", self.name, texts(&self.sub))
    }
}

/// A selection as it stands in the document.
pub fn texts(fields: &[Field]) -> String {
    if fields.is_empty() {
        return String::new();
    }
    format!(" {{ {} }}", fields.iter().map(Field::text).collect::<Vec<_>>().join(" "))
}

/// A global id.
pub fn global(tag: &str, id: Uuid) -> Value {
    json!(format!("{tag}_{}", id.simple()))
}

/// A moment as it is shown.
pub fn moment(at: Time) -> Value {
    let at = chrono::DateTime::from_timestamp_micros(at).expect("a moment");
    json!(at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true))
}

pub fn moment_or_null(at: Option<Time>) -> Value {
    at.map_or(Value::Null, moment)
}

/// An object: what each field asked for reads.
pub fn object(fields: &[Field], mut read: impl FnMut(&Field) -> Value) -> Value {
    let mut all = Map::new();
    for f in fields {
        all.insert(f.name.to_owned(), read(f));
    }
    Value::Object(all)
}

/// What is asked for by name, of an object that was written out in full.
pub fn asked(fields: &[Field], whole: &Value) -> Value {
    object(fields, |f| whole.get(f.name).unwrap_or_else(|| panic!("nobody says what {} reads", f.name)).clone())
}

/// The categories with a section on the record; notes have none, and INVOLVEMENT is opened by any grant.
pub fn sections() -> Set {
    Set::every().less(Set::of(&["CASE_NOTES", "INVOLVEMENT"]))
}

/// Who must know all of a document to honour it: the lead, the hub, and who recorded it.
const fn must_honour(k: &rules::Key) -> bool {
    matches!(k.basis, rules::Basis::Holder | rules::Basis::Hub | rules::Basis::Author)
}

/// The world as one viewer sees it at one moment.
pub struct Oracle<'a> {
    pub facts: &'a Facts,
    pub viewer: &'a Viewer,
    pub now: Time,
    sights: RefCell<HashMap<Uuid, Rc<Sight>>>,
}

impl<'a> Oracle<'a> {
    pub fn new(facts: &'a Facts, viewer: &'a Viewer, now: Time) -> Self {
        Self { facts, viewer, now, sights: RefCell::default() }
    }

    pub fn sight(&self, client: Uuid) -> Rc<Sight> {
        let make = || Rc::new(Sight::of(self.facts, self.viewer, client, self.now));
        Rc::clone(self.sights.borrow_mut().entry(client).or_insert_with(make))
    }

    /// C11: an organisation is named where every category that its name implies is open; nobody is hidden from itself.
    pub fn link(&self, fields: &[Field], of: Uuid, open: Set, named_anyway: bool) -> Value {
        let organisation = self.facts.organisations.iter().find(|o| o.id == of).expect("an organisation");
        if self.may_name(of, open, named_anyway) {
            asked(fields, &json!({ "id": global("organisation", of), "name": organisation.name }))
        } else {
            asked(fields, &json!({ "id": null, "name": "an organisation" }))
        }
    }

    pub fn may_name(&self, of: Uuid, open: Set, named_anyway: bool) -> bool {
        let organisation = self.facts.organisations.iter().find(|o| o.id == of).expect("an organisation");
        of == self.viewer.organisation || named_anyway || open.holds(Set(organisation.implied_categories))
    }

    /// What the viewer sees of the document of an id.
    pub fn by_id(&self, tag: &str, sub: &[Field], id: Uuid) -> Value {
        let f = self.facts;
        match tag {
            "client" => self.client(sub, id),
            "referral" => self.referral(sub, id),
            "case" => self.shared_case(sub, id),
            "note" => {
                let found = f.notes.iter().find(|n| n.id == id && self.sees_note(n));
                found.map_or(Value::Null, |n| self.note(sub, n))
            }
            "consent" => f.consents.iter().find(|c| c.id == id).map_or(Value::Null, |c| self.consent(sub, c)),
            "signpost" => f.signposts.iter().find(|s| s.id == id).map_or(Value::Null, |s| self.signpost(sub, s)),
            "proxy" => f.proxies.iter().find(|p| p.id == id).map_or(Value::Null, |p| self.proxy(sub, p)),
            "override" => f.overrides.iter().find(|o| o.id == id).map_or(Value::Null, |o| self.glass(sub, o)),
            "request" => f.requests.iter().find(|r| r.id == id).map_or(Value::Null, |r| self.request(sub, r)),
            "basis" => f.lawful_bases.iter().find(|b| b.id == id).map_or(Value::Null, |b| self.lawful_basis(sub, b)),
            "gateway" => f.gateways.iter().find(|g| g.id == id).map_or(Value::Null, |g| self.gateway(sub, g)),
            "disclosure" => f.outward.iter().find(|d| d.id == id).map_or(Value::Null, |d| self.outward(sub, d)),
            "inbox" => self.item(sub, id),
            tag => panic!("no such node: {tag}"),
        }
    }

    /// C12: every category that is not open, with its reason: statistics for nobody, what the own profile refused, the rest.
    pub fn withheld(&self, fields: &[Field], keys: &[rules::Key], open: Set, of: Set) -> Value {
        let refused = keys.iter().fold(Set::NONE, |all, k| all.and(k.refused));
        let mut all = Vec::new();
        for c in CATEGORIES.iter().filter(|c| of.has(c) && !open.has(c)) {
            let (reason, remedy) = match *c {
                "EQUALITIES" => (
                    "ROLE",
                    "Recorded for statistics; only the agency that recorded it and the person themselves see it.",
                ),
                c if refused.has(c) => (
                    "INTAKE_PROFILE",
                    "Your team's intake profile leaves this out until you have met the person. Accept the referral first.",
                ),
                _ => (
                    "NOT_SHARED",
                    "Ask the person, or the lead worker of the case, whether this may be shared with your agency for your work.",
                ),
            };
            all.push(asked(fields, &json!({ "category": c, "reason": reason, "remedy": remedy })));
        }
        Value::Array(all)
    }

    /// C22: adding needs the work: the hub's, the lead's or a member's.
    pub fn may_record(&self, keys: &[rules::Key]) -> bool {
        let member = keys.iter().any(|k| k.basis == rules::Basis::Team);
        self.leads_or_triages(keys) || (self.viewer.works() && member)
    }

    /// Who leads the work: the hub, and the lead.
    pub fn leads_or_triages(&self, keys: &[rules::Key]) -> bool {
        let has = |basis| keys.iter().any(|k| k.basis == basis);
        let as_hub = self.viewer.coordinates() && !self.viewer.hub_teams.is_empty() && has(rules::Basis::Hub);
        as_hub || (self.viewer.works() && has(rules::Basis::Holder))
    }

    /// A page of a list: the first so many of those there are.
    pub fn page<T>(&self, field: &Field, tag: &str, all: &[(Uuid, T)], one: impl Fn(&[Field], &T) -> Value) -> Value {
        let first = field.first.unwrap_or(20);
        let shown = || all.iter().take(first);
        object(&field.sub, |f| match f.name {
            "totalCount" => json!(all.len()),
            "nodes" => Value::Array(shown().map(|(_, t)| one(&f.sub, t)).collect()),
            "edges" => Value::Array(
                shown()
                    .map(|(id, t)| {
                        object(&f.sub, |g| if g.name == "node" { one(&g.sub, t) } else { global(tag, *id) })
                    })
                    .collect(),
            ),
            "pageInfo" => asked(
                &f.sub,
                &json!({
                    "hasNextPage": all.len() > first, "hasPreviousPage": false,
                    "startCursor": shown().next().map(|(id, _)| global(tag, *id)),
                    "endCursor": shown().last().map(|(id, _)| global(tag, *id)),
                }),
            ),
            name => panic!("no such field of a page: {name}"),
        })
    }

    /// A client, who is there or is not (C13).
    pub fn client(&self, fields: &[Field], client: Uuid) -> Value {
        let sight = self.sight(client);
        if !sight.sees_client() {
            return Value::Null;
        }
        let keys: Vec<_> = sight.keys.iter().filter(|k| k.opens_client()).copied().collect();
        object(fields, |f| match f.name {
            "id" => global("client", client),
            "redactions" => self.withheld(&f.sub, &keys, sight.open(), sections()),
            "viewerAccess" => {
                let may = self.may_record(&keys);
                let open = sight.open().names();
                let v = self.viewer;
                // A seal is for those who lead: managers, coordinators, safeguarding leads, of the hub and the lead team.
                let leads =
                    v.roles.iter().any(|r| ["TEAM_MANAGER", "HUB_COORDINATOR", "SAFEGUARDING_LEAD"].contains(r));
                // Who only broke the glass, or is there by a law or for a review, shuts nobody out.
                let passing = [rules::Basis::Override, rules::Basis::LegalGateway, rules::Basis::Oversight];
                let guards = v.safeguards() && keys.iter().any(|k| !passing.contains(&k.basis));
                // Whose sight of the record is to end leaves nobody to lift it.
                let keeps = keys
                    .iter()
                    .any(|k| matches!(k.basis, rules::Basis::Hub | rules::Basis::Holder) && k.until == rules::NEVER);
                asked(
                    &f.sub,
                    &json!({
                        "canRecord": may, "canRecordConsent": may, "canRecordProxy": may, "canRecordLawfulBasis": may, "openCategories": open, "canRecordObjection": may,
                        "canSeal": leads && self.leads_or_triages(&keys) && keeps, "canProtectContact": may || guards,
                        "canAskLegalGateway": may, "canRecordOutwardDisclosure": v.has_client_content(),
                    }),
                )
            }
            "consents" => {
                let mut all: Vec<_> = self.facts.consents.iter().filter(|c| c.client_id == client).collect();
                all.sort_by_key(|c| std::cmp::Reverse(c.id));
                let seen = all.into_iter().map(|c| self.consent(&f.sub, c)).filter(|c| !c.is_null());
                Value::Array(seen.collect())
            }
            "proxies" => {
                let mut all: Vec<_> = self.facts.proxies.iter().filter(|p| p.client_id == client).collect();
                all.sort_by_key(|p| std::cmp::Reverse(p.id));
                Value::Array(all.into_iter().map(|p| self.proxy(&f.sub, p)).filter(|p| !p.is_null()).collect())
            }
            "lawfulBases" => {
                let seen = |b: &&LawfulBasis| b.client_id == client && sight.opens_lawful_basis(b.owner_id);
                let mut all: Vec<_> = self.facts.lawful_bases.iter().filter(seen).map(|b| (b.id, b)).collect();
                all.sort_by_key(|(id, _)| std::cmp::Reverse(*id));
                self.page(f, "basis", &all, |fields, b| self.lawful_basis(fields, b))
            }
            "competence" => {
                let mut all: Vec<_> = self.facts.competence.iter().filter(|k| k.client_id == client).collect();
                all.sort_by_key(|k| std::cmp::Reverse(k.id));
                Value::Array(all.into_iter().map(|k| self.competence(&f.sub, k)).filter(|k| !k.is_null()).collect())
            }
            "legalGateways" => {
                let mut all: Vec<_> = self.facts.gateways.iter().filter(|g| g.client_id == client).collect();
                all.sort_by_key(|g| std::cmp::Reverse(g.id));
                Value::Array(all.into_iter().map(|g| self.gateway(&f.sub, g)).filter(|g| !g.is_null()).collect())
            }
            "outwardDisclosures" => {
                let mut all: Vec<_> = self.facts.outward.iter().filter(|d| d.client_id == client).collect();
                all.sort_by_key(|d| std::cmp::Reverse(d.id));
                Value::Array(all.into_iter().map(|d| self.outward(&f.sub, d)).filter(|d| !d.is_null()).collect())
            }
            "overrides" => self.overrides_of(&f.sub, client),
            "referrals" => self.referrals_of(f, client),
            "sharedCases" => self.cases_of(f, client),
            section => self.section(&f.sub, section, client),
        })
    }

    /// A section: the latest entry its viewer may see, or nothing (C12).
    fn section(&self, fields: &[Field], name: &str, client: Uuid) -> Value {
        let sight = self.sight(client);
        let category = category_of(name);
        let seen = |e: &&Entry| e.client_id == client && e.category == category && sight.opens_entry(e);
        let Some(e) = self.facts.entries.iter().filter(seen).max_by_key(|e| (e.recorded_at, e.id)) else {
            return Value::Null;
        };
        // C11: the hub sees who sent what it triages.
        let sent_to_hub = sight.keys.iter().any(|k| {
            use rules::Reach::{Brought, Referral};
            k.basis == rules::Basis::Hub && [Referral(e.owner_id), Brought(e.owner_id)].contains(&k.reach)
        });
        let body: Value = serde_json::from_str(&e.body).expect("JSON");
        object(fields, |f| match f.name {
            "entryId" => global("entry", e.id),
            "recordedAt" => moment(e.recorded_at),
            "version" => json!(e.version),
            "recordedFor" => self.link(&f.sub, e.recorded_for, sight.open(), sent_to_hub),
            "revealsLocation" => json!(e.reveals_location),
            "thirdParty" => json!(e.third_party),
            "members" => {
                let members = body["members"].as_array().expect("members");
                Value::Array(members.iter().map(|m| self.household_member(&f.sub, m)).collect())
            }
            "addressLines" => body.get("address_lines").cloned().unwrap_or_else(|| json!([])),
            name => body.get(snake(name)).cloned().unwrap_or(Value::Null),
        })
    }

    /// C9: a member's name as recorded, and a link only where the viewer sees that record.
    fn household_member(&self, fields: &[Field], m: &Value) -> Value {
        object(fields, |f| match f.name {
            "client" => match m.get("client_id").and_then(Value::as_str) {
                Some(id) => {
                    let id = Uuid::try_parse(id.trim_start_matches("client_")).expect("an id");
                    self.client(&f.sub, id)
                }
                None => Value::Null,
            },
            name => m[snake(name)].clone(),
        })
    }

    /// A consent, for those with a reason to see it; what it gives to others is for the lead, the hub and who recorded it. Who
    /// recorded it keeps what it recorded itself, and is told of no withdrawal that others recorded later (C2 AUTHOR); a recipient
    /// that is there on another basis is told of its own.
    pub fn consent(&self, fields: &[Field], c: &Consent) -> Value {
        let keys = self.sight(c.client_id).to_consent(self.facts, self.viewer, c);
        if keys.is_empty() {
            return Value::Null;
        }
        let honours = keys.iter().any(|k| matches!(k.basis, rules::Basis::Holder | rules::Basis::Hub));
        let wrote = keys.iter().any(|k| k.basis == rules::Basis::Author && k.reach == rules::Reach::Own(c.owner_id));
        let all = honours || wrote;
        let there = keys.iter().any(|k| k.basis != rules::Basis::Author);
        let here = self.viewer.organisation;
        let taken = |to| {
            let told = honours || (to == here && there);
            withdrawn(self.facts, c, to, (!told).then_some(here))
        };
        let gives = |to| Set(c.categories).less(taken(to));
        object(fields, |f| match f.name {
            "id" => global("consent", c.id),
            "purposes" => json!(rules::purposes(c)),
            "categories" if all => json!(Set(c.categories).names()),
            "categories" => {
                let named = self.facts.recipients.iter();
                let mut named =
                    named.filter(|r| r.consent_id == c.id && r.organisation_id == self.viewer.organisation);
                let whole = Set(c.categories);
                json!(named.next().map_or(whole, |r| gives(r.organisation_id)).names())
            }
            "allPartners" => json!(c.all_partners),
            "givenBy" => json!(c.given_by),
            "givenHow" => json!(c.given_how),
            "proxyId" => json!(c.proxy_id.filter(|_| all).map(|p| global("proxy", p))),
            "proxyName" => {
                let giver = self.facts.proxies.iter().find(|p| all && Some(p.id) == c.proxy_id);
                json!(giver.map(|p| &p.name))
            }
            "decidedBy" => json!(c.decided_by.as_ref().filter(|_| all)),
            "decisionReason" => json!(c.decision_reason.as_ref().filter(|_| all)),
            "givenAt" => moment(c.given_at),
            "expiresAt" => moment(c.expires_at),
            "recordedAt" => moment(c.recorded_at),
            "recipients" => {
                let mut rows = Vec::new();
                for r in self.facts.recipients.iter().filter(|r| r.consent_id == c.id) {
                    let to = r.organisation_id;
                    if all || to == self.viewer.organisation {
                        let gone = taken(to).shared(Set(c.categories));
                        // C11, C14: of whom the viewer may not be told by name, nothing moves that a withdrawal by name could move.
                        let speaks = !self.may_name(to, open(&keys), false);
                        rows.push(object(&f.sub, |g| match g.name {
                            "categories" if speaks => json!(Set(c.categories).names()),
                            "withdrawn" if speaks => Value::Null,
                            "organisation" => self.link(&g.sub, to, open(&keys), false),
                            "categories" => json!(gives(to).names()),
                            "withdrawn" if all => json!(gone.names()),
                            "withdrawn" => Value::Null,
                            name => panic!("no such field of a recipient: {name}"),
                        }));
                    }
                }
                Value::Array(rows)
            }
            name => panic!("no such field of a consent: {name}"),
        })
    }

    /// Who speaks for a client; why they do not any more is for those who must honour it.
    pub fn proxy(&self, fields: &[Field], p: &Proxy) -> Value {
        let keys = self.sight(p.client_id).to_proxy(p.owner_id);
        if keys.is_empty() {
            return Value::Null;
        }
        let all = keys.iter().any(must_honour);
        let until = (p.until_at < Time::MAX).then_some(p.until_at);
        asked(
            fields,
            &json!({
                "id": global("proxy", p.id), "version": p.version, "kind": p.kind, "name": p.name, "from": moment(p.starts_at),
                "until": moment_or_null(until), "endedAt": moment_or_null(p.ended_at),
                "endReason": p.end_reason.as_ref().filter(|_| all), "neverActs": p.excluded_at.is_some(),
                "neverActsReason": p.exclusion_reason.as_ref().filter(|_| all), "recordedAt": moment(p.recorded_at),
            }),
        )
    }

    /// On which lawful basis an organisation processes what it has.
    pub fn lawful_basis(&self, fields: &[Field], b: &LawfulBasis) -> Value {
        if !self.sight(b.client_id).opens_lawful_basis(b.owner_id) {
            return Value::Null;
        }
        let until = (b.until_at < Time::MAX).then_some(b.until_at);
        asked(
            fields,
            &json!({
                "id": global("basis", b.id), "version": b.version, "basis": b.basis, "specialCondition": b.special_condition,
                "scheduleCondition": b.schedule_condition, "categories": Set(b.categories).names(), "reason": b.reason,
                "from": moment(b.starts_at), "until": moment_or_null(until), "endedAt": moment_or_null(b.ended_at),
                "endReason": b.end_reason, "recordedAt": moment(b.recorded_at),
            }),
        )
    }

    /// That a child was found competent.
    fn competence(&self, fields: &[Field], k: &Competence) -> Value {
        let keys = self.sight(k.client_id).to_proxy(k.owner_id);
        if keys.is_empty() {
            return Value::Null;
        }
        let all = keys.iter().any(must_honour);
        let day = chrono::DateTime::from_timestamp_micros(k.assessed_at).expect("a moment").date_naive();
        asked(
            fields,
            &json!({
                "assessedOn": day.to_string(), "assessedBy": all.then_some(&k.assessed_by), "how": all.then_some(&k.how),
                "recordedAt": moment(k.recorded_at),
            }),
        )
    }

    /// The clients there are for the viewer, in order of id, found by what may be seen of them (C14): every word begins a
    /// word of a visible name, and the date of birth is a visible one.
    pub fn clients(&self, field: &Field, words: Option<&str>, born: Option<&str>) -> Value {
        let mut all = Vec::new();
        for client in self.facts.clients.iter().map(|c| c.id) {
            let sight = self.sight(client);
            let visible = |category: &'static str| {
                let sight = Rc::clone(&sight);
                let here = move |e: &&Entry| e.client_id == client && e.category == category && sight.opens_entry(e);
                self.facts.entries.iter().filter(here)
            };
            let begins = |e: &Entry| {
                let key = e.search_key.clone().unwrap_or_default();
                let asked = words.unwrap_or_default().to_lowercase();
                asked.split_whitespace().all(|w| key.split(' ').any(|k| k.starts_with(w)))
            };
            let by_name = words.is_none() || visible("NAME").any(begins);
            let by_birth = born.is_none() || visible("BIRTH").any(|e| e.search_key.as_deref() == born);
            if sight.sees_client() && by_name && by_birth {
                all.push((client, client));
            }
        }
        all.sort_unstable();
        self.page(field, "client", &all, |fields, id| self.client(fields, *id))
    }
}

/// The category of a section's field.
pub fn category_of(section: &str) -> String {
    snake(section).to_uppercase()
}

fn snake(name: &str) -> String {
    name.chars().map(|c| if c.is_uppercase() { format!("_{}", c.to_lowercase()) } else { c.to_string() }).collect()
}
