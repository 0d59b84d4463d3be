//! Table `lawful_basis`.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lawful_basis")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub client_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub basis: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub special_condition: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub schedule_condition: Option<String>,
    pub categories: i64,
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    pub starts_at: i64,
    pub until_at: i64,
    pub ended_by: Option<Uuid>,
    pub ended_at: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub end_reason: Option<String>,
    pub recorded_by: Uuid,
    pub recorded_for: Uuid,
    pub recorded_at: i64,
    pub owner_id: Uuid,
    pub version: i64,
}

/// Links to other tables.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::client::Entity", from = "Column::ClientId", to = "super::client::Column::Id")]
    Client,
    #[sea_orm(
        belongs_to = "super::organisation::Entity",
        from = "Column::RecordedFor",
        to = "super::organisation::Column::Id"
    )]
    Organisation,
}

impl ActiveModelBehavior for ActiveModel {}
