//! The real server in the test's or bench's own process, whose clock can stand still.

use std::{
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use peerbench::{
    app::App,
    http::{
        BodyLimits, LoadLimits, RequestRates,
        server::{Options, Started, serve},
    },
};

/// Serves on a free port of loopback, without limits on the rate of requests, until [`Started::stop`].
pub fn serve_in_process(app: Arc<App>) -> Started {
    let options = Options {
        listen: "127.0.0.1:0".parse().unwrap(),
        metrics_listen: None,
        workers: 0,
        bodies: BodyLimits { body_bytes: 4_194_304, decoded_bytes: 16_777_216 },
        answer_cache_bytes: 67_108_864,
        load: LoadLimits::default(),
        rates: RequestRates::default(),
        forwarded_for: false,
        shutdown: Duration::from_secs(1),
    };
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || serve(app, &options, |started| sender.send(started.clone()).unwrap()));
    receiver.recv().unwrap()
}
