//! `peerbench sync`: one round trip for a scheduler. The rules come out of the SIEM by its own read API, a snapshot is built
//! from them here, the snapshot alone leaves, and the rows of the comparison go into the consoles.

use std::{
    fs::{self, TryLockError},
    path::{Path, PathBuf},
};

use clap::Parser as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Failure,
    console::{self, PushArgs},
    output, private_file,
    secret_file::secret,
    snapshot,
};
use crate::{
    auth::make_private_dir,
    connect::{
        rules::{Access, RuleApi, RuleSource},
        state,
    },
    domain::release::Hash,
    environment::{Clock as _, SystemClock},
    settings::{Settings, Sync},
};

const FORMAT: &str = "peerbench-sync-state/1";

/// Arguments of `peerbench sync`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  peerbench sync sync.toml --dry-run")]
pub struct Args {
    /// Settings file with the sections `sync` and `client`, and one for each console that is pushed to.
    #[arg(value_name = "CONFIG")]
    pub file: PathBuf,
    /// Export and build, and show what would leave. Nothing is uploaded or pushed.
    #[arg(long)]
    dry_run: bool,
}

/// The snapshot that the service has from the last run.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    format: String,
    /// Service and digest of the snapshot that was uploaded last.
    uploaded: String,
}

pub fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let sync = &settings.sync;
    let source = source(sync)?;
    let api = rule_api(source, settings)?;
    let folder = sync.folder.clone();
    make_private_dir(&folder).map_err(|error| {
        Failure::usage(format!("The folder {} can't be used: {error}.", folder.display()))
    })?;
    // Another run would remove the rules that this one builds from.
    let _lock = state::lock(&folder.join("sync.state")).map_err(|error| in_use(&folder, &error))?;
    let state = State::read(&folder)?;
    let pushes = pushes(sync, &folder)?;

    // Rules stay in this folder, which only its owner reads, and go when the run ends.
    let rules = Rules::new(folder.join("rules"))?;
    for file in api.export()? {
        let path = rules.path().join(&file.name);
        private_file::write(&path, &file.bytes)
            .map_err(|error| Failure::remote(format!("{} can't be written: {error}.", path.display())))?;
    }
    let snapshot = folder.join("snapshot.json");
    build(source, sync, rules.path(), &snapshot)?;
    drop(rules);
    let text = fs::read_to_string(&snapshot).map_err(Failure::remote)?;
    enforce(sync, &text)?;
    if args.dry_run {
        return output::text("Dry run: nothing was uploaded or pushed.\n");
    }
    let service = settings.client.url.as_deref().unwrap_or_default();
    let digest = Hash::of(format!("{service}\n{text}").as_bytes()).to_string();
    if state.uploaded == digest {
        output::text("The service has this snapshot already. Nothing was uploaded.\n")?;
    } else {
        snapshot::upload(&snapshot, settings)?;
        State { format: FORMAT.to_owned(), uploaded: digest }.write(&folder)?;
    }
    pushes.iter().try_for_each(|push| console::push(push, settings))
}

fn in_use(folder: &Path, error: &TryLockError) -> Failure {
    let why = match error {
        TryLockError::WouldBlock => {
            "is in use: another run is under way. Give each file of settings a folder of its own with sync.folder".to_owned()
        }
        TryLockError::Error(error) => format!("can't be used: {error}"),
    };
    Failure::refused(format!("The folder {} {why}. Nothing was uploaded or pushed.", folder.display()))
}

/// The product that the settings name.
fn source(sync: &Sync) -> Result<RuleSource, Failure> {
    console::named("sync.source", console::needed("sync.source", sync.source.as_ref())?)
}

fn rule_api(source: RuleSource, settings: &Settings) -> Result<RuleApi, Failure> {
    let sync = &settings.sync;
    // Only some products need it.
    let of = |needs: bool, key: &str, value: &Option<String>| match needs {
        true => console::needed(key, value.as_ref()).map(str::to_owned),
        false => Ok(String::new()),
    };
    let access = Access {
        source,
        url: console::needed("sync.url", sync.url.as_ref())?.to_owned(),
        secret: secret("sync.token", sync.token.as_ref(), sync.token_file.as_deref())?.reveal().to_owned(),
        account: of(source.has_account(), "sync.account", &sync.account)?,
        key_type: console::named("sync.key_type", &sync.key_type)?,
        tenant_id: of(source.has_tenant(), "sync.tenant_id", &sync.tenant_id)?,
        cloud: console::named("sync.cloud", &sync.cloud)?,
        login: sync.login.clone(),
    };
    Ok(RuleApi::new(console::caller(settings)?, access)?)
}

/// Rules of a run. They are removed with the value.
struct Rules(PathBuf);

impl Rules {
    fn new(path: PathBuf) -> Result<Self, Failure> {
        let failed = |error| Failure::usage(format!("The folder {} can't be used: {error}.", path.display()));
        if path.exists() {
            // A run that was killed left it.
            fs::remove_dir_all(&path).map_err(failed)?;
        }
        make_private_dir(&path).map_err(failed)?;
        Ok(Self(path))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Rules {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("The rules in {} can't be removed: {error}.", self.0.display());
        }
    }
}

/// Builds the snapshot as `peerbench snapshot build` does, with the arguments of the setting `sync.build`.
fn build(source: RuleSource, sync: &Sync, rules: &Path, snapshot: &Path) -> Result<(), Failure> {
    #[derive(clap::Parser)]
    #[command(name = "sync.build")]
    struct Build {
        #[command(flatten)]
        args: snapshot::BuildArgs,
    }
    let more = sync.build.clone().unwrap_or_default();
    let own = |argument: &String| {
        ["-o", "--output", "--from", "--lint", "--explain", "--counts"]
            .iter()
            .any(|name| argument.starts_with(name))
    };
    if let Some(argument) = more.iter().find(|argument| own(argument)) {
        return Err(Failure::usage(format!("The setting sync.build must not have {argument}.")));
    }
    let from = source.name().into();
    let fixed = ["sync.build".into(), rules.into(), "--from".into(), from, "-o".into(), snapshot.into()];
    let arguments = fixed.into_iter().chain(more.into_iter().map(std::ffi::OsString::from));
    let build = Build::try_parse_from(arguments)
        .map_err(|error| Failure::usage(format!("The setting sync.build is invalid: {}", error.render())))?;
    snapshot::build(&build.args, SystemClock.now())
}

/// Refuses a snapshot that says more than what was agreed on.
fn enforce(sync: &Sync, text: &str) -> Result<(), Failure> {
    let Some(allowed) = &sync.technologies else { return Ok(()) };
    let snapshot: Value = serde_json::from_str(text).map_err(Failure::remote)?;
    let named = snapshot
        .get("technologies")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    let others: Vec<&str> = named.filter(|name| !allowed.iter().any(|known| known == name)).collect();
    match others.is_empty() {
        true => Ok(()),
        false => Err(Failure::refused(format!(
            "The snapshot names technologies that sync.technologies doesn't: {}. Add them, or leave them out with `--technology` \
             in sync.build. Nothing was uploaded.",
            others.join(", ")
        ))),
    }
}

/// The pushes of the settings, each with its state file.
fn pushes(sync: &Sync, folder: &Path) -> Result<Vec<PushArgs>, Failure> {
    #[derive(clap::Parser)]
    #[command(name = "sync.push")]
    struct Push {
        #[command(flatten)]
        args: PushArgs,
    }
    let consoles = sync.push.clone().unwrap_or_default();
    let one = |console: String| {
        let state = folder.join(format!("{console}.state"));
        let mut arguments =
            vec!["sync.push".into(), console.into(), "--state".into(), state.into_os_string()];
        if let Some(cohort) = &sync.cohort {
            arguments.extend(["--cohort".into(), cohort.into()]);
        }
        let push = Push::try_parse_from(arguments);
        let push = push.map_err(|error| {
            Failure::usage(format!("The setting sync.push is invalid: {}", error.render()))
        })?;
        Ok(push.args)
    };
    consoles.into_iter().map(one).collect()
}

impl State {
    fn read(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join("sync.state");
        let refused = |why: &str| {
            Failure::refused(format!(
                "The state file {} {why}. Nothing was uploaded or pushed.",
                path.display()
            ))
        };
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(refused(&format!("can't be read: {error}"))),
        };
        let value: Value =
            serde_json::from_str(&text).map_err(|_| refused("is damaged. Move it away to begin anew"))?;
        match value.get("format").and_then(Value::as_str) {
            Some(FORMAT) => {
                serde_json::from_value(value).map_err(|_| refused("is damaged. Move it away to begin anew"))
            }
            Some(format) if format.starts_with("peerbench-sync-state/") => {
                Err(refused("is of a later version of peerbench. Update peerbench"))
            }
            _ => Err(refused("is damaged or something else. Move it away to begin anew")),
        }
    }

    fn write(&self, folder: &Path) -> Result<(), Failure> {
        let bytes = serde_json::to_vec(self).map_err(Failure::remote)?;
        let (new, path) = (folder.join("sync.state.new"), folder.join("sync.state"));
        private_file::write(&new, &bytes)
            .and_then(|()| fs::rename(&new, &path))
            .map_err(|error| Failure::remote(format!("{} can't be written: {error}.", path.display())))
    }
}
