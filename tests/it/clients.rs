//! Generated clients: the API document passes two linters, and four generators make clients of it, which compile and do a
//! console's main job (token, upload, summary, all pages of techniques, a refused upload) against the real server.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use serde_json::Value;

use crate::{
    api::sample::snapshot,
    support::{
        Store,
        community::settle,
        people::{Member, Profile},
        server::Service,
        tools::{Tools, done},
    },
};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json");
const JOBS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients");
const TOOLS: Tools = Tools("client-tools");

/// Node.js on the script of an npm package.
fn node(script: &str) -> Command {
    let mut command = TOOLS.node();
    command.arg(TOOLS.path("node_modules").join(script));
    command.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
    command
}

fn python(module: &str) -> Command {
    let mut command = TOOLS.python();
    command.args(["-m", module]);
    command
}

/// openapi-generator, which runs on Java.
fn openapi_generator() -> Command {
    let mut command = TOOLS.program("venv/bin/openapi-generator-cli");
    command.arg("generate").args(["--input-spec", DOCUMENT]);
    command.args(["--global-property", "apiTests=false,modelTests=false,apiDocs=false,modelDocs=false"]);
    command
}

#[test]
fn the_document_passes_the_linters() {
    let report = done(node("@redocly/cli/bin/cli.js").args(["lint", "--format", "json", DOCUMENT]));
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(
        (&report["totals"]["errors"], &report["totals"]["warnings"]),
        (&0.into(), &0.into()),
        "{report}"
    );
    let ruleset = Path::new(JOBS).join("spectral.yaml");
    let mut spectral = node("@stoplight/spectral-cli/dist/index.js");
    let report = done(
        spectral
            .args(["lint", "--quiet", "--format", "json", "--fail-severity", "hint", "--ruleset"])
            .arg(ruleset)
            .arg(DOCUMENT),
    );
    assert_eq!(serde_json::from_str::<Value>(&report).unwrap(), serde_json::json!([]));
}

/// An empty folder, within the tools so that Node.js finds its packages.
fn folder(name: &str) -> PathBuf {
    let folder = TOOLS.folder().join("generated").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A client: how it is generated beside its job, and how the job is compiled and run.
struct Client {
    name: &'static str,
    job: &'static str,
    generate: fn(&Path),
    compile: fn(&Path),
    run: fn(&Path) -> Command,
}

const CLIENTS: [Client; 4] = [
    Client {
        name: "openapi-generator-python",
        job: "openapi_generator_python.py",
        generate: |folder| {
            let mut generator = openapi_generator();
            done(generator.args(["-g", "python", "--package-name", "generated", "-o"]).arg(folder));
        },
        compile: check_python,
        run: run_python,
    },
    Client {
        name: "openapi-python-client",
        job: "openapi_python_client.py",
        generate: |folder| {
            let mut generator = TOOLS.program("venv/bin/openapi-python-client");
            generator.args([
                "generate",
                "--fail-on-warning",
                "--meta",
                "none",
                "--path",
                DOCUMENT,
                "--config",
            ]);
            generator.arg(Path::new(JOBS).join("openapi-python-client.yaml"));
            done(generator.arg("--output-path").arg(folder.join("generated")));
        },
        compile: check_python,
        run: run_python,
    },
    Client {
        name: "openapi-generator-typescript",
        job: "openapi_generator_typescript.ts",
        generate: |folder| {
            done(openapi_generator().args(["-g", "typescript-fetch", "-o"]).arg(folder.join("generated")));
        },
        compile: compile_typescript,
        run: run_typescript,
    },
    Client {
        name: "openapi-typescript",
        job: "openapi_typescript.ts",
        generate: |folder| {
            let mut generator = node("openapi-typescript/bin/cli.js");
            done(generator.arg(DOCUMENT).arg("--output").arg(folder.join("generated.d.ts")));
        },
        compile: compile_typescript,
        run: run_typescript,
    },
];

fn check_python(folder: &Path) {
    done(python("compileall").args(["-q", "."]).current_dir(folder));
    done(python("mypy").args(["--strict", "--follow-imports=silent", "job.py"]).current_dir(folder));
}

fn run_python(folder: &Path) -> Command {
    let mut command = TOOLS.python();
    command.arg("job.py").current_dir(folder);
    command
}

fn compile_typescript(folder: &Path) {
    fs::copy(Path::new(JOBS).join("tsconfig.json"), folder.join("tsconfig.json")).unwrap();
    done(node("typescript/bin/tsc").args(["--project", "."]).current_dir(folder));
}

fn run_typescript(folder: &Path) -> Command {
    let mut command = TOOLS.node();
    command.arg("out/job.js").current_dir(folder);
    command
}

/// Generates a client, compiles it and lets it do its job as a member.
fn try_client(client: &Client, service: &Service, member: &Member) {
    let folder = folder(client.name);
    (client.generate)(&folder);
    let extension = Path::new(client.job).extension().unwrap();
    fs::copy(Path::new(JOBS).join(client.job), folder.join("job").with_extension(extension)).unwrap();
    (client.compile)(&folder);
    let mut job = (client.run)(&folder);
    job.env("PEERBENCH_CLIENT_URL", service.base())
        .env("PEERBENCH_CLIENT_ID", &member.credentials.id)
        .env("PEERBENCH_CLIENT_SECRET", &member.credentials.secret)
        .env("SNAPSHOT", snapshot().to_string());
    let said = done(&mut job);
    assert!(said.contains("techniques; refused: "), "{}: {said}", client.name);
    assert_eq!(member.http.get("/v1/snapshots").expect(200).json()["items"].as_array().unwrap().len(), 1);
}

#[test]
fn generated_clients_compile_and_do_the_main_job() {
    let service = Service::start(Store::Sqlite);
    settle(&service, 60);
    service.run_json(&["release", "publish", "--format", "json"]);
    let members = CLIENTS.map(|client| service.member(&Profile::named(client.name)));
    let pairs: Vec<_> = CLIENTS.iter().zip(&members).collect();
    // Two at a time: a generator and a compiler keep a processor busy.
    thread::scope(|scope| {
        for pairs in pairs.chunks(2) {
            scope.spawn(|| pairs.iter().for_each(|(client, member)| try_client(client, &service, member)));
        }
    });
}
