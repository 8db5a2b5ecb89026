//! Values of a snapshot as answers show them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{scale::Scale, snapshot};

/// A value of the snapshot's scale: a number, or a word on the scales `outcome/1` and `partial-full/1`.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum CellValue {
    Number(i8),
    Word(&'static str),
}

/// The content of a cell: a value, or the state `not_assessed`.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum CellContent {
    Value(CellValue),
    State(CellState),
}

/// A cell without a value.
#[derive(Serialize, ToSchema)]
pub struct CellState {
    /// State of the cell.
    #[schema(value_type = crate::wire::names::CellStateName)]
    state: &'static str,
}

impl CellValue {
    pub fn new(value: i8, scale: Scale) -> Self {
        let word = usize::try_from(value).ok().and_then(|position| scale.words().get(position));
        word.map_or(Self::Number(value), |word| Self::Word(word))
    }
}

impl CellContent {
    pub fn new(value: snapshot::CellValue, scale: Scale) -> Self {
        match value {
            snapshot::CellValue::NotAssessed => Self::State(CellState { state: "not_assessed" }),
            snapshot::CellValue::Value(value) => Self::Value(CellValue::new(value, scale)),
        }
    }
}
