//! What can be said of a pattern before it runs.

use super::parse::Node;

/// What every match begins with, when that is plain text. Returns whether the whole node is it.
pub(super) fn literal_prefix(node: &Node, prefix: &mut String) -> bool {
    match node {
        Node::Empty => true,
        Node::Char(code) => match char::from_u32(*code) {
            Some(c) => {
                prefix.push(c);
                true
            }
            None => false,
        },
        Node::Group { node, .. } => literal_prefix(node, prefix),
        Node::Concat(nodes) => nodes.iter().all(|node| literal_prefix(node, prefix)),
        Node::Repeat { node, min, .. } if *min > 0 => {
            literal_prefix(node, prefix);
            false
        }
        Node::Any
        | Node::Class { .. }
        | Node::Start
        | Node::End
        | Node::Boundary { .. }
        | Node::BackReference(_)
        | Node::NamedReference(_)
        | Node::Look { .. }
        | Node::Repeat { .. }
        | Node::Alternatives(_) => false,
    }
}

/// Whether it can match at the beginning of the text only, the flag `m` not being set.
pub(super) fn is_anchored(node: &Node) -> bool {
    match node {
        Node::Start => true,
        Node::Group { node, .. } => is_anchored(node),
        Node::Concat(nodes) => nodes.first().is_some_and(is_anchored),
        Node::Alternatives(nodes) => nodes.iter().all(is_anchored),
        Node::Empty
        | Node::Char(_)
        | Node::Any
        | Node::Class { .. }
        | Node::End
        | Node::Boundary { .. }
        | Node::BackReference(_)
        | Node::NamedReference(_)
        | Node::Look { .. }
        | Node::Repeat { .. } => false,
    }
}

/// Whether it may match nothing.
pub(super) fn may_be_empty(node: &Node) -> bool {
    match node {
        Node::Char(_) | Node::Any | Node::Class { .. } => false,
        Node::Empty
        | Node::Start
        | Node::End
        | Node::Boundary { .. }
        | Node::BackReference(_)
        | Node::NamedReference(_)
        | Node::Look { .. } => true,
        Node::Group { node, .. } => may_be_empty(node),
        Node::Repeat { node, min, .. } => *min == 0 || may_be_empty(node),
        Node::Concat(nodes) => nodes.iter().all(may_be_empty),
        Node::Alternatives(nodes) => nodes.iter().any(may_be_empty),
    }
}

/// Whether it has backreferences or lookaround.
pub(super) fn needs_backtracking(node: &Node) -> bool {
    match node {
        Node::BackReference(_) | Node::NamedReference(_) | Node::Look { .. } => true,
        Node::Group { node, .. } | Node::Repeat { node, .. } => needs_backtracking(node),
        Node::Concat(nodes) | Node::Alternatives(nodes) => nodes.iter().any(needs_backtracking),
        Node::Empty
        | Node::Char(_)
        | Node::Any
        | Node::Class { .. }
        | Node::Start
        | Node::End
        | Node::Boundary { .. } => false,
    }
}
