//! Colours of a text on a terminal: the marks of strips and bars, and what stands out of a line. The text without its colours
//! stays as it was, so colours carry no meaning alone.

const YOU: &str = "\u{1b}[1;36m";
const PEERS: &str = "\u{1b}[34m";
const MEDIAN: &str = "\u{1b}[1;34m";
const FAINT: &str = "\u{1b}[2m";
const BOLD: &str = "\u{1b}[1m";
const END: &str = "\u{1b}[0m";

/// Colours a text of this program.
pub fn painted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        // The first line is the title.
        if number == 0 {
            let (title, end) = line.strip_suffix('\n').map_or((line, ""), |title| (title, "\n"));
            out.extend([BOLD, title, END, end]);
            continue;
        }
        let mut open: Option<&str> = None;
        for letter in line.chars() {
            let colour = match letter {
                '●' => Some(YOU),
                '━' => Some(PEERS),
                '┃' => Some(MEDIAN),
                '·' => Some(FAINT),
                _ => None,
            };
            if colour != open {
                if open.is_some() {
                    out.push_str(END);
                }
                out.extend(colour);
                open = colour;
            }
            out.push(letter);
        }
        if open.is_some() {
            out.push_str(END);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_its_colours_a_text_is_what_it_was() {
        let text = "Title ●\n  a  ··━┃━●··  5\n\n  ● you\nend ·";
        let mut plain = painted(text);
        for code in [YOU, PEERS, MEDIAN, FAINT, BOLD, END] {
            plain = plain.replace(code, "");
        }
        assert_eq!(plain, text);
        assert!(painted(text).contains("\u{1b}[1;36m●\u{1b}[0m"));
        assert_eq!(painted(""), "");
    }
}
