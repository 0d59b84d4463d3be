//! Table `consent`.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "consent")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub client_id: Uuid,
    pub referral_id: Option<Uuid>,
    pub all_partners: bool,
    pub purposes: i64,
    pub categories: i64,
    #[sea_orm(column_type = "Text")]
    pub given_by: String,
    #[sea_orm(column_type = "Text")]
    pub given_how: String,
    #[sea_orm(column_type = "Text")]
    pub evidence: String,
    pub given_at: i64,
    pub expires_at: i64,
    pub recorded_by: Uuid,
    pub recorded_for: Uuid,
    pub recorded_at: i64,
    pub owner_id: Uuid,
    pub proxy_id: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub decided_by: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub decision_reason: Option<String>,
}

/// Links to other tables.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::client::Entity", from = "Column::ClientId", to = "super::client::Column::Id")]
    Client,
    #[sea_orm(belongs_to = "super::person::Entity", from = "Column::RecordedBy", to = "super::person::Column::Id")]
    RecordedBy,
    #[sea_orm(
        belongs_to = "super::organisation::Entity",
        from = "Column::RecordedFor",
        to = "super::organisation::Column::Id"
    )]
    RecordedFor,
}

impl Related<super::client::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Client.def()
    }
}

impl Related<super::person::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::RecordedBy.def()
    }
}

impl Related<super::organisation::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::RecordedFor.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
