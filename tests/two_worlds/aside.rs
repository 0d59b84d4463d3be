//! The hidden steps on people whom the viewers see, or saw.

use super::chance::Dice;
use super::growth::{Grown, consent};
use super::hidden::What;
use super::pair::{Pair, same};
use super::people::{ELM, Group, People, Round};
use crate::inputs::literal;
use crate::support::World;
use alliance::domain::clock::Clock;
use alliance::domain::ids::{ClientId, TypedId};
use alliance::service::demo;
use serde_json::{Value, json};

/// Hidden steps, in some worlds.
pub struct Aside<'a> {
    pub pair: &'a mut Pair,
    pub round: &'a Round,
    pub people: &'a People,
    pub grown: &'a Grown,
    pub dice: Dice,
    pub sides: &'static [usize],
}

fn section(category: &str, side: usize) -> Value {
    match category {
        "BIRTH" => json!({ "birth": { "date": (["1990-02-03", "1971-06-30"][side]) } }),
        "CONTACT" => json!({ "contact": { "addressLines": [format!("{side} Hidden Lane")], "postcode": "OX4 2QQ" } }),
        "NAME" => json!({ "name": { "given": "Maren", "family": (["Osgood", "Kilbride"][side]) } }),
        "HOUSING" => {
            json!({ "housing": { "tenure": (["NONE", "SUPPORTED"][side]), "text": format!("Since then {side}.") } })
        }
        _ => json!({ "text": { "category": category, "text": format!("{category} of world {side}.") } }),
    }
}

impl Aside<'_> {
    /// A mutation in each of the worlds, its input made for each.
    pub async fn each(&mut self, who: &str, name: &str, input: impl Fn(usize) -> Value, select: &str) -> Value {
        let mut last = Value::Null;
        for side in self.sides {
            last = self.pair.hidden(*side, who, name, input(*side), select).await;
        }
        last
    }

    async fn entries(&mut self, who: &str, client: &str, categories: &[&str]) {
        for category in categories {
            if self.dice.chance(75) {
                let input = |side| json!({ "clientId": client, "section": section(category, side) });
                self.each(who, "entryRecord", input, "client { id }").await;
            }
        }
    }

    async fn notes(&mut self, who: &str, case: &str, kinds: &[(&str, &[&str])]) {
        for (visibility, categories) in kinds {
            if self.dice.chance(75) {
                let input = |side| {
                    json!({
                        "caseId": case, "visibility": visibility, "categories": categories, "text": format!("A note {side}."),
                        "revealsLocation": side == 0,
                    })
                };
                self.each(who, "noteRecord", input, "note { id }").await;
            }
        }
    }

    /// Makes one of the variations.
    pub async fn make(&mut self, what: What) {
        let third = self.people.third.clone();
        let (led, quiet) = (self.grown.led[0].clone(), self.grown.quiet.clone());
        let returned = self.grown.returned.clone();
        match what {
            What::LaterEntries => {
                let categories: &[&str] = match self.round.group {
                    Group::Hub => {
                        &["SUPPORT_PLAN", "OUTCOMES", "DOMESTIC_ABUSE", "OFFENDING", "FINANCE", "EMPLOYMENT"]
                    }
                    _ => &["HEALTH", "RISK", "BIRTH", "CONTACT", "DOMESTIC_ABUSE", "SUPPORT_PLAN"],
                };
                self.entries(&third, &led.client, categories).await;
                self.entries(&third, &quiet.client, categories).await;
            }
            What::SinceTheyLeft => {
                self.entries(&third, &returned.client, &["NAME", "HOUSING", "FINANCE", "HEALTH"]).await;
                let second = self.grown.second.clone();
                self.notes(&third, &second, &[("TEAM", &["HOUSING"])]).await;
            }
            What::Notes => {
                let kinds: [(&str, &[&str]); 4] =
                    [("AGENCY", &["HOUSING"]), ("THIRD_PARTY", &[]), ("REFLECTIVE", &[]), ("TEAM", &["HEALTH"])];
                self.notes(&third, &led.case, &kinds).await;
                self.notes(&third, &quiet.case, &kinds).await;
            }
            What::PartnersNotes => {
                let kinds: [(&str, &[&str]); 3] =
                    [("AGENCY", &["HOUSING"]), ("THIRD_PARTY", &[]), ("REFLECTIVE", &[])];
                self.notes("partner-worker", &led.case, &kinds).await;
            }
            What::LawfulBases => {
                for who in [third.as_str(), "partner-worker"] {
                    let basis = |side: usize| {
                        json!({
                            "clientId": led.client, "basis": (["PUBLIC_TASK", "CONSENT"][side]), "categories": ["HOUSING"],
                            "reason": format!("Hidden {side}."),
                        })
                    };
                    let made = self.each(who, "lawfulBasisRecord", basis, "lawfulBasis { id }").await;
                    if self.dice.chance(50) {
                        let side = *self.sides.last().expect("a world");
                        let end =
                            json!({ "lawfulBasisId": made["lawfulBasis"]["id"], "version": 1, "reason": "Over." });
                        self.pair.hidden(side, who, "lawfulBasisEnd", end, "").await;
                    }
                }
            }
            What::ColleaguesLog => self.notes(&third, &quiet.case, &[("REFLECTIVE", &["HOUSING"])]).await,
            What::Replaced => self.replaced(&third, &led.client).await,
            What::Consents => {
                let given = |side: usize| {
                    json!({
                        "clientId": led.client,
                        "consent": consent(&[ELM], &[["SUPPORT", "CASE_COORDINATION"][side]], &[["HOUSING", "HEALTH"][side], "NAME"]),
                    })
                };
                let made = self.each(&third, "consentRecord", given, "consent { id }").await;
                if self.dice.chance(50) {
                    let side = *self.sides.last().expect("a world");
                    let ended = json!({ "consentId": made["consent"]["id"], "withdrawnBy": "The client." });
                    self.pair.hidden(side, &third, "consentWithdraw", ended, "").await;
                }
            }
            What::Joined => {
                let given = |_| json!({ "clientId": quiet.client, "consent": consent(&[ELM], &["CASE_COORDINATION"], &["HOUSING"]) });
                self.each(&third, "consentRecord", given, "consent { id }").await;
                let team = self.people.elm_team.global();
                let member =
                    |_| json!({ "caseId": quiet.case, "teamId": team, "role": "Outreach", "agreed": ["HOUSING"] });
                self.each(&third, "caseMemberAdd", member, "sharedCase { members { id } }").await;
            }
            What::Twin => {
                self.sides = &[0, 1];
                let (of, team) = ([ELM, demo::MEADOW], [self.people.elm_team, demo::OUTREACH]);
                let shared = [&["HOUSING"][..], &["HOUSING", "BIRTH"][..]];
                let given = |side: usize| {
                    json!({
                        "clientId": led.client, "consent": consent(&[of[side]], &["CASE_COORDINATION"], shared[side]),
                    })
                };
                self.each(&third, "consentRecord", given, "consent { id }").await;
                let member = |side: usize| {
                    json!({
                        "caseId": led.case, "teamId": team[side].global(), "role": format!("Visits {side}"), "agreed": shared[side],
                    })
                };
                self.each(&third, "caseMemberAdd", member, "sharedCase { members { id } }").await;
            }
            What::Equalities => self.entries("partner-worker", &led.client, &["EQUALITIES", "EQUALITIES"]).await,
            What::PartnersEntry => self.entries("partner-worker", &led.client, &["IMMIGRATION", "IMMIGRATION"]).await,
            What::Household => {
                self.sides = &[0, 1];
                let elsewhere = self.grown.elsewhere.client.clone();
                let linked = self.dice.below(2);
                let input = |side: usize| {
                    let mut member = json!({ "name": "Bo", "relationship": "sibling" });
                    if side == linked {
                        member["clientId"] = json!(elsewhere);
                    }
                    json!({ "clientId": led.client, "section": { "household": { "members": [member] } } })
                };
                self.each("partner-worker", "entryRecord", input, "client { id }").await;
            }
            What::SignpostToTheClient => {
                let on = self.grown.triage.clone();
                let told = |side: usize| {
                    json!({
                        "on": { "referralId": on }, "serviceId": demo::DROP_IN.global(), "told": "CLIENT", "channel": "PHONE",
                        "reason": format!("Hidden {side}."),
                    })
                };
                self.each("hub-coordinator", "signpostRecord", told, "signpost { id }").await;
            }
            What::FollowUp => {
                let signpost = self.grown.signpost.clone();
                let found = |side: usize| {
                    json!({
                        "signpostId": signpost, "version": 1, "outcome": (["ENGAGED", "TURNED_AWAY"][side]),
                    })
                };
                self.each("hub-coordinator", "signpostFollowUp", found, "").await;
            }
            What::Urgency => {
                let on = self.grown.triage.clone();
                for side in self.sides {
                    let on = on.clone();
                    self.pair
                        .hidden_raw(*side, async |world: &World| {
                            let query = "query($id: ID!) { referral(id: $id) { urgency } }";
                            let told = world.data("hub-coordinator", query, json!({ "id": on })).await;
                            let from = &told["referral"]["urgency"];
                            let to = ["HOMELESS_NOW", "UPSTREAM", "WITHIN_56_DAYS"];
                            let to = to.iter().filter(|u| **u != from).nth(*side).expect("another");
                            let found = json!({ "referralId": on, "from": from, "to": to });
                            world.done("hub-coordinator", "referralSetUrgency", found, "").await;
                        })
                        .await;
                }
            }
            What::Duty => {
                let on = self.grown.triage.clone();
                self.each("referrer", "referralRecordDuty", |_| crate::inputs::duty(&on), "referral { id }").await;
                let hub = "hub-coordinator";
                if self.dice.chance(60) {
                    self.each(hub, "referralPassDuty", |_| json!({ "referralId": on }), "referral { id }").await;
                    let told = |side: usize| json!({ "referralId": on, "reference": format!("HO/{side}") });
                    self.each(hub, "referralAcknowledgeDuty", told, "referral { id }").await;
                }
            }
            What::Marked => {
                let query = "query($id: ID!) { referral(id: $id) { narratives { narrativeId revealsLocation version } \
                    client { housing { entryId revealsLocation version } } } }";
                for side in self.sides {
                    let referral = json!({ "id": self.grown.triage });
                    self.pair
                        .hidden_raw(*side, async |world: &World| {
                            let seen = world.data("hub-coordinator", query, referral).await["referral"].clone();
                            for (key, of) in
                                [("narrativeId", &seen["narratives"][0]), ("entryId", &seen["client"]["housing"])]
                            {
                                let mark = json!({
                                    "item": { key: of[key] }, "version": of["version"],
                                    "revealsLocation": of["revealsLocation"] == json!(false),
                                });
                                world.done("hub-coordinator", "entryMark", mark, "").await;
                            }
                        })
                        .await;
                }
            }
            What::Restriction => {
                for side in self.sides {
                    let client = ClientId::parse(&led.client).expect("a client");
                    self.pair
                        .hidden_raw(*side, async |world: &World| restrict(world, client, "OBJECTION", None).await)
                        .await;
                    self.pair
                        .hidden_raw(*side, async |world: &World| {
                            restrict(world, client, "PROTECTED_CONTACT", None).await;
                        })
                        .await;
                }
            }
            What::WhichRestriction => {
                // Not on the one that other variations differ in, and what its leader sees is no less hidden.
                let theirs = if self.round.group == Group::Member { &self.grown.elsewhere } else { &quiet };
                let protected = self.dice.below(2);
                for client in [&self.grown.led.last().expect("a case").client, &theirs.client] {
                    let client = ClientId::parse(client).expect("a client");
                    for (side, kind) in ["PROTECTED_CONTACT", "CONTACT_PREFERENCE"].into_iter().enumerate() {
                        let named = Some("third-worker");
                        let step = async |world: &World| restrict(world, client, kind, named).await;
                        self.pair.hidden_raw(side ^ protected, step).await;
                    }
                }
            }
            What::CaseClosed => {
                let close = |side: usize| {
                    json!({
                        "caseId": quiet.case, "version": 1, "kind": "UNPLANNED", "reason": (["MOVED_AWAY", "PRISON"][side]),
                    })
                };
                self.each(&third, "caseClose", close, "").await;
            }
            other => unreachable!("{other:?} is made elsewhere"),
        }
    }

    /// An entry that says one thing in one world and another in the other, until it is corrected to the same in both.
    async fn replaced(&mut self, third: &str, client: &str) {
        self.sides = &[0, 1];
        let first = |side| json!({ "clientId": client, "section": section("HOUSING", side) });
        let made = self.each(third, "entryRecord", first, "client { housing { entryId } }").await;
        let corrected = json!({
            "entryId": made["client"]["housing"]["entryId"], "version": 1, "reason": "Misheard.",
            "section": { "housing": { "tenure": "SOCIAL_RENT", "text": "As it is." } },
        });
        self.pair.both(same(third), "entryCorrect", same(corrected), "").await;
    }
}

/// Puts a restriction on a client that concerns an agency no viewer belongs to, or everybody but whom it names.
pub async fn restrict(world: &World, client: ClientId, kind: &str, named: Option<&str>) {
    let uuid = |u| literal(world, u);
    let id = uuid(world.app.random.uuid_random());
    let of = if kind == "OBJECTION" { uuid(ELM.0) } else { "NULL".to_owned() };
    let now = world.clock.now().0;
    world
        .raw(&format!(
            "INSERT INTO restriction (id, client_id, kind, organisation_id, recorded_by, recorded_at) \
            SELECT {id}, {}, '{kind}', {of}, person_id, {now} FROM identity WHERE subject = 'safeguarding-lead'",
            uuid(client.0)
        ))
        .await;
    if let Some(named) = named {
        world
            .raw(&format!(
                "INSERT INTO restriction_person (restriction_id, person_id) SELECT {id}, person_id FROM identity WHERE \
                subject = '{named}'"
            ))
            .await;
    }
}
