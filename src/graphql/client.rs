//! Clients and the sections of their record.

use super::consent::Consent;
use super::direct::Direct;
use super::emergency::Override;
use super::failure::ApiError;
use super::lawful_basis::{LawfulBasis, LawfulBasisConnection};
use super::legal_gateway::LegalGateway;
use super::outward_disclosure::OutwardDisclosure;
use super::pagination::{self, Page, connection};
use super::proxy::{Competence, Proxy};
use super::referral::{Referral, ReferralConnection};
use super::restriction::Restriction;
use super::scalars::{Date, DateTime, Postcode};
use super::shared_case::{SharedCase, SharedCaseConnection};
use super::siblings::{Siblings, What};
use super::{OrganisationLink, Redaction, organisation_link, request, shown_link};
use crate::domain::basis::Basis;
use crate::domain::category::{Categories, Category};
use crate::domain::code::Coded;
use crate::domain::ids::{CaseId, ClientId, LawfulBasisId, ReferralId, TypedId};
use crate::domain::referral::ReferralState;
use crate::domain::section::{AgeBand, SECTIONS, Section, Tenure};
use crate::domain::shared_case::CaseStatus;
use crate::persistence::client::{Entry, Slice};
use crate::persistence::fault::Fault;
use crate::persistence::page::{self, ClientPage};
use crate::policy::disclosure::Disclosure;
use crate::policy::{gateway, restriction, writing};
use crate::service::context::Context as Request;
use async_graphql::{ComplexObject, Context, ID, Object, SelectionField, SimpleObject, Value};
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

type Entries = HashMap<(ClientId, Category), Entry>;

/// Clients that came in one statement, and the sections wanted of them.
pub struct ClientGroup {
    siblings: Arc<Siblings<ClientId>>,
    wanted: Categories,
}

/// A client: the person helped. The object exists only for who holds a live grant on the record (C13); what it shows
/// depends on the grants' categories (C2). Withheld sections are `null` and listed in `redactions` (C12).
#[derive(Clone)]
pub struct Client {
    disclosure: Arc<Disclosure>,
    group: Arc<ClientGroup>,
}

impl Client {
    /// Clients from what one statement brought; each is noted in the trace as disclosed.
    pub fn group(request: &Request, found: Vec<Disclosure>, wanted: Categories) -> Vec<Self> {
        let keys = found.iter().map(|d| d.client).collect();
        let group = Arc::new(ClientGroup { siblings: Siblings::of(keys), wanted });
        found
            .into_iter()
            .map(|disclosure| {
                request.note_involvement(&disclosure);
                Self { disclosure: Arc::new(disclosure), group: Arc::clone(&group) }
            })
            .collect()
    }

    /// A page of clients with what came along; each client, referral and case is noted in the trace as disclosed.
    pub fn page(request: &Request, found: ClientPage, shown: Vec<Disclosure>, along: &Along) -> Vec<Self> {
        let ClientPage { mut entries, mut referrals, mut cases, .. } = found;
        let keys: Vec<_> = shown.iter().map(|d| d.client).collect();
        // The item that tells that there is a next page is not shown.
        entries.retain(|e| keys.contains(&e.client));
        referrals.retain(|r| keys.contains(&r.client));
        cases.retain(|k| keys.contains(&k.client));
        let clients = Self::group(request, shown, along.sections);
        let Some(first) = clients.first() else { return clients };
        let siblings = &first.group.siblings;
        siblings.put("sections", by_key(entries));
        if let Some((state, slice)) = along.referrals {
            siblings.put(
                listed_referrals(state, slice),
                of_each(Referral::group(request, referrals), Referral::client_key),
            );
        }
        if let Some((status, slice)) = along.cases {
            siblings
                .put(listed_cases(status, slice), of_each(SharedCase::group(request, cases), SharedCase::client_key));
        }
        clients
    }

    /// One client with the sections that came along.
    pub fn single(request: &Request, row: crate::persistence::client::ClientRow, wanted: Categories) -> Self {
        let siblings = Siblings::of(vec![row.disclosure.client]);
        if let Some(entries) = row.entries {
            siblings.put("sections", by_key(entries));
        }
        request.note_involvement(&row.disclosure);
        Self { disclosure: Arc::new(row.disclosure), group: Arc::new(ClientGroup { siblings, wanted }) }
    }

    /// The client.
    pub fn key(&self) -> ClientId {
        self.disclosure.client
    }

    async fn section(&self, ctx: &Context<'_>, category: Category) -> Result<Option<Entry>, ApiError> {
        let request = request(ctx);
        let siblings = &self.group.siblings;
        let one = [category].into_iter().collect::<Categories>();
        let (what, wanted) =
            if self.group.wanted.has(category) { ("sections", self.group.wanted) } else { (category.code(), one) };
        let entries = siblings
            .load::<Entries, _>(what, async { Ok(by_key(request.scope().entries(&siblings.keys, wanted).await?)) })
            .await?;
        let found = entries.get(&(self.key(), category)).and_then(|entry| {
            // The rule once more on the row that came back; what ended between two statements is withheld.
            let grants = self.disclosure.opening(&entry.facts());
            (!grants.is_empty()).then(|| (entry.clone(), grants))
        });
        Ok(match found {
            Some((entry, grants)) => {
                request.note(self.key(), one, &grants);
                Some(entry)
            }
            None => None,
        })
    }

    /// How many the viewer sees, when that is asked for; counted for all siblings at once.
    async fn total(
        &self,
        ctx: &Context<'_>,
        what: What,
        read: impl Future<Output = Result<Vec<(ClientId, i64)>, Fault>> + Send,
    ) -> Result<Option<i64>, ApiError> {
        if !ctx.look_ahead().field("totalCount").exists() {
            return Ok(None);
        }
        let counts = self
            .group
            .siblings
            .load::<HashMap<ClientId, i64>, _>(what, async { Ok(read.await?.into_iter().collect()) })
            .await?;
        Ok(Some(counts.get(&self.key()).copied().unwrap_or(0)))
    }

    async fn text(&self, ctx: &Context<'_>, category: Category) -> Result<Option<Direct<TextSection>>, ApiError> {
        let found = self.section(ctx, category).await?;
        Ok(found.and_then(|e| match &e.section {
            Section::Text { text, .. } => Some(Direct(TextSection {
                text: text.clone(),
                meta: EntryMeta::of(request(ctx), &e, &self.disclosure),
            })),
            _ => None,
        }))
    }
}

fn of_each<T>(items: Vec<T>, client: impl Fn(&T) -> ClientId) -> HashMap<ClientId, Vec<T>> {
    let mut by_client: HashMap<ClientId, Vec<T>> = HashMap::new();
    for item in items {
        by_client.entry(client(&item)).or_default().push(item);
    }
    by_client
}

fn listed_referrals(state: Option<ReferralState>, slice: Slice) -> What {
    What::page("referrals", state.map(|s| s as i64), slice)
}

fn listed_cases(status: Option<CaseStatus>, slice: Slice) -> What {
    What::page("cases", status.map(|s| s as i64), slice)
}

/// What a selection of clients asks for, so that it comes with them: the sections, and the first lists of referrals and of cases.
#[derive(Clone, Copy, Debug, Default)]
pub struct Along {
    /// The sections.
    pub sections: Categories,
    referrals: Option<(Option<ReferralState>, Slice)>,
    cases: Option<(Option<CaseStatus>, Slice)>,
}

impl Along {
    /// What this selection asks for.
    pub fn of(field: SelectionField<'_>) -> Self {
        let mut all = Self { sections: wanted(field), ..Self::default() };
        all.lists(field);
        all
    }

    fn lists(&mut self, field: SelectionField<'_>) {
        for f in field.selection_set() {
            match f.name() {
                "edges" | "node" | "nodes" => self.lists(f),
                "referrals" if self.referrals.is_none() => {
                    self.referrals = list::<ReferralState, ReferralId>(f, "state");
                }
                "sharedCases" if self.cases.is_none() => self.cases = list::<CaseStatus, CaseId>(f, "status"),
                _ => {}
            }
        }
    }

    /// As it is read; nothing when the clients are all that is asked for.
    pub fn read(&self) -> Option<page::Along> {
        let read = page::Along {
            sections: self.sections,
            referrals: self.referrals.map(|(state, slice)| (state, slice.limit)),
            cases: self.cases.map(|(status, slice)| (status, slice.limit)),
        };
        (read != page::Along::default()).then_some(read)
    }
}

/// The arguments of a list from its beginning. What is not right about them is told where the list is resolved.
fn list<F: Coded, I: TypedId>(field: SelectionField<'_>, filter: &str) -> Option<(Option<F>, Slice)> {
    let (mut by, mut first) = (None, None);
    for (name, value) in field.arguments().ok()? {
        match value {
            Value::Null => {}
            Value::Enum(code) if name == filter => by = Some(F::from_code(&code)?),
            Value::String(code) if name == filter => by = Some(F::from_code(&code)?),
            Value::Number(n) if name == "first" => first = Some(i32::try_from(n.as_i64()?).ok()?),
            _ => return None,
        }
    }
    let slice = pagination::Asked { first, ..pagination::Asked::default() }.slice::<I>().ok()?;
    Some((by, slice))
}

fn by_key(entries: Vec<Entry>) -> Entries {
    entries.into_iter().map(|e| ((e.client, e.category), e)).collect()
}

/// The sections that a selection of clients asks for, so that they come in one statement.
pub fn wanted(field: SelectionField<'_>) -> Categories {
    field.selection_set().fold(Categories::NONE, |all, f| {
        let more = match f.name() {
            "edges" | "node" | "nodes" => wanted(f),
            name => section_of(name).into_iter().collect(),
        };
        all.union(more)
    })
}

/// Whether a selection of a client asks whose some section is.
pub fn wants_recorded_for(field: SelectionField<'_>) -> bool {
    let asks = |section: SelectionField<'_>| section.selection_set().any(|f| f.name() == "recordedFor");
    field.selection_set().any(|f| section_of(f.name()).is_some() && asks(f))
}

fn section_of(field: &str) -> Option<Category> {
    Some(match field {
        "name" => Category::Name,
        "birth" => Category::Birth,
        "contact" => Category::Contact,
        "accessNeeds" => Category::AccessNeeds,
        "loneWorking" => Category::LoneWorking,
        "household" => Category::Household,
        "housing" => Category::Housing,
        "finance" => Category::Finance,
        "employment" => Category::Employment,
        "risk" => Category::Risk,
        "supportPlan" => Category::SupportPlan,
        "outcomes" => Category::Outcomes,
        "health" => Category::Health,
        "substanceUse" => Category::SubstanceUse,
        "offending" => Category::Offending,
        "domesticAbuse" => Category::DomesticAbuse,
        "immigration" => Category::Immigration,
        "equalities" => Category::Equalities,
        _ => return None,
    })
}

/// What every section tells of the entry it shows.
#[derive(SimpleObject, Clone)]
pub struct EntryMeta {
    /// The entry, to correct it by. The section's own category (C1).
    entry_id: ID,
    /// When it was recorded. The section's own category (C1).
    recorded_at: DateTime,
    /// For which organisation. The section's own category (C1), under C11.
    recorded_for: OrganisationLink,
    /// Version, to correct it by. The section's own category (C1).
    version: i64,
    /// Whether it tells where the person can be found. The section's own category (C1, C7).
    reveals_location: bool,
    /// Whether it is about somebody else, and stays with the organisation that recorded it. The section's own category (C1, C9).
    third_party: bool,
}

impl EntryMeta {
    fn of(request: &Request, e: &Entry, disclosure: &Disclosure) -> Self {
        Self {
            entry_id: e.id.global().into(),
            recorded_at: DateTime(e.recorded_at),
            recorded_for: e.recorded_for_name.as_deref().map_or_else(
                || shown_link(None),
                |name| {
                    let open = disclosure.open();
                    // The hub sees who sent what it triages: the entry that came with the referral.
                    let sent_to_hub =
                        disclosure.grants().iter().any(|g| g.basis == Basis::Hub && g.scope_id == e.owner);
                    organisation_link(request, e.recorded_for, name, e.recorded_for_implies, open, sent_to_hub)
                },
            ),
            version: e.version,
            reveals_location: e.reveals_location,
            third_party: e.third_party,
        }
    }
}

/// Names, pronouns, age band. NAME (C1).
#[derive(SimpleObject)]
pub struct NameSection {
    /// Given names. NAME (C1).
    given: String,
    /// Family name. NAME (C1).
    family: String,
    /// What the person wants to be called. NAME (C1).
    preferred: Option<String>,
    /// Pronouns. NAME (C1).
    pronouns: Option<String>,
    /// Age band. NAME (C1).
    age_band: Option<AgeBand>,
    #[graphql(flatten)]
    meta: EntryMeta,
}

/// Date of birth. BIRTH (C1).
#[derive(SimpleObject)]
pub struct BirthSection {
    /// Date of birth. BIRTH (C1).
    date: Date,
    #[graphql(flatten)]
    meta: EntryMeta,
}

/// Address, phone, email, safe ways and times. CONTACT (C1), withheld from all but the named few while contact is
/// protected (C7).
#[derive(SimpleObject)]
pub struct ContactSection {
    /// Address without postcode, a line each. CONTACT (C1, C7).
    address_lines: Vec<String>,
    /// Postcode. CONTACT (C1, C7).
    postcode: Option<Postcode>,
    /// Phone. CONTACT (C1, C7).
    phone: Option<String>,
    /// Email. CONTACT (C1, C7).
    email: Option<String>,
    /// Safe ways and times. CONTACT (C1, C7).
    safe_ways: Option<String>,
    #[graphql(flatten)]
    meta: EntryMeta,
}

/// Who lives together: composition only. HOUSEHOLD (C1).
#[derive(SimpleObject)]
pub struct HouseholdSection {
    /// Members other than the client, as recorded. HOUSEHOLD (C1, C9).
    members: Vec<HouseholdMember>,
    #[graphql(flatten)]
    meta: EntryMeta,
}

/// A member of a household, as recorded. HOUSEHOLD (C1).
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct HouseholdMember {
    /// Name as recorded. HOUSEHOLD (C1).
    name: String,
    /// Relationship to the client. HOUSEHOLD (C1).
    relationship: String,
    /// Age band. HOUSEHOLD (C1).
    age_band: AgeBand,
    #[graphql(skip)]
    linked: Option<ClientId>,
    #[graphql(skip)]
    links: Arc<Siblings<ClientId>>,
}

#[ComplexObject]
impl HouseholdMember {
    /// The member's own record, where the viewer sees that record. HOUSEHOLD (C1, C9).
    async fn client(&self, ctx: &Context<'_>) -> Result<Option<Client>, ApiError> {
        // Read whether or not there is a link: the number of statements does not tell of records the viewer does not see.
        linked_client(ctx, &self.links, self.linked.unwrap_or(ClientId(uuid::Uuid::nil()))).await
    }
}

/// A client behind a link, read for all siblings at once; `null` for who does not see the record.
pub(super) async fn linked_client(
    ctx: &Context<'_>,
    links: &Arc<Siblings<ClientId>>,
    of: ClientId,
) -> Result<Option<Client>, ApiError> {
    let request = request(ctx);
    let sections = wanted(ctx.field());
    let group = links
        .load::<Vec<Client>, _>(What::with("clients", Some(sections.mask())), async {
            Ok(Client::group(request, request.scope().clients_by_id(&links.keys).await?, sections))
        })
        .await?;
    Ok(group.iter().find(|c| c.key() == of).cloned())
}

/// Tenure, landlord, arrears, notices. HOUSING (C1).
#[derive(SimpleObject)]
pub struct HousingSection {
    /// How the home is held. HOUSING (C1).
    tenure: Tenure,
    /// Landlord. HOUSING (C1).
    landlord: Option<String>,
    /// Rent arrears in pence. HOUSING (C1).
    arrears_pence: Option<i64>,
    /// Day a notice expires. HOUSING (C1).
    notice_expires_on: Option<Date>,
    /// What else matters. HOUSING (C1).
    text: Option<String>,
    #[graphql(flatten)]
    meta: EntryMeta,
}

/// A section that is one text. Its category is that of the field it stands in (C1).
#[derive(SimpleObject)]
pub struct TextSection {
    /// The text. The section's own category (C1).
    text: String,
    #[graphql(flatten)]
    meta: EntryMeta,
}

/// What the viewer may do with a client's record, by the same predicates that the mutations enforce (C22).
#[derive(SimpleObject)]
pub struct ClientAccess {
    /// Whether they may record new entries. INVOLVEMENT (C1, C22).
    can_record: bool,
    /// Whether they may record consents. INVOLVEMENT (C1, C22).
    can_record_consent: bool,
    /// Whether they may record who speaks for the person, and their competence. INVOLVEMENT (C1, C3, C22).
    can_record_proxy: bool,
    /// Whether they may record on which lawful basis the person's data is processed. INVOLVEMENT (C1, C3, C22).
    can_record_lawful_basis: bool,
    /// Whether they may seal the record. INVOLVEMENT (C1, C5, C22).
    can_seal: bool,
    /// Whether they may record whom the person excludes, or that contact goes through the lead worker. INVOLVEMENT (C1, C6, C7,
    /// C22).
    can_record_objection: bool,
    /// Whether they may protect contact. INVOLVEMENT (C1, C7, C22).
    can_protect_contact: bool,
    /// Whether they may ask for legal gateways. INVOLVEMENT (C1, C17, C22).
    can_ask_legal_gateway: bool,
    /// Whether they may record that somebody outside the system was told. INVOLVEMENT (C1, C17, C22).
    can_record_outward_disclosure: bool,
    /// The categories whose sections are open. INVOLVEMENT (C1, C2): it depends on rights alone.
    open_categories: Vec<Category>,
}

/// A client: the person helped. The object exists only for who holds a live grant on the record (C13); what it shows
/// depends on the grants' categories (C2). Withheld sections are `null` and listed in `redactions` (C12).
#[Object]
impl Client {
    /// Global id. INVOLVEMENT (C1).
    pub async fn id(&self) -> ID {
        self.key().global().into()
    }

    /// Names, pronouns, age band. NAME (C1).
    async fn name(&self, ctx: &Context<'_>) -> Result<Option<Direct<NameSection>>, ApiError> {
        Ok(self.section(ctx, Category::Name).await?.and_then(|e| {
            let meta = EntryMeta::of(request(ctx), &e, &self.disclosure);
            match e.section {
                Section::Name(n) => Some(Direct(NameSection {
                    given: n.given,
                    family: n.family,
                    preferred: n.preferred,
                    pronouns: n.pronouns,
                    age_band: n.age_band.as_deref().and_then(AgeBand::from_code),
                    meta,
                })),
                _ => None,
            }
        }))
    }

    /// Date of birth. BIRTH (C1).
    async fn birth(&self, ctx: &Context<'_>) -> Result<Option<Direct<BirthSection>>, ApiError> {
        Ok(self.section(ctx, Category::Birth).await?.and_then(|e| {
            let meta = EntryMeta::of(request(ctx), &e, &self.disclosure);
            match e.section {
                Section::Birth { date } => Some(Direct(BirthSection { date: Date(date), meta })),
                _ => None,
            }
        }))
    }

    /// Address, phone, email, safe ways and times. CONTACT (C1, C7).
    async fn contact(&self, ctx: &Context<'_>) -> Result<Option<Direct<ContactSection>>, ApiError> {
        Ok(self.section(ctx, Category::Contact).await?.and_then(|e| {
            let meta = EntryMeta::of(request(ctx), &e, &self.disclosure);
            match e.section {
                Section::Contact(c) => Some(Direct(ContactSection {
                    address_lines: c.address_lines,
                    postcode: c.postcode.map(Postcode),
                    phone: c.phone,
                    email: c.email,
                    safe_ways: c.safe_ways,
                    meta,
                })),
                _ => None,
            }
        }))
    }

    /// Interpreter, communication, mobility. ACCESS_NEEDS (C1).
    async fn access_needs(&self, ctx: &Context<'_>) -> Result<Option<Direct<TextSection>>, ApiError> {
        self.text(ctx, Category::AccessNeeds).await
    }

    /// Advice for whoever meets the person: what to do, never why. LONE_WORKING (C1).
    async fn lone_working(&self, ctx: &Context<'_>) -> Result<Option<Direct<TextSection>>, ApiError> {
        self.text(ctx, Category::LoneWorking).await
    }

    /// Who lives together: composition only. HOUSEHOLD (C1, C9).
    async fn household(&self, ctx: &Context<'_>) -> Result<Option<Direct<HouseholdSection>>, ApiError> {
        let siblings = &self.group.siblings;
        let Some(e) = self.section(ctx, Category::Household).await? else { return Ok(None) };
        let meta = EntryMeta::of(request(ctx), &e, &self.disclosure);
        let Section::Household { members } = e.section else { return Ok(None) };
        // All households of the page share their links, so that linked records come in one statement.
        let what = if self.group.wanted.has(Category::Household) { "sections" } else { Category::Household.code() };
        let links = siblings
            .load::<Arc<Siblings<ClientId>>, _>("household links", async {
                let entries = siblings.load::<Entries, _>(what, async { Ok(Entries::new()) }).await?;
                let mut keys: Vec<ClientId> = entries
                    .values()
                    .filter_map(|e| match &e.section {
                        Section::Household { members } => Some(members),
                        _ => None,
                    })
                    .flatten()
                    .filter_map(|m| m.client_id.as_deref().and_then(ClientId::parse))
                    .collect();
                keys.sort();
                keys.dedup();
                Ok(Siblings::of(keys))
            })
            .await?;
        let members = members
            .into_iter()
            .map(|m| HouseholdMember {
                linked: m.client_id.as_deref().and_then(ClientId::parse),
                name: m.name,
                relationship: m.relationship,
                age_band: AgeBand::from_code(&m.age_band).unwrap_or(AgeBand::Unknown),
                links: Arc::clone(&links),
            })
            .collect();
        Ok(Some(Direct(HouseholdSection { members, meta })))
    }

    /// Tenure, landlord, arrears, notices. HOUSING (C1).
    async fn housing(&self, ctx: &Context<'_>) -> Result<Option<Direct<HousingSection>>, ApiError> {
        Ok(self.section(ctx, Category::Housing).await?.and_then(|e| {
            let meta = EntryMeta::of(request(ctx), &e, &self.disclosure);
            match e.section {
                Section::Housing(h) => Some(Direct(HousingSection {
                    tenure: Tenure::from_code(&h.tenure).unwrap_or(Tenure::Unknown),
                    landlord: h.landlord,
                    arrears_pence: h.arrears_pence,
                    notice_expires_on: h.notice_expires_on.map(Date),
                    text: h.text,
                    meta,
                })),
                _ => None,
            }
        }))
    }

    /// Income, benefits and debts. FINANCE (C1).
    async fn finance(&self, ctx: &Context<'_>) -> Result<Option<Direct<TextSection>>, ApiError> {
        self.text(ctx, Category::Finance).await
    }

    /// Work and training. EMPLOYMENT (C1, C7: where the workplace tells where the person is found).
    async fn employment(&self, ctx: &Context<'_>) -> Result<Option<Direct<TextSection>>, ApiError> {
        self.text(ctx, Category::Employment).await
    }

    /// Risks to and from the person. RISK (C1).
    async fn risk(&self, ctx: &Context<'_>) -> Result<Option<Direct<TextSection>>, ApiError> {
        self.text(ctx, Category::Risk).await
    }

    /// What is agreed with the person. SUPPORT_PLAN (C1).
    async fn support_plan(&self, ctx: &Context<'_>) -> Result<Option<Direct<TextSection>>, ApiError> {
        self.text(ctx, Category::SupportPlan).await
    }

    /// What changed. OUTCOMES (C1).
    async fn outcomes(&self, ctx: &Context<'_>) -> Result<Option<Direct<TextSection>>, ApiError> {
        self.text(ctx, Category::Outcomes).await
    }

    /// Physical and mental health. HEALTH (C1), special.
    async fn health(&self, ctx: &Context<'_>) -> Result<Option<Direct<TextSection>>, ApiError> {
        self.text(ctx, Category::Health).await
    }

    /// Use of alcohol and drugs. SUBSTANCE_USE (C1), special.
    async fn substance_use(&self, ctx: &Context<'_>) -> Result<Option<Direct<TextSection>>, ApiError> {
        self.text(ctx, Category::SubstanceUse).await
    }

    /// Offences, sentences, licences. OFFENDING (C1), special.
    async fn offending(&self, ctx: &Context<'_>) -> Result<Option<Direct<TextSection>>, ApiError> {
        self.text(ctx, Category::Offending).await
    }

    /// Domestic abuse suffered or done. DOMESTIC_ABUSE (C1), special.
    async fn domestic_abuse(&self, ctx: &Context<'_>) -> Result<Option<Direct<TextSection>>, ApiError> {
        self.text(ctx, Category::DomesticAbuse).await
    }

    /// Immigration status. IMMIGRATION (C1), special.
    async fn immigration(&self, ctx: &Context<'_>) -> Result<Option<Direct<TextSection>>, ApiError> {
        self.text(ctx, Category::Immigration).await
    }

    /// Gender, ethnicity, religion, orientation: shown to nobody but the agency that recorded it. EQUALITIES (C1), special.
    async fn equalities(&self, ctx: &Context<'_>) -> Result<Option<Direct<TextSection>>, ApiError> {
        self.text(ctx, Category::Equalities).await
    }

    /// The client's referrals that the viewer sees, newest first. INVOLVEMENT (C1), within the grants' scope (C2).
    #[graphql(complexity = "pagination::cost(first, None) * child_complexity + 1")]
    async fn referrals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those in this state, as far as the viewer is told of it.")] state: Option<
            ReferralState,
        >,
        #[graphql(desc = "The first so many, at most 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
    ) -> Result<Direct<ReferralConnection>, ApiError> {
        let request = request(ctx);
        let asked = pagination::Asked { first, after, ..pagination::Asked::default() };
        let slice = asked.slice::<ReferralId>()?;
        let what = listed_referrals(state, slice);
        let siblings = &self.group.siblings;
        let all = siblings
            .load::<HashMap<ClientId, Vec<Referral>>, _>(what, async {
                let found = request.scope().referrals_of(&siblings.keys, state, slice).await?;
                Ok(of_each(Referral::group(request, found), Referral::client_key))
            })
            .await?;
        let scope = request.scope();
        let total = self.total(ctx, what.counted(), scope.count_referrals_of(&siblings.keys, state)).await?;
        let mine = all.get(&self.key()).cloned().unwrap_or_default();
        Ok(Direct(ReferralConnection(Page::of(mine, slice, total))))
    }

    /// The client's shared cases that the viewer sees, newest first. INVOLVEMENT (C1), within the grants' scope (C2).
    #[graphql(complexity = "pagination::cost(first, None) * child_complexity + 1")]
    async fn shared_cases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only open ones, or only closed ones.")] status: Option<CaseStatus>,
        #[graphql(desc = "The first so many, at most 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
    ) -> Result<Direct<SharedCaseConnection>, ApiError> {
        let request = request(ctx);
        let asked = pagination::Asked { first, after, ..pagination::Asked::default() };
        let slice = asked.slice::<CaseId>()?;
        let what = listed_cases(status, slice);
        let siblings = &self.group.siblings;
        let all = siblings
            .load::<HashMap<ClientId, Vec<SharedCase>>, _>(what, async {
                let found = request.scope().cases_of(&siblings.keys, status, slice).await?;
                Ok(of_each(SharedCase::group(request, found), SharedCase::client_key))
            })
            .await?;
        let scope = request.scope();
        let total = self.total(ctx, what.counted(), scope.count_cases_of(&siblings.keys, status)).await?;
        let mine = all.get(&self.key()).cloned().unwrap_or_default();
        Ok(Direct(SharedCaseConnection(Page::of(mine, slice, total))))
    }

    /// The consents the viewer sees, newest first: their own, those they receive, all of them for the lead. INVOLVEMENT (C1).
    async fn consents(&self, ctx: &Context<'_>) -> Result<Vec<Consent>, ApiError> {
        let request = request(ctx);
        let siblings = &self.group.siblings;
        let all = siblings
            .load::<Vec<Consent>, _>("consents", async {
                Ok(Consent::group(request, request.scope().consents_of(&siblings.keys).await?))
            })
            .await?;
        Ok(all.iter().filter(|c| c.client_key() == self.key()).cloned().collect())
    }

    /// The live restrictions that the viewer is told of, newest first: those that name them, and objections for the hub, the
    /// lead and who recorded them. INVOLVEMENT (C1, C5, C6, C7).
    async fn restrictions(&self, ctx: &Context<'_>) -> Result<Vec<Restriction>, ApiError> {
        let request = request(ctx);
        let siblings = &self.group.siblings;
        let all = siblings
            .load::<Vec<Restriction>, _>("restrictions", async {
                Ok(Restriction::group(request, request.scope().restrictions_of(&siblings.keys).await?))
            })
            .await?;
        Ok(all.iter().filter(|r| r.client_key() == self.key()).cloned().collect())
    }

    /// Who speaks for the client, or never does, as far as the viewer sees it, newest first. INVOLVEMENT (C1, C3, C24).
    async fn proxies(&self, ctx: &Context<'_>) -> Result<Vec<Proxy>, ApiError> {
        let request = request(ctx);
        let siblings = &self.group.siblings;
        let all = siblings
            .load::<Vec<Proxy>, _>("proxies", async {
                Ok(Proxy::group(request, request.scope().proxies_of(&siblings.keys).await?))
            })
            .await?;
        Ok(all.iter().filter(|p| p.client_key() == self.key()).cloned().collect())
    }

    /// What is recorded of the client's competence as a child, as far as the viewer sees it, newest first. INVOLVEMENT (C1, C3).
    async fn competence(&self, ctx: &Context<'_>) -> Result<Vec<Competence>, ApiError> {
        let request = request(ctx);
        let siblings = &self.group.siblings;
        let all = siblings
            .load::<Vec<Competence>, _>("competence", async {
                Ok(Competence::group(request, request.scope().competence_of(&siblings.keys).await?))
            })
            .await?;
        Ok(all.iter().filter(|c| c.client_key() == self.key()).cloned().collect())
    }

    /// On which lawful basis the viewer's organisation processes what it has of the client, newest first. INVOLVEMENT (C1, C3); no other
    /// organisation's is there.
    #[graphql(complexity = "pagination::cost(first, None) * child_complexity + 1")]
    async fn lawful_bases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, at most 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
    ) -> Result<Direct<LawfulBasisConnection>, ApiError> {
        let request = request(ctx);
        let asked = pagination::Asked { first, after, ..pagination::Asked::default() };
        let slice = asked.slice::<LawfulBasisId>()?;
        let what = What::page("lawful bases", None, slice);
        let siblings = &self.group.siblings;
        let all = siblings
            .load::<HashMap<ClientId, Vec<LawfulBasis>>, _>(what, async {
                let found = request.scope().lawful_bases_of(&siblings.keys, slice).await?;
                Ok(of_each(LawfulBasis::group(request, found), LawfulBasis::client_key))
            })
            .await?;
        let scope = request.scope();
        let total = self.total(ctx, what.counted(), scope.count_lawful_bases_of(&siblings.keys)).await?;
        let mine = all.get(&self.key()).cloned().unwrap_or_default();
        Ok(Direct(LawfulBasisConnection(Page::of(mine, slice, total))))
    }

    /// The legal gateways on the record that the viewer sees, newest first. INVOLVEMENT (C1) and the categories each names (C17).
    async fn legal_gateways(&self, ctx: &Context<'_>) -> Result<Vec<LegalGateway>, ApiError> {
        let request = request(ctx);
        let siblings = &self.group.siblings;
        let all = siblings
            .load::<Vec<LegalGateway>, _>("legal gateways", async {
                Ok(LegalGateway::group(request, request.scope().legal_gateways_of(&siblings.keys).await?))
            })
            .await?;
        Ok(all.iter().filter(|g| g.client_key() == self.key()).cloned().collect())
    }

    /// The overrides on the record that the viewer sees, newest first: their own while it lasts, and those whose task is theirs.
    /// INVOLVEMENT (C1, C16).
    async fn overrides(&self, ctx: &Context<'_>) -> Result<Vec<Override>, ApiError> {
        let request = request(ctx);
        let siblings = &self.group.siblings;
        let all = siblings
            .load::<Vec<Override>, _>("overrides", async {
                Ok(Override::group(request, request.scope().overrides_of(&siblings.keys).await?))
            })
            .await?;
        Ok(all.iter().filter(|o| o.client_key() == self.key()).cloned().collect())
    }

    /// What was told of the client to somebody outside the system, as far as the viewer sees it, newest first. INVOLVEMENT (C1)
    /// and the categories that were told (C17).
    async fn outward_disclosures(&self, ctx: &Context<'_>) -> Result<Vec<OutwardDisclosure>, ApiError> {
        let request = request(ctx);
        let siblings = &self.group.siblings;
        let all = siblings
            .load::<Vec<OutwardDisclosure>, _>("outward disclosures", async {
                let found = request.scope().outward_disclosures_of(&siblings.keys).await?;
                Ok(OutwardDisclosure::group(request, found))
            })
            .await?;
        Ok(all.iter().filter(|d| d.client_key() == self.key()).cloned().collect())
    }

    /// The categories withheld from the viewer, each with a reason and a remedy. INVOLVEMENT (C1, C12).
    async fn redactions(&self) -> Vec<Redaction> {
        self.disclosure.redactions().into_iter().filter(|r| SECTIONS.has(r.category)).map(Redaction::from).collect()
    }

    /// What the viewer may do. INVOLVEMENT (C1, C22).
    async fn viewer_access(&self, ctx: &Context<'_>) -> ClientAccess {
        let viewer = &request(ctx).viewer;
        ClientAccess {
            can_record: writing::may_record(viewer, &self.disclosure),
            can_record_consent: writing::may_record_consent(viewer, &self.disclosure),
            can_record_proxy: writing::may_record(viewer, &self.disclosure),
            can_record_lawful_basis: writing::may_record(viewer, &self.disclosure),
            can_seal: restriction::may_seal(viewer, &self.disclosure),
            can_record_objection: restriction::may_object(viewer, &self.disclosure),
            can_protect_contact: restriction::may_protect(viewer, &self.disclosure),
            can_ask_legal_gateway: gateway::may_ask(viewer, &self.disclosure),
            can_record_outward_disclosure: writing::may_record_outward(viewer),
            open_categories: self.disclosure.open().iter().collect(),
        }
    }
}

connection!(
    ClientConnection "A page of clients.",
    ClientEdge "One of a page of clients, with its cursor.",
    Client,
    |c| c.key().global()
);
