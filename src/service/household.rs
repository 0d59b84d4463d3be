//! Contact for the few follows the household (C7): whenever who lives together, or where, is recorded, it is looked at again.
//!
//! The preference does so like protection, and what follows is of one kind: who could uncover a household by recording it
//! would know which of the two it was.

use super::context::Failure;
use super::unit::Unit;
use crate::domain::category::{Categories, Category};
use crate::domain::ids::{ClientId, RestrictionId, TypedId};
use crate::domain::restriction::RestrictionKind;
use crate::domain::section::Section;
use crate::persistence::household;
use crate::persistence::restriction::{self, NewRestriction};
use crate::policy::restriction::lives_with;

/// What a restriction that follows says of itself: nothing of the one it follows from.
const FOLLOWS: &str = "Lives with somebody whose contact is for the few.";

/// Whether a section tells who lives together, or where.
pub(super) fn tells(section: &Section) -> bool {
    matches!(section.category(), Some(Category::Household | Category::Contact))
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

/// Locks a household, and whom it is about to be linked with, in one order, whoever of them is written about. As many statements
/// for a client nobody knows as for any other (C13).
pub(super) async fn lock(unit: &Unit<'_>, client: Option<ClientId>, more: &[ClientId]) -> Result<(), Failure> {
    let mut asked = more.to_vec();
    asked.extend(client);
    let all = household::of(unit.tx(), &asked).await?;
    unit.lock_all(&all).await
}

/// Puts every member of the household under what keeps the contact of those they live with. What covers somebody already stays: a new
/// address does not uncover an old one.
pub(super) async fn shield(unit: &mut Unit<'_>, client: ClientId) -> Result<(), Failure> {
    let home = household::of(unit.tx(), &[client]).await?;
    let protections = household::protections(unit.tx(), &home).await?;
    if protections.is_empty() || home.len() < 2 {
        return Ok(());
    }
    let contacts = household::contacts(unit.tx(), &home).await?;
    let of = |who: ClientId| -> Vec<Section> {
        contacts.iter().filter(|(c, _)| *c == who).map(|(_, s)| s.clone()).collect()
    };
    for (protection, protected) in protections {
        let own = of(protected);
        let covered = household::covered(unit.tx(), protection).await?;
        for member in home.iter().copied().filter(|m| *m != protected && !covered.contains(m)) {
            if !lives_with(&own, &of(member)) {
                continue;
            }
            let new = NewRestriction {
                id: RestrictionId(unit.ctx().app.random.uuid_timed(unit.by.at)),
                client: member,
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
