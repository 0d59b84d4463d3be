//! Table `legal_gateway`.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "legal_gateway")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub client_id: Uuid,
    pub recipient_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    #[sea_orm(column_type = "Text")]
    pub reference: String,
    pub categories: i64,
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    pub starts_at: i64,
    pub until_at: i64,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub recorded_by: Uuid,
    pub recorded_for: Uuid,
    pub recorded_at: i64,
    pub owner_id: Uuid,
    pub controller_id: Uuid,
    pub decided_by: Option<Uuid>,
    pub decided_at: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub decision_reason: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub tell: Option<String>,
    pub withhold_until: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub withhold_reason: Option<String>,
    pub ended_by: Option<Uuid>,
    pub ended_for: Option<Uuid>,
    pub ended_at: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub end_reason: Option<String>,
    pub version: i64,
}

/// Links to other tables.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::client::Entity", from = "Column::ClientId", to = "super::client::Column::Id")]
    Client,
    #[sea_orm(
        belongs_to = "super::organisation::Entity",
        from = "Column::RecipientId",
        to = "super::organisation::Column::Id"
    )]
    Recipient,
    #[sea_orm(belongs_to = "super::person::Entity", from = "Column::RecordedBy", to = "super::person::Column::Id")]
    RecordedBy,
    #[sea_orm(
        belongs_to = "super::organisation::Entity",
        from = "Column::RecordedFor",
        to = "super::organisation::Column::Id"
    )]
    RecordedFor,
    #[sea_orm(belongs_to = "super::person::Entity", from = "Column::DecidedBy", to = "super::person::Column::Id")]
    DecidedBy,
    #[sea_orm(belongs_to = "super::person::Entity", from = "Column::EndedBy", to = "super::person::Column::Id")]
    EndedBy,
    #[sea_orm(
        belongs_to = "super::organisation::Entity",
        from = "Column::EndedFor",
        to = "super::organisation::Column::Id"
    )]
    EndedFor,
}

impl Related<super::client::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Client.def()
    }
}

impl Related<super::organisation::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Recipient.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
