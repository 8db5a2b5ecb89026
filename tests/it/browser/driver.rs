//! A real Chromium, driven by WebDriver: what a person does, and what the browser noticed meanwhile.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::{Agent, http::Request};

/// The name of an element in WebDriver.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
const AXE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/target/browser-tools/node_modules/axe-core/axe.min.js");
/// Screenshots and figures of the run, kept for whoever looks at them.
pub const ARTEFACTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/browser");
/// Time for a page to become what a test waits for, on a machine that tests share.
const PATIENCE: Duration = Duration::from_secs(60);

const FLAGS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
];

/// The colours that the system asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    Light,
    Dark,
}

/// The width and height of a window.
pub type Size = (u32, u32);
pub const DESK: Size = (1440, 900);
pub const PHONE: Size = (390, 844);

/// A browser with a fresh profile. It ends with the value.
pub struct Chromium {
    driver: Child,
    /// Kept open, because the driver writes to it.
    _said: BufReader<ChildStdout>,
    agent: Agent,
    base: String,
    session: String,
    _profile: TempDir,
}

/// An element of the page.
pub struct Element<'a> {
    browser: &'a Chromium,
    path: String,
}

impl Theme {
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// Starts a driver, and returns it with its output and its port once it listens; `None` if it ends before.
fn listen() -> Option<(Child, BufReader<ChildStdout>, u16)> {
    let mut driver = Command::new(program("chromedriver"))
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(driver.stdout.take().unwrap());
    let mut line = String::new();
    while said.read_line(&mut line).unwrap() > 0 {
        if let Some((_, port)) = line.trim().trim_end_matches('.').split_once("started successfully on port ")
        {
            let port = port.parse().unwrap();
            return Some((driver, said, port));
        }
        line.clear();
    }
    driver.wait().unwrap();
    None
}

/// A program on the path; panics where it is missing.
fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("{name} is missing: run scripts/setup test"))
}

impl Chromium {
    pub fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        // Another program may take the port that the driver has found.
        let (driver, said, port) =
            std::iter::repeat_with(listen).take(5).flatten().next().expect("chromedriver listens");
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(120)))
            .build()
            .new_agent();
        let base = format!("http://127.0.0.1:{port}");
        let mut flags: Vec<String> = FLAGS.map(str::to_owned).into();
        flags.push(format!("--user-data-dir={}", profile.path().display()));
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "binary": program("chromium"), "args": flags },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
            "timeouts": { "pageLoad": 60_000, "script": 60_000 },
        } } });
        let mut browser =
            Self { driver, _said: said, agent, base, session: String::new(), _profile: profile };
        let begun = browser.ask("POST", "/session", Some(&wanted));
        browser.session = format!("/session/{}", begun["sessionId"].as_str().unwrap());
        browser
    }

    /// The value of an answer, or the name of an error and what it says.
    fn try_ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, (String, String)> {
        let request = Request::builder().method(method).uri(format!("{}{}{path}", self.base, self.session));
        let request = request.header("content-type", "application/json");
        let mut answer = match body {
            Some(body) => self.agent.run(request.body(body.to_string()).unwrap()).unwrap(),
            None => self.agent.run(request.body(()).unwrap()).unwrap(),
        };
        let text = answer.body_mut().with_config().limit(64 << 20).read_to_string().unwrap();
        let mut read: Value = serde_json::from_str(&text).unwrap();
        let value = read["value"].take();
        match value["error"].as_str() {
            Some(error) if !answer.status().is_success() => {
                Err((error.to_owned(), value["message"].as_str().unwrap_or_default().to_owned()))
            }
            _ => Ok(value),
        }
    }

    #[track_caller]
    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        self.try_ask(method, path, body).unwrap_or_else(|error| panic!("{method} {path}: {error:?}"))
    }

    /// A command of the browser's own protocol.
    #[track_caller]
    pub fn cdp(&self, command: &str, parameters: &Value) -> Value {
        self.ask("POST", "/goog/cdp/execute", Some(&json!({ "cmd": command, "params": parameters })))
    }

    /// Shows pages in a window of this size, in these colours.
    pub fn shape(&self, (width, height): Size, theme: Theme) {
        let mobile = width < 600;
        self.cdp(
            "Emulation.setDeviceMetricsOverride",
            &json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile }),
        );
        let features = json!([{ "name": "prefers-color-scheme", "value": theme.name() }]);
        self.cdp("Emulation.setEmulatedMedia", &json!({ "features": features }));
    }

    /// Runs no script of pages from now on, or does again.
    pub fn scripts(&self, run: bool) {
        self.cdp("Emulation.setScriptExecutionDisabled", &json!({ "value": !run }));
    }

    #[track_caller]
    pub fn go(&self, url: &str) {
        self.ask("POST", "/url", Some(&json!({ "url": url })));
    }

    /// The address of the page.
    pub fn url(&self) -> String {
        self.ask("GET", "/url", None).as_str().unwrap().to_owned()
    }

    /// The path of the page with its query and its fragment.
    pub fn place(&self) -> String {
        let url = self.url();
        url.split_once("://").map_or("", |(_, rest)| &rest[rest.find('/').unwrap_or(rest.len())..]).to_owned()
    }

    #[track_caller]
    fn all(&self, selector: &str) -> Vec<Element<'_>> {
        let found =
            self.ask("POST", "/elements", Some(&json!({ "using": "css selector", "value": selector })));
        let paths = found.as_array().unwrap().iter();
        paths
            .map(|one| format!("/element/{}", one[ELEMENT].as_str().unwrap()))
            .map(|path| Element { browser: self, path })
            .collect()
    }

    pub fn count(&self, selector: &str) -> usize {
        self.all(selector).len()
    }

    /// The first element that a selector finds; panics where there is none in time.
    #[track_caller]
    pub fn find(&self, selector: &str) -> Element<'_> {
        let begun = Instant::now();
        loop {
            if let Some(found) = self.all(selector).into_iter().next() {
                return found;
            }
            assert!(begun.elapsed() < PATIENCE, "no {selector} at {}: {}", self.place(), self.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The link with exactly this text.
    #[track_caller]
    pub fn link(&self, text: &str) -> Element<'_> {
        let asked = json!({ "using": "link text", "value": text });
        let found = self.ask("POST", "/element", Some(&asked));
        Element { browser: self, path: format!("/element/{}", found[ELEMENT].as_str().unwrap()) }
    }

    /// Follows something that leads to another page, and waits for that.
    #[track_caller]
    pub fn follow(&self, selector: &str) {
        self.find(selector).click();
        self.settle();
    }

    /// Waits until the page is loaded.
    pub fn settle(&self) {
        let begun = Instant::now();
        // A click marks the page that it is on, so that a slow answer isn't taken for a quick one.
        while self.run("window.left === undefined && document.readyState === 'complete'") != json!(true) {
            assert!(begun.elapsed() < PATIENCE, "{} doesn't load", self.place());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The text that a person sees.
    #[track_caller]
    pub fn text(&self) -> String {
        let text = self.run("document.body.innerText");
        text.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The text within the window, before anybody scrolls.
    pub fn first_screen(&self) -> String {
        let seen = self.run(
            "(() => { const words = []; const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); \
             while (walk.nextNode()) { const range = document.createRange(); range.selectNodeContents(walk.currentNode); \
             const box = range.getBoundingClientRect(); \
             if (box.width > 1 && box.bottom <= innerHeight && box.top >= 0 && box.left < innerWidth && \
             walk.currentNode.parentElement.checkVisibility()) words.push(walk.currentNode.data); } \
             return words.join(' '); })()",
        );
        seen.as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The value of an expression in the page.
    #[track_caller]
    pub fn run(&self, expression: &str) -> Value {
        let parameters = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut found = self.cdp("Runtime.evaluate", &parameters);
        assert!(found["exceptionDetails"].is_null(), "{expression}: {}", found["exceptionDetails"]);
        found["result"]["value"].take()
    }

    /// Opens another window of the same profile, and returns this one's name and the new one's.
    pub fn second_window(&self) -> (String, String) {
        let this = self.ask("GET", "/window", None).as_str().unwrap().to_owned();
        let opened = self.ask("POST", "/window/new", Some(&json!({ "type": "window" })));
        (this, opened["handle"].as_str().unwrap().to_owned())
    }

    pub fn look_at(&self, window: &str) {
        self.ask("POST", "/window", Some(&json!({ "handle": window })));
    }

    /// Presses a key, by its code in WebDriver or as a letter.
    pub fn press(&self, key: &str) {
        let actions = json!([{ "type": "keyDown", "value": key }, { "type": "keyUp", "value": key }]);
        let actions = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] });
        self.ask("POST", "/actions", Some(&actions));
    }

    /// The cookies, as the browser keeps them.
    pub fn cookies(&self) -> Vec<Value> {
        self.ask("GET", "/cookie", None).as_array().unwrap().clone()
    }

    pub fn forget_cookies(&self) {
        self.ask("DELETE", "/cookie", None);
    }

    /// Everything that was written to the console since the last look.
    pub fn console(&self) -> Vec<String> {
        let entries = self.ask("POST", "/se/log", Some(&json!({ "type": "browser" })));
        entries.as_array().unwrap().iter().map(|entry| entry["message"].to_string()).collect()
    }

    /// The addresses that pages asked for since the last look.
    pub fn requests(&self) -> Vec<String> {
        let entries = self.ask("POST", "/se/log", Some(&json!({ "type": "performance" })));
        let messages = entries.as_array().unwrap().iter().filter_map(|entry| {
            let entry: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            (entry["message"]["method"] == "Network.requestWillBeSent")
                .then(|| entry["message"]["params"]["request"]["url"].as_str().map(str::to_owned))?
        });
        messages.collect()
    }

    /// Keeps a picture of the window, or of the whole page, and returns its file.
    pub fn picture(&self, name: &str, whole: bool) -> PathBuf {
        let mut asked = json!({ "format": "png", "captureBeyondViewport": whole });
        if whole {
            asked["clip"] = self.extent();
        }
        let taken = self.cdp("Page.captureScreenshot", &asked);
        let file = Path::new(ARTEFACTS).join(format!("{name}.png"));
        fs::create_dir_all(ARTEFACTS).unwrap();
        fs::write(&file, BASE64_STANDARD.decode(taken["data"].as_str().unwrap()).unwrap()).unwrap();
        file
    }

    fn extent(&self) -> Value {
        let size = &self.cdp("Page.getLayoutMetrics", &json!({}))["cssContentSize"];
        json!({ "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1 })
    }

    /// What axe-core finds serious or worse.
    pub fn barriers(&self) -> Vec<String> {
        let axe = fs::read_to_string(AXE)
            .unwrap_or_else(|error| panic!("{AXE} is missing ({error}): run scripts/setup test"));
        self.run(&format!("{axe}; 1"));
        let found = self.run(
            "axe.run(document, { resultTypes: ['violations'] }).then(found => found.violations\
             .filter(one => ['serious', 'critical'].includes(one.impact))\
             .flatMap(one => one.nodes.slice(0, 3).map(node => \
             `${one.id}: ${node.html.slice(0, 160)} (${(node.any[0] ?? node.all[0] ?? node.none[0])?.message})`)))",
        );
        found.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
    }

    /// The milliseconds to the first contentful paint, and how far the layout shifted.
    pub fn paint(&self) -> (f64, f64) {
        let found = self.run(
            "new Promise(done => { let shift = 0; new PerformanceObserver(list => { for (const entry of list.getEntries()) \
             shift += entry.value; }).observe({ type: 'layout-shift', buffered: true }); \
             const look = () => { const paint = performance.getEntriesByName('first-contentful-paint')[0]; \
             paint ? setTimeout(() => done([paint.startTime, shift]), 50) : setTimeout(look, 20); }; look(); })",
        );
        (found[0].as_f64().unwrap(), found[1].as_f64().unwrap())
    }
}

impl Element<'_> {
    #[track_caller]
    pub fn click(&self) {
        self.browser.run("window.left = true");
        self.browser.ask("POST", &format!("{}/click", self.path), Some(&json!({})));
    }

    /// Types into a field, or gives a file to one.
    #[track_caller]
    pub fn write(&self, text: &str) {
        self.browser.ask("POST", &format!("{}/value", self.path), Some(&json!({ "text": text })));
    }

    #[track_caller]
    pub fn value(&self) -> String {
        let found = self.browser.ask("GET", &format!("{}/property/value", self.path), None);
        found.as_str().unwrap_or_default().to_owned()
    }

    pub fn is_shown(&self) -> bool {
        self.browser.ask("GET", &format!("{}/displayed", self.path), None) == json!(true)
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = self.try_ask("GET", "/source", None).map(|source| {
                let _ = fs::create_dir_all(ARTEFACTS);
                fs::write(Path::new(ARTEFACTS).join("failed.html"), source.as_str().unwrap_or_default())
            });
        }
        let _ = self.try_ask("DELETE", "", None);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
