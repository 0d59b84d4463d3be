//! Who looks: the viewers, and people whose work is hidden from them.

use super::pair::Pair;
use crate::inputs::literal;
use crate::support::World;
use alliance::domain::category::{Categories, Category};
use alliance::domain::clock::Clock;
use alliance::domain::ids::{OrganisationId, TeamId, TypedId};
use alliance::domain::organisation_name::OrganisationKind;
use alliance::domain::role::Role;
use alliance::persistence::organisation::{self, NewOrganisation, Team};
use alliance::service::demo;
use uuid::Uuid;

/// Viewers from whom the same is hidden, and who cannot open it to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Who has no part in the cases: the sender, a private sender, a recipient of a consent for HOUSING, roles without client
    /// content, the canary, an ended membership.
    Outsiders,
    /// The solicitors: a member team with HOUSING and FINANCE, an author, the lead of a case of their own.
    Member,
    /// Harbour's north team, which leads cases.
    Lead,
    /// The hub.
    Hub,
}

/// One pair of worlds.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    pub number: u64,
    pub seed: u64,
    pub group: Group,
    /// Hidden is also what the viewers could open to themselves; the mutations that would do so are only checked.
    pub held: bool,
    /// The viewers open what they see by override and legal gateway, and nothing that differs is on such a record.
    pub opening: bool,
}

impl Round {
    /// The rounds in turn.
    pub fn of(number: u64, seed: u64) -> Self {
        let turns = [
            (Group::Outsiders, true, false),
            (Group::Member, false, false),
            (Group::Lead, false, false),
            (Group::Hub, true, false),
            (Group::Lead, true, false),
            (Group::Lead, false, true),
            (Group::Member, true, false),
            (Group::Hub, false, false),
            (Group::Outsiders, false, true),
        ];
        let turn = usize::try_from(number).expect("few") % turns.len();
        let (group, held, opening) = turns[turn];
        Self { number, seed: super::chance::mix(&[seed, number]), group, held, opening }
    }
}

const fn organisation_id(n: u128) -> OrganisationId {
    OrganisationId(Uuid::from_u128(0x0a00_0000_0000_7000_8000_0000_0000_0000 + n))
}
const fn team_id(n: u128) -> TeamId {
    TeamId(Uuid::from_u128(0x0b00_0000_0000_7000_8000_0000_0000_0000 + n))
}
const FAMILY: OrganisationId = organisation_id(0xfa);
const FENSIDE: OrganisationId = organisation_id(0xfe);
pub const QUARRY: OrganisationId = organisation_id(0xaa);
pub const ELM: OrganisationId = organisation_id(0xee);
const QUARRY_TEAM: TeamId = team_id(0xaa);
const ELM_TEAM: TeamId = team_id(0xee);

/// Tokens of people beside the personas.
#[derive(Clone, Debug)]
pub struct People {
    /// A private sender.
    pub cousin: String,
    /// An officer of another probation office.
    pub fenside: String,
    /// A worker of a partner whose cases no viewer has a part in.
    pub quarry: String,
    pub quarry_team: TeamId,
    /// A worker of a partner that implies HEALTH.
    pub elm: String,
    pub elm_team: TeamId,
    /// Another worker of Harbour's north team, who is no viewer.
    pub third: String,
    /// Was a worker of that team.
    pub former: String,
}

impl People {
    /// Registers them in both worlds.
    pub async fn join(pair: &mut Pair) -> Self {
        pair.prepare(async |world: &World| register(world).await).await;
        let at = |name: &str, of: OrganisationId| format!("{name}@{}", of.global());
        Self {
            cousin: at("cousin", FAMILY),
            fenside: at("fenside-officer", FENSIDE),
            quarry: at("quarry-worker", QUARRY),
            quarry_team: QUARRY_TEAM,
            elm: at("elm-worker", ELM),
            elm_team: ELM_TEAM,
            third: at("third-worker", demo::HARBOUR),
            former: at("former-worker", demo::HARBOUR),
        }
    }

    /// The viewers of a group.
    pub fn viewers(&self, group: Group) -> Vec<String> {
        let names: &[&str] = match group {
            Group::Outsiders => &[
                "referrer",
                &self.cousin,
                "outside-worker",
                "safeguarding-lead",
                "information-governance",
                "commissioner",
                "administrator",
                "canary",
                &self.former,
            ],
            Group::Member => &["partner-worker"],
            Group::Lead => &["support-worker", "team-manager"],
            Group::Hub => &["hub-coordinator"],
        };
        names.iter().map(|n| (*n).to_owned()).collect()
    }
}

async fn register(world: &World) {
    let now = world.clock.now();
    let tx = world.app.database.begin().await.expect("begins");
    let organisations = [
        (FAMILY, "Friends and family", OrganisationKind::FriendsOrFamily, false, Categories::NONE),
        (FENSIDE, "Fenside Probation", OrganisationKind::Probation, false, Categories::of(&[Category::Offending])),
        (QUARRY, "Quarry Support", OrganisationKind::PartnerSupportProvider, true, Categories::NONE),
        (ELM, "Elm Minds", OrganisationKind::NhsMentalHealth, true, Categories::of(&[Category::Health])),
    ];
    for (id, name, kind, is_partner, implies) in organisations {
        let is_category = id == FAMILY;
        let new = NewOrganisation { id, name: name.into(), kind, is_partner, is_category, parent: None, implies };
        organisation::register(&tx, &new, now).await.expect("registers");
    }
    for (id, organisation, name) in [(QUARRY_TEAM, QUARRY, "Quarry Team"), (ELM_TEAM, ELM, "Elm Team")] {
        let team = Team {
            id,
            organisation,
            name: name.into(),
            is_hub: false,
            refuses: Categories::NONE,
            room: None,
            room_stated_at: None,
            version: 1,
        };
        organisation::register_team(&tx, &team, now).await.expect("registers");
    }
    tx.commit().await.expect("commits");
    let worker = [Role::SupportWorker];
    world.member("cousin", FAMILY, &[Role::Referrer], &[]).await;
    world.member("fenside-officer", FENSIDE, &[Role::Referrer], &[]).await;
    world.member("quarry-worker", QUARRY, &worker, &[QUARRY_TEAM]).await;
    world.member("elm-worker", ELM, &worker, &[ELM_TEAM]).await;
    world.member("third-worker", demo::HARBOUR, &worker, &[demo::NORTH]).await;
    let former = world.member("former-worker", demo::HARBOUR, &worker, &[demo::NORTH]).await;
    let former = literal(world, former.0);
    world.raw(&format!("UPDATE membership SET ended_at = {} WHERE person_id = {former}", now.0)).await;
}
