//! Messages, their attachments and problem reports. What is read is written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picomesh_didcomm::problem_report::{self, ProblemReport};
use picomesh_didcomm::{Attachment, Message, jws};
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
        for attachment in [Attachment::from_v1(&value), Attachment::from_v2(&value)] {
            attachment.iter().for_each(open);
        }
    }
    let Ok(message) = Message::parse(bytes) else { return };
    let again = Message::parse(&message.to_bytes());
    assert_eq!(again.as_ref(), Ok(&message));
    message.attachments.iter().for_each(open);
    let _ = (message.thread_id(), problem_report::is_problem_report(&message));
    let _ = ProblemReport::parse(&message);
    let report = ProblemReport::new("e.m.msg", "x");
    let _ = report.answer(&message, "id").map(|answer| answer.to_bytes());
});

fn open(attachment: &Attachment) {
    let _ = (attachment.content(), attachment.json(), jws::verify(attachment));
    let _ = (attachment.to_v1(), attachment.to_v2());
}
