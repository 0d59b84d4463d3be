//! Table `organisation_merge`.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organisation_merge")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub merged_id: Uuid,
    pub into_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    pub likeness_id: Option<Uuid>,
    pub merged_by: Uuid,
    pub merged_for: Uuid,
    pub merged_at: i64,
    pub undone_by: Option<Uuid>,
    pub undone_for: Option<Uuid>,
    pub undone_at: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub undo_reason: Option<String>,
}

/// Links to other tables.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::organisation::Entity",
        from = "Column::MergedId",
        to = "super::organisation::Column::Id"
    )]
    Merged,
    #[sea_orm(
        belongs_to = "super::organisation::Entity",
        from = "Column::IntoId",
        to = "super::organisation::Column::Id"
    )]
    Into,
}

impl ActiveModelBehavior for ActiveModel {}
