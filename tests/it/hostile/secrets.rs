//! Secrets stay where they are: in messages, in files that leave the tool, in keys that others can read, and with a service
//! that sends its client elsewhere.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    sync::{Arc, Mutex},
    thread,
};

use crate::support::{
    Store,
    console::{Console, Ran},
    on_both,
    server::Service,
};

on_both!(another_signing_key_is_refused_until_it_is_accepted);

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn no_message_repeats_a_password() {
    let console = Console::new(Store::Sqlite);
    for (text, code) in [
        ("[database]\nurl = \"postgres://u:hush@h/d\nlisten = 1\n", 2),
        ("[database]\nurl = \"postgres://u:hush/x@127.0.0.1/d\"\n", 2),
        ("[database]\nurl = \"postgres://u:hush@x@127.0.0.1/d\"\n", 2),
        ("[client]\nsecret = hush\n", 2),
        ("[client]\nurl = \"http://u:hush@127.0.0.1:1\"\n", 2),
        ("[client]\nurl = \"http://127.0.0.1:1/?hush\"\n", 2),
        ("[database]\nurl = \"sqlite:postgres://u:hush@h/d\"\n", 2),
        ("[database]\nurl = \"postgres://u:hush@127.0.0.1:1/d\"\n", 3),
        ("[database]\nurl = \"mysql://u:hush@127.0.0.1:1/d\"\n", 2),
    ] {
        let file = console.folder().join("settings.toml");
        fs::write(&file, text).unwrap();
        let file = file.to_str().unwrap();
        let mut command = console.command(&["--config", file, "organisation", "list"]);
        let ran = Ran::of(command.env_remove("PEERBENCH_DATABASE_URL"));
        assert_eq!(ran.code, code, "{text}: {}", ran.err);
        assert!(!ran.err.contains("hush") && !ran.out.contains("hush"), "{text}: {}", ran.err);
    }
    for url in
        ["postgres://u:hush@h/d?p%61ssword=hush", "postgres://u:hush@h/d?sslpassword=hush&PASSWORD=hush"]
    {
        let mut command = console.command(&["config"]);
        let ran = Ran::of(command.env("PEERBENCH_DATABASE_URL", url)).done();
        assert!(!ran.out.contains("hush"), "{}", ran.out);
    }
}

#[test]
fn what_leaves_the_tool_is_its_owners() {
    let console = Console::new(Store::Sqlite);
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/rules/sigma");
    let file = console.folder().join("snapshot.json");
    fs::write(&file, "of somebody else").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    console.run(&["snapshot", "build", rules.to_str().unwrap(), "-o", file.to_str().unwrap()]).done();
    assert_eq!(mode(&file), 0o600);
}

#[test]
fn keys_and_settings_that_others_can_read_are_told_of() {
    let mut service = Service::start(Store::Sqlite);
    assert!(!service.log().contains("chmod 600"), "{}", service.log());
    service.kill();
    let key = Path::new(service.setting("PEERBENCH_DATA_DIR")).join("signing-key.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let settings = service.folder().join("peerbench.toml");
    fs::write(&settings, "").unwrap();
    fs::set_permissions(&settings, fs::Permissions::from_mode(0o644)).unwrap();
    service.start_again();
    let log = service.log();
    assert_eq!(log.matches("chmod 600").count(), 2, "{log}");
    assert!(log.contains("signing-key.pem") && log.contains("peerbench.toml"), "{log}");
}

fn another_signing_key_is_refused_until_it_is_accepted(store: Store) {
    let mut service = Service::start(store);
    service.kill();
    let data = Path::new(service.setting("PEERBENCH_DATA_DIR")).to_owned();
    let elsewhere = service.folder().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::copy(data.join("release-key"), elsewhere.join("release-key")).unwrap();
    let elsewhere = elsewhere.display().to_string();
    let refused = service.refused_with(&[("PEERBENCH_DATA_DIR", &elsewhere)]);
    assert!(refused.contains("`signing-key.pem` of this data directory is none"), "{refused}");
    let accept = |data: &str| {
        let mut command = service.command(&["keys", "accept"]);
        Ran::of(command.env("PEERBENCH_DATA_DIR", data)).done()
    };
    accept(&elsewhere);
    service.start_again_with(&[("PEERBENCH_DATA_DIR", &elsewhere)]);
    service.kill();
    service.start_again_with(&[("PEERBENCH_DATA_DIR", &data.display().to_string())]);
}

/// Answers everything with what `answer` makes of a path, and keeps what it was asked.
fn serve(answer: impl Fn(&str) -> String + Send + 'static) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&asked);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = vec![0; 65_536];
            let read = stream.read(&mut request).unwrap_or_default();
            let request = String::from_utf8_lossy(&request[..read]).into_owned();
            let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
            kept.lock().unwrap().push(request);
            let _ = stream.write_all(answer(&path).as_bytes());
        }
    });
    (base, asked)
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

fn common(path: &str) -> Option<String> {
    match path {
        "/.well-known/oauth-authorization-server" => {
            Some(ok(r#"{"token_endpoint": "http://elsewhere.example/oauth/token"}"#))
        }
        "/oauth/token" => Some(ok(r#"{"access_token": "the-token"}"#)),
        "/.well-known/jwks.json" => Some(ok(r#"{"keys": []}"#)),
        _ => None,
    }
}

fn client(console: &Console, base: &str, arguments: &[&str]) -> Ran {
    let mut command = console.command(arguments);
    command.env("PEERBENCH_CLIENT_URL", base);
    command.env("PEERBENCH_CLIENT_ID", "id").env("PEERBENCH_CLIENT_SECRET", "secret");
    Ran::of(&mut command)
}

#[test]
fn a_token_goes_nowhere_else() {
    let console = Console::new(Store::Sqlite);
    let (elsewhere, stolen) = serve(|_| ok("{}"));
    let host = elsewhere.trim_start_matches("http://").to_owned();
    for href in [
        elsewhere.clone() + "/v1/x",
        format!("@{host}/v1/x"),
        format!("//{host}/v1/x"),
        "/v1/\\u001b[2J".to_owned(),
    ] {
        let (base, asked) = serve(move |path| {
            common(path).unwrap_or_else(|| {
                ok(&format!(
                    r#"{{"manifest": "x", "items": [{{"number": 1}}], "tables": [{{"basis": "deployed", "cohort": "all",
                    "href": "{href}", "salt": "{0}", "index": 0, "size": 1, "path": []}}]}}"#,
                    "0".repeat(64)
                ))
            })
        });
        let folder = console.folder().join("saved");
        let ran = client(&console, &base, &["release", "verify", folder.to_str().unwrap(), "--download"]);
        assert_ne!(ran.code, 0);
        assert!(!ran.err.contains('\u{1b}'), "{:?}", ran.err);
        assert!(asked.lock().unwrap().iter().any(|request| request.contains("the-token")), "{}", ran.err);
    }
    let (base, _) = serve(move |path| {
        let moved = format!(
            "HTTP/1.1 302 Found\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        common(path).unwrap_or(moved)
    });
    client(&console, &base, &["compare"]).failed(3, &["redirect"]);
    assert!(stolen.lock().unwrap().is_empty(), "{stolen:?}");
}

#[test]
fn no_control_character_of_a_service_reaches_the_terminal() {
    let console = Console::new(Store::Sqlite);
    let (base, _) = serve(|path| {
        common(path).unwrap_or_else(|| {
            let body = "{\"title\": \"a\\u001b[2Jb\\u202ec\", \"status\": 403, \"detail\": \"d\\rnothing happened\"}";
            format!(
                "HTTP/1.1 403 Forbidden\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            )
        })
    });
    let ran = client(&console, &base, &["compare"]).failed(3, &["refused the request (403)"]);
    assert!(!ran.err.contains(['\u{1b}', '\u{202e}', '\r']), "{:?}", ran.err);
}
