//! Entries recorded, corrected and marked on a client's record (C1, C22).

use super::context::{Context, Failure};
use super::household;
use super::unit::{Done, Unit, begin};
use crate::domain::category::{Categories, Category, LOCATING};
use crate::domain::clock::parse_date;
use crate::domain::failure::{Problems, UserError, UserErrorCode};
use crate::domain::ids::{ClientId, EntryId, NarrativeId, ReferralId, TypedId};
use crate::domain::mutation::Asked;
use crate::domain::role::Role;
use crate::domain::section::Section;
use crate::domain::text;
use crate::persistence::client::Entry;
use crate::persistence::restriction;
use crate::persistence::write::{self, Marks, NewEntry};
use crate::policy::disclosure::Disclosure;
use crate::policy::restriction::may_protect;
use crate::policy::writing;

/// The client a mutation is about, locked, if the viewer sees them; else NOT_FOUND, hidden and unknown alike (C13).
pub(super) async fn visible(unit: &Unit<'_>, given: &str, path: &str) -> Result<(ClientId, Disclosure), Failure> {
    // An id that does not read takes the same statements as one that does.
    let id = ClientId::parse(given).unwrap_or(ClientId(uuid::Uuid::nil()));
    if unit.scope().client(id, Categories::NONE, false).await?.is_some() {
        // Nobody waits for, or holds up, a record that they do not see (C13).
        unit.lock(id).await?;
        // Read again behind the lock: what somebody else did meanwhile counts.
        if let Some(row) = unit.scope().client(id, Categories::NONE, false).await? {
            // An error may speak of what is there: that is a disclosure too (C20).
            unit.ctx().note_involvement(&row.disclosure);
            return Ok((id, row.disclosure));
        }
    }
    unit.ctx().note_nothing_found(given);
    Err(UserError::not_found(path).into())
}

const WORKERS: &[Role] = &[Role::SupportWorker, Role::TeamManager, Role::HubCoordinator];
/// Who marks what tells of a place is who may protect contact.
const MARKERS: &[Role] = &[Role::SupportWorker, Role::TeamManager, Role::HubCoordinator, Role::SafeguardingLead];

fn not_allowed() -> Failure {
    Failure::user(
        UserErrorCode::NotAllowed,
        "",
        "Recording is for the hub, the lead team and member teams while they work with the person.",
    )
}

/// Checks a section, and that a household links only to records the viewer sees (C9).
pub(super) async fn checked(unit: &Unit<'_>, section: &Section, path: &str) -> Result<(Section, Category), Failure> {
    let mut problems = Problems::default();
    let section = section.clone().checked(path, unit.by.at.date(), &mut problems);
    let Some(category) = section.category() else {
        return Err(Failure::user(UserErrorCode::Invalid, path, "This category has no section of its own."));
    };
    if let Section::Household { members } = &section {
        for linked in members.iter().filter_map(|m| m.client_id.as_deref()) {
            let seen = match ClientId::parse(linked) {
                Some(id) => unit.scope().client(id, Categories::NONE, false).await?.is_some(),
                None => false,
            };
            if !seen {
                unit.ctx().note_nothing_found(linked);
                problems.add(UserError::not_found(&format!("{path}.members.clientId")));
            }
        }
    }
    problems.done()?;
    Ok((section, category))
}

/// How far an entry is to go; what is left out stays as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct MarksAsked {
    /// It tells where the person can be found (C7).
    pub reveals_location: Option<bool>,
    /// It is about somebody else (C9).
    pub third_party: Option<bool>,
}

impl MarksAsked {
    fn over(self, before: Marks) -> Marks {
        Marks {
            reveals_location: self.reveals_location.unwrap_or(before.reveals_location),
            third_party: self.third_party.unwrap_or(before.third_party),
        }
    }
}

/// Records a new dated entry.
pub async fn record(
    ctx: &Context,
    asked: &Asked,
    client: &str,
    section: &Section,
    marks: MarksAsked,
) -> Result<Done<EntryId>, Failure> {
    ctx.require(WORKERS)?;
    let mut unit: Unit<'_> = begin!(ctx, "entryRecord", asked);
    if household::tells(section) {
        household::lock(&unit, ClientId::parse(client), &household::links(section)).await?;
    }
    let (client, disclosure) = visible(&unit, client, "clientId").await?;
    if !writing::may_record(&ctx.viewer, &disclosure) {
        return Err(not_allowed());
    }
    let (section, category) = checked(&unit, section, "section").await?;
    let id = EntryId(ctx.app.random.uuid_timed(unit.by.at));
    let owner = writing::owner(&ctx.viewer, &disclosure);
    let marks = marks.over(Marks::default());
    let told = household::tells(&section);
    let new = NewEntry { id, client, section, category, owner, referral: None, corrects: None, marks };
    write::entry(unit.tx(), &new, unit.by, &*ctx.app.random).await?;
    unit.touch(client, [category].into_iter().collect());
    if told {
        household::shield(&mut unit, client).await?;
    }
    unit.finish("entry.recorded", id).await
}

/// An entry the viewer sees, with the client locked; a conflict when it is one of their own that was replaced since.
async fn seen(unit: &Unit<'_>, given: &str, section: &Section) -> Result<(Entry, Disclosure), Failure> {
    let id = EntryId::parse(given).unwrap_or(EntryId(uuid::Uuid::nil()));
    if let Some((before, _)) = unit.scope().entry(id).await? {
        if household::tells(section) {
            household::lock(unit, Some(before.client), &household::links(section)).await?;
        } else {
            unit.lock(before.client).await?;
        }
        // Read again behind the lock: what somebody else did meanwhile counts.
        if let Some((entry, disclosure)) = unit.scope().entry(id).await? {
            unit.ctx().note_involvement(&disclosure);
            return Ok((entry, disclosure));
        }
    }
    if let Some(disclosure) = unit.scope().replaced_entry(id).await? {
        unit.ctx().note_involvement(&disclosure);
        return Err(Failure::conflict());
    }
    unit.ctx().note_nothing_found(given);
    Err(UserError::not_found("entryId").into())
}

/// Corrects an entry of the viewer's own organisation: the old one is kept, marked as replaced.
pub async fn correct(
    ctx: &Context,
    asked: &Asked,
    entry: &str,
    version: i64,
    section: &Section,
    marks: MarksAsked,
    reason: &str,
) -> Result<Done<EntryId>, Failure> {
    ctx.require(WORKERS)?;
    let mut problems = Problems::default();
    let reason = problems.text("reason", reason, text::LINE);
    problems.done()?;
    let mut unit: Unit<'_> = begin!(ctx, "entryCorrect", asked);
    let (old, disclosure) = seen(&unit, entry, section).await?;
    if !writing::may_correct(&ctx.viewer, &disclosure, old.owner) {
        return Err(Failure::user(
            UserErrorCode::NotAllowed,
            "entryId",
            "Only what your own organisation recorded can be corrected. Record a new entry instead.",
        ));
    }
    let (section, category) = checked(&unit, section, "section").await?;
    if category != old.category {
        return Err(Failure::user(
            UserErrorCode::Invalid,
            "section",
            "A correction stays in the category it corrects.",
        ));
    }
    if !write::replace_entry(unit.tx(), old.id, version, unit.by.at).await? {
        return Err(Failure::conflict());
    }
    let id = EntryId(ctx.app.random.uuid_timed(unit.by.at));
    let told = household::tells(&section);
    let new = NewEntry {
        id,
        client: old.client,
        section,
        category,
        owner: old.owner,
        referral: None,
        corrects: Some((old.id, reason)),
        marks: marks.over(Marks { reveals_location: old.reveals_location, third_party: old.third_party }),
    };
    write::entry(unit.tx(), &new, unit.by, &*ctx.app.random).await?;
    unit.touch(old.client, [category].into_iter().collect());
    if told {
        household::shield(&mut unit, old.client).await?;
    }
    unit.finish("entry.corrected", id).await
}

/// What a referral brought, by global id.
#[derive(Clone, Debug)]
pub enum Brought {
    /// An entry.
    Entry(String),
    /// One text of the narrative.
    Narrative(String),
}

/// What is to be marked, as the viewer sees it, with the client locked.
struct Marking {
    category: Category,
    reveals_location: bool,
    disclosure: Disclosure,
    of: Found,
}

enum Found {
    /// With whose own item it is.
    Entry(EntryId, uuid::Uuid),
    Narrative(NarrativeId),
}

async fn look(unit: &Unit<'_>, item: &Brought) -> Result<Option<Marking>, Failure> {
    Ok(match item {
        Brought::Entry(given) => {
            let id = EntryId::parse(given).unwrap_or(EntryId(uuid::Uuid::nil()));
            unit.scope().entry(id).await?.map(|(e, disclosure)| Marking {
                category: e.category,
                reveals_location: e.reveals_location,
                disclosure,
                of: Found::Entry(e.id, e.owner),
            })
        }
        Brought::Narrative(given) => {
            let id = NarrativeId::parse(given).unwrap_or(NarrativeId(uuid::Uuid::nil()));
            unit.scope().narrative(id).await?.map(|(n, disclosure)| Marking {
                category: n.category,
                reveals_location: n.reveals_location,
                disclosure,
                of: Found::Narrative(n.id),
            })
        }
    })
}

async fn seen_brought(unit: &Unit<'_>, item: &Brought) -> Result<Marking, Failure> {
    if let Some(before) = look(unit, item).await? {
        unit.lock(before.disclosure.client).await?;
        // Read again behind the lock: what somebody else did meanwhile counts.
        if let Some(found) = look(unit, item).await? {
            unit.ctx().note_involvement(&found.disclosure);
            return Ok(found);
        }
    }
    let (given, path) = match item {
        Brought::Entry(given) => (given, "item.entryId"),
        Brought::Narrative(given) => (given, "item.narrativeId"),
    };
    unit.ctx().note_nothing_found(given);
    Err(UserError::not_found(path).into())
}

/// Why a mark cannot be set or taken off, if it cannot.
async fn stays_as_it_is(
    unit: &Unit<'_>,
    m: &Marking,
    reveals_location: bool,
) -> Result<Option<&'static str>, Failure> {
    if let Found::Entry(id, owner) = m.of {
        let brought = unit.scope().entries_as_written(&[ReferralId(owner)]).await?;
        if !brought.iter().any(|(_, e)| e.id == id) {
            return Ok(Some("What was recorded later is marked by who recorded it, with a correction."));
        }
    }
    if m.category == Category::Name {
        return Ok(Some("A name stays as it stood for those who worked with the person. Record a new one."));
    }
    if reveals_location {
        return Ok(None);
    }
    if LOCATING.has(m.category) {
        return Ok(Some("Contact and employment always tell where the person can be found."));
    }
    // One person alone would let everybody know what two together lift.
    let few = m.reveals_location && restriction::contact_is_for_the_few(unit.tx(), m.disclosure.client).await?;
    Ok(few.then_some("While contact is for the few, what tells where the person can be found stays marked."))
}

/// Marks what a referral brought as telling where the person can be found, or takes the mark off (C7): what it says stays as its
/// sender wrote it, and so does what the sender reads.
pub async fn mark(
    ctx: &Context,
    asked: &Asked,
    item: &Brought,
    version: i64,
    reveals_location: bool,
) -> Result<Done<ClientId>, Failure> {
    ctx.require(MARKERS)?;
    let mut unit: Unit<'_> = begin!(ctx, "entryMark", asked);
    let found = seen_brought(&unit, item).await?;
    if !may_protect(&ctx.viewer, &found.disclosure) {
        let message = "Marking is for those who work with the person, or lead safeguarding and see the record.";
        return Err(Failure::user(UserErrorCode::NotAllowed, "item", message));
    }
    if let Some(message) = stays_as_it_is(&unit, &found, reveals_location).await? {
        return Err(Failure::user(UserErrorCode::NotAllowed, "item", message));
    }
    let marked = match found.of {
        Found::Entry(id, _) => write::mark_entry(unit.tx(), id, version, reveals_location).await?,
        Found::Narrative(id) => write::mark_narrative(unit.tx(), id, version, reveals_location).await?,
    };
    if !marked {
        return Err(Failure::conflict());
    }
    let client = found.disclosure.client;
    unit.touch(client, [found.category].into_iter().collect());
    unit.finish("entry.marked", client).await
}

/// The day of death that goes with a closing: given with the reason DIED, today when it is left out then; never one to come.
pub(super) fn day_of_death(
    ctx: &Context,
    died: bool,
    given: Option<&str>,
    problems: &mut Problems,
) -> Option<String> {
    let today = ctx.now().date();
    let mut wrong = |message: &str| problems.add(UserError::at(UserErrorCode::Invalid, "diedOn", message));
    match (died, given) {
        (false, None) => None,
        (true, None) => Some(today.format("%Y-%m-%d").to_string()),
        (false, Some(_)) => {
            wrong("A day of death goes with DIED only.");
            None
        }
        (true, Some(day)) => {
            if parse_date(day).is_none_or(|d| d > today) {
                wrong("Must be a day that has come.");
            }
            Some(day.to_owned())
        }
    }
}
