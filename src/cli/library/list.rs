//! `peerbench library list`: the libraries that ship with the program.

use crate::{
    cli::{
        Failure, Format,
        output::{self, Items, Report},
    },
    domain::library,
    report::table::{Align, Table},
    wire::library::Library,
};

/// Arguments of `peerbench library list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench library list")]
pub struct Args {
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Report for Items<Library> {
    fn text(&self) -> String {
        let mut table = Table::new(&[
            ("library", Align::Left),
            ("date", Align::Left),
            ("commit", Align::Left),
            ("rules", Align::Right),
            ("with technique", Align::Right),
            ("techniques", Align::Right),
            ("ATT&CK", Align::Right),
            ("licence of the rules", Align::Left),
        ]);
        let counted = |rules: u32| usize::try_from(rules).map_or_else(|_| rules.to_string(), output::grouped);
        for library in &self.items {
            table.row(vec![
                library.name.clone(),
                library.date.to_string(),
                library.commit.chars().take(12).collect(),
                counted(library.rules),
                counted(library.with_technique),
                library.techniques.to_string(),
                library.attack.to_string(),
                library.licence.clone(),
            ]);
        }
        format!(
            "{table}\nCounts of public rules, a reference beside your peers. Techniques are parent techniques.\n"
        )
    }
}

pub fn run(args: &Args) -> Result<(), Failure> {
    let items = library::bundled().iter().map(Library::from).collect();
    output::print(&Items::<Library> { items }, args.format)
}
