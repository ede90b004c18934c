//! Which known name was meant.

/// The name most like this one, if one is like it.
pub(super) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let most = match name.len() {
        0..=2 => return None,
        3..=5 => 1,
        _ => 2,
    };
    // A name as long as a page is nobody's mistake.
    if name.len() > 64 {
        return None;
    }
    let near = known.filter_map(|other| {
        let distance = distance(name.as_bytes(), other.as_bytes(), most)?;
        Some((distance, other))
    });
    near.min().map(|(_, other)| other)
}

/// How many bytes must change, when it is not more than `most`.
fn distance(one: &[u8], other: &[u8], most: usize) -> Option<usize> {
    if one.len().abs_diff(other.len()) > most || one == other {
        return None;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let change = before + usize::from(!a.eq_ignore_ascii_case(b));
            before = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row.last().copied().filter(|distance| *distance <= most)
}
