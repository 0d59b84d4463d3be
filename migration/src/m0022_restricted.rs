//! Whether a live restriction stands on the client, kept with every grant by the database itself: most clients have none, and a
//! statement looks for restrictions only where the mark says that there are some. Triggers, so that no writer can forget it.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

/// This step.
pub struct Migration;

const COLUMN: &str = "
alter table access_grant add column restricted boolean not null default false;
update access_grant set restricted = exists (select 1 from restriction x
    where x.client_id = access_grant.client_id and x.ended_at is null);
";
const SQLITE: &str = "
create trigger access_grant_restricted after insert on access_grant begin
    update access_grant set restricted = exists (select 1 from restriction x
        where x.client_id = new.client_id and x.ended_at is null) where id = new.id;
end;
create trigger restriction_set after insert on restriction begin
    update access_grant set restricted = exists (select 1 from restriction x
        where x.client_id = new.client_id and x.ended_at is null) where client_id = new.client_id and ended_at is null;
end;
create trigger restriction_changed after update on restriction begin
    update access_grant set restricted = exists (select 1 from restriction x
        where x.client_id = access_grant.client_id and x.ended_at is null)
        where client_id in (new.client_id, old.client_id) and ended_at is null;
end;
create trigger restriction_gone after delete on restriction begin
    update access_grant set restricted = exists (select 1 from restriction x
        where x.client_id = old.client_id and x.ended_at is null) where client_id = old.client_id and ended_at is null;
end;
";
const POSTGRES: &str = "
create function access_grant_restricted() returns trigger language plpgsql as $$ begin
    new.restricted := exists (select 1 from restriction x where x.client_id = new.client_id and x.ended_at is null);
    return new;
end $$;
create trigger access_grant_restricted before insert on access_grant
    for each row execute function access_grant_restricted();
create function restriction_changed() returns trigger language plpgsql as $$ begin
    update access_grant g set restricted = exists (select 1 from restriction x
        where x.client_id = g.client_id and x.ended_at is null)
        where g.client_id in (new.client_id, old.client_id) and g.ended_at is null;
    return null;
end $$;
create trigger restriction_changed after insert or update or delete on restriction
    for each row execute function restriction_changed();
";
const DOWN_SQLITE: &str = "
drop trigger restriction_gone;
drop trigger restriction_changed;
drop trigger restriction_set;
drop trigger access_grant_restricted;
alter table access_grant drop column restricted;
";
const DOWN_POSTGRES: &str = "
drop trigger restriction_changed on restriction;
drop function restriction_changed();
drop trigger access_grant_restricted on access_grant;
drop function access_grant_restricted();
alter table access_grant drop column restricted;
";

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0022_restricted"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let triggers = if manager.get_database_backend() == DbBackend::Sqlite { SQLITE } else { POSTGRES };
        manager.get_connection().execute_unprepared(&format!("{COLUMN}{triggers}")).await.map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let script = if manager.get_database_backend() == DbBackend::Sqlite { DOWN_SQLITE } else { DOWN_POSTGRES };
        manager.get_connection().execute_unprepared(script).await.map(|_| ())
    }
}
