//! The grammar of a snapshot: which members there are, in which form, and how many things at most.

/// More cells than all techniques of all technologies that one organisation plausibly runs.
pub const MAX_CELLS: usize = 50_000;
pub const MAX_TECHNOLOGIES: usize = 200;
/// A hostile body could otherwise make the answer larger than itself.
pub const MAX_ERRORS: usize = 200;

/// The members of a snapshot, in the order in which an error lists them.
pub const SNAPSHOT: &[Member] = &[
    Member::required("schema", Form::Scalar),
    Member::required("period", Form::Scalar),
    Member::required("attack", Form::Object(ATTACK)),
    Member::required("producer", Form::Object(PRODUCER)),
    Member::required("basis", Form::Scalar),
    Member::required("scale", Form::Scalar),
    Member::required("technologies", Form::List(MAX_TECHNOLOGIES)),
    Member::required("complete", Form::List(MAX_TECHNOLOGIES)),
    Member::required("cells", Form::Cells),
    Member::optional("window_days"),
];
const ATTACK: &[Member] =
    &[Member::required("domain", Form::Scalar), Member::required("version", Form::Scalar)];
const PRODUCER: &[Member] = &[
    Member::required("source", Form::Scalar),
    Member::required("feed", Form::Scalar),
    Member::required("adapter", Form::Scalar),
];
pub const CELL: &[Member] = &[
    Member::required("technique", Form::Scalar),
    Member::required("technology", Form::Scalar),
    Member::optional("value"),
    Member::optional("state"),
];

/// A member of an object of the grammar.
#[derive(Debug)]
pub struct Member {
    pub name: &'static str,
    pub required: bool,
    pub form: Form,
}

/// The JSON that a member's value is kept from.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// A text or an integer.
    Scalar,
    /// Scalars, at most this many.
    List(usize),
    Object(&'static [Member]),
    /// The one list that isn't kept as it stands.
    Cells,
}

impl Member {
    pub const fn required(name: &'static str, form: Form) -> Self {
        Self { name, required: true, form }
    }

    pub const fn optional(name: &'static str) -> Self {
        Self { name, required: false, form: Form::Scalar }
    }
}
