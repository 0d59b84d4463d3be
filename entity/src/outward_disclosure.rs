//! Table `outward_disclosure`.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outward_disclosure")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub client_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub recipient: String,
    pub implied_categories: i64,
    #[sea_orm(column_type = "Text")]
    pub basis: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub reference: Option<String>,
    pub categories: i64,
    pub reveals_location: bool,
    #[sea_orm(column_type = "Text")]
    pub summary: String,
    pub disclosed_at: i64,
    #[sea_orm(column_type = "Text")]
    pub tell: String,
    pub withhold_until: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub withhold_reason: Option<String>,
    pub recorded_by: Uuid,
    pub recorded_for: Uuid,
    pub recorded_at: i64,
    pub owner_id: Uuid,
    pub controller_id: Uuid,
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

impl Related<super::organisation::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::RecordedFor.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
