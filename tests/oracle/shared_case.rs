//! What the service must answer about shared cases, their teams and notes, and about signposts.

use super::facts::{Case, Note, Signpost};
use super::rules::{Basis, Key, Reach, Set, open_within};
use super::shown::{Field, Oracle, asked, global, moment, moment_or_null, object};
use serde_json::{Value, json};
use std::cmp::Reverse;
use uuid::Uuid;

impl Oracle<'_> {
    fn keys_to_case(&self, k: &Case) -> Vec<Key> {
        let sight = self.sight(k.client_id);
        sight.keys.iter().filter(|key| key.opens_client() && key.reaches_case(k)).copied().collect()
    }

    /// A case by its id.
    pub fn shared_case(&self, fields: &[Field], id: Uuid) -> Value {
        self.facts.cases.iter().find(|k| k.id == id).map_or(Value::Null, |k| self.of_case(fields, k))
    }

    /// All cases the viewer sees, newest first.
    pub fn cases(&self, field: &Field) -> Value {
        self.cases_where(field, |_| true)
    }

    /// Those of a client.
    pub fn cases_of(&self, field: &Field, client: Uuid) -> Value {
        self.cases_where(field, |k| k.client_id == client)
    }

    fn cases_where(&self, field: &Field, which: impl Fn(&Case) -> bool) -> Value {
        let status = field.only.map(|(_, s)| s);
        let fits = |k: &&Case| which(k) && status.is_none_or(|s| (s == "OPEN") == k.closed_at.is_none());
        let seen = self.facts.cases.iter().filter(fits).filter(|k| !self.keys_to_case(k).is_empty());
        let mut all: Vec<_> = seen.map(|k| (k.id, k)).collect();
        all.sort_by_key(|(id, _)| Reverse(*id));
        self.page(field, "case", &all, |fields, k| self.of_case(fields, k))
    }

    fn of_case(&self, fields: &[Field], k: &Case) -> Value {
        let keys = self.keys_to_case(k);
        if keys.is_empty() {
            return Value::Null;
        }
        let v = self.viewer;
        let open = open_within(&keys, &[Some(k.id)]);
        let running = k.closed_at.is_none();
        object(fields, |f| match f.name {
            "id" => global("case", k.id),
            "version" => json!(k.version),
            "status" => json!(if running { "OPEN" } else { "CLOSED" }),
            "stage" => json!(k.stage),
            "openedAt" => moment(k.opened_at),
            "closedAt" => moment_or_null(k.closed_at),
            "closureKind" => json!(k.closure_kind),
            // C11: a reason can imply a category.
            "closureReason" => {
                let implied = match k.closure_reason.as_deref() {
                    Some("PRISON") => Some("OFFENDING"),
                    Some("HOSPITAL") => Some("HEALTH"),
                    _ => None,
                };
                let own = k.lead_organisation_id == self.viewer.organisation;
                if own || implied.is_none_or(|c| open.has(c)) { json!(k.closure_reason) } else { Value::Null }
            }
            "lead" => self.lead(&f.sub, k, open),
            "client" => self.client(&f.sub, k.client_id),
            "referral" => k.referral_id.map_or(Value::Null, |r| self.referral(&f.sub, r)),
            "previousCase" => k.previous_case_id.map_or(Value::Null, |p| self.shared_case(&f.sub, p)),
            "members" => self.members(&f.sub, k, &keys, open),
            "notes" => {
                let seen = self.facts.notes.iter().filter(|n| n.case_id == k.id && self.sees_note(n));
                let mut all: Vec<_> = seen.map(|n| (n.id, n)).collect();
                all.sort_by_key(|(id, _)| Reverse(*id));
                self.page(f, "note", &all, |fields, n| self.note(fields, n))
            }
            "signposts" => self.signposts(&f.sub, k.client_id, |s| s.case_id == Some(k.id)),
            "redactions" => self.withheld(&f.sub, &keys, open, Set::every().less(Set::of(&["INVOLVEMENT"]))),
            "viewerAccess" => {
                let records = running && self.may_record(&keys);
                let theirs = v.works() && v.teams.contains(&k.lead_team_id);
                // An excluded lead (C6) may let go of its case, and steers it no more.
                let leads = theirs && keys.iter().any(|key| key.basis == Basis::Holder);
                let another = self.facts.cases.iter().any(|o| {
                    let same = o.client_id == k.client_id && o.lead_organisation_id == k.lead_organisation_id;
                    same && o.closed_at.is_none()
                });
                let died = self.facts.clients.iter().any(|c| c.id == k.client_id && c.died_on.is_some());
                asked(
                    &f.sub,
                    &json!({
                        "canRecordNotes": records, "canSignpost": self.may_record(&keys), "canAddMembers": running && leads,
                        "canClose": running && theirs, "canReenter": !running && theirs && !another && !died,
                    }),
                )
            }
            name => panic!("no such field of a case: {name}"),
        })
    }

    /// C11: team and worker are named where their agency is.
    fn lead(&self, fields: &[Field], k: &Case, open: Set) -> Value {
        let named = self.may_name(k.lead_organisation_id, open, false);
        let team = self.facts.teams.iter().find(|t| t.id == k.lead_team_id).map(|t| t.name.clone());
        let worker = self.facts.people.iter().find(|p| p.id == k.lead_worker_id).map(|p| p.name.clone());
        object(fields, |f| match f.name {
            "organisation" => self.link(&f.sub, k.lead_organisation_id, open, false),
            "teamName" => json!(team.as_ref().filter(|_| named)),
            "workerName" => json!(worker.as_ref().filter(|_| named)),
            name => panic!("no such field of a lead: {name}"),
        })
    }

    /// Member teams, past ones too; a sharing agreement is for the lead and the team itself.
    fn members(&self, fields: &[Field], k: &Case, keys: &[Key], open: Set) -> Value {
        let leads = keys.iter().any(|key| key.basis == Basis::Holder);
        // Whose own item the case is and nothing more knows of the teams what it knew when its other reasons ended (C2 AUTHOR).
        let until =
            |key: &Key| if key.basis == Basis::Author { key.names_until.unwrap_or(i64::MIN) } else { i64::MAX };
        let until = keys.iter().map(until).max().expect("a reason");
        let left = |m: &super::facts::Member| {
            m.left_at.filter(|at| *at <= until || k.closed_at.is_some_and(|closed| closed <= *at))
        };
        let there = self.facts.members.iter().filter(|m| m.case_id == k.id && m.joined_at <= until);
        let mut all: Vec<_> = there.collect();
        all.sort_by_key(|m| m.id);
        let one = |m: &&super::facts::Member| {
            let named = self.may_name(m.organisation_id, open, false);
            let team = self.facts.teams.iter().find(|t| t.id == m.team_id).map(|t| t.name.clone());
            let agreed = (leads || self.viewer.teams.contains(&m.team_id)).then(|| Set(m.agreed).names());
            object(fields, |f| match f.name {
                "id" => global("member", m.id),
                "version" => json!(m.version - i64::from(m.left_at.is_some() && left(m).is_none())),
                "organisation" => self.link(&f.sub, m.organisation_id, open, false),
                "teamName" => json!(team.as_ref().filter(|_| named)),
                "role" => json!(Some(&m.member_role).filter(|_| named)),
                "agreed" => json!(agreed),
                "joinedAt" => moment(m.joined_at),
                "leftAt" => moment_or_null(left(m)),
                name => panic!("no such field of a member: {name}"),
            })
        };
        Value::Array(all.iter().map(one).collect())
    }

    pub fn sees_note(&self, n: &Note) -> bool {
        self.sight(n.client_id).opens_note(self.viewer, n)
    }

    /// A note that is seen.
    pub fn note(&self, fields: &[Field], n: &Note) -> Value {
        let open = open_within(&self.sight(n.client_id).keys, &[Some(n.case_id)]);
        object(fields, |f| match f.name {
            "id" => global("note", n.id),
            "version" => json!(n.version),
            "categories" => json!(Set(n.categories).names()),
            "visibility" => json!(n.visibility),
            "text" => json!(n.body),
            "recordedAt" => moment(n.recorded_at),
            "recordedFor" => self.link(&f.sub, n.recorded_for, open, false),
            name => panic!("no such field of a note: {name}"),
        })
    }

    /// The signposts the viewer sees of those there are, newest first.
    pub fn signposts(&self, fields: &[Field], client: Uuid, which: impl Fn(&Signpost) -> bool) -> Value {
        let here = self.facts.signposts.iter().filter(|s| s.client_id == client && which(s));
        let mut all: Vec<_> = here.collect();
        all.sort_by_key(|s| Reverse(s.id));
        Value::Array(all.into_iter().map(|s| self.signpost(fields, s)).filter(|s| !s.is_null()).collect())
    }

    /// A signpost. Where to is named where the organisation may be (C11); who was told, and who told somebody, knows.
    pub fn signpost(&self, fields: &[Field], s: &Signpost) -> Value {
        let sight = self.sight(s.client_id);
        let keys: Vec<_> = sight.keys.iter().filter(|k| k.reaches_signpost(self.facts, s)).copied().collect();
        if keys.is_empty() {
            return Value::Null;
        }
        let service = self.facts.services.iter().find(|x| x.id == s.service_id).expect("a service");
        let was_told = keys.iter().all(|k| k.basis == Basis::Referrer);
        let told_it = keys.iter().any(|k| k.reach == Reach::Own(s.owner_id));
        let referral = self.facts.referrals.iter().find(|r| Some(r.id) == s.referral_id);
        let open = open_within(&keys, &[s.referral_id, s.case_id, referral.and_then(|r| r.case_id)]);
        let knows = was_told || told_it;
        let named = self.may_name(service.organisation_id, open, knows);
        object(fields, |f| match f.name {
            "id" => global("signpost", s.id),
            // A sender is not told what became of it, nor by a version that anything did (C2 REFERRER).
            "version" => json!(if was_told { 1 } else { s.version }),
            "serviceName" => json!(Some(&service.name).filter(|_| named)),
            "serviceId" => json!(Some(global("service", service.id)).filter(|_| named)),
            "organisation" => self.link(&f.sub, service.organisation_id, open, knows),
            "told" => json!(s.told),
            "channel" => json!(s.channel),
            "reason" => json!(Some(&s.reason).filter(|_| named)),
            "recordedAt" => moment(s.recorded_at),
            // A sender is told where the person was pointed to, and no more (C2 REFERRER).
            "followUp" => json!(s.follow_up.as_ref().filter(|_| !was_told)),
            "followedUpAt" => moment_or_null(s.followed_up_at.filter(|_| !was_told)),
            name => panic!("no such field of a signpost: {name}"),
        })
    }
}
