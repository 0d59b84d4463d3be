//! The hidden steps on people of whom the viewers know nothing, or progress alone.

use super::aside::{Aside, restrict};
use super::growth::{consent, draft};
use super::hidden::What;
use super::people::{ELM, QUARRY};
use crate::inputs::literal;
use crate::support::World;
use alliance::domain::ids::{ClientId, ReferralId, TypedId};
use serde_json::json;

/// Makes one of the variations.
pub async fn make(aside: &mut Aside<'_>, what: What) {
    match what {
        What::Strangers => {
            for side in aside.sides {
                for n in 0..1 + aside.dice.below(2) {
                    stranger(aside, *side, n).await;
                }
            }
        }
        What::Drafts => {
            let fenside = aside.people.fenside.clone();
            for side in aside.sides {
                let asked = draft(&mut aside.dice);
                aside.pair.hidden(*side, &fenside, "referralDraft", asked, "referral { id }").await;
            }
        }
        What::SecondReferral => {
            for side in aside.sides {
                second_referral(aside, *side).await;
            }
        }
        What::PrivateState => {
            let on = aside.grown.private[0].clone();
            for side in aside.sides {
                offered(aside, *side, &on).await;
                if aside.dice.chance(50) {
                    let quarry = aside.people.quarry.clone();
                    let decline = json!({ "referralId": on, "version": 3, "reason": "NO_CAPACITY" });
                    aside.pair.hidden(*side, &quarry, "referralDecline", decline, "").await;
                }
            }
        }
        What::PrivateEnd => {
            let on = aside.grown.private[1].clone();
            let accepted = aside.dice.below(2);
            offered(aside, accepted, &on).await;
            let quarry = aside.people.quarry.clone();
            let accept = json!({ "referralId": on, "version": 3 });
            aside
                .pair
                .hidden(
                    accepted,
                    &quarry,
                    "referralAccept",
                    accept,
                    "referral { id sharedCase { id } client { id } }",
                )
                .await;
            let close = json!({
                "referralId": on, "version": 2, "outcome": "INSUFFICIENT_NEED", "onwardReferral": "Advice.", "text": "In words.",
            });
            aside.pair.hidden(1 - accepted, "hub-coordinator", "referralClose", close, "").await;
        }
        other => unreachable!("{other:?} is made elsewhere"),
    }
}

/// A draft about somebody else that turns out to be about a client whom the viewers see: what linking the two will write.
async fn second_referral(aside: &mut Aside<'_>, side: usize) {
    let fenside = aside.people.fenside.clone();
    let story = |category: &str| json!({ "category": category, "text": format!("{category} of world {side}.") });
    let asked = json!({ "urgency": "UPSTREAM", "sections": [], "narratives": [story("HOUSING"), story("HEALTH"), story("NAME")] });
    let made = aside.pair.hidden(side, &fenside, "referralDraft", asked, "referral { id }").await;
    let referral = ReferralId::parse(made["referral"]["id"].as_str().expect("an id")).expect("a referral");
    let client = ClientId::parse(&aside.grown.led[0].client).expect("a client");
    aside
        .pair
        .hidden_raw(side, async |world: &World| {
            let (referral, client) = (literal(world, referral.0), literal(world, client.0));
            for (table, column) in
                [("referral", "id"), ("referral_narrative", "referral_id"), ("access_grant", "scope_id")]
            {
                world.raw(&format!("UPDATE {table} SET client_id = {client} WHERE {column} = {referral}")).await;
            }
        })
        .await;
}

async fn offered(aside: &mut Aside<'_>, side: usize, referral: &str) {
    let team = aside.people.quarry_team.global();
    let offer = json!({ "referralId": referral, "version": 2, "teamId": team, "criteriaSeen": "Adult." });
    aside.pair.hidden(side, "hub-coordinator", "referralOffer", offer, "").await;
}

/// A client of Quarry's, referred by another office; some records are sealed.
async fn stranger(aside: &mut Aside<'_>, side: usize, n: usize) {
    let (fenside, quarry) = (aside.people.fenside.clone(), aside.people.quarry.clone());
    let mut asked = draft(&mut aside.dice);
    asked["consent"]["recipients"].as_array_mut().expect("a list").push(json!(QUARRY.global()));
    let made = aside.pair.hidden(side, &fenside, "referralDraft", asked, "referral { id }").await;
    let referral = made["referral"]["id"].as_str().expect("an id").to_owned();
    let submit = json!({ "referralId": referral, "version": 1 });
    aside.pair.hidden(side, &fenside, "referralSubmit", submit, "").await;
    if aside.dice.chance(25) {
        return;
    }
    offered(aside, side, &referral).await;
    // A key that viewers use as well: whose it is counts, not that it was used.
    let key = if n == 0 { "shared-key".to_owned() } else { format!("key-{n}") };
    let accept = json!({ "referralId": referral, "version": 3, "idempotencyKey": key });
    let done = aside
        .pair
        .hidden(side, &quarry, "referralAccept", accept, "referral { sharedCase { id } client { id } }")
        .await;
    let (client, case) = (&done["referral"]["client"]["id"], &done["referral"]["sharedCase"]["id"]);
    let note = json!({ "caseId": case, "visibility": "TEAM", "text": "Hidden." });
    aside.pair.hidden(side, &quarry, "noteRecord", note, "note { id }").await;
    let given = json!({ "clientId": client, "consent": consent(&[ELM], &["SUPPORT"], &["NAME", "HOUSING"]) });
    aside.pair.hidden(side, &quarry, "consentRecord", given, "consent { id }").await;
    if aside.dice.chance(30) {
        let client = ClientId::parse(client.as_str().expect("an id")).expect("a client");
        aside.pair.hidden_raw(side, async |world: &World| restrict(world, client, "SEALED", None).await).await;
    }
}
