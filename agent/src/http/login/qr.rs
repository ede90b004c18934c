//! A QR code as inline SVG: no picture to load, sharp at every size.
//!
//! Source: ISO/IEC 18004, through the crate `qrcode`.

use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write as _;

/// Light modules around the code, ISO/IEC 18004 §9.1.
const QUIET: usize = 4;

/// The code of a text; `None` when it is too long for any.
pub(super) fn svg(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let (width, colors) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|one, next| one == next) {
            if run.first() == Some(&Color::Dark) {
                // Writing to a string cannot fail.
                let _ =
                    write!(path, "M{} {}h{}v1h-{}z", x + QUIET, y + QUIET, run.len(), run.len());
            }
            x += run.len();
        }
    }
    let side = width + 2 * QUIET;
    Some(format!(
        "<svg class=\"qr\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" \
         role=\"img\" aria-label=\"QR code for your wallet\" shape-rendering=\"crispEdges\">\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/>\
         <path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_text_becomes_a_picture_and_a_book_does_not() {
        let svg = svg("https://op.example/p/x").unwrap();
        // Version 2 has 25 modules a side.
        assert!(svg.contains("viewBox=\"0 0 33 33\""), "{svg}");
        // The upper left finder pattern: seven dark modules.
        assert!(svg.contains("M4 4h7v1h-7z"), "{svg}");
        assert_eq!(super::svg(&"x".repeat(5000)), None);
    }
}
