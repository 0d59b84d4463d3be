//! What became of referrals and offers, for the hub, as far as the viewer sees them as the hub now: a hidden one counts nowhere (C14).

use super::access::ReadScope;
use super::fault::Fault;
use super::sql::{Columns, Sql, int};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{OrganisationId, TeamId};
use crate::domain::referral::{DeclineReason, Outcome, ReferralState};

/// How many referrals of one sender came to one end.
#[derive(Clone, Copy, Debug)]
pub struct SenderEnded {
    /// Who sent them; of those that were merged who stands for them.
    pub sender: OrganisationId,
    /// Where they stand.
    pub state: ReferralState,
    /// How they closed.
    pub outcome: Option<Outcome>,
    /// How many.
    pub count: i64,
    /// How many of them were sent after one of the sender's had closed because no service's criteria fit.
    pub after_not_fitting: i64,
}

/// The referrals that the viewer sees as the hub; the hub sees who sent what it triages (C11), and reads DUPLICATE (C23).
macro_rules! seen {
    () => {
        "WITH seen AS (SELECT DISTINCT r.id, COALESCE(o.merged_into_id, o.id) AS sender, r.state, r.outcome, r.submitted_at, r.triaged_at, \
        r.closed_at FROM access_grant g JOIN referral r ON r.client_id = g.client_id AND r.id = g.scope_id \
        JOIN organisation o ON o.id = r.organisation_id WHERE g.basis = 'HUB' AND r.submitted_at IS NOT NULL AND @live(g)) "
    };
}
static ENDED: Sql = Sql::new(concat!(
    seen!(),
    ", first AS (SELECT sender, MIN(closed_at) AS at FROM seen WHERE outcome = 'CRITERIA_NOT_MET' GROUP BY sender) \
    SELECT m.sender, m.state, m.outcome, COUNT(*), COUNT(CASE WHEN m.submitted_at > f.at THEN 1 END) FROM seen m \
    LEFT JOIN first f ON f.sender = m.sender WHERE m.submitted_at >= $8 AND m.submitted_at < $9 \
    GROUP BY m.sender, m.state, m.outcome ORDER BY m.sender, m.state, m.outcome"
));
static TRIAGED: Sql = Sql::new(concat!(
    seen!(),
    "SELECT sender, submitted_at, triaged_at FROM seen WHERE submitted_at >= $8 AND submitted_at < $9 AND triaged_at IS NOT NULL \
    ORDER BY submitted_at DESC, id LIMIT $10"
));

/// How an offer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferAnswer {
    /// It waits for an answer.
    Waiting,
    /// The team took it.
    Accepted,
    /// The team declined.
    Declined,
    /// The hub took it back, because no answer came.
    NoAnswer,
    /// The referral closed under it.
    Ended,
}

/// How many offers to one team ended in one way.
#[derive(Clone, Copy, Debug)]
pub struct TeamAnswered {
    /// To which team.
    pub team: TeamId,
    /// How they ended.
    pub answer: OfferAnswer,
    /// Why the team declined.
    pub reason: Option<DeclineReason>,
    /// How many.
    pub count: i64,
}

/// The offers that the viewer sees as the hub, which reads whom it offered what to.
macro_rules! offers {
    () => {
        "WITH seen AS (SELECT DISTINCT f.id, f.team_id, f.answer, f.answer_reason, f.offered_at, f.answered_at FROM access_grant g \
        JOIN referral_offer f ON f.client_id = g.client_id AND f.referral_id = g.scope_id WHERE g.basis = 'HUB' AND @live(g) \
        AND f.offered_at >= $8 AND f.offered_at < $9) "
    };
}
static ANSWERED: Sql = Sql::new(concat!(
    offers!(),
    "SELECT team_id, COALESCE(answer, ''), answer_reason, COUNT(*) FROM seen GROUP BY team_id, answer, answer_reason \
    ORDER BY team_id, answer_reason"
));
static ANSWER_TIMES: Sql = Sql::new(concat!(
    offers!(),
    "SELECT team_id, offered_at, answered_at FROM seen WHERE answer IN ('ACCEPTED', 'DECLINED') ORDER BY offered_at DESC, id LIMIT $10"
));

fn answer(code: &str) -> Result<OfferAnswer, Fault> {
    Ok(match code {
        "" => OfferAnswer::Waiting,
        "ACCEPTED" => OfferAnswer::Accepted,
        "DECLINED" => OfferAnswer::Declined,
        "NO_ANSWER" => OfferAnswer::NoAnswer,
        "ENDED" => OfferAnswer::Ended,
        _ => return Err(Fault::new("an offer ended in a way nobody knows")),
    })
}

impl ReadScope<'_> {
    /// What became of the referrals that were submitted in a time, by who sent them.
    pub async fn ends_by_sender(&self, from: Timestamp, until: Timestamp) -> Result<Vec<SenderEnded>, Fault> {
        let rows = self.rows(&ENDED, vec![int(from.0), int(until.0)]).await?;
        rows.iter()
            .map(|row| {
                let mut c = Columns::of(row);
                Ok(SenderEnded {
                    sender: c.id()?,
                    state: c.code()?,
                    outcome: c.code_or_none()?,
                    count: c.take()?,
                    after_not_fitting: c.take()?,
                })
            })
            .collect()
    }

    /// When the last so many of them were submitted, and first offered or closed.
    pub async fn triage_by_sender(
        &self,
        from: Timestamp,
        until: Timestamp,
        most: i64,
    ) -> Result<Vec<(OrganisationId, Timestamp, Timestamp)>, Fault> {
        let rows = self.rows(&TRIAGED, vec![int(from.0), int(until.0), int(most)]).await?;
        rows.iter()
            .map(|row| {
                let mut c = Columns::of(row);
                Ok((c.id()?, c.time()?, c.time()?))
            })
            .collect()
    }

    /// How the offers that were made in a time ended, by team.
    pub async fn answers_by_team(&self, from: Timestamp, until: Timestamp) -> Result<Vec<TeamAnswered>, Fault> {
        let rows = self.rows(&ANSWERED, vec![int(from.0), int(until.0)]).await?;
        rows.iter()
            .map(|row| {
                let mut c = Columns::of(row);
                Ok(TeamAnswered {
                    team: c.id()?,
                    answer: answer(&c.take::<String>()?)?,
                    reason: c.code_or_none()?,
                    count: c.take()?,
                })
            })
            .collect()
    }

    /// When the last so many that a team answered were offered, and answered.
    pub async fn answer_times_by_team(
        &self,
        from: Timestamp,
        until: Timestamp,
        most: i64,
    ) -> Result<Vec<(TeamId, Timestamp, Timestamp)>, Fault> {
        let rows = self.rows(&ANSWER_TIMES, vec![int(from.0), int(until.0), int(most)]).await?;
        rows.iter()
            .map(|row| {
                let mut c = Columns::of(row);
                Ok((c.id()?, c.time()?, c.time()?))
            })
            .collect()
    }
}
