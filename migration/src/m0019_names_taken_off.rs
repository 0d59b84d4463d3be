//! Who asked first for a name to be taken off a restriction (C7).

crate::step!(
    r"
alter table restriction_person add column off_asked_by uuid;
alter table restriction_person add column off_asked_at bigint;
",
    r"
alter table restriction_person drop column off_asked_at;
alter table restriction_person drop column off_asked_by;
"
);
