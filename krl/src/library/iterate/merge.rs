//! A merge sort that asks for one comparison at a time.
//!
//! It compares in the order in which krl-stdlib 1.4 does (`asyncSort`): a program can see that. An
//! order that contradicts itself gives some order, and an end.

use crate::value::Value;

/// A sort on its way.
pub(super) struct Merge {
    source: Vec<Value>,
    target: Vec<Value>,
    /// Length of the runs that are being merged; not whole, so that runs differ by at most one.
    run: f64,
    /// Where the next merge begins, to its middle.
    reach: f64,
    left: usize,
    left_end: usize,
    right: usize,
    right_end: usize,
    write: usize,
}

impl Merge {
    pub(super) fn new(source: Vec<Value>) -> Self {
        let mut run = source.len() as f64;
        while run > 1.0 {
            run /= 2.0;
        }
        let target = vec![Value::Undefined; source.len()];
        let mut merge = Self {
            source,
            target,
            run,
            reach: run,
            left: 0,
            left_end: 0,
            right: 0,
            right_end: 0,
            write: 0,
        };
        if merge.source.len() > 1 {
            merge.begin();
        }
        merge
    }

    /// The next two values to compare; `None` when the list is sorted.
    pub(super) fn pair(&mut self) -> Option<(&Value, &Value)> {
        if self.source.len() < 2 {
            return None;
        }
        while !(self.left < self.left_end && self.right < self.right_end) {
            while self.left < self.left_end {
                self.take(true);
            }
            while self.right < self.right_end {
                self.take(false);
            }
            self.left = self.right_end;
            if self.reach >= self.source.len() as f64 {
                std::mem::swap(&mut self.source, &mut self.target);
                self.run *= 2.0;
                if self.run >= self.source.len() as f64 {
                    return None;
                }
                self.reach = self.run;
                self.left = 0;
            }
            self.begin();
        }
        Some((&self.source[self.left], &self.source[self.right]))
    }

    /// Takes the left or the right one of the pair.
    pub(super) fn take(&mut self, is_left: bool) {
        let place = if is_left { &mut self.left } else { &mut self.right };
        self.target[self.write] = std::mem::take(&mut self.source[*place]);
        *place += 1;
        self.write += 1;
    }

    pub(super) fn finish(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.source)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
        self.source.iter().chain(&self.target)
    }

    fn begin(&mut self) {
        let count = self.source.len();
        self.left_end = (self.reach.ceil() as usize).min(count);
        self.right = self.left_end;
        self.right_end = ((self.reach + self.run).ceil() as usize).min(count);
        self.reach += 2.0 * self.run;
        self.write = self.left;
    }
}
