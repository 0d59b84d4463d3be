//! How many people a team has room for, as the team states it, and which of its workers support people digitally alone.

crate::step!(
    r"
alter table team add column room bigint;
alter table team add column room_stated_at bigint;
create table team_digital_worker (
    team_id uuid not null references team (id),
    person_id uuid not null references person (id),
    primary key (team_id, person_id)
);
",
    r"
drop table team_digital_worker;
alter table team drop column room_stated_at;
alter table team drop column room;
"
);
