//! Making a report of a member with 1,000 cells, each format against the least that could do the same, in turns in one run:
//!
//! * `xlsx` against the library writing as many cells of constant text;
//! * `pdf` against the library writing as many pages with as many lines of constant text;
//! * `read` is the comparison behind them; the other formats have no library to compare with.
//!
//! `cargo bench --bench reports`. The best of several turns is said: others on the machine only ever make it slower.
#![allow(missing_docs, dead_code, clippy::unwrap_used, clippy::indexing_slicing, clippy::as_conversions)]

#[path = "http/bed.rs"]
mod bed;
#[path = "support/embedded.rs"]
mod embedded;
#[path = "../tests/it/support/in_process.rs"]
mod in_process;
#[path = "http/load.rs"]
mod load;
#[path = "../tests/it/support/settled.rs"]
mod settled;

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use bed::{Bed, bed_over};
use krilla::{
    Document,
    geom::Point,
    page::PageSettings,
    text::{Font, TextDirection},
};
use peerbench::{
    app::{
        Member,
        read_report::{ReportQuery, read_report},
    },
    domain::{access::ClientId, cohort::Cohort, snapshot::Basis},
    report::form::Choices,
    wire::{Report, choices::ReportForm},
};
use rust_xlsxwriter::Workbook;

const TURNS: usize = 15;

/// The best time of several turns.
fn best(mut work: impl FnMut() -> usize) -> Duration {
    let turn = |_| {
        let start = Instant::now();
        black_box(work());
        start.elapsed()
    };
    (0..TURNS).map(turn).min().unwrap()
}

fn say(name: &str, took: Duration, least: Option<Duration>) {
    let times = least.map(|least| {
        format!("  {:.1} times the least, {:.1} ms", took.as_secs_f64() / least.as_secs_f64(), millis(least))
    });
    println!("{name:28} {:8.1} ms{}", millis(took), times.unwrap_or_default());
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn report(bed: &Bed) -> Report {
    let member = Member { client: ClientId::new("bench"), organisation: bed.member.clone() };
    let query = ReportQuery { cohort: Cohort::All, basis: Basis::Deployed, release: None, groups: None };
    Report::from(&read_report(&bed.app, &member, &query).unwrap())
}

/// As many cells as the sheets of a report have, all the same text.
fn constant_cells(cells: usize) -> usize {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for cell in 0..cells {
        sheet.write_string((cell / 16) as u32, (cell % 16) as u16, "constant text").unwrap();
    }
    book.save_to_buffer().unwrap().len()
}

/// As many pages and lines as a report has, all the same text.
fn constant_pages(pages: usize, lines: usize) -> usize {
    let font = Font::new(notosans::REGULAR_TTF.into(), 0).unwrap();
    let mut document = Document::new();
    for _ in 0..pages {
        let mut page = document.start_page_with(PageSettings::from_wh(595.0, 842.0).unwrap());
        let mut surface = page.surface();
        for line in 0..lines / pages {
            let point = Point::from_xy(40.0, 40.0 + (line % 90) as f32 * 8.0);
            surface.draw_text(point, font.clone(), 7.0, "constant text", false, TextDirection::LeftToRight);
        }
        surface.finish();
        page.finish();
    }
    document.finish().unwrap().len()
}

fn main() {
    let bed = bed_over(60, 2);
    let report = report(&bed);
    let content = report.content.as_ref().unwrap();
    println!(
        "{} techniques, {} gaps, {} threat groups",
        content.techniques.len(),
        content.gaps.items.len(),
        content.groups.len()
    );
    say("read", best(|| self::report(&bed).organisation.len()), None);
    let shares = content.summary.tactics.len() + content.groups.len() + 3;
    let cells = 15 * (shares + content.techniques.len() + content.gaps.items.len())
        + 11 * content.summary.technologies.len();
    for form in ReportForm::ALL {
        let made = best(|| form.write(&report, Choices::default()).unwrap().len());
        let least = match form {
            ReportForm::Xlsx => Some(best(|| constant_cells(cells))),
            // A cell of the matrix has three texts, a strip five; a technique is in two tactics at most on average.
            ReportForm::Pdf => {
                Some(best(|| constant_pages(4, content.techniques.len() * 5 + shares * 5 + 60)))
            }
            _ => None,
        };
        say(form.name(), made, least);
    }
}
