//! Table `signpost`.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signpost")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub client_id: Uuid,
    pub referral_id: Option<Uuid>,
    pub case_id: Option<Uuid>,
    pub service_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub told: String,
    #[sea_orm(column_type = "Text")]
    pub channel: String,
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    pub recorded_by: Uuid,
    pub recorded_for: Uuid,
    pub recorded_at: i64,
    pub owner_id: Uuid,
    #[sea_orm(column_type = "Text", nullable)]
    pub follow_up: Option<String>,
    pub followed_up_by: Option<Uuid>,
    pub followed_up_at: Option<i64>,
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
    #[sea_orm(
        belongs_to = "super::shared_case::Entity",
        from = "Column::CaseId",
        to = "super::shared_case::Column::Id"
    )]
    Case,
    #[sea_orm(belongs_to = "super::service::Entity", from = "Column::ServiceId", to = "super::service::Column::Id")]
    Service,
    #[sea_orm(belongs_to = "super::person::Entity", from = "Column::RecordedBy", to = "super::person::Column::Id")]
    RecordedBy,
    #[sea_orm(
        belongs_to = "super::organisation::Entity",
        from = "Column::RecordedFor",
        to = "super::organisation::Column::Id"
    )]
    RecordedFor,
    #[sea_orm(belongs_to = "super::person::Entity", from = "Column::FollowedUpBy", to = "super::person::Column::Id")]
    FollowedUpBy,
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

impl Related<super::shared_case::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Case.def()
    }
}

impl Related<super::service::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Service.def()
    }
}

impl Related<super::organisation::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::RecordedFor.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
