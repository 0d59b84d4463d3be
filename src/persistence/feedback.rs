//! What became of the referrals that an organisation sent, as far as the viewer sees them as their sender.

use super::access::ReadScope;
use super::fault::Fault;
use super::sql::{Columns, Sql, int};
use crate::domain::clock::Timestamp;
use crate::domain::referral::{Outcome, ReferralState};

/// How many referrals came to one end.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    /// Where they stand.
    pub state: ReferralState,
    /// How they closed, as their sender is told it.
    pub outcome: Option<Outcome>,
    /// How many.
    pub count: i64,
    /// How many of them were sent after one had closed because no service's criteria fit.
    pub after_not_fitting: i64,
}

/// The referrals that the viewer's organisation submitted, of those the viewer sees as their sender; a private sender is told of no
/// outcome (C23). Nobody but the hub reads DUPLICATE.
macro_rules! mine {
    () => {
        "WITH mine AS (SELECT DISTINCT r.id, r.state, CASE WHEN r.outcome = 'DUPLICATE' THEN 'REFERRED_ON' ELSE r.outcome END AS outcome, \
        r.submitted_at, r.triaged_at, r.closed_at FROM access_grant g JOIN referral r ON r.client_id = g.client_id AND r.id = g.scope_id \
        WHERE g.basis = 'REFERRER' AND r.organisation_id = $1 AND NOT r.private_sender AND r.submitted_at IS NOT NULL AND @live(g)) "
    };
}
static ENDED: Sql = Sql::new(concat!(
    mine!(),
    ", first AS (SELECT MIN(closed_at) AS at FROM mine WHERE outcome = 'CRITERIA_NOT_MET') \
    SELECT m.state, m.outcome, COUNT(*), COUNT(CASE WHEN m.submitted_at > f.at THEN 1 END) FROM mine m CROSS JOIN first f \
    WHERE m.submitted_at >= $8 AND m.submitted_at < $9 GROUP BY m.state, m.outcome ORDER BY m.state, m.outcome"
));
static TRIAGED: Sql = Sql::new(concat!(
    mine!(),
    "SELECT submitted_at, triaged_at FROM mine WHERE submitted_at >= $8 AND submitted_at < $9 AND triaged_at IS NOT NULL \
    ORDER BY submitted_at DESC, id LIMIT $10"
));

impl ReadScope<'_> {
    /// What became of the referrals that were submitted in a time.
    pub async fn ends_of_sent(&self, from: Timestamp, until: Timestamp) -> Result<Vec<Ended>, Fault> {
        let rows = self.rows(&ENDED, vec![int(from.0), int(until.0)]).await?;
        rows.iter()
            .map(|row| {
                let mut c = Columns::of(row);
                Ok(Ended {
                    state: c.code()?,
                    outcome: c.code_or_none()?,
                    count: c.take()?,
                    after_not_fitting: c.take()?,
                })
            })
            .collect()
    }

    /// When the last so many of them were submitted, and first offered or closed.
    pub async fn triage_of_sent(
        &self,
        from: Timestamp,
        until: Timestamp,
        most: i64,
    ) -> Result<Vec<(Timestamp, Timestamp)>, Fault> {
        let rows = self.rows(&TRIAGED, vec![int(from.0), int(until.0), int(most)]).await?;
        rows.iter()
            .map(|row| {
                let mut c = Columns::of(row);
                Ok((c.time()?, c.time()?))
            })
            .collect()
    }
}
