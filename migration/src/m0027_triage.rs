//! Triage: what the hub asks and what is answered, by when each referral is due, and who of the hub has it in hand.
//!
//! The working days of a referral that was open before are not known here: it is due when it came in, until its next step.

crate::step!(
    r"
create table referral_question (
    id uuid primary key,
    referral_id uuid not null references referral (id),
    client_id uuid not null references client (id),
    categories bigint not null,
    question text not null,
    asked_by uuid not null references person (id),
    asked_for uuid not null references organisation (id),
    asked_at bigint not null,
    answer_categories bigint,
    answer text,
    answered_by uuid references person (id),
    answered_for uuid references organisation (id),
    answered_by_sender boolean not null default false,
    answered_at bigint
);
create index referral_question_referral on referral_question (referral_id);
create index referral_question_client on referral_question (client_id);
alter table referral add column triage_due bigint;
alter table referral add column urgency_rank bigint not null default 3;
alter table referral add column assigned_to uuid references person (id);
update referral set urgency_rank = case urgency when 'HOMELESS_NOW' then 0 when 'EVICTION_WITHIN_DAYS' then 1
    when 'WITHIN_56_DAYS' then 2 else 3 end;
update referral set triage_due = submitted_at where state in ('SUBMITTED', 'AWAITING_INFORMATION', 'OFFERED', 'DECLINE_REVIEW');
create index referral_queue on referral (urgency_rank, triage_due, id)
    where state in ('SUBMITTED', 'AWAITING_INFORMATION', 'OFFERED', 'DECLINE_REVIEW');
create index referral_queue_state on referral (state, urgency_rank, triage_due, id)
    where state in ('SUBMITTED', 'AWAITING_INFORMATION', 'OFFERED', 'DECLINE_REVIEW');
create index referral_queue_assigned on referral (assigned_to, urgency_rank, triage_due, id)
    where state in ('SUBMITTED', 'AWAITING_INFORMATION', 'OFFERED', 'DECLINE_REVIEW') and assigned_to is not null;
create index referral_queue_unassigned on referral (urgency_rank, triage_due, id)
    where state in ('SUBMITTED', 'AWAITING_INFORMATION', 'OFFERED', 'DECLINE_REVIEW') and assigned_to is null;
create index referral_queue_sender on referral (organisation_id, urgency_rank, triage_due, id)
    where state in ('SUBMITTED', 'AWAITING_INFORMATION', 'OFFERED', 'DECLINE_REVIEW');
",
    r"
drop index referral_queue_sender;
drop index referral_queue_unassigned;
drop index referral_queue_assigned;
drop index referral_queue_state;
drop index referral_queue;
alter table referral drop column assigned_to;
alter table referral drop column urgency_rank;
alter table referral drop column triage_due;
drop table referral_question;
"
);
