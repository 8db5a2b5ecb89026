//! `peerbench snapshot build`: reads exports, writes the snapshot, says what leaves and what was left out.

mod catalogues;
mod format;
mod lint;
mod own;
mod summary;

use std::{
    path::{Path, PathBuf},
    sync::Mutex,
};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use format::Format;
use summary::{Summary, json_object};

use crate::{
    cli::{
        Failure,
        output::{self, grouped},
        private_file,
        progress::Progress,
    },
    domain::{
        attack::{AttackVersion, Catalogues},
        calendar::Month,
        scale::Scale,
        snapshot::{AdapterVersion, Basis, Context as ParseContext, Snapshot, Source, parse},
        technology,
    },
    sources::{
        self, BuildError, Built, CollectError, Collected, Complete, Context, LOG_WITHOUT_TECHNIQUE,
        MAX_TECHNIQUES, Options, Reading, Reason, counts, cve, templates,
    },
};

/// From how many files or bytes on reading tells how far it is.
const PROGRESS_FROM: usize = 2000;
const PROGRESS_FROM_BYTES: u64 = 8 * 1024 * 1024;

/// Arguments of `peerbench snapshot build`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench snapshot build examples/rules/sigma -o snapshot.json")]
pub struct Args {
    /// Rule exports: files, or folders to search for them.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Source product. Detected from the files if omitted.
    #[arg(long, value_name = "SOURCE")]
    from: Option<Source>,
    /// Technology to count rules for, such as microsoft.windows; repeat it or use commas. Default: every technology that
    /// at least one enabled rule names.
    #[arg(long = "technology", value_name = "TECHNOLOGY", value_delimiter = ',')]
    technologies: Vec<String>,
    /// Technology whose rules are all in the export, so that a technique without a rule counts as 0 instead of not
    /// assessed; or `none`. Default: all technologies of the snapshot except those with native detections; none for
    /// layers.
    #[arg(long, value_name = "TECHNOLOGY", value_delimiter = ',')]
    complete: Vec<String>,
    /// Basis of evidence: deployed; catalog for a vendor's content, disabled rules included; validated or observed for
    /// outcomes of tests and logs. Default: what the files show.
    #[arg(long)]
    basis: Option<Basis>,
    /// Month in which the export was taken, such as 2026-11. Default: this month.
    #[arg(long, value_name = "MONTH")]
    period: Option<Month>,
    /// Number of the feed: 2, 3, … for a second or third system of the same product.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=99))]
    feed: u8,
    /// ATT&CK version to map technique IDs to. Default: the newest.
    #[arg(long, value_name = "VERSION")]
    attack: Option<AttackVersion>,
    /// Further ATT&CK version: a STIX bundle, or the address of the service, whose version is then used and cached.
    #[arg(long, value_name = "FILE|URL")]
    catalogue: Option<String>,
    /// Scale of the scores in a layer: rule-count/1, percent/1, dettect/1 or partial-full/1.
    #[arg(long)]
    scale: Option<Scale>,
    /// Technology of a log source, as NAME=TECHNOLOGY (`*` in the name matches anything), or a file with one per line.
    #[arg(long = "map", value_name = "NAME=TECHNOLOGY|FILE")]
    mappings: Vec<String>,
    /// File with techniques for your own rules, one rule per line: `RULE = TECHNIQUES` replaces the techniques that the
    /// rule names, `+=` adds to them. RULE is a name or ID; `*` matches anything. The file stays on this machine.
    #[arg(long, value_name = "FILE")]
    tags: Option<PathBuf>,
    /// CSV file with the columns cve and technique, for IPS protections, which name vulnerabilities. Lines whose
    /// mapping_type is an impact are ignored: an IPS stops the exploit, not what would have followed.
    #[arg(long, value_name = "FILE")]
    cve_map: Option<PathBuf>,
    /// Folder of Sentinel rule templates. A rule exported without techniques takes those of its template.
    #[arg(long, value_name = "DIR")]
    templates: Option<PathBuf>,
    /// Leave out rules that name more techniques than this; 0 for no limit.
    #[arg(long, value_name = "NUMBER", default_value_t = MAX_TECHNIQUES)]
    max_techniques: usize,
    /// Build nothing; list rules whose technique tags are missing, malformed, outdated (with the current ID) or too broad.
    /// Exits with 1 if there are any.
    #[arg(long, conflicts_with_all = ["output", "explain", "counts"])]
    lint: bool,
    /// Show the rules behind each cell. Local only: nothing of this is in the snapshot.
    #[arg(long)]
    explain: bool,
    /// Show the counts per technique before anything is left out. Local only.
    #[arg(long)]
    counts: bool,
    /// Continue if some files can't be read, and list them in the summary.
    #[arg(long)]
    keep_going: bool,
    /// Output file for the snapshot; `-` for standard output.
    #[arg(short, long, value_name = "FILE", required_unless_present = "lint")]
    output: Option<PathBuf>,
    /// Format of the summary on standard error, or of the findings of --lint.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Runs the command; `now` decides the default period.
pub fn run(args: &Args, now: DateTime<Utc>) -> Result<(), Failure> {
    if args.lint {
        return lint(args);
    }
    if args.format == Format::Sarif {
        return Err(Failure::usage("--format sarif is for --lint only."));
    }
    let mut told = Map::new();
    match build(args, now, &mut told) {
        Ok(text) => {
            match args.format {
                Format::Json => eprintln!("{}", output::escaped(&Value::Object(told).to_string())),
                Format::Text | Format::Sarif => eprint!("{}", output::for_terminal(&text)),
            }
            Ok(())
        }
        Err(failure) if args.format == Format::Json => {
            told.insert("error".to_owned(), json!(failure.to_string()));
            let object = output::escaped(&Value::Object(told).to_string());
            Err(match failure {
                Failure::Refused(_) => Failure::Refused(object),
                Failure::Usage(_) => Failure::Usage(object),
                Failure::Remote(_) => Failure::Remote(object),
            })
        }
        Err(failure) => Err(failure),
    }
}

/// Builds and writes; the summary as text, and as an object in `told` as far as it got.
fn build(args: &Args, now: DateTime<Utc>, told: &mut Map<String, Value>) -> Result<String, Failure> {
    let current = Month::of(now).ok_or_else(|| Failure::usage("The computer's clock is not set."))?;
    let period = args.period.unwrap_or(current);
    if period > current {
        return Err(Failure::usage(format!("--period {period} is in the future: this month is {current}.")));
    }
    let mappings = own::mappings(&args.mappings)?;
    let cves = own::cve_map(args.cve_map.as_deref())?;
    let mut collected = readable(collect(args).map_err(Failure::refused)?, args)?;
    if let Some(output) = &args.output {
        spare(output, &collected, args)?;
    }
    let recovered = recover(args.templates.as_ref(), &mut collected)?;
    let cves_unknown = args.cve_map.is_none() && cve::are_named(&collected.reading);
    cves.apply(&mut collected.reading);
    let tags_unused = own::tag(args.tags.as_deref(), &mut collected.reading)?;
    let known = catalogues::known(args.catalogue.as_deref(), args.attack)?;
    let options = Options {
        source: collected.source,
        feed: args.feed,
        adapter: adapter()?,
        basis: args.basis.unwrap_or_else(|| collected.reading.basis()),
        period,
        attack: known.attack,
        technologies: args.technologies.clone(),
        complete: match args.complete.as_slice() {
            // What a file that couldn't be read holds is not known.
            [] if !collected.errors.is_empty() => Complete::Nothing,
            [] => Complete::Default,
            [none] if none == "none" => Complete::Nothing,
            these => Complete::These(these.to_vec()),
        },
        mappings,
        max_techniques: args.max_techniques,
        scale: args.scale,
    };
    let context = Context { catalogues: &known.catalogues, registry: technology::bundled() };
    let built = sources::build(&collected.reading, &options, context).map_err(|error| refused(&error))?;
    let bytes = checked(&built, &known.catalogues, current)?;

    let output = args.output.as_deref().unwrap_or(Path::new("-"));
    let mut summary = Summary {
        collected: &collected,
        built: &built,
        recovered,
        bytes: bytes.len(),
        explain: args.explain,
        tags_unused,
        cve_impacts: cves.impacts,
        note: known.note.as_deref(),
    };
    told.extend(json_object(&summary));
    if args.counts {
        told.extend(counts::of(&collected.reading, context).unwrap_or_default());
    }
    if let Some(why) = nothing(&built, &collected, args, cves_unknown) {
        summary.bytes = 0;
        let text = if args.format == Format::Text {
            summary.text(args.counts.then_some(told), output)
        } else {
            String::new()
        };
        told.insert("hint".to_owned(), json!(why));
        return Err(Failure::refused(format!("{text}There is nothing to upload: {why}")));
    }
    write(output, bytes)?;
    Ok(summary.text(args.counts.then_some(told), output))
}

/// The reason why a snapshot would say nothing, and what to do; `None` for one that says something. No rule in a technology
/// is something to say only if the user says so: it may as well be that nothing names techniques.
fn nothing(built: &Built, collected: &Collected, args: &Args, cves_unknown: bool) -> Option<String> {
    let reading = &collected.reading;
    let untagged = built.report.left_out.get(Reason::RulesUntagged);
    let declared = !args.complete.is_empty() && !built.snapshot.header.complete.is_empty() && untagged == 0;
    if !built.origins.is_empty() || declared {
        return None;
    }
    let rules = reading.rules.len();
    Some(if cves_unknown {
        "the protections name CVEs, not techniques. Map them with --cve-map FILE.".to_owned()
    } else if rules > 0 && built.report.with_technique == 0 {
        let source = collected.source;
        let none = if rules == 1 {
            "the rule names no".to_owned()
        } else {
            format!("none of the {} rules names a", grouped(rules))
        };
        format!("{none} technique. {}", sources::reader(source).untagged)
    } else if rules > 0 && untagged > 0 {
        let hint = sources::reader(collected.source).untagged;
        format!(
            "none of the enabled rules that can raise an alert names a technique, and {untagged} name none at all. {hint}"
        )
    } else if rules > 0 {
        "none of the enabled rules that can raise an alert names a technique. If that is right, declare it with \
         --technology and --complete."
            .to_owned()
    } else if reading.not_rules.contains_key(LOG_WITHOUT_TECHNIQUE) {
        "no log here names a technique. Export logs of the blades that write mitre_… fields.".to_owned()
    } else {
        let forms = sources::reader(collected.source).forms;
        format!("the files look like {} but have no rule or score. Supported: {forms}.", collected.source)
    })
}

/// Refuses an output that is one of the inputs, under whatever name.
fn spare(output: &Path, collected: &Collected, args: &Args) -> Result<(), Failure> {
    let Ok(output) = output.canonicalize() else { return Ok(()) };
    let own = [&args.tags, &args.cve_map].into_iter().flatten().chain(&args.paths);
    let maps = args.mappings.iter().chain(&args.catalogue).map(PathBuf::from);
    let mut inputs = own.chain(&collected.paths).cloned().chain(maps).filter(|input| input.is_file());
    let is_template = |folder: &PathBuf| folder.canonicalize().is_ok_and(|folder| output.starts_with(folder));
    if inputs.any(|input| is_same(&input, &output)) || args.templates.as_ref().is_some_and(is_template) {
        return Err(Failure::usage(format!(
            "-o {} would overwrite what is read: name another file.",
            output.display()
        )));
    }
    Ok(())
}

/// Returns true for two names of one file.
#[cfg(unix)]
fn is_same(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let file = |path: &Path| path.metadata().map(|file| (file.dev(), file.ino())).ok();
    file(one).is_some_and(|one| file(other) == Some(one))
}

/// Returns true for two names of one file.
#[cfg(not(unix))]
fn is_same(one: &Path, other: &Path) -> bool {
    one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}

fn refused(error: &BuildError) -> Failure {
    if error.is_of_the_input() { Failure::refused(error) } else { Failure::usage(error) }
}

/// The version of this program, as snapshots say it.
fn adapter() -> Result<AdapterVersion, Failure> {
    env!("CARGO_PKG_VERSION").parse().map_err(Failure::usage)
}

/// Lists what is wrong with the rules' tags; files that cannot be read are on the list.
fn lint(args: &Args) -> Result<(), Failure> {
    let cves = own::cve_map(args.cve_map.as_deref())?;
    let (mut reading, errors) = match collect(args) {
        Ok(mut collected) => {
            recover(args.templates.as_ref(), &mut collected)?;
            (collected.reading, collected.errors)
        }
        Err(CollectError::AllFailed(errors)) => (Reading::default(), errors),
        Err(error) => return Err(Failure::refused(error)),
    };
    cves.apply(&mut reading);
    let unused = own::tag(args.tags.as_deref(), &mut reading)?;
    unused.iter().for_each(|line| eprintln!("{}.", output::harmless(line)));
    let known = catalogues::known(args.catalogue.as_deref(), args.attack)?;
    let target = sources::target(&known.catalogues, known.attack).map_err(|error| refused(&error))?;
    let findings = sources::lint::lint(&reading, &errors, target, &known.catalogues, args.max_techniques);
    lint::run(findings, args.format)
}

fn collect(args: &Args) -> Result<Collected, CollectError> {
    let bar: Mutex<Option<Progress>> = Mutex::new(None);
    let step = |at: sources::Progress<'_>| {
        if args.format == Format::Text
            && (at.files >= PROGRESS_FROM || at.of >= PROGRESS_FROM_BYTES)
            && let Ok(mut bar) = bar.lock()
        {
            let what =
                if at.files == 1 { format!("Reading {}", at.file) } else { "Reading rules".to_owned() };
            bar.get_or_insert_with(|| Progress::start_bytes(&what, at.of)).set(at.bytes);
        }
    };
    let collected = sources::collect(&args.paths, args.from, &step)?;
    if let Some(bar) = bar.into_inner().ok().flatten() {
        bar.finish("done");
    }
    Ok(collected)
}

/// Stops where files could not be read, unless told to go on.
fn readable(collected: Collected, args: &Args) -> Result<Collected, Failure> {
    if !collected.errors.is_empty() && !args.keep_going {
        let list: Vec<String> = collected.errors.iter().map(ToString::to_string).collect();
        return Err(Failure::refused(format!(
            "{}\n{} of the files can't be read. Fix them, or leave them out with --keep-going.",
            list.join("\n"),
            collected.errors.len()
        )));
    }
    Ok(collected)
}

/// Takes techniques from the folder of templates, if there is one; how many rules got some.
fn recover(folder: Option<&PathBuf>, collected: &mut Collected) -> Result<Option<usize>, Failure> {
    let Some(folder) = folder else { return Ok(None) };
    if collected.source != Source::Sentinel {
        return Err(Failure::usage(format!(
            "--templates is for rules of sentinel; these are of {}.",
            collected.source
        )));
    }
    let templates = templates::load(std::slice::from_ref(folder)).map_err(|_| {
        Failure::usage(format!(
            "--templates {} holds no rule templates of Sentinel: name a folder with their YAML or JSON files, or with \
             a CSV table that has the columns template_id and techniques.",
            folder.display()
        ))
    })?;
    Ok(Some(templates.recover(&mut collected.reading)))
}

/// The bytes, checked as the service will check them.
fn checked(built: &Built, catalogues: &Catalogues, current: Month) -> Result<Vec<u8>, Failure> {
    let bytes = sources::to_bytes(&built.snapshot).map_err(Failure::refused)?;
    let context = ParseContext { catalogues, registry: technology::bundled(), current };
    let read: Result<Snapshot, _> = parse(&bytes, context);
    match read {
        Ok(read) if read == built.snapshot => Ok(bytes),
        Ok(_) => {
            Err(Failure::refused("The snapshot does not read back as it was built: please report this."))
        }
        Err(refused) => {
            let list: Vec<String> =
                refused.errors.iter().map(|error| format!("{}: {}", error.pointer, error.detail)).collect();
            Err(Failure::refused(format!("The service would refuse this snapshot: {}.", list.join("; "))))
        }
    }
}

fn write(path: &Path, bytes: Vec<u8>) -> Result<(), Failure> {
    if path == Path::new("-") {
        return output::text(&String::from_utf8(bytes).map_err(Failure::refused)?);
    }
    private_file::write(path, &bytes)
        .map_err(|error| Failure::remote(format!("{} cannot be written: {error}.", path.display())))
}
