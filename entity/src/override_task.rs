//! Table `override_task`.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "override_task")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub override_id: Uuid,
    pub client_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub organisation_id: Uuid,
    pub given_at: i64,
    pub done_at: Option<i64>,
}

/// Links to other tables.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::access_override::Entity",
        from = "Column::OverrideId",
        to = "super::access_override::Column::Id"
    )]
    Override,
    #[sea_orm(belongs_to = "super::person::Entity", from = "Column::PersonId", to = "super::person::Column::Id")]
    Person,
}

impl Related<super::access_override::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Override.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
