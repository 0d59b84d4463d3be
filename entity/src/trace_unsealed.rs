//! Table `trace_unsealed`.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "trace_unsealed")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    #[sea_orm(column_type = "Text")]
    pub request_id: String,
    #[sea_orm(column_type = "Text")]
    pub operation: String,
    pub person_id: Option<Uuid>,
    pub organisation_id: Option<Uuid>,
    pub roles: i64,
    pub client_id: Option<Uuid>,
    pub categories: i64,
    pub grants: Vec<u8>,
    #[sea_orm(column_type = "Text")]
    pub asked: String,
    pub at: i64,
}

/// Links to other tables.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
