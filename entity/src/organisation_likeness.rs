//! Table `organisation_likeness`.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organisation_likeness")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub first_id: Uuid,
    pub second_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    pub score: i64,
    #[sea_orm(column_type = "Text")]
    pub decision: String,
    pub decided_by: Option<Uuid>,
    pub decided_at: Option<i64>,
    pub created_at: i64,
}

/// Links to other tables.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::organisation::Entity",
        from = "Column::FirstId",
        to = "super::organisation::Column::Id"
    )]
    First,
    #[sea_orm(
        belongs_to = "super::organisation::Entity",
        from = "Column::SecondId",
        to = "super::organisation::Column::Id"
    )]
    Second,
}

impl ActiveModelBehavior for ActiveModel {}
