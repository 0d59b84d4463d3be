//! Table `consent_withdrawal_recipient`.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "consent_withdrawal_recipient")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub withdrawal_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub organisation_id: Uuid,
}

/// Links to other tables.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::consent_withdrawal::Entity",
        from = "Column::WithdrawalId",
        to = "super::consent_withdrawal::Column::Id"
    )]
    Withdrawal,
    #[sea_orm(
        belongs_to = "super::organisation::Entity",
        from = "Column::OrganisationId",
        to = "super::organisation::Column::Id"
    )]
    Organisation,
}

impl Related<super::consent_withdrawal::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Withdrawal.def()
    }
}

impl Related<super::organisation::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Organisation.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
