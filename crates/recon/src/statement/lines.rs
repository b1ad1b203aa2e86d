//! From bytes to lines of text: decoded as declared, one line at a time, each of bounded length.

use std::io::Read;
use std::ops::Range;

use encoding_rs::{Decoder, DecoderResult, GB18030, UTF_8};

use super::container::read_fault;
use super::{Fault, FaultKind, Finding};
use crate::format::Charset;

const CHUNK: usize = 64 << 10;

/// The lines of a file, without their ends (LF or CRLF).
pub(super) struct Lines<'r> {
    source: &'r mut dyn Read,
    charset: Charset,
    decoder: Decoder,
    chunk: Vec<u8>,
    text: String,
    /// Where the next line starts in `text`.
    at: usize,
    /// Up to where `text` is known to have no line end.
    searched: usize,
    ended: bool,
    line: u64,
    line_bytes: usize,
    looks_utf8: bool,
}

/// A line: its number, from 1, and where it stands in [`Lines::text`].
pub(super) struct Line {
    pub number: u64,
    pub range: Range<usize>,
}

impl<'r> Lines<'r> {
    pub fn new(source: &'r mut dyn Read, charset: Charset, line_bytes: usize) -> Self {
        let decoder = match charset {
            Charset::Utf8 => UTF_8.new_decoder_with_bom_removal(),
            Charset::Gb18030 => GB18030.new_decoder_without_bom_handling(),
        };
        Self {
            source,
            charset,
            decoder,
            chunk: vec![0; CHUNK],
            text: String::new(),
            at: 0,
            searched: 0,
            ended: false,
            line: 0,
            line_bytes,
            looks_utf8: false,
        }
    }

    /// Whether the file begins as UTF-8 would, whatever the declared encoding: a hint for a person.
    pub fn looks_utf8(&self) -> bool {
        self.looks_utf8
    }

    /// The text of a line returned by the last call of [`Lines::next`].
    pub fn text(&self, line: &Line) -> &str {
        self.text.get(line.range.clone()).unwrap_or_default()
    }

    /// The next line, `None` at the end of the file.
    pub fn next(&mut self) -> Result<Option<Line>, Finding> {
        loop {
            let rest = self.text.as_bytes().get(self.searched..).unwrap_or_default();
            if let Some(found) = memchr::memchr(b'\n', rest) {
                let end = self.searched.saturating_add(found);
                return self.take(end, end.saturating_add(1)).map(Some);
            }
            self.searched = self.text.len();
            if self.searched.saturating_sub(self.at) > self.line_bytes {
                return Err(self.too_long());
            }
            if self.ended {
                if self.at == self.text.len() {
                    return Ok(None);
                }
                return self.take(self.text.len(), self.text.len()).map(Some);
            }
            self.fill()?;
        }
    }

    fn take(&mut self, end: usize, next: usize) -> Result<Line, Finding> {
        if end.saturating_sub(self.at) > self.line_bytes {
            return Err(self.too_long());
        }
        self.line = self.line.saturating_add(1);
        let start = self.at;
        let carriage = self.text.get(start..end).is_some_and(|t| t.ends_with('\r'));
        self.at = next;
        self.searched = next;
        Ok(Line { number: self.line, range: start..end.saturating_sub(usize::from(carriage)) })
    }

    fn too_long(&self) -> Finding {
        Fault::new(
            FaultKind::TooLarge,
            format!("the line is longer than {} bytes", self.line_bytes),
            format!("该行超过 {} 字节", self.line_bytes),
        )
        .on(self.line.saturating_add(1))
    }

    /// Drops what was read and decodes one more chunk.
    fn fill(&mut self) -> Result<(), Finding> {
        self.text.drain(..self.at);
        self.searched = self.searched.saturating_sub(self.at);
        self.at = 0;
        let count = self
            .source
            .read(&mut self.chunk)
            .map_err(|e| Finding { line: None, fault: read_fault(&e) })?;
        let bytes = self.chunk.get(..count).unwrap_or_default();
        self.ended = count == 0;
        if self.line == 0 && self.text.is_empty() {
            self.looks_utf8 = begins_as_utf8(bytes);
        }
        // What the decoder kept from the last chunk may need a few bytes more than this one.
        let room = self.decoder.max_utf8_buffer_length_without_replacement(count);
        self.text.reserve(room.unwrap_or(CHUNK.saturating_mul(3)));
        let (result, _) =
            self.decoder.decode_to_string_without_replacement(bytes, &mut self.text, self.ended);
        match result {
            DecoderResult::InputEmpty => Ok(()),
            DecoderResult::OutputFull | DecoderResult::Malformed(..) => Err(self.malformed()),
        }
    }

    fn malformed(&self) -> Finding {
        let name = match self.charset {
            Charset::Utf8 => "UTF-8",
            Charset::Gb18030 => "GB18030",
        };
        let before = memchr::memchr_iter(b'\n', self.text.as_bytes()).count();
        let line = u64::try_from(before).unwrap_or(u64::MAX).saturating_add(self.line);
        let (hint_en, hint_zh) = match self.charset {
            Charset::Gb18030 if self.looks_utf8 => ("; they look like UTF-8", "，像是 UTF-8"),
            _ => ("", ""),
        };
        Fault::new(
            FaultKind::Encoding,
            format!("the bytes are not {name}, which the format declares{hint_en}"),
            format!("内容不是该格式声明的 {name} 编码{hint_zh}"),
        )
        .on(line.saturating_add(1))
    }
}

fn begins_as_utf8(bytes: &[u8]) -> bool {
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        // A chunk may end in the middle of a character.
        Err(e) if e.error_len().is_none() => {
            bytes.get(..e.valid_up_to()).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or("")
        }
        Err(_) => "",
    };
    !valid.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8], charset: Charset, line_bytes: usize) -> Result<Vec<String>, Finding> {
        let mut source = bytes;
        let mut lines = Lines::new(&mut source, charset, line_bytes);
        let mut all = Vec::new();
        while let Some(line) = lines.next()? {
            assert_eq!(line.number, u64::try_from(all.len()).expect("few") + 1);
            all.push(lines.text(&line).to_owned());
        }
        Ok(all)
    }

    #[test]
    fn line_ends_and_marks_are_stripped() {
        for (bytes, expected) in [
            (&b"a\r\nb\nc"[..], vec!["a", "b", "c"]),
            (b"\xEF\xBB\xBFa\n", vec!["a"]),
            (b"", vec![]),
            (b"\n\n", vec!["", ""]),
            (b"a\rb\n", vec!["a\rb"]),
        ] {
            assert_eq!(lines(bytes, Charset::Utf8, 100).expect("text"), expected);
        }
        assert_eq!(lines(b"\xBD\xBB\xD2\xD7\n", Charset::Gb18030, 9).expect("text"), ["交易"]);
    }

    #[test]
    fn lines_longer_than_a_chunk_are_put_together_and_bounded() {
        let long = "交易".repeat(40_000);
        assert_eq!(lines(long.as_bytes(), Charset::Utf8, 1 << 20).expect("text").concat(), long);
        let refused = lines(long.as_bytes(), Charset::Utf8, 1 << 10).expect_err("too long");
        assert_eq!((refused.line, refused.fault.kind), (Some(1), FaultKind::TooLarge));
    }

    #[test]
    fn bytes_of_another_encoding_are_refused_with_their_line() {
        for (bytes, charset) in
            [(&b"a\nb\n\xBD\xBB\n"[..], Charset::Utf8), (b"a\nb\n\xFF\n", Charset::Gb18030)]
        {
            let refused = lines(bytes, charset, 100).expect_err("malformed");
            assert_eq!((refused.line, refused.fault.kind), (Some(3), FaultKind::Encoding));
        }
        assert!(lines(b"\xE4\xBA", Charset::Utf8, 100).is_err(), "a character cut off");
    }
}
