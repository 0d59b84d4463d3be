//! What the documents of a world say: every document table, row by row, as plain records. The ledger of grants is not among
//! them, nor anything else that was derived.

use crate::support::World;
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use uuid::Uuid;

/// Microseconds since 1970, UTC.
pub type Time = i64;

/// When worlds begin.
const BEGINNING: Time = 1_775_034_000_000_000;

async fn rows(world: &World, sql: &str) -> Vec<QueryResult> {
    let connection = world.app.database.for_migrations();
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    connection.query_all_raw(statement).await.unwrap_or_else(|e| panic!("{sql}: {e}"))
}

/// Declares a record and how all rows of its table are read.
macro_rules! records {
    ($($(#[$about:meta])* $name:ident from $table:literal { $($field:ident: $type:ty),+ $(,)? })+) => {
        $(
            $(#[$about])*
            #[derive(Clone, Debug, Default)]
            pub struct $name {
                $(pub $field: $type,)+
            }

            impl $name {
                async fn all(world: &World) -> Vec<Self> {
                    let sql = concat!("SELECT ", $(stringify!($field), ", ",)+ "1 FROM ", $table);
                    let all = rows(world, sql).await;
                    let read = |r: &QueryResult| Self {
                        $($field: r.try_get("", stringify!($field)).expect(concat!(stringify!($name), ".", stringify!($field))),)+
                    };
                    all.iter().map(read).collect()
                }
            }
        )+
    };
}

records! {
    /// An organisation, and the categories its name implies (C11).
    Organisation from "organisation ORDER BY created_at, name" {
        id: Uuid, name: String, kind: String, is_category: bool, implied_categories: i64, status: String, retention_years: i64,
    }
    /// That one organisation was merged into another.
    Merge from "organisation_merge ORDER BY merged_at" {
        merged_id: Uuid, into_id: Uuid, merged_at: Time, undone_at: Option<Time>,
    }
    /// A team.
    Team from "team ORDER BY created_at, name" { id: Uuid, organisation_id: Uuid, name: String, is_hub: bool }
    /// A service somebody can be pointed to.
    Service from "service ORDER BY created_at, name" { id: Uuid, organisation_id: Uuid, name: String }
    /// A person who works for organisations.
    Person from "person ORDER BY created_at, name" { id: Uuid, name: String }
    /// How an issuer knows a person.
    Identity from "identity ORDER BY created_at, subject" { issuer: String, subject: String, person_id: Uuid }
    /// That a person works for an organisation.
    Membership from "membership ORDER BY started_at" {
        id: Uuid, person_id: Uuid, organisation_id: Uuid, roles: i64, ended_at: Option<Time>,
    }
    /// In which of its teams.
    MembershipTeam from "membership_team" { membership_id: Uuid, team_id: Uuid }
    /// A client.
    Client from "client ORDER BY created_at" { id: Uuid, died_on: Option<String>, created_at: Time }
    /// A dated entry of a section.
    Entry from "client_entry ORDER BY recorded_at" {
        id: Uuid, client_id: Uuid, category: String, body: String, search_key: Option<String>, reveals_location: bool,
        third_party: bool, referral_id: Option<Uuid>, recorded_for: Uuid, owner_id: Uuid, recorded_at: Time, replaced_at: Option<Time>, version: i64,
    }
    /// A referral.
    Referral from "referral ORDER BY created_at" {
        id: Uuid, client_id: Uuid, organisation_id: Uuid, sent_by: Uuid, private_sender: bool, contact_request: bool, state: String, urgency: String, sent_urgency: String,
        brought: i64, case_id: Option<Uuid>, outcome: Option<String>, outcome_text: Option<String>, next_step: Option<String>,
        created_at: Time, submitted_at: Option<Time>, accepted_at: Option<Time>, closed_at: Option<Time>,
        left_hub_at: Option<Time>, version: i64, assigned_to: Option<Uuid>, sender_reference: Option<String>,
    }
    /// A step it took.
    ReferralStep from "referral_step ORDER BY recorded_at" {
        id: Uuid, referral_id: Uuid, from_state: String, to_state: String, actor: String, detail: Option<String>,
        recorded_for: Uuid, recorded_at: Time,
    }
    /// What the hub asked about it, and what was answered.
    Question from "referral_question ORDER BY asked_at" {
        id: Uuid, referral_id: Uuid, categories: i64, question: String, asked_at: Time, answer_categories: Option<i64>, answer: Option<String>,
        answered_by: Option<Uuid>, answered_for: Option<Uuid>, answered_by_sender: bool, answered_at: Option<Time>,
    }
    /// A public body's duty to refer.
    Duty from "duty_to_refer ORDER BY recorded_at" {
        id: Uuid, referral_id: Uuid, authority_id: Uuid, reason: String, evidence: String, agreed_at: Time, recorded_by: Uuid, recorded_for: Uuid,
        recorded_at: Time, passed_at: Option<Time>, acknowledged_by: Option<Uuid>, acknowledged_for: Option<Uuid>, ended_by: Option<Uuid>,
        ended_for: Option<Uuid>, acknowledged_at: Option<Time>, reference: Option<String>, ended_at: Option<Time>,
        end_reason: Option<String>,
    }
    /// One text of a referral's story.
    Narrative from "referral_narrative" {
        id: Uuid, referral_id: Uuid, category: String, body: String, reveals_location: bool, version: i64,
    }
    /// An offer of a referral to a team.
    Offer from "referral_offer ORDER BY offered_at" {
        id: Uuid, referral_id: Uuid, client_id: Uuid, team_id: Uuid, organisation_id: Uuid, worker_id: Option<Uuid>,
        refuses: i64, offered_at: Time,
        answer_reason: Option<String>, answer_text: Option<String>, answered_at: Option<Time>,
    }
    /// A shared case.
    Case from "shared_case ORDER BY opened_at" {
        id: Uuid, client_id: Uuid, referral_id: Option<Uuid>, previous_case_id: Option<Uuid>, lead_organisation_id: Uuid,
        lead_team_id: Uuid, lead_worker_id: Uuid, stage: String, opened_at: Time, closed_at: Option<Time>,
        closure_kind: Option<String>, closure_reason: Option<String>, version: i64,
    }
    /// A member team of a case.
    Member from "case_member ORDER BY joined_at" {
        id: Uuid, case_id: Uuid, client_id: Uuid, organisation_id: Uuid, team_id: Uuid, member_role: String, agreed: i64,
        joined_at: Time, left_at: Option<Time>, version: i64,
    }
    /// A note of a case.
    Note from "case_note ORDER BY recorded_at" {
        id: Uuid, case_id: Uuid, client_id: Uuid, categories: i64, visibility: String, reveals_location: bool, body: String,
        recorded_by: Uuid, recorded_for: Uuid, owner_id: Uuid, recorded_at: Time, replaced_at: Option<Time>, version: i64,
    }
    /// A consent.
    Consent from "consent ORDER BY recorded_at" {
        id: Uuid, client_id: Uuid, referral_id: Option<Uuid>, all_partners: bool, purposes: i64, categories: i64,
        given_by: String, given_how: String, given_at: Time, expires_at: Time, recorded_by: Uuid, recorded_at: Time, owner_id: Uuid,
        proxy_id: Option<Uuid>, decided_by: Option<String>, decision_reason: Option<String>,
    }
    /// Who speaks for a client, or never does.
    Proxy from "proxy ORDER BY recorded_at" {
        id: Uuid, client_id: Uuid, kind: String, name: String, starts_at: Time, until_at: Time, ended_at: Option<Time>,
        end_reason: Option<String>, excluded_at: Option<Time>, exclusion_reason: Option<String>, recorded_at: Time,
        owner_id: Uuid, version: i64,
    }
    /// On which lawful basis an organisation processes what it has.
    LawfulBasis from "lawful_basis ORDER BY recorded_at" {
        id: Uuid, client_id: Uuid, basis: String, special_condition: Option<String>, schedule_condition: Option<String>,
        categories: i64, reason: String, starts_at: Time, until_at: Time, ended_at: Option<Time>, end_reason: Option<String>,
        recorded_at: Time, owner_id: Uuid, version: i64,
    }
    /// That a child was found competent.
    Competence from "competence ORDER BY recorded_at" {
        id: Uuid, client_id: Uuid, assessed_at: Time, assessed_by: String, how: String, recorded_at: Time, owner_id: Uuid,
    }
    /// Whom a consent names.
    Recipient from "consent_recipient" { consent_id: Uuid, organisation_id: Uuid }
    /// A withdrawal of consent.
    Withdrawal from "consent_withdrawal ORDER BY recorded_at" {
        id: Uuid, client_id: Uuid, categories: i64, recorded_for: Uuid, recorded_at: Time,
    }
    /// From whom it was withdrawn.
    WithdrawnFrom from "consent_withdrawal_recipient" { withdrawal_id: Uuid, organisation_id: Uuid }
    /// That somebody was pointed to a service.
    Signpost from "signpost ORDER BY recorded_at" {
        id: Uuid, client_id: Uuid, referral_id: Option<Uuid>, case_id: Option<Uuid>, service_id: Uuid, told: String,
        channel: String, reason: String, recorded_at: Time, owner_id: Uuid, follow_up: Option<String>,
        followed_up_at: Option<Time>, version: i64,
    }
    /// A restriction.
    Restriction from "restriction ORDER BY recorded_at" {
        id: Uuid, client_id: Uuid, kind: String, organisation_id: Option<Uuid>, person_id: Option<Uuid>, recorded_at: Time,
        ended_at: Option<Time>,
    }
    /// Who is named on it.
    Named from "restriction_person" { restriction_id: Uuid, person_id: Uuid, offer_id: Option<Uuid>, alike: bool }
    /// Who supervises whom within an organisation.
    Supervision from "supervision ORDER BY recorded_at" {
        organisation_id: Uuid, worker_id: Uuid, supervisor_id: Uuid, starts_at: Time, until_at: Time, ended_at: Option<Time>,
    }
    /// That somebody broke the glass, or wants to.
    Override from "access_override ORDER BY asked_at" {
        id: Uuid, client_id: Uuid, person_id: Uuid, organisation_id: Uuid, categories: i64, ground: String, reason: String,
        hours: i64, asked_at: Time, needs_passes: i64, needs_review: bool, lapses_at: Time, opened_at: Option<Time>,
        until_at: Option<Time>, ended_at: Option<Time>, cosigned_by: Option<Uuid>, cosigned_at: Option<Time>,
        review_due_at: Option<Time>, escalated_at: Option<Time>, reviewed_at: Option<Time>, verdict: Option<String>,
        review_reason: Option<String>, version: i64,
    }
    /// A request for an override on a record that whoever asks does not see.
    Request from "override_request ORDER BY asked_at" {
        id: Uuid, person_id: Uuid, organisation_id: Uuid, given_name: String, family_name: String, date_of_birth: String,
        categories: i64, ground: String, reason: String, asked_at: Time,
    }
    /// What somebody is to see or do for an organisation.
    Item from "inbox_item ORDER BY posted_at" {
        id: Uuid, person_id: Uuid, organisation_id: Uuid, kind: String, subject: String, subject_id: Uuid,
        client_id: Option<Uuid>, posted_at: Time, due_at: Option<Time>, read_at: Option<Time>, done_at: Option<Time>,
    }
    /// A lead who is to look at it.
    OverrideTask from "override_task" {
        override_id: Uuid, person_id: Uuid, organisation_id: Uuid, given_at: Time, done_at: Option<Time>,
    }
    /// A legal gateway.
    Gateway from "legal_gateway ORDER BY recorded_at" {
        id: Uuid, client_id: Uuid, recipient_id: Uuid, kind: String, reference: String, categories: i64, reason: String,
        starts_at: Time, until_at: Time, state: String, recorded_by: Uuid, recorded_for: Uuid, recorded_at: Time,
        owner_id: Uuid, decided_at: Option<Time>, decision_reason: Option<String>, tell: Option<String>,
        withhold_until: Option<Time>, withhold_reason: Option<String>, ended_at: Option<Time>, end_reason: Option<String>,
        version: i64,
    }
    /// A legal hold.
    Hold from "legal_hold ORDER BY placed_at" { client_id: Uuid, organisation_id: Uuid, lifted_at: Option<Time> }
    /// A lead who watches over it.
    Watcher from "legal_gateway_watcher" { gateway_id: Uuid, person_id: Uuid }
    /// That somebody outside was told.
    Outward from "outward_disclosure ORDER BY recorded_at" {
        id: Uuid, client_id: Uuid, recipient: String, basis: String, reference: Option<String>, categories: i64,
        reveals_location: bool, summary: String, disclosed_at: Time, tell: String, withhold_until: Option<Time>,
        withhold_reason: Option<String>, recorded_by: Uuid, recorded_for: Uuid, recorded_at: Time, owner_id: Uuid,
    }
}

/// Everything the documents say at one moment.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub organisations: Vec<Organisation>,
    pub merges: Vec<Merge>,
    pub teams: Vec<Team>,
    pub services: Vec<Service>,
    pub people: Vec<Person>,
    pub identities: Vec<Identity>,
    pub memberships: Vec<Membership>,
    pub membership_teams: Vec<MembershipTeam>,
    pub clients: Vec<Client>,
    pub entries: Vec<Entry>,
    pub referrals: Vec<Referral>,
    pub steps: Vec<ReferralStep>,
    pub questions: Vec<Question>,
    pub duties: Vec<Duty>,
    pub narratives: Vec<Narrative>,
    pub offers: Vec<Offer>,
    pub cases: Vec<Case>,
    pub members: Vec<Member>,
    pub notes: Vec<Note>,
    pub consents: Vec<Consent>,
    pub proxies: Vec<Proxy>,
    pub lawful_bases: Vec<LawfulBasis>,
    pub competence: Vec<Competence>,
    pub recipients: Vec<Recipient>,
    pub withdrawals: Vec<Withdrawal>,
    pub withdrawn_from: Vec<WithdrawnFrom>,
    pub signposts: Vec<Signpost>,
    pub restrictions: Vec<Restriction>,
    pub named: Vec<Named>,
    pub supervisions: Vec<Supervision>,
    pub overrides: Vec<Override>,
    pub override_tasks: Vec<OverrideTask>,
    pub requests: Vec<Request>,
    pub items: Vec<Item>,
    pub gateways: Vec<Gateway>,
    pub holds: Vec<Hold>,
    pub watchers: Vec<Watcher>,
    pub outward: Vec<Outward>,
}

impl Facts {
    /// Reads all of it.
    pub async fn of(world: &World) -> Self {
        Self {
            organisations: Organisation::all(world).await,
            merges: Merge::all(world).await,
            teams: Team::all(world).await,
            services: Service::all(world).await,
            people: Person::all(world).await,
            identities: Identity::all(world).await,
            memberships: Membership::all(world).await,
            membership_teams: MembershipTeam::all(world).await,
            clients: Client::all(world).await,
            entries: Entry::all(world).await,
            referrals: Referral::all(world).await,
            steps: ReferralStep::all(world).await,
            questions: Question::all(world).await,
            duties: Duty::all(world).await,
            narratives: Narrative::all(world).await,
            offers: Offer::all(world).await,
            cases: Case::all(world).await,
            members: Member::all(world).await,
            notes: Note::all(world).await,
            consents: Consent::all(world).await,
            proxies: Proxy::all(world).await,
            lawful_bases: LawfulBasis::all(world).await,
            competence: Competence::all(world).await,
            recipients: Recipient::all(world).await,
            withdrawals: Withdrawal::all(world).await,
            withdrawn_from: WithdrawnFrom::all(world).await,
            signposts: Signpost::all(world).await,
            restrictions: Restriction::all(world).await,
            named: Named::all(world).await,
            supervisions: Supervision::all(world).await,
            overrides: Override::all(world).await,
            override_tasks: OverrideTask::all(world).await,
            requests: Request::all(world).await,
            items: Item::all(world).await,
            gateways: Gateway::all(world).await,
            holds: Hold::all(world).await,
            watchers: Watcher::all(world).await,
            outward: Outward::all(world).await,
        }
    }

    /// One document of each kind that can be asked for by its id, with nothing in it.
    pub fn one_of_each() -> Self {
        Self {
            clients: vec![Client::default()],
            referrals: vec![Referral::default()],
            cases: vec![Case::default()],
            notes: vec![Note::default()],
            consents: vec![Consent::default()],
            proxies: vec![Proxy::default()],
            signposts: vec![Signpost::default()],
            overrides: vec![Override::default()],
            requests: vec![Request::default()],
            items: vec![Item::default()],
            gateways: vec![Gateway::default()],
            outward: vec![Outward::default()],
            ..Self::default()
        }
    }

    /// The clients of this world, without those of the marked record, which is older than any world.
    pub fn clients_here(&self) -> Vec<Uuid> {
        self.clients.iter().filter(|c| c.created_at >= BEGINNING).map(|c| c.id).collect()
    }
}
