//! Table `case_note`.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_note")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub case_id: Uuid,
    pub client_id: Uuid,
    pub categories: i64,
    #[sea_orm(column_type = "Text")]
    pub visibility: String,
    pub reveals_location: bool,
    #[sea_orm(column_type = "Text")]
    pub body: String,
    pub recorded_by: Uuid,
    pub recorded_for: Uuid,
    pub recorded_team_id: Option<Uuid>,
    pub owner_id: Uuid,
    pub controller_id: Uuid,
    pub recorded_at: i64,
    pub replaces_id: Option<Uuid>,
    pub replaced_at: Option<i64>,
    pub version: i64,
}

/// Links to other tables.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::shared_case::Entity",
        from = "Column::CaseId",
        to = "super::shared_case::Column::Id"
    )]
    Case,
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
    #[sea_orm(belongs_to = "super::team::Entity", from = "Column::RecordedTeamId", to = "super::team::Column::Id")]
    RecordedTeam,
    #[sea_orm(
        belongs_to = "super::organisation::Entity",
        from = "Column::ControllerId",
        to = "super::organisation::Column::Id"
    )]
    Controller,
    #[sea_orm(belongs_to = "Entity", from = "Column::ReplacesId", to = "Column::Id")]
    Replaces,
}

impl Related<super::shared_case::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Case.def()
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

impl Related<super::team::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::RecordedTeam.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
