//! Worlds to ask about: the random walk through the mutations, and beside it what the walk does not do: private senders,
//! restrictions, notes that reveal a place, organisations whose names come to speak, agencies that support in their own
//! right, and time that passes. And who asks.

use super::facts::Facts;
use crate::inputs::literal;
use crate::ledger::{Dice, Walk};
use crate::support::{CANARY, CANARY_TEAM, World, draft};
use alliance::domain::clock::Clock;
use alliance::domain::code::Coded;
use alliance::domain::ids::{OrganisationId, TypedId};
use alliance::domain::role::Role;
use alliance::service::demo;
use serde_json::{Value, json};
use uuid::Uuid;

/// Friends and family: a mere category, whose members are private persons.
const FRIENDS: OrganisationId = OrganisationId(Uuid::from_u128(0x0a00_0000_0000_7000_8000_0000_0000_00fa));

/// Somebody who asks: the token's name, and what it says.
#[derive(Clone, Debug)]
pub struct Who {
    pub name: String,
    pub subject: String,
    pub organisation: Uuid,
    pub roles: Vec<&'static str>,
}

/// A world that grows.
pub struct Growth<'a> {
    world: &'a World,
    walk: Walk<'a>,
    pub dice: Dice,
    pub viewers: Vec<Who>,
    steps: usize,
}

fn person(name: &str) -> Who {
    let every = || Role::ALL.iter().map(|r| r.code()).collect();
    if let Some(p) = demo::persona(name) {
        return Who {
            name: name.into(),
            subject: name.into(),
            organisation: p.organisation.0,
            roles: vec![p.role.code()],
        };
    }
    if name == "canary" {
        return Who { name: name.into(), subject: name.into(), organisation: CANARY.0, roles: every() };
    }
    let (subject, of) = name.split_once('@').expect("name@organisation");
    let organisation = OrganisationId::parse(of).expect("an organisation").0;
    Who { name: name.into(), subject: subject.into(), organisation, roles: every() }
}

impl<'a> Growth<'a> {
    /// A young world: two cases, one of them shared, a referral with the hub and one that is offered; and all viewers.
    pub async fn of(world: &'a World, seed: u64) -> Self {
        let now = world.clock.now().0;
        world
            .raw(&format!(
                "INSERT INTO organisation (id, name, name_key, kind, is_partner, is_category, implied_categories, status, version, \
                created_at) VALUES ({}, 'Friends and Family', 'friends and family', 'FRIENDS_OR_FAMILY', FALSE, TRUE, 0, 'ACTIVE', \
                1, {now})",
                literal(world, FRIENDS.0)
            ))
            .await;
        let worker = Role::SupportWorker;
        let (hub, lead) = (Role::HubCoordinator, Role::SafeguardingLead);
        let members: &[(&str, OrganisationId, &[Role], &[alliance::domain::ids::TeamId])] = &[
            ("hats", demo::HARBOUR, &[worker], &[demo::NORTH]),
            ("hats", demo::LOCKWELL, &[worker, Role::Referrer], &[demo::SOLICITORS]),
            ("hub-only", demo::HARBOUR, &[hub], &[demo::HUB]),
            ("hub-and-north", demo::HARBOUR, &[hub, worker], &[demo::HUB, demo::NORTH]),
            ("hub-hand", demo::HARBOUR, &[worker], &[demo::HUB]),
            ("coordinator-elsewhere", demo::HARBOUR, &[hub], &[demo::NORTH]),
            ("no-team", demo::HARBOUR, &[Role::TeamManager], &[]),
            ("no-team", demo::LOCKWELL, &[worker], &[]),
            ("zennor", demo::HARBOUR, &[Role::TeamManager, hub, lead], &[demo::HUB, demo::NORTH]),
            ("sennen", demo::HARBOUR, &[hub, lead], &[demo::HUB]),
            ("lamorna", demo::LOCKWELL, &[Role::InformationGovernance, lead], &[]),
            ("mullion", demo::LOCKWELL, &[Role::TeamManager, Role::InformationGovernance], &[demo::SOLICITORS]),
            ("gunwalloe", demo::MEADOW, &[lead, worker], &[demo::OUTREACH]),
            ("left", demo::MEADOW, &[worker], &[demo::OUTREACH]),
            ("officer", demo::PROBATION, &[Role::Referrer, worker], &[]),
            ("colleague", demo::PROBATION, &[Role::Referrer], &[]),
            ("aunt", FRIENDS, &[Role::Referrer, worker, hub], &[]),
            ("neighbour", FRIENDS, &[Role::Referrer], &[]),
        ];
        // Those who see most are asked most.
        let often = [
            "support-worker",
            "support-worker",
            "hub-coordinator",
            "hub-coordinator",
            "partner-worker",
            "partner-worker",
            "outside-worker",
            "referrer",
            "team-manager",
            "team-manager",
            "safeguarding-lead",
            "safeguarding-lead",
            "partner-safeguarding-lead",
            "information-governance",
        ];
        let mut names: Vec<String> = often.iter().map(|n| (*n).to_owned()).collect();
        names.extend(demo::PERSONAS.iter().map(|p| p.name.to_owned()));
        names.push("canary".into());
        for (name, of, roles, teams) in members {
            world.member(name, *of, roles, teams).await;
            names.push(format!("{name}@{}", of.global()));
        }
        // The walk grants and ends memberships of these.
        names.extend((0..3).map(|n| format!("walker-{n}@{}", demo::LOCKWELL.global())));
        let meadow = literal(world, demo::MEADOW.0);
        world
            .raw(&format!(
                "UPDATE membership SET ended_at = {now}, version = version + 1 WHERE organisation_id = {meadow} AND person_id IN \
                (SELECT person_id FROM identity WHERE subject = 'left')"
            ))
            .await;
        world.accepted("Quill").await;
        let shared = world.accepted("Tarn").await;
        world.solicitors_join(&shared).await;
        world.submitted("Vane").await;
        world.offered("Wick", demo::OUTREACH).await;
        let viewers = names.iter().map(|n| person(n)).collect();
        Self { world, walk: Walk::new(world, seed), dice: Dice::thrown(seed ^ 0x0a11), viewers, steps: 0 }
    }

    /// Something happens.
    pub async fn step(&mut self) {
        self.steps += 1;
        if self.dice.chance(65) {
            self.walk.go().await;
            return;
        }
        let facts = Facts::of(self.world).await;
        match self.dice.below(24) {
            0 => self.private_referral().await,
            1 | 2 => self.restrict(&facts).await,
            3 | 4 => self.lift(&facts).await,
            5 | 6 => self.note(&facts).await,
            7 => self.signpost(&facts).await,
            8 => self.names_come_to_speak(&facts).await,
            9 => self.support(&facts).await,
            10 => self.entry(&facts).await,
            11..=13 => self.break_the_glass(&facts).await,
            14 => self.by_law(&facts).await,
            15 => self.supervise(&facts).await,
            16 | 17 => self.told_outside(&facts).await,
            18 => self.read_inbox(&facts).await,
            19 => self.mark(&facts).await,
            20 | 21 => self.ask(&facts).await,
            _ => {
                // Now and then so long that what agencies keep for a year or two is kept no more (C24).
                let days = if self.dice.chance(4) { 370 } else { 1 + self.dice.below(20) };
                self.world.clock.pass_days(i64::try_from(days).expect("few"));
            }
        }
    }

    /// Whatever comes of it: what is refused changes nothing.
    async fn try_it(&self, who: &str, name: &str, input: Value) {
        self.world.mutate(who, name, input, "").await;
    }

    async fn private_referral(&mut self) {
        let aunt = format!("aunt@{}", FRIENDS.global());
        let input = draft(&format!("Private{}", self.steps));
        let made = self.world.mutate(&aunt, "referralDraft", input, "referral { id }").await;
        if let Some(id) = made["referral"]["id"].as_str()
            && self.dice.chance(80)
        {
            self.try_it(&aunt, "referralSubmit", json!({ "referralId": id, "version": 1 })).await;
        }
    }

    /// The hub asks, and somebody answers.
    async fn ask(&mut self, f: &Facts) {
        let submitted: Vec<_> = f.referrals.iter().filter(|r| r.state == "SUBMITTED").collect();
        if !submitted.is_empty() {
            let r = *self.dice.of(&submitted);
            let input = json!({
                "referralId": format!("referral_{}", r.id.simple()), "version": r.version, "question": format!("Question {}?", self.steps),
            });
            self.try_it("hub-coordinator", "referralAsk", input).await;
            let coordinator =
                f.identities.iter().find(|i| i.subject == "hub-coordinator").expect("a persona").person_id;
            let hand = json!({
                "referralId": format!("referral_{}", r.id.simple()), "assignTo": format!("person_{}", coordinator.simple()),
            });
            self.try_it("hub-coordinator", "referralAssign", hand).await;
        }
        if !f.referrals.is_empty() {
            let one = |f: &Facts, dice: &mut Dice| format!("referral_{}", dice.of(&f.referrals).id.simple());
            let id = one(f, &mut self.dice);
            self.try_it("referrer", "referralRecordDuty", crate::inputs::duty(&id)).await;
            let id = one(f, &mut self.dice);
            self.try_it("hub-coordinator", "referralPassDuty", json!({ "referralId": id })).await;
            let acknowledged =
                json!({ "referralId": one(f, &mut self.dice), "reference": format!("HO/{}", self.steps) });
            self.try_it("hub-coordinator", "referralAcknowledgeDuty", acknowledged).await;
            if self.dice.chance(20) {
                let ended =
                    json!({ "referralId": one(f, &mut self.dice), "reason": format!("Reason {}.", self.steps) });
                self.try_it("referrer", "referralEndDuty", ended).await;
            }
            let r = self.dice.of(&f.referrals);
            let to = if r.urgency == "UPSTREAM" { "HOMELESS_NOW" } else { "UPSTREAM" };
            let found = json!({ "referralId": format!("referral_{}", r.id.simple()), "from": r.urgency, "to": to });
            self.try_it("hub-coordinator", "referralSetUrgency", found).await;
        }
        let waits = Facts::of(self.world).await.referrals;
        let waits: Vec<_> = waits.iter().filter(|r| r.state == "AWAITING_INFORMATION").collect();
        if !waits.is_empty() && self.dice.chance(70) {
            let r = *self.dice.of(&waits);
            let categories = self
                .dice
                .of(&[json!(["HEALTH"]), json!(["FINANCE", "RISK"]), json!(["EMPLOYMENT"]), json!([])])
                .clone();
            let input = json!({
                "referralId": format!("referral_{}", r.id.simple()), "version": r.version, "answer": format!("Answer {}.", self.steps),
                "categories": categories,
            });
            let who = *self.dice.of(&["referrer", "referrer", "hub-coordinator"]);
            self.try_it(who, "referralAnswer", input).await;
        }
    }

    async fn note(&mut self, f: &Facts) {
        let open: Vec<_> = f.cases.iter().filter(|k| k.closed_at.is_none()).map(|k| k.id).collect();
        if open.is_empty() {
            return;
        }
        let who = *self.dice.of(&["support-worker", "partner-worker", "outside-worker", "team-manager"]);
        let categories = self.dice.of(&[json!([]), json!(["CONTACT"]), json!(["HEALTH", "RISK"])]).clone();
        let visibility = *self.dice.of(&["TEAM", "TEAM", "AGENCY", "THIRD_PARTY", "REFLECTIVE"]);
        let input = json!({
            "caseId": format!("case_{}", self.dice.of(&open).simple()), "visibility": visibility, "categories": categories,
            "text": format!("Note {}.", self.steps), "revealsLocation": self.dice.chance(30),
        });
        self.try_it(who, "noteRecord", input).await;
    }

    async fn signpost(&mut self, f: &Facts) {
        let case = self.dice.chance(50);
        let all: Vec<_> = if case {
            f.cases.iter().map(|k| format!("case_{}", k.id.simple())).collect()
        } else {
            f.referrals.iter().map(|r| format!("referral_{}", r.id.simple())).collect()
        };
        let who = *self.dice.of(&["support-worker", "hub-coordinator", "hub-coordinator", "partner-worker"]);
        let service = format!("service_{}", self.dice.of(&f.services).id.simple());
        let on = self.dice.of(&all).clone();
        let on = if case { json!({ "caseId": on }) } else { json!({ "referralId": on }) };
        let told = *self.dice.of(&["CLIENT", "REFERRER", "BOTH"]);
        let input =
            json!({ "on": on, "serviceId": service, "told": told, "channel": "PHONE", "reason": "It is near." });
        self.try_it(who, "signpostRecord", input).await;
    }

    async fn names_come_to_speak(&mut self, f: &Facts) {
        // HEALTH, OFFENDING, DOMESTIC_ABUSE, or nothing.
        let implied = *self.dice.of(&[0, 1 << 14, 1 << 16, 1 << 17]);
        let id = literal(self.world, self.dice.of(&f.organisations).id);
        self.world.raw(&format!("UPDATE organisation SET implied_categories = {implied} WHERE id = {id}")).await;
    }

    async fn support(&mut self, f: &Facts) {
        let client = *self.dice.of(&f.clients_here());
        let to = self.dice.of(&[demo::LOCKWELL, demo::MEADOW, demo::PROBATION]).global();
        let more = *self.dice.of(&["HEALTH", "OFFENDING", "RISK", "CASE_NOTES", "CONTACT"]);
        let purpose = *self.dice.of(&["SUPPORT", "SUPPORT", "CASE_COORDINATION"]);
        let days = 5 + i64::try_from(self.dice.below(90)).expect("few");
        let consent = json!({
            "recipients": [to], "purposes": [purpose], "categories": ["NAME", "HOUSING", "HOUSEHOLD", more], "givenBy": "CLIENT",
            "givenHow": "VERBAL", "evidence": "Said so.", "expiresAt": self.world.clock.now().plus_days(days).rfc3339(),
        });
        let input = json!({ "clientId": format!("client_{}", client.simple()), "consent": consent });
        self.try_it("support-worker", "consentRecord", input).await;
    }

    async fn entry(&mut self, f: &Facts) {
        let clients = f.clients_here();
        let client = format!("client_{}", self.dice.of(&clients).simple());
        let linked = format!("client_{}", self.dice.of(&clients).simple());
        let section = match self.dice.below(5) {
            0 => {
                json!({ "name": { "given": "Maren", "family": format!("Walker{}", self.steps), "preferred": "Mo" } })
            }
            1 => {
                json!({ "household": { "members": [{ "name": "Bo", "relationship": "sibling", "clientId": linked }] } })
            }
            2 => json!({ "text": { "category": "EMPLOYMENT", "text": "At the mill." } }),
            3 => json!({ "text": { "category": "EQUALITIES", "text": "For statistics." } }),
            _ => {
                json!({ "contact": { "addressLines": ["3 Test Row"], "email": "a@example.org", "safeWays": "Mornings." } })
            }
        };
        let who = *self.dice.of(&["support-worker", "partner-worker", "hub-coordinator"]);
        let input = json!({
            "clientId": client, "section": section, "revealsLocation": self.dice.chance(25),
            "thirdParty": self.dice.chance(25),
        });
        self.try_it(who, "entryRecord", input).await;
    }

    /// Somebody breaks the glass; what waits is co-signed, now and then.
    async fn break_the_glass(&mut self, f: &Facts) {
        let client = format!("client_{}", self.dice.of(&f.clients_here()).simple());
        let who = *self.dice.of(&[
            "support-worker",
            "support-worker",
            "partner-worker",
            "hub-coordinator",
            "team-manager",
            "safeguarding-lead",
        ]);
        let categories = self
            .dice
            .of(&[
                json!(["CONTACT", "NAME"]),
                json!(["HEALTH"]),
                json!(["CONTACT", "RISK"]),
                json!(["NAME", "HOUSING"]),
                json!(["HOUSING", "OFFENDING"]),
            ])
            .clone();
        let input = json!({
            "clientId": client, "categories": categories, "ground": "ADULT_AT_RISK", "reason": "In danger.", "hours": 24,
        });
        self.try_it(who, "overrideOpen", input).await;
        if self.dice.chance(70) {
            for o in Facts::of(self.world).await.overrides.iter().filter(|o| o.opened_at.is_none()) {
                let input = json!({ "overrideId": format!("override_{}", o.id.simple()), "version": o.version });
                for lead in ["safeguarding-lead", "partner-safeguarding-lead"] {
                    self.try_it(lead, "overrideCosign", input.clone()).await;
                }
            }
        }
    }

    async fn by_law(&mut self, f: &Facts) {
        let client = format!("client_{}", self.dice.of(&f.clients_here()).simple());
        let to = self.dice.of(&[demo::LOCKWELL, demo::MEADOW, demo::PROBATION]).global();
        let more = *self.dice.of(&["NAME", "CONTACT", "RISK"]);
        let kind = *self.dice.of(&["DUTY_IN_LAW", "DUTY_IN_LAW", "MAPPA", "COURT_ORDER", "MARAC_PROTOCOL"]);
        let who = *self.dice.of(&["support-worker", "support-worker", "partner-worker", "hub-coordinator"]);
        let input = json!({
            "clientId": client, "recipientId": to, "kind": kind, "reference": "An Act", "categories": ["HOUSING", more],
            "until": self.world.clock.now().plus_days(40).rfc3339(), "reason": "A duty.",
        });
        self.try_it(who, "legalGatewayAsk", input).await;
        if self.dice.chance(25) {
            return;
        }
        let decision = if self.dice.chance(85) { "GRANT" } else { "REFUSE" };
        for g in Facts::of(self.world).await.gateways.iter().filter(|g| g.state == "ASKED") {
            let id = format!("gateway_{}", g.id.simple());
            let mut input =
                json!({ "legalGatewayId": id, "version": g.version, "decision": decision, "reason": "The law." });
            self.say_whether_to_tell(&mut input, decision == "GRANT");
            for lead in ["safeguarding-lead", "partner-safeguarding-lead"] {
                self.try_it(lead, "legalGatewayDecide", input.clone()).await;
            }
        }
    }

    /// Whether the client is told, or not until a date and why.
    fn say_whether_to_tell(&mut self, input: &mut Value, is_to_be_told: bool) {
        if is_to_be_told && self.dice.chance(50) {
            input["tell"] = json!("WITHHOLD");
            input["withholdUntil"] = json!(self.world.clock.now().plus_days(90).rfc3339());
            input["withholdReason"] = json!("Somebody could come to harm.");
        } else if is_to_be_told {
            input["tell"] = json!("TELL");
        }
    }

    /// Somebody outside is told.
    async fn told_outside(&mut self, f: &Facts) {
        let client = format!("client_{}", self.dice.of(&f.clients_here()).simple());
        let who = *self.dice.of(&[
            "support-worker",
            "partner-worker",
            "hub-coordinator",
            "hub-coordinator",
            "safeguarding-lead",
            "outside-worker",
        ]);
        let to = *self.dice.of(&["Ridgemarket Police", "Rosebank Refuge", "Adult social care", "Dr Tregenna"]);
        let basis = *self.dice.of(&["SAFEGUARDING_REFERRAL", "DUTY_IN_LAW", "POLICE_REQUEST", "MARAC", "MAPPA"]);
        let categories = self.dice.of(&[json!(["HOUSING"]), json!(["NAME"]), json!(["CONTACT"])]).clone();
        let mut input = json!({
            "clientId": client, "recipient": to, "basis": basis, "reference": "Ref 7", "categories": categories,
            "summary": format!("Told {}.", self.steps), "disclosedAt": self.world.clock.now().rfc3339(),
        });
        self.say_whether_to_tell(&mut input, true);
        self.try_it(who, "outwardDisclosureRecord", input).await;
    }

    /// Somebody reads what their inbox holds.
    async fn read_inbox(&mut self, f: &Facts) {
        for i in f.items.iter().filter(|i| i.read_at.is_none()) {
            let input = json!({ "inboxItemId": format!("inbox_{}", i.id.simple()) });
            for who in ["safeguarding-lead", "partner-safeguarding-lead", "support-worker"] {
                self.try_it(who, "inboxItemRead", input.clone()).await;
            }
        }
    }

    async fn supervise(&mut self, f: &Facts) {
        let person = |name: &str| {
            let found = f.identities.iter().find(|i| i.subject == name).expect("a persona");
            format!("person_{}", found.person_id.simple())
        };
        let input = json!({ "workerId": person("support-worker"), "supervisorId": person("team-manager") });
        self.try_it("administrator", "supervisionAssign", input).await;
    }

    /// Somebody marks what a referral brought, or takes the mark off.
    async fn mark(&mut self, f: &Facts) {
        let brought: Vec<_> = f.entries.iter().filter(|e| e.referral_id.is_some()).collect();
        let (item, version) = if self.dice.chance(50) {
            let e = self.dice.of(&brought);
            (json!({ "entryId": format!("entry_{}", e.id.simple()) }), e.version)
        } else {
            let n = self.dice.of(&f.narratives);
            (json!({ "narrativeId": format!("narrative_{}", n.id.simple()) }), n.version)
        };
        // A worker of the office that sends referrals is one who reads what it sent.
        let sender = format!("officer@{}", demo::PROBATION.global());
        let who = *self.dice.of(&["support-worker", "hub-coordinator", "partner-worker", sender.as_str()]);
        let input = json!({ "item": item, "version": version, "revealsLocation": self.dice.chance(75) });
        self.try_it(who, "entryMark", input).await;
    }

    async fn restrict(&mut self, f: &Facts) {
        let client = *self.dice.of(&f.clients_here());
        let kind = *self.dice.of(&[
            "SEALED",
            "OBJECTION",
            "OBJECTION",
            "PROTECTED_CONTACT",
            "PROTECTED_CONTACT",
            "CONTACT_PREFERENCE",
        ]);
        let against = if self.dice.chance(50) {
            let of = self.dice.of(&[demo::HARBOUR, demo::LOCKWELL, demo::MEADOW, demo::PROBATION]).0;
            (Some(of), None)
        } else {
            (None, Some(self.dice.of(&f.people).id))
        };
        let named: Vec<_> = (0..self.dice.below(4)).map(|_| self.dice.of(&f.people).id).collect();
        restrict(self.world, client, kind, against, &named).await;
    }

    async fn lift(&mut self, f: &Facts) {
        let live: Vec<_> =
            f.restrictions.iter().filter(|r| r.ended_at.is_none()).map(|r| (r.id, r.client_id)).collect();
        if !live.is_empty() {
            let (id, client) = *self.dice.of(&live);
            let (now, id) = (self.world.clock.now().0, literal(self.world, id));
            self.world.raw(&format!("UPDATE restriction SET ended_at = {now} WHERE id = {id}")).await;
            self.world.project(client).await;
        }
    }
}

/// Puts a restriction on a client: an objection against an organisation or a person, the others with those named on them.
pub async fn restrict(
    world: &World,
    client: Uuid,
    kind: &str,
    against: (Option<Uuid>, Option<Uuid>),
    named: &[Uuid],
) {
    let id = world.app.random.uuid_random();
    let null = |u: Option<Uuid>| match u {
        Some(u) if kind == "OBJECTION" => literal(world, u),
        _ => "NULL".to_owned(),
    };
    let facts = Facts::of(world).await;
    let by = facts.identities.iter().find(|i| i.subject == "safeguarding-lead").expect("a persona").person_id;
    world
        .raw(&format!(
            "INSERT INTO restriction (id, client_id, kind, organisation_id, person_id, recorded_by, recorded_at) VALUES \
            ({}, {}, '{kind}', {}, {}, {}, {})",
            literal(world, id),
            literal(world, client),
            null(against.0),
            null(against.1),
            literal(world, by),
            world.clock.now().0,
        ))
        .await;
    let mut done = Vec::new();
    for person in named.iter().filter(|_| kind != "OBJECTION") {
        if !done.contains(person) {
            done.push(*person);
            let (id, person) = (literal(world, id), literal(world, *person));
            world
                .raw(&format!("INSERT INTO restriction_person (restriction_id, person_id) VALUES ({id}, {person})"))
                .await;
        }
    }
    world.project(client).await;
}

/// The persona of a name, the canary, or a member as `name@organisation`.
pub fn who(name: &str) -> Who {
    person(name)
}

/// A canary's team, for grants that nothing calls for.
pub const fn canary() -> (Uuid, Uuid) {
    (CANARY.0, CANARY_TEAM.0)
}
