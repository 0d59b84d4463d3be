//! Legal gateways (C17): who asks, who decides, who ends them, and the grants that follow.

use super::disclosure::Disclosure;
use super::grants::{Grant, purpose};
use super::viewer::Viewer;
use super::writing;
use crate::domain::basis::{Basis, Scope};
use crate::domain::category::{Categories, Category};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ClientId, LegalGatewayId, OrganisationId, PersonId};
use crate::domain::legal_gateway::LegalGatewayState;
use crate::domain::role::Role;

/// A legal gateway as the projection needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayFacts {
    /// The gateway.
    pub id: LegalGatewayId,
    /// Whom it opens the record to.
    pub recipient: OrganisationId,
    /// The organisation that asked.
    pub asked_for: OrganisationId,
    /// When.
    pub asked_at: Timestamp,
    /// The categories it names.
    pub categories: Categories,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when.
    pub until_at: Timestamp,
    /// Where it stands.
    pub state: LegalGatewayState,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
    /// The safeguarding leads who watch over it.
    pub watchers: Vec<PersonId>,
}

/// The grants of a gateway, each with its end when it was ended.
///
/// A safeguarding lead of the organisation that asked sees that one document while it is to be decided and while it is open, so that they can end it; the
/// organisation it names sees the categories it names, once it is granted.
pub(super) fn grants(client: ClientId, g: &GatewayFacts) -> Vec<(Grant, Option<Timestamp>)> {
    // A category for statistics alone opens to nobody else, whatever is named (C1).
    let named = g.categories.minus(Categories::of(&[Category::Equalities]));
    let categories = named.union(Categories::of(&[Category::Involvement]));
    let to_recipient = Grant {
        organisation: g.recipient,
        team: None,
        person: None,
        basis: Basis::LegalGateway,
        categories,
        scope: Scope::Client,
        scope_id: client.0,
        opens_client: true,
        names_until: Timestamp::NEVER,
        passes: 0,
        purpose: purpose(Basis::LegalGateway),
        starts_at: g.starts_at,
        until_at: g.until_at,
        source_kind: "legal_gateway",
        source_id: g.id.0,
    };
    let watch_until = match g.state {
        LegalGatewayState::Asked => Some(Timestamp::NEVER),
        LegalGatewayState::Granted => Some(g.until_at),
        LegalGatewayState::Refused | LegalGatewayState::Ended => None,
    };
    let to_watcher = |person: &PersonId, until_at| Grant {
        organisation: g.asked_for,
        person: Some(*person),
        basis: Basis::Oversight,
        scope: Scope::Item,
        scope_id: g.id.0,
        opens_client: false,
        purpose: purpose(Basis::Oversight),
        starts_at: g.asked_at,
        until_at,
        ..to_recipient.clone()
    };
    let mut all: Vec<_> = watch_until
        .map(|until| g.watchers.iter().map(|p| (to_watcher(p, until), None)).collect())
        .unwrap_or_default();
    if matches!(g.state, LegalGatewayState::Granted | LegalGatewayState::Ended) {
        all.push((to_recipient, g.ended_at));
    }
    all
}

/// What deciding about a gateway and ending it depend on.
#[derive(Clone, Copy, Debug)]
pub struct GatewayStanding {
    /// Who asked.
    pub asked_by: PersonId,
    /// For which organisation.
    pub asked_for: OrganisationId,
    /// Whom it opens the record to.
    pub recipient: OrganisationId,
    /// Whether the viewer works for that organisation, whichever they act for.
    pub names_own: bool,
    /// Where it stands now.
    pub state: LegalGatewayState,
}

/// Whether the viewer may ask for a gateway on a client: who works with the client. Who reads the record in an emergency, by a consent or
/// through a gateway alone hands nothing on.
pub fn may_ask(viewer: &Viewer, disclosure: &Disclosure) -> bool {
    writing::may_record(viewer, disclosure)
}

/// The categories that the viewer may name in a gateway: what is open to them, but not through an emergency or another gateway.
pub fn nameable(disclosure: &Disclosure) -> Categories {
    disclosure.open_but(&[Basis::Override, Basis::LegalGateway])
}

/// Whether the gateway is the viewer's to decide: a safeguarding lead's of the organisation that asked.
pub fn is_for(viewer: &Viewer, g: &GatewayStanding) -> bool {
    viewer.roles.has(Role::SafeguardingLead) && viewer.organisation == g.asked_for
}

/// Whether the viewer would decide about what they asked for themselves, or about what opens the record to an organisation they
/// work for, under whichever membership (C21).
pub fn is_own(viewer: &Viewer, g: &GatewayStanding) -> bool {
    viewer.person == g.asked_by || g.names_own
}

/// Whether the viewer may decide about it now.
pub fn may_decide(viewer: &Viewer, g: &GatewayStanding) -> bool {
    is_for(viewer, g) && !is_own(viewer, g) && g.state == LegalGatewayState::Asked
}

/// Whether ending it is the viewer's: a safeguarding lead's of the organisation that granted it, or of the one it names.
pub fn ends(viewer: &Viewer, g: &GatewayStanding) -> bool {
    viewer.roles.has(Role::SafeguardingLead) && [g.asked_for, g.recipient].contains(&viewer.organisation)
}

/// Whether the viewer may end it now.
pub fn may_end(viewer: &Viewer, g: &GatewayStanding) -> bool {
    ends(viewer, g) && g.state == LegalGatewayState::Granted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{GrantId, MembershipId, TeamId};
    use crate::policy::disclosure::LiveGrant;
    use crate::policy::viewer::ViewerTeam;
    use uuid::Uuid;

    const CLIENT: ClientId = ClientId(Uuid::from_u128(1));
    const ASKER: OrganisationId = OrganisationId(Uuid::from_u128(2));
    const NAMED: OrganisationId = OrganisationId(Uuid::from_u128(3));
    const WORKER: PersonId = PersonId(Uuid::from_u128(4));
    const LEAD: PersonId = PersonId(Uuid::from_u128(5));

    fn gateway(state: LegalGatewayState) -> GatewayFacts {
        GatewayFacts {
            id: LegalGatewayId(Uuid::from_u128(9)),
            recipient: NAMED,
            asked_for: ASKER,
            asked_at: Timestamp(10),
            categories: Categories::of(&[Category::Housing, Category::Equalities]),
            starts_at: Timestamp(20),
            until_at: Timestamp(30),
            state,
            ended_at: (state == LegalGatewayState::Ended).then_some(Timestamp(25)),
            watchers: vec![LEAD],
        }
    }

    #[test]
    fn a_lead_sees_the_document_until_it_is_over_and_the_recipient_what_it_names_once_granted() {
        let told = |state| -> Vec<_> {
            grants(CLIENT, &gateway(state))
                .into_iter()
                .map(|(g, ended)| (g.basis, g.person, g.opens_client, g.scope, g.starts_at.0, g.until_at, ended))
                .collect()
        };
        let oversight = |until| (Basis::Oversight, Some(LEAD), false, Scope::Item, 10, until, None);
        let open = |ended| (Basis::LegalGateway, None, true, Scope::Client, 20, Timestamp(30), ended);
        assert_eq!(told(LegalGatewayState::Asked), [oversight(Timestamp::NEVER)]);
        assert_eq!(told(LegalGatewayState::Granted), [oversight(Timestamp(30)), open(None)]);
        assert_eq!(told(LegalGatewayState::Refused), []);
        assert_eq!(told(LegalGatewayState::Ended), [open(Some(Timestamp(25)))]);
    }

    #[test]
    fn who_watches_holds_the_document_for_the_agency_that_asked_and_who_is_named_the_record() {
        let id = Uuid::from_u128(9);
        let told: Vec<_> = grants(CLIENT, &gateway(LegalGatewayState::Granted))
            .into_iter()
            .map(|(g, _)| (g.organisation, g.scope_id, g.purpose, g.passes, g.team))
            .collect();
        assert_eq!(told, [(ASKER, id, "REVIEW", 0, None), (NAMED, CLIENT.0, "LEGAL_DUTY", 0, None)]);
    }

    #[test]
    fn what_an_emergency_or_another_gateway_opens_is_not_handed_on() {
        let live = |basis, category| LiveGrant {
            id: GrantId(Uuid::from_u128(7)),
            basis,
            categories: Categories::of(&[category]),
            scope: Scope::Client,
            scope_id: CLIENT.0,
            opens_client: true,
            names_until: Timestamp::NEVER,
            until_at: Timestamp::NEVER,
        };
        let all = vec![
            live(Basis::Team, Category::Housing),
            live(Basis::Consent, Category::Finance),
            live(Basis::Override, Category::Risk),
            live(Basis::LegalGateway, Category::Health),
        ];
        let told = nameable(&Disclosure::new(CLIENT, all));
        assert_eq!(told, Categories::of(&[Category::Housing, Category::Finance]));
    }

    #[test]
    fn who_works_with_the_person_asks_and_nobody_who_only_reads() {
        use Basis::{Consent, Holder, Hub, LegalGateway as Law, Override, Team};
        let viewer = |role, is_hub| Viewer {
            person: WORKER,
            membership: MembershipId(Uuid::nil()),
            membership_version: 1,
            organisation: ASKER,
            is_partner: true,
            is_category: false,
            teams: vec![ViewerTeam { id: TeamId(Uuid::from_u128(8)), is_hub }],
            roles: [role].into_iter().collect(),
        };
        let live = |basis| LiveGrant {
            id: GrantId(Uuid::from_u128(7)),
            basis,
            categories: Categories::of(&[Category::Housing]),
            scope: Scope::Client,
            scope_id: CLIENT.0,
            opens_client: true,
            names_until: Timestamp::NEVER,
            until_at: Timestamp::NEVER,
        };
        let table = [
            (Role::SupportWorker, false, Holder, true),
            (Role::TeamManager, false, Team, true),
            (Role::HubCoordinator, true, Hub, true),
            (Role::HubCoordinator, false, Hub, false),
            (Role::SupportWorker, false, Override, false),
            (Role::SupportWorker, false, Law, false),
            (Role::SupportWorker, false, Consent, false),
            (Role::SafeguardingLead, false, Holder, false),
        ];
        for (role, hub, basis, may) in table {
            let disclosure = Disclosure::new(CLIENT, vec![live(basis)]);
            assert_eq!(may_ask(&viewer(role, hub), &disclosure), may, "{role:?} {basis:?}");
        }
    }

    #[test]
    fn exactly_what_is_named_opens_and_equalities_never() {
        for (g, _) in grants(CLIENT, &gateway(LegalGatewayState::Granted)) {
            assert_eq!(g.categories, Categories::of(&[Category::Housing, Category::Involvement]), "{:?}", g.basis);
            assert_eq!(g.source_id, Uuid::from_u128(9));
        }
    }

    #[test]
    fn another_lead_of_the_asking_organisation_decides_and_either_sides_lead_ends() {
        let viewer = |person, organisation, roles: &[Role]| Viewer {
            person,
            membership: MembershipId(Uuid::nil()),
            membership_version: 1,
            organisation,
            is_partner: true,
            is_category: false,
            teams: Vec::new(),
            roles: roles.iter().copied().collect(),
        };
        let lead = &[Role::SafeguardingLead];
        let at =
            |state| GatewayStanding { asked_by: WORKER, asked_for: ASKER, recipient: NAMED, names_own: false, state };
        let table = [
            (viewer(LEAD, ASKER, lead), true, true),
            (viewer(LEAD, NAMED, lead), false, true),
            (viewer(LEAD, OrganisationId(Uuid::from_u128(7)), lead), false, false),
            (viewer(LEAD, ASKER, &[Role::TeamManager]), false, false),
            (viewer(WORKER, ASKER, lead), false, true),
        ];
        for (viewer, decides, ends) in table {
            assert_eq!(may_decide(&viewer, &at(LegalGatewayState::Asked)), decides, "{viewer:?}");
            assert_eq!(may_end(&viewer, &at(LegalGatewayState::Granted)), ends, "{viewer:?}");
            assert!(!may_decide(&viewer, &at(LegalGatewayState::Granted)));
            assert!(
                !may_end(&viewer, &at(LegalGatewayState::Asked)) && !may_end(&viewer, &at(LegalGatewayState::Ended))
            );
        }
    }
}
