//! Table `duty_to_refer`.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "duty_to_refer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub referral_id: Uuid,
    pub client_id: Uuid,
    pub authority_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    #[sea_orm(column_type = "Text")]
    pub evidence: String,
    pub agreed_at: i64,
    pub recorded_by: Uuid,
    pub recorded_for: Uuid,
    pub recorded_at: i64,
    pub passed_by: Option<Uuid>,
    pub passed_for: Option<Uuid>,
    pub passed_at: Option<i64>,
    pub acknowledged_by: Option<Uuid>,
    pub acknowledged_for: Option<Uuid>,
    pub acknowledged_at: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub reference: Option<String>,
    pub ended_by: Option<Uuid>,
    pub ended_for: Option<Uuid>,
    pub ended_at: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub end_reason: Option<String>,
}

/// Links to other tables.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::referral::Entity",
        from = "Column::ReferralId",
        to = "super::referral::Column::Id"
    )]
    Referral,
    #[sea_orm(
        belongs_to = "super::organisation::Entity",
        from = "Column::AuthorityId",
        to = "super::organisation::Column::Id"
    )]
    Authority,
}

impl Related<super::referral::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Referral.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
