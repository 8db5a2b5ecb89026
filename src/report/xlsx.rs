//! A report as a workbook: numbers as numbers, a filter and a fixed head on every list, bars in the cells. A text is a text,
//! never a formula, whatever it begins with.

use chrono::Datelike as _;
use rust_xlsxwriter::{
    Color, ConditionalFormatDataBar, ConditionalFormatType, DocProperties, ExcelDateTime, Format,
    FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use super::{
    letters::plain,
    pages::since,
    published::{published, to_median},
    rows::word,
    story::{self, Story, coverage, position},
};
use crate::wire::{
    ComparisonItem, ComparisonSide, Own, Peers, Quantile, Report, ReportContent, Row, gap::Gap,
};

/// A cell of a list.
enum Cell {
    Number(f64),
    Text(String),
    Nothing,
}

/// A column of a list.
struct Column<T: ?Sized> {
    title: &'static str,
    width: f64,
    /// Draws a bar of 0 to 100 behind the number.
    bar: bool,
    value: fn(&T) -> Cell,
}

/// A line with the cohort that was asked for.
struct Line<'a> {
    item: &'a ComparisonItem,
    side: &'a ComparisonSide,
    asked: &'a str,
}

impl Line<'_> {
    fn row(&self) -> Option<&Row> {
        self.side.peers.row()
    }

    fn quantile(&self, of: Quantile) -> Cell {
        quantile(&self.side.peers, of)
    }
}

/// A published quantile: a number where it is exact, else a text such as `≤10` or `30-49`, which nothing calculates with.
fn quantile(peers: &Peers, of: Quantile) -> Cell {
    let Some(shown) = published(peers, of) else { return Cell::Nothing };
    shown.parse().map_or_else(|_| text(shown), Cell::Number)
}

const fn column<T: ?Sized>(title: &'static str, width: f64, value: fn(&T) -> Cell) -> Column<T> {
    Column { title, width, bar: false, value }
}

const fn bar<T: ?Sized>(title: &'static str, width: f64, value: fn(&T) -> Cell) -> Column<T> {
    Column { title, width, bar: true, value }
}

fn number(value: Option<impl Into<f64>>) -> Cell {
    value.map_or(Cell::Nothing, |value| Cell::Number(value.into()))
}

fn text(value: impl AsRef<str>) -> Cell {
    let text = plain(value.as_ref());
    if text.is_empty() { Cell::Nothing } else { Cell::Text(text) }
}

fn covered(line: &Line<'_>) -> Option<(u32, u32, u32)> {
    match line.side.own {
        Own::Share { covered, of, unknown, .. } => Some((covered, of, unknown)),
        _ => None,
    }
}

fn level(own: &Own) -> Cell {
    match own {
        Own::Missing { status } => text(word(Some(status))),
        Own::Score { level, .. } => text(word(Some(level))),
        Own::Share { .. } | Own::Count { .. } => Cell::Nothing,
    }
}

/// The own number beside the median, which the sheets of numbers from 0 to 100 have: a text where it is a bound.
const fn distance<'a>() -> Column<Line<'a>> {
    column("Difference to median", 20.0, |line| {
        let difference = line.side.difference_to_median;
        let shown = to_median(line.side.own.value(), &line.side.peers, difference);
        if shown.starts_with(['≤', '≥']) { text(shown) } else { number(difference) }
    })
}

/// The end of every sheet of lines: where the own number lies, and among whom.
fn standing<'a>() -> [Column<Line<'a>>; 4] {
    [
        column("Position", 32.0, |line| text(position(line.item, line.asked))),
        column("Cohort", 22.0, |line| text(line.row().map_or("", |row| &row.cohort))),
        column("Members", 12.0, |line| text(word(line.row().and_then(|row| row.members)))),
        column("Unchanged since release", 23.0, |line| number(line.row().and_then(|row| row.same_since))),
    ]
}

fn shares<'a>() -> Vec<Column<Line<'a>>> {
    let mut columns: Vec<Column<Line<'a>>> = vec![
        column("ID", 12.0, |line| text(line.item.subject.id())),
        column("Name", 32.0, |line| text(&line.item.subject.name)),
        bar("Your share", 10.0, |line| number(line.side.own.value())),
        column("Covered", 10.0, |line| number(covered(line).map(|(covered, ..)| covered))),
        column("Of", 8.0, |line| number(covered(line).map(|(_, of, _)| of))),
        column("Not assessed", 13.0, |line| number(covered(line).map(|(.., unknown)| unknown))),
        column("Lower quartile", 9.0, |line| line.quantile(Quantile::P25)),
        bar("Median", 10.0, |line| line.quantile(Quantile::P50)),
        column("Upper quartile", 9.0, |line| line.quantile(Quantile::P75)),
        distance(),
    ];
    columns.extend(standing());
    columns
}

fn techniques<'a>() -> Vec<Column<Line<'a>>> {
    let mut columns: Vec<Column<Line<'a>>> = vec![
        column("ID", 11.0, |line| text(line.item.subject.id())),
        column("Name", 44.0, |line| text(&line.item.subject.name)),
        column("Tactics", 30.0, |line| {
            text(line.item.subject.tactics.as_ref().map(|tactics| tactics.join(" ")).unwrap_or_default())
        }),
        bar("Your score", 11.0, |line| number(line.side.own.value())),
        column("Level", 13.0, |line| level(&line.side.own)),
        column("Peers", 32.0, |line| text(coverage(line.item))),
        column("Lower quartile", 13.0, |line| line.quantile(Quantile::P25)),
        bar("Median", 10.0, |line| line.quantile(Quantile::P50)),
        column("Upper quartile", 13.0, |line| line.quantile(Quantile::P75)),
        distance(),
    ];
    columns.extend(standing());
    columns
}

fn technologies<'a>() -> Vec<Column<Line<'a>>> {
    let mut columns: Vec<Column<Line<'a>>> = vec![
        column("ID", 26.0, |line| text(line.item.subject.id())),
        column("Name", 44.0, |line| text(&line.item.subject.name)),
        column("Family", 12.0, |line| text(line.item.subject.family.as_deref().unwrap_or_default())),
        bar("Your techniques", 15.0, |line| number(line.side.own.value())),
        column("Lower quartile", 13.0, |line| line.quantile(Quantile::P25)),
        column("Median", 10.0, |line| line.quantile(Quantile::P50)),
        column("Upper quartile", 13.0, |line| line.quantile(Quantile::P75)),
    ];
    columns.extend(standing());
    columns
}

const GAPS: &[Column<Gap>] = &[
    column("ID", 11.0, |gap| text(&gap.technique)),
    column("Name", 44.0, |gap| text(&gap.name)),
    column("Tactics", 30.0, |gap| text(gap.tactics.join(" "))),
    bar("Priority", 10.0, |gap| number(gap.priority)),
    column("Distance", 10.0, |gap| number(gap.distance)),
    column("Threat", 9.0, |gap| number(Some(gap.threat))),
    bar("Your score", 11.0, |gap| number(gap.own.value())),
    column("Peers", 32.0, |gap| {
        text(gap.peers.row().and_then(|row| row.coverage).map_or("", super::text::words::coverage))
    }),
    column("Median", 9.0, |gap| quantile(&gap.peers, Quantile::P50)),
    column("Feasibility", 16.0, |gap| text(gap.means.feasibility.name())),
    column("Means", 60.0, |gap| text(story::means(&gap.means))),
    column("Public rules for your technologies", 48.0, |gap| {
        let with_rules = gap.rules_available.iter().filter(|one| one.rules > 0);
        text(with_rules.map(|one| format!("{} {}", one.name, one.rules)).collect::<Vec<_>>().join(", "))
    }),
    column("Fragile", 9.0, |gap| text(if gap.fragile { "yes" } else { "no" })),
    column("Status", 12.0, |gap| text(gap.state.status.name())),
    column("Decided", 36.0, |gap| text(super::text::status(&gap.state).unwrap_or_default())),
    column("Cohort", 22.0, |gap| text(gap.peers.row().map_or("", |row| &row.cohort))),
];

/// The formats of a workbook.
struct Formats {
    title: Format,
    head: Format,
    strong: Format,
    wrapped: Format,
    number: Format,
}

const INK: Color = Color::RGB(0x0016_202e);
const HEAD: Color = Color::RGB(0x00e6_eaf0);
const BAR: Color = Color::RGB(0x00b8_c4f4);

impl Formats {
    fn new() -> Self {
        let base = Format::new().set_font_color(INK);
        Self {
            title: base.clone().set_bold().set_font_size(16),
            head: base
                .clone()
                .set_bold()
                .set_background_color(HEAD)
                .set_border_bottom(FormatBorder::Thin)
                .set_align(FormatAlign::Left),
            strong: base.clone().set_bold().set_font_size(12).set_text_wrap().set_align(FormatAlign::Top),
            wrapped: base.clone().set_text_wrap().set_align(FormatAlign::Top),
            number: base.set_align(FormatAlign::Right),
        }
    }
}

/// Writes a report.
///
/// # Errors
/// Fails if the library refuses what it is given, which no name can bring about.
pub fn write(report: &Report) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let formats = Formats::new();
    let mut properties = DocProperties::new().set_title(plain(&story::title(report))).set_author("peerbench");
    let day = report.made_on;
    if let (Ok(year), Ok(month), Ok(date)) =
        (u16::try_from(day.year()), u8::try_from(day.month()), u8::try_from(day.day()))
    {
        // The day alone, so that the same report is the same bytes.
        properties = properties.set_creation_datetime(&ExcelDateTime::from_ymd(year, month, date)?);
    }
    book.set_properties(&properties);
    prose(book.add_worksheet(), "Summary", &summary(report), &formats)?;
    if let Story::Complete(content) = story::story(report) {
        let composites: Vec<&ComparisonItem> =
            std::iter::once(&content.summary.overall).chain(&content.summary.tactics).collect();
        lines(&mut book, "Tactics", &shares(), content, composites, &formats)?;
        lines(
            &mut book,
            "Techniques",
            &techniques(),
            content,
            content.techniques.iter().collect(),
            &formats,
        )?;
        let own = content.summary.technologies.iter().collect();
        lines(&mut book, "Technologies", &technologies(), content, own, &formats)?;
        lines(&mut book, "Threat groups", &shares(), content, content.groups.iter().collect(), &formats)?;
        list(book.add_worksheet(), "Gaps", GAPS, &content.gaps.items, &formats)?;
    }
    prose(book.add_worksheet(), "Method", &method(report), &formats)?;
    book.save_to_buffer()
}

/// Paragraphs with their importance: 0 title, 1 heading, 2 text.
type Prose = Vec<(u8, String)>;

fn summary(report: &Report) -> Prose {
    let mut prose = vec![(0, report.organisation.clone())];
    match story::story(report) {
        Story::Empty { headline, advice } => {
            prose.extend([(1, headline.to_owned()), (2, advice.to_owned())]);
            let libraries = story::libraries(report);
            if !libraries.is_empty() {
                prose.push((1, story::LIBRARIES.to_owned()));
            }
            prose.extend(libraries.into_iter().map(|line| (2, line)));
        }
        Story::Complete(content) => {
            prose.push((1, story::headline(&content.summary).join(" ")));
            prose.push((2, story::place_of(&content.summary)));
            prose.push((2, story::facts(&content.summary).join(" · ")));
            prose.extend(story::stand_in(&content.summary).map(|text| (2, text)));
            prose.push((1, "Close these first".to_owned()));
            let gaps = story::close_first(&content.gaps);
            if gaps.is_empty() {
                prose.push((2, "You are behind your peers in no technique.".to_owned()));
            }
            for gap in gaps {
                let reasons = story::why(gap);
                prose.push((2, format!("{} {}: {reasons}", gap.technique, gap.name)));
            }
            prose.push((1, since(content)));
            prose.extend(story::changes(content).into_iter().map(|change| (2, change)));
        }
    }
    prose.push((2, story::colophon(report)));
    prose
}

fn method(report: &Report) -> Prose {
    let mut prose = Vec::new();
    if let Story::Complete(content) = story::story(report) {
        prose.push((1, "How this is computed".to_owned()));
        prose.extend(story::method(content).into_iter().map(|line| (2, line)));
    }
    prose.push((1, "What others can learn about you, and what isn't promised".to_owned()));
    prose.push((2, report.what_others_can_learn.clone()));
    prose.push((2, report.what_is_not_promised.clone()));
    prose.push((2, story::SOURCE.to_owned()));
    prose
}

fn prose(sheet: &mut Worksheet, name: &str, prose: &Prose, formats: &Formats) -> Result<(), XlsxError> {
    sheet.set_name(name)?;
    sheet.set_column_width(0, 110)?;
    sheet.set_screen_gridlines(false);
    sheet.set_paper_size(A4).set_print_fit_to_pages(1, 0);
    for (row, (rank, line)) in (0..).zip(prose) {
        let format = match rank {
            0 => &formats.title,
            1 => &formats.strong,
            _ => &formats.wrapped,
        };
        sheet.write_string_with_format(row, 0, plain(line), format)?;
    }
    Ok(())
}

/// The number of the paper size in a workbook.
const A4: u8 = 9;

fn lines<'a>(
    book: &mut Workbook,
    name: &str,
    columns: &[Column<Line<'a>>],
    content: &'a ReportContent,
    items: Vec<&'a ComparisonItem>,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let asked = content.summary.envelope.cohort.as_str();
    let lines: Vec<Line<'a>> =
        items.into_iter().map(|item| Line { item, side: item.shown().1, asked }).collect();
    list(book.add_worksheet(), name, columns, &lines, formats)
}

fn list<T>(
    sheet: &mut Worksheet,
    name: &str,
    columns: &[Column<T>],
    rows: &[T],
    formats: &Formats,
) -> Result<(), XlsxError> {
    sheet.set_name(name)?;
    sheet.set_freeze_panes(1, 2)?;
    sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(0, 0)?;
    let last = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    for (at, column) in (0_u16..).zip(columns) {
        sheet.set_column_width(at, column.width)?;
        sheet.write_string_with_format(0, at, column.title, &formats.head)?;
        for (row, value) in (1..).zip(rows) {
            match (column.value)(value) {
                Cell::Number(number) => sheet.write_number_with_format(row, at, number, &formats.number)?,
                Cell::Text(text) => sheet.write_string(row, at, text)?,
                Cell::Nothing => sheet,
            };
        }
        if column.bar && last > 0 {
            let bar = ConditionalFormatDataBar::new()
                .set_fill_color(BAR)
                .set_solid_fill(true)
                .set_minimum(ConditionalFormatType::Number, 0)
                .set_maximum(ConditionalFormatType::Number, 100);
            sheet.add_conditional_format(1, at, last, at, &bar)?;
        }
    }
    let width = u16::try_from(columns.len()).unwrap_or(1).saturating_sub(1);
    sheet.autofilter(0, 0, last, width)?;
    Ok(())
}
