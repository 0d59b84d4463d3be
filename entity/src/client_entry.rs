//! Table `client_entry`.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "client_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub client_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub category: String,
    pub category_bit: i64,
    #[sea_orm(column_type = "Text")]
    pub body: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub search_key: Option<String>,
    pub reveals_location: bool,
    pub referral_id: Option<Uuid>,
    pub recorded_by: Uuid,
    pub recorded_for: Uuid,
    pub owner_id: Uuid,
    pub controller_id: Uuid,
    pub recorded_at: i64,
    pub replaces_id: Option<Uuid>,
    pub replaced_at: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub correction_reason: Option<String>,
    pub version: i64,
    pub third_party: bool,
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
    #[sea_orm(
        belongs_to = "super::organisation::Entity",
        from = "Column::ControllerId",
        to = "super::organisation::Column::Id"
    )]
    Controller,
    #[sea_orm(belongs_to = "Entity", from = "Column::ReplacesId", to = "Column::Id")]
    Replaces,
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

impl ActiveModelBehavior for ActiveModel {}
