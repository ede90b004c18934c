//! Invitations as links, and the messages in them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picomesh_protocols::{connections, link, out_of_band, out_of_band_v2};

fuzz_target!(|text: &str| {
    let Ok(message) = link::read(text) else { return };
    let _ = out_of_band::Receiver::receive(&message, 0);
    let _ = out_of_band_v2::Receiver::receive(&message, 0);
    let _ = connections::Invitation::read(&message);
});
