//! Report Problem 1.0 and 2.0: something went wrong outside of what a protocol says itself.
//!
//! Source: Aries RFC 0035 (over DIDComm v1); DIDComm Messaging §Problem Reports (over v2). The wire
//! form is [`picomesh_didcomm::problem_report`]; protocols that adopt it have reports of their own.
//! Roles: who tells ([`answer`]) and who is told ([`told`]); neither remembers anything.
//!
//! Absent on purpose: the decision to report. Only an authenticated sender is told, once.

use picomesh_didcomm::{
    Message, MessageType, Version,
    problem_report::{ProblemReport, is_problem_report},
};

use crate::Error;

/// The report about `refused`, or nothing if that is a report or an ack itself.
///
/// Attack T-D17: at most one report per error, never a report to a report. v1 goes out under
/// `notification/1.0`, the family in which RFC 0015 puts it and the only one that ACA-Py knows;
/// RFC 0035 itself moved to `report-problem/1.0` later. Both are read.
#[must_use]
pub fn answer(refused: &Message, id: &str, code: &str, comment: &str) -> Option<Message> {
    if is_problem_report(refused) || refused.kind.name == "ack" {
        return None;
    }
    let report = ProblemReport::new(code, comment);
    match refused.version {
        Version::V1 => {
            let kind = MessageType::new("notification", (1, 0), "problem-report");
            Some(report.answer_as(refused, id, kind))
        }
        Version::V2 => report.answer(refused, id),
    }
}

/// What a report says and on which thread; the agent drops it when it knows no such thread.
///
/// # Errors
/// [`Error::Malformed`] when it is no report.
pub fn told(message: &Message) -> Result<(ProblemReport, &str), Error> {
    let malformed = |reason: String| Error::Malformed { message: "problem report", reason };
    let report = ProblemReport::parse(message).map_err(|error| malformed(error.to_string()))?;
    // DIDComm v2 §Problem Reports: the thread that has the problem is the parent.
    let thread = match message.version {
        Version::V1 => message.thid.as_deref(),
        Version::V2 => message.pthid.as_deref().or(message.thid.as_deref()),
    };
    let thread = thread.ok_or_else(|| malformed("no thread".to_owned()))?;
    Ok((report, thread))
}

#[cfg(test)]
mod tests;
