//! The duty to refer of public bodies (Housing Act 1996, section 213B): at most one a referral at a time.

crate::step!(
    r"
create table duty_to_refer (
    id uuid primary key,
    referral_id uuid not null references referral (id),
    client_id uuid not null references client (id),
    authority_id uuid not null references organisation (id),
    reason text not null,
    evidence text not null,
    agreed_at bigint not null,
    recorded_by uuid not null references person (id),
    recorded_for uuid not null references organisation (id),
    recorded_at bigint not null,
    passed_by uuid references person (id),
    passed_for uuid references organisation (id),
    passed_at bigint,
    acknowledged_by uuid references person (id),
    acknowledged_for uuid references organisation (id),
    acknowledged_at bigint,
    reference text,
    ended_by uuid references person (id),
    ended_for uuid references organisation (id),
    ended_at bigint,
    end_reason text
);
create unique index duty_to_refer_live on duty_to_refer (referral_id) where ended_at is null;
create index duty_to_refer_referral on duty_to_refer (referral_id);
create index duty_to_refer_client on duty_to_refer (client_id);
",
    r"
drop table duty_to_refer;
"
);
