//! How long each organisation keeps records after the last closure, and legal holds, which win over it (C24).

crate::step!(
    r"
alter table organisation add column retention_years bigint not null default 7;
create table legal_hold (
    id uuid primary key,
    client_id uuid not null references client (id),
    organisation_id uuid not null references organisation (id),
    reference text not null,
    reason text not null,
    placed_by uuid not null references person (id),
    placed_at bigint not null,
    lifted_by uuid references person (id),
    lifted_at bigint,
    lift_reason text,
    version bigint not null,
    check ((lifted_at is null) = (lift_reason is null))
);
create index legal_hold_live on legal_hold (client_id, organisation_id) where lifted_at is null;
create index legal_hold_organisation on legal_hold (organisation_id, id);
",
    r"
drop table legal_hold;
alter table organisation drop column retention_years;
"
);
