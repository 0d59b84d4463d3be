//! Reversible schema steps of the Alliance database, one per file, for SQLite and PostgreSQL alike.
//!
//! Types are the portable ones: `uuid`, `text`, `bigint` (times are microseconds since 1970-01-01T00:00Z, category
//! sets are bit masks), `boolean`, and `@bytes` (`bytea` or `blob`). Enums are text codes with a CHECK. Nothing here may be
//! changed once released: add a step.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

mod m0001_organisations;
mod m0002_people;
mod m0003_clients;
mod m0004_consent;
mod m0005_referrals;
mod m0006_cases;
mod m0007_signposts;
mod m0008_access;
mod m0009_trace;
mod m0010_conventions;
mod m0011_entry_index;
mod m0012_restrictions;
mod m0013_inbox;
mod m0014_overrides;
mod m0015_legal_gateways;
mod m0016_supervision;
mod m0017_proxies;
mod m0018_retention;
mod m0019_names_taken_off;
mod m0020_named_as;
mod m0022_restricted;
mod m0023_marked_narratives;
mod m0024_lawful_basis;
mod m0025_criteria;
mod m0026_contact_requests;
mod m0027_triage;
mod m0028_sender_reference;
mod m0029_registry;
mod m0030_urgency_at_triage;
mod m0031_duty_to_refer;
mod m0032_room;

/// All steps, in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_organisations::Migration),
            Box::new(m0002_people::Migration),
            Box::new(m0003_clients::Migration),
            Box::new(m0004_consent::Migration),
            Box::new(m0005_referrals::Migration),
            Box::new(m0006_cases::Migration),
            Box::new(m0007_signposts::Migration),
            Box::new(m0008_access::Migration),
            Box::new(m0009_trace::Migration),
            Box::new(m0010_conventions::Migration),
            Box::new(m0011_entry_index::Migration),
            Box::new(m0012_restrictions::Migration),
            Box::new(m0016_supervision::Migration),
            Box::new(m0013_inbox::Migration),
            Box::new(m0014_overrides::Migration),
            Box::new(m0015_legal_gateways::Migration),
            Box::new(m0017_proxies::Migration),
            Box::new(m0018_retention::Migration),
            Box::new(m0019_names_taken_off::Migration),
            Box::new(m0020_named_as::Migration),
            Box::new(m0022_restricted::Migration),
            Box::new(m0023_marked_narratives::Migration),
            Box::new(m0024_lawful_basis::Migration),
            Box::new(m0025_criteria::Migration),
            Box::new(m0026_contact_requests::Migration),
            Box::new(m0027_triage::Migration),
            Box::new(m0028_sender_reference::Migration),
            Box::new(m0029_registry::Migration),
            Box::new(m0030_urgency_at_triage::Migration),
            Box::new(m0031_duty_to_refer::Migration),
            Box::new(m0032_room::Migration),
        ]
    }
}

/// Runs a script of statements, with the few words that the two databases spell differently put in.
pub(crate) async fn run(manager: &SchemaManager<'_>, script: &str) -> Result<(), DbErr> {
    let bytes = match manager.get_database_backend() {
        sea_orm::DbBackend::Sqlite => "blob",
        _ => "bytea",
    };
    let script = script.replace("@bytes", bytes);
    manager.get_connection().execute_unprepared(&script).await.map(|_| ())
}

/// A step made of two scripts.
macro_rules! step {
    ($up:expr, $down:expr) => {
        /// This step.
        pub struct Migration;

        impl sea_orm_migration::MigrationName for Migration {
            fn name(&self) -> &str {
                module_path!().rsplit("::").next().unwrap_or_default()
            }
        }

        #[async_trait::async_trait]
        impl sea_orm_migration::MigrationTrait for Migration {
            async fn up(&self, manager: &sea_orm_migration::SchemaManager) -> Result<(), sea_orm_migration::DbErr> {
                crate::run(manager, $up).await
            }

            async fn down(&self, manager: &sea_orm_migration::SchemaManager) -> Result<(), sea_orm_migration::DbErr> {
                crate::run(manager, $down).await
            }
        }
    };
}
pub(crate) use step;
