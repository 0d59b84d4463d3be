//! Protected contact follows the household (C7): whenever who lives together is recorded, it is looked at again.
//!
//! Everybody linked is covered. Addresses are not compared: who could try them against a protected one would find it out, and one
//! written in another way would stay open. A preference follows in the same way, so that nobody can tell it from protection.

use super::context::Failure;
use super::unit::Unit;
use crate::domain::category::{Categories, Category};
use crate::domain::ids::{ClientId, ReferralId, RestrictionId, TypedId};
use crate::domain::restriction::RestrictionKind;
use crate::domain::section::Section;
use crate::persistence::household;
use crate::persistence::restriction::{self, NewRestriction};

/// What a restriction that follows says of itself: nothing of the one it follows from.
const FOLLOWS: &str = "Lives with somebody whose contact is for the few.";

/// Whether a section tells who lives together.
pub(super) fn tells(section: &Section) -> bool {
    section.category() == Some(Category::Household)
}

/// The records that a household section links to.
pub(super) fn links(section: &Section) -> Vec<ClientId> {
    match section {
        Section::Household { members } => {
            members.iter().filter_map(|m| m.client_id.as_deref().and_then(ClientId::parse)).collect()
        }
        _ => Vec::new(),
    }
}

/// Locks a household, and whom it is about to be linked with, in one order, whoever of them is written about. What the viewer does
/// not see is not locked: as many statements, and no waiting, as for a client nobody knows (C13).
pub(super) async fn lock(unit: &Unit<'_>, client: Option<ClientId>, more: &[ClientId]) -> Result<(), Failure> {
    let mut asked = more.to_vec();
    asked.extend(client);
    let seen: Vec<_> = unit.scope().clients_by_id(&asked).await?.iter().map(|d| d.client).collect();
    let all = household::of(unit.tx(), &seen, None).await?;
    unit.lock_all(&all).await
}

/// Locks the household that a referral about to be submitted brings, if the viewer sees the referral.
pub(super) async fn lock_sent(unit: &Unit<'_>, referral: Option<ReferralId>) -> Result<(), Failure> {
    let referral = referral.unwrap_or(ReferralId(uuid::Uuid::nil()));
    let found = unit.scope().referrals_by_id(&[referral]).await?;
    let clients: Vec<_> = found.iter().map(|r| r.client).collect();
    let all = household::of(unit.tx(), &clients, Some(referral)).await?;
    unit.lock_all(&all).await
}

/// Puts every member of the household under the protection of those they live with. What covers somebody already stays: a new
/// household does not uncover an old one.
///
/// That contact is for the few in a household shows on the record of whoever is linked to it: covering them stands before keeping
/// that from who links (C7 before C12). Which of preference and protection it is does not show: what follows reads the same.
pub(super) async fn shield(unit: &mut Unit<'_>, client: ClientId) -> Result<(), Failure> {
    let home = household::of(unit.tx(), &[client], None).await?;
    let protections = household::protections(unit.tx(), &home).await?;
    if protections.is_empty() || home.len() < 2 {
        return Ok(());
    }
    for (protection, protected) in protections {
        let covered = household::covered(unit.tx(), protection).await?;
        for member in home.iter().copied().filter(|m| *m != protected && !covered.contains(m)) {
            let new = NewRestriction {
                id: RestrictionId(unit.ctx().app.random.uuid_timed(unit.by.at)),
                client: member,
                // The more careful of the two, whichever it follows from.
                kind: RestrictionKind::ProtectedContact,
                organisation: None,
                person: None,
                named: Vec::new(),
                reason: FOLLOWS.to_owned(),
                because_of: Some(protection),
            };
            restriction::set(unit.tx(), &new, unit.by).await?;
            restriction::name_standing(unit.tx(), new.id).await?;
            unit.touch(member, Categories::of(&[Category::Involvement]));
        }
    }
    Ok(())
}
