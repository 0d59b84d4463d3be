//! Whom to reach at an organisation, recorded and ended by who keeps the registry.

use super::context::{Context, Failure};
use super::organisation::{KEEPERS, standing};
use super::unit::{Done, Unit, begin};
use crate::domain::failure::{Problems, UserError, UserErrorCode};
use crate::domain::ids::{ContactId, TypedId};
use crate::domain::mutation::Asked;
use crate::domain::text;
use crate::persistence::contact::{self as store, Contact};

/// The longest phone number and email address.
const PHONE: usize = 40;
const EMAIL: usize = 254;

/// A contact as it is asked for.
#[derive(Clone, Debug)]
pub struct ContactAsked {
    /// At which organisation.
    pub organisation: String,
    /// Their name, or that of a desk.
    pub name: String,
    /// What they do there.
    pub role: Option<String>,
    /// Email address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// What to know of it.
    pub note: Option<String>,
}

/// Records whom to reach at an organisation.
pub async fn add(ctx: &Context, asked: &Asked, c: &ContactAsked) -> Result<Done<ContactId>, Failure> {
    ctx.require(KEEPERS)?;
    let mut problems = Problems::default();
    let name = problems.text("name", &c.name, text::NAME);
    let role = problems.optional("role", c.role.as_deref(), text::LINE);
    let email = problems.optional("email", c.email.as_deref(), EMAIL);
    let phone = problems.optional("phone", c.phone.as_deref(), PHONE);
    let note = problems.optional("note", c.note.as_deref(), text::LINE);
    if email.as_ref().is_some_and(|e| !e.is_empty() && !e.contains('@')) {
        problems.add(UserError::at(UserErrorCode::Invalid, "email", "Is not an email address."));
    }
    if phone.as_ref().is_some_and(|p| !p.is_empty() && !p.chars().any(|c| c.is_ascii_digit())) {
        problems.add(UserError::at(UserErrorCode::Invalid, "phone", "Is not a phone number."));
    }
    if email.is_none() && phone.is_none() {
        let message = "Say how they are reached: an email address or a phone number.";
        problems.add(UserError::at(UserErrorCode::Invalid, "email", message));
    }
    problems.done()?;
    let unit: Unit<'_> = begin!(ctx, "organisationContactAdd", asked);
    let organisation = standing(&unit, &c.organisation, "organisationId").await?.id;
    let id = ContactId(ctx.app.random.uuid_timed(unit.by.at));
    let recorded_at = unit.by.at;
    let new = Contact { id, organisation, name, role, email, phone, note, recorded_at, ended_at: None, version: 1 };
    store::add(unit.tx(), &new, unit.by).await?;
    unit.finish("organisation_contact.added", id).await
}

/// Ends a contact: nobody is to be reached so any more.
pub async fn end(ctx: &Context, asked: &Asked, given: &str, version: i64) -> Result<Done<ContactId>, Failure> {
    ctx.require(KEEPERS)?;
    let unit: Unit<'_> = begin!(ctx, "organisationContactEnd", asked);
    let Some(id) = ContactId::parse(given) else { return Err(UserError::not_found("contactId").into()) };
    if !store::end(unit.tx(), id, version, unit.by.at).await? {
        let known = store::exists(unit.tx(), id).await?;
        return Err(if known { Failure::conflict() } else { UserError::not_found("contactId").into() });
    }
    unit.finish("organisation_contact.ended", id).await
}
