//! `peerbench library count`: counts the rules of a library's whole content.

use std::{cmp::Reverse, fs, path::PathBuf};

use chrono::NaiveDate;

use crate::{
    cli::{Failure, output},
    domain::{
        attack::{AttackVersion, Catalogues},
        library::About,
        snapshot::Source,
        technology,
    },
    sources::{self, Context, Counted},
};

/// Log sources that the summary names.
const NAMED: usize = 10;

/// Arguments of `peerbench library count`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  peerbench library count sigma/rules --name \"SigmaHQ rules\" --repository \
                  https://github.com/SigmaHQ/sigma --commit 8eaafff1f2845a696050e05e72ba1140ee190698 --date 2026-08-05 \
                  --licence \"DRL 1.1\" -o sigmahq.json"
)]
pub struct Args {
    /// Folders with the whole content of the library at the commit. A sample would be misleading.
    #[arg(required = true, value_name = "FOLDER")]
    paths: Vec<PathBuf>,
    /// Product whose form the rules have. Detected from the files if omitted.
    #[arg(long, value_name = "SOURCE")]
    from: Option<Source>,
    /// Short name of the library. The output file's name without its ending if omitted.
    #[arg(long)]
    id: Option<String>,
    /// Name of the library.
    #[arg(long)]
    name: String,
    /// Address of the library's repository.
    #[arg(long, value_name = "URL")]
    repository: String,
    /// Full hash of the commit that was counted.
    #[arg(long, value_parser = commit)]
    commit: String,
    /// Date of the commit.
    #[arg(long)]
    date: NaiveDate,
    /// Licence of the rules. The counts hold none of them.
    #[arg(long)]
    licence: String,
    /// ATT&CK version to map technique IDs to. Default: the newest.
    #[arg(long, value_name = "VERSION")]
    attack: Option<AttackVersion>,
    /// Continue if some files can't be read, and list them in the summary.
    #[arg(long)]
    keep_going: bool,
    /// Output file for the counts.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// Reads a full commit hash.
fn commit(text: &str) -> Result<String, String> {
    let is_hash = text.len() == 40 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if is_hash { Ok(text.to_owned()) } else { Err("expected 40 hexadecimal digits".to_owned()) }
}

pub fn run(args: &Args) -> Result<(), Failure> {
    let collected = sources::collect(&args.paths, args.from, &|_| {}).map_err(Failure::refused)?;
    if !collected.errors.is_empty() && !args.keep_going {
        let list: Vec<String> = collected.errors.iter().map(ToString::to_string).collect();
        return Err(Failure::refused(format!(
            "{}\n{} of the files can't be read. Fix them, or leave them out with --keep-going.",
            list.join("\n"),
            list.len()
        )));
    }
    let stem = args.output.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let about = About {
        id: args.id.clone().or(stem).unwrap_or_default(),
        name: args.name.clone(),
        source: collected.source,
        repository: args.repository.clone(),
        commit: args.commit.clone(),
        date: args.date,
        licence: args.licence.clone(),
    };
    let catalogues = Catalogues::bundled();
    let context = Context { catalogues: &catalogues, registry: technology::bundled() };
    let catalogue = sources::target(&catalogues, args.attack).map_err(Failure::usage)?;
    let counted =
        sources::count_library(&collected.reading, about, catalogue, context).map_err(Failure::refused)?;
    let Counted { library, .. } = &counted;
    let text = library.to_json().map_err(Failure::refused)?;
    let name = args.output.display();
    fs::write(&args.output, text)
        .map_err(|error| Failure::remote(format!("{name} can't be written: {error}.")))?;
    output::text(&summary(&counted, collected.errors.len(), &name.to_string()))
}

fn summary(counted: &Counted, unread: usize, file: &str) -> String {
    let Counted { library, left_out, unmapped_sources } = counted;
    let counted = |rules: u32| usize::try_from(rules).map_or_else(|_| rules.to_string(), output::grouped);
    let mut text = format!(
        "{}, {} rules at commit {} of {}\n  {} rules name a technique of ATT&CK {}: {} parent techniques, {} with \
         sub-techniques.\n",
        library.about.name,
        counted(library.rules),
        library.about.commit,
        library.about.date,
        counted(library.with_technique),
        library.attack,
        library.parents(),
        library.techniques.len()
    );
    if unread > 0 {
        text.push_str(&format!("  Not counted: {unread} files that can't be read.\n"));
    }
    for (reason, count) in left_out.iter() {
        text.push_str(&format!("  Left out: {count} {}\n", reason.words()));
    }
    let mut by_count: Vec<(&String, &usize)> = unmapped_sources.iter().collect();
    by_count.sort_by_key(|(_, count)| Reverse(**count));
    for (name, count) in by_count.into_iter().take(NAMED) {
        text.push_str(&format!("  Log source of no known technology: {name} ({count} rules)\n"));
    }
    text.push_str(&format!("Written to {file}. It holds counts, and nothing of the rules.\n"));
    output::for_terminal(&text).into_owned()
}
