//! What services state of whom they are for, as data: every version, and the current one beside the service.

crate::step!(
    r"
alter table service add column stated text;
create table service_criteria (
    id uuid primary key,
    service_id uuid not null references service (id),
    number bigint not null,
    stated text not null,
    changes text not null,
    changed_by uuid not null references person (id),
    changed_for uuid not null references organisation (id),
    changed_at bigint not null,
    unique (service_id, number)
);
create index service_criteria_changed on service_criteria (changed_at);
",
    r"
drop table service_criteria;
alter table service drop column stated;
"
);
