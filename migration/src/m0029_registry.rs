//! Organisations merged and unmerged, and whom to reach at one. `organisation.merged_into_id` is where the live merges lead.

crate::step!(
    r"
create table organisation_merge (
    id uuid primary key,
    merged_id uuid not null references organisation (id),
    into_id uuid not null references organisation (id),
    reason text not null,
    likeness_id uuid references organisation_likeness (id),
    merged_by uuid not null references person (id),
    merged_for uuid not null references organisation (id),
    merged_at bigint not null,
    undone_by uuid references person (id),
    undone_for uuid references organisation (id),
    undone_at bigint,
    undo_reason text,
    check (merged_id <> into_id)
);
create unique index organisation_merge_live on organisation_merge (merged_id) where undone_at is null;
create index organisation_merge_into on organisation_merge (into_id);
create index organisation_merged_into on organisation (merged_into_id) where merged_into_id is not null;
create table organisation_contact (
    id uuid primary key,
    organisation_id uuid not null references organisation (id),
    name text not null,
    role text,
    email text,
    phone text,
    note text,
    recorded_by uuid not null references person (id),
    recorded_for uuid not null references organisation (id),
    recorded_at bigint not null,
    ended_at bigint,
    version bigint not null
);
create index organisation_contact_organisation on organisation_contact (organisation_id) where ended_at is null;
",
    r"
drop table organisation_contact;
drop index organisation_merged_into;
drop table organisation_merge;
"
);
