//! Cuts a file into the rows of its table, however broken it is, in bounded memory.
//!
//! The `csv` crate reads cells well, but it neither tells of a quotation mark that is never closed nor bounds a row, and its
//! line numbers drift with CRLF and blank lines. So rows are cut here, and `csv` reads the cells of whole rows only.
//!
//! A quotation mark that does not close swallows the rows after it. It shows at the end of the file, at text after the
//! mark that seems to close it, or when the row grows beyond all measure. The line with the mark is then given up, and the
//! lines after it are read again as rows of their own.

use csv::ByteRecord;
use std::io::{self, BufRead, BufReader, Read};

/// The longest row, in bytes.
pub(in crate::service) const LONGEST_ROW: usize = 64 * 1024;

/// How a row came out of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::service) enum Cut {
    /// Whole: its cells can be read.
    Whole,
    /// Longer than [`LONGEST_ROW`].
    TooLong,
    /// In this column a quotation mark is opened and never closed.
    Unclosed(usize),
    /// In this column text follows the closing quotation mark.
    TextAfterQuote(usize),
}

/// Where in a row a byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the beginning of a cell.
    Start,
    /// In a cell without quotation marks.
    Bare,
    /// Between quotation marks.
    Quoted,
    /// After a quotation mark that may close, or be the first of two that stand for one.
    Closing,
    /// After a closed cell, where only spaces may follow.
    Closed,
}

/// The rows of a file.
pub(in crate::service) struct Rows<R> {
    bytes: Bytes<R>,
    row: Vec<u8>,
    cells: csv::Reader<Feed>,
}

impl<R: Read> Rows<R> {
    pub fn new(reader: R) -> Self {
        let cells = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(Feed::default());
        Self { bytes: Bytes::new(reader), row: Vec::new(), cells }
    }

    /// The next row that is not blank: the line it begins on, and how it came out. The cells are empty unless it is whole.
    pub fn next(&mut self, cells: &mut ByteRecord) -> io::Result<Option<(u64, Cut)>> {
        cells.clear();
        let Some((line, cut)) = self.cut()? else { return Ok(None) };
        if cut == Cut::Whole {
            self.row.push(b'\n');
            self.cells.get_mut().fill(&self.row);
            if !self.cells.read_byte_record(cells).map_err(io::Error::from)? {
                return Err(io::Error::other("a row without cells"));
            }
        }
        Ok(Some((line, cut)))
    }

    fn cut(&mut self) -> io::Result<Option<(u64, Cut)>> {
        self.row.clear();
        let (mut begins, mut column, mut state) = (self.bytes.line, 0, State::Start);
        // The line of the last opening quotation mark, and where in the row the first line break after it ends.
        let (mut opened, mut broken) = (begins, None);
        loop {
            let line = self.bytes.line;
            let Some(byte) = self.bytes.next()? else {
                return Ok(match state {
                    _ if self.row.is_empty() => None,
                    State::Quoted => Some(self.unclosed(opened, column, broken)),
                    _ => Some((begins, Cut::Whole)),
                });
            };
            let is_break = matches!(byte, b'\r' | b'\n');
            if is_break && state != State::Quoted {
                if self.row.is_empty() {
                    continue;
                }
                return Ok(Some((begins, Cut::Whole)));
            }
            if self.row.is_empty() {
                begins = line;
            }
            self.row.push(byte);
            state = match (state, byte) {
                (State::Start, b'"') => {
                    (opened, broken) = (line, None);
                    State::Quoted
                }
                (State::Quoted, b'"') => State::Closing,
                (State::Closing, b'"') => State::Quoted,
                (State::Quoted, _) => {
                    if is_break && broken.is_none() {
                        broken = Some(self.row.len());
                    }
                    State::Quoted
                }
                (_, b',') => {
                    column += 1;
                    State::Start
                }
                (State::Start | State::Bare, _) => State::Bare,
                (State::Closing | State::Closed, b' ' | b'\t') => State::Closed,
                (State::Closing | State::Closed, _) => {
                    if broken.is_some() {
                        return Ok(Some(self.unclosed(opened, column, broken)));
                    }
                    self.bytes.skip_line()?;
                    return Ok(Some((begins, Cut::TextAfterQuote(column))));
                }
            };
            if self.row.len() > LONGEST_ROW {
                if broken.is_some() && matches!(state, State::Quoted | State::Closing) {
                    return Ok(Some(self.unclosed(opened, column, broken)));
                }
                self.bytes.skip_line()?;
                return Ok(Some((begins, Cut::TooLong)));
            }
        }
    }

    /// Gives up the line with the quotation mark; the lines after it are read again.
    fn unclosed(&mut self, opened: u64, column: usize, broken: Option<usize>) -> (u64, Cut) {
        if let Some(at) = broken {
            let after_cr = at.checked_sub(1).and_then(|i| self.row.get(i)) == Some(&b'\r');
            self.bytes.again(self.row.get(at..).unwrap_or_default(), opened + 1, after_cr);
        }
        (opened, Cut::Unclosed(column))
    }
}

/// The bytes of a file one by one, with the line they stand on. CRLF, LF and CR end a line.
struct Bytes<R> {
    reader: BufReader<R>,
    /// Bytes to be read again, the next one last.
    again: Vec<u8>,
    /// The line the next byte stands on, from 1.
    line: u64,
    after_cr: bool,
    begun: bool,
}

impl<R: Read> Bytes<R> {
    fn new(reader: R) -> Self {
        Self { reader: BufReader::new(reader), again: Vec::new(), line: 1, after_cr: false, begun: false }
    }

    fn next(&mut self) -> io::Result<Option<u8>> {
        if !self.begun {
            self.begun = true;
            self.skip_mark()?;
        }
        let byte = match self.again.pop() {
            Some(byte) => byte,
            None => match self.fetch()? {
                Some(byte) => byte,
                None => return Ok(None),
            },
        };
        if byte == b'\r' || (byte == b'\n' && !self.after_cr) {
            self.line += 1;
        }
        self.after_cr = byte == b'\r';
        Ok(Some(byte))
    }

    fn fetch(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.reader.fill_buf() {
                Ok(bytes) => {
                    let byte = bytes.first().copied();
                    if byte.is_some() {
                        self.reader.consume(1);
                    }
                    return Ok(byte);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Passes over the byte order mark that spreadsheets put first.
    fn skip_mark(&mut self) -> io::Result<()> {
        let mut first = Vec::with_capacity(3);
        for expected in [0xef, 0xbb, 0xbf] {
            let Some(byte) = self.fetch()? else { break };
            first.push(byte);
            if byte != expected {
                break;
            }
        }
        if first != [0xef, 0xbb, 0xbf] {
            self.again.extend(first.iter().rev());
        }
        Ok(())
    }

    /// Passes over the rest of the line.
    fn skip_line(&mut self) -> io::Result<()> {
        while let Some(byte) = self.next()? {
            if matches!(byte, b'\r' | b'\n') {
                break;
            }
        }
        Ok(())
    }

    /// Goes back: these bytes come next, and the first stands on this line.
    fn again(&mut self, bytes: &[u8], line: u64, after_cr: bool) {
        self.again.extend(bytes.iter().rev());
        self.line = line;
        self.after_cr = after_cr;
    }
}

/// One row at a time for the `csv` reader, which never asks beyond the line end it was given.
#[derive(Default)]
struct Feed {
    row: Vec<u8>,
    read: usize,
}

impl Feed {
    fn fill(&mut self, row: &[u8]) {
        self.row.clear();
        self.row.extend_from_slice(row);
        self.read = 0;
    }
}

impl Read for Feed {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut rest = self.row.get(self.read..).unwrap_or_default();
        let read = rest.read(out)?;
        self.read += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Told = (u64, Cut, Vec<String>);

    fn rows(file: impl Read) -> Vec<Told> {
        let (mut rows, mut cells, mut told) = (Rows::new(file), ByteRecord::new(), Vec::new());
        while let Some((line, cut)) = rows.next(&mut cells).expect("reads") {
            let cells = cells.iter().map(|c| String::from_utf8_lossy(c).into_owned()).collect();
            told.push((line, cut, cells));
        }
        told
    }

    fn whole(line: u64, cells: &[&str]) -> Told {
        (line, Cut::Whole, cells.iter().map(|c| (*c).to_owned()).collect())
    }

    fn broken(line: u64, cut: Cut) -> Told {
        (line, cut, Vec::new())
    }

    #[test]
    fn lines_are_counted_whatever_ends_them() {
        for end in ["\n", "\r\n", "\r"] {
            let file = ["name", "", "\"a", "b\",c", "", "", "d", "\"\"", ",", "last"].join(end);
            let first = format!("a{end}b");
            let expected = [
                whole(1, &["name"]),
                whole(3, &[&first, "c"]),
                whole(7, &["d"]),
                whole(8, &[""]),
                whole(9, &["", ""]),
                whole(10, &["last"]),
            ];
            assert_eq!(rows(file.as_bytes()), expected, "{end:?}");
            assert_eq!(rows(format!("\u{feff}{file}{end}").as_bytes()), expected, "{end:?}");
        }
        assert_eq!(rows(&b""[..]), []);
        assert_eq!(rows(&b"\xef\xbb"[..]).len(), 1);
        assert_eq!(rows("\u{feff}\n\r\n\n".as_bytes()), []);
    }

    #[test]
    fn quotation_marks_are_read_as_spreadsheets_write_them() {
        let file = "\"a, b\",\"say \"\"hi\"\"\"\n5\" nail,\"x\" \t,\"\"\"\"\n";
        assert_eq!(rows(file.as_bytes()), [whole(1, &["a, b", "say \"hi\""]), whole(2, &["5\" nail", "x \t", "\""])]);
    }

    #[test]
    fn an_unclosed_quotation_mark_costs_its_own_line_only() {
        for end in ["\n", "\r\n", "\r"] {
            let file =
                ["name", "\"Restore", "Asylum Welcome", "\"Headway, Oxford\"", "Elmore", "x,\"Emmaus"].join(end);
            let mut expected = vec![
                whole(1, &["name"]),
                broken(2, Cut::Unclosed(0)),
                whole(3, &["Asylum Welcome"]),
                whole(4, &["Headway, Oxford"]),
                whole(5, &["Elmore"]),
                broken(6, Cut::Unclosed(1)),
            ];
            assert_eq!(rows(file.as_bytes()), expected, "{end:?}");
            expected.push(whole(7, &["Aspire"]));
            assert_eq!(rows(format!("{file}{end}Aspire{end}").as_bytes()), expected, "{end:?}");
        }
    }

    #[test]
    fn text_after_a_closing_mark_costs_its_own_line_only() {
        let file = "\"Restore\" Ltd, \"x\nElmore\n\"a\nb\",\"c\"d\ne\n";
        let expected = [
            broken(1, Cut::TextAfterQuote(0)),
            whole(2, &["Elmore"]),
            broken(3, Cut::TextAfterQuote(1)),
            whole(5, &["e"]),
        ];
        assert_eq!(rows(file.as_bytes()), expected);
    }

    #[test]
    fn a_row_is_bounded() {
        let fits = "x".repeat(LONGEST_ROW);
        let file = format!("{fits}\n{fits}y\n\"{fits}\"\nElmore\n");
        assert_eq!(
            rows(file.as_bytes()),
            [whole(1, &[&fits]), broken(2, Cut::TooLong), broken(3, Cut::TooLong), whole(4, &["Elmore"])]
        );
        // A quotation mark left open at the top of a long file.
        let lines = "Elmore\r\n".repeat(40_000);
        let told = rows(format!("\"Restore\r\n{lines}").as_bytes());
        assert_eq!((told.len(), &told[0]), (40_001, &broken(1, Cut::Unclosed(0))));
        assert_eq!(told[40_000], whole(40_001, &["Elmore"]));
        assert_eq!(rows(io::repeat(b'x').take(10_000_000)), [broken(1, Cut::TooLong)]);
    }

    #[test]
    fn whole_rows_are_what_csv_makes_of_them() {
        // Every file of up to six of these bytes: no loss of step, no panic, and whatever is whole reads as csv reads it.
        let letters = *b"a,\"\n\r";
        for length in 0..=6 {
            for number in 0..5_usize.pow(length) {
                let file: Vec<u8> = (0..length).map(|i| letters[number / 5_usize.pow(i) % 5]).collect();
                let told = rows(&*file);
                let lines =
                    1 + u64::try_from(file.iter().filter(|b| matches!(b, b'\n' | b'\r')).count()).expect("few");
                assert!(told.is_sorted_by_key(|t| t.0) && told.iter().all(|t| t.0 <= lines), "{file:?}");
                if told.iter().any(|t| t.1 != Cut::Whole) {
                    continue;
                }
                let cells: Vec<_> = told.iter().map(|t| t.2.clone()).collect();
                let mut csv = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&*file);
                let records = csv.records().map(|r| r.expect("ASCII"));
                let records: Vec<Vec<_>> = records.map(|r| r.iter().map(str::to_owned).collect()).collect();
                assert_eq!(cells, records, "{file:?}");
            }
        }
    }
}
