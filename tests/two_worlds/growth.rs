//! How both worlds grow: the same people, referrals, cases and notes by the same steps, differing at most where the round's
//! viewers are told nothing of it.

use super::chance::Dice;
use super::known::{BIRTHS, FAMILIES, GIVEN};
use super::pair::{Pair, same};
use super::people::{Group, People, Round};
use crate::support::Travelled;
use crate::support::own_consent;
use alliance::domain::ids::{OrganisationId, TeamId, TypedId};
use alliance::service::demo;
use serde_json::{Value, json};

/// What has grown, by what became of it.
pub struct Grown {
    /// Led by Harbour's north team, the solicitors with them, the outreach shown HOUSING by consent.
    pub led: Vec<Travelled>,
    /// Led by the same team, and nobody else has to do with it.
    pub quiet: Travelled,
    /// Closed and come back: the solicitors have their own items of the first case. The second case.
    pub returned: Travelled,
    pub second: String,
    /// Led by the solicitors.
    pub elsewhere: Travelled,
    /// Submitted, with the hub.
    pub triage: String,
    /// Submitted by a cousin.
    pub private: [String; 2],
    /// A signpost that the sender of a closed referral was told.
    pub signpost: String,
}

/// What a draft asks for, in its own words.
pub fn draft(dice: &mut Dice) -> Value {
    let text = |category: &str, text: &str| json!({ "text": { "category": category, "text": text } });
    json!({
        "senderReference": "PB-1",
        "urgency": dice.pick(&["EVICTION_WITHIN_DAYS", "UPSTREAM", "HOMELESS_NOW"]),
        "sections": [
            { "name": { "given": dice.pick(GIVEN), "family": dice.pick(FAMILIES) } },
            { "birth": { "date": dice.pick(BIRTHS) } },
            { "contact": { "addressLines": ["1 Test Row"], "postcode": "ox1 1bx", "phone": "07700 900123" } },
            { "housing": { "tenure": "PRIVATE_RENT", "arrearsPence": dice.below(200_000) } },
            text("LONE_WORKING", "Meet at the office."),
            text("HEALTH", "Low."),
            text("FINANCE", "Universal Credit."),
            text("EMPLOYMENT", "At the bakery."),
        ],
        "sectionsRevealingLocation": dice.pick(&[&["FINANCE", "HOUSING"][..], &[]]),
        "narratives": [
            { "category": "HOUSING", "text": "Behind.", "revealsLocation": dice.chance(40) },
            { "category": "HEALTH", "text": "Low for months." },
            { "category": "EMPLOYMENT", "text": "Fewer hours." },
        ],
        "consent": consent(&[demo::HARBOUR], &["REFERRAL", "CASE_COORDINATION"],
            &["NAME", "BIRTH", "CONTACT", "HOUSING", "HEALTH", "FINANCE", "CASE_NOTES"]),
    })
}

/// A consent to record.
pub fn consent(to: &[OrganisationId], purposes: &[&str], categories: &[&str]) -> Value {
    json!({
        "recipients": to.iter().map(|o| o.global()).collect::<Vec<_>>(), "purposes": purposes, "categories": categories,
        "givenBy": "CLIENT", "givenHow": "VERBAL", "evidence": "Said so.", "expiresAt": "2027-03-01T00:00:00Z",
    })
}

/// The same draft with other values in these categories.
fn otherwise(draft: &Value, categories: &[&str]) -> Value {
    let mut other = draft.clone();
    for section in other["sections"].as_array_mut().expect("a list") {
        let category = section["text"]["category"].as_str().map(str::to_owned);
        if category.is_some_and(|c| categories.contains(&c.as_str())) {
            section["text"]["text"] = json!("Something else entirely.");
        }
        if section.get("birth").is_some() && categories.contains(&"BIRTH") {
            section["birth"]["date"] = json!("1955-05-05");
        }
        if section.get("contact").is_some() && categories.contains(&"CONTACT") {
            section["contact"] = json!({ "addressLines": ["2 Other Row", "Upstairs"], "email": "other@example.org" });
        }
    }
    for narrative in other["narratives"].as_array_mut().expect("a list") {
        if categories.iter().any(|c| narrative["category"] == *c) {
            narrative["text"] = json!("Told differently.");
        }
    }
    other
}

/// Grows both worlds.
pub async fn grow(pair: &mut Pair, round: &Round, people: &People, dice: &mut Dice) -> Grown {
    let mut g = Growing { pair, round, people, dice };
    let led = {
        let mut led = Vec::new();
        for _ in 0..1 + g.dice.below(2) {
            led.push(g.led().await);
        }
        led
    };
    let quiet = g.accepted(demo::NORTH, "support-worker").await;
    let (returned, second) = g.returned().await;
    let elsewhere = g.accepted(demo::SOLICITORS, "partner-worker").await;
    g.offered().await;
    let triage = g.submitted("referrer").await;
    let signpost = g.closed().await;
    let cousin = g.people.cousin.clone();
    let private = [g.submitted(&cousin).await, g.submitted(&cousin).await];
    for referral in &private {
        g.agreed(referral).await;
    }
    for who in ["referrer", "outside-worker", "support-worker", "partner-worker", "canary"] {
        let asked = draft(g.dice);
        let made = g.pair.step(who, "referralDraft", asked, "referral { id }").await;
        if g.dice.chance(50) {
            let submit = json!({ "referralId": made["referral"]["id"], "version": 1 });
            g.pair.step(who, "referralSubmit", submit, "").await;
        }
    }
    Grown { led, quiet, returned, second, elsewhere, triage, private, signpost }
}

struct Growing<'a> {
    pair: &'a mut Pair,
    round: &'a Round,
    people: &'a People,
    dice: &'a mut Dice,
}

fn id(v: &Value) -> String {
    v.as_str().expect("an id").to_owned()
}

impl Growing<'_> {
    /// What a referral brings may differ in the categories that are withheld from the round's viewers (C1, C12): the
    /// solicitors have no part in HEALTH, BIRTH, CONTACT and EMPLOYMENT; EMPLOYMENT is in no consent for Harbour and its hub.
    fn drafts(&mut self) -> [Value; 2] {
        let mut one = draft(self.dice);
        // Where contact may be protected in one world alone, nothing that its viewers have a part in is marked (C7).
        if self.round.group == Group::Member {
            one["sectionsRevealingLocation"] = json!([]);
            one["narratives"][0]["revealsLocation"] = json!(false);
        }
        let withheld: &[&str] = match (self.round.group, self.round.held) {
            (Group::Member, _) => &["HEALTH", "BIRTH", "CONTACT", "EMPLOYMENT"],
            (Group::Lead | Group::Hub, true) => &["EMPLOYMENT"],
            _ => &[],
        };
        [one.clone(), otherwise(&one, withheld)]
    }

    async fn submitted_by(&mut self, who: [&str; 2], asked: [Value; 2]) -> String {
        let made = self.pair.both(who, "referralDraft", asked, "referral { id }").await;
        let referral = id(&made["referral"]["id"]);
        self.pair.both(who, "referralSubmit", same(json!({ "referralId": referral, "version": 1 })), "").await;
        referral
    }

    async fn submitted(&mut self, who: &str) -> String {
        let asked = draft(self.dice);
        self.submitted_by([who, who], same(asked)).await
    }

    /// The person agrees to a contact request.
    async fn agreed(&mut self, referral: &str) {
        let of = "query Of($id: ID!) { referral(id: $id) { client { id } } }";
        let found = self.pair.worlds[0].data("hub-coordinator", of, json!({ "id": referral })).await;
        let input = json!({ "clientId": found["referral"]["client"]["id"], "consent": own_consent() });
        self.pair.step("hub-coordinator", "consentRecord", input, "").await;
    }

    async fn accepted(&mut self, team: TeamId, worker: &str) -> Travelled {
        let asked = if team == demo::SOLICITORS { same(draft(self.dice)) } else { self.drafts() };
        // Who implies OFFENDING is "an organisation" to those without it (C11): the solicitors never learn which one sent it.
        let officer = self.people.fenside.clone();
        let other =
            if self.round.group == Group::Member && team != demo::SOLICITORS { officer.as_str() } else { "referrer" };
        let referral = self.submitted_by(["referrer", other], asked).await;
        let offer =
            json!({ "referralId": referral, "version": 2, "teamId": team.global(), "criteriaSeen": "Adult." });
        self.pair.step("hub-coordinator", "referralOffer", offer, "").await;
        let accept = json!({ "referralId": referral, "version": 3 });
        let done =
            self.pair.step(worker, "referralAccept", accept, "referral { sharedCase { id } client { id } }").await;
        let done = &done["referral"];
        Travelled { client: id(&done["client"]["id"]), case: id(&done["sharedCase"]["id"]), referral }
    }

    async fn solicitors_join(&mut self, t: &Travelled) {
        let shared = ["HOUSING", "FINANCE"];
        let given =
            json!({ "clientId": t.client, "consent": consent(&[demo::LOCKWELL], &["CASE_COORDINATION"], &shared) });
        self.pair.step("support-worker", "consentRecord", given, "consent { id }").await;
        let member =
            json!({ "caseId": t.case, "teamId": demo::SOLICITORS.global(), "role": "Solicitor", "agreed": shared });
        self.pair.step("support-worker", "caseMemberAdd", member, "").await;
    }

    async fn led(&mut self) -> Travelled {
        let t = self.accepted(demo::NORTH, "support-worker").await;
        self.solicitors_join(&t).await;
        let shown = json!({ "clientId": t.client, "consent": consent(&[demo::MEADOW], &["SUPPORT"], &["HOUSING"]) });
        self.pair.step("support-worker", "consentRecord", shown, "consent { id }").await;
        for _ in 0..1 + self.dice.below(2) {
            let note = json!({ "caseId": t.case, "visibility": "TEAM", "categories": ["HOUSING"], "text": "Called the landlord." });
            self.pair
                .step(self.dice.pick::<&str>(&["support-worker", "team-manager"]), "noteRecord", note, "note { id }")
                .await;
        }
        let own = json!({ "clientId": t.client, "section": { "housing": { "tenure": "SOCIAL_RENT", "text": "New tenancy." } } });
        self.pair.step(self.dice.pick::<&str>(&["support-worker", "partner-worker"]), "entryRecord", own, "").await;
        self.signpost(json!({ "caseId": t.case }), "support-worker").await;
        t
    }

    async fn signpost(&mut self, on: Value, who: &str) -> String {
        let told = json!({
            "on": on, "serviceId": demo::DROP_IN.global(), "told": "BOTH", "channel": "PHONE", "reason": "A bed.",
        });
        id(&self.pair.step(who, "signpostRecord", told, "signpost { id }").await["signpost"]["id"])
    }

    async fn returned(&mut self) -> (Travelled, String) {
        let t = self.accepted(demo::NORTH, "support-worker").await;
        self.solicitors_join(&t).await;
        let own = json!({ "clientId": t.client, "section": { "text": { "category": "FINANCE", "text": "Our own figures." } } });
        self.pair.step("partner-worker", "entryRecord", own, "").await;
        let note = json!({ "caseId": t.case, "visibility": "AGENCY", "categories": ["HOUSING"], "text": "Ours." });
        self.pair.step("partner-worker", "noteRecord", note, "note { id }").await;
        let close = json!({ "caseId": t.case, "version": 1, "kind": "PLANNED", "reason": "NEEDS_MET" });
        self.pair.step("support-worker", "caseClose", close, "").await;
        let back = json!({ "caseId": t.case, "version": 2 });
        let second = self.pair.step("support-worker", "caseReenter", back, "sharedCase { id }").await;
        (t, id(&second["sharedCase"]["id"]))
    }

    /// Offered to the north team after another team declined. Which team that was, and why, is told to that team and the hub
    /// alone (C2 OFFER).
    async fn offered(&mut self) {
        let referral = self.submitted("referrer").await;
        // Whom the referral was offered to before is opened with the record.
        let apart = self.round.group != Group::Hub && !self.round.opening;
        let teams = [self.people.quarry_team, if apart { self.people.elm_team } else { self.people.quarry_team }];
        let (quarry, elm) = (self.people.quarry.clone(), self.people.elm.clone());
        let who = [quarry.as_str(), if apart { elm.as_str() } else { quarry.as_str() }];
        let offer = teams
            .map(|t| json!({ "referralId": referral, "version": 2, "teamId": t.global(), "criteriaSeen": "Adult." }));
        self.pair.both(same("hub-coordinator"), "referralOffer", offer, "").await;
        let reasons = if apart { ["NO_CAPACITY", "CONFLICT_OF_INTEREST"] } else { same("NO_CAPACITY") };
        let decline = reasons
            .map(|r| json!({ "referralId": referral, "version": 3, "reason": r, "text": format!("{r} it is.") }));
        self.pair.both(who, "referralDecline", decline, "").await;
        let offer =
            json!({ "referralId": referral, "version": 4, "teamId": demo::NORTH.global(), "criteriaSeen": "Adult." });
        self.pair.step("hub-coordinator", "referralOffer", offer, "").await;
    }

    /// Closed by the hub. A sender reads REFERRED_ON where it was DUPLICATE (C23).
    async fn closed(&mut self) -> String {
        let referral = self.submitted("referrer").await;
        let signpost = self.signpost(json!({ "referralId": referral }), "hub-coordinator").await;
        let apart = self.round.group != Group::Hub;
        let close = |duplicate: bool| {
            let mut input = json!({ "referralId": referral, "version": 2, "onwardReferral": "The night shelter.", "outcome": "REFERRED_ON" });
            if duplicate {
                input["outcome"] = json!("DUPLICATE");
                input["text"] = json!("Known since the spring.");
            }
            input
        };
        let duplicate = self.dice.chance(50);
        self.pair
            .both(same("hub-coordinator"), "referralClose", [close(duplicate), close(duplicate != apart)], "")
            .await;
        signpost
    }
}
