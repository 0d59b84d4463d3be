//! Table `access_override`.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "access_override")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub client_id: Uuid,
    pub request_id: Option<Uuid>,
    pub person_id: Uuid,
    pub organisation_id: Uuid,
    pub categories: i64,
    #[sea_orm(column_type = "Text")]
    pub ground: String,
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    pub hours: i64,
    pub asked_at: i64,
    pub needs_passes: i64,
    pub needs_review: bool,
    pub lapses_at: i64,
    pub passes: i64,
    pub opened_at: Option<i64>,
    pub until_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub cosigned_by: Option<Uuid>,
    pub cosigned_for: Option<Uuid>,
    pub cosigned_at: Option<i64>,
    pub review_due_at: Option<i64>,
    pub escalated_at: Option<i64>,
    pub reviewed_by: Option<Uuid>,
    pub reviewed_for: Option<Uuid>,
    pub reviewed_at: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub verdict: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub review_reason: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub tell: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub withheld_until: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub withheld_because: Option<String>,
    pub version: i64,
}

/// Links to other tables.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::client::Entity", from = "Column::ClientId", to = "super::client::Column::Id")]
    Client,
    #[sea_orm(
        belongs_to = "super::override_request::Entity",
        from = "Column::RequestId",
        to = "super::override_request::Column::Id"
    )]
    Request,
    #[sea_orm(belongs_to = "super::person::Entity", from = "Column::PersonId", to = "super::person::Column::Id")]
    Person,
    #[sea_orm(
        belongs_to = "super::organisation::Entity",
        from = "Column::OrganisationId",
        to = "super::organisation::Column::Id"
    )]
    Organisation,
}

impl Related<super::client::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Client.def()
    }
}

impl Related<super::person::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Person.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
