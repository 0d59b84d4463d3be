//! Table `supervision`.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "supervision")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub organisation_id: Uuid,
    pub worker_id: Uuid,
    pub supervisor_id: Uuid,
    pub starts_at: i64,
    pub until_at: i64,
    pub ended_at: Option<i64>,
    pub recorded_by: Uuid,
    pub recorded_at: i64,
    pub version: i64,
}

/// Links to other tables.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::organisation::Entity",
        from = "Column::OrganisationId",
        to = "super::organisation::Column::Id"
    )]
    Organisation,
    #[sea_orm(belongs_to = "super::person::Entity", from = "Column::WorkerId", to = "super::person::Column::Id")]
    Worker,
    #[sea_orm(belongs_to = "super::person::Entity", from = "Column::SupervisorId", to = "super::person::Column::Id")]
    Supervisor,
}

impl ActiveModelBehavior for ActiveModel {}
