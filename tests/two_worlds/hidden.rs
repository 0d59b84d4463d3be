//! What differs between the worlds. Each variation says in words what it is, by which rule it is hidden, and from whom; and
//! which mutations would let those very viewers open it, which are then only checked.

use super::chance::Dice;
use super::growth::Grown;
use super::mutation::OPENING;
use super::pair::Pair;
use super::people::{Group, People, Round};
use super::{aside, strangers};

/// What a variation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Strangers,
    Drafts,
    SecondReferral,
    LaterEntries,
    SinceTheyLeft,
    Notes,
    PartnersNotes,
    LawfulBases,
    ColleaguesLog,
    Replaced,
    Consents,
    Joined,
    Twin,
    Equalities,
    PartnersEntry,
    Household,
    SignpostToTheClient,
    FollowUp,
    Urgency,
    Duty,
    Marked,
    PrivateState,
    PrivateEnd,
    Restriction,
    WhichRestriction,
    CaseClosed,
}

/// Something that is hidden.
pub struct Variation {
    pub what: What,
    pub about: &'static str,
    pub rule: &'static str,
    pub from: &'static [Group],
    /// Mutations by which these viewers may lawfully come to see it. It is hidden only in rounds that hold them back.
    pub opened_by: &'static [&'static str],
    /// It is hidden in every round, and what opens it is held back there too.
    pub always: bool,
}

const fn hidden(what: What, about: &'static str, rule: &'static str, from: &'static [Group]) -> Variation {
    Variation { what, about, rule, from, opened_by: &[], always: false }
}

use Group::{Hub, Lead, Member, Outsiders};

/// All variations, in the order in which they are made.
pub const VARIATIONS: &[Variation] = &[
    hidden(
        What::Strangers,
        "further clients of a partner no viewer belongs to: referral, consent, case, notes, sealed records, names and birthdays \
        that visible people have as well",
        "C13: no live basis, no client",
        &[Outsiders, Member, Lead],
    ),
    hidden(
        What::Drafts,
        "drafts of another sender",
        "C2 REFERRER, C23: a draft is before its sender alone",
        &[Outsiders, Member, Lead, Hub],
    ),
    hidden(
        What::SecondReferral,
        "another office's referral of somebody the viewers see, its story told to that office alone",
        "C2 HOLDER, TEAM: the case and the referral it grew from; HUB: from submission",
        &[Member, Lead, Hub],
    ),
    hidden(
        What::LaterEntries,
        "entries that the lead team recorded in categories the viewers have no part in",
        "C2 TEAM, CONSENT, HUB, REFERRER; C12: the same whether or not there is anything behind it",
        &[Outsiders, Member, Hub],
    ),
    hidden(
        What::SinceTheyLeft,
        "a new name, and entries, since the solicitors' membership ended",
        "C2 AUTHOR: own items, and NAME as it stood",
        &[Outsiders, Member],
    ),
    hidden(
        What::Notes,
        "the lead team's notes: agency, third-party, reflective, and of categories that are not open",
        "C1, C9, C10",
        &[Outsiders, Member, Hub],
    ),
    hidden(
        What::PartnersNotes,
        "the solicitors' own notes: agency, third-party and reflective",
        "C9, C10: they stay with who recorded them",
        &[Outsiders, Lead, Hub],
    ),
    hidden(
        What::LawfulBases,
        "on which lawful basis the lead team, or the solicitors, process what they have",
        "C3, C11: for the organisation that recorded it alone",
        &[Outsiders, Hub],
    ),
    Variation {
        what: What::ColleaguesLog,
        about: "a reflective log of a colleague of the same team",
        rule: "C10: its author and the author's supervisor, who is none of the viewers",
        from: &[Outsiders, Member, Lead, Hub],
        // A manager says who supervises whom.
        opened_by: &["supervisionAssign"],
        always: false,
    },
    hidden(
        What::Replaced,
        "what an entry said before it was corrected",
        "C2: a section shows the latest visible entry; a replaced one is kept and not shown",
        &[Outsiders, Member, Lead, Hub],
    ),
    hidden(
        What::Consents,
        "consents for another partner, withdrawn or not",
        "C3: recipients see their own, the lead all; the hub those that name its organisation",
        &[Outsiders, Member, Hub],
    ),
    hidden(
        What::Joined,
        "a further member team, on a case the viewers are not on",
        "C2 HUB: a referral's hub is not on the case; C13",
        &[Outsiders, Member, Hub],
    ),
    Variation {
        what: What::Twin,
        about: "which of two mental health agencies joined the case, and its sharing agreement",
        rule: "C11: a link to either implies HEALTH, which is not open; the agreement is the lead's and the team's own",
        from: &[Member],
        // What it ends shows whom it covered.
        opened_by: &["consentWithdraw"],
        always: false,
    },
    hidden(
        What::Equalities,
        "EQUALITIES that the solicitors recorded",
        "C1: shown to nobody but the agency that recorded it",
        &[Outsiders, Lead, Hub],
    ),
    Variation {
        what: What::PartnersEntry,
        about: "IMMIGRATION that the solicitors recorded",
        rule: "C2 HOLDER: beyond its categories only as consent covers it",
        from: &[Outsiders, Lead, Hub],
        opened_by: &["consentRecord", "caseReenter"],
        always: false,
    },
    hidden(
        What::Household,
        "whether a household member has a record of their own",
        "C9: it links to a record only where the viewer sees that record",
        &[Lead],
    ),
    hidden(
        What::SignpostToTheClient,
        "a signpost that the client alone was told",
        "C2 REFERRER: the signposts it was told",
        &[Outsiders, Member, Lead],
    ),
    hidden(
        What::FollowUp,
        "what became of a signpost that the sender was told",
        "C2 REFERRER: its status, outcome and the signposts it was told, not what came of them",
        &[Outsiders, Member, Lead],
    ),
    hidden(
        What::Urgency,
        "how urgent the hub found a referral, as often as it changed its mind",
        "C2 REFERRER: its own referral as it wrote it; HOUSING of others (C1)",
        &[Outsiders, Member, Lead],
    ),
    hidden(
        What::Duty,
        "a duty to refer beside a referral that is with the hub, passed on and acknowledged or not",
        "C2 HUB, REFERRER: the referral; C13",
        &[Member, Lead],
    ),
    hidden(
        What::Marked,
        "whether the hub marked what a referral brought as telling where the person can be found",
        "C2 REFERRER: its own referral as it wrote it; C7",
        &[Outsiders, Member, Lead],
    ),
    hidden(
        What::PrivateState,
        "how far a private sender's referral has come, while it is dealt with",
        "C23: its sender learns only RECEIVED and FINISHED",
        &[Outsiders, Member, Lead],
    ),
    hidden(
        What::PrivateEnd,
        "whether a private sender's referral was accepted or closed",
        "C23: its sender learns only RECEIVED and FINISHED",
        &[Outsiders, Member, Lead],
    ),
    Variation {
        what: What::Restriction,
        about: "an objection to another agency, and protected contact where CONTACT is not open",
        rule: "C6, C7; C12: it never tells which of no consent, withdrawal or protection it was",
        from: &[Member],
        // What somebody records that tells of a location is for the named few at once, and no longer for its author: that contact
        // goes through the lead worker is told, by protection and preference alike (`WhichRestriction`). A draft that links
        // the person as one of its household is covered with them, and its sender reads the contact they wrote no more.
        opened_by: &[
            "entryRecord",
            "entryCorrect",
            "entryMark",
            "noteRecord",
            "noteCorrect",
            "outwardDisclosureRecord",
            "referralDraft",
        ],
        always: false,
    },
    Variation {
        what: What::WhichRestriction,
        about: "whether contact is protected or goes through the lead worker by choice, for the same named few",
        rule: "C7: it reads exactly like the preference that anybody may choose, whatever one records meanwhile",
        from: &[Outsiders, Member, Lead, Hub],
        // Who leads the case is named, and told.
        opened_by: &["caseReenter"],
        always: true,
    },
    hidden(
        What::CaseClosed,
        "whether a case the viewers are not on is closed",
        "C2 HUB, REFERRER: the referral; C13",
        &[Outsiders, Member, Hub],
    ),
];

/// What is hidden however much the viewers open: it is on records that none of them sees, and only what they see can be opened
/// by an override or a legal gateway (C16, C17). A request by name and date of birth is matched by background jobs, of which
/// the test runs none.
/// Which of the two keeps contact for the few is told to nobody by either: they wait for a co-signature alike.
const OUT_OF_REACH: &[What] =
    &[What::Strangers, What::Drafts, What::PrivateState, What::PrivateEnd, What::WhichRestriction];

/// In which worlds a variation is made: in the first, in the second, or in both, otherwise in each.
pub const WHERE: [&[usize]; 3] = [&[0], &[1], &[0, 1]];

/// Makes the worlds differ in all that is hidden from the round's viewers; tells what was made, and which mutations would
/// open it.
pub async fn differ(
    pair: &mut Pair,
    round: &Round,
    people: &People,
    grown: &Grown,
    dice: &mut Dice,
) -> (Vec<String>, Vec<&'static str>) {
    let mut made = Vec::new();
    let mut held = Vec::new();
    if round.held {
        // What referrals brought and no consent names: see `Growing::drafts`.
        held.extend(["consentRecord", "caseReenter"]);
    }
    if !round.opening {
        held.extend(OPENING);
    }
    for (number, v) in VARIATIONS.iter().enumerate() {
        let opened = (!v.opened_by.is_empty() && !round.held && !v.always)
            || (round.opening && !OUT_OF_REACH.contains(&v.what));
        if !v.from.contains(&round.group) || opened {
            continue;
        }
        let sides = *dice.pick(&WHERE);
        held.extend(v.opened_by);
        made.push(format!("{:?} in {sides:?}: {} ({})", v.what, v.about, v.rule));
        pair.begin_aside(number);
        let mut aside = aside::Aside { pair, round, people, grown, dice: Dice(dice.next()), sides };
        match v.what {
            What::Strangers | What::Drafts | What::SecondReferral | What::PrivateState | What::PrivateEnd => {
                strangers::make(&mut aside, v.what).await;
            }
            _ => aside.make(v.what).await,
        }
    }
    (made, held)
}
