//! Reads the QR codes of a picture, as a wallet's camera does.

use crate::{Error, Result};

/// White, which is what a page has below transparent pixels.
const WHITE: u32 = 255;

/// The texts of all QR codes in a PNG picture.
pub fn decode(picture: &[u8]) -> Result<Vec<String>> {
    let bad = |error: &dyn std::fmt::Display| Error::Unexpected(format!("screenshot: {error}"));
    let mut decoder = png::Decoder::new(std::io::Cursor::new(picture));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|error| bad(&error))?;
    let size = reader.output_buffer_size().ok_or_else(|| bad(&"too large"))?;
    let mut pixels = vec![0; size];
    let info = reader.next_frame(&mut pixels).map_err(|error| bad(&error))?;
    let samples = info.color_type.samples();
    let (width, height) = (info.width as usize, info.height as usize);

    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        let at = y * info.line_size + x * samples;
        brightness(&pixels[at..at + samples])
    });
    Ok(image.detect_grids().iter().filter_map(|grid| grid.decode().ok()).map(|(_, t)| t).collect())
}

/// 0 is black; the samples are grey, grey and alpha, RGB, or RGB and alpha.
fn brightness(samples: &[u8]) -> u8 {
    let (colours, alpha) = match samples {
        [grey] => (&[*grey][..], WHITE),
        [colours @ .., alpha] if samples.len().is_multiple_of(2) => (colours, u32::from(*alpha)),
        colours => (colours, WHITE),
    };
    let sum: u32 = colours.iter().map(|c| u32::from(*c)).sum();
    let mean = sum / u32::try_from(colours.len().max(1)).unwrap_or(1);
    u8::try_from((mean * alpha + WHITE * (WHITE - alpha)) / WHITE).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparent_is_white_and_opaque_black_is_black() {
        assert_eq!(brightness(&[0, 0, 0, 0]), 255);
        assert_eq!(brightness(&[0, 0, 0, 255]), 0);
        assert_eq!(brightness(&[200]), 200);
        assert_eq!(brightness(&[30, 60, 90]), 60);
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        assert!(decode(b"not a picture").is_err());
    }
}
