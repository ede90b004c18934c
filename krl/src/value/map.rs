//! Maps: text keys to values, in the order in which JavaScript enumerates an object.

use super::{Text, Value, deepest, nest};
use crate::fault::Fault;
use indexmap::IndexMap;
use std::sync::Arc;

/// Largest number of keys that JavaScript orders as array indices.
const INDEX_MAX: u32 = u32::MAX - 1;

/// Text keys to values. Keys that are array indices (`0`, `12`) come first, by their number;
/// the others follow in the order in which they were first set.
#[derive(Clone, Debug, Default)]
pub struct Map(Arc<MapBody>);

#[derive(Clone, Debug, Default)]
struct MapBody {
    depth: u32,
    entries: IndexMap<Text, Value>,
    /// How many of the entries, the first ones, have keys that are array indices.
    indices: usize,
}

impl Map {
    /// A map of these entries; of two with one key the later counts, in the place of the first.
    pub fn new(entries: impl IntoIterator<Item = (Text, Value)>) -> Result<Self, Fault> {
        let mut body = MapBody::default();
        // Sorted once: putting each in its place one by one takes time by the square.
        let mut indexed: Vec<(u32, Text, Value)> = Vec::new();
        let mut others: Vec<(Text, Value)> = Vec::new();
        for (key, value) in entries {
            match as_index(&key) {
                Some(index) => indexed.push((index, key, value)),
                None => others.push((key, value)),
            }
        }
        indexed.sort_by_key(|(index, ..)| *index);
        body.entries.extend(indexed.into_iter().map(|(_, key, value)| (key, value)));
        body.indices = body.entries.len();
        body.entries.extend(others);
        body.depth = deepest(body.entries.values())?;
        Ok(Self(Arc::new(body)))
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.entries.get(key)
    }

    /// How many keys it has.
    pub fn len(&self) -> usize {
        self.0.entries.len()
    }

    /// Whether it has no keys.
    pub fn is_empty(&self) -> bool {
        self.0.entries.is_empty()
    }

    /// The entries in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Text, &Value)> + ExactSizeIterator {
        self.0.entries.iter()
    }

    /// The entry at a place in the order.
    pub fn at(&self, place: usize) -> Option<(&Text, &Value)> {
        self.0.entries.get_index(place)
    }

    /// The same map with a value set; in place when nobody else holds the map.
    pub fn with(mut self, key: Text, value: Value) -> Result<Self, Fault> {
        let depth = nest(value.depth())?;
        let body = Arc::make_mut(&mut self.0);
        body.depth = body.depth.max(depth);
        body.insert(key, value);
        Ok(self)
    }

    /// The same map without a key.
    pub fn without(mut self, key: &str) -> Self {
        if self.get(key).is_some() {
            let body = Arc::make_mut(&mut self.0);
            body.entries.shift_remove(key);
            body.indices -= usize::from(as_index(key).is_some());
        }
        self
    }

    pub(super) fn depth(&self) -> u32 {
        self.0.depth
    }

    /// Whether somebody else holds the map, so that a change copies it.
    pub fn is_shared(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    /// Names the map itself, whoever holds it: for counting shared memory once.
    pub fn address(&self) -> usize {
        Arc::as_ptr(&self.0) as usize
    }
}

impl MapBody {
    fn insert(&mut self, key: Text, value: Value) {
        if let Some(old) = self.entries.get_mut(&key) {
            *old = value;
            return;
        }
        let Some(index) = as_index(&key) else {
            self.entries.insert(key, value);
            return;
        };
        let keys = self.entries.as_slice();
        let indices = &keys[..self.indices];
        let place = indices.partition_point(|key, _| as_index(key).is_some_and(|i| i < index));
        self.entries.shift_insert(place, key, value);
        self.indices += 1;
    }
}

/// The number of a key that JavaScript orders as an array index.
fn as_index(key: &str) -> Option<u32> {
    let is_canonical = key == "0" || (key.starts_with(|c: char| matches!(c, '1'..='9')));
    let index: u32 = if is_canonical { key.parse().ok()? } else { return None };
    (index <= INDEX_MAX && key.bytes().all(|byte| byte.is_ascii_digit())).then_some(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_in_the_order_of_javascript() {
        let entries = ["b", "10", "a", "2", "01", "2"].map(|key| (Text::from(key), Value::Null));
        let map = Map::new(entries).unwrap();
        let keys: Vec<&str> = map.iter().map(|(key, _)| &**key).collect();
        assert_eq!(keys, ["2", "10", "b", "a", "01"]);
        let keys: Vec<String> = map.without("2").iter().map(|(key, _)| key.to_string()).collect();
        assert_eq!(keys, ["10", "b", "a", "01"]);
    }

    #[test]
    fn of_two_values_with_one_key_the_later_counts() {
        let keys = ["x", "3", "1", "x", "3"];
        let entries =
            keys.iter().zip(0u8..).map(|(key, n)| (Text::from(*key), Value::Number(n.into())));
        let map = Map::new(entries).unwrap();
        let print: Vec<String> =
            map.iter().map(|(key, value)| format!("{key}={value:?}")).collect();
        assert_eq!(print, ["1=Number(2.0)", "3=Number(4.0)", "x=Number(3.0)"]);
        let map = map.with("2".into(), Value::Null).unwrap();
        assert_eq!(map.iter().map(|(key, _)| &**key).collect::<Vec<_>>(), ["1", "2", "3", "x"]);
    }

    #[test]
    fn nesting_is_bounded() {
        let mut value = Value::Null;
        for _ in 0..super::super::DEPTH_MAX {
            value = Value::Map(Map::new([("k".into(), value)]).unwrap());
        }
        assert_eq!(Map::new([("k".into(), value)]).err(), Some(Fault::Limit("DEPTH_MAX")));
    }
}
