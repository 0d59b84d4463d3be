//! Who supervises whom within one organisation, from when until when (C10): the one other person whom a reflective note opens to.

crate::step!(
    r"
create table supervision (
    id uuid primary key,
    organisation_id uuid not null references organisation (id),
    worker_id uuid not null references person (id),
    supervisor_id uuid not null references person (id),
    starts_at bigint not null,
    until_at bigint not null,
    ended_at bigint,
    recorded_by uuid not null references person (id),
    recorded_at bigint not null,
    version bigint not null,
    check (worker_id <> supervisor_id)
);
create index supervision_live on supervision (worker_id, organisation_id, supervisor_id) where ended_at is null;
create index supervision_organisation on supervision (organisation_id, id);
",
    r"
drop table supervision;
"
);
