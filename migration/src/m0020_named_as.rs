//! As what somebody is named on a restriction (C7): as the lead worker of a case, for as long as nobody has taken over from them;
//! or because the restriction that this one follows from names them.

crate::step!(
    r"
alter table restriction_person add column case_id uuid;
alter table restriction_person add column alike boolean not null default false;
create index restriction_person_case on restriction_person (case_id) where case_id is not null;
",
    r"
drop index restriction_person_case;
alter table restriction_person drop column alike;
alter table restriction_person drop column case_id;
"
);
