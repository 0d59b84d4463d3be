//! Table `referral`.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "referral")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub client_id: Uuid,
    pub organisation_id: Uuid,
    pub sent_by: Uuid,
    pub private_sender: bool,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    #[sea_orm(column_type = "Text")]
    pub urgency: String,
    pub brought: i64,
    pub consent_id: Option<Uuid>,
    pub case_id: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub ground: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub ground_reason: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub outcome: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub outcome_text: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub next_step: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub refused_signposting: Option<String>,
    pub created_at: i64,
    pub submitted_at: Option<i64>,
    pub triaged_at: Option<i64>,
    pub accepted_at: Option<i64>,
    pub closed_at: Option<i64>,
    pub left_hub_at: Option<i64>,
    pub version: i64,
    pub contact_request: bool,
    pub triage_due: Option<i64>,
    pub urgency_rank: i64,
    pub assigned_to: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub sent_urgency: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub sender_reference: Option<String>,
}

/// Links to other tables.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::client::Entity", from = "Column::ClientId", to = "super::client::Column::Id")]
    Client,
    #[sea_orm(
        belongs_to = "super::organisation::Entity",
        from = "Column::OrganisationId",
        to = "super::organisation::Column::Id"
    )]
    Organisation,
    #[sea_orm(belongs_to = "super::person::Entity", from = "Column::SentBy", to = "super::person::Column::Id")]
    SentBy,
    #[sea_orm(belongs_to = "super::consent::Entity", from = "Column::ConsentId", to = "super::consent::Column::Id")]
    Consent,
}

impl Related<super::client::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Client.def()
    }
}

impl Related<super::organisation::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Organisation.def()
    }
}

impl Related<super::person::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::SentBy.def()
    }
}

impl Related<super::consent::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Consent.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
