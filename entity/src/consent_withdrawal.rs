//! Table `consent_withdrawal`.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "consent_withdrawal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub consent_id: Uuid,
    pub client_id: Uuid,
    pub categories: i64,
    #[sea_orm(column_type = "Text")]
    pub withdrawn_by: String,
    pub recorded_by: Uuid,
    pub recorded_for: Uuid,
    pub recorded_at: i64,
}

/// Links to other tables.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::consent::Entity", from = "Column::ConsentId", to = "super::consent::Column::Id")]
    Consent,
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

impl Related<super::consent::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Consent.def()
    }
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
