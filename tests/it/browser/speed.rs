//! Speed as the browser sees it, said and not judged: a shared machine is slow at times. A view's first contentful paint is
//! compared with the same bytes served from memory by the same framework.

use std::{collections::HashMap, io::Write as _, sync::Arc, sync::mpsc, thread};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, dev::ServerHandle, rt::System, web};

use super::{
    demo::Demo,
    driver::{Chromium, DESK, Theme},
    views::VIEWS,
};

const ROUNDS: usize = 3;

/// A line for whoever reads the run, past the test's own capture.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "page: {line}");
}

/// The longest of several filterings of the matrix, in milliseconds, with the layout that follows.
pub fn of_the_filter(browser: &Chromium) -> f64 {
    let taken = browser.run(
        "(() => { const search = document.getElementById('search'); let most = 0; \
         for (const words of ['t', 'T1059', 'script', 'account', '']) { const begun = performance.now(); \
         search.value = words; search.dispatchEvent(new Event('input', { bubbles: true })); document.body.offsetHeight; \
         most = Math.max(most, performance.now() - begun); } return most; })()",
    );
    taken.as_f64().unwrap()
}

/// Pages and parts as a server of files would have them: content type and bytes by address.
type Files = HashMap<String, (String, Vec<u8>)>;

async fn file(request: HttpRequest, files: web::Data<Files>) -> HttpResponse {
    match files.get(&request.uri().to_string()) {
        Some((kind, bytes)) => HttpResponse::Ok().content_type(kind.as_str()).body(bytes.clone()),
        None => HttpResponse::NotFound().finish(),
    }
}

/// Serves files on loopback until the handle stops it.
fn serve(files: Files) -> (String, ServerHandle) {
    let files = web::Data::from(Arc::new(files));
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        System::new().block_on(async move {
            let app = move || App::new().app_data(files.clone()).default_service(web::get().to(file));
            let server = HttpServer::new(app).workers(1).bind("127.0.0.1:0").unwrap();
            let address = server.addrs()[0];
            let server = server.run();
            sender.send((format!("http://{address}"), server.handle())).unwrap();
            server.await.unwrap();
        });
    });
    receiver.recv().unwrap()
}

pub fn of_views(demo: &Demo, browser: &Chromium) {
    browser.shape(DESK, Theme::Light);
    let cookie = browser.cookies();
    let cookie = format!("{}={}", cookie[0]["name"].as_str().unwrap(), cookie[0]["value"].as_str().unwrap());
    let mut files = Files::new();
    let http = crate::support::client::Client::new(&demo.base).undocumented();
    let mut keep = |path: &str| {
        let answer =
            http.request("GET", path).header("cookie", &cookie).header("accept", "text/html,*/*").send();
        let kind = answer.header("content-type").unwrap().to_owned();
        let text = answer.expect(200).text();
        files.insert(path.to_owned(), (kind, text.clone().into_bytes()));
        text
    };
    for (_, path) in VIEWS {
        let html = keep(path);
        for part in html.split('"').filter(|part| part.starts_with("/app/static/")) {
            keep(part);
        }
    }
    let (base, handle) = serve(files);
    say("first contentful paint of a view, of the same bytes from memory, and their ratio");
    let mut ratios = Vec::new();
    for (name, path) in VIEWS {
        let paint = |base: &str| {
            let mut times: Vec<f64> = (0..ROUNDS)
                .map(|_| {
                    browser.go(&format!("{base}{path}"));
                    browser.paint().0
                })
                .collect();
            times.sort_by(f64::total_cmp);
            times[ROUNDS / 2]
        };
        let (own, still) = (paint(&demo.base), paint(&base));
        ratios.push(own / still);
        say(&format!("{name:18} {own:6.0} ms {still:6.0} ms  {:.2}", own / still));
    }
    ratios.sort_by(f64::total_cmp);
    say(&format!("median ratio {:.2}", ratios[ratios.len() / 2]));
    drop(handle.stop(false));
    // Those were another server's.
    browser.requests();
    browser.console();
}
