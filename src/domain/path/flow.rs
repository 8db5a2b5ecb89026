//! Attack Flows as graphs, and the order of steps that follows from one. Actions come in the order in which they can happen;
//! branches of which an attacker takes one are alternatives, side by side in one step where they are equally far along.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{
    draft::{Draft, DraftStep, DraftWay},
    step::PathSource,
};

/// Nodes that a flow may have.
pub const MAX_NODES: usize = 1_000;
/// Edges that a flow may have.
pub const MAX_EDGES: usize = 4_000;

/// A node of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// Something that an attacker does.
    Action {
        title: Option<String>,
        /// The technique as it is written; `None` if the action names none.
        technique: Option<String>,
    },
    Condition,
    /// Every way in is needed.
    And,
    /// One way in suffices.
    Or,
}

/// A directed edge between two nodes, by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    pub from: usize,
    pub to: usize,
    /// The branch of a condition: true or false. `None` for every other edge.
    pub branch: Option<bool>,
}

/// A flow: nodes in the order of the file, and the nodes where it starts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flow {
    pub title: Option<String>,
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
    /// Positions of the nodes where the flow starts, if it says so.
    pub starts: Vec<usize>,
}

/// A flow that is larger than a person draws.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "has {nodes} actions, conditions and operators and {edges} edges; at most {MAX_NODES} and {MAX_EDGES} are read"
)]
pub struct TooLarge {
    nodes: usize,
    edges: usize,
}

impl Flow {
    /// The steps of the flow. Cycles end where they come back to an action that has happened.
    pub fn draft(&self) -> Result<Draft, TooLarge> {
        if self.nodes.len() > MAX_NODES || self.edges.len() > MAX_EDGES {
            return Err(TooLarge { nodes: self.nodes.len(), edges: self.edges.len() });
        }
        let graph = Graph::without_cycles(self);
        let depths = graph.depths(&self.nodes);
        let labels = graph.labels(&self.nodes);
        let mut actions: Vec<usize> = (0..self.nodes.len())
            .filter(|node| matches!(self.nodes.get(*node), Some(Node::Action { .. })))
            .collect();
        let depth = |node: usize| depths.get(node).copied().unwrap_or_default();
        actions.sort_by_key(|node| (depth(*node), *node));
        let of = |node: usize| labels.get(node);
        let mut steps: Vec<(usize, Vec<usize>)> = Vec::new();
        for action in &actions {
            let joins = |other: &usize| are_alternatives(of(*action), of(*other));
            let at = depth(*action);
            let step = steps.iter_mut().find(|(depth, ways)| *depth == at && ways.iter().all(joins));
            match step {
                Some((_, ways)) => ways.push(*action),
                None => steps.push((at, vec![*action])),
            }
        }
        let steps = steps.into_iter().map(|(_, ways)| {
            let around = |way: &usize| {
                let beside = actions.iter().filter(|other| !ways.contains(other));
                beside.into_iter().any(|other| are_alternatives(of(*way), of(*other)))
            };
            // With an alternative in the step itself, it can't be gone around.
            let on_a_branch = ways.len() == 1 && ways.iter().all(around);
            DraftStep { ways: ways.iter().filter_map(|way| self.way(*way)).collect(), on_a_branch }
        });
        let (title, steps) = (self.title.clone(), steps.collect());
        Ok(Draft { source: PathSource::Flow, id: None, title, ordered: true, steps })
    }

    fn way(&self, node: usize) -> Option<DraftWay> {
        match self.nodes.get(node)? {
            Node::Action { title, technique } => Some(DraftWay {
                title: title.clone(),
                techniques: technique.iter().cloned().collect(),
                tactic: None,
            }),
            Node::Condition | Node::And | Node::Or => None,
        }
    }
}

/// The side of each choice that a node is on, where it is on one side alone: by the choice's number.
type Labels = BTreeMap<usize, usize>;

/// Says that an attacker who comes by one node doesn't come by the other: they are on different sides of a choice.
fn are_alternatives(a: Option<&Labels>, b: Option<&Labels>) -> bool {
    a.zip(b)
        .is_some_and(|(a, b)| a.iter().any(|(choice, side)| b.get(choice).is_some_and(|other| other != side)))
}

/// Edges in both directions, without those that close a cycle.
struct Graph {
    next: Vec<Vec<(usize, Option<bool>)>>,
    before: Vec<Vec<usize>>,
    /// A topological order.
    order: Vec<usize>,
}

impl Graph {
    /// Walks from the starts, then from what nothing leads to, then from whatever is left, and leaves out edges that lead
    /// back into the walk.
    fn without_cycles(flow: &Flow) -> Self {
        let count = flow.nodes.len();
        let mut all: Vec<Vec<(usize, Option<bool>)>> = vec![Vec::new(); count];
        let mut is_reached = vec![false; count];
        for edge in flow.edges.iter().filter(|edge| edge.to < count && edge.from != edge.to) {
            if let Some(next) = all.get_mut(edge.from) {
                next.push((edge.to, edge.branch));
                is_reached.iter_mut().skip(edge.to).take(1).for_each(|reached| *reached = true);
            }
        }
        let free = (0..count).filter(|node| is_reached.get(*node) == Some(&false));
        let roots: Vec<usize> =
            flow.starts.iter().copied().filter(|node| *node < count).chain(free).chain(0..count).collect();
        let mut graph =
            Self { next: vec![Vec::new(); count], before: vec![Vec::new(); count], order: Vec::new() };
        let mut states = vec![State::New; count];
        for root in roots {
            graph.walk(root, &all, &mut states);
        }
        graph.order.reverse();
        graph
    }

    fn walk(&mut self, root: usize, all: &[Vec<(usize, Option<bool>)>], states: &mut [State]) {
        // The nodes on the way, with the number of their edges that were followed: no recursion, however long the way.
        let mut way: Vec<(usize, usize)> = Vec::new();
        if let Some(state @ State::New) = states.get_mut(root) {
            *state = State::OnTheWay;
            way.push((root, 0));
        }
        while let Some((node, followed)) = way.last_mut() {
            let (from, edge) = (*node, all.get(*node).and_then(|edges| edges.get(*followed)));
            *followed += 1;
            let Some((to, branch)) = edge else {
                states.iter_mut().skip(from).take(1).for_each(|state| *state = State::Done);
                self.order.push(from);
                way.pop();
                continue;
            };
            let Some(state) = states.get_mut(*to) else { continue };
            if *state == State::OnTheWay {
                continue;
            }
            if let (Some(next), Some(before)) = (self.next.get_mut(from), self.before.get_mut(*to)) {
                next.push((*to, *branch));
                before.push(from);
            }
            if *state == State::New {
                *state = State::OnTheWay;
                way.push((*to, 0));
            }
        }
    }

    /// The number of actions on the longest way to each node, itself included.
    fn depths(&self, nodes: &[Node]) -> Vec<usize> {
        let mut depths = vec![0_usize; nodes.len()];
        for node in &self.order {
            let before = self.before.get(*node).into_iter().flatten();
            let longest = before.filter_map(|from| depths.get(*from)).max().copied().unwrap_or_default();
            let own = usize::from(matches!(nodes.get(*node), Some(Node::Action { .. })));
            depths.iter_mut().skip(*node).take(1).for_each(|depth| *depth = longest + own);
        }
        depths
    }

    /// The sides of choices that nodes are on: ways into an OR, and the two branches of a condition.
    fn labels(&self, nodes: &[Node]) -> Vec<Labels> {
        let mut labels = vec![Labels::new(); nodes.len()];
        for (choice, node) in nodes.iter().enumerate() {
            let sides: Vec<Vec<bool>> = match node {
                Node::Or => self
                    .before
                    .get(choice)
                    .into_iter()
                    .flatten()
                    .map(|way| self.reached(*way, false))
                    .collect(),
                Node::Condition => [true, false]
                    .map(|branch| {
                        let next = self.next.get(choice).into_iter().flatten();
                        let taken = next.filter(|(_, of)| *of == Some(branch)).map(|(to, _)| *to);
                        taken.fold(vec![false; nodes.len()], |mut reached, to| {
                            let more = self.reached(to, true);
                            reached.iter_mut().zip(more).for_each(|(known, more)| *known |= more);
                            reached
                        })
                    })
                    .to_vec(),
                Node::Action { .. } | Node::And => continue,
            };
            for (at, label) in labels.iter_mut().enumerate() {
                let mut on =
                    (0..).zip(&sides).filter(|(_, side)| side.get(at) == Some(&true)).map(|(side, _)| side);
                if let (Some(side), None) = (on.next(), on.next()) {
                    label.insert(choice, side);
                }
            }
        }
        labels
    }

    /// The nodes that lead to a node, or that it leads to, itself included.
    fn reached(&self, from: usize, forwards: bool) -> Vec<bool> {
        let mut reached = vec![false; self.next.len()];
        let mut open = vec![from];
        while let Some(node) = open.pop() {
            match reached.get_mut(node) {
                Some(known @ false) => *known = true,
                _ => continue,
            }
            match forwards {
                true => open.extend(self.next.get(node).into_iter().flatten().map(|(to, _)| *to)),
                false => open.extend(self.before.get(node).into_iter().flatten()),
            }
        }
        reached
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    OnTheWay,
    Done,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn action(name: &str) -> Node {
        Node::Action { title: Some(name.to_owned()), technique: Some("T1059".to_owned()) }
    }

    fn flow(nodes: Vec<Node>, edges: &[(usize, usize, Option<bool>)]) -> Flow {
        let edges = edges.iter().map(|(from, to, branch)| Edge { from: *from, to: *to, branch: *branch });
        Flow { nodes, edges: edges.collect(), ..Flow::default() }
    }

    /// Steps with `|` between alternatives and `?` after what can be gone around.
    fn said(flow: &Flow) -> Vec<String> {
        let steps = flow.draft().unwrap().steps;
        let step = |step: &DraftStep| {
            let ways: Vec<&str> = step.ways.iter().filter_map(|way| way.title.as_deref()).collect();
            ways.join("|") + if step.on_a_branch { "?" } else { "" }
        };
        steps.iter().map(step).collect()
    }

    #[test]
    fn actions_come_in_the_order_in_which_they_can_happen() {
        // c after both ways of an AND, whatever the order in the file.
        let nodes = vec![action("c"), action("a"), Node::And, action("b"), action("a2")];
        let flow = flow(nodes, &[(1, 4, None), (4, 2, None), (3, 2, None), (2, 0, None)]);
        assert_eq!(said(&flow), ["a", "b", "a2", "c"]);
    }

    #[test]
    fn ways_into_an_or_and_branches_of_a_condition_are_alternatives() {
        let or = flow(
            vec![action("start"), action("x"), action("y"), Node::Or, action("end")],
            &[(0, 1, None), (0, 2, None), (1, 3, None), (2, 3, None), (3, 4, None)],
        );
        assert_eq!(said(&or), ["start", "x|y", "end"]);
        let condition = flow(
            vec![action("start"), Node::Condition, action("yes"), action("no"), action("more")],
            &[(0, 1, None), (1, 2, Some(true)), (1, 3, Some(false)), (2, 4, None)],
        );
        assert_eq!(said(&condition), ["start", "yes|no", "more?"]);
        // Two effects of one branch both happen.
        let both =
            flow(vec![Node::Condition, action("a"), action("b")], &[(0, 1, Some(true)), (0, 2, Some(true))]);
        assert_eq!(said(&both), ["a", "b"]);
    }

    #[test]
    fn cycles_end() {
        let nodes = vec![action("a"), action("b"), action("c")];
        let mut flow = flow(nodes, &[(0, 1, None), (1, 2, None), (2, 0, None), (1, 1, None)]);
        assert_eq!(said(&flow), ["a", "b", "c"]);
        flow.starts = vec![1];
        assert_eq!(said(&flow), ["b", "c", "a"], "a flow says where it starts");
    }

    #[test]
    fn long_flows_are_read_and_longer_ones_refused() {
        let chain = |count: usize| {
            let edges: Vec<_> = (1..count).map(|to| (to - 1, to, None)).collect();
            flow((0..count).map(|n| action(&n.to_string())).collect(), &edges)
        };
        assert_eq!(said(&chain(MAX_NODES)).len(), MAX_NODES);
        assert!(chain(MAX_NODES + 1).draft().is_err());
    }

    proptest! {
        /// Every action is in one step, and no edge without a cycle leads to an earlier one.
        #[test]
        fn nothing_is_lost(kinds in proptest::collection::vec(0_u8..6, 1..25), edges in proptest::collection::vec((0_usize..25, 0_usize..25, proptest::option::of(any::<bool>())), 0..60), starts in proptest::collection::vec(0_usize..30, 0..3)) {
            let node = |(n, kind): (usize, &u8)| match kind {
                0 => Node::Condition,
                1 => Node::And,
                2 => Node::Or,
                _ => action(&n.to_string()),
            };
            let nodes: Vec<Node> = kinds.iter().enumerate().map(node).collect();
            let mut flow = flow(nodes, &edges);
            flow.starts = starts;
            let mut named: Vec<String> = flow.draft().unwrap().steps.iter().flat_map(|step| &step.ways).filter_map(|way| way.title.clone()).collect();
            named.sort_unstable();
            let mut expected: Vec<String> = flow.nodes.iter().filter_map(|node| match node { Node::Action { title, .. } => title.clone(), _ => None }).collect();
            expected.sort_unstable();
            prop_assert_eq!(named, expected);
        }
    }
}
