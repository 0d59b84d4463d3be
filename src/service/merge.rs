//! Organisations that are one body, merged and unmerged.
//!
//! A merge says whose names belong together and how far a client's objection reaches (C6). It holds, passes on and widens no grant (C2):
//! whatever is recorded stays with the organisation it was recorded for. Nobody acts for an organisation that is merged, and a partner
//! agency is merged with none: who is a colleague (C16), whom one works for (C21), who leads, and who hosts the hub are asked of
//! organisations, and a merge must change none of the answers.

use super::context::{Context, Failure};
use super::organisation::{KEEPERS, existing};
use super::unit::{Done, Unit, begin};
use crate::domain::failure::{Problems, UserErrorCode};
use crate::domain::ids::{MergeId, OrganisationId};
use crate::domain::merge::{merged_into, survivors};
use crate::domain::mutation::Asked;
use crate::domain::organisation::OrganisationStatus;
use crate::domain::text;
use crate::persistence::merge::{self as store, NewMerge};
use crate::persistence::organisation::{self as registry, Organisation};
use crate::persistence::person;

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
    if merged.version != m.version {
        return Err(Failure::conflict());
    }
    if merged.id == into.id {
        return Err(Failure::user(UserErrorCode::Invalid, "intoId", "An organisation is not merged into itself."));
    }
    must_stand(&unit, &merged, "organisationId", UserErrorCode::IllegalTransition).await?;
    must_stand(&unit, &into, "intoId", UserErrorCode::IllegalTransition).await?;
    for (o, path) in [(&merged, "organisationId"), (&into, "intoId")] {
        if o.is_partner {
            let message = "A partner agency is one body with nobody: let the other take no part any more instead.";
            return Err(Failure::user(UserErrorCode::NotAllowed, path, message));
        }
    }
    if into.status != OrganisationStatus::Active {
        return Err(Failure::user(UserErrorCode::Invalid, "intoId", "It takes no part."));
    }
    if person::anybody_acts_for(unit.tx(), merged.id).await? {
        let message = "People act for it: end their memberships first, or make it an office of the other.";
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
    lead_on(&unit, merged.id).await?;
    // A link to the one says what a link to the other does (C11); the hub adds to it, as ever, and undoing takes nothing back.
    store::imply(unit.tx(), merged.id, merged.implies.union(into.implies)).await?;
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
    let works_for = person::organisations_of(unit.tx(), ctx.viewer.person).await?;
    if store::body_of(unit.tx(), &[merged.id]).await?.iter().any(|o| works_for.contains(o)) {
        let message = "Who acts for one of them may be whom a client excludes: ask somebody else.";
        return Err(Failure::user(UserErrorCode::NotForOneself, "organisationId", message));
    }
    if !store::raise(unit.tx(), merged.id, m.version).await? {
        return Err(Failure::conflict());
    }
    store::undo(unit.tx(), merge, &reason, unit.by).await?;
    // What the merge alone decided is undecided again; what a person decided before stands.
    if let Some(settled) = settled {
        store::reopen(unit.tx(), settled).await?;
    }
    lead_on(&unit, merged.id).await?;
    unit.finish("organisation.unmerged", merged.id).await
}

/// Lets every organisation that moved with this one point to who stands for it now, by the merges that stand.
async fn lead_on(unit: &Unit<'_>, moved: OrganisationId) -> Result<(), Failure> {
    let standing = store::standing(unit.tx()).await?;
    let survivors = survivors(&standing);
    let mut all = merged_into(&standing, moved);
    all.insert(moved);
    for one in &all {
        store::point(unit.tx(), *one, survivors.get(one).copied()).await?;
    }
    Ok(())
}
