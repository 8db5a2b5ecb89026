//! The lists of every technique in every column, as the rules pull them: some parent techniques with their sub-techniques
//! at a time, so that no list of all columns exists at once. Rolling up is relational work and is done outside the domain;
//! its definitions stand in `domain::coverage`.

use thiserror::Error;

use super::{
    entry::Entry,
    layout::{BlockIx, ByTechnique, ColumnIx, Layout, TechniqueIx, Techniques},
};
use crate::domain::{
    attack::TechniqueId,
    release::cohorts::index::{By, MemberIx, Members},
};

/// The reason why values could not be rolled up: nothing is released then (R26).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the members' values could not be rolled up: {0}")]
pub struct RollUpError(pub String);

/// Rolls up what the members have, block by block. A block is a parent technique with its sub-techniques.
pub trait RollUp: Send + Sync {
    /// The blocks that are rolled up together: ascending, without a gap, all of them.
    fn together(&self) -> Vec<Vec<BlockIx>>;

    /// Fills the empty lists of such blocks.
    fn roll_up(&self, lists: &mut [BlockLists<'_>]) -> Result<(), RollUpError>;

    /// Leaves out the members without a number and renumbers the others; numbers ascend.
    fn renumber(&mut self, numbers: &By<Members, Option<MemberIx>>);
}

/// The lists of one block's techniques, each ascending by member. Whoever rolls up fills it; only the rules read it.
pub struct BlockLists<'l> {
    layout: &'l Layout,
    block: BlockIx,
    /// Numbers the members.
    members: By<Members, ()>,
    lists: ByTechnique<Vec<Entry>>,
    one_scale: bool,
}

impl<'l> BlockLists<'l> {
    /// Empty lists.
    pub(in crate::domain::release) fn new(
        layout: &'l Layout,
        block: BlockIx,
        members: By<Members, ()>,
    ) -> Self {
        Self { layout, block, members, lists: layout.grid(block, Vec::new()), one_scale: false }
    }

    pub fn block(&self) -> BlockIx {
        self.block
    }

    /// The block's techniques.
    pub fn techniques(&self) -> &'l By<Techniques, TechniqueId> {
        &self.layout.blocks()[self.block]
    }

    /// Adds a member's value of a technique in a column. Members ascend within a list. `scale` is the position in
    /// `Scale::ALL`. The cells of a technique that [is one](Self::is_one) are its technologies' columns and need not be
    /// added. Fails where there is no such member.
    pub fn push(
        &mut self,
        technique: TechniqueIx,
        column: ColumnIx,
        (member, value, scale): (u32, u8, u8),
    ) -> Result<(), RollUpError> {
        let number = usize::try_from(member).ok().and_then(|member| self.members.index_of(member));
        let Some(member) = number else { return Err(no_member(member)) };
        self.lists[(technique, column)].push(Entry { member, value, scale });
        Ok(())
    }

    /// Says that all cells of the block are on one scale: then a finer column's list is part of the coarser one's.
    pub fn set_one_scale(&mut self) {
        self.one_scale = true;
    }

    pub(in crate::domain::release) fn one_scale(&self) -> bool {
        self.one_scale
    }

    /// Nothing rolls up into a sub-technique, nor into a parent without any: its cell and its column are one list.
    pub fn is_one(&self, technique: TechniqueIx) -> bool {
        technique.position() > 0 || self.techniques().len() == 1
    }

    /// A technique's list in a column.
    pub(in crate::domain::release) fn list(&self, technique: TechniqueIx, column: ColumnIx) -> &[Entry] {
        let own = self.layout.column_of_cell(column).filter(|_| self.is_one(technique));
        &self.lists[(technique, own.unwrap_or(column))]
    }
}

#[cold]
fn no_member(number: u32) -> RollUpError {
    RollUpError(format!("there is no member number {number}"))
}
