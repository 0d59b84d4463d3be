//! What the service must answer about referrals: what a sender is told (C2 REFERRER, C23), and what the hub, an offered team
//! and whoever works with the person read.

use super::facts::{Entry, Referral};
use super::rules::{Basis, Key, open_within, whereabouts};
use super::shown::{Field, Oracle, asked, global, moment, moment_or_null, object, sections};
use serde_json::{Value, json};
use uuid::Uuid;

/// One referral as one viewer has it.
struct Had<'a> {
    r: &'a Referral,
    keys: Vec<Key>,
    /// The very person who wrote it: they read it as they wrote it, whatever is for the few since (C2 REFERRER).
    wrote: bool,
    /// Only as the one who sent it.
    as_sender: bool,
    /// As a private person, who learns of progress alone (C23).
    progress_alone: bool,
}

impl Oracle<'_> {
    fn had<'a>(&self, r: &'a Referral) -> Option<Had<'a>> {
        let sight = self.sight(r.client_id);
        let wrote = r.sent_by == self.viewer.person && r.organisation_id == self.viewer.organisation;
        let mut keys: Vec<_> = sight.keys.iter().filter(|k| k.reaches_referral(r)).copied().collect();
        for k in keys.iter_mut().filter(|_| wrote) {
            k.opens = k.opens.and(k.names.shared(whereabouts()));
        }
        let as_sender = keys.iter().all(|k| k.basis == Basis::Referrer);
        let progress_alone = as_sender && r.private_sender;
        (!keys.is_empty()).then_some(Had { r, keys, wrote, as_sender, progress_alone })
    }

    /// A referral by its id.
    pub fn referral(&self, fields: &[Field], id: Uuid) -> Value {
        let found = self.facts.referrals.iter().find(|r| r.id == id);
        found.and_then(|r| self.had(r)).map_or(Value::Null, |h| self.of_referral(fields, &h))
    }

    /// All referrals the viewer sees, newest first; a private sender's is found in no state (C14, C23).
    pub fn referrals(&self, field: &Field) -> Value {
        let state = field.only.map(|(_, s)| s);
        let told = |h: &Had<'_>| state.is_none_or(|s| h.r.state == s && !h.progress_alone);
        let mut all: Vec<_> =
            self.facts.referrals.iter().filter_map(|r| self.had(r)).filter(told).map(|h| (h.r.id, h)).collect();
        all.sort_by_key(|(id, _)| std::cmp::Reverse(*id));
        self.page(field, "referral", &all, |fields, h| self.of_referral(fields, h))
    }

    /// Those of a client that the viewer sees as more than their sender.
    pub fn referrals_of(&self, field: &Field, client: Uuid) -> Value {
        let state = field.only.map(|(_, s)| s);
        let of = self.facts.referrals.iter().filter(|r| r.client_id == client && state.is_none_or(|s| r.state == s));
        let seen = of.filter_map(|r| self.had(r)).filter(|h| h.keys.iter().any(Key::opens_client));
        let mut all: Vec<_> = seen.map(|h| (h.r.id, h)).collect();
        all.sort_by_key(|(id, _)| std::cmp::Reverse(*id));
        self.page(field, "referral", &all, |fields, h| self.of_referral(fields, h))
    }

    fn of_referral(&self, fields: &[Field], h: &Had<'_>) -> Value {
        let r = h.r;
        let open = open_within(&h.keys, &[Some(r.id), r.case_id]);
        let with_hub = h.keys.iter().any(|k| k.basis == Basis::Hub);
        let finished = ["ACCEPTED", "CLOSED"].contains(&r.state.as_str());
        let sent_openly = !r.private_sender && h.keys.iter().any(|k| k.basis == Basis::Referrer);
        let unless = |hidden: bool, v: Value| if hidden { Value::Null } else { v };
        object(fields, |f| match f.name {
            "id" => global("referral", r.id),
            // A private sender's version moves with the progress alone.
            "version" if h.progress_alone && r.state != "DRAFT" => json!(if finished { 3 } else { 2 }),
            // Nobody else is told of the steps it counts, but the hub and the sender.
            "version" if !with_hub && !sent_openly && r.state != "DRAFT" => json!(if finished { 4 } else { 3 }),
            "version" => json!(r.version),
            "progress" => json!(if finished { "FINISHED" } else { "RECEIVED" }),
            "state" => unless(h.progress_alone && r.state != "DRAFT", json!(r.state)),
            // A risk of eviction: HOUSING (C1); its sender wrote it.
            "urgency" => {
                let wrote = h.keys.iter().any(|k| k.basis == Basis::Referrer);
                // What triage found is for who sees it; who wrote one reads theirs.
                let others: Vec<_> = h.keys.iter().filter(|k| k.basis != Basis::Referrer).copied().collect();
                let found = open_within(&others, &[Some(r.id), r.case_id]).has("HOUSING");
                unless(!wrote && !found, json!(if found { &r.urgency } else { &r.sent_urgency }))
            }
            // How its sender keeps it: for the sender, and for the hub that answers them.
            "senderReference" => {
                let wrote = h.keys.iter().any(|k| k.basis == Basis::Referrer);
                unless(!wrote && !with_hub, json!(r.sender_reference))
            }
            "sender" => self.link(&f.sub, r.organisation_id, open, with_hub),
            "draftedAt" => moment(r.created_at),
            "submittedAt" => moment_or_null(r.submitted_at),
            "acceptedAt" => unless(h.progress_alone, moment_or_null(r.accepted_at)),
            "closedAt" => unless(h.progress_alone, moment_or_null(r.closed_at)),
            // Nobody but the hub learns from an outcome that another record exists.
            "outcome" if !with_hub && r.outcome.as_deref() == Some("DUPLICATE") => {
                unless(h.progress_alone, json!("REFERRED_ON"))
            }
            "outcome" => unless(h.progress_alone, json!(r.outcome)),
            "outcomeText" if !with_hub && r.outcome.as_deref() == Some("DUPLICATE") => Value::Null,
            "outcomeText" => unless(h.progress_alone, json!(r.outcome_text)),
            "onwardReferral" => unless(h.progress_alone, json!(r.next_step)),
            "client" => self.client(&f.sub, r.client_id),
            "sharedCase" => r.case_id.map_or(Value::Null, |k| self.shared_case(&f.sub, k)),
            "narratives" => self.narratives(&f.sub, h),
            "asWritten" => self.as_written(&f.sub, h),
            "history" => self.history(&f.sub, h, with_hub),
            "questions" => self.questions(&f.sub, h),
            "dutyToRefer" => self.duty(&f.sub, h, with_hub),
            "assignedTo" => {
                let person = self.facts.people.iter().find(|p| with_hub && Some(p.id) == r.assigned_to);
                let told = |p: &super::facts::Person| json!({ "personId": global("person", p.id), "name": p.name });
                person.map_or(Value::Null, |p| asked(&f.sub, &told(p)))
            }
            "offers" => self.offers(&f.sub, h, with_hub),
            "signposts" => self.signposts(&f.sub, r.client_id, |s| s.referral_id == Some(r.id)),
            "redactions" => self.withheld(&f.sub, &h.keys, open, sections()),
            "viewerAccess" => asked(&f.sub, &self.steps(h)),
            name => panic!("no such field of a referral: {name}"),
        })
    }

    /// The story, text by text where its category is open; contact, the workplace and what is marked as telling of a place under C7.
    /// How it is marked, and that it was, is not for who sent it: they read what they wrote (C2 REFERRER).
    fn narratives(&self, fields: &[Field], h: &Had<'_>) -> Value {
        let protected = self.sight(h.r.client_id).protected && !h.wrote;
        let open = |c: &str| h.keys.iter().any(|k| k.opens.has(c));
        let mut all = Vec::new();
        for c in super::rules::CATEGORIES {
            for n in self.facts.narratives.iter().filter(|n| n.referral_id == h.r.id && n.category == c) {
                let tells_where = n.reveals_location || ["CONTACT", "EMPLOYMENT"].contains(&c);
                if open(c) && !(protected && tells_where) {
                    let (mark, version) = (json!(tells_where), json!(n.version));
                    let unless_sender = |v: Value| if h.as_sender { Value::Null } else { v };
                    let told = json!({
                        "narrativeId": global("narrative", n.id), "category": c, "text": n.body,
                        "revealsLocation": unless_sender(mark), "version": unless_sender(version),
                    });
                    all.push(asked(fields, &told));
                }
            }
        }
        Value::Array(all)
    }

    /// What the referral brought, as it was written: for whoever the referral is within the scope of (C2), where the
    /// category is open.
    fn as_written(&self, fields: &[Field], h: &Had<'_>) -> Value {
        let protected = self.sight(h.r.client_id).protected && !h.wrote;
        let seen = |e: &&Entry| {
            e.referral_id == Some(h.r.id)
                && h.keys.iter().any(|k| k.opens.has(&e.category))
                && !(protected && e.reveals_location)
        };
        let mut all: Vec<_> = self.facts.entries.iter().filter(seen).collect();
        let place = |c: &str| super::rules::CATEGORIES.iter().position(|x| *x == c);
        all.sort_by_key(|e| (place(&e.category), e.recorded_at, e.id));
        let line = |e: &&Entry| asked(fields, &json!({ "category": e.category, "lines": lines(e) }));
        Value::Array(all.iter().map(line).collect())
    }

    /// The steps it took: for the hub, and for a sender who is told of its state; where they were taken is for the hub.
    fn history(&self, fields: &[Field], h: &Had<'_>, with_hub: bool) -> Value {
        let sent = h.keys.iter().any(|k| k.basis == Basis::Referrer) && !h.r.private_sender;
        let open = open_within(&h.keys, &[Some(h.r.id), h.r.case_id]);
        let mut all: Vec<_> =
            self.facts.steps.iter().filter(|s| s.referral_id == h.r.id && (with_hub || sent)).collect();
        // That the hub found it more or less urgent leads nowhere else, and is the hub's own.
        all.retain(|s| with_hub || s.from_state != s.to_state);
        all.sort_by_key(|s| (s.recorded_at, s.id));
        let one = |s: &&super::facts::ReferralStep| {
            object(fields, |f| match f.name {
                "at" => moment(s.recorded_at),
                "from" => json!(s.from_state),
                "to" => json!(s.to_state),
                "actor" => json!(s.actor),
                "detail" => json!(s.detail.as_ref().filter(|_| with_hub)),
                "recordedFor" if with_hub => self.link(&f.sub, s.recorded_for, open, true),
                "recordedFor" => Value::Null,
                name => panic!("no such field of a step: {name}"),
            })
        };
        Value::Array(all.iter().map(one).collect())
    }

    /// The duty to refer recorded last: for the hub, the sender, and who leads the case it grew into. Where somebody wishes to live is for
    /// the few while contact is, and for who wrote it.
    fn duty(&self, fields: &[Field], h: &Had<'_>, with_hub: bool) -> Value {
        let sent = h.keys.iter().any(|k| k.basis == Basis::Referrer) && !h.r.private_sender;
        let leads = h.keys.iter().any(|k| k.basis == Basis::Holder);
        let all = self.facts.duties.iter().filter(|d| d.referral_id == h.r.id && (with_hub || sent || leads));
        let Some(d) = all.max_by_key(|d| (d.recorded_at, d.id)) else { return Value::Null };
        let open = open_within(&h.keys, &[Some(h.r.id), h.r.case_id]);
        let wrote = d.recorded_by == self.viewer.person && d.recorded_for == self.viewer.organisation;
        let few = self.sight(h.r.client_id).protected && !wrote;
        // What others wrote into it later is for the few while contact is, and not for an organisation that the client excludes (C6, C7).
        let shut_out = self.facts.restrictions.iter().any(|r| {
            r.client_id == h.r.client_id
                && r.ended_at.is_none()
                && super::rules::excludes(self.facts, r, self.viewer.organisation, self.now)
        });
        let kept = |by: Option<Uuid>, of: Option<Uuid>| {
            let theirs = by == Some(self.viewer.person) && of == Some(self.viewer.organisation);
            !theirs && (self.sight(h.r.client_id).protected || shut_out)
        };
        let unless = |hidden: bool, v: Value| if hidden { Value::Null } else { v };
        object(fields, |f| match f.name {
            "authority" if few => Value::Null,
            "authority" => self.link(&f.sub, d.authority_id, open, with_hub || sent),
            "reason" => unless(few || !(sent || open.has("HOUSING")), json!(d.reason)),
            "evidence" => unless(few, json!(d.evidence)),
            "agreedAt" => moment(d.agreed_at),
            "recordedAt" => moment(d.recorded_at),
            "passedAt" => moment_or_null(d.passed_at),
            "acknowledgedAt" => moment_or_null(d.acknowledged_at),
            "reference" => unless(kept(d.acknowledged_by, d.acknowledged_for), json!(d.reference)),
            "endedAt" => moment_or_null(d.ended_at),
            "endReason" => unless(kept(d.ended_by, d.ended_for), json!(d.end_reason)),
            name => panic!("no such field of a duty to refer: {name}"),
        })
    }

    /// What the hub asked and what was answered: each where all that it tells of is open (C1). A private sender is told of neither (C23);
    /// who is neither the hub nor the sender, of what is answered in full.
    fn questions(&self, fields: &[Field], h: &Had<'_>) -> Value {
        let protected = self.sight(h.r.client_id).protected;
        let as_sender = |k: &Key| k.basis == Basis::Referrer;
        let open = |counts: &dyn Fn(&Key) -> bool, categories: i64| {
            let keys = h.keys.iter().filter(|k| !(as_sender(k) && h.r.private_sender) && counts(k));
            keys.fold(super::rules::Set(0), |all, k| all.and(k.names)).holds(super::rules::Set(categories))
        };
        let mut all: Vec<_> = self
            .facts
            .questions
            .iter()
            .filter(|q| q.referral_id == h.r.id && open(&|_| true, q.categories))
            .collect();
        all.sort_by_key(|q| (q.asked_at, q.id));
        // A sender has what their own organisation answered. While contact is for the few, so is whatever was answered.
        let answer_of = |q: &super::facts::Question| {
            let own = q.answered_by_sender;
            let wrote = q.answered_by == Some(self.viewer.person) && q.answered_for == Some(self.viewer.organisation);
            let told = open(&|k| own || !as_sender(k), q.answer_categories.unwrap_or(0)) && (wrote || !protected);
            q.answer.clone().filter(|_| told)
        };
        let known = h.keys.iter().any(|k| as_sender(k) || k.basis == Basis::Hub);
        all.retain(|q| known || answer_of(q).is_some());
        let one = |q: &&super::facts::Question| {
            let answer = answer_of(q);
            object(fields, |f| match f.name {
                "question" => json!(q.question),
                "askedAt" => moment(q.asked_at),
                "answeredAt" => moment_or_null(q.answered_at),
                "answer" => answer.as_ref().map_or(Value::Null, |text| {
                    let of = super::rules::Set(q.answer_categories.unwrap_or(0)).names();
                    asked(&f.sub, &json!({ "text": text, "categories": of }))
                }),
                name => panic!("no such field of a question: {name}"),
            })
        };
        Value::Array(all.iter().map(one).collect())
    }

    /// Offers, newest first: all of them for the hub, a team's own for that team, and none for anybody else.
    fn offers(&self, fields: &[Field], h: &Had<'_>, with_hub: bool) -> Value {
        let open = open_within(&h.keys, &[Some(h.r.id), h.r.case_id]);
        let all = self.facts.offers.iter().filter(|o| o.referral_id == h.r.id);
        let mut all: Vec<_> = all.filter(|o| with_hub || h.keys.iter().any(|k| k.team == Some(o.team_id))).collect();
        all.sort_by_key(|o| std::cmp::Reverse(o.id));
        let one = |o: &&super::facts::Offer| {
            let team = &self.facts.teams.iter().find(|t| t.id == o.team_id).expect("a team").name;
            object(fields, |f| match f.name {
                "id" => global("offer", o.id),
                "organisation" => self.link(&f.sub, o.organisation_id, open, with_hub),
                "teamName" if self.may_name(o.organisation_id, open, with_hub) => json!(team),
                "teamName" => Value::Null,
                "workerName" => {
                    let meant = self.facts.people.iter().find(|p| Some(p.id) == o.worker_id).map(|p| &p.name);
                    json!(meant.filter(|_| self.may_name(o.organisation_id, open, with_hub)))
                }
                "offeredAt" => moment(o.offered_at),
                "answeredAt" => moment_or_null(o.answered_at),
                "declineReason" => json!(o.answer_reason),
                "declineText" => json!(o.answer_text),
                name => panic!("no such field of an offer: {name}"),
            })
        };
        Value::Array(all.iter().map(one).collect())
    }

    /// The table of the lifecycle: which steps are the viewer's to take now.
    fn steps(&self, h: &Had<'_>) -> Value {
        let v = self.viewer;
        let has = |b: Basis| h.keys.iter().any(|k| k.basis == b);
        let state = h.r.state.as_str();
        let sender = v.refers() && has(Basis::Referrer);
        let hub = v.coordinates() && !v.hub_teams.is_empty() && has(Basis::Hub);
        let offered = self.facts.offers.iter().any(|o| {
            o.referral_id == h.r.id
                && o.answered_at.is_none()
                && v.works()
                && has(Basis::Offer)
                && v.teams.contains(&o.team_id)
        });
        let open = ["DRAFT", "SUBMITTED", "AWAITING_INFORMATION", "OFFERED", "DECLINE_REVIEW"].contains(&state);
        let declines = (sender && open) || (hub && open && state != "DRAFT") || (offered && state == "OFFERED");
        // The duty to refer: recorded by a body that has it, passed on and acknowledged by the hub, taken back through either.
        let told = has(Basis::Hub) || has(Basis::Holder) || (has(Basis::Referrer) && !h.r.private_sender);
        let duty = self.facts.duties.iter().filter(|d| d.referral_id == h.r.id && told);
        let duty = duty.max_by_key(|d| (d.recorded_at, d.id));
        let live = duty.filter(|d| d.ended_at.is_none());
        let few = duty.is_some_and(|d| {
            self.sight(h.r.client_id).protected && !(d.recorded_by == v.person && d.recorded_for == v.organisation)
        });
        let kind = &self.facts.organisations.iter().find(|o| o.id == h.r.organisation_id).expect("its sender").kind;
        let bodies = [
            "PRISON",
            "PROBATION",
            "JOBCENTRE",
            "SOCIAL_SERVICES_ADULTS",
            "SOCIAL_SERVICES_CHILDREN",
            "COUNTY_COUNCIL",
            "NHS_HOSPITAL",
            "NHS_MENTAL_HEALTH",
        ];
        let housing = h.keys.iter().any(|k| k.basis == Basis::Hub && k.opens.has("HOUSING"));
        // A private sender reads no state: what they may do speaks of progress alone.
        let blind = h.progress_alone && state != "DRAFT";
        json!({
            "canSubmit": sender && state == "DRAFT",
            "canAsk": !blind && hub && state == "SUBMITTED",
            "canAnswer": !blind && (hub || sender) && state == "AWAITING_INFORMATION",
            "canAssign": hub && open && state != "DRAFT",
            "canSetUrgency": hub && housing && open && state != "DRAFT",
            "canRecordDuty": sender && told && !h.r.private_sender && open && live.is_none() && bodies.contains(&kind.as_str()),
            "canPassDuty": hub && !few && live.is_some_and(|d| d.passed_at.is_none()),
            "canAcknowledgeDuty": hub && !few && live.is_some_and(|d| d.passed_at.is_some() && d.acknowledged_at.is_none()),
            "canEndDuty": (hub || sender) && live.is_some(),
            "canOffer": !blind && hub && ["SUBMITTED", "DECLINE_REVIEW"].contains(&state),
            "canAccept": !blind && offered && state == "OFFERED",
            "canDecline": !blind && offered && state == "OFFERED",
            "canTakeBack": !blind && hub && state == "OFFERED",
            "canClose": !blind && hub && ["SUBMITTED", "AWAITING_INFORMATION", "DECLINE_REVIEW"].contains(&state),
            "canWithdraw": if blind { open } else { sender && open },
            "canRecordClientDecline": !blind && declines,
            "canSignpost": self.may_record(&h.keys),
        })
    }
}

/// An entry line by line.
fn lines(e: &Entry) -> Vec<String> {
    let body: Value = serde_json::from_str(&e.body).expect("JSON");
    let text = |k: &str| body.get(k).and_then(Value::as_str).map(str::to_owned);
    let labelled = |label: &str, k: &str| text(k).map(|t| format!("{label}: {t}"));
    let some = |all: Vec<Option<String>>| all.into_iter().flatten().collect::<Vec<_>>();
    match e.category.as_str() {
        "NAME" => some(vec![
            Some(format!("{} {}", text("given").expect("a name"), text("family").expect("a name"))),
            labelled("Preferred", "preferred"),
            labelled("Pronouns", "pronouns"),
            labelled("Age band", "age_band"),
        ]),
        "BIRTH" => some(vec![text("date")]),
        "CONTACT" => {
            let address = body.get("address_lines").and_then(Value::as_array).cloned().unwrap_or_default();
            let mut all: Vec<_> = address.iter().map(|l| l.as_str().expect("a line").to_owned()).collect();
            all.extend(some(vec![
                text("postcode"),
                labelled("Phone", "phone"),
                labelled("Email", "email"),
                labelled("Safe ways", "safe_ways"),
            ]));
            all
        }
        "HOUSEHOLD" => {
            let word = |m: &Value, k: &str| m[k].as_str().expect("a word").to_owned();
            let one =
                |m: &Value| format!("{}, {}, {}", word(m, "name"), word(m, "relationship"), word(m, "age_band"));
            body["members"].as_array().expect("members").iter().map(one).collect()
        }
        "HOUSING" => some(vec![
            labelled("Tenure", "tenure"),
            labelled("Landlord", "landlord"),
            body.get("arrears_pence").and_then(Value::as_i64).map(|p| format!("Arrears: {p} pence")),
            labelled("Notice expires", "notice_expires_on"),
            text("text"),
        ]),
        _ => some(vec![text("text")]),
    }
}
