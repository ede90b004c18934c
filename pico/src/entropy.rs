//! The random numbers of one turn.

use rand_chacha::ChaCha20Rng;
use rand_core::{CryptoRng, RngCore, SeedableRng};

/// A cryptographic generator seeded by the caller, so that a repeated rule draws the same.
#[derive(Clone)]
pub struct Entropy {
    rng: ChaCha20Rng,
    /// The last id that sorts by time: the next one of the same millisecond is greater.
    last: u128,
}

impl Entropy {
    /// The generator of a turn; `seed` comes from the operating system.
    pub fn new(seed: [u8; 32]) -> Self {
        Self { rng: ChaCha20Rng::from_seed(seed), last: 0 }
    }

    /// `N` fresh random bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    /// An id that sorts by time: 48 bits of milliseconds, 80 random bits, 26 characters.
    ///
    /// Those of one millisecond sort by their making; then at least 64 bits are random.
    pub fn ordered_id(&mut self, now: i64) -> String {
        const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let random = self.bytes::<10>();
        let time = u128::from(now.max(0).unsigned_abs()) & ((1 << 48) - 1);
        let tail = random.iter().fold(0u128, |tail, byte| tail << 8 | u128::from(*byte));
        let mut value = time << 80 | tail;
        if value <= self.last && value >> 80 == self.last >> 80 {
            value = self.last.saturating_add(1 + (tail & u128::from(u64::MAX)));
        }
        self.last = value;
        (0..26).map(|i| char::from(ALPHABET[(value >> (125 - 5 * i)) as usize & 31])).collect()
    }

    /// An id that nobody can guess: 128 random bits in base58.
    pub fn secret_id(&mut self) -> String {
        bs58::encode(self.bytes::<16>()).into_string()
    }

    /// A version 4 UUID (RFC 9562), the usual form of a DIDComm message id.
    pub fn uuid(&mut self) -> String {
        let mut b = self.bytes::<16>();
        b[6] = b[6] & 0x0f | 0x40;
        b[8] = b[8] & 0x3f | 0x80;
        let hex: String = b.iter().map(|byte| format!("{byte:02x}")).collect();
        [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
    }
}

impl RngCore for Entropy {
    fn next_u32(&mut self) -> u32 {
        self.rng.next_u32()
    }
    fn next_u64(&mut self) -> u64 {
        self.rng.next_u64()
    }
    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.rng.fill_bytes(bytes);
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.rng.try_fill_bytes(bytes)
    }
}

impl CryptoRng for Entropy {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordered_ids_sort_by_time_and_differ() {
        let mut entropy = Entropy::new([7; 32]);
        let ids = [entropy.ordered_id(1), entropy.ordered_id(2), entropy.ordered_id(1 << 40)];
        assert!(ids.is_sorted());
        assert!(ids.iter().all(|id| id.len() == 26));
        assert_ne!(entropy.ordered_id(1), ids[0]);
        let same: Vec<String> = (0..100).map(|_| entropy.ordered_id(5)).collect();
        assert!(same.is_sorted(), "ids of one millisecond sort by their making");
    }

    #[test]
    fn a_uuid_carries_its_version() {
        let uuid = Entropy::new([1; 32]).uuid();
        assert_eq!((uuid.len(), uuid.as_bytes()[14]), (36, b'4'));
    }
}
