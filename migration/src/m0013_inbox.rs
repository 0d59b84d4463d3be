//! The inbox: what a person is to see or do for an organisation.
//!
//! An item names the document it is about (`subject`, its global id, and `subject_id`, the bare one that a grant's scope is
//! compared with) and the client, where it is about one. Kinds come with the rules that post them, so the column has no CHECK.

crate::step!(
    r"
create table inbox_item (
    id uuid primary key,
    person_id uuid not null references person (id),
    organisation_id uuid not null references organisation (id),
    kind text not null,
    subject text not null,
    subject_id uuid not null,
    client_id uuid references client (id),
    posted_at bigint not null,
    due_at bigint,
    read_at bigint,
    done_at bigint
);
create index inbox_item_person on inbox_item (person_id, organisation_id, id);
create index inbox_item_subject on inbox_item (subject_id) where done_at is null;
",
    r"
drop table inbox_item;
"
);
