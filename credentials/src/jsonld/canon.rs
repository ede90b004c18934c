//! RDF dataset canonicalization with a bound on its work.
//!
//! Source: RDFC-1.0 §4 (with SHA-256 the same as URDNA2015). A "poison" dataset makes the
//! algorithm exponential (RDFC-1.0 §7.1); the count of hashed blank nodes stops it.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::quad::Quad;
use crate::Error;

/// Steps (a related node hashed, a node of a path named) spent on blank nodes that look alike.
/// An honest credential needs none or a few; the bound is reached in some tens of milliseconds.
pub const CANONICALIZATION_STEPS_MAX: u32 = 20_000;
/// Blank nodes that look alike in one dataset.
pub const ALIKE_BLANK_NODES_MAX: usize = 256;

/// RDFC-1.0 §4.3: hands out `c14n0`, `c14n1`, … in the order of first use.
#[derive(Clone, Debug)]
struct Issuer {
    prefix: &'static str,
    issued: BTreeMap<usize, usize>,
    order: Vec<usize>,
}

impl Issuer {
    fn new(prefix: &'static str) -> Self {
        Self { prefix, issued: BTreeMap::new(), order: Vec::new() }
    }

    fn name(&self, blank: usize) -> Option<String> {
        Some(format!("_:{}{}", self.prefix, self.issued.get(&blank)?))
    }

    fn issue(&mut self, blank: usize) -> String {
        if !self.issued.contains_key(&blank) {
            self.issued.insert(blank, self.order.len());
            self.order.push(blank);
        }
        self.name(blank).unwrap_or_default()
    }
}

struct State<'a> {
    quads: &'a [Quad],
    of_blank: BTreeMap<usize, Vec<usize>>,
    first_degree: BTreeMap<usize, String>,
    canonical: Issuer,
    steps: u32,
}

/// The sorted canonical lines of the dataset (RDFC-1.0 §4.4).
pub(super) fn canonical(quads: &[Quad]) -> Result<String, Error> {
    let mut state = State::new(quads);
    // §4.4.3 step 3 and 4: blank nodes with a hash of their own get their names first.
    let mut by_hash: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for blank in state.of_blank.keys().copied().collect::<Vec<_>>() {
        let hash = state.first_degree_hash(blank);
        by_hash.entry(hash).or_default().push(blank);
    }
    for blanks in by_hash.values() {
        if let [only] = blanks[..] {
            state.canonical.issue(only);
        }
    }
    let alike: usize = by_hash.values().map(Vec::len).filter(|count| *count > 1).sum();
    if alike > ALIKE_BLANK_NODES_MAX {
        return Err(Error::TooLarge("ALIKE_BLANK_NODES_MAX"));
    }
    // Step 5: the others are told apart by their neighbours.
    for blanks in by_hash.values().filter(|blanks| blanks.len() > 1) {
        let mut paths = Vec::new();
        for blank in blanks {
            if state.canonical.issued.contains_key(blank) {
                continue;
            }
            let mut temporary = Issuer::new("b");
            temporary.issue(*blank);
            paths.push(state.n_degree_hash(*blank, temporary)?);
        }
        paths.sort_by(|a, b| a.0.cmp(&b.0));
        for (_, issuer) in paths {
            for blank in issuer.order {
                state.canonical.issue(blank);
            }
        }
    }
    let label = |blank| state.canonical.name(blank).unwrap_or_default();
    let mut lines: Vec<_> = quads.iter().map(|quad| quad.line(&label)).collect();
    lines.sort_unstable();
    lines.dedup();
    Ok(lines.concat())
}

impl<'a> State<'a> {
    fn new(quads: &'a [Quad]) -> Self {
        let mut of_blank: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, quad) in quads.iter().enumerate() {
            for (blank, _) in quad.blanks() {
                let indexes = of_blank.entry(blank).or_default();
                if indexes.last() != Some(&index) {
                    indexes.push(index);
                }
            }
        }
        let canonical = Issuer::new("c14n");
        Self { quads, of_blank, first_degree: BTreeMap::new(), canonical, steps: 0 }
    }

    fn quads_of(&self, blank: usize) -> impl Iterator<Item = &'a Quad> + use<'a> {
        let quads = self.quads;
        let indexes = self.of_blank.get(&blank).cloned().unwrap_or_default();
        indexes.into_iter().filter_map(move |index| quads.get(index))
    }

    /// §4.6 Hash First Degree Quads.
    fn first_degree_hash(&mut self, blank: usize) -> String {
        if let Some(hash) = self.first_degree.get(&blank) {
            return hash.clone();
        }
        let label = |other| {
            if other == blank { "_:a".into() } else { "_:z".into() }
        };
        let mut lines: Vec<_> = self.quads_of(blank).map(|quad| quad.line(&label)).collect();
        lines.sort_unstable();
        let hash = sha256_hex(&lines.concat());
        self.first_degree.insert(blank, hash.clone());
        hash
    }

    /// §4.7 Hash Related Blank Node.
    fn related_hash(&mut self, related: usize, quad: &Quad, issuer: &Issuer, at: char) -> String {
        let name = self.canonical.name(related).or_else(|| issuer.name(related));
        let name = name.unwrap_or_else(|| self.first_degree_hash(related));
        if at == 'g' {
            sha256_hex(&format!("g{name}"))
        } else {
            sha256_hex(&format!("{at}<{}>{name}", quad.predicate))
        }
    }

    /// §4.8 Hash N-Degree Quads.
    fn n_degree_hash(
        &mut self,
        blank: usize,
        mut issuer: Issuer,
    ) -> Result<(String, Issuer), Error> {
        self.step()?;
        let mut related: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for quad in self.quads_of(blank) {
            for (other, at) in quad.blanks().filter(|(other, _)| *other != blank) {
                self.step()?;
                let hash = self.related_hash(other, quad, &issuer, at);
                related.entry(hash).or_default().push(other);
            }
        }
        let mut data = String::new();
        for (hash, mut blanks) in related {
            data.push_str(&hash);
            let mut chosen: Option<(String, Issuer)> = None;
            blanks.sort_unstable();
            loop {
                self.step()?;
                if let Some(candidate) = self.path(&blanks, &issuer, chosen.as_ref())? {
                    chosen = Some(candidate);
                }
                if !next_permutation(&mut blanks) {
                    break;
                }
            }
            if let Some((path, chosen_issuer)) = chosen {
                data.push_str(&path);
                issuer = chosen_issuer;
            }
        }
        Ok((sha256_hex(&data), issuer))
    }

    /// §4.8 steps 5.4.1 to 5.4.6 for one permutation: `None` when it is not the least so far.
    fn path(
        &mut self,
        blanks: &[usize],
        issuer: &Issuer,
        chosen: Option<&(String, Issuer)>,
    ) -> Result<Option<(String, Issuer)>, Error> {
        let worse = |path: &str| {
            chosen.is_some_and(|(best, _)| path.len() >= best.len() && path > best.as_str())
        };
        let mut issuer = issuer.clone();
        let mut path = String::new();
        let mut recursion = Vec::new();
        for blank in blanks {
            self.step()?;
            if let Some(name) = self.canonical.name(*blank) {
                path.push_str(&name);
            } else {
                if !issuer.issued.contains_key(blank) {
                    recursion.push(*blank);
                }
                path.push_str(&issuer.issue(*blank));
            }
            if worse(&path) {
                return Ok(None);
            }
        }
        for blank in recursion {
            let (hash, next) = self.n_degree_hash(blank, issuer.clone())?;
            path.push_str(&issuer.issue(blank));
            path.push_str(&format!("<{hash}>"));
            issuer = next;
            if worse(&path) {
                return Ok(None);
            }
        }
        let least = chosen.is_none_or(|(best, _)| path < *best);
        Ok(least.then_some((path, issuer)))
    }

    fn step(&mut self) -> Result<(), Error> {
        self.steps += 1;
        if self.steps > CANONICALIZATION_STEPS_MAX {
            return Err(Error::TooLarge("CANONICALIZATION_STEPS_MAX"));
        }
        Ok(())
    }
}

/// The next permutation in lexicographic order; `false` after the last.
fn next_permutation(items: &mut [usize]) -> bool {
    let Some(pivot) = items.windows(2).rposition(|pair| pair[0] < pair[1]) else {
        return false;
    };
    if let Some(swap) = items.iter().rposition(|item| *item > items[pivot]) {
        items.swap(pivot, swap);
    }
    items[pivot + 1..].reverse();
    true
}

fn sha256_hex(text: &str) -> String {
    use std::fmt::Write;
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
