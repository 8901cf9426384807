//! Only at these hours.

use super::rule::{INTO_LIVE, Rule, rule_methods, rule_setters};
use super::{Finding, Policy, TimeZone};
use crate::{Attempt, Error, Result};
use async_trait::async_trait;
use governance_persistence::{JsonObject, Source};
use serde_json::json;
use time::{OffsetDateTime, Time, UtcOffset};

/// Only at these hours of the day. By default it guards the moves to `Running` and `Ramping`: to
/// stop an experiment must be possible at night. It goes by the
/// [clock](crate::GovernanceBuilder::clock) that governance was set up with.
///
/// ```
/// use governance::TimeWindow;
/// use time::macros::{offset, time};
///
/// let office_hours = TimeWindow::daily(time!(09:00), time!(17:00))?.offset(offset!(+1));
/// let in_berlin = TimeWindow::daily(time!(09:00), time!(17:00))?.time_zone("Europe/Berlin".parse()?);
/// let nights = TimeWindow::daily(time!(22:00), time!(04:00))?; // past midnight
/// # Ok::<(), governance::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct TimeWindow {
    rule: Rule,
    start: Time,
    end: Time,
    zone: TimeZone,
}

rule_setters!(TimeWindow);

impl TimeWindow {
    /// Every day from `start`, included, to `end`, excluded, in UTC. A window whose end comes before
    /// its start ends on the next day.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when both are the same: that could be all day, or never.
    pub fn daily(start: Time, end: Time) -> Result<Self> {
        if start == end {
            return Err(Error::invalid("allowedEndTime", format!("is {end}, like the start"), "another time"));
        }
        Ok(Self { rule: Rule::new("timeWindow", INTO_LIVE), start, end, zone: TimeZone::UTC })
    }

    /// The same by clocks that are this far from UTC.
    #[must_use]
    pub fn offset(self, offset: UtcOffset) -> Self {
        self.time_zone(TimeZone::fixed(offset))
    }

    /// The same by the clocks of this zone.
    #[must_use]
    pub fn time_zone(mut self, zone: TimeZone) -> Self {
        self.zone = zone;
        self
    }

    /// When the window opens.
    pub fn get_start(&self) -> Time {
        self.start
    }

    /// When it closes.
    pub fn get_end(&self) -> Time {
        self.end
    }

    /// By whose clocks.
    pub fn get_time_zone(&self) -> &TimeZone {
        &self.zone
    }

    fn includes(&self, time: Time) -> bool {
        if self.start < self.end {
            self.start <= time && time < self.end
        } else {
            self.start <= time || time < self.end
        }
    }
}

/// Hours and minutes, and what is finer only where it is something.
fn exact(time: Time) -> String {
    let (hour, minute, second, nanosecond) = time.as_hms_nano();
    let fraction = format!("{nanosecond:09}");
    match (second, fraction.trim_end_matches('0')) {
        (0, "") => format!("{hour:02}:{minute:02}"),
        (_, "") => format!("{hour:02}:{minute:02}:{second:02}"),
        (_, fraction) => format!("{hour:02}:{minute:02}:{second:02}.{fraction}"),
    }
}

#[async_trait]
impl Policy for TimeWindow {
    rule_methods!("timeWindow");

    fn parameters(&self) -> JsonObject {
        self.rule.parameters(json!({
            "allowedStartTime": exact(self.start),
            "allowedEndTime": exact(self.end),
            "timeZone": self.zone.to_string(),
        }))
    }

    async fn evaluate(&self, attempt: &Attempt<'_>) -> Result<Finding, Source> {
        let offset = self.zone.offset_at(attempt.now()).ok_or("the time is out of range")?;
        let now = OffsetDateTime::from(attempt.now()).checked_to_offset(offset);
        let time = now.ok_or("the time is out of range")?.time();
        // A second is as much as people want to read.
        let now = exact(time.truncate_to_second());
        let (from, to, zone) = (exact(self.start), exact(self.end), &self.zone);
        Ok(if self.includes(time) {
            Finding::compliant(format!("it is {now}, between {from} and {to} ({zone})"))
        } else {
            Finding::not_compliant(format!("it is {now}, not between {from} and {to} ({zone})"))
        })
    }
}
