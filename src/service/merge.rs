//! Organisations that are one body, merged and unmerged.
//!
//! A merge says whose names belong together and how far a client's objection reaches (C6). It holds, passes on and widens no grant (C2):
//! memberships, teams, referrals and whatever else is recorded stay with the organisation they were recorded for.

use super::context::{Context, Failure};
use super::organisation::{KEEPERS, existing};
use super::unit::{Done, Unit, begin};
use crate::domain::failure::{Problems, UserErrorCode};
use crate::domain::ids::{MergeId, OrganisationId};
use crate::domain::merge::{merged_into, survivors};
use crate::domain::mutation::Asked;
use crate::domain::role::Role;
use crate::domain::text;
use crate::persistence::ledger;
use crate::persistence::merge::{self as store, NewMerge};
use crate::persistence::organisation::{self as registry, Organisation};

fn checked(reason: &str) -> Result<String, Failure> {
    let mut problems = Problems::default();
    let reason = problems.text("reason", reason, text::LINE);
    problems.done()?;
    Ok(reason)
}

/// Whatever is new belongs to who is left: refuses an organisation that was merged, with the name of who stands for it.
pub(super) async fn must_stand(
    unit: &Unit<'_>,
    o: &Organisation,
    path: &str,
    code: UserErrorCode,
) -> Result<(), Failure> {
    let Some(survivor) = o.merged_into else { return Ok(()) };
    let name = registry::one(unit.tx(), survivor).await?.map(|s| s.name).unwrap_or_default();
    Err(Failure::user(code, path, format!("It was merged into {name}: use that one.")))
}

/// What is asked of a merge, or of undoing one.
#[derive(Clone, Copy, Debug)]
pub struct MergeAsked<'a> {
    /// The organisation that is, or was, merged.
    pub organisation: &'a str,
    /// Its version.
    pub version: i64,
    /// Why.
    pub reason: &'a str,
}

/// Merges an organisation into another that is the same body.
pub async fn merge(
    ctx: &Context,
    asked: &Asked,
    m: MergeAsked<'_>,
    into: &str,
) -> Result<Done<OrganisationId>, Failure> {
    ctx.require(KEEPERS)?;
    let reason = checked(m.reason)?;
    let unit: Unit<'_> = begin!(ctx, "organisationMerge", asked);
    registry::hold_names(unit.tx()).await?;
    let merged = existing(&unit, m.organisation, "organisationId").await?;
    let into = existing(&unit, into, "intoId").await?;
    if into.is_partner {
        ctx.require(&[Role::Administrator])?;
    }
    if merged.version != m.version {
        return Err(Failure::conflict());
    }
    if merged.id == into.id {
        return Err(Failure::user(UserErrorCode::Invalid, "intoId", "An organisation is not merged into itself."));
    }
    must_stand(&unit, &merged, "organisationId", UserErrorCode::IllegalTransition).await?;
    must_stand(&unit, &into, "intoId", UserErrorCode::IllegalTransition).await?;
    if merged.is_partner {
        let message = "A partner agency holds cases: merge the other organisation into it.";
        return Err(Failure::user(UserErrorCode::NotAllowed, "organisationId", message));
    }
    if merged.is_category != into.is_category {
        let message = "A category such as \"Self\" is no body: neither is merged into the other.";
        return Err(Failure::user(UserErrorCode::Invalid, "intoId", message));
    }
    if !store::raise(unit.tx(), merged.id, m.version).await? {
        return Err(Failure::conflict());
    }
    let settles = store::settle(unit.tx(), merged.id, into.id, unit.by).await?;
    let id = MergeId(ctx.app.random.uuid_timed(unit.by.at));
    let new = NewMerge { id, merged: merged.id, into: into.id, reason, settles };
    store::record(unit.tx(), &new, unit.by).await?;
    lead_on(&unit, merged.id, Some(into.id)).await?;
    unit.finish("organisation.merged", merged.id).await
}

/// Undoes a merge; what was merged into the organisation before comes back with it.
pub async fn unmerge(ctx: &Context, asked: &Asked, m: MergeAsked<'_>) -> Result<Done<OrganisationId>, Failure> {
    ctx.require(KEEPERS)?;
    let reason = checked(m.reason)?;
    let unit: Unit<'_> = begin!(ctx, "organisationUnmerge", asked);
    registry::hold_names(unit.tx()).await?;
    let merged = existing(&unit, m.organisation, "organisationId").await?;
    if merged.version != m.version {
        return Err(Failure::conflict());
    }
    let Some((merge, settled)) = store::live(unit.tx(), merged.id).await? else {
        return Err(Failure::user(UserErrorCode::IllegalTransition, "organisationId", "It is not merged."));
    };
    if let Some(survivor) = merged.merged_into
        && registry::one(unit.tx(), survivor).await?.is_some_and(|s| s.is_partner)
    {
        ctx.require(&[Role::Administrator])?;
    }
    if !store::raise(unit.tx(), merged.id, m.version).await? {
        return Err(Failure::conflict());
    }
    store::undo(unit.tx(), merge, &reason, unit.by).await?;
    // What the merge alone decided is undecided again; what a person decided before stands.
    if let Some(settled) = settled {
        store::reopen(unit.tx(), settled).await?;
    }
    lead_on(&unit, merged.id, merged.merged_into).await?;
    unit.finish("organisation.unmerged", merged.id).await
}

/// Lets every organisation that moved with this one point to who stands for it now, by the merges that stand; and projects the ledger of
/// the clients who exclude one of them or of those they were, or are now, one body with: an objection ends what others of the body see
/// of a name from then on. Who merges learns of none of these clients, so what was only to be checked looks for none.
async fn lead_on(unit: &Unit<'_>, moved: OrganisationId, other: Option<OrganisationId>) -> Result<(), Failure> {
    let standing = store::standing(unit.tx()).await?;
    let survivors = survivors(&standing);
    let mut all = merged_into(&standing, moved);
    all.insert(moved);
    for one in &all {
        store::point(unit.tx(), *one, survivors.get(one).copied()).await?;
    }
    if unit.only_checks() {
        return Ok(());
    }
    if let Some(other) = other {
        let root = survivors.get(&other).copied().unwrap_or(other);
        all.insert(root);
        all.extend(merged_into(&standing, root));
    }
    let clients = store::objecting(unit.tx(), &all.into_iter().collect::<Vec<_>>()).await?;
    unit.lock_all(&clients).await?;
    for client in clients {
        ledger::apply(unit.tx(), client, unit.by.at, &*unit.ctx().app.random).await?;
    }
    Ok(())
}
