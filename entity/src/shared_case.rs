//! Table `shared_case`.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "shared_case")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub client_id: Uuid,
    pub referral_id: Option<Uuid>,
    pub previous_case_id: Option<Uuid>,
    pub lead_organisation_id: Uuid,
    pub lead_team_id: Uuid,
    pub lead_worker_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub stage: String,
    pub opened_at: i64,
    pub closed_at: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub closure_kind: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub closure_reason: Option<String>,
    pub version: i64,
}

/// Links to other tables.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::client::Entity", from = "Column::ClientId", to = "super::client::Column::Id")]
    Client,
    #[sea_orm(
        belongs_to = "super::referral::Entity",
        from = "Column::ReferralId",
        to = "super::referral::Column::Id"
    )]
    Referral,
    #[sea_orm(belongs_to = "Entity", from = "Column::PreviousCaseId", to = "Column::Id")]
    PreviousCase,
    #[sea_orm(
        belongs_to = "super::organisation::Entity",
        from = "Column::LeadOrganisationId",
        to = "super::organisation::Column::Id"
    )]
    LeadOrganisation,
    #[sea_orm(belongs_to = "super::team::Entity", from = "Column::LeadTeamId", to = "super::team::Column::Id")]
    LeadTeam,
    #[sea_orm(belongs_to = "super::person::Entity", from = "Column::LeadWorkerId", to = "super::person::Column::Id")]
    LeadWorker,
}

impl Related<super::client::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Client.def()
    }
}

impl Related<super::referral::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Referral.def()
    }
}

impl Related<super::organisation::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::LeadOrganisation.def()
    }
}

impl Related<super::team::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::LeadTeam.def()
    }
}

impl Related<super::person::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::LeadWorker.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
