//! The views of the page: each made anew, and from the answer cache, against actix serving the same bytes from memory.

use std::time::{Duration, Instant};

use peerbench::app::{
    Caller, Member, create_client::create_client, rename_organisation::rename_organisation,
};

use super::{
    bed::{Bed, start_static},
    load::{ask, compare, request, requests, say},
};

const VIEWS: [&str; 8] = [
    "/app",
    "/app/matrix",
    "/app/gaps",
    "/app/techniques/T1059",
    "/app/technologies",
    "/app/groups",
    "/app/paths",
    "/app/trend",
];
/// Number of times that each view is made anew.
const ANEW: usize = 21;
const TURN: Duration = Duration::from_secs(1);

pub fn views(bed: &Bed) {
    let created = create_client(&bed.app, &Caller::console(), Some(&bed.member), None, None).unwrap();
    let member = Member { client: created.client.id.clone(), organisation: bed.member.clone() };
    let (id, secret) = (created.client.id.to_string(), created.secret.unwrap());
    let form = format!("client_id={id}&client_secret={}", secret.reveal());
    let head = "POST /app/sign-in HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded\r\n";
    let inside = ask(bed.address, head, form.as_bytes(), 303);
    let cookie = inside.head.split("set-cookie: ").nth(1).unwrap().split(';').next().unwrap().to_owned();
    for view in VIEWS {
        let head = |query: &str| format!("GET {view}{query} HTTP/1.1\r\ncookie: {cookie}\r\n");
        // A member whose name changed has another revision, so nothing that was kept holds. The coverage is kept by other keys.
        let anew = (0..ANEW).map(|number| {
            rename_organisation(&bed.app, &member, &format!("Member {number}")).unwrap();
            let began = Instant::now();
            drop(ask(bed.address, &head(""), b"", 200));
            began.elapsed()
        });
        let mut anew: Vec<Duration> = anew.collect();
        anew.sort_unstable();
        println!(
            "{:<64} median {:>9.3?}   longest {:>9.3?}",
            format!("{view} made anew, {ANEW} times"),
            anew[ANEW / 2],
            anew[ANEW - 1]
        );
        let answer = ask(bed.address, &head(""), b"", 200);
        let kept = requests(bed.address, &request(&head(""), b""), 200, 1, TURN);
        let size = answer.body.len();
        let address = start_static(answer.body, None);
        let reference = requests(address, &request("GET /static HTTP/1.1\r\n", b""), 200, 1, TURN);
        say(&format!("actix from memory, {size} bytes"), reference);
        say(&format!("{view} from the cache"), kept);
        compare(kept, reference);
    }
}
