//! Table `restriction_person`.

use sea_orm::entity::prelude::*;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "restriction_person")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub restriction_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: Uuid,
    pub offer_id: Option<Uuid>,
    pub off_asked_by: Option<Uuid>,
    pub off_asked_at: Option<i64>,
    pub case_id: Option<Uuid>,
    pub alike: bool,
}

/// Links to other tables.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::restriction::Entity",
        from = "Column::RestrictionId",
        to = "super::restriction::Column::Id"
    )]
    Restriction,
    #[sea_orm(belongs_to = "super::person::Entity", from = "Column::PersonId", to = "super::person::Column::Id")]
    Person,
}

impl Related<super::restriction::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Restriction.def()
    }
}

impl Related<super::person::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Person.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
