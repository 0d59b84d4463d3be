//! Restrictions set, widened and narrowed by a name, and lifted: sealed records, objections, protected contact (C5-C7).

use super::context::{Context, Failure};
use super::household;
use super::unit::{Done, Unit, begin};
use crate::domain::category::{Categories, Category};
use crate::domain::failure::{Problems, UserError, UserErrorCode};
use crate::domain::ids::{ClientId, OrganisationId, PersonId, RestrictionId, TypedId};
use crate::domain::mutation::Asked;
use crate::domain::restriction::RestrictionKind;
use crate::domain::role::Role;
use crate::domain::text;
use crate::persistence::restriction::{self as store, NewRestriction, Restriction};
use crate::persistence::{household as homes, organisation, person};
use crate::policy::disclosure::Disclosure;
use crate::policy::links;
use crate::policy::restriction::{self as policy, Lifting};
use crate::policy::writing;

const WORKERS: &[Role] = &[Role::SupportWorker, Role::TeamManager, Role::HubCoordinator];
/// Protected contact and seals are for safeguarding leads to review as well.
const GUARDIANS: &[Role] = &[Role::SupportWorker, Role::TeamManager, Role::HubCoordinator, Role::SafeguardingLead];
/// A seal hides a record from colleagues: those who lead set it.
const SEALERS: &[Role] = &[Role::TeamManager, Role::HubCoordinator, Role::SafeguardingLead];

fn must(may: bool, path: &str, words: &str) -> Result<(), Failure> {
    if may { Ok(()) } else { Err(Failure::user(UserErrorCode::NotAllowed, path, words)) }
}

const FOR_WHO_WORKS: &str = "This is for those who work with the person.";

/// The persons named, every one of whom must be there.
async fn named(unit: &Unit<'_>, given: &[String], path: &str) -> Result<Vec<PersonId>, Failure> {
    let mut found = Vec::with_capacity(given.len());
    for one in given {
        match PersonId::parse(one) {
            Some(id) if person::exists(unit.tx(), id).await? => found.push(id),
            _ => return Err(UserError::not_found(path).into()),
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// The reason, and that what is asked reads at all.
fn checked(reason: &str, people: &[String], needs_people: bool) -> Result<String, Failure> {
    let mut problems = Problems::default();
    let reason = problems.text("reason", reason, text::FREE);
    if needs_people && people.is_empty() {
        problems.add(UserError::at(UserErrorCode::Invalid, "personIds", "Name who keeps sight of the record."));
    }
    if people.len() > 50 {
        problems.add(UserError::at(UserErrorCode::Invalid, "personIds", "Name at most fifty people."));
    }
    problems.done()?;
    Ok(reason)
}

/// Refuses what the viewer is told of as being so already. What they are not told of is no hindrance (C14).
async fn must_be_new(
    unit: &Unit<'_>,
    client: ClientId,
    path: &str,
    same: impl Fn(&Restriction) -> bool + Send,
) -> Result<(), Failure> {
    let there = unit.scope().restrictions_of(&[client]).await?;
    if there.iter().any(|r| !r.told.follows && same(r)) {
        return Err(Failure::user(UserErrorCode::AlreadyRestricted, path, "It is so already."));
    }
    Ok(())
}

fn new(unit: &Unit<'_>, client: ClientId, kind: RestrictionKind, reason: String) -> NewRestriction {
    NewRestriction {
        id: RestrictionId(unit.ctx().app.random.uuid_timed(unit.by.at)),
        client,
        kind,
        organisation: None,
        person: None,
        named: Vec::new(),
        reason,
        because_of: None,
    }
}

fn touch(unit: &mut Unit<'_>, client: ClientId) {
    unit.touch(client, Categories::of(&[Category::Involvement]));
}

/// Seals a record: it exists from now on for the people named alone, whatever basis others hold (C5).
pub async fn seal(
    ctx: &Context,
    asked: &Asked,
    client: &str,
    people: &[String],
    reason: &str,
) -> Result<Done<ClientId>, Failure> {
    ctx.require(SEALERS)?;
    let reason = checked(reason, people, true)?;
    let mut unit: Unit<'_> = begin!(ctx, "clientSeal", asked);
    let (client, disclosure) = super::client::visible(&unit, client, "clientId").await?;
    must(
        policy::may_seal(&ctx.viewer, &disclosure),
        "clientId",
        "A seal is set by those who lead the work with the person.",
    )?;
    let named = named(&unit, people, "personIds").await?;
    if !somebody_keeps(&unit, &disclosure, &named).await? {
        let message =
            "Name yourself, or a colleague who leads this work like you and could lift the seal: else nobody could.";
        return Err(Failure::user(UserErrorCode::Invalid, "personIds", message));
    }
    let new = NewRestriction { named, ..new(&unit, client, RestrictionKind::Sealed, reason) };
    store::set(unit.tx(), &new, unit.by).await?;
    touch(&mut unit, client);
    unit.finish("restriction.sealed", client).await
}

/// Whether one of these people leads the work with the person like the viewer, and could lift a seal. Who may not be told by name
/// counts for nothing: else it would be told whether the client excludes them (C11).
async fn somebody_keeps(unit: &Unit<'_>, disclosure: &Disclosure, people: &[PersonId]) -> Result<bool, Failure> {
    let viewer = &unit.ctx().viewer;
    let mut told = Vec::with_capacity(people.len());
    for one in people {
        let implies = person::implied(unit.tx(), *one, viewer.organisation).await?;
        if links::may_be_named(implies, disclosure.open(), *one == viewer.person, false) {
            told.push(*one);
        }
    }
    Ok(store::kept_by(unit.tx(), &told, &policy::leading(disclosure)).await?)
}

/// Whom the client excludes.
#[derive(Clone, Debug)]
pub enum Excluded {
    /// An organisation, by global id.
    Organisation(String),
    /// A person, by global id.
    Person(String),
}

/// The agency that leads the case and the one that hosts the hub lift an objection: only who leads as well takes either of them
/// out. A lead that the viewer may not be told by name is excluded like any other agency (C11).
async fn must_leave_who_honours(
    unit: &Unit<'_>,
    client: ClientId,
    disclosure: &Disclosure,
    to: OrganisationId,
    may_be_named: bool,
) -> Result<(), Failure> {
    if writing::leads_or_triages(&unit.ctx().viewer, disclosure) {
        return Ok(());
    }
    let leads = may_be_named && unit.scope().is_led_by(client, to).await?;
    let words = "Tell the team that leads the case, or the hub, what the person wishes: they record this objection.";
    must(!(store::hosts_hub(unit.tx(), to).await? || leads), "to.organisationId", words)
}

/// Records that the client excludes an organisation, or a person (C6).
pub async fn object(
    ctx: &Context,
    asked: &Asked,
    client: &str,
    to: &Excluded,
    reason: &str,
) -> Result<Done<ClientId>, Failure> {
    ctx.require(WORKERS)?;
    let reason = checked(reason, &[], false)?;
    let mut unit: Unit<'_> = begin!(ctx, "objectionRecord", asked);
    let (client, disclosure) = super::client::visible(&unit, client, "clientId").await?;
    must(policy::may_object(&ctx.viewer, &disclosure), "clientId", FOR_WHO_WORKS)?;
    let open = disclosure.open();
    let mut may_be_named = false;
    let (organisation, person) = match to {
        Excluded::Organisation(given) => {
            let known = match OrganisationId::parse(given) {
                Some(id) => organisation::one(unit.tx(), id).await?,
                None => None,
            };
            let Some(known) = known else { return Err(UserError::not_found("to.organisationId").into()) };
            may_be_named = links::may_be_named(known.implies, open, known.id == ctx.viewer.organisation, false);
            must_leave_who_honours(&unit, client, &disclosure, known.id, may_be_named).await?;
            (Some(known.id), None)
        }
        Excluded::Person(given) => {
            // Whoever honours, co-signs and reviews is a person: who neither leads nor triages shuts none of them out.
            let words =
                "Tell the team that leads the case, or the hub, whom the person wishes to exclude: they record it.";
            must(writing::leads_or_triages(&ctx.viewer, &disclosure), "to.personId", words)?;
            let who = named(&unit, std::slice::from_ref(given), "to.personId").await?.first().copied();
            if let Some(who) = who {
                let implies = person::implied(unit.tx(), who, ctx.viewer.organisation).await?;
                may_be_named = links::may_be_named(implies, open, who == ctx.viewer.person, false);
            }
            (None, who)
        }
    };
    must_be_new(&unit, client, "to", |r| {
        // Of whom the viewer may not be told by name, a second objection is taken like the first (C11, C14).
        may_be_named
            && r.told.kind == RestrictionKind::Objection
            && (r.organisation, r.person) == (organisation, person)
    })
    .await?;
    let new = NewRestriction { organisation, person, ..new(&unit, client, RestrictionKind::Objection, reason) };
    store::set(unit.tx(), &new, unit.by).await?;
    touch(&mut unit, client);
    unit.finish("restriction.objected", client).await
}

/// Contact for the named few: those named, who sets it, the lead workers, and the worker whom an open offer names (C7).
///
/// Protection covers the members of the household, whether the viewer sees their records or not: it is set on each, and lifted
/// with this one.
pub async fn protect(
    ctx: &Context,
    asked: &Asked,
    client: &str,
    people: &[String],
    reason: &str,
) -> Result<Done<ClientId>, Failure> {
    ctx.require(GUARDIANS)?;
    let reason = checked(reason, people, false)?;
    let mut unit: Unit<'_> = begin!(ctx, "contactProtect", asked);
    household::lock(&unit, ClientId::parse(client), &[]).await?;
    let (client, disclosure) = super::client::visible(&unit, client, "clientId").await?;
    must(policy::may_protect(&ctx.viewer, &disclosure), "clientId", FOR_WHO_WORKS)?;
    must_be_new(&unit, client, "clientId", |r| r.told.kind == RestrictionKind::ProtectedContact).await?;
    let mut named = named(&unit, people, "personIds").await?;
    named.push(ctx.viewer.person);
    let new = NewRestriction { named, ..new(&unit, client, RestrictionKind::ProtectedContact, reason) };
    store::set(unit.tx(), &new, unit.by).await?;
    store::name_standing(unit.tx(), new.id).await?;
    touch(&mut unit, client);
    household::shield(&mut unit, client).await?;
    unit.finish("restriction.protected", client).await
}

/// Contact through the lead worker, as anybody may choose: to all others it reads exactly like protection (C7), on
/// the records of the household as well.
pub async fn prefer(ctx: &Context, asked: &Asked, client: &str, reason: &str) -> Result<Done<ClientId>, Failure> {
    ctx.require(WORKERS)?;
    let reason = checked(reason, &[], false)?;
    let mut unit: Unit<'_> = begin!(ctx, "contactPreferenceRecord", asked);
    household::lock(&unit, ClientId::parse(client), &[]).await?;
    let (client, disclosure) = super::client::visible(&unit, client, "clientId").await?;
    must(policy::may_object(&ctx.viewer, &disclosure), "clientId", FOR_WHO_WORKS)?;
    must_be_new(&unit, client, "clientId", |r| r.told.kind == RestrictionKind::ContactPreference).await?;
    let named = vec![ctx.viewer.person];
    let new = NewRestriction { named, ..new(&unit, client, RestrictionKind::ContactPreference, reason) };
    store::set(unit.tx(), &new, unit.by).await?;
    store::name_standing(unit.tx(), new.id).await?;
    touch(&mut unit, client);
    household::shield(&mut unit, client).await?;
    unit.finish("restriction.preferred", client).await
}

/// A restriction that the viewer is told of, with everybody locked whom it covers, still at the version read.
async fn told(unit: &Unit<'_>, given: &str, version: i64) -> Result<(Restriction, Vec<ClientId>), Failure> {
    let id = RestrictionId::parse(given).unwrap_or(RestrictionId(uuid::Uuid::nil()));
    let Some(before) = unit.scope().restriction(id).await? else {
        unit.ctx().note_nothing_found(given);
        return Err(UserError::not_found("restrictionId").into());
    };
    unit.ctx().note_involvement(&before.disclosure);
    let mut all = homes::covered(unit.tx(), id).await?;
    all.push(before.client);
    unit.lock_all(&all).await?;
    // Read again behind the lock: what somebody else did meanwhile counts.
    let Some(found) = unit.scope().restriction(id).await? else {
        return Err(UserError::not_found("restrictionId").into());
    };
    if policy::shown_to_follow(found.told) {
        let message = "It follows from the protection of another member of the household, and goes with it.";
        return Err(Failure::user(UserErrorCode::FollowsAnother, "restrictionId", message));
    }
    if found.version != version {
        return Err(Failure::conflict());
    }
    all.pop();
    Ok((found, all))
}

/// Names a further person on a seal or where contact is for the few: a deputy. By who is named already.
pub async fn add_name(
    ctx: &Context,
    asked: &Asked,
    restriction: &str,
    version: i64,
    who: &str,
) -> Result<Done<ClientId>, Failure> {
    ctx.require(GUARDIANS)?;
    let mut unit: Unit<'_> = begin!(ctx, "restrictionName", asked);
    let (found, covered) = told(&unit, restriction, version).await?;
    let words = "People are named on a seal or on protected contact, by those who are named already.";
    must(policy::may_name(found.told), "restrictionId", words)?;
    for person in named(&unit, &[who.to_owned()], "personId").await? {
        store::name_further(unit.tx(), found.id, found.client, person).await?;
    }
    if !store::raise(unit.tx(), found.id, version).await? {
        return Err(Failure::conflict());
    }
    touch(&mut unit, found.client);
    for member in covered {
        touch(&mut unit, member);
    }
    unit.finish("restriction.named", found.client).await
}

/// Somebody whose name on a restriction the viewer is told; anybody else is not there for them (C11, C14).
async fn told_name(unit: &Unit<'_>, on: &Restriction, given: &str) -> Result<(PersonId, store::NameOn), Failure> {
    let viewer = unit.ctx().viewer.person;
    let open = on.disclosure.open();
    let asked = PersonId::parse(given);
    let people = unit.scope().people_on(&[on.id]).await?;
    let found = people
        .iter()
        .find(|p| Some(p.person) == asked && links::may_be_named(p.implies, open, p.person == viewer, false));
    let name = match found {
        Some(p) => store::name_on(unit.tx(), on.id, p.person).await?.map(|name| (p.person, name)),
        None => None,
    };
    name.ok_or_else(|| UserError::not_found("personId").into())
}

/// Takes a name off a seal or where contact is for the few. It takes whom lifting takes: of protected contact two people together,
/// neither of whom set it (C7). Somebody stays named, and who leads the case does.
pub async fn take_off(
    ctx: &Context,
    asked: &Asked,
    restriction: &str,
    version: i64,
    who: &str,
) -> Result<Done<ClientId>, Failure> {
    ctx.require(GUARDIANS)?;
    let mut unit: Unit<'_> = begin!(ctx, "restrictionUnname", asked);
    let (found, covered) = told(&unit, restriction, version).await?;
    let words = "Names are taken off a seal or off what keeps contact for the few, by those who could lift it.";
    must(policy::unname(&ctx.viewer, found.told, None) != Lifting::Refused, "restrictionId", words)?;
    let (person, name) = told_name(&unit, &found, who).await?;
    let stays = match () {
        () if name.of_offer => "An offer names them, and the name goes with the offer.",
        () if name.leads && found.told.kind != RestrictionKind::Sealed => {
            "They lead the case: contact goes through them."
        }
        () if name.last => "Nobody else would be left. Lift it, or name somebody first.",
        () => "",
    };
    must(stays.is_empty(), "personId", stays)?;
    // Who takes somebody else off could lift it, and stays.
    if found.told.kind == RestrictionKind::Sealed && person == ctx.viewer.person {
        let left: Vec<_> = unit.scope().people_on(&[found.id]).await?.iter().map(|p| p.person).collect();
        let left: Vec<_> = left.into_iter().filter(|p| *p != person).collect();
        let kept = somebody_keeps(&unit, &found.disclosure, &left).await?;
        must(kept, "personId", "No colleague who leads this work could lift it then. Name one first, or lift it.")?;
    }
    let kind = match policy::unname(&ctx.viewer, found.told, name.off_asked_by) {
        Lifting::Asked => {
            store::ask_off(unit.tx(), found.id, person, unit.by).await?;
            "restriction.unname_asked"
        }
        Lifting::Lifted => "restriction.unnamed",
        Lifting::NeedsTwoOthers | Lifting::NotForOneself | Lifting::Refused => {
            let message = "A name is taken off protected contact by two people together, neither of whom set it.";
            return Err(Failure::user(UserErrorCode::LiftNeedsTwoOthers, "restrictionId", message));
        }
    };
    if !store::raise(unit.tx(), found.id, version).await? {
        return Err(Failure::conflict());
    }
    touch(&mut unit, found.client);
    if kind == "restriction.unnamed" {
        store::unname(unit.tx(), found.id, person).await?;
        for member in covered {
            touch(&mut unit, member);
        }
    }
    unit.finish(kind, found.client).await
}

/// Lifts a restriction. Protected contact needs two people together, neither of whom set it: the first asks, the second
/// lifts (C7).
pub async fn lift(
    ctx: &Context,
    asked: &Asked,
    restriction: &str,
    version: i64,
    reason: &str,
) -> Result<Done<ClientId>, Failure> {
    ctx.require(GUARDIANS)?;
    let reason = checked(reason, &[], false)?;
    let mut unit: Unit<'_> = begin!(ctx, "restrictionLift", asked);
    let (found, covered) = told(&unit, restriction, version).await?;
    let kind = match policy::lift(&ctx.viewer, &found.disclosure, found.told) {
        Lifting::Refused => {
            let message = "It is lifted by others: a seal by those who lead and are named, an objection by who works with the person.";
            return Err(Failure::user(UserErrorCode::NotAllowed, "restrictionId", message));
        }
        Lifting::NotForOneself => {
            let message = "It excludes an agency that you work for, or may do so: somebody else lifts it.";
            return Err(Failure::user(UserErrorCode::NotForOneself, "restrictionId", message));
        }
        Lifting::NeedsTwoOthers => {
            let message = "Protected contact is lifted by two people together, neither of whom set it.";
            return Err(Failure::user(UserErrorCode::LiftNeedsTwoOthers, "restrictionId", message));
        }
        Lifting::Asked => {
            store::ask_lift(unit.tx(), found.id, unit.by).await?;
            "restriction.lift_asked"
        }
        Lifting::Lifted => "restriction.lifted",
    };
    if !store::raise(unit.tx(), found.id, version).await? {
        return Err(Failure::conflict());
    }
    touch(&mut unit, found.client);
    if kind == "restriction.lifted" {
        store::lift(unit.tx(), found.id, &reason, unit.by).await?;
        for member in covered {
            touch(&mut unit, member);
        }
    }
    unit.finish(kind, found.client).await
}
