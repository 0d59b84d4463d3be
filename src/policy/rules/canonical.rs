//! A client with every kind of document, from which the table is computed: once without any consent, once with consent to all.

use crate::domain::category::Categories;
use crate::domain::clock::Timestamp;
use crate::domain::code::Coded;
use crate::domain::consent::Purpose;
use crate::domain::ids::{
    CaseId, CaseMemberId, ClientId, ConsentId, LegalGatewayId, OfferId, OrganisationId, OverrideId, PersonId,
    ReferralId, TeamId,
};
use crate::domain::legal_gateway::LegalGatewayState;
use crate::domain::referral::ReferralState;
use crate::policy::coverage::ConsentFacts;
use crate::policy::emergency::{Lead, Needs, OverrideFacts, Standing, TaskFacts};
use crate::policy::gateway::GatewayFacts;
use crate::policy::grants::{AuthorFacts, CaseFacts, Facts, MemberFacts, OfferFacts, ReferralFacts, TeamFacts};
use uuid::Uuid;

const fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

const fn team(n: u128) -> TeamFacts {
    TeamFacts { organisation: OrganisationId(uuid(n)), team: TeamId(uuid(100 + n)) }
}

/// Sender, hub, offered team, lead, member team, recipient of a consent: an organisation each.
const SENDER: TeamFacts = team(1);
const HUB: TeamFacts = team(2);
const OFFERED: TeamFacts = team(3);
const LEAD: TeamFacts = team(4);
const MEMBER: TeamFacts = team(5);
const RECIPIENT: TeamFacts = team(6);

/// An open override for everything, with a lead who is to review it.
fn broken_glass() -> OverrideFacts {
    let lead = |n: u128| Lead { person: PersonId(uuid(n)), organisation: RECIPIENT.organisation };
    OverrideFacts {
        id: OverrideId(uuid(17)),
        standing: Standing {
            asker: lead(18),
            needs: Needs::default(),
            lapses_at: Timestamp(100),
            opened_at: Some(Timestamp(6)),
            until_at: Some(Timestamp(100)),
            ended_at: None,
            cosigned_by: None,
            reviewed: false,
        },
        asked_at: Timestamp(6),
        categories: Categories::ALL,
        passes: 0,
        tasks: vec![TaskFacts { lead: lead(19), given_at: Timestamp(6), done_at: None }],
    }
}

/// A granted legal gateway to everything.
fn gateway() -> GatewayFacts {
    GatewayFacts {
        id: LegalGatewayId(uuid(20)),
        recipient: RECIPIENT.organisation,
        asked_for: LEAD.organisation,
        asked_at: Timestamp(7),
        categories: Categories::ALL,
        starts_at: Timestamp(7),
        until_at: Timestamp(1000),
        state: LegalGatewayState::Granted,
        ended_at: None,
        watchers: Vec::new(),
    }
}

/// All documents there can be about one client.
pub(super) fn facts(consented: bool) -> Facts {
    let referral = ReferralFacts {
        id: ReferralId(uuid(11)),
        organisation: SENDER.organisation,
        sent_by: PersonId(uuid(12)),
        private_sender: false,
        contact_request: false,
        state: ReferralState::Offered,
        brought: Categories::ALL,
        created_at: Timestamp(1),
        submitted_at: Some(Timestamp(2)),
        left_hub_at: None,
        closed_at: None,
    };
    let everybody = [SENDER, HUB, OFFERED, LEAD, MEMBER, RECIPIENT];
    let consent = ConsentFacts {
        id: ConsentId(uuid(13)),
        recipients: everybody.iter().map(|t| t.organisation).collect(),
        all_partners: false,
        draft: false,
        hearsay: false,
        purposes: Purpose::ALL.iter().copied().collect(),
        categories: Categories::ALL,
        recorded_at: Timestamp(1),
        given_at: Timestamp(1),
        expires_at: Timestamp(1000),
        lapses_at: Timestamp::NEVER,
        ended_at: None,
    };
    Facts {
        client: ClientId(uuid(10)),
        died_at: None,
        hubs: vec![HUB],
        offers: vec![OfferFacts {
            id: OfferId(uuid(14)),
            referral: referral.id,
            to: OFFERED,
            refuses: Categories::NONE,
            offered_at: Timestamp(3),
            answered_at: None,
        }],
        referrals: vec![referral],
        cases: vec![CaseFacts { id: CaseId(uuid(15)), lead: LEAD, opened_at: Timestamp(3), closed_at: None }],
        members: vec![MemberFacts {
            id: CaseMemberId(uuid(16)),
            case: CaseId(uuid(15)),
            who: MEMBER,
            agreed: Categories::ALL,
            joined_at: Timestamp(4),
            left_at: None,
        }],
        consents: if consented { vec![consent] } else { Vec::new() },
        withdrawals: Vec::new(),
        authors: vec![AuthorFacts { organisation: MEMBER.organisation, hub_team: None, first_at: Timestamp(5) }],
        overrides: vec![broken_glass()],
        gateways: vec![gateway()],
        keeping: Vec::new(),
        objections: Vec::new(),
    }
}
