//! Breaking the glass (C16): requests for a record that whoever asks cannot see, overrides, and the leads who look at them.
//!
//! A request is bound to no client: it holds what was asked, and is matched after its commit. An override is; it waits for a
//! co-signature, is open, and is reviewed, each with its moment.

crate::step!(
    r"
create table override_request (
    id uuid primary key,
    person_id uuid not null references person (id),
    organisation_id uuid not null references organisation (id),
    given_name text not null,
    family_name text not null,
    date_of_birth text not null,
    categories bigint not null,
    ground text not null check (ground in ('SERIOUS_HARM_TO_SELF', 'SERIOUS_HARM_TO_OTHERS', 'CHILD_AT_RISK',
        'ADULT_AT_RISK', 'PUBLIC_PROTECTION')),
    reason text not null,
    hours bigint not null,
    asked_at bigint not null,
    asked_on text not null,
    matched_at bigint
);
create index override_request_person on override_request (person_id, asked_on);
create index override_request_due on override_request (id) where matched_at is null;
create table access_override (
    id uuid primary key,
    client_id uuid not null references client (id),
    request_id uuid references override_request (id),
    person_id uuid not null references person (id),
    organisation_id uuid not null references organisation (id),
    categories bigint not null,
    ground text not null check (ground in ('SERIOUS_HARM_TO_SELF', 'SERIOUS_HARM_TO_OTHERS', 'CHILD_AT_RISK',
        'ADULT_AT_RISK', 'PUBLIC_PROTECTION')),
    reason text not null,
    hours bigint not null check (hours between 1 and 24),
    asked_at bigint not null,
    needs_passes bigint not null,
    needs_review boolean not null,
    lapses_at bigint not null,
    passes bigint not null,
    opened_at bigint,
    until_at bigint,
    ended_at bigint,
    cosigned_by uuid references person (id),
    cosigned_for uuid references organisation (id),
    cosigned_at bigint,
    review_due_at bigint,
    escalated_at bigint,
    reviewed_by uuid references person (id),
    reviewed_for uuid references organisation (id),
    reviewed_at bigint,
    verdict text check (verdict in ('JUSTIFIED', 'NOT_JUSTIFIED')),
    review_reason text,
    tell text check (tell in ('TELL', 'WITHHOLD')),
    withheld_until text,
    withheld_because text,
    version bigint not null
);
create index access_override_client on access_override (client_id);
create index access_override_person on access_override (person_id) where reviewed_at is null;
create index access_override_due on access_override (review_due_at) where reviewed_at is null and escalated_at is null;
create index access_override_waiting on access_override (lapses_at) where opened_at is null and ended_at is null;
create table override_task (
    override_id uuid not null references access_override (id),
    client_id uuid not null references client (id),
    person_id uuid not null references person (id),
    organisation_id uuid not null references organisation (id),
    given_at bigint not null,
    done_at bigint,
    primary key (override_id, person_id, organisation_id)
);
create index override_task_client on override_task (client_id);
",
    r"
drop table override_task;
drop table access_override;
drop table override_request;
"
);
