//! What was told to somebody outside the system: the police, a court (C17), and what the client is told of it (C18).

use super::client::visible;
use super::context::{Context, Failure};
use super::unit::{Done, Unit, begin};
use crate::domain::basis::Basis;
use crate::domain::category::{Categories, Category};
use crate::domain::clock::Timestamp;
use crate::domain::failure::{Problems, UserError, UserErrorCode};
use crate::domain::ids::{ClientId, OutwardDisclosureId};
use crate::domain::mutation::Asked;
use crate::domain::outward_disclosure::{OutwardDisclosureBasis, implied_by_words};
use crate::domain::tell::TellAsked;
use crate::domain::text;
use crate::persistence::emergency;
use crate::persistence::outward_disclosure::{self, NewOutwardDisclosure};
use crate::policy::disclosure::Disclosure;
use crate::policy::emergency::Lead;
use crate::policy::writing;
use uuid::Uuid;

/// A disclosure as it is asked to be recorded.
#[derive(Clone, Debug)]
pub struct DisclosureAsked {
    /// Of whom, by global id.
    pub client: String,
    /// Who was told, in words.
    pub recipient: String,
    /// On what basis.
    pub basis: OutwardDisclosureBasis,
    /// The order, request or law.
    pub reference: Option<String>,
    /// Which categories.
    pub categories: Vec<Category>,
    /// Whether it tells where the person can be found.
    pub reveals_location: bool,
    /// What was told.
    pub summary: String,
    /// When.
    pub disclosed_at: Timestamp,
    /// What the client is told.
    pub tell: TellAsked,
}

/// Whose own item it becomes: what only an override opens is the override's, which its reviewers read, and not the organisation's: one
/// person broke the glass, and their colleagues see nothing through it (C16).
async fn owner(
    unit: &Unit<'_>,
    client: ClientId,
    disclosure: &Disclosure,
    (named, own): (Categories, Categories),
) -> Result<Uuid, Failure> {
    let viewer = &unit.ctx().viewer;
    let otherwise =
        disclosure.open_but(&[Basis::Override]).union(own).union(Categories::of(&[Category::Involvement]));
    let beyond = named.minus(otherwise);
    if writing::in_emergency_alone(disclosure) || !beyond.is_empty() {
        let who = Lead { person: viewer.person, organisation: viewer.organisation };
        if let Some(open) = emergency::open_of(unit.tx(), client, who, beyond, unit.by.at).await? {
            return Ok(open.0);
        }
    }
    Ok(writing::owner(viewer, disclosure))
}

/// Records that somebody outside the system was told.
pub async fn record(ctx: &Context, asked: &Asked, d: &DisclosureAsked) -> Result<Done<OutwardDisclosureId>, Failure> {
    if !writing::may_record_outward(&ctx.viewer) {
        return Err(Failure::Forbidden);
    }
    let mut problems = Problems::default();
    let recipient = problems.text("recipient", &d.recipient, text::NAME);
    let reference = problems.optional("reference", d.reference.as_deref(), text::LINE);
    let summary = problems.text("summary", &d.summary, text::FREE);
    problems.done()?;
    let mut unit: Unit<'_> = begin!(ctx, "outwardDisclosureRecord", asked);
    let (client, disclosure) = visible(&unit, &d.client, "clientId").await?;
    let mut problems = Problems::default();
    // What was told outside may be what the organisation recorded itself.
    let own = unit.scope().own_categories(client).await?;
    let categories = super::legal_gateway::named(disclosure.open().union(own), &d.categories, &mut problems);
    if d.disclosed_at > unit.by.at {
        problems.add(UserError::at(UserErrorCode::Invalid, "disclosedAt", "Lies in the future."));
    }
    let telling = d.tell.checked(d.basis.tells(), unit.by.at, &mut problems);
    problems.done()?;
    let new = NewOutwardDisclosure {
        id: OutwardDisclosureId(ctx.app.random.uuid_timed(unit.by.at)),
        client,
        implies: d.basis.implies().union(implied_by_words(&recipient)),
        recipient,
        basis: d.basis,
        reference,
        categories,
        reveals_location: d.reveals_location,
        summary,
        disclosed_at: d.disclosed_at,
        telling,
        owner: owner(&unit, client, &disclosure, (categories, own)).await?,
    };
    outward_disclosure::record(unit.tx(), &new, unit.by).await?;
    unit.touch(client, categories.union(Categories::of(&[Category::Involvement])));
    unit.finish("outward_disclosure.recorded", new.id).await
}
