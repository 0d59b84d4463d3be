//! Shared cases: the episode of support, its member teams with their sharing agreements, and notes.

crate::step!(
    r"
create table shared_case (
    id uuid primary key,
    client_id uuid not null references client (id),
    referral_id uuid references referral (id),
    previous_case_id uuid references shared_case (id),
    lead_organisation_id uuid not null references organisation (id),
    lead_team_id uuid not null references team (id),
    lead_worker_id uuid not null references person (id),
    stage text not null check (stage in ('DOING_FOR', 'DOING_WITH', 'SUSTAINING_INDEPENDENCE')),
    opened_at bigint not null,
    closed_at bigint,
    closure_kind text check (closure_kind in ('PLANNED', 'UNPLANNED')),
    closure_reason text,
    version bigint not null
);
create index shared_case_client on shared_case (client_id);
create table case_member (
    id uuid primary key,
    case_id uuid not null references shared_case (id),
    client_id uuid not null references client (id),
    organisation_id uuid not null references organisation (id),
    team_id uuid not null references team (id),
    member_role text not null,
    agreed bigint not null,
    joined_by uuid not null references person (id),
    joined_at bigint not null,
    left_at bigint,
    left_reason text,
    version bigint not null
);
create unique index case_member_live on case_member (case_id, team_id) where left_at is null;
create index case_member_client on case_member (client_id);
create table case_note (
    id uuid primary key,
    case_id uuid not null references shared_case (id),
    client_id uuid not null references client (id),
    categories bigint not null,
    visibility text not null check (visibility in ('TEAM', 'AGENCY', 'THIRD_PARTY', 'REFLECTIVE')),
    reveals_location boolean not null,
    body text not null,
    recorded_by uuid not null references person (id),
    recorded_for uuid not null references organisation (id),
    recorded_team_id uuid references team (id),
    owner_id uuid not null,
    controller_id uuid not null references organisation (id),
    recorded_at bigint not null,
    replaces_id uuid references case_note (id),
    replaced_at bigint,
    version bigint not null
);
create index case_note_case on case_note (case_id, id);
create index case_note_client on case_note (client_id);
",
    r"
drop table case_note;
drop table case_member;
drop table shared_case;
"
);
